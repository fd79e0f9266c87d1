//! The chapters. A [`Tab`] keeps what its jobs sent and decides what to show; the frame around it
//! (rail, stage, bench, timeline, status line) is the same for every tab and belongs to the app.
//!
//! State changes in [`Tab::poll`] and in answers to input, never while drawing, and nothing here
//! reads the disk: files arrive through [`Tab::open`], which hands them to a job.

pub mod embeddings;
pub mod images;
mod latest;
pub(crate) mod parts;
mod saving;
pub mod sound;
pub mod text;
pub mod tokenizer;
mod view;

use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Wake;
use crate::labs::compute::Compute;
use crate::labs::text::LoadedText;
use crate::refusal::Refusal;
use crate::widgets::icon::Icon;
use eframe::egui;
use std::path::PathBuf;
use std::sync::Arc;

/// What a tab may use of the app while it polls, draws or answers.
pub struct TabContext<'a> {
    /// Asks for a new frame from any thread; handed to every job.
    pub wake: Wake,
    /// Short messages for the corner of the window; the app shows and clears them.
    pub notices: &'a mut Vec<Notice>,
    /// Where model files are looked for, best first (see `files::manifest`).
    pub model_folders: &'a [PathBuf],
    /// The device and threads the person chose for the models.
    pub compute: Compute,
    /// Whether motion is wanted.
    pub motion: bool,
}

/// A short message for the corner of the window.
#[derive(Debug, Clone)]
pub enum Notice {
    /// Something worked: "Saved story.md".
    Done(String),
    /// Something was refused; shown in full, with its four parts.
    Refused(Refusal),
}

/// Work in progress, for the bar in the status line and the one in the tab.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What is being done: "Loading smollm2".
    pub label: String,
    /// How far, 0.0..=1.0; `None` where nobody can know.
    pub fraction: Option<f32>,
}

/// One fact for the status line: "decode" "212 tok/s", and the sentence a hover shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusItem {
    /// Plain name of the fact.
    pub label: String,
    /// Its value with its unit.
    pub value: String,
    /// What it means.
    pub tooltip: String,
}

/// One chapter of the app.
pub trait Tab {
    /// The chapter's name in the rail and the palette.
    fn name(&self) -> &'static str;

    /// Its picture in the rail.
    fn icon(&self) -> Icon;

    /// Moves what the jobs sent into the tab's state. Called every frame, shown or not.
    fn poll(&mut self, cx: &mut TabContext<'_>);

    /// The title line over the stage: what you are looking at.
    fn title(&self) -> String;

    /// The centre of the window.
    fn stage(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>);

    /// The controls on the right.
    fn bench(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>);

    /// Whether the timeline at the bottom is shown now.
    fn has_timeline(&self) -> bool;

    /// The film strip at the bottom.
    fn timeline(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>);

    /// Whether the explain drawer is open.
    fn has_explain(&self) -> bool {
        false
    }

    /// The drawer over the stage's edge: the equation of what was clicked.
    fn explain(&mut self, _ui: &mut egui::Ui, _cx: &mut TabContext<'_>) {}

    /// Facts for the status line.
    fn status(&self) -> Vec<StatusItem>;

    /// Work in progress, if any.
    fn progress(&self) -> Option<Progress>;

    /// The label and the tooltip of what [`Command::Run`] does here; `None` where nothing is run.
    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([Command::Run.label(), Command::Run.tooltip()])
    }

    /// The label and the tooltip of a command in this chapter.
    fn words(&self, command: Command) -> [&'static str; 2] {
        let own = self.run_words().filter(|_| command == Command::Run);
        own.unwrap_or([command.label(), command.tooltip()])
    }

    /// The language model that is loaded here, for the chapters that look into it.
    fn loaded_model(&self) -> Option<Arc<LoadedText>> {
        None
    }

    /// Hears before every poll which language model another chapter has loaded.
    fn hear_model(&mut self, _loaded: Option<&Arc<LoadedText>>) {}

    /// Whether this command can be given now.
    fn can(&self, command: Command) -> bool;

    /// Answers a command of the menu, a key or the palette.
    fn command(&mut self, command: Command, cx: &mut TabContext<'_>);

    /// What this tab would do with such a file, as a phrase ("load it as the text model"), or
    /// `None` when it would do nothing with it.
    fn accepts(&self, card: &Card) -> Option<String>;

    /// Opens a file that [`Tab::accepts`] said yes to. What was open stays until this one works.
    fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>);

    /// What of the tab survives a restart.
    fn save(&self) -> serde_json::Value;

    /// Takes back what [`Tab::save`] gave; unknown or damaged parts are ignored.
    fn restore(&mut self, saved: &serde_json::Value);
}

/// Every chapter that works, in the order of the rail.
#[must_use]
pub fn all() -> Vec<Box<dyn Tab>> {
    vec![
        Box::new(text::TextTab::new()),
        Box::new(tokenizer::TokenizerTab::new()),
        Box::new(embeddings::EmbeddingsTab::new()),
        Box::new(images::ImagesTab::new()),
        Box::new(sound::SoundTab::new()),
    ]
}
