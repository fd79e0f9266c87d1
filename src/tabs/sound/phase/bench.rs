//! The bench: hear it, which stretch, how the phase is looked for.

use super::super::views::Desk;
use super::PhaseView;
use crate::labs::sound::made::Made;
use crate::labs::sound::phase::MOST_SECS;
use crate::labs::sound::{Depth, wav_bytes};
use crate::labs::writing::write_whole;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::tabs::saving::Document;
use crate::theme::size;
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, Ui};
use serde_json::json;
use std::sync::Arc;

/// What the run button says and does.
pub(super) const PLAY: [&str; 2] = ["Play", "Hear the trial on the stage."];
/// Lengths of the window, in samples.
pub(super) const LENGTHS: [usize; 5] = [512, 1024, 2048, 4096, 8192];

/// What a momentum does.
pub(super) fn momentum_words(momentum: f32) -> &'static str {
    if momentum > 0.0 {
        "With momentum each step goes on a little in the direction of the last: faster, though not always downhill."
    } else {
        "Without momentum the convergence never grows: Griffin and Lim proved it in 1984."
    }
}

pub(super) fn show(view: &mut PhaseView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let is_playing = view.is_playing(desk);
    let obstacle = desk.player.obstacle();
    let can = view.shown().is_some() && (obstacle.is_none() || is_playing);
    let hint = match (&obstacle, view.shown()) {
        (Some(obstacle), _) => obstacle.as_str(),
        (None, None) => "There is nothing to play yet: take a sound first.",
        _ => PLAY[1],
    };
    let hints = [hint, "Be silent; it goes on from here."];
    if run_button(ui, is_playing, can, [PLAY[0], "Pause"], hints).clicked() {
        view.toggle(desk);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Sound");
            sounds(view, ui, desk, cx);
            group(ui, "Search");
            search(view, ui);
            let hint = "Search no further; what was found stays.";
            let stop = Button::new("Stop the search");
            if ui
                .add_enabled(view.is_busy(), stop)
                .on_hover_text(hint)
                .clicked()
            {
                view.stop_search();
            }
            group(ui, "Hearing");
            desk.player.controls(ui);
            group(ui, "Keep");
            keep(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn sounds(view: &mut PhaseView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    wrapped(ui, |ui| {
        for made in Made::ALL {
            let name = desk.sound.as_ref().map(|it| it.sound.name());
            if choice(ui, name == Some(made.name()), made.name(), made.teaches()) {
                view.make(made, cx);
            }
        }
    });
    let total = desk.sound.as_ref().map_or(0.0, |it| it.sound.secs());
    if total > 1.0 {
        let most = (total - 0.5).max(0.0);
        let mut from = view.chosen.from.min(most);
        let begin = Slider::new(&mut from, 0.0..=most)
            .suffix(" s")
            .fixed_decimals(1);
        slider(ui, "From", "Where the stretch begins.", begin);
        view.chosen.from = from;
        let mut secs = view.chosen.secs;
        let length = Slider::new(&mut secs, 0.5..=MOST_SECS)
            .suffix(" s")
            .fixed_decimals(1);
        slider(ui, "Length", "How much of the sound is tried.", length);
        view.chosen.secs = secs;
    }
}

fn search(view: &mut PhaseView, ui: &mut Ui) {
    let settings = &mut view.chosen.settings;
    let mut momentum = settings.momentum;
    let slide = Slider::new(&mut momentum, 0.0..=0.99).fixed_decimals(2);
    let hint = "How far each step goes on in the direction of the last. 0 is the algorithm of 1984, 0.99 what Riffusion and librosa use.";
    slider(ui, "Momentum", hint, slide);
    settings.momentum = momentum;
    caption(ui, momentum_words(momentum));
    ui.label("Window length (samples)");
    wrapped(ui, |ui| {
        for n_fft in LENGTHS {
            let hint = "How much sound one column hears. Every window overlaps the next by three quarters: what they share is what tells the phase.";
            if choice(ui, settings.n_fft == n_fft, &n_fft.to_string(), hint) {
                settings.n_fft = n_fft;
                settings.hop_length = n_fft / 4;
            }
        }
    });
    ui.horizontal(|ui| {
        let hint = "The random phase that the search begins with.";
        let label = ui.label("Seed").on_hover_text(hint);
        let drag = ui.add(DragValue::new(&mut settings.seed));
        drag.labelled_by(label.id).on_hover_text(hint);
        let next = ui.button("Next seed").on_hover_text("Begin elsewhere.");
        if next.clicked() {
            settings.seed = settings.seed.wrapping_add(1);
        }
    });
}

/// What can be kept of the trial on the stage.
fn keep(view: &mut PhaseView, ui: &mut Ui) {
    let Some(trial) = view.shown().cloned() else {
        caption(ui, "What was heard can be saved as WAV, bit for bit.");
        return;
    };
    let stem = trial.phase.name().to_lowercase().replace(' ', "-");
    wrapped(ui, |ui| {
        let hint = "The samples exactly as they are played, in 32-bit floating point.";
        if ui.button("Save the sound…").on_hover_text(hint).clicked() {
            let sound = trial.sound.clone();
            view.saving.ask(Document {
                heading: "Save the sound".into(),
                file_name: format!("glassbox-{stem}.wav"),
                kind: Some(["WAV", "wav"]),
                write: Arc::new(move |path| {
                    let samples = sound.interleaved(0..usize::MAX)?;
                    let rate = sound.sample_rate_hz();
                    let wav = wav_bytes(&samples, rate, sound.n_channels(), Depth::Float32)?;
                    write_whole(path, &wav)
                }),
            });
        }
        let hint =
            "The convergence after every step and of every trial, with the settings, as JSON.";
        if ui.button("Save the numbers…").on_hover_text(hint).clicked() {
            let numbers = numbers(view);
            view.saving.ask(Document {
                heading: "Save the numbers".into(),
                file_name: "glassbox-phase.json".into(),
                kind: Some(["JSON", "json"]),
                write: Arc::new(move |path| write_whole(path, numbers.as_bytes())),
            });
        }
    });
}

fn numbers(view: &PhaseView) -> String {
    let asked = view.tried.asked.as_ref();
    let settings = asked.map(|asked| &asked.settings);
    let trials = view.tried.trials.iter().map(|it| {
        json!({
            "phase": it.trial.phase.name(),
            "spectral_convergence": it.trial.convergence,
        })
    });
    let document = json!({
        "sound": view.tried.name,
        "secs": asked.map(|asked| asked.secs),
        "n_fft": settings.map(|it| it.n_fft),
        "hop_length": settings.map(|it| it.hop_length),
        "momentum": settings.map(|it| it.momentum),
        "seed": settings.map(|it| it.seed),
        "trials": trials.collect::<Vec<_>>(),
        "convergences": view.tried.curve,
    });
    format!("{document:#}\n")
}
