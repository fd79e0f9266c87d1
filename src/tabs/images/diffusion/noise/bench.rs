//! The bench: other noise, the picture, the schedule, and the words.

use super::NoiseView;
use super::schedule::{Kind, curve};
use super::worker::Chosen;
use crate::labs::diffusion::captions::parse;
use crate::tabs::parts::{caption, choice, group, wrapped};
use crate::theme::size;
use crate::widgets::run_button::run_button;
use eframe::egui::{Checkbox, DragValue, ScrollArea, TextEdit, Ui};

/// Pictures that ship, as many as can be asked for by number.
pub(super) const N_PICTURES: usize = 4000;

/// What the run button says and does.
pub(super) const OTHER_NOISE: [&str; 2] = [
    "Other noise",
    "Draw other noise from the next seed and put it on the same picture.",
];

pub(super) fn show(view: &mut NoiseView, ui: &mut Ui) {
    let [label, hint] = OTHER_NOISE;
    let can = view.original.is_some();
    if run_button(ui, false, can, [label, label], [hint, hint]).clicked() {
        view.next_noise();
    }
    if !can {
        return;
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            picture(view, ui);
            group(ui, "Noise");
            seed(view, ui);
            schedule(view, ui);
            group(ui, "Words");
            words(view, ui);
            ui.add_space(size::GROUP);
        });
}

/// Which picture.
fn picture(view: &mut NoiseView, ui: &mut Ui) {
    group(ui, "Picture");
    ui.horizontal(|ui| {
        let hint = "Any of the pictures that ship, by its number.";
        let mut number = match view.chosen {
            Chosen::Number(i) => i + 1,
            Chosen::File(_) => 1,
        };
        let before = number;
        let label = ui.label("number").on_hover_text(hint);
        let field = DragValue::new(&mut number).range(1..=N_PICTURES);
        let field = ui.add(field.speed(0.2)).labelled_by(label.id);
        field.on_hover_text(hint);
        let next = ui
            .button("Next")
            .on_hover_text("The next picture that ships.");
        if next.clicked() {
            number = number % N_PICTURES + 1;
        }
        if number != before {
            view.choose(Chosen::Number(number - 1));
        }
        let hint =
            "Paint on the picture, or on an empty one, and watch what the network makes of it.";
        if view.painting.is_none() && ui.button("Paint").on_hover_text(hint).clicked() {
            view.begin_painting();
        }
    });
    caption(
        ui,
        "Or drop a PNG or JPEG of your own: its middle square is taken.",
    );
}

fn seed(view: &mut NoiseView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let hint = "The same seed draws the same noise, at every level.";
        let label = ui.label("seed").on_hover_text(hint);
        let mut seed = view.seed;
        let field = ui.add(DragValue::new(&mut seed)).labelled_by(label.id);
        if field.on_hover_text(hint).changed() {
            view.seed = seed;
            view.renew();
        }
    });
}

/// How noise grows with the level.
fn schedule(view: &mut NoiseView, ui: &mut Ui) {
    ui.label("schedule");
    wrapped(ui, |ui| {
        for (kind, label, hint) in Kind::ALL {
            if choice(ui, view.kind == kind, label, hint) && view.kind != kind {
                view.set_schedule(kind);
            }
        }
    });
    let Some(denoiser) = view.denoiser.clone() else {
        return;
    };
    let is_own = view.has_own_schedule();
    let own = denoiser.about().schedule.levels();
    let points: &[[f64; 2]] = match view.kind {
        Kind::Drawn => &view.points,
        _ => &[],
    };
    let own = (!is_own).then_some(&own);
    let done = curve(ui, 152.0, &view.levels, own, points, view.t);
    if let Some((i, to)) = done.moved {
        view.points[i] = to;
        view.set_schedule(Kind::Drawn);
    } else if let Some(t) = done.t.filter(|&t| t != view.t) {
        view.set_t(t);
    }
    if !is_own {
        let told = view
            .shown
            .as_ref()
            .map_or(view.t, |shown| shown.once.told.t);
        caption(
            ui,
            format!(
                "The grey curve is the one that the network learned with. It is told t = {told:.0}, where that one has as much noise."
            ),
        );
    }
}

/// What the network is told.
fn words(view: &mut NoiseView, ui: &mut Ui) {
    let hint = "With words the network knows what to look for: far up, what it sees is the mean of fewer pictures.";
    let mut has_words = view.has_words;
    let toggle = ui.add(Checkbox::new(
        &mut has_words,
        "Tell it what the picture shows",
    ));
    if toggle.on_hover_text(hint).changed() {
        view.has_words = has_words;
        view.renew();
    }
    let Some(denoiser) = view.denoiser.clone().filter(|_| view.has_words) else {
        return;
    };
    let label = ui.label("caption");
    let field = TextEdit::multiline(&mut view.caption)
        .desired_rows(2)
        .char_limit(2000)
        .desired_width(f32::INFINITY);
    if ui.add(field).labelled_by(label.id).changed() {
        view.renew();
    }
    let parsed = parse(&view.caption, &denoiser.about().attributes);
    if !parsed.unknown.is_empty() {
        let words: Vec<String> = parsed
            .unknown
            .iter()
            .take(12)
            .map(|w| format!("“{w}”"))
            .collect();
        caption(
            ui,
            format!("Means nothing to the network: {}.", words.join(", ")),
        );
    }
}
