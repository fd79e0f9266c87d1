//! Tokenizer: text becomes numbers before the person's eyes, with the vocabularies that people use; and
//! a vocabulary is learned.
//!
//! Encode: [`encode`] keeps the text and its tokens, [`shelf`] the vocabularies, [`story`] how one word
//! became its tokens; the `*_panel` files draw them. Learn: [`learn`].

mod bench_panel;
mod encode;
mod encode_panel;
mod keys;
mod languages_panel;
mod learn;
mod neighbours;
mod neighbours_panel;
mod shelf;
mod side;
mod story;
mod story_panel;
mod strip_panel;
mod view;

use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::text::LoadedText;
use crate::tabs::{Notice, Progress, StatusItem, Tab, TabContext};
use crate::theme;
use crate::widgets::icon::Icon;
use eframe::egui::{self, Role, WidgetInfo};
use encode::Encode;
use learn::LearnView;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// The two things that a person can do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Half {
    /// See text as tokens.
    #[default]
    Encode,
    /// Make a vocabulary.
    Learn,
}

/// The chapter of tokens.
#[derive(Debug, Default)]
pub struct TokenizerTab {
    half: Half,
    encode: Encode,
    learn: LearnView,
    /// A file that was dropped while learning: whether it is a text is known soon.
    looking: Option<Job<(PathBuf, bool)>>,
}

impl TokenizerTab {
    /// The chapter. It opens its vocabulary when it is first shown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The ids of the text, once they are known.
    #[must_use]
    pub fn ids(&self) -> Option<Vec<u32>> {
        self.encode.ids()
    }

    /// Puts `text` into the editor.
    pub fn set_text(&mut self, text: &str) {
        self.encode.set_text(text.into());
    }

    /// How many bytes the last change had encoded again.
    #[must_use]
    pub fn n_bytes_encoded_last(&self) -> usize {
        self.encode.n_bytes_encoded_last()
    }

    /// Writes a path into the question where to save, while it is asked.
    pub fn set_save_path(&mut self, path: &str) {
        self.learn.set_save_path(path);
    }

    /// Encode or learn.
    fn choose_half(&mut self, ui: &mut egui::Ui) {
        let width = (ui.available_width() - ui.spacing().item_spacing.x) * 0.5;
        ui.horizontal(|ui| {
            for (half, name, hint) in [
                (
                    Half::Encode,
                    "Encode",
                    "See a text as the tokens that a model reads, and how each came to be.",
                ),
                (
                    Half::Learn,
                    "Learn",
                    "Make a vocabulary: learn which letters belong together from a corpus.",
                ),
            ] {
                let chosen = self.half == half;
                let button = egui::Button::selectable(chosen, name)
                    .frame_when_inactive(true)
                    .min_size(egui::vec2(width, 0.0));
                let response = ui.add(button).on_hover_text(hint);
                response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, name));
                if response.clicked() {
                    self.half = half;
                }
            }
        });
        ui.add_space(theme::size::HALF);
    }

    /// Whether there are merges on show to go over.
    fn has_merges(&self) -> bool {
        match self.half {
            Half::Encode => {
                self.encode.below == encode::Below::Story
                    && self.encode.story().is_some_and(story::Story::has_steps)
            }
            Half::Learn => self.learn.is_small(),
        }
    }

    fn go(&mut self, to: keys::Move) {
        match (self.half, self.encode.story_mut()) {
            (Half::Learn, _) => self.learn.go(to),
            (Half::Encode, Some(story)) => match to {
                keys::Move::Forward => story.step_on(),
                keys::Move::Back => story.step_back(),
                keys::Move::Play => story.toggle_play(),
            },
            (Half::Encode, None) => {}
        }
    }

    /// Looks whether a dropped file is a text.
    fn look_at(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let job = Job::spawn("look at a file", cx.wake.clone(), move |emit| {
            let is_text = Card::of(&path).is_ok_and(|card| card.kind == "text");
            _ = emit((path, is_text));
        });
        match job {
            Ok(job) => self.looking = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn poll_looking(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.looking else {
            return;
        };
        let looked = job.poll().pop();
        if !job.is_running() || looked.is_some() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.looking = None;
        }
        match looked {
            Some((path, true)) => self.learn.open(path),
            Some((path, false)) => {
                self.half = Half::Encode;
                self.encode.open(path, cx);
            }
            None => {}
        }
    }
}

impl Tab for TokenizerTab {
    fn name(&self) -> &'static str {
        "Tokenizer"
    }

    fn icon(&self) -> Icon {
        Icon::Tokens
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.poll_looking(cx);
        self.learn.poll(cx);
        if let Some(learned) = self.learn.take_learned() {
            self.encode.read_with(learned);
            self.half = Half::Encode;
        }
        self.encode.poll(cx);
    }

    fn title(&self) -> String {
        match self.half {
            Half::Encode => self.encode.title(),
            Half::Learn => self.learn.title(),
        }
    }

    fn stage(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        if self.has_merges()
            && let Some(to) = keys::pressed(ui)
        {
            self.go(to);
            ui.ctx().request_repaint();
        }
        match self.half {
            Half::Encode => encode_panel::show(&mut self.encode, ui, cx),
            Half::Learn => self.learn.stage(ui, cx),
        }
    }

    fn bench(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        self.choose_half(ui);
        match self.half {
            Half::Encode => bench_panel::show(&mut self.encode, ui, cx),
            Half::Learn => self.learn.bench(ui, cx),
        }
    }

    fn has_timeline(&self) -> bool {
        match self.half {
            Half::Encode => self.has_merges(),
            Half::Learn => self.learn.has_timeline(),
        }
    }

    fn timeline(&mut self, ui: &mut egui::Ui, _cx: &mut TabContext<'_>) {
        match self.half {
            Half::Encode => story_panel::timeline(&mut self.encode, ui),
            Half::Learn => self.learn.timeline(ui),
        }
    }

    fn status(&self) -> Vec<StatusItem> {
        match self.half {
            Half::Encode => view::status(self.encode.main()),
            Half::Learn => Vec::new(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        let looking = self.looking.as_ref().map(|_| Progress {
            label: "Looking at the file".into(),
            fraction: None,
        });
        looking
            .or_else(|| self.learn.progress())
            .or_else(|| self.encode.progress())
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        (self.half == Half::Learn).then(|| self.learn.run_words())
    }

    fn words(&self, command: Command) -> [&'static str; 2] {
        let own = self.half == Half::Learn;
        let own = own.then(|| self.learn.words(command)).flatten();
        own.unwrap_or([command.label(), command.tooltip()])
    }

    fn hear_model(&mut self, loaded: Option<&Arc<LoadedText>>) {
        self.encode.hear_model(loaded);
    }

    fn can(&self, command: Command) -> bool {
        self.half == Half::Learn && self.learn.can(command)
    }

    fn command(&mut self, command: Command, cx: &mut TabContext<'_>) {
        if self.half == Half::Learn {
            self.learn.command(command, cx);
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        match (card.kind.as_str(), self.half) {
            ("vocabulary", _) => Some("use it as the vocabulary".into()),
            ("language model", _) => Some("use its vocabulary".into()),
            ("text", Half::Encode) => Some("show it as tokens".into()),
            ("text", Half::Learn) => Some("train a vocabulary on it".into()),
            _ => None,
        }
    }

    fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        match self.half {
            Half::Encode => self.encode.open(path, cx),
            Half::Learn => self.look_at(path, cx),
        }
    }

    fn save(&self) -> Value {
        json!({ "half": self.half, "encode": self.encode.save(), "learn": self.learn.save() })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(half) = serde_json::from_value(saved["half"].clone()) {
            self.half = half;
        }
        self.encode.restore(&saved["encode"]);
        self.learn.restore(&saved["learn"]);
    }
}
