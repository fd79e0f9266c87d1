//! From noise to a picture.

use crate::tabs::TabContext;
use crate::tabs::images::views::{Desk, View};
use eframe::egui::Ui;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct StepsView;

impl View<Desk> for StepsView {
    fn title(&self, _desk: &Desk) -> String {
        "From noise to a picture".into()
    }

    fn stage(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
