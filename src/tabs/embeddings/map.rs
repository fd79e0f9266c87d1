//! The map: every word as a point, near the words that are used alike.

use super::views::{Desk, View};
use crate::tabs::TabContext;
use eframe::egui::Ui;

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct MapView;

impl View for MapView {
    fn title(&self, _desk: &Desk) -> String {
        "The map of the words".into()
    }

    fn stage(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
