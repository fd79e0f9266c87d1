//! The bench: run and pause, trainings to try, what is learned from, what helps, and every setting.

use super::PicturesView;
use super::presets::{PRESETS, REMEDIES};
use crate::labs::gan::Loss;
use crate::tabs::TabContext;
use crate::tabs::images::learned_from::{From, Offer, choices};
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use eframe::egui::{self, Button, RichText, ScrollArea, Slider, Ui};

/// Reasons why pictures were left out that are listed.
const N_REASONS: usize = 12;

/// What may be learned from.
const OFFERS: [Offer; 3] = [
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
];

pub(super) fn show(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    view.course.run_bench(&view.setup, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Try");
            presets(view, ui, cx);
            group(ui, "What helps");
            remedies(view, ui);
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
        view.course.start_anew(&view.setup, cx);
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
