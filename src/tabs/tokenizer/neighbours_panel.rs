//! What a model knows of a token at first: its row of the embedding table, and the tokens whose rows
//! point the same way.

use super::encode::{Below, Encode};
use super::neighbours::{Found, Model};
use super::side::Side;
use crate::theme;
use crate::widgets::cosine_bars::{CosineBar, cosine_bars};
use crate::widgets::icon::Icon;
use crate::widgets::row_strip::{legend, reach, row_strip};
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, ScrollArea, Ui};

/// With less height than this, the whole panel scrolls.
const ROOM_FOR_ALL: f32 = 200.0;

pub(super) fn show(encode: &mut Encode, ui: &mut Ui) {
    let Some((side, id)) = encode.token_looked_at() else {
        return;
    };
    let Some(model) = &side.model else {
        return;
    };
    let found = encode.neighbours.of(model, id);
    let back = head(side, id, ui);
    match found {
        Some(found) if ui.available_height() < ROOM_FOR_ALL => {
            ScrollArea::vertical()
                .id_salt("neighbours")
                .auto_shrink([false, false])
                .show(ui, |ui| table(side, id, found, ui));
        }
        Some(found) => table(side, id, found, ui),
        None if encode.neighbours.is_refused(model) => {
            ui.label("This file has no embedding table: it is a vocabulary alone.");
        }
        None => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Reading the table…");
            });
        }
    }
    if back {
        encode.below = Below::Story;
    }
}

/// Which token, in whose table; true when the way back was pressed.
fn head(side: &Side, id: u32, ui: &mut Ui) -> bool {
    let colors = theme::palette(ui.ctx());
    let mut back = false;
    ui.horizontal(|ui| {
        let token = visible(side.tokenizer.token_bytes(id));
        let title = format!("What the model knows of {token}");
        ui.label(RichText::new(title).text_style(theme::style::strong()));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            back = Icon::Close
                .button(ui, "Close", "Back to how the word got there.")
                .clicked();
            let about = side.model.as_ref().map(Model::about);
            let about = RichText::new(about.unwrap_or_default()).color(colors.text_weak);
            let about = egui::Label::new(about).truncate();
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(about);
            });
        });
    });
    back
}

fn table(side: &Side, id: u32, found: &Found, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let token = visible(side.tokenizer.token_bytes(id));
    let row = found.row();
    ui.horizontal(|ui| {
        let words = format!("Its row of the embedding table: {} numbers", row.len());
        ui.label(words).on_hover_text(
            "All that a model knows of a token at first is this row; everything else it works out from the rows of the whole text.",
        );
        ui.add_space(theme::size::GRID);
        legend(ui, reach(row));
    });
    row_strip(ui, &format!("Row of {token}"), row);
    ui.add_space(theme::size::HALF);
    ui.horizontal(|ui| {
        ui.label("Its nearest neighbours").on_hover_text(
            "Rows that point the same way (cosine near 1) belong to tokens that the model uses alike.",
        );
        ui.label(RichText::new("cosine of the two rows, 0 to 1").color(colors.text_weak));
    });
    let bars: Vec<CosineBar<'_>> = found
        .near
        .iter()
        .map(|near| CosineBar {
            bytes: side.tokenizer.token_bytes(near.id),
            id: near.id,
            cosine: near.cosine,
        })
        .collect();
    cosine_bars(ui, &bars);
}
