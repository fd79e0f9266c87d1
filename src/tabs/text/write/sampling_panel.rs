//! The sliders of sampling, and the order of its steps.

use super::controls_panel::row;
use crate::labs::text::{Sampling, Stage};
use crate::theme;
use eframe::egui::{self, RichText, Slider, Ui};

pub(super) fn show(sampling: &mut Sampling, ui: &mut Ui) {
    whole_settings(sampling, ui);
    row(
        ui,
        "temperature",
        "Below 1 the likely tokens become likelier, above 1 the unlikely ones; 0 always takes the best (greedy).",
        |ui| ui.add(Slider::new(&mut sampling.temperature, 0.0..=2.0).fixed_decimals(2)),
    );
    row(
        ui,
        "top-k",
        "Keep only the k most probable tokens; 0 is off.",
        |ui| ui.add(Slider::new(&mut sampling.top_k, 0..=200)),
    );
    row(
        ui,
        "top-p",
        "Keep the fewest most probable tokens that together hold this share (the nucleus); 1 is off.",
        |ui| ui.add(Slider::new(&mut sampling.top_p, 0.0..=1.0).fixed_decimals(2)),
    );
    row(
        ui,
        "min-p",
        "Keep tokens at least this share as probable as the best one; 0 is off.",
        |ui| ui.add(Slider::new(&mut sampling.min_p, 0.0..=0.5).fixed_decimals(2)),
    );
    egui::CollapsingHeader::new("More steps, and their order")
        .id_salt("more sampling")
        .show(ui, |ui| {
            more(sampling, ui);
            order(sampling, ui);
        });
}

fn whole_settings(sampling: &mut Sampling, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
        for (name, hint, preset) in [
            (
                "usual",
                "llama.cpp's defaults: 0.8, 40, 0.95, 0.05.",
                Sampling::default(),
            ),
            (
                "greedy",
                "Always the most probable token.",
                Sampling::greedy(),
            ),
            (
                "model's own",
                "Draw from the model's own distribution, with nothing changed.",
                Sampling::plain(),
            ),
        ] {
            let chosen = *sampling == preset;
            let button = ui.selectable_label(chosen, name).on_hover_text(hint);
            if button.clicked() {
                *sampling = preset;
            }
        }
    });
}

fn more(sampling: &mut Sampling, ui: &mut Ui) {
    row(
        ui,
        "typical",
        "Keep tokens about as surprising as one would expect on average; 1 is off.",
        |ui| ui.add(Slider::new(&mut sampling.typical_p, 0.0..=1.0).fixed_decimals(2)),
    );
    row(
        ui,
        "repeat",
        "Repeat penalty: makes tokens of the recent text less likely; 1 is off.",
        |ui| ui.add(Slider::new(&mut sampling.repeat_penalty, 1.0..=2.0).fixed_decimals(2)),
    );
    row(
        ui,
        "recent",
        "How many of the last tokens the repeat penalty looks at.",
        |ui| ui.add(Slider::new(&mut sampling.repeat_last_n, 0..=512)),
    );
}

/// The steps in their order, each with buttons to move it.
fn order(sampling: &mut Sampling, ui: &mut Ui) {
    let weak = theme::palette(ui.ctx()).text_weak;
    ui.label(RichText::new("Applied from top to bottom").color(weak));
    let mut swap = None;
    let last = sampling.order.len().saturating_sub(1);
    for (i, stage) in sampling.order.iter().enumerate() {
        ui.horizontal(|ui| {
            let name = stage.name();
            for (arrow, other, label, possible) in [
                ("⏶", i.wrapping_sub(1), format!("Move {name} up"), i > 0),
                ("⏷", i + 1, format!("Move {name} down"), i < last),
            ] {
                let button = egui::Button::new(arrow).small();
                let response = ui.add_enabled(possible, button).on_hover_text(&label);
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, possible, &label)
                });
                if response.clicked() {
                    swap = Some((i, other));
                }
            }
            let text = RichText::new(format!("{}  {name}", i + 1));
            ui.label(if sampling.is_on(*stage) {
                text
            } else {
                text.color(weak)
            });
        });
    }
    if let Some((a, b)) = swap {
        sampling.order.swap(a, b);
    }
    if sampling.order != Stage::ALL
        && ui
            .button("Usual order")
            .on_hover_text("The order of llama.cpp.")
            .clicked()
    {
        sampling.order = Stage::ALL.to_vec();
    }
}
