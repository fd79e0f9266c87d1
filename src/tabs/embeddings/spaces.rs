//! Other spaces: the arrows inside a language model.

use super::views::{Desk, View};
use crate::tabs::TabContext;
use eframe::egui::Ui;

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct SpacesView;

impl View for SpacesView {
    fn title(&self, _desk: &Desk) -> String {
        "Other spaces".into()
    }

    fn stage(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
