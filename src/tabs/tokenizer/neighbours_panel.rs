//! The tokens whose rows in the model's embedding table point the same way.

use super::encode::{Below, Encode};
use super::shelf::label;
use crate::theme;
use crate::widgets::cosine_bars::{CosineBar, cosine_bars};
use crate::widgets::icon::Icon;
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, Ui};

pub(super) fn show(encode: &mut Encode, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let Some((side, id)) = encode.token_looked_at() else {
        return;
    };
    let found = encode.neighbours.of(&side.key, id);
    let name = label(&side.key);
    let mut back = false;
    ui.horizontal(|ui| {
        let token = visible(side.tokenizer.token_bytes(id));
        let title = format!("Neighbours of {token}");
        ui.label(RichText::new(title).text_style(theme::style::strong()));
        let words = match found {
            Some(found) => format!(
                "rows of {} numbers in {name}'s embedding table, by cosine",
                found.d_model()
            ),
            None => format!("in {name}'s embedding table"),
        };
        ui.label(RichText::new(words).color(colors.text_weak)).on_hover_text(
            "All that a model knows of a token at first is its row of this table. Rows that point the same way (cosine near 1) belong to tokens it uses alike.",
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            back = Icon::Close
                .button(ui, "Close", "Back to how the word got there.")
                .clicked();
        });
    });
    match found {
        Some(found) => {
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
        None if encode.neighbours.is_refused(&side.key) => {
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
