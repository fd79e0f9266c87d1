//! The tokens of the text: one strip, or two under each other with the cuts that differ marked.

use super::encode::Encode;
use super::encode_panel::part;
use super::shelf::label;
use super::side::Side;
use super::view::{self, counts, grouped};
use crate::theme;
use crate::widgets::id_strip::{IdChip, IdStrip, StripLook};
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, Ui};
use std::ops::Range;

/// The least width of the card under the pointer.
const CARD_WIDTH: f32 = 344.0;

pub(super) fn show(encode: &mut Encode, ui: &mut Ui) {
    let area = ui.available_rect_before_wrap();
    if encode.side(1).is_none() {
        strip(encode, 0, ui);
        return;
    }
    let middle = area.center().y;
    part(ui, area.with_max_y(middle - theme::size::HALF), |ui| {
        strip(encode, 0, ui);
    });
    part(ui, area.with_min_y(middle + theme::size::HALF), |ui| {
        strip(encode, 1, ui);
    });
}

/// The counts of one vocabulary and its chips.
fn strip(encode: &mut Encode, i: usize, ui: &mut Ui) {
    let look = encode.choices.look;
    let word = encode.story().filter(|story| story.side == i);
    let in_word = word.and_then(|story| {
        let encoded = encode.side(i)?.encoded()?;
        Some(encoded.tokens_of_word(story.word_idx))
    });
    let Some(side) = encode.side_mut(i) else {
        waiting(ui);
        return;
    };
    head(side, ui);
    if side
        .encoded()
        .is_some_and(|encoded| encoded.tokens().is_empty())
    {
        let weak = theme::palette(ui.ctx()).text_weak;
        ui.label(RichText::new("Tokens appear here as you type.").color(weak));
        return;
    }
    let clicked = chips(side, look, in_word.unwrap_or_default(), ui);
    if let Some(token) = clicked {
        encode.look_at(i, token);
    }
}

fn waiting(ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.spinner();
        ui.label("Opening the vocabulary…");
    });
}

/// The vocabulary's name and its counts.
fn head(side: &Side, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(label(&side.key)).text_style(theme::style::strong()));
        for (i, (value, unit)) in counts(side).into_iter().enumerate() {
            if i > 0 {
                ui.label(RichText::new("·").color(colors.text_weak));
            } else {
                ui.add_space(theme::size::GRID);
            }
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            ui.label(RichText::new(value).text_style(theme::style::strong()));
            ui.label(RichText::new(unit).color(colors.text_weak));
        }
        let n_lone = side.lone_cuts.iter().filter(|&&lone| lone).count();
        if !side.lone_cuts.is_empty() {
            ui.add_space(theme::size::GRID);
            let cuts = if n_lone == 1 { "cut" } else { "cuts" };
            ui.label(format!("▌{} {cuts} of its own", grouped(n_lone)))
                .on_hover_text("A thick bar after a chip: here it cuts the text, and the other vocabulary does not.");
        }
        if side.is_encoding() {
            ui.spinner();
        }
    });
}

/// The chips; returns the token that was clicked.
fn chips(side: &mut Side, look: StripLook, in_word: Range<usize>, ui: &mut Ui) -> Option<usize> {
    let mut layout = std::mem::take(&mut side.layout);
    let encoded = side.encoded()?;
    let tokens = encoded.tokens();
    let tokenizer = &side.tokenizer;
    let chip = |i: usize| {
        let token = tokens[i];
        IdChip {
            bytes: tokenizer.token_bytes(token.id),
            id: token.id,
            start: token.start,
            end: token.end,
            special: tokenizer.is_special(token.id),
            begins_word: encoded.begins_word(i),
            lone_cut: side.lone_cuts.get(i).copied().unwrap_or(false),
            in_word: in_word.contains(&i),
        }
    };
    let hover = |ui: &mut Ui, i: usize| card(side, i, ui);
    let strip = IdStrip {
        name: &label(&side.key),
        text: encoded.text(),
        n_tokens: tokens.len(),
        chip: &chip,
        hover: &hover,
        look,
        version: side.version,
        kept: side.kept,
    };
    let clicked = strip.show(ui, &mut layout);
    side.layout = layout;
    clicked
}

/// All there is to say of a token, under the pointer.
fn card(side: &Side, i: usize, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let Some(&token) = side.encoded().and_then(|encoded| encoded.tokens().get(i)) else {
        return;
    };
    let bytes = side.tokenizer.token_bytes(token.id);
    ui.set_min_width(CARD_WIDTH);
    ui.spacing_mut().interact_size.y = 0.0;
    let text = RichText::new(visible(bytes)).text_style(egui::TextStyle::Monospace);
    ui.label(text.background_color(colors.token_fill(i)));
    egui::Grid::new("token card")
        .num_columns(2)
        .min_col_width(88.0)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            for (name, value) in view::facts(&side.tokenizer, token) {
                ui.label(RichText::new(name).color(colors.text_weak));
                let value = RichText::new(value).text_style(theme::style::small_mono());
                ui.add(egui::Label::new(value).wrap());
                ui.end_row();
            }
        });
    if std::str::from_utf8(bytes).is_err() {
        ui.label("Only part of a character: its other bytes are in the tokens beside it.");
    }
    let weak = RichText::new("Click to see how its word got there.").color(colors.text_weak);
    ui.label(weak);
}
