//! The bench: run, the words, chance, how a step is computed, the ways, and saving.

use super::pages::Page;
use super::recipe::Recipe;
use super::ways::Way;
use super::{StepsView, grid, keeping, words};
use crate::labs::diffusion::captions::Parsed;
use crate::labs::diffusion::sampling::{MOST_GUIDANCE, Settings};
use crate::labs::diffusion::{About, Denoiser, N_LEVELS, Sampler, Spacing};
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, RichText, ScrollArea, Slider, TextEdit, Ui};
use std::sync::Arc;

/// A caption is read up to here; what is longer is cut off where it is typed or pasted.
const MAX_CAPTION: usize = 4000;
/// The guidance that the slider reaches; beyond, no picture is left.
const SLIDER_GUIDANCE: f64 = 15.0;

/// What Run does now.
pub(super) fn words(view: &StepsView) -> [&'static str; 2] {
    match view.page {
        Page::Grid => [
            "Draw all",
            "A picture for every caption and every seed; what is there already stays.",
        ],
        _ if view.way().take.end.is_some() => [
            "New picture",
            "The next seed: other noise, and so another picture for the same words.",
        ],
        _ => ["Draw", "From noise to a picture, step by step."],
    }
}

pub(super) fn show(view: &mut StepsView, ui: &mut Ui) {
    let [label, hint] = words(view);
    let stop = "Stay at the step that it has come to.";
    let can = view.denoiser.is_some();
    let is_busy = view.maker.is_busy();
    if run_button(ui, is_busy, can, [label, "Stop"], [hint, stop]).clicked() {
        view.press_run();
    }
    let Some(denoiser) = view.denoiser.clone() else {
        return;
    };
    let before = view.way().recipe.clone();
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if view.page == Page::Grid {
                group(ui, "Captions");
                grid::bench(view, ui);
            } else {
                group(ui, "Words");
                asked(&mut view.ways[view.shown].recipe, ui, &denoiser);
            }
            group(ui, "Chance");
            chance(view, ui);
            if view.ways.len() > 1 || view.way().selected.is_some() {
                group(ui, "Ways");
                ways(view, ui);
            }
            group(ui, "Steps");
            settings(&mut view.ways[view.shown].recipe.settings, ui);
            if view.page != Page::Grid {
                group(ui, "Two captions");
                mixture(&mut view.ways[view.shown].recipe, ui, &denoiser);
            }
            group(ui, "Keep");
            keeping::bench(view, ui, &denoiser);
            group(ui, "The network");
            caption(ui, told(denoiser.about()));
            ui.add_space(size::GROUP);
        });
    let is_dragged = ui.input(|input| input.pointer.any_down());
    if view.way().recipe != before && view.page != Page::Grid {
        view.changed(&before, is_dragged);
    }
}

/// The caption, what of it is not understood, guidance.
fn asked(recipe: &mut Recipe, ui: &mut Ui, denoiser: &Arc<Denoiser>) {
    let attributes = &denoiser.about().attributes;
    let label = ui.label("caption");
    let field = TextEdit::multiline(&mut recipe.caption).desired_rows(3);
    let field = field.char_limit(MAX_CAPTION).desired_width(f32::INFINITY);
    ui.add(field).labelled_by(label.id);
    remarks(ui, &recipe.parsed(attributes), attributes.is_empty());
    wrapped(ui, |ui| {
        for (label, hint, text) in words::presets(attributes) {
            if choice(ui, recipe.caption == text, &label, &hint) {
                recipe.caption = text;
            }
        }
    });
    ui.add_space(size::HALF);
    let hint = "How strongly the words count: 0 not at all, 1 as they were learned; beyond, what they change is made larger (classifier-free guidance).";
    let guidance = &mut recipe.settings.guidance;
    let most = SLIDER_GUIDANCE.max(guidance.abs()).min(MOST_GUIDANCE);
    let least = guidance.min(0.0);
    let range = Slider::new(guidance, least..=most).max_decimals(2);
    slider(ui, "guidance", hint, range);
}

/// What of a caption did nothing, or not what one may think.
pub(super) fn remarks(ui: &mut Ui, parsed: &Parsed, knows_none: bool) {
    let colors = theme::palette(ui.ctx());
    let mut warn = |words: String| {
        ui.label(RichText::new(words).small().color(colors.warning));
    };
    if knows_none {
        warn("This network learned no words: it draws what it likes.".into());
        return;
    }
    let unknown: Vec<String> = parsed
        .unknown
        .iter()
        .take(6)
        .map(|w| format!("“{w}”"))
        .collect();
    if !unknown.is_empty() {
        let more = parsed.unknown.len() - unknown.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        warn(format!(
            "Means nothing to the network: {}{more}.",
            unknown.join(", ")
        ));
    }
    if !parsed.overruled.is_empty() {
        warn("It contradicts itself: what was said last holds.".into());
    }
    if parsed.n_unread > 0 {
        warn(format!(
            "{} more words were not read.",
            grouped(parsed.n_unread)
        ));
    }
}

fn chance(view: &mut StepsView, ui: &mut Ui) {
    let began_at = view.way().began_at();
    let seed = &mut view.ways[view.shown].recipe.seed;
    ui.horizontal(|ui| {
        let hint = "The same seed draws the same noise, and so with the same words and settings the same picture.";
        let label = ui.label("seed").on_hover_text(hint);
        ui.add(DragValue::new(seed)).labelled_by(label.id).on_hover_text(hint);
        if ui.button("Next seed").on_hover_text("Other noise, the same words.").clicked() {
            *seed = seed.wrapping_add(1);
        }
    });
    if let Some(number) = began_at {
        caption(
            ui,
            format!("On this way another seed puts new noise on what was seen at step {number}."),
        );
    }
}

/// The ways that were taken, and one more from the step on the stage.
fn ways(view: &mut StepsView, ui: &mut Ui) {
    let mut chosen = None;
    if view.ways.len() > 1 {
        wrapped(ui, |ui| {
            for (i, way) in view.ways.iter().enumerate() {
                let hint = format!("Seed {}: {}", way.recipe.seed, way.recipe.caption);
                if choice(ui, i == view.shown, &way.name(i), &hint) {
                    chosen = Some(i);
                }
            }
        });
    }
    if let Some(i) = chosen.filter(|i| *i != view.shown) {
        view.shown = i;
        view.ask_again(i);
    }
    let way: &Way = view.way();
    let can = way.branch_at(way.frame()).is_some() && way.selected.is_some();
    let words = match way.here().filter(|_| can) {
        Some(kept) => format!("Another way from step {}", kept.number),
        None => "Another way from here".into(),
    };
    let hint = "What came before stays. Then change words, guidance or seed: only the steps from here on are made anew.";
    let button = ui.add_enabled(can, Button::new(words)).on_hover_text(hint);
    let missing = "Go to a step on the film first.";
    if button.on_disabled_hover_text(missing).clicked() {
        view.branch();
    }
    if view.way().began_at().is_some() {
        caption(
            ui,
            "Words, guidance, seed and settings on this bench are those of the way on the stage.",
        );
    }
}

fn settings(settings: &mut Settings, ui: &mut Ui) {
    let hint = "Times that some noise is taken off, 1 to 1,000. The network was trained on 1,000 levels; most can be left out.";
    let range = Slider::new(&mut settings.n_steps, 1..=N_LEVELS).logarithmic(true);
    slider(ui, "steps", hint, range);
    ui.label("sampler");
    wrapped(ui, |ui| {
        for sampler in Sampler::ALL {
            let is = std::mem::discriminant(&settings.sampler) == std::mem::discriminant(&sampler);
            if choice(ui, is, sampler.name(), sampler_hint(sampler)) && !is {
                settings.sampler = sampler;
                settings.spacing = sampler.spacing();
            }
        }
    });
    if let Sampler::Ddim { eta } = &mut settings.sampler {
        let hint = "New noise in every step: 0 none, the picture is fixed by where it begins; 1 as much as DDPM.";
        slider(
            ui,
            "new noise η",
            hint,
            Slider::new(eta, 0.0..=1.0).max_decimals(2),
        );
    }
    ui.label("levels it stops at");
    wrapped(ui, |ui| {
        for (spacing, label, hint) in SPACINGS {
            if choice(ui, settings.spacing == spacing, label, hint) {
                settings.spacing = spacing;
            }
        }
    });
    let hint = "Before each step the clean picture is cut off at black and white (clamp): without it strong guidance explodes.";
    ui.checkbox(&mut settings.is_clamped, "Keep within black and white")
        .on_hover_text(hint);
}

const SPACINGS: [(Spacing, &str, &str); 3] = [
    (
        Spacing::Trailing,
        "Even",
        "Every so manyth level, counted down from pure noise (trailing).",
    ),
    (
        Spacing::Leading,
        "Even, from 0",
        "Every so manyth level, counted up from 0: it begins a little below pure noise (leading).",
    ),
    (
        Spacing::Karras,
        "Karras",
        "Most stops where detail appears (Karras et al. 2022).",
    ),
];

fn sampler_hint(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::Ddpm => {
            "Draws what may have been one step before: new noise in every step (Ho et al. 2020)."
        }
        Sampler::Ddim { .. } => {
            "Takes off the noise that is seen and puts less of it back (Song et al. 2021)."
        }
        Sampler::Euler => "A straight line to the next noise level (Karras et al. 2022).",
        Sampler::EulerAncestral => "Euler below the next level, then new noise up to it.",
        Sampler::Heun => {
            "Euler, then again with the mean of the slopes at both ends: twice the work a step."
        }
    }
}

fn mixture(recipe: &mut Recipe, ui: &mut Ui, denoiser: &Arc<Denoiser>) {
    let attributes = &denoiser.about().attributes;
    let label = ui.label("second caption");
    let field = TextEdit::multiline(&mut recipe.second).desired_rows(2);
    let field = field.char_limit(MAX_CAPTION).desired_width(f32::INFINITY);
    let hint = words::another_caption(attributes);
    ui.add(field.hint_text(hint)).labelled_by(label.id);
    if recipe.second.trim().is_empty() {
        caption(
            ui,
            "Two captions become two vectors; between them lies a picture of both.",
        );
        return;
    }
    let parsed = crate::labs::diffusion::captions::parse(&recipe.second, attributes);
    remarks(ui, &parsed, false);
    let hint =
        "0: the first caption alone, 1: the second alone; between, the two vectors are mixed.";
    let range = Slider::new(&mut recipe.share, 0.0..=1.0).max_decimals(2);
    slider(ui, "share of the second", hint, range);
}

/// What is known of the network, in sentences.
fn told(about: &About) -> String {
    let made = format!(
        "{}: {} weights, {} × {} pixels.",
        about.name,
        grouped(about.n_weights),
        about.side,
        about.side
    );
    let Some(steps) = about.steps else {
        return made;
    };
    format!(
        "{made} {} steps of training: {}",
        grouped(steps),
        about.source
    )
}
