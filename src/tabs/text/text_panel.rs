//! The text at hand on a bench: what to try, an editor, and how many tokens it is.

use super::text_at_hand::TextAtHand;
use super::views::Desk;
use crate::tabs::parts::{caption, group, wrapped};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::text_editor::TextEditor;
use eframe::egui::{RichText, TextStyle, Ui};

/// The height of the editor, in points, before it scrolls.
const EDITOR_HEIGHT: f32 = 112.0;

/// Draws it. Every view that looks inside has it at the top of its bench.
pub(super) fn show(ui: &mut Ui, desk: &mut Desk) {
    presets(ui, desk);
    group(ui, "Text");
    let (text, editor) = desk.text.editing();
    let response = TextEditor::new("Text to look into")
        .hint("Write something to look at from the inside…")
        .rows(2)
        .max_height(EDITOR_HEIGHT)
        .show(ui, text, editor);
    if response.changed() {
        desk.text.changed();
    }
    let n = desk.text.ids().len();
    let n_ctx = desk.model.current().map_or(0, |loaded| loaded.n_ctx);
    if let Some(refusal) = desk.text.refused() {
        let colors = theme::palette(ui.ctx());
        ui.label(RichText::new(&refusal.what).color(colors.warning));
        ui.label(&refusal.next);
    } else if desk.text.is_reading() {
        caption(ui, "counting tokens…");
    } else {
        let s = if n == 1 { "" } else { "s" };
        let (n, n_ctx) = (grouped(n), grouped(n_ctx));
        caption(ui, format!("{n} token{s}; the model sees {n_ctx} at once."));
    }
    for note in desk.text.notes() {
        caption(ui, note);
    }
}

fn presets(ui: &mut Ui, desk: &mut Desk) {
    let Some(loaded) = desk.model.current() else {
        return;
    };
    let presets = TextAtHand::presets(loaded);
    ui.add_space(theme::size::GRID);
    wrapped(ui, |ui| {
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for preset in presets {
            let text = RichText::new(preset.name).text_style(TextStyle::Small);
            if ui.button(text).on_hover_text(preset.text).clicked() {
                desk.text.take(preset.text);
            }
        }
    });
}

/// Whether there is a pass to look at; else says how far it is, or why there is none.
pub(super) fn is_traced(ui: &mut Ui, desk: &mut Desk) -> bool {
    if let Some(refusal) = desk.tracing.refused().or(desk.text.refused()) {
        ui.label(RichText::new(&refusal.what).text_style(theme::style::subheading()));
        ui.label(&refusal.evidence);
        ui.label(&refusal.next);
        shorten(ui, desk);
        return false;
    }
    if desk.traced().is_none() {
        if let Some(progress) = desk.tracing.progress() {
            caption(ui, format!("{}…", progress.label));
        }
        return false;
    }
    true
}

/// A way out where the text is longer than the model can see.
fn shorten(ui: &mut Ui, desk: &mut Desk) {
    let Some(loaded) = desk.model.current().cloned() else {
        return;
    };
    let n = loaded.n_ctx;
    if desk.text.ids().len() <= n {
        return;
    }
    ui.add_space(theme::size::GRID);
    let words = format!("Keep the first {} tokens", grouped(n));
    let button = ui.button(words);
    if button
        .on_hover_text("The rest of the text is let go.")
        .clicked()
    {
        desk.text.keep_first(&loaded, n);
    }
}
