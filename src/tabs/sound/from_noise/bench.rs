//! The bench: words, seed, how the noise is taken out, and what comes after a phrase.

use super::super::views::{Desk, ViewName};
use super::{Frame, FromNoiseView, Task, WALK_STOPS, keeping};
use crate::labs::diffusion::Sampler;
use crate::labs::diffusion::captions::Parsed;
use crate::labs::diffusion::sampling::Settings;
use crate::labs::sound::Sound;
use crate::labs::sound::generation::understand;
use crate::labs::sound::opening::of_sound;
use crate::labs::sound::phrases::{HOP_LENGTH, SAMPLE_RATE_HZ, SIDE};
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::tabs::{Notice, TabContext};
use crate::theme::{ColorMap, size};
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, TextEdit, Ui};
use std::ops::Range;
use std::sync::Arc;

/// What the run button says and does.
pub(super) const MAKE: [&str; 2] = ["Make", "Begin with noise, and take it out step by step."];
/// Words to begin with.
pub(super) const EXAMPLES: [&str; 4] = [
    "slow minor piano chords",
    "fast drums",
    "medium major marimba arpeggio",
    "slow minor choir melody",
];
/// Columns that a part which is made anew has, at least.
const LEAST_COLUMNS: usize = 4;

pub(super) fn show(
    view: &mut FromNoiseView,
    ui: &mut Ui,
    desk: &mut Desk,
    cx: &mut TabContext<'_>,
) {
    let is_making = view.is_making();
    let can = view.denoiser.is_some();
    let hint = if can {
        MAKE[1]
    } else {
        "The network is being opened."
    };
    let hints = [hint, "Stop here: the steps so far stay."];
    if run_button(ui, is_making, can, [MAKE[0], "Stop"], hints).clicked() {
        view.press_make(cx);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            words(view, ui);
            group(ui, "From noise");
            settings(view, ui);
            group(ui, "Go further");
            further(view, ui, cx);
            group(ui, "Hearing");
            hearing(view, ui, desk, cx);
            desk.player.controls(ui);
            group(ui, "Keep");
            keeping::bench(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn words(view: &mut FromNoiseView, ui: &mut Ui) {
    let label = ui.label("Caption");
    let edit = TextEdit::multiline(&mut view.wish.caption)
        .desired_rows(2)
        .desired_width(f32::INFINITY)
        .hint_text("slow minor piano chords");
    ui.add(edit).labelled_by(label.id);
    wrapped(ui, |ui| {
        for words in EXAMPLES {
            if choice(ui, view.wish.caption == words, words, "Take these words.") {
                words.clone_into(&mut view.wish.caption);
            }
        }
    });
    if let Some(denoiser) = &view.denoiser {
        let understood = understand(denoiser, &view.wish).caption;
        let attributes = &denoiser.about().attributes;
        let known = understood
            .rows
            .iter()
            .zip(attributes)
            .map(|(&row, attribute)| {
                let value = (row as usize).checked_sub(1);
                let value = value.and_then(|value| attribute.values.get(value));
                value.map_or_else(|| format!("any {}", attribute.name), Clone::clone)
            });
        let known: Vec<String> = known.collect();
        caption(ui, format!("Understood: {}.", known.join(" · ")));
        if let Some(unknown) = unknown(&understood) {
            caption(ui, unknown);
        }
    }
}

fn unknown(parsed: &Parsed) -> Option<String> {
    let words: Vec<String> = parsed
        .unknown
        .iter()
        .take(6)
        .map(|it| format!("“{it}”"))
        .collect();
    (!words.is_empty()).then(|| format!("Means nothing here: {}.", words.join(", ")))
}

fn settings(view: &mut FromNoiseView, ui: &mut Ui) {
    let wish = &mut view.wish;
    ui.horizontal(|ui| {
        let label = ui
            .label("Seed")
            .on_hover_text("Which noise it begins with.");
        ui.add(DragValue::new(&mut wish.seed)).labelled_by(label.id);
        let hint = "Take the next seed: other noise, another phrase.";
        if ui.button("Another").on_hover_text(hint).clicked() {
            wish.seed = wish.seed.wrapping_add(1);
        }
    });
    let guidance = Slider::new(&mut wish.settings.guidance, 0.0..=8.0).fixed_decimals(1);
    let hint = "How strongly the words count: 0 not at all, 1 as they were learned, 3 usual.";
    slider(ui, "Guidance", hint, guidance);
    let steps = Slider::new(&mut wish.settings.n_steps, 1..=100).logarithmic(true);
    let hint = "How many steps from noise to phrase: more are finer, and take longer.";
    slider(ui, "Steps", hint, steps);
    ui.label("Scheduler");
    wrapped(ui, |ui| {
        for sampler in [
            Sampler::DDIM,
            Sampler::Ddpm,
            Sampler::Euler,
            Sampler::EulerAncestral,
            Sampler::Heun,
        ] {
            let is_chosen = wish.settings.sampler == sampler;
            let hint = "What computes each step.";
            if choice(ui, is_chosen, sampler.name(), hint) {
                wish.settings = Settings {
                    n_steps: wish.settings.n_steps,
                    guidance: wish.settings.guidance,
                    ..Settings::of(sampler)
                };
            }
        }
    });
    let iterations = Slider::new(&mut wish.n_iterations, 0..=100);
    let hint = "Steps of Griffin and Lim's search for the phase, which the picture lacks.";
    slider(ui, "Griffin-Lim iterations", hint, iterations);
}

/// Walks, parts made anew, and what comes next.
fn further(view: &mut FromNoiseView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let label = ui.label("Walk to");
    let edit = TextEdit::singleline(&mut view.toward)
        .desired_width(f32::INFINITY)
        .hint_text("fast major flute melody");
    ui.add(edit).labelled_by(label.id);
    let is_free = view.denoiser.is_some() && !view.is_making();
    let can = is_free && !view.toward.trim().is_empty();
    let hint = format!(
        "{WALK_STOPS} phrases from the same noise, whose words go from the caption to this one."
    );
    if ui
        .add_enabled(can, Button::new("Walk"))
        .on_hover_text(hint)
        .clicked()
    {
        view.begin(Task::Walk(WALK_STOPS), cx);
    }
    let whole = view.shown().filter(|_| view.is_whole);
    let whole = whole
        .filter(|it| it.width() >= SIDE)
        .map(|it| Arc::clone(&it.levels));
    let columns = view.shown().and_then(|shown| selected(view, shown));
    ui.horizontal_wrapped(|ui| {
        let can = is_free && whole.is_some() && columns.is_some();
        let hint = "Make the selected part anew, with the words and the seed as they are now; the rest stays. Drag over the picture to select.";
        let button = ui.add_enabled(can, Button::new("Make the selection anew"));
        let pressed = button.on_hover_text(hint).on_disabled_hover_text(hint).clicked();
        if let (true, Some(whole), Some(columns)) = (pressed, &whole, columns.clone()) {
            view.begin(Task::Part(Arc::clone(whole), columns), cx);
        }
        let hint = "Keep the last beats and make what comes after them, with the words and the seed as they are now.";
        let button = ui.add_enabled(is_free && whole.is_some(), Button::new("Go on"));
        let pressed = button.on_hover_text(hint).on_disabled_hover_text(hint).clicked();
        if let (true, Some(whole)) = (pressed, &whole) {
            let tempo = view.denoiser.as_ref().and_then(|denoiser| {
                let rows = understand(denoiser, &view.wish).caption.rows;
                (rows.get(2).copied().unwrap_or(0) as usize).checked_sub(1)
            });
            view.begin(Task::GoOn(Arc::clone(whole), tempo), cx);
        }
    });
}

/// The columns that are selected: as many as can be made at once, and not too few.
fn selected(view: &FromNoiseView, shown: &Frame) -> Option<Range<usize>> {
    let column =
        |secs: f64| (secs * f64::from(SAMPLE_RATE_HZ) / HOP_LENGTH as f64).round() as usize;
    let [from, to] = view.span.selection?.map(column);
    let end = to.min(shown.width()).min(from + SIDE);
    (end >= from + LEAST_COLUMNS).then_some(from..end)
}

fn hearing(view: &mut FromNoiseView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let hint = "Phrases are loops: the end goes over into the beginning.";
    ui.checkbox(&mut view.looping, "Loop").on_hover_text(hint);
    let sound = view
        .shown()
        .and_then(|it| Some((it.name.clone(), it.sound.clone()?)));
    let hint = "Take this sound to “See and hear”, where its spectrogram is computed again.";
    let button = ui.add_enabled(sound.is_some(), Button::new("See and hear it"));
    let pressed = button
        .on_hover_text(hint)
        .on_disabled_hover_text(hint)
        .clicked();
    if let (true, Some((name, sound))) = (pressed, sound) {
        let name = format!("{}: {name}", view.wish.caption);
        let sound = Sound::from_samples(&name, SAMPLE_RATE_HZ, 1, sound.samples.clone());
        match of_sound(sound) {
            Ok(opened) => {
                desk.take(opened);
                desk.wanted = Some(ViewName::See);
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
    ui.label("Colours");
    wrapped(ui, |ui| {
        for map in ColorMap::ALL {
            if choice(
                ui,
                view.colors == map,
                map.name(),
                "The colours from quiet to loud.",
            ) {
                view.colors = map;
                view.thumbs.0.clear();
            }
        }
    });
}
