//! The bench: where greedy is short-sighted, the text, and how the paths are walked.

use super::ChoosingView;
use crate::labs::text::EMBEDDED;
use crate::tabs::parts::{group, slider, wrapped};
use crate::tabs::text::text_panel;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::run_button::run_button;
use eframe::egui::{RichText, ScrollArea, Slider, TextStyle, Ui};

/// A case found by measuring: greedy's text is less probable than another that begins with a less likely
/// token.
struct Case {
    text: &'static str,
    n_tokens: usize,
    n_beams: usize,
}

/// Found with the model that is built in: eight tokens, 5.1 times as probable.
const OF_STORIES: Case = Case {
    text: "One day, Tom",
    n_tokens: 8,
    n_beams: 4,
};

/// Found with SmolLM2: eight tokens, some 300 times as probable.
const OF_SMOLLM2: Case = Case {
    text: "The most important thing in life is",
    n_tokens: 8,
    n_beams: 4,
};

pub(super) fn show(view: &mut ChoosingView, ui: &mut Ui, desk: &mut Desk) {
    let at_work = view.asking.is_running();
    let can = at_work || desk.model.current().is_some();
    let hints = [
        "Walk all the paths again, with other draws.",
        "Stop; the tree stays as far as it has grown.",
    ];
    if run_button(ui, at_work, can, ["Choose", "Stop"], hints).clicked() {
        if at_work {
            view.asking.stop();
        } else {
            view.setup.seed = crate::labs::text::new_seed(view.setup.seed);
            view.asking.forget();
        }
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            short_sighted(view, ui, desk);
            text_panel::show(ui, desk);
            group(ui, "Paths");
            paths(view, ui);
            ui.add_space(theme::size::GROUP);
        });
}

fn short_sighted(view: &mut ChoosingView, ui: &mut Ui, desk: &mut Desk) {
    let Some(loaded) = desk.model.current() else {
        return;
    };
    if loaded.tokenizer.is_none() {
        return;
    }
    let case = if loaded.name == EMBEDDED {
        &OF_STORIES
    } else {
        &OF_SMOLLM2
    };
    ui.add_space(theme::size::GRID);
    wrapped(ui, |ui| {
        let label = RichText::new("Greedy is short-sighted").text_style(TextStyle::Small);
        let hint = format!(
            "“{} …”: the likeliest first token leads to less likely ones.",
            case.text
        );
        if ui.button(label).on_hover_text(hint).clicked() {
            desk.text.take(case.text);
            view.setup.n_tokens = case.n_tokens;
            view.setup.n_beams = case.n_beams;
        }
    });
}

fn paths(view: &mut ChoosingView, ui: &mut Ui) {
    let setup = &mut view.setup;
    ui.checkbox(&mut setup.show_dropped, "Show what beam search dropped")
        .on_hover_text("The candidates that it looked at at every step and did not keep.");
    slider(
        ui,
        "tokens",
        "How long the paths are, unless the model ends them.",
        Slider::new(&mut setup.n_tokens, 1..=16),
    );
    slider(
        ui,
        "beams",
        "How many texts beam search keeps at every step; 1 is greedy.",
        Slider::new(&mut setup.n_beams, 1..=8),
    );
    slider(
        ui,
        "length penalty",
        "A finished text is ranked by its sum divided by its length to this power: above 0 favours long texts.",
        Slider::new(&mut setup.length_penalty, -2.0..=2.0).step_by(0.1),
    );
    slider(
        ui,
        "drawn paths",
        "Paths that are drawn by the probabilities.",
        Slider::new(&mut setup.n_samples, 0..=4),
    );
    slider(
        ui,
        "temperature",
        "How boldly they are drawn.",
        Slider::new(&mut setup.temperature, 0.1..=2.0).step_by(0.05),
    );
    slider(
        ui,
        "seed",
        "The same seed draws the same paths.",
        Slider::new(&mut setup.seed, 0..=999_999),
    );
}
