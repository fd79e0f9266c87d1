//! What the text cost each model in all, in numbers that can be compared.

use super::reading::Reading;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::surprise_text::Piece;
use crate::widgets::token_text;
use eframe::egui::{Grid, RichText, Ui};

const COLUMNS: [[&str; 2]; 5] = [
    [
        "Tokens",
        "Into how many tokens the model's vocabulary cuts the text.",
    ],
    [
        "Bits in all",
        "The surprise of all tokens together: what a compressor that asks this model would need for the text.",
    ],
    [
        "Perplexity of a token",
        "Two to the power of the mean surprise of a token: among how many equally likely tokens it might as well have guessed. Longer tokens are harder to guess, so two vocabularies do not compare by it.",
    ],
    [
        "Bits of a byte",
        "The surprise shared out over the bytes of the text, which are the same for both models: the fair comparison. A byte has 8 bits.",
    ],
    [
        "Perplexity of a word",
        "Two to the power of the mean surprise of a word, as white space parts words: fair between two vocabularies, too.",
    ],
];

/// The height of a row.
const ROW: f32 = 22.0;

/// A row for each model.
pub(super) fn show(ui: &mut Ui, readings: &[Option<Reading>; 2]) {
    let weak = theme::palette(ui.ctx()).text_weak;
    Grid::new("what the text cost")
        .num_columns(COLUMNS.len() + 2)
        .min_row_height(ROW)
        .spacing([theme::size::GRID * 2.0, 4.0])
        .show(ui, |ui| {
            ui.spacing_mut().interact_size.y = ROW;
            ui.label("");
            for [name, hint] in COLUMNS {
                ui.label(RichText::new(name).small().color(weak))
                    .on_hover_text(hint);
            }
            ui.end_row();
            for reading in readings.iter().flatten() {
                row(ui, reading);
                ui.end_row();
            }
        });
}

fn row(ui: &mut Ui, reading: &Reading) {
    let totals = &reading.totals;
    let number = |value: Option<f64>| match value {
        Some(value) if value >= 1000.0 => grouped(value.round() as usize),
        Some(value) => format!("{value:.2}"),
        None => "–".into(),
    };
    ui.label(RichText::new(&reading.loaded.name).text_style(theme::style::strong()));
    let n_told = grouped(reading.told.len());
    let n = grouped(reading.asked.ids.len());
    let n = if n_told == n {
        n
    } else {
        format!("{n_told} of {n}")
    };
    let bits = number((totals.n_tokens > 0).then_some(totals.bits));
    for value in [
        n,
        bits,
        number(totals.perplexity()),
        number(totals.bits_per_byte()),
        number(totals.word_perplexity()),
    ] {
        ui.label(RichText::new(value).monospace());
    }
    let weak = theme::palette(ui.ctx()).text_weak;
    let note = |words: String| RichText::new(words).small().color(weak);
    let [window, n_windows] = reading.windows;
    let is_stopped = !reading.is_running() && !reading.is_whole;
    let stopped = if is_stopped { "stopped" } else { "" };
    if n_windows > 1 {
        let n_ctx = grouped(reading.loaded.n_ctx);
        let words = note(format!("{stopped} window {} of {n_windows}", window + 1));
        ui.label(words).on_hover_text(format!(
            "The text is longer than the {n_ctx} tokens the model sees at once. It is read in windows that overlap by half, so that each token after the first window is guessed from at least half a context."
        ));
    } else if is_stopped {
        ui.label(note(stopped.into()));
    }
}

/// A token in one line, spaces seen.
pub(super) fn visible(piece: &Piece) -> String {
    token_text::visible(&piece.bytes)
}
