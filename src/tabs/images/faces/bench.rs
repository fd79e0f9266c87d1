//! The bench: a new face, its seed, the tray, and saving.

use super::FacesView;
use super::pages::Page;
use super::tray::Slot;
use crate::labs::gan::faces::{About, png};
use crate::labs::writing::write_whole;
use crate::tabs::parts::{caption, group};
use crate::tabs::saving::Document;
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, Ui};
use std::sync::Arc;

/// Times that a face is enlarged when it is saved, so that it can be put on a slide.
const ENLARGED: usize = 8;

/// What the run button says and does.
pub(super) const NEW_FACE: [&str; 2] = [
    "New face",
    "Draw 64 new random numbers, and from them a face that nobody has.",
];

pub(super) fn show(view: &mut FacesView, ui: &mut Ui) {
    let [label, hint] = NEW_FACE;
    let can = view.lab.is_some();
    if run_button(ui, false, can, [label, label], [hint, hint]).clicked() {
        view.next_face();
    }
    let Some(lab) = view.lab.clone() else { return };
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Chance");
            chance(view, ui);
            group(ui, "Tray");
            view.show_tray(ui);
            keep(view, ui);
            group(ui, "Keep");
            save(view, ui);
            group(ui, "The generator");
            caption(ui, told(lab.about()));
            ui.add_space(size::GROUP);
        });
}

fn chance(view: &mut FacesView, ui: &mut Ui) {
    let mut seed = view.seed();
    ui.horizontal(|ui| {
        let hint = "The same seed draws the same 64 numbers, and so the same face.";
        let label = ui.label("seed").on_hover_text(hint);
        let field = ui.add(DragValue::new(&mut seed)).labelled_by(label.id);
        field.on_hover_text(hint);
    });
    let hint = "Every number of a new z is multiplied with this: near 0 faces are alike and clean, beyond 1 they are rare and often wrong (truncation).";
    let mut spread = view.spread.unwrap_or(1.0);
    let label = ui.label("how far z reaches").on_hover_text(hint);
    let moved = ui
        .scope(|ui| {
            theme::dress_sliders(ui);
            let slider = Slider::new(&mut spread, 0.0..=1.6).max_decimals(2);
            ui.add(slider)
                .labelled_by(label.id)
                .on_hover_text(hint)
                .changed()
        })
        .inner;
    if moved {
        view.spread = Some(spread);
    }
    if moved || seed != view.seed() {
        if view.page != Page::Push {
            view.page = Page::One;
        }
        view.show_seed(seed);
    }
}

fn keep(view: &mut FacesView, ui: &mut Ui) {
    let hint = "Lay the face on the stage into the tray.";
    if ui.button("Keep this face").on_hover_text(hint).clicked() {
        let slot = match view.page {
            Page::One => Some(Slot {
                name: match view.one.seed {
                    Some(seed) => format!("seed {seed}"),
                    None => "made by hand".into(),
                },
                z: view.one.z.clone(),
            }),
            Page::Push => view.face_of_push(),
            Page::Walk => Some(view.face_of_walk()),
            Page::Sums => view.face_of_sum(),
        };
        if let Some(slot) = slot {
            view.keep(slot);
        }
    }
}

fn save(view: &mut FacesView, ui: &mut Ui) {
    let pictures = match view.page {
        Page::One => &view.one.picture.pictures,
        Page::Push => &view.push.picture.pictures,
        Page::Walk => &view.walk.between.pictures,
        Page::Sums => &view.sums.sum.pictures,
    };
    let hint = "The face on the stage, eight times as large, each pixel a square.";
    let button = ui.add_enabled(pictures.is_some(), Button::new("Save as PNG…"));
    if button.on_hover_text(hint).clicked()
        && let Some(pictures) = pictures.clone()
    {
        let name = match (view.page, view.one.seed) {
            (Page::One, Some(seed)) => format!("face-{seed}.png"),
            _ => "face.png".into(),
        };
        view.saving.ask(Document {
            heading: "Save the face".into(),
            file_name: name,
            kind: Some(["PNG", "png"]),
            write: Arc::new(move |path| write_whole(path, &png(&pictures, ENLARGED)?)),
        });
    }
}

/// What is known of the generator, in sentences.
fn told(about: &About) -> String {
    let made = format!(
        "{}: {} weights, {} × {} pixels from {} numbers.",
        about.name,
        grouped(about.n_weights),
        about.side,
        about.side,
        about.d_z
    );
    let Some(steps) = about.steps else {
        return made;
    };
    format!(
        "{made} {} turns of training: {}",
        grouped(steps),
        about.source
    )
}
