//! The bench: run and pause, trainings to try, what is learned from, what helps, and every setting.

use super::PicturesView;
use super::film::Film;
use super::keeping;
use super::presets::{PRESETS, REMEDIES};
use super::setup::From;
use crate::jobs::Job;
use crate::labs::gan::Loss;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::tabs::{Notice, TabContext};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, Button, RichText, ScrollArea, Slider, TextEdit, Ui};
use std::sync::Arc;

/// What starting is called, and what it does.
pub(super) const START: [&str; 2] = [
    "Start training",
    "Two networks that know nothing begin to learn from the pictures chosen below.",
];
/// Reasons why pictures were left out that are listed.
const N_REASONS: usize = 12;

pub(super) fn show(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    run(view, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Try");
            presets(view, ui, cx);
            group(ui, "What helps");
            remedies(view, ui);
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

fn run(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
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
        "Wait after the current turn. Nothing is lost: go on at any time.",
    ];
    let enabled = running || view.setup.source().is_some();
    if run_button(ui, running, enabled, [start, "Pause"], hints).clicked() {
        view.press_run(cx);
    }
    go_on_from_here(view, ui, cx);
    if running || paused {
        let old = view
            .started
            .as_ref()
            .is_some_and(|started| !started.same_networks(&view.setup));
        ui.horizontal(|ui| {
            ui.spacing_mut().button_padding = egui::vec2(8.0, 3.0);
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

/// While an earlier snapshot is on the stage: another way can begin there.
fn go_on_from_here(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let Some(frame) = view.film.selected().and(view.film.here()) else {
        return;
    };
    let label = format!("Go on from turn {}", grouped(frame.snapshot.step));
    let can = view.film.can_go_on_from_here();
    let hint = "Train on from these networks with the settings below; what came after is kept as another way.";
    let missing = "The networks of this snapshot are no longer kept: those of all snapshots would take too much memory.";
    let button = ui.add_enabled(can, Button::new(label)).on_hover_text(hint);
    if button.on_disabled_hover_text(missing).clicked() {
        view.go_on_from_here(cx);
    }
}

fn presets(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let mut chosen = None;
    wrapped(ui, |ui| {
        for preset in &PRESETS {
            let button = Button::selectable(preset.is(&view.setup), preset.label);
            let button = ui.add(button.frame_when_inactive(true));
            if button.on_hover_text(preset.tooltip).clicked() {
                chosen = Some(preset);
            }
        }
    });
    if let Some(preset) = chosen {
        preset.apply(&mut view.setup);
        view.start_anew(cx);
    }
    match PRESETS.iter().find(|preset| preset.is(&view.setup)) {
        Some(preset) => caption(ui, preset.look_at),
        None => caption(ui, "Each begins a training at once."),
    };
}

fn remedies(view: &mut PicturesView, ui: &mut Ui) {
    wrapped(ui, |ui| {
        for remedy in &REMEDIES {
            let on = remedy.is_on(&view.setup.settings);
            let button = Button::selectable(on, remedy.label).frame_when_inactive(true);
            if ui.add(button).on_hover_text(remedy.tooltip).clicked() {
                remedy.toggle(&mut view.setup.settings);
            }
        }
    });
    caption(
        ui,
        "Press them while a training fails: they act on the next turn.",
    );
}

fn source(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let setup = &mut view.setup;
    wrapped(ui, |ui| {
        for (from, label, hint) in [
            (
                From::Faces,
                "Faces",
                "4,000 drawn faces that come with Glassbox (CC0).",
            ),
            (
                From::Digits,
                "Digits",
                "8,000 digits in handwriting fonts, 16 × 16 in grey: quick to learn.",
            ),
            (
                From::Folder,
                "A folder of yours",
                "At least 64 pictures of one kind: PNG or JPEG.",
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
        "{} pictures of {} × {}, {}.",
        grouped(prepared.reals.len()),
        prepared.reals.side,
        prepared.reals.side,
        if prepared.reals.n_channels == 1 {
            "in grey"
        } else {
            "in colour"
        }
    );
    caption(ui, words);
    if prepared.left_out.is_empty() {
        return;
    }
    let weak = theme::palette(ui.ctx()).text_weak;
    ui.label(RichText::new("Left out:").small().color(weak));
    for reason in prepared.left_out.iter().take(N_REASONS) {
        caption(ui, reason);
    }
}

fn folder(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
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

fn settings(view: &mut PicturesView, ui: &mut Ui) {
    let settings = &mut view.setup.settings;
    ui.label("loss");
    wrapped(ui, |ui| {
        for (loss, label, hint) in [
            (
                Loss::NonSaturating,
                "non-saturating",
                "G maximises log D(G(z)): a strong gradient where D is sure.",
            ),
            (
                Loss::Log,
                "log",
                "G minimises log(1 − D(G(z))), as in the first paper: no gradient where D is sure.",
            ),
            (
                Loss::LeastSquares,
                "least squares",
                "D aims at 1 for real and 0 for made; far misses cost most.",
            ),
            (
                Loss::Hinge,
                "hinge",
                "D is content once it is right by a margin; G raises D's logit.",
            ),
        ] {
            if choice(ui, settings.loss == loss, label, hint) {
                settings.loss = loss;
            }
        }
    });
    for (name, hint, value) in [
        (
            "learning rate of D",
            "How far one step moves the discriminator's weights (Adam).",
            &mut settings.learning_rate_d,
        ),
        (
            "learning rate of G",
            "How far one step moves the generator's weights (Adam).",
            &mut settings.learning_rate_g,
        ),
    ] {
        let range = Slider::new(value, 1e-5..=1e-2).logarithmic(true);
        let range = range.custom_formatter(|value, _| format!("{value:.5}"));
        slider(ui, name, hint, range);
    }
    slider(
        ui,
        "D steps in a turn",
        "How often D learns before G learns once: many make D too good.",
        Slider::new(&mut settings.d_steps, 1..=10),
    );
    slider(
        ui,
        "batch (pictures in a step)",
        "Many give a steadier gradient and slower turns.",
        Slider::new(&mut settings.batch, 8..=128).logarithmic(true),
    );
    slider(
        ui,
        "noise on D's inputs",
        "Standard deviation of noise on every picture that D sees; pixels go from −1 to 1.",
        Slider::new(&mut settings.input_noise, 0.0..=1.0).max_decimals(2),
    );
    slider(
        ui,
        "label smoothing",
        "D is asked for 1 − this where a picture is real, instead of for certainty.",
        Slider::new(&mut settings.label_smoothing, 0.0..=0.5).max_decimals(2),
    );
    slider(
        ui,
        "average of G's weights (EMA)",
        "The pictures shown come from G's weights averaged over many turns; 0 shows G as it is now.",
        Slider::new(&mut settings.ema, 0.0..=0.999).max_decimals(3),
    );
    ui.checkbox(&mut settings.augment, "Move and recolour what D sees")
        .on_hover_text("For small sets of pictures, which D would learn by heart otherwise (differentiable augmentation).");
}

fn from_the_start(view: &mut PicturesView, ui: &mut Ui) {
    let setup = &mut view.setup;
    if setup.from != From::Digits {
        ui.label("pixels along a side");
        wrapped(ui, |ui| {
            for side in [16, 32, 64] {
                let label = format!("{side} × {side}");
                let hint = "Twice the side is about four times the work.";
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
        Slider::new(&mut setup.minutes, 0.0..=120.0)
            .logarithmic(true)
            .smallest_positive(0.5)
            .max_decimals(1),
    );
    ui.checkbox(&mut setup.settings.spectral_norm, "Spectral norm in D")
        .on_hover_text("D's layers stretch nothing: its verdicts change smoothly, and G's gradient stays useful (Miyato et al. 2018).");
    ui.horizontal(|ui| {
        let hint = "The same seed begins with the same weights and the same z.";
        let label = ui.label("seed").on_hover_text(hint);
        ui.add(egui::DragValue::new(&mut setup.seed))
            .labelled_by(label.id)
            .on_hover_text(hint);
    });
}
