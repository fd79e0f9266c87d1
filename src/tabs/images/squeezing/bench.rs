//! The bench: run and pause, how many numbers, which picture, and every setting.

use super::SqueezingView;
use super::keeping;

use crate::labs::autoencoder::CODES;
use crate::tabs::TabContext;
use crate::tabs::images::learned_from::{From, Offer, choices};
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::lines::{Lines, Scale, Series};
use crate::widgets::run_button::run_button;
use eframe::egui::{self, DragValue, Grid, RichText, ScrollArea, Slider, Ui, vec2};

/// What the run button says and does now.
pub(super) fn run_words(view: &SqueezingView) -> [&'static str; 2] {
    if view.is_training() {
        [
            "Pause",
            "Wait after the current step. Nothing is lost: go on at any time.",
        ]
    } else if view.here().is_some_and(|made| made.state.is_some()) {
        [
            "Go on",
            "Train on from where it stands, with the settings below.",
        ]
    } else {
        [
            "Start training",
            "Encoder and decoder know nothing and begin to learn from the pictures chosen below.",
        ]
    }
}

/// What may be learned from.
const OFFERS: [Offer; 3] = [
    (
        From::Faces,
        "Faces",
        "4,000 drawn faces that come with Glassbox (CC0), 32 × 32.",
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

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    run(view, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Numbers of a code");
            numbers(view, ui);
            group(ui, "Picture");
            picture(view, ui);
            group(ui, "While it trains");
            learning(view, ui);
            group(ui, "Learn from");
            source(view, ui, cx);
            group(ui, "From the start");
            from_the_start(view, ui);
            group(ui, "Keep");
            keeping::bench(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn run(view: &mut SqueezingView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let running = view.is_training();
    let [label, hint] = run_words(view);
    let can = view.setup.source().is_some();
    if run_button(ui, running, can, [label, label], [hint, hint]).clicked() {
        view.press_run(cx);
    }
    if view.here().is_some_and(|made| made.state.is_some()) {
        ui.horizontal(|ui| {
            ui.spacing_mut().button_padding = vec2(8.0, 3.0);
            ui.spacing_mut().interact_size.y = 28.0;
            let hint = "Let go of what this network learned and begin again.";
            if ui.button("Start anew").on_hover_text(hint).clicked() {
                view.start_anew(cx);
            }
        });
    }
}

/// How many numbers; and what each choice has reached.
fn numbers(view: &mut SqueezingView, ui: &mut Ui) {
    let mut chosen = None;
    wrapped(ui, |ui| {
        for k in CODES {
            let hint = format!(
                "A network that squeezes a picture into {k} numbers. Each choice is a network of its own; those that were trained are kept."
            );
            if choice(ui, view.setup.d_code == k, &k.to_string(), &hint) {
                chosen = Some(k);
            }
        }
    });
    if let Some(k) = chosen {
        view.choose_which(|setup| setup.d_code = k);
    }
    let from = view.setup.from;
    let trained = view.made.iter().filter(|((of, _), _)| *of == from);
    let trained = trained.filter_map(|((_, k), made)| Some((*k, made.newest()?)));
    let rows: Vec<[String; 3]> = trained
        .map(|(k, frame)| {
            let step = grouped(frame.step);
            [
                format!("k = {k}"),
                format!("{:.1} dB", frame.fault.psnr_db),
                format!("{:.0}, {step} steps", frame.fault.mse),
            ]
        })
        .collect();
    if rows.is_empty() {
        caption(ui, "What each reaches will stand here once it was trained.");
        return;
    }
    let weak = theme::palette(ui.ctx()).text_weak;
    Grid::new("what the networks reach")
        .num_columns(3)
        .min_row_height(0.0)
        .spacing(vec2(size::GRID * 2.0, 4.0))
        .show(ui, |ui| {
            for name in ["code", "PSNR", "mean squared error"] {
                ui.label(RichText::new(name).small().color(weak));
            }
            ui.end_row();
            for row in rows {
                for cell in row {
                    ui.label(RichText::new(cell).text_style(theme::style::small_mono()));
                }
                ui.end_row();
            }
        });
}

fn picture(view: &mut SqueezingView, ui: &mut Ui) {
    let n = view
        .here()
        .and_then(|made| made.prepared.as_ref())
        .map_or(0, |prepared| prepared.pictures.len());
    let before = view.chosen();
    let mut picture = before;
    ui.horizontal(|ui| {
        let hint = "The number of the picture in the set.";
        let label = ui.label("number").on_hover_text(hint);
        let field = DragValue::new(&mut picture).range(0..=n.saturating_sub(1));
        ui.add_enabled(n > 0, field)
            .labelled_by(label.id)
            .on_hover_text(hint);
        let hint = "The next picture that the network never learned from.";
        let button = ui.add_enabled(n > 0, egui::Button::new("Another one"));
        if button.on_hover_text(hint).clicked() {
            picture = view.next_held_out(picture);
        }
    });
    if picture != before {
        view.choose(picture);
    }
    let words = view.words_of(view.chosen());
    if !words.is_empty() {
        caption(ui, words);
    }
}

fn learning(view: &mut SqueezingView, ui: &mut Ui) {
    if let Some(made) = view.here().filter(|made| made.frames.len() > 2) {
        let frames = made.frames.iter().skip(1);
        let steps: Vec<f32> = frames.clone().map(|f| f.step as f32).collect();
        let values: Vec<f32> = frames.map(|f| f.fault.psnr_db as f32).collect();
        let lines = Lines {
            name: "PSNR while it learns",
            y: "PSNR in dB on held-out pictures",
            x: "steps",
            steps: &steps,
            series: &[Series {
                name: "",
                values: &values,
                color: theme::palette(ui.ctx()).accent,
            }],
            scale: Scale::Linear,
            here: made.here().map(|frame| frame.step as f32),
        };
        lines.show(ui, 108.0);
    }
    let settings = &mut view.setup.settings;
    slider(
        ui,
        "learning rate",
        "How far the weights move in a step. Too far, and the numbers run away.",
        Slider::new(&mut settings.learning_rate, 1e-4..=2e-2).logarithmic(true),
    );
    slider(
        ui,
        "pictures of a step",
        "The error of so many pictures is averaged before the weights move.",
        Slider::new(&mut settings.batch, 4..=128).logarithmic(true),
    );
}

fn source(view: &mut SqueezingView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    if let Some(from) = choices(ui, view.setup.from, &OFFERS) {
        view.choose_which(|setup| setup.from = from);
    }
    if view.setup.from == From::Folder {
        let mut folder = view.setup.folder.clone();
        if view.choosing.show(ui, &mut folder, cx) {
            view.forget_folder();
            view.setup.folder = folder;
        }
    }
    let prepared = view.here().and_then(|made| made.prepared.as_ref());
    if let Some(prepared) = prepared {
        let (n, n_held_out) = (prepared.pictures.len(), prepared.held_out.len());
        let words = format!(
            "{} pictures to learn from, {} that are held out: on those the error is measured.",
            grouped(n - n_held_out),
            grouped(n_held_out)
        );
        caption(ui, words);
        for reason in prepared.left_out.iter().take(8) {
            caption(ui, format!("left out: {reason}"));
        }
    }
}

fn from_the_start(view: &mut SqueezingView, ui: &mut Ui) {
    let setup = &mut view.setup;
    slider(
        ui,
        "minutes of training (0: until you pause)",
        "The learning rate falls evenly until then, and the pictures become clearer by it.",
        Slider::new(&mut setup.minutes, 0.0..=10.0).max_decimals(1),
    );
    ui.horizontal(|ui| {
        let hint = "The same seed gives the same network, number for number.";
        let label = ui.label("seed").on_hover_text(hint);
        let field = ui.add(DragValue::new(&mut setup.seed));
        field.labelled_by(label.id).on_hover_text(hint);
    });
}
