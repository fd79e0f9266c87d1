//! The bench: draw again or stop, the picture, the words, and how it is drawn.

use super::pages::Page;
use super::worker::Chosen;
use super::{FromPictureView, N_PICTURES};
use crate::labs::diffusion::captions::{of_faces, parse};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, group, slider, wrapped};
use crate::theme::size;
use crate::widgets::run_button::run_button;
use eframe::egui::{DragValue, ScrollArea, Slider, TextEdit, Ui};

/// What is asked of the first picture, so that something is seen to change.
pub(super) const FIRST_WORDS: &str = ", sunglasses";

/// What the run button says and does.
pub(super) const OTHER_NOISE: [&str; 2] = [
    "Other noise",
    "Draw again, with the noise of the next seed.",
];

/// Words to try: what the button says, and what is added to the picture's own words.
const TRY: [(&str, &str); 6] = [
    ("as it is", ""),
    ("sunglasses", ", sunglasses"),
    ("pink hair", ", pink hair"),
    ("a beard", ", a beard"),
    ("surprised", ", surprised"),
    ("long hair", ", long hair"),
];

pub(super) fn show(view: &mut FromPictureView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let is_busy = view.outcome().is_busy();
    let [start, start_hint] = OTHER_NOISE;
    let can = view.original.is_some();
    let hints = [start_hint, "End the drawing; what is there stays."];
    if run_button(ui, is_busy, can, [start, "Stop"], hints).clicked() {
        if is_busy {
            view.stop(cx);
        } else {
            view.next_noise();
        }
    }
    if !can {
        return;
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if view.page != Page::Walk {
                group(ui, "Picture");
                picture(view, ui);
            }
            group(ui, "Words");
            words(view, ui);
            group(ui, "How it is drawn");
            settings(view, ui);
            group(ui, "Keep");
            view.keep(ui);
            ui.add_space(size::GROUP);
        });
}

fn picture(view: &mut FromPictureView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let hint = "Any of the pictures that ship, by its number.";
        let mut number = match view.chosen {
            Chosen::Number(i) => i + 1,
            Chosen::File(_) => 1,
        };
        let before = number;
        let label = ui.label("number").on_hover_text(hint);
        let field = DragValue::new(&mut number).range(1..=N_PICTURES).speed(0.2);
        let field = ui.add(field).labelled_by(label.id);
        field.on_hover_text(hint);
        let next = ui.button("Next");
        if next.on_hover_text("The next picture that ships.").clicked() {
            number = number % N_PICTURES + 1;
        }
        if number != before {
            view.choose(Chosen::Number(number - 1));
        }
    });
    let own = view.original.as_ref().map(|o| o.caption.clone());
    match own.filter(|own| !own.is_empty()) {
        Some(own) => caption(ui, format!("It shows {own}.")),
        None => caption(ui, "Nobody has said what it shows."),
    };
    caption(ui, "Or drop a PNG or JPEG of your own.");
}

fn words(view: &mut FromPictureView, ui: &mut Ui) {
    let Some(denoiser) = view.denoiser.clone() else {
        return;
    };
    let label = ui.label("caption: what the new picture shows");
    let field = TextEdit::multiline(&mut view.caption)
        .desired_rows(2)
        .char_limit(2000)
        .desired_width(f32::INFINITY);
    let mut is_changed = ui.add(field).labelled_by(label.id).changed();
    let about = denoiser.about();
    let own = view.original.as_ref().map(|o| o.caption.clone());
    if about.attributes == of_faces() {
        wrapped(ui, |ui| {
            caption(ui, "Try:");
            for (label, added) in TRY {
                let hint = "The picture's own words, and this: what is said last holds.";
                if ui.button(label).on_hover_text(hint).clicked() {
                    let own = own.as_deref().filter(|own| !own.is_empty());
                    view.caption = format!("{}{added}", own.unwrap_or("a face"));
                    is_changed = true;
                }
            }
        });
    }
    let parsed = parse(&view.caption, &about.attributes);
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
    if is_changed {
        view.change();
    }
}

fn settings(view: &mut FromPictureView, ui: &mut Ui) {
    let before = (view.settings, view.seed, view.other, view.n_refinements);
    seeds(view, ui);
    let hint = "How strongly the words count: 0 not at all, 1 as they were learned, more than that exaggerated.";
    let guidance = Slider::new(&mut view.settings.guidance, 0.0..=15.0);
    slider(ui, "guidance", hint, guidance.max_decimals(1));
    let hint = "Steps from noise to picture. With fewer it is done sooner, with more it is finer.";
    let steps = Slider::new(&mut view.settings.n_steps, 1..=1000);
    slider(ui, "steps", hint, steps.logarithmic(true));
    if view.page == Page::Back {
        let hint = "How often each step up is computed again with what the network says at its end: the way up then meets the way down better.";
        let refinements = Slider::new(&mut view.n_refinements, 0..=5);
        slider(ui, "refinements of each step", hint, refinements);
        caption(
            ui,
            "The way up is told the picture's own words, at guidance 1. Back with the same words at guidance 1, with others at the guidance above.",
        );
    } else {
        caption(
            ui,
            "DDIM without new noise (η = 0): the same seed draws the same picture.",
        );
    }
    if before != (view.settings, view.seed, view.other, view.n_refinements) {
        view.change();
    }
}

fn seeds(view: &mut FromPictureView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let hint = "The same seed draws the same noise.";
        let fields = match view.page {
            Page::Walk => vec![("from seed", &mut view.seed), ("to seed", &mut view.other)],
            _ => vec![("seed", &mut view.seed)],
        };
        for (name, seed) in fields {
            let label = ui.label(name).on_hover_text(hint);
            let field = DragValue::new(seed).speed(0.1);
            ui.add(field).labelled_by(label.id).on_hover_text(hint);
        }
    });
}
