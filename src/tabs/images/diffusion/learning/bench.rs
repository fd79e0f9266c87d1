//! The bench: run and pause, what is learned from, and every setting.

use super::LearningView;
use super::setup::Setup;
use crate::labs::diffusion::training::Settings;
use crate::tabs::TabContext;
use crate::tabs::images::learned_from::{From, Offer, choices};
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, Ui};

/// Reasons why pictures were left out that are listed.
const N_REASONS: usize = 12;

/// A training to try: its name, what to look at, and what it changes.
type Preset = (&'static str, &'static str, fn(&mut Setup));

const PRESETS: [Preset; 3] = [
    (
        "Try: digits in three minutes",
        "Blots after seconds, strokes within a minute, then digits: each row of the grid asks for its own.",
        |setup| {
            *setup = Setup {
                seed: setup.seed,
                ..Setup::default()
            };
        },
    ),
    (
        "Try: faces in ten minutes",
        "First colours come to the right places, then hair and skin, last glasses and mouths. The error falls first where there is much noise, which is about the whole picture.",
        |setup| {
            *setup = Setup {
                from: From::Faces,
                minutes: 10.0,
                snapshot_every: 20.0,
                seed: setup.seed,
                ..Setup::default()
            };
        },
    ),
    (
        "Try: without words",
        "Nothing is told of any picture: it learns to draw digits, but you can no longer say which.",
        |setup| {
            *setup = Setup {
                settings: Settings {
                    drop_all: 1.0,
                    ..Settings::default()
                },
                seed: setup.seed,
                ..Setup::default()
            };
        },
    ),
];

/// What may be learned from.
const OFFERS: [Offer; 3] = [
    (
        From::Digits,
        "Digits",
        "8,000 digits in handwriting fonts, 16 × 16 in grey: quick to learn.",
    ),
    (
        From::Faces,
        "Faces",
        "4,000 drawn faces that come with Glassbox (CC0), and what each shows in words.",
    ),
    (
        From::Folder,
        "A folder of yours",
        "Pictures of one kind, PNG or JPEG; there are no words for them.",
    ),
];

pub(super) fn show(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    view.course.run_bench(&view.setup, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Try");
            presets(view, ui, cx);
            group(ui, "Learn from");
            source(view, ui, cx);
            view.course.ways_bench(ui);
            group(ui, "While it trains");
            settings(view, ui);
            group(ui, "From the start");
            from_the_start(view, ui);
            group(ui, "Keep");
            view.course.keep(&view.setup, ui);
            ui.add_space(size::GROUP);
        });
}

fn presets(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let changed = |preset: &Preset, setup: &Setup| {
        let mut changed = setup.clone();
        (preset.2)(&mut changed);
        changed
    };
    let mut chosen = None;
    wrapped(ui, |ui| {
        for preset in &PRESETS {
            let is_on = changed(preset, &view.setup) == view.setup;
            let button = Button::selectable(is_on, preset.0).frame_when_inactive(true);
            if ui.add(button).on_hover_text(preset.1).clicked() {
                chosen = Some(preset);
            }
        }
    });
    if let Some(preset) = chosen {
        view.setup = changed(preset, &view.setup);
        view.course.start_anew(&view.setup, cx);
    }
    let on = |preset: &&Preset| changed(preset, &view.setup) == view.setup;
    match PRESETS.iter().find(on) {
        Some((_, look_at, _)) => caption(ui, *look_at),
        None => caption(ui, "Each begins a training at once."),
    };
}

fn source(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let setup = &mut view.setup;
    if let Some(from) = choices(ui, setup.from, &OFFERS) {
        setup.from = from;
    }
    if setup.from == From::Folder {
        view.choosing.show(ui, &mut setup.folder, cx);
    }
    let Some(prepared) = &view.course.prepared else {
        return;
    };
    let words = format!(
        "{} pictures of {} × {}; a network of {} weights.",
        grouped(prepared.reals.len()),
        prepared.reals.side,
        prepared.reals.side,
        grouped(prepared.n_weights)
    );
    caption(ui, words);
    if !prepared.left_out.is_empty() {
        caption(ui, "Left out:");
        for reason in prepared.left_out.iter().take(N_REASONS) {
            caption(ui, reason);
        }
    }
}

fn settings(view: &mut LearningView, ui: &mut Ui) {
    let setup = &mut view.setup;
    let settings = &mut setup.settings;
    slider(
        ui,
        "learning rate",
        "How far one step moves the weights (AdamW), once warmed up over 100 steps; it falls to nearly nothing by the end.",
        Slider::new(&mut settings.learning_rate, 1e-5..=1e-2)
            .logarithmic(true)
            .custom_formatter(|rate, _| format!("{rate:.5}")),
    );
    slider(
        ui,
        "batch (pictures in a step)",
        "Many give a steadier gradient and slower steps.",
        Slider::new(&mut settings.batch, 4..=128).logarithmic(true),
    );
    slider(
        ui,
        "average of the weights (EMA)",
        "The pictures shown come from the weights averaged over many steps; 0 shows the network as it is now.",
        Slider::new(&mut settings.ema, 0.0..=0.9999).max_decimals(4),
    );
    slider(
        ui,
        "words held back: one",
        "How often one attribute of a picture is not told, so that the network learns to fill it in.",
        Slider::new(&mut settings.drop_each, 0.0..=1.0).max_decimals(2),
    );
    slider(
        ui,
        "words held back: all",
        "How often nothing is told of a picture: without it there is no guidance (Ho & Salimans 2022).",
        Slider::new(&mut settings.drop_all, 0.0..=1.0).max_decimals(2),
    );
    ui.checkbox(&mut settings.mirror, "Half of the pictures mirrored")
        .on_hover_text(
            "For small sets of pictures; not for digits, which are no longer digits then.",
        );
    slider(
        ui,
        "seconds between snapshots",
        "Each draws 16 pictures, which takes time from the training. Acts on the next start or going on.",
        Slider::new(&mut setup.snapshot_every, 2.0..=120.0)
            .logarithmic(true)
            .max_decimals(0),
    );
}

fn from_the_start(view: &mut LearningView, ui: &mut Ui) {
    let setup = &mut view.setup;
    if setup.from != From::Digits {
        ui.label("pixels along a side");
        wrapped(ui, |ui| {
            for side in [16, 32, 64] {
                let label = format!("{side} × {side}");
                let hint = "The network sees patches: a larger side costs little more, but details take longer to learn.";
                if choice(ui, setup.side == side, &label, hint) {
                    setup.side = side;
                }
            }
        });
    }
    slider(
        ui,
        "minutes (0: without end)",
        "Training stops by itself after so many minutes of work; it can go on afterwards.",
        Slider::new(&mut setup.minutes, 0.0..=600.0)
            .logarithmic(true)
            .smallest_positive(0.5)
            .max_decimals(1),
    );
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let hint = "The same seed begins with the same weights and the same noise.";
        let label = ui.label("seed").on_hover_text(hint);
        ui.add(DragValue::new(&mut setup.seed))
            .labelled_by(label.id)
            .on_hover_text(hint);
    });
}
