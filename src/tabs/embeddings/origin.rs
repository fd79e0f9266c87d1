//! Where they come from: counts of words that stand near each other become arrows.

use super::views::{Desk, View};
use crate::tabs::TabContext;
use eframe::egui::Ui;

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct OriginView;

impl View for OriginView {
    fn title(&self, _desk: &Desk) -> String {
        "Where word vectors come from".into()
    }

    fn stage(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
