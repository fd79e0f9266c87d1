//! What a chapter with several views asks of each of them.

use super::{Progress, StatusItem, TabContext};
use crate::command::Command;
use crate::files::card::Card;
use eframe::egui::Ui;
use serde_json::Value;
use std::path::PathBuf;

/// One view, as the chapter's frame sees it; `Desk` is what the views of the chapter share. The methods
/// mean what those of [`crate::tabs::Tab`] mean.
pub(crate) trait View<Desk> {
    /// Moves what jobs sent into the state. Called every frame, shown or not.
    fn poll(&mut self, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What you are looking at.
    fn title(&self, desk: &Desk) -> String;

    /// The centre of the window.
    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>);

    /// The controls on the right.
    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>);

    /// Whether there are steps to go back and forth over.
    fn has_timeline(&self) -> bool {
        false
    }

    /// The steps.
    fn timeline(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// Whether an equation is open.
    fn has_explain(&self) -> bool {
        false
    }

    /// The equation of what was clicked.
    fn explain(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// Facts for the status line.
    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        Vec::new()
    }

    /// Work in progress, if any.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// What Run does, in a word and in a sentence.
    fn run_words(&self) -> Option<[&'static str; 2]> {
        None
    }

    /// Whether this command can be given now.
    fn can(&self, _command: Command, _desk: &Desk) -> bool {
        false
    }

    /// Answers a command.
    fn command(&mut self, _command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What it would do with a file, shown or not: the chapter asks the shown view first.
    fn accepts(&self, _card: &Card) -> Option<String> {
        None
    }

    /// Opens a file that it accepted.
    fn open(&mut self, _path: PathBuf, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// The same for a view that opens one kind of file otherwise than another: what it is stands on its
    /// card.
    fn take(&mut self, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.open(card.path.clone(), desk, cx);
    }

    /// What survives a restart.
    fn save(&self) -> Value {
        Value::Null
    }

    /// Takes back what [`Self::save`] gave.
    fn restore(&mut self, _saved: &Value) {}
}
