//! Which vectors are in use, where they are from and under which licence; and how to use others.

use super::views::Desk;
use crate::tabs::parts::{caption, wrapped};
use crate::theme;
use crate::widgets::count::grouped;
use eframe::egui::{Label, ProgressBar, RichText, Ui};

/// The name of the vectors that ship.
const SHIPPED: &str = "GloVe";

/// More notes than these are behind the pointer.
const N_NOTES: usize = 2;

pub(super) fn show(ui: &mut Ui, desk: &mut Desk) {
    let colors = theme::palette(ui.ctx());
    let mut stop = false;
    if let Some(progress) = desk.sets.progress() {
        ui.label(&progress.label);
        ui.horizontal(|ui| {
            let bar = ProgressBar::new(progress.fraction.unwrap_or(0.0))
                .desired_width(200.0)
                .desired_height(8.0)
                .fill(colors.accent);
            ui.add(bar);
            stop = ui
                .button("Stop reading")
                .on_hover_text("Stop; the vectors in use stay.")
                .clicked();
        });
    }
    if stop {
        desk.sets.stop();
    }
    if let Some(space) = desk.sets.space() {
        let vectors = space.vectors();
        let name = RichText::new(vectors.name()).text_style(theme::style::strong());
        ui.add(Label::new(name).truncate());
        caption(
            ui,
            format!(
                "{} words, {} numbers each",
                grouped(vectors.len()),
                vectors.width()
            ),
        );
        caption(ui, vectors.source());
        let notes = vectors.notes();
        for note in notes.iter().take(N_NOTES) {
            ui.label(RichText::new(note).small().color(colors.warning));
        }
        if notes.len() > N_NOTES {
            let more = format!("{} notes more", notes.len() - N_NOTES);
            caption(ui, more).on_hover_text(notes[N_NOTES..].join("\n"));
        }
    }
    used_before(ui, desk);
    caption(
        ui,
        "Your own: drop a GloVe, word2vec or fastText file anywhere, or press Ctrl+O.",
    );
}

/// The sets that were in use before, one press away.
fn used_before(ui: &mut Ui, desk: &mut Desk) {
    let names: Vec<String> = desk.sets.names().map(str::to_owned).collect();
    let Some((_, before)) = names.split_last() else {
        return;
    };
    let lacks_shipped = desk.sets.lacks_shipped();
    if before.is_empty() && !lacks_shipped {
        return;
    }
    let mut wanted = None;
    wrapped(ui, |ui| {
        caption(ui, "Back to");
        let hint = "Use the vectors that ship.";
        if lacks_shipped && ui.small_button(SHIPPED).on_hover_text(hint).clicked() {
            desk.sets.use_shipped();
        }
        for (i, name) in before.iter().enumerate() {
            let hint = "Use these vectors again.";
            if ui.small_button(name).on_hover_text(hint).clicked() {
                wanted = Some(i);
            }
        }
    });
    if let Some(i) = wanted {
        desk.sets.use_again(i);
    }
}
