//! Diffusion on the plane.

use crate::tabs::TabContext;
use crate::tabs::images::views::{Desk, View};
use eframe::egui::Ui;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct PointsView;

impl View<Desk> for PointsView {
    fn title(&self, _desk: &Desk) -> String {
        "Diffusion on the plane".into()
    }

    fn stage(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
