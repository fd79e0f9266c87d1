//! One picture: what goes in, the numbers, what comes back, and what is lost on the way.

use super::SqueezingView;
use super::pages::{column, square};
use super::studio::One;
use super::{AIR, explain};
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::number_bars::NumberBars;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{self, Color32, Rect, RichText, Sense, TextStyle, Ui, Vec2, pos2, vec2};

/// The bars reach so many standard deviations from the mean.
const MOST: f32 = 4.0;
/// An error of so much and more has the last colour of the scale.
const MOST_ERROR: f32 = 64.0;

/// Lower than this, the stage has no room for captions.
const LOW: f32 = 300.0;

/// The textures of this page.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    pictures: PictureSheet,
    errors: PictureSheet,
}

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui) {
    let mut sheets = std::mem::take(&mut view.plot.sheets);
    if let Some((number, one)) = view.asked.one() {
        sheets.update(ui, number, one);
    }
    let area = ui.available_rect_before_wrap();
    // In a low window there is room for the pictures' names only.
    let is_low = area.height() < LOW;
    let small = ui.text_style_height(&TextStyle::Small);
    let words = small * if is_low { 1.8 } else { 4.6 };
    let bars = size::CONTROL + size::GRID + if is_low { 52.0 } else { 92.0 };
    let side = ((area.width() - 2.0 * size::GROUP) / 3.0)
        .min(area.height() - words - bars - AIR * 0.5)
        .max(64.0);
    let top = Rect::from_min_size(area.min, vec2(area.width(), side + words));
    let below = area.with_min_y(top.bottom() + AIR * 0.5);
    part(ui, top, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = size::GROUP;
            pictures(view, ui, &sheets, side, is_low);
        });
    });
    part(ui, below, |ui| numbers(view, ui));
    ui.advance_cursor_after_rect(area);
    view.plot.sheets = sheets;
}

/// The picture, what comes back, and where that is off.
fn pictures(view: &mut SqueezingView, ui: &mut Ui, sheets: &Sheets, side: f32, is_low: bool) {
    let Some((_, one)) = view.asked.one() else {
        caption(ui, "Squeezing it…");
        return;
    };
    let chosen = view.chosen();
    let n_pixels = one.pictures.side * one.pictures.side;
    let n_numbers = n_pixels * one.pictures.n_channels;
    let (fault, k) = (one.fault, one.code.len());
    let is_by_hand = view.by_hand.is_some();
    let pixels_side = one.pictures.side;
    let what = view.words_of(chosen);
    let mut clicked = None;
    column(ui, side, |ui| {
        let name = format!("The picture that goes in: {what}");
        square(ui, &sheets.pictures, 0, side, &name, Sense::hover()).on_hover_text(&what);
        strong(ui, &format!("In: {} numbers", grouped(n_numbers as u64)));
        if !is_low {
            caption(ui, known(view, chosen));
        }
    });
    column(ui, side, |ui| {
        let name = "The picture that comes back";
        let picture = square(ui, &sheets.pictures, 1, side, name, Sense::click());
        let hint = "Click a pixel to see where its colour comes from.";
        let picture = picture.on_hover_text(hint);
        if let Some(at) = picture.interact_pointer_pos().filter(|_| picture.clicked()) {
            let at = (at - picture.rect.min) / side * pixels_side as f32;
            let cell = |x: f32| (x.max(0.0) as usize).min(pixels_side - 1);
            clicked = Some([cell(at.y), cell(at.x)]);
        }
        view.explaining.mark(ui, picture.rect, pixels_side);
        strong(ui, &format!("Back, from {k} numbers"));
        let words = if is_by_hand {
            "You changed a number: this is what they unfold into now."
        } else {
            "The decoder saw nothing but the numbers below."
        };
        if !is_low {
            caption(ui, words);
        }
    });
    column(ui, side, |ui| {
        let name = format!(
            "What is lost: mean squared error {:.0}, {:.1} decibels",
            fault.mse, fault.psnr_db
        );
        let hint = "For each pixel the root of the mean squared difference of its colours.";
        square(ui, &sheets.errors, 0, side, &name, Sense::hover()).on_hover_text(hint);
        strong(ui, &format!("What is lost: {:.1} dB", fault.psnr_db));
        if is_low {
            return;
        }
        legend(ui, side);
        let words = format!(
            "mean squared error {:.0}, its root {:.1} of 255",
            fault.mse,
            fault.mse.sqrt()
        );
        let hint = format!(
            "PSNR = 10 · log₁₀(255² / MSE) = 10 · log₁₀({} / {:.1}) = {:.2} dB",
            grouped(255 * 255_u64),
            fault.mse,
            fault.psnr_db
        );
        caption(ui, words).on_hover_text(hint);
    });
    if let Some(at) = clicked {
        explain::ask_pixel(view, at, 0);
    }
}

/// Whether the network learned from a picture.
fn known(view: &SqueezingView, picture: usize) -> String {
    if view.here().is_some_and(|made| made.own == Some(picture)) {
        return "your own picture: it never learned from it".to_owned();
    }
    let prepared = view.here().and_then(|made| made.prepared.as_ref());
    let held_out = prepared.is_some_and(|p| p.held_out.contains(&picture));
    let how = if held_out {
        "it never learns from this one"
    } else {
        "one of those it learns from"
    };
    format!("number {}, {how}", grouped(picture as u64))
}

fn strong(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).text_style(theme::style::strong()));
}

/// The scale of the errors.
fn legend(ui: &mut Ui, width: f32) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        caption(ui, "0");
        let (rect, _) = ui.allocate_exact_size(vec2(width * 0.4, 8.0), Sense::hover());
        let n = 24;
        let step = rect.width() / n as f32;
        for i in 0..n {
            let left = rect.left() + step * i as f32;
            let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(step + 0.5, rect.height()));
            let t = i as f32 / (n - 1) as f32;
            ui.painter().rect_filled(cell, 0.0, theme::viridis(t));
        }
        caption(ui, format!("{MOST_ERROR:.0} of 255 and more"));
    });
}

/// The numbers as bars that can be dragged.
fn numbers(view: &mut SqueezingView, ui: &mut Ui) {
    let Some(code) = view.code() else { return };
    let own = view.asked.one().map(|(_, one)| one.own.clone());
    let k = code.len();
    let id = egui::Id::unique("bar of the code");
    let here = ui
        .data(|data| data.get_temp::<usize>(id))
        .unwrap_or(0)
        .min(k.saturating_sub(1));
    let mut changed = None;
    let mut wants_origin = false;
    ui.horizontal_wrapped(|ui| {
        strong(ui, &format!("The {k} numbers"));
        let hint = "In standard deviations: over all pictures, each number has the mean 0 and the standard deviation 1.";
        let mut value = code.get(here).copied().unwrap_or(0.0);
        let label = ui.label(format!("number {}", here + 1)).on_hover_text(hint);
        let field = egui::DragValue::new(&mut value).speed(0.02).range(-MOST..=MOST);
        let field = ui.add(field.max_decimals(2)).labelled_by(label.id);
        if field.on_hover_text(hint).changed() {
            changed = Some((here, value));
        }
        ui.spacing_mut().button_padding = vec2(8.0, 3.0);
        let hint = "The sum that this number is: every term, from the encoder's last map.";
        let by_hand = view.by_hand.is_some();
        let button = egui::Button::new(RichText::new("Where does it come from?").small());
        wants_origin = ui.add_enabled(!by_hand, button).on_hover_text(hint).clicked();
        let hint = "Take the numbers that the encoder makes of the picture.";
        let button = egui::Button::new(RichText::new("Back to the picture's own").small());
        if ui.add_enabled(by_hand, button).on_hover_text(hint).clicked() {
            view.by_hand = None;
        }
    });
    let bars = NumberBars {
        name: "number",
        values: &code,
        most: MOST,
    };
    let height = (ui.available_height() - size::GRID).max(40.0);
    let (dragged, bar) = bars.show(ui, vec2(ui.available_width(), height));
    ui.data_mut(|data| data.insert_temp(id, bar));
    if let Some((i, value)) = dragged.map(|d| (d.i, d.value)).or(changed) {
        let mut code = code;
        code[i] = value;
        if own.as_ref() == Some(&code) {
            view.by_hand = None;
        } else {
            view.set_code(code);
        }
        view.explaining.close();
    } else if wants_origin {
        explain::ask_number(view, here);
    }
}

impl Sheets {
    fn update(&mut self, ui: &Ui, number: u64, one: &One) {
        let pictures = &one.pictures;
        let pixels = Pixels {
            side: pictures.side,
            n_channels: pictures.n_channels,
            bytes: &pictures.pixels,
        };
        self.pictures.update(ui.ctx(), number, pixels, true);
        let color = |error: &f32| {
            let color: Color32 = theme::viridis((error / MOST_ERROR).min(1.0));
            [color.r(), color.g(), color.b()]
        };
        let bytes: Vec<u8> = one.errors.iter().flat_map(color).collect();
        let pixels = Pixels {
            side: pictures.side,
            n_channels: 3,
            bytes: &bytes,
        };
        self.errors.update(ui.ctx(), number, pixels, true);
    }

    /// The picture and what comes back, for other pages.
    pub(super) fn pair(&mut self, ui: &Ui, number: u64, one: &One) -> &PictureSheet {
        self.update(ui, number, one);
        &self.pictures
    }
}

/// A square as large as fits.
pub(super) fn fitting(width: f32, height: f32) -> Vec2 {
    Vec2::splat(width.min(height).max(48.0))
}
