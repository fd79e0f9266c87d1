//! Write: a language model continues what the person writes, token by token, and every token shows
//! what else the model weighed there.
//!
//! The state is here and in its parts ([`prompt`], [`controls`], the tree of `labs::text_tree`);
//! `answers` changes it, the `*_panel` files draw it.

mod answers;
mod branches_panel;
mod candidates_panel;
mod controls;
mod controls_panel;
mod export;
mod prompt;
mod prompt_panel;
mod sampling_panel;
mod stage;
mod view;
mod weighing;

use super::views::{Desk, View, is_text_model};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::text::{Event, Finished, LoadedText, Seen};
use crate::labs::text_tree::{NodeId, TextTree};
use crate::refusal::Result;
use crate::tabs::saving::Saving;
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::widgets::timeline::{Step, Timeline};
use controls::Controls;
use eframe::egui;
use export::{Form, document};
use prompt::Prompt;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use weighing::{Shown, Weighing};

/// Lower than this, the timeline has no room for its heading.
const ROOM_FOR_HEADING: f32 = 60.0;

/// The view.
#[derive(Debug)]
pub(super) struct WriteView {
    /// The model of the chapter, as this view heard of it last.
    model: Option<Arc<LoadedText>>,
    prompt: Prompt,
    controls: Controls,
    tree: TextTree,
    writing: Option<Writing>,
    looking: Option<(NodeId, Job<Option<Looked>>)>,
    counting: Option<Job<Result<Seen>>>,
    /// Generate was pressed before a long prompt was read.
    generate_when_read: bool,
    /// The token whose candidates are shown.
    place: Option<NodeId>,
    /// Whether the newest token becomes the place.
    follow: bool,
    shown: Shown,
    weighing: Option<Weighing>,
    finished: Option<Finished>,
    saving: Saving,
}

/// An answer that is being written.
#[derive(Debug)]
struct Writing {
    job: Job<Wrote>,
    loaded: Arc<LoadedText>,
    settings: Arc<crate::labs::text_tree::Settings>,
    /// Prompt tokens read, of how many.
    reading: Option<(usize, usize)>,
}

/// What a writing job says.
#[derive(Debug)]
enum Wrote {
    Event(Event),
    Done(Result<Finished>),
}

/// What a job that looks at one place again finds; it says `None` while it is at work.
type Looked = Result<Option<Arc<[f32]>>>;

impl WriteView {
    /// Nothing written yet.
    fn new() -> Self {
        Self {
            follow: true,
            prompt: Prompt::new(),
            model: None,
            controls: Controls::default(),
            tree: TextTree::default(),
            writing: None,
            looking: None,
            counting: None,
            generate_when_read: false,
            place: None,
            shown: Shown::default(),
            weighing: None,
            finished: None,
            saving: Saving::default(),
        }
    }

    /// The text shown, after the prompt.
    pub(super) fn text(&self) -> String {
        let leaf = self.tree.leaf();
        let bytes = leaf.map_or_else(Vec::new, |leaf| self.tree.text_bytes(leaf));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How many tokens the text shown has after the prompt.
    pub(super) fn n_tokens(&self) -> usize {
        self.tree.current_path().len()
    }

    /// Sets the most tokens of one answer.
    pub(super) fn set_max_tokens(&mut self, max_tokens: usize) {
        self.controls.max_tokens = max_tokens;
    }

    /// Writes a path into the question where to save, while it is asked.
    pub(super) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// What this view looks at, for the views that look inside: the prompt and what was written after
    /// it, as tokens. `None` before a prompt was read.
    pub(super) fn ids(&self) -> Option<Vec<u32>> {
        if self.tree.leaf().is_some() && self.is_own_text() {
            let cursor = self.tree.cursor()?;
            return Some(self.tree.ids_through(cursor.prompt_idx, cursor.leaf));
        }
        let seen = self.prompt.seen().filter(|_| !self.prompt.is_empty())?;
        seen.as_ref().ok().map(|seen| seen.ids.clone())
    }

    /// Whether an answer is being written.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some() || self.generate_when_read
    }
}

impl Default for WriteView {
    fn default() -> Self {
        Self::new()
    }
}

impl View<Desk> for WriteView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_all(desk, cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        view::title(
            self.model.as_ref().map(|loaded| loaded.name.as_str()),
            self.tree.current_path().len(),
            self.is_writing(),
        )
    }

    fn stage(&mut self, ui: &mut egui::Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        stage::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut egui::Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        controls_panel::show(self, ui, desk, cx);
    }

    fn has_timeline(&self) -> bool {
        self.tree.leaf().is_some()
    }

    fn timeline(&mut self, ui: &mut egui::Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let path = self.tree.current_path();
        let labels: Vec<String> = path
            .iter()
            .map(|&n| crate::widgets::token_text::visible(&self.tree.node(n).choice.bytes))
            .collect();
        let steps: Vec<Step<'_>> = path
            .iter()
            .zip(&labels)
            .map(|(&n, label)| Step {
                label,
                value: self.tree.node(n).choice.surprise_bits(),
                branches: !self.tree.alternatives(n).is_empty(),
            })
            .collect();
        let selected = path.iter().position(|&n| Some(n) == self.place);
        let roomy = ui.available_height() > ROOM_FOR_HEADING;
        ui.spacing_mut().item_spacing.y = crate::theme::size::HALF;
        if roomy {
            ui.small("Surprise of each token (−log₂ p, in bits)").on_hover_text(
                "How unexpected the token was to the model: 0 bits when it was sure, 1 bit for a coin toss, one more each time the probability halves.",
            );
        }
        let strip = Timeline::new("Tokens, by surprise", "bits", &steps, selected);
        if let Some(step) = strip.show(ui) {
            self.look_at(path[step]);
        }
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        view::status(
            self.model.as_deref(),
            self.finished.as_ref().map(|finished| &finished.timings),
            self.controls.seed,
            self.tree.logits_bytes(),
        )
    }

    fn progress(&self) -> Option<Progress> {
        let reading = self.writing.as_ref().and_then(|w| w.reading);
        reading.map(|(done, total)| Progress {
            label: format!("Reading the prompt: {done} of {total} tokens"),
            fraction: Some(done as f32 / total.max(1) as f32),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([Command::Run.label(), Command::Run.tooltip()])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => !self.is_writing() && self.model.is_some(),
            Command::Stop => self.is_writing() || self.looking.is_some(),
            Command::Undo => self.tree.can_undo() && !self.is_writing(),
            Command::Redo => self.tree.can_redo() && !self.is_writing(),
            Command::ExportJson | Command::ExportMarkdown => !self.tree.prompts().is_empty(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if !self.can(command, desk) {
            return;
        }
        match command {
            Command::Run => self.generate(cx),
            Command::Stop => self.stop(),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::ExportJson => self.saving.ask(document(self, Form::Json)),
            Command::ExportMarkdown => self.saving.ask(document(self, Form::Markdown)),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        is_text_model(card).then(|| "load it as the text model".into())
    }

    fn open(&mut self, path: PathBuf, desk: &mut Desk, cx: &mut TabContext<'_>) {
        desk.model.open(path, cx);
    }

    fn save(&self) -> Value {
        json!({ "prompt": self.prompt, "controls": self.controls })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(prompt) = serde_json::from_value(saved["prompt"].clone()) {
            self.prompt = prompt;
        }
        if let Ok(controls) = serde_json::from_value::<Controls>(saved["controls"].clone())
            && controls.sampling.check().is_ok()
        {
            self.controls = controls;
        }
        if self.prompt.turns.is_empty() {
            self.prompt.turns.push(prompt::user(""));
        }
    }
}
