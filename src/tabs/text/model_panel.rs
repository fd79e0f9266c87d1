//! Which model answers: those that come with Glassbox, or a file of the person's.

use super::views::Desk;
use crate::labs::text::{EMBEDDED, LARGE, SMALLEST, Source};
use crate::tabs::TabContext;
use crate::theme;
use crate::widgets::count::{grouped, megabytes};
use eframe::egui::{self, RichText, Ui};

/// The models that come with Glassbox, by the size of them.
const OWN: [&str; 3] = [LARGE, EMBEDDED, SMALLEST];

pub(super) fn show(ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    choose(ui, desk, cx);
    facts(ui, desk);
    let weak = theme::palette(ui.ctx()).text_weak;
    ui.label(
        RichText::new("Your own: drop a GGUF or safetensors file anywhere, or press Ctrl+O.")
            .text_style(egui::TextStyle::Small)
            .color(weak),
    );
}

/// Nothing to work with yet: how far it is, and what will be here.
pub(super) fn waiting(ui: &mut Ui, desk: &Desk) {
    ui.add_space(ui.available_height() * 0.25);
    ui.vertical_centered(|ui| {
        ui.set_max_width(480.0);
        match (desk.model.progress(), desk.model.refused()) {
            (Some(progress), _) => {
                ui.label(RichText::new(progress.label).text_style(theme::style::subheading()));
                ui.add_space(theme::size::GRID);
                let bar = egui::ProgressBar::new(progress.fraction.unwrap_or(0.0));
                ui.add(bar.show_percentage());
                ui.add_space(theme::size::GRID);
                ui.label("A language model is on its way. It will continue whatever you write, one token at a time, and show what else it weighed.");
            }
            (None, Some(refusal)) => {
                ui.label(RichText::new(&refusal.what).text_style(theme::style::subheading()));
                ui.label(&refusal.evidence);
                ui.label(&refusal.next);
            }
            (None, None) => {}
        }
    });
}

/// The models to choose from, in a row.
pub(super) fn choose(ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let current = desk.model.current().map(|loaded| loaded.name.clone());
    let mut wanted = None;
    ui.horizontal(|ui| {
        for name in OWN {
            let present = name != LARGE || desk.model.has_large();
            let chosen = current.as_deref() == Some(name);
            let hint = match (name, present) {
                (LARGE, true) => "SmolLM2-135M-Instruct: 135 million weights, speaks English.",
                (LARGE, false) => {
                    "Not here yet: run models/fetch.sh once (98 MB), then start again."
                }
                (SMALLEST, _) => {
                    "A model small enough to see whole: it reads six letters and writes them in order."
                }
                _ => "A small model that is built in; it writes little stories.",
            };
            let button = ui
                .add_enabled(present, egui::Button::selectable(chosen, name))
                .on_hover_text(hint)
                .on_disabled_hover_text(hint);
            if button.clicked() && !chosen {
                wanted = Some(Source::Named(name.into()));
            }
        }
        if let Some(name) = current.filter(|name| !OWN.contains(&name.as_str())) {
            _ = ui.selectable_label(true, name);
        }
    });
    if let Some(source) = wanted {
        desk.model.load(source, cx);
    }
}

/// What the model in use is made of, and where it came from.
pub(super) fn facts(ui: &mut Ui, desk: &Desk) {
    if !desk.model.has_large() {
        ui.label("For real language, fetch smollm2 once: models/fetch.sh (98 MB).");
    }
    if let Some(progress) = desk.model.progress() {
        ui.add(
            egui::ProgressBar::new(progress.fraction.unwrap_or(0.0))
                .text(progress.label)
                .desired_width(ui.available_width()),
        );
    }
    let Some(loaded) = desk.model.current() else {
        return;
    };
    let config = &loaded.config;
    let small = |text: String| RichText::new(text).text_style(egui::TextStyle::Small);
    ui.label(small(format!(
        "{}: {} blocks of {} heads, width {}, {} tokens in its vocabulary, {} in its context; {}.",
        config.architecture,
        config.n_layers,
        config.n_heads,
        config.d_model,
        grouped(config.vocab_size),
        grouped(loaded.n_ctx),
        megabytes(loaded.memory_bytes),
    )));
    for sentence in &loaded.provenance {
        let weak = theme::palette(ui.ctx()).text_weak;
        ui.label(small(sentence.clone()).color(weak));
    }
}
