//! The bench: hear it, which picture, how it is read, and what can be kept.

use super::super::views::Desk;
use super::worker::From;
use super::{MOST_SECS, PicturesView};
use crate::labs::sound::pictures::{Drawn, SoundPicture, to_png};
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
pub(super) const PLAY: [&str; 2] = ["Play", "Hear the picture."];
/// Steps of the search.
pub(super) const STEPS: [usize; 5] = [0, 8, 32, 64, 128];

pub(super) fn show(view: &mut PicturesView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let is_playing = view.is_playing(desk);
    let obstacle = desk.player.obstacle();
    let can = view.shown().is_some() && (obstacle.is_none() || is_playing);
    let hint = match (&obstacle, view.shown()) {
        (Some(obstacle), _) => obstacle.as_str(),
        (None, None) => "There is nothing to play yet: take a picture first.",
        _ => PLAY[1],
    };
    let hints = [hint, "Be silent; it goes on from here."];
    if run_button(ui, is_playing, can, [PLAY[0], "Pause"], hints).clicked() {
        view.toggle(desk);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Picture");
            pictures(view, ui, desk, cx);
            reading(view, ui);
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

fn pictures(view: &mut PicturesView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    let name = view.taken.as_ref().map(|taken| taken.name.clone());
    wrapped(ui, |ui| {
        for drawn in Drawn::ALL {
            let is_here = name.as_deref() == Some(drawn.name());
            if choice(ui, is_here, drawn.name(), drawn.teaches()) {
                view.draw(drawn);
            }
        }
        if let Some(sound) = &desk.sound {
            let label = format!("{} as a picture", sound.sound.name());
            let hint = format!(
                "The first {MOST_SECS} s of the sound of “See and hear”, drawn in Riffusion's format."
            );
            if choice(ui, name.as_deref() == Some(&label), &label, &hint) {
                let end = sound.sound.secs().min(MOST_SECS);
                view.take_from(From::Sound(sound.sound.clone(), [0.0, end]), cx);
            }
        }
    });
    caption(ui, "Or drop a PNG or JPEG on the window.");
}

fn reading(view: &mut PicturesView, ui: &mut Ui) {
    let Some(reading) = &mut view.reading else {
        return;
    };
    ui.label("Loud is");
    wrapped(ui, |ui| {
        let hint = "As in a photograph of lights in the dark.";
        if choice(ui, reading.white_is_loud, "White", hint) {
            reading.white_is_loud = true;
        }
        let hint = "As in Riffusion's pictures: ink on paper.";
        if choice(ui, !reading.white_is_loud, "Black", hint) {
            reading.white_is_loud = false;
        }
    });
    let params = &mut reading.params;
    let mut step = params.step_size_millis;
    let slide = Slider::new(&mut step, 5.0..=40.0)
        .suffix(" ms")
        .fixed_decimals(0);
    slider(
        ui,
        "A column lasts",
        "How fast the picture goes by: Riffusion's columns last 10 ms.",
        slide,
    );
    params.step_size_millis = step.round();
    let most = f64::from(params.sample_rate_hz) / 2.0;
    let mut top = params.max_frequency_hz;
    let slide = Slider::new(&mut top, 500.0..=most)
        .logarithmic(true)
        .suffix(" Hz")
        .fixed_decimals(0);
    slider(
        ui,
        "The top row is",
        "The highest frequency: Riffusion's pictures end at 10,000 Hz.",
        slide,
    );
    params.max_frequency_hz = top.round().min(most);
}

fn search(view: &mut PicturesView, ui: &mut Ui) {
    let search = &mut view.search;
    ui.label("Steps of Griffin-Lim");
    wrapped(ui, |ui| {
        for n_steps in STEPS {
            let hint = "A picture has no phase; every step finds one that fits better. Riffusion makes 32.";
            if choice(ui, search.n_steps == n_steps, &n_steps.to_string(), hint) {
                search.n_steps = n_steps;
            }
        }
    });
    let mut momentum = search.momentum;
    let slide = Slider::new(&mut momentum, 0.0..=0.99).fixed_decimals(2);
    let hint = "How far each step goes on in the direction of the last.";
    slider(ui, "Momentum", hint, slide);
    search.momentum = momentum;
    ui.horizontal(|ui| {
        let hint = "The random phase that the search begins with.";
        let label = ui.label("Seed").on_hover_text(hint);
        let drag = ui.add(DragValue::new(&mut search.seed));
        drag.labelled_by(label.id).on_hover_text(hint);
        let next = ui.button("Next seed").on_hover_text("Begin elsewhere.");
        if next.clicked() {
            search.seed = search.seed.wrapping_add(1);
        }
    });
}

/// What can be kept.
fn keep(view: &mut PicturesView, ui: &mut Ui) {
    let (Some(taken), Some((_, sound))) = (view.taken.clone(), view.shown().cloned()) else {
        caption(ui, "What was heard can be saved as WAV, bit for bit.");
        return;
    };
    wrapped(ui, |ui| {
        let hint = "The samples exactly as they are played, in 32-bit floating point.";
        if ui.button("Save the sound…").on_hover_text(hint).clicked() {
            let sound = sound.clone();
            view.saving.ask(Document {
                heading: "Save the sound".into(),
                file_name: "glassbox-picture.wav".into(),
                kind: Some(["WAV", "wav"]),
                write: Arc::new(move |path| {
                    let samples = sound.interleaved(0..usize::MAX)?;
                    let wav = wav_bytes(&samples, sound.sample_rate_hz(), 1, Depth::Float32)?;
                    write_whole(path, &wav)
                }),
            });
        }
        let Some(reading) = view.reading else { return };
        let hint = "The picture in Riffusion's format, with how it is read in its EXIF tags: dropping it here restores that.";
        if ui.button("Save the picture…").on_hover_text(hint).clicked() {
            let mut picture = taken.looked.picture.clone();
            if reading.white_is_loud {
                for level in &mut picture.pixels {
                    *level = 255 - *level;
                }
            }
            let mut params = reading.params;
            params.num_frequencies = picture.height;
            let of = SoundPicture {
                picture,
                params,
                largest: reading
                    .largest
                    .unwrap_or(crate::labs::sound::pictures::USUAL_LARGEST),
                secs: sound.secs(),
            };
            let settings = json!({
                "sound": taken.name,
                "seed": view.search.seed,
                "steps": view.search.n_steps,
                "momentum": view.search.momentum,
            });
            view.saving.ask(Document {
                heading: "Save the picture".into(),
                file_name: "glassbox-spectrogram.png".into(),
                kind: Some(["PNG", "png"]),
                write: Arc::new(move |path| {
                    let png = to_png(&of, &[("glassbox", &settings.to_string())])?;
                    write_whole(path, &png)
                }),
            });
        }
    });
}
