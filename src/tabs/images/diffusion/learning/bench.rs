//! The bench: run and pause, what is learned from, and every setting.

use super::film::Film;
use super::setup::{From, Setup};
use super::{LearningView, keeping};
use crate::jobs::Job;
use crate::labs::diffusion::training::Settings;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::tabs::{Notice, TabContext};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, TextEdit, Ui, vec2};
use std::sync::Arc;

/// What starting is called, and what it does.
pub(super) const START: [&str; 2] = [
    "Start training",
    "A network that knows nothing begins to learn what is under noise.",
];
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

pub(super) fn show(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    run(view, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Try");
            presets(view, ui, cx);
            group(ui, "Learn from");
            source(view, ui, cx);
            ways(&mut view.film, ui);
            group(ui, "While it trains");
            settings(view, ui);
            group(ui, "From the start");
            from_the_start(view, ui);
            group(ui, "Keep");
            keeping::bench(view, ui);
            ui.add_space(size::GROUP);
        });
}

/// While an earlier snapshot is on the stage: another way can begin there.
fn go_on_from_here(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let Some(frame) = view.film.selected().and(view.film.here()) else {
        return;
    };
    let label = format!("Go on from step {}", grouped(frame.snapshot.step));
    let can = view.film.can_go_on_from_here();
    let hint = "Train on from this network with the settings below; what came after is kept as another way.";
    let missing = "The network of this snapshot is no longer kept: those of all snapshots would take too much memory.";
    let button = ui.add_enabled(can, Button::new(label)).on_hover_text(hint);
    if button.on_disabled_hover_text(missing).clicked() {
        view.go_on_from_here(cx);
    }
}

fn run(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let running = view.is_training();
    let paused = view.is_paused();
    let [start, start_hint] = if paused {
        [
            "Go on",
            "Train on from where it stands, with the settings below.",
        ]
    } else {
        START
    };
    let hints = [
        start_hint,
        "Wait after the current step. Nothing is lost: go on at any time.",
    ];
    let enabled = running || view.setup.source().is_some();
    if run_button(ui, running, enabled, [start, "Pause"], hints).clicked() {
        view.press_run(cx);
    }
    go_on_from_here(view, ui, cx);
    if running || paused {
        let started = view.started.as_ref();
        let old = started.is_some_and(|started| !started.same_network(&view.setup));
        ui.horizontal(|ui| {
            ui.spacing_mut().button_padding = vec2(8.0, 3.0);
            ui.spacing_mut().interact_size.y = 28.0;
            let hint = "Let go of what was learned and begin again with everything chosen below.";
            if ui.button("Start anew").on_hover_text(hint).clicked() {
                view.start_anew(cx);
            }
            if old {
                caption(ui, "needed for what was changed");
            }
        });
    }
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
        view.start_anew(cx);
    }
    let on = |preset: &&Preset| changed(preset, &view.setup) == view.setup;
    match PRESETS.iter().find(on) {
        Some((_, look_at, _)) => caption(ui, *look_at),
        None => caption(ui, "Each begins a training at once."),
    };
}

fn source(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let setup = &mut view.setup;
    wrapped(ui, |ui| {
        for (from, label, hint) in [
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
        ] {
            if choice(ui, setup.from == from, label, hint) {
                setup.from = from;
            }
        }
    });
    if setup.from == From::Folder {
        folder(view, ui, cx);
    }
    let Some(prepared) = &view.prepared else {
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

fn folder(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut view.setup.folder)
            .desired_width(ui.available_width() - 92.0)
            .hint_text("path of a folder");
        let field = ui.add(field).on_hover_text(
            "A folder of PNG or JPEG pictures; dropping it on the window does the same.",
        );
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Folder of pictures"));
        let hint = "Choose a folder in the system's own dialog.";
        let button = ui.add_enabled(view.choosing.is_none(), Button::new("Choose…"));
        if button.on_hover_text(hint).clicked() {
            let wake = Arc::clone(&cx.wake);
            let job = Job::spawn("choose a folder", wake, |emit| {
                let dialog = rfd::FileDialog::new().set_title("A folder of pictures");
                _ = dialog.pick_folder().map(emit);
            });
            match job {
                Ok(job) => view.choosing = Some(job),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
    });
}

/// The ways that were taken, where there are several.
fn ways(film: &mut Film, ui: &mut Ui) {
    let (names, shown) = film.ways();
    if names.is_empty() {
        return;
    }
    group(ui, "Ways taken");
    for (i, name) in names.iter().enumerate() {
        let hint = "Put the film of this way on the strip below.";
        if choice(ui, i == shown, name, hint) && i != shown {
            film.show_way(i);
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
