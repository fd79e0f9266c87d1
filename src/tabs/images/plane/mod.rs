//! Two small networks fight over points on a plane.

use super::views::{Desk, View};
use crate::tabs::TabContext;
use crate::theme;
use eframe::egui::{RichText, Ui};

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct PlaneView {}

impl View for PlaneView {
    fn title(&self, _desk: &Desk) -> String {
        "A generator against a discriminator".into()
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        ui.add_space(ui.available_height() * 0.3);
        ui.vertical_centered(|ui| {
            ui.set_max_width(520.0);
            let words = "One network makes points, the other tells them from real ones. Each learns from the other.";
            ui.label(RichText::new(words).text_style(theme::style::subheading()));
        });
    }

    fn bench(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}
}
