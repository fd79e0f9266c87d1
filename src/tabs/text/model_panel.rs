//! Which model answers: the two that come with Glassbox, or a file of the person's.

use super::TextTab;
use super::view::{grouped, megabytes};
use crate::labs::text::{EMBEDDED, LARGE, Source};
use crate::tabs::TabContext;
use crate::theme;
use eframe::egui::{self, RichText, Ui};

pub(super) fn show(tab: &mut TextTab, ui: &mut Ui, cx: &mut TabContext<'_>) {
    choose(tab, ui, cx);
    facts(tab, ui);
    let weak = theme::palette(ui.ctx()).text_weak;
    ui.label(
        RichText::new("Your own: drop a GGUF or safetensors file anywhere, or press Ctrl+O.")
            .text_style(egui::TextStyle::Small)
            .color(weak),
    );
}

fn choose(tab: &mut TextTab, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let current = tab.model.current().map(|loaded| loaded.name.clone());
    let mut wanted = None;
    ui.horizontal(|ui| {
        for name in [LARGE, EMBEDDED] {
            let present = name == EMBEDDED || tab.large_is_present;
            let chosen = current.as_deref() == Some(name);
            let hint = match (name == LARGE, present) {
                (true, true) => "SmolLM2-135M-Instruct: 135 million weights, speaks English.",
                (true, false) => {
                    "Not here yet: run models/fetch.sh once (98 MB), then start again."
                }
                (false, _) => "A model small enough to see whole; it writes little stories.",
            };
            let button = ui
                .add_enabled(present, egui::Button::selectable(chosen, name))
                .on_hover_text(hint)
                .on_disabled_hover_text(hint);
            if button.clicked() && !chosen {
                wanted = Some(Source::Named(name.into()));
            }
        }
        if let Some(name) = current.filter(|name| name != LARGE && name != EMBEDDED) {
            _ = ui.selectable_label(true, name);
        }
    });
    if let Some(source) = wanted {
        tab.model.load(source, cx);
    }
}

fn facts(tab: &TextTab, ui: &mut Ui) {
    if !tab.large_is_present {
        ui.label("For real language, fetch smollm2 once: models/fetch.sh (98 MB).");
    }
    if let Some(progress) = tab.model.progress() {
        ui.add(
            egui::ProgressBar::new(progress.fraction.unwrap_or(0.0))
                .text(progress.label)
                .desired_width(ui.available_width()),
        );
    }
    let Some(loaded) = tab.model.current() else {
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
