//! The next token before and after: an outline as the model is, a bar after surgery.

use super::SurgeryView;
use crate::labs::inside::sweep::log_probability;
use crate::labs::text::{LoadedText, best};
use crate::tabs::parts::caption;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::probability_bars::{Bar, ProbabilityBars};
use crate::widgets::token_text::visible;
use eframe::egui::{RichText, ScrollArea, Ui};

/// The best of before and of after that are shown.
const N_BEST: usize = 6;
/// The height of a bar.
const ROW: f32 = 22.0;

pub(super) fn show(view: &SurgeryView, ui: &mut Ui, desk: &Desk, loaded: &LoadedText) {
    ui.add_space(theme::size::GRID);
    if let Some(refusal) = view.outcome.refused() {
        ui.label(RichText::new(&refusal.what).text_style(theme::style::strong()));
        ui.label(&refusal.evidence);
        ui.label(&refusal.next);
        return;
    }
    let Some(outcome) = view.outcome.answer().cloned() else {
        caption(ui, "Asking the model…");
        return;
    };
    let before = best(&outcome.before, N_BEST);
    let after = best(&outcome.after, N_BEST);
    let Some((first, now)) = before.first().zip(after.first()) else {
        return;
    };
    let text = |id: u32| visible(&loaded.token_bytes(id));
    let p_after = log_probability(&outcome.after, first.id).exp();
    let words = if view.operations.is_empty() {
        format!(
            "Next token: “{}” with {:.1} %",
            text(first.id),
            first.p * 100.0
        )
    } else if now.id == first.id {
        format!(
            "Still “{}”: {:.1} % before, {:.1} % after",
            text(first.id),
            first.p * 100.0,
            now.p * 100.0
        )
    } else {
        format!(
            "Now “{}” with {:.1} %; “{}” fell from {:.1} % to {:.1} %",
            text(now.id),
            now.p * 100.0,
            text(first.id),
            first.p * 100.0,
            p_after * 100.0
        )
    };
    ui.label(RichText::new(words).text_style(theme::style::strong()));
    let n = desk.pieces().len();
    caption(
        ui,
        if view.operations.is_empty() {
            format!("What the model expects after {n} tokens, as it is. Click parts above.")
        } else {
            format!(
                "After {n} tokens: outlined as the model is, filled after surgery. Both are real forward passes."
            )
        },
    );
    let mut ids: Vec<u32> = after.iter().map(|candidate| candidate.id).collect();
    for candidate in &before {
        if !ids.contains(&candidate.id) {
            ids.push(candidate.id);
        }
    }
    let rows: Vec<(Vec<u8>, f64, f64)> = ids
        .iter()
        .map(|&id| {
            (
                loaded.token_bytes(id),
                log_probability(&outcome.before, id).exp(),
                log_probability(&outcome.after, id).exp(),
            )
        })
        .collect();
    let bars: Vec<Bar<'_>> = rows
        .iter()
        .enumerate()
        .map(|(i, (bytes, before, after))| Bar {
            bytes,
            before: *before,
            after: Some(*after),
            discarded_by: None,
            chosen: i == 0,
        })
        .collect();
    ScrollArea::vertical()
        .id_salt("before and after")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ProbabilityBars::new(&bars, ROW).show(ui);
        });
}
