//! What the drawers with equations are made of: which pixel is asked about, and lines of numbers.

use super::cells::signed;
use crate::tabs::parts::{caption, choice, wrapped};
use crate::theme::{size, style};
use crate::widgets::icon::Icon;
use eframe::egui::{Align, DragValue, Label, Layout, RichText, Ui};

/// The channels of a picture in colour.
const CHANNELS: [&str; 3] = ["red", "green", "blue"];

/// The head of a drawer: its title, the pixel (row and column) and the channel. Returns both as they
/// were chosen, and whether the drawer was closed.
pub(super) fn choose_pixel(
    ui: &mut Ui,
    title: &str,
    (pixel, channel): ([usize; 2], usize),
    side: usize,
    n_channels: usize,
) -> (([usize; 2], usize), bool) {
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let button = Icon::Close.button(ui, "Close the equation", "Back to the whole stage.");
        close = button.clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.label(RichText::new(title).text_style(style::subheading()));
        });
    });
    let mut pixel = pixel.map(|x| x.min(side.saturating_sub(1)));
    ui.horizontal(|ui| {
        for (name, place) in ["row", "column"].into_iter().zip(&mut pixel) {
            let mut shown = *place + 1;
            let label = ui.label(name);
            let field = DragValue::new(&mut shown).range(1..=side).speed(0.1);
            ui.add(field).labelled_by(label.id);
            *place = shown - 1;
        }
    });
    let mut channel = channel.min(n_channels.saturating_sub(1));
    if n_channels == CHANNELS.len() {
        wrapped(ui, |ui| {
            for (i, name) in CHANNELS.into_iter().enumerate() {
                let hint = "A pixel has three numbers. The equations below are of this one.";
                if choice(ui, channel == i, name, hint) {
                    channel = i;
                }
            }
        });
    }
    ((pixel, channel), close)
}

/// What was computed again, beside what is on the stage.
pub(super) fn compared(ui: &mut Ui, again: f64, shown: f64) {
    line(ui, &format!("= {}", number(again)));
    let difference = format!("{:.0e}", (again - shown).abs()).replace("e-", "e−");
    caption(
        ui,
        format!("on the stage {}, difference {difference}", number(shown)),
    );
}

pub(super) fn heading(ui: &mut Ui, words: &str) {
    ui.add_space(size::GRID);
    ui.label(RichText::new(words).text_style(style::strong()));
}

pub(super) fn line(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).text_style(style::small_mono())).wrap());
}

pub(super) fn mono(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).text_style(style::small_mono()));
}

/// Four digits after the point; more of them where the number is small.
pub(super) fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 {
        format!("{value:.2e}").replace('-', "−")
    } else {
        signed(value, 4)
    }
}
