//! The drawer of a number: the equation that made it, with its real terms.

use super::views::Desk;
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::number_table::exact;
use eframe::egui::{RichText, ScrollArea, Ui};

/// Draws it.
pub(super) fn show(ui: &mut Ui, desk: &mut Desk) {
    ui.horizontal(|ui| {
        let can_go_back = desk.explain.can_go_back();
        let back = ui.add_enabled(can_go_back, eframe::egui::Button::new("Back"));
        if back.on_hover_text("The number before this one.").clicked() {
            desk.explain.back();
        }
        if ui.button("Close").clicked() {
            desk.explain.close();
        }
    });
    if let Some(refusal) = desk.explain.refused() {
        ui.label(&refusal.what);
        ui.label(&refusal.evidence);
        return;
    }
    let Some(found) = desk.explain.explanation().cloned() else {
        caption(ui, "Computing it again…");
        return;
    };
    ScrollArea::vertical().id_salt("explain").show(ui, |ui| {
        let title = RichText::new(found.place.at.to_string());
        ui.label(title.text_style(theme::style::subheading()));
        ui.monospace(exact(found.value));
        ui.label(&found.sentence);
        ui.monospace(&found.formula);
        ui.monospace(&found.worked);
    });
}
