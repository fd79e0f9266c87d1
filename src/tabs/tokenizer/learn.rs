//! Learn: a vocabulary made before people's eyes, merge by merge from a small corpus, or at full speed
//! from a whole text.
//!
//! [`small::Small`] and [`whole::Whole`] keep the state and change it; the `*_bench`, `*_stage` and
//! `*_panel` files draw it.

mod corpus_panel;
mod now_panel;
mod presets;
mod saving;
mod small;
mod small_bench;
mod small_stage;
mod training;
mod vocabulary_panel;
mod whole;
mod whole_bench;
mod whole_results;
mod whole_stage;
mod words;

use super::keys::Move;
use crate::command::Command;
use crate::labs::tokenizer::Tokenizer;
use crate::tabs::saving::Saving;
use crate::tabs::{Progress, TabContext};
use crate::theme;
use eframe::egui::{self, RichText, Ui};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use small::Small;
use std::path::PathBuf;
use std::sync::Arc;
use whole::Whole;

/// What the name of a learned vocabulary begins with.
pub(super) const LEARNED_FROM: &str = "learned from ";

/// What is learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum From {
    /// A few words, every merge in view.
    #[default]
    Small,
    /// A book.
    Whole,
}

/// The half of the tokenizer chapter where a vocabulary is learned.
#[derive(Debug, Default)]
pub(super) struct LearnView {
    from: From,
    small: Small,
    whole: Whole,
    saving: Saving,
}

impl LearnView {
    /// Moves on what runs.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.small.poll();
        self.whole.poll(cx);
        self.saving.poll(cx);
    }

    /// What you are looking at.
    pub(super) fn title(&self) -> String {
        match self.from {
            From::Small => self.small.title(),
            From::Whole => self.whole.title(),
        }
    }

    /// The centre of the window.
    pub(super) fn stage(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        self.saving.show(ui, cx);
        match self.from {
            From::Small => small_stage::show(&mut self.small, ui),
            From::Whole => whole_stage::show(&mut self.whole, ui, cx),
        }
    }

    /// The controls on the right.
    pub(super) fn bench(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        self.choose_source(ui);
        match self.from {
            From::Small => small_bench::show(&mut self.small, &mut self.saving, ui),
            From::Whole => whole_bench::show(&mut self.whole, &mut self.saving, ui, cx),
        }
    }

    /// Small or whole.
    fn choose_source(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            for (from, name, hint) in [
                (
                    From::Small,
                    "Small corpus",
                    "A few words, learned merge by merge with everything in view.",
                ),
                (
                    From::Whole,
                    "Whole text",
                    "A book or any long text, learned from at full speed into a vocabulary you can save.",
                ),
            ] {
                let button = egui::Button::selectable(self.from == from, name);
                let button = button.frame_when_inactive(true);
                if ui.add(button).on_hover_text(hint).clicked() {
                    self.from = from;
                }
            }
        });
    }

    /// Whether there are merges to go back and forth over.
    pub(super) fn has_timeline(&self) -> bool {
        self.from == From::Small && self.small.has_steps()
    }

    /// Whether the small corpus is on show.
    pub(super) fn is_small(&self) -> bool {
        self.from == From::Small
    }

    /// Goes over the merges of the small corpus.
    pub(super) fn go(&mut self, to: Move) {
        match to {
            Move::Forward if self.small.can_step() => self.small.step(),
            Move::Back if self.small.can_go_back() => self.small.back(),
            Move::Play if self.small.is_moving() => self.small.stop(),
            Move::Play if self.small.can_step() => self.small.play(),
            _ => {}
        }
    }

    /// The merges as a film strip.
    pub(super) fn timeline(&mut self, ui: &mut Ui) {
        small_stage::timeline(&mut self.small, ui);
    }

    /// Work in progress, if any.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.whole.progress()
    }

    /// What Run does, in a word and in a sentence.
    pub(super) fn run_words(&self) -> [&'static str; 2] {
        match self.from {
            From::Small => [
                "Run",
                "Merge the commonest pair again and again, as often as the controls say.",
            ],
            From::Whole => ["Train", "Learn a vocabulary from the text that was chosen."],
        }
    }

    /// What a command does here, in a word and in a sentence, where that is not what it does elsewhere.
    pub(super) fn words(&self, command: Command) -> Option<[&'static str; 2]> {
        Some(match command {
            Command::Run => self.run_words(),
            Command::Undo => ["Back", "Take the last merge back."],
            Command::Redo => ["Step", "Merge the commonest pair, wherever it stands."],
            Command::ExportJson => [
                "Save tokenizer.json…",
                "Save the learned vocabulary for Hugging Face's tokenizers and everything built on it.",
            ],
            _ => return None,
        })
    }

    /// Whether this command can be given now.
    pub(super) fn can(&self, command: Command) -> bool {
        let small = self.from == From::Small;
        match command {
            Command::Run if small => self.small.can_run(),
            Command::Run => self.whole.can_train(),
            Command::Stop if small => self.small.is_moving(),
            Command::Stop => self.whole.is_at_work(),
            Command::Undo => small && self.small.can_go_back(),
            Command::Redo => small && self.small.can_step(),
            Command::ExportJson if small => self.small.can_keep(),
            Command::ExportJson => self.whole.trained().is_some(),
            _ => false,
        }
    }

    /// Answers a command of the menu, a key or the palette.
    pub(super) fn command(&mut self, command: Command, cx: &mut TabContext<'_>) {
        if !self.can(command) {
            return;
        }
        let small = self.from == From::Small;
        match command {
            Command::Run if small => self.small.run(),
            Command::Run => self.whole.train(cx),
            Command::Stop if small => self.small.stop(),
            Command::Stop => self.whole.stop(),
            Command::Undo => self.small.back(),
            Command::Redo => self.small.step(),
            Command::ExportJson => {
                if let Some(what) = self.to_save() {
                    let document = saving::document(saving::Form::TokenizerJson, what);
                    self.saving.ask(document);
                }
            }
            _ => {}
        }
    }

    /// What was learned on the side that is shown, if it can be saved.
    fn to_save(&self) -> Option<saving::Vocabulary> {
        match self.from {
            From::Small => self.small.to_save(),
            From::Whole => self.whole.to_save(),
        }
    }

    /// Takes a text to learn from.
    pub(super) fn open(&mut self, path: PathBuf) {
        self.from = From::Whole;
        self.whole.take_file(path);
    }

    /// The learned vocabulary that the person wants to encode with, once.
    pub(super) fn take_learned(&mut self) -> Option<Arc<Tokenizer>> {
        let small = self.small.take_wanted();
        small.or_else(|| self.whole.take_wanted())
    }

    /// Writes a path into the question where to save, while it is asked.
    pub(super) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// What survives a restart.
    pub(super) fn save(&self) -> Value {
        json!({ "from": self.from, "small": self.small.setup, "whole": self.whole.recipe })
    }

    /// Takes back what [`Self::save`] gave.
    pub(super) fn restore(&mut self, saved: &Value) {
        if let Ok(from) = serde_json::from_value(saved["from"].clone()) {
            self.from = from;
        }
        if let Ok(setup) = serde_json::from_value(saved["small"].clone()) {
            self.small.set_up(setup);
        }
        if let Ok(recipe) = serde_json::from_value(saved["whole"].clone()) {
            self.whole.recipe = recipe;
        }
    }
}

/// A heading with air above it.
fn group(ui: &mut Ui, title: &str) {
    ui.add_space(theme::size::GRID);
    heading(ui, title);
}

/// The title of a part.
fn heading(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).text_style(theme::style::strong()));
}

/// The title of a part and a fact beside it, on one line whatever the room.
fn heading_with(ui: &mut Ui, title: &str, fact: impl Into<String>) {
    let color = theme::palette(ui.ctx()).text_weak;
    ui.horizontal(|ui| {
        heading(ui, title);
        let fact = RichText::new(fact).small().color(color);
        ui.add(egui::Label::new(fact).truncate());
    });
}
