//! Between two pictures: in their numbers, which gives a third picture, and in their pixels, which
//! gives both at once.

use super::SqueezingView;
use super::asking::N_BETWEEN;
use super::pages::{column, ring, square};
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{Layout, RichText, Sense, Slider, Ui, vec2};

/// Pictures of a strip, both ends included.
const N_STRIP: usize = 9;

/// The textures of this page.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    by_code: PictureSheet,
    by_pixels: PictureSheet,
    large: [PictureSheet; 2],
}

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui) {
    let mut part = view.part.unwrap_or(0.5);
    let at = (part * (N_BETWEEN - 1) as f32).round() as usize;
    let mut sheets = std::mem::take(&mut view.plot.between);
    let Some((number, way)) = view.asked.between() else {
        caption(ui, "Mixing…");
        return;
    };
    for (kind, (pictures, strip)) in [
        (&way.by_code, &mut sheets.by_code),
        (&way.by_pixels, &mut sheets.by_pixels),
    ]
    .into_iter()
    .enumerate()
    {
        let pixels = |bytes| Pixels {
            side: pictures.side,
            n_channels: pictures.n_channels,
            bytes,
        };
        let every = (N_BETWEEN - 1) / (N_STRIP - 1);
        let some = (0..N_STRIP).filter_map(|i| pictures.get(i * every));
        let bytes: Vec<u8> = some.flatten().copied().collect();
        strip.update(ui.ctx(), number, pixels(&bytes), false);
        let version = number * N_BETWEEN as u64 + at as u64;
        let one = pictures.get(at).unwrap_or_default();
        sheets.large[kind].update(ui.ctx(), version, pixels(one), true);
    }
    let area = ui.available_size();
    let small = ((area.x - (N_STRIP - 1) as f32 * size::HALF) / N_STRIP as f32)
        .min(area.y * 0.14)
        .max(32.0);
    let text = ui.text_style_height(&eframe::egui::TextStyle::Body);
    let large = (area.y
        - 2.0 * (small + text + size::GRID * 2.0)
        - 2.6 * text
        - size::CONTROL
        - size::GRID * 2.0)
        .min(area.x * 0.36)
        .max(64.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = size::GROUP;
        for (kind, name, words) in [
            (0, "In the numbers", "one picture"),
            (1, "In the pixels", "two at once"),
        ] {
            column(ui, large, |ui| {
                ui.set_height(large + text * 2.6);
                let label = format!("{name}, {:.0} % of the way", 100.0 * part);
                square(ui, &sheets.large[kind], 0, large, &label, Sense::hover());
                ui.label(RichText::new(name).text_style(theme::style::strong()));
                caption(ui, words);
            });
        }
        let rest = ui.available_width().max(80.0);
        column(ui, rest, |ui| ends(view, ui));
    });
    let slider = vec2(area.x.min(large * 2.0 + size::GROUP), size::CONTROL);
    ui.allocate_ui_with_layout(
        slider,
        Layout::left_to_right(eframe::egui::Align::Center),
        |ui| {
            theme::dress_sliders(ui);
            ui.spacing_mut().slider_width = slider.x - 8.0;
            let slider = Slider::new(&mut part, 0.0..=1.0).show_value(false);
            let slider = ui
                .add(slider)
                .on_hover_text("Drag: how far from the first picture to the second.");
            ui.ctx().accesskit_node_builder(slider.id, |node| {
                node.set_label("How far between the two");
            });
            if slider.changed() {
                view.part = Some(part);
            }
        },
    );
    for (sheet, name) in [
        (&sheets.by_code, "in the numbers"),
        (&sheets.by_pixels, "in the pixels"),
    ] {
        caption(ui, name);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = size::HALF;
            for i in 0..N_STRIP {
                let here = i as f32 / (N_STRIP - 1) as f32;
                let words = format!("{:.0} % of the way {name}", 100.0 * here);
                let picture = square(ui, sheet, i, small, &words, Sense::click());
                if (here - part).abs() < 0.5 / (N_STRIP - 1) as f32 {
                    ring(ui, picture.rect, theme::palette(ui.ctx()).accent);
                }
                if picture.on_hover_text(&words).clicked() {
                    view.part = Some(here);
                }
            }
        });
    }
    view.plot.between = sheets;
}

/// Which two pictures.
fn ends(view: &mut SqueezingView, ui: &mut Ui) {
    let n = view
        .here()
        .and_then(|made| made.prepared.as_ref())
        .map_or(0, |prepared| prepared.pictures.len());
    let words = [view.words_of(view.chosen()), view.words_of(view.other())];
    for (which, name) in ["From", "To"].into_iter().enumerate() {
        let mut picture = if which == 0 {
            view.chosen()
        } else {
            view.other()
        };
        let before = picture;
        ui.horizontal(|ui| {
            let hint = "The number of the picture in the set.";
            let label = ui.label(name).on_hover_text(hint);
            let range = 0..=n.saturating_sub(1);
            let field = eframe::egui::DragValue::new(&mut picture).range(range);
            ui.add(field).labelled_by(label.id).on_hover_text(hint);
            let hint = "Take the next picture that the network never learned from.";
            ui.spacing_mut().button_padding = vec2(8.0, 3.0);
            if ui.button("Next").on_hover_text(hint).clicked() {
                picture = view.next_held_out(picture);
            }
        });
        if !words[which].is_empty() {
            caption(ui, words[which].as_str());
        }
        if picture != before {
            if which == 0 {
                view.choose(picture);
            } else {
                view.other = Some(picture);
            }
        }
        ui.add_space(size::HALF);
    }
    caption(
        ui,
        "Halfway between two codes lies another code, and the decoder draws one picture of it: features move and change. Halfway between pixels each picture shines through the other.",
    );
}

impl SqueezingView {
    /// The held-out picture after this one.
    pub(super) fn next_held_out(&self, picture: usize) -> usize {
        let prepared = self.here().and_then(|made| made.prepared.as_ref());
        let Some(prepared) = prepared else {
            return picture;
        };
        let after = prepared.held_out.iter().find(|&&i| i > picture);
        after
            .or(prepared.held_out.first())
            .copied()
            .unwrap_or(picture)
    }
}
