//! Where a number comes from: the terms of its sum, computed again in f64, beside what the network said.

use super::SqueezingView;
use super::pages::ring;
use crate::labs::autoencoder::explain::{Explained, Term, number, pixel};
use crate::tabs::parts::{caption, choice};
use crate::theme::{self, size};
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Grid, Layout, Rect, RichText, ScrollArea, Ui, Vec2, vec2};

/// Terms that are listed.
const N_TERMS: usize = 10;
/// The colours of a pixel.
const CHANNELS: [&str; 3] = ["red", "green", "blue"];

/// What was clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// A number of the code, from 0.
    Number(usize),
    /// Row and column of a pixel, and which of its colours.
    Pixel([usize; 2], usize),
}

/// The drawer.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    what: Option<What>,
    wished: u64,
    found: Option<Explained>,
    /// What the pixel should be, 0–255.
    truth: Option<u8>,
}

impl Explaining {
    /// Closes the drawer.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_open(&self) -> bool {
        self.what.is_some()
    }

    /// Takes what was found, if it is what was asked for last.
    pub(super) fn take(&mut self, number: u64, found: Explained) {
        if number == self.wished && self.what.is_some() {
            self.found = Some(found);
        }
    }

    /// Rings the pixel that is explained.
    pub(super) fn mark(&self, ui: &Ui, picture: Rect, side: usize) {
        if let Some(What::Pixel([y, x], _)) = self.what {
            let pitch = picture.width() / side as f32;
            let corner = picture.min + vec2(x as f32, y as f32) * pitch;
            let pixel = Rect::from_min_size(corner, Vec2::splat(pitch));
            ring(ui, pixel, theme::palette(ui.ctx()).accent);
        }
    }
}

/// Asks where a number of the code comes from.
pub(super) fn ask_number(view: &mut SqueezingView, j: usize) {
    let picture = view.chosen();
    let wished =
        view.want_explained(move |squeezer, pictures| number(squeezer, pictures, picture, j));
    view.explaining = Explaining {
        what: Some(What::Number(j)),
        wished,
        ..Explaining::default()
    };
}

/// Asks where a colour of a pixel comes from.
pub(super) fn ask_pixel(view: &mut SqueezingView, [y, x]: [usize; 2], channel: usize) {
    let Some((_, one)) = view.asked.one() else {
        return;
    };
    let (side, n_channels) = (one.pictures.side, one.pictures.n_channels);
    let at = (y * side + x) * n_channels + channel;
    let truth = one.pictures.pixels.get(at).copied();
    let code = one.code.clone();
    let wished = view.want_explained(move |squeezer, _| pixel(squeezer, &code, [y, x, channel]));
    view.explaining = Explaining {
        what: Some(What::Pixel([y, x], channel)),
        wished,
        truth,
        found: None,
    };
}

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui) {
    let Some(what) = view.explaining.what else {
        return;
    };
    let n_channels = view
        .asked
        .one()
        .map_or(3, |(_, one)| one.pictures.n_channels);
    let title = match what {
        What::Number(j) => format!("Number {}", j + 1),
        What::Pixel([y, x], _) => format!("Pixel: row {}, column {}", y + 1, x + 1),
    };
    let mut close = false;
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let hint = "Close the explanation.";
            close = Icon::Close.button(ui, "Close", hint).clicked();
        });
    });
    if close {
        view.explaining.close();
        return;
    }
    if let (What::Pixel(at, chosen), true) = (what, n_channels == 3) {
        let mut wanted = None;
        ui.horizontal(|ui| {
            for (c, name) in CHANNELS.into_iter().enumerate() {
                let hint = "This colour of the pixel.";
                if choice(ui, c == chosen, name, hint) && c != chosen {
                    wanted = Some(c);
                }
            }
        });
        if let Some(c) = wanted {
            ask_pixel(view, at, c);
        }
    }
    let Some(found) = &view.explaining.found else {
        caption(ui, "Adding up…");
        return;
    };
    ScrollArea::vertical().show(ui, |ui| {
        match what {
            What::Number(_) => {
                ui.label("number = Σ map · weight + bias");
                caption(
                    ui,
                    "The encoder's last map has 4 × 4 cells. Each of its numbers has a weight for this number of the code. The weights take in that a code is told in standard deviations.",
                );
            }
            What::Pixel(..) => {
                ui.label("pixel = Σ map · kernel + bias");
                caption(
                    ui,
                    "The decoder's last map has half the side. A pixel lies under up to 2 × 2 of its cells, each with all channels.",
                );
            }
        }
        ui.add_space(size::GRID);
        terms(ui, found);
        ui.add_space(size::GRID);
        if let What::Pixel(..) = what {
            as_byte(ui, found.value, view.explaining.truth);
        }
    });
}

/// The largest terms, the rest, and the sum.
fn terms(ui: &mut Ui, found: &Explained) {
    let weak = theme::palette(ui.ctx()).text_weak;
    let mono = |text: String| RichText::new(text).text_style(theme::style::small_mono());
    let listed = &found.terms[..found.terms.len().min(N_TERMS)];
    let rest: f64 = found.terms[listed.len()..].iter().map(Term::product).sum();
    Grid::new("terms of a sum")
        .num_columns(4)
        .min_row_height(0.0)
        .spacing(vec2(size::GRID, 4.0))
        .show(ui, |ui| {
            for name in ["cell, channel", "map", "weight", "product"] {
                ui.label(RichText::new(name).small().color(weak));
            }
            ui.end_row();
            for term in listed {
                let [y, x, c] = term.place;
                let place = format!("{},{} · {}", y + 1, x + 1, c + 1);
                ui.label(RichText::new(place).small());
                ui.label(mono(signed(term.x)));
                ui.label(mono(signed(term.weight)));
                ui.label(mono(signed(term.product())));
                ui.end_row();
            }
            let n_rest = found.terms.len() - listed.len();
            for (name, value) in [
                (format!("{n_rest} others"), rest),
                ("bias".to_owned(), found.bias),
                ("sum".to_owned(), found.value),
                ("the network".to_owned(), found.shown),
            ] {
                ui.label(RichText::new(name).small());
                ui.label("");
                ui.label("");
                ui.label(mono(signed(value)));
                ui.end_row();
            }
        });
    let gap = (found.value - found.shown).abs();
    caption(
        ui,
        format!("The sum in 64 bits and what the network said in 32 differ by {gap:.1e}."),
    );
}

/// What the sum is as a byte, and what it adds to the error.
fn as_byte(ui: &mut Ui, value: f64, truth: Option<u8>) {
    let byte = ((value + 1.0) * 127.5).round().clamp(0.0, 255.0);
    ui.label(format!(
        "As a byte: ({} + 1) · 127.5 = {byte:.0}",
        signed(value)
    ));
    if let Some(truth) = truth {
        let gap = byte - f64::from(truth);
        ui.label(format!(
            "It should be {truth}: off by {gap:.0}, squared {:.0}",
            gap * gap
        ));
        caption(
            ui,
            "The mean of these squares over all pixels and colours is the mean squared error; training lowers it.",
        );
    }
}

/// A number with its digits that mean something, and a true minus.
fn signed(x: f64) -> String {
    format!("{:.4}", x + 0.0).replace('-', "−")
}
