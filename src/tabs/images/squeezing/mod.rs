//! A picture as a few numbers.

use crate::tabs::TabContext;
use crate::tabs::images::views::{Desk, View};
use eframe::egui::Ui;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct SqueezingView;

impl View<Desk> for SqueezingView {
    fn title(&self, _desk: &Desk) -> String {
        "A picture as a few numbers".into()
    }

    fn stage(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
