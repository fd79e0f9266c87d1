//! How large the table could be, how little of it a text fills, and what that means.

use super::{Shown, sentence};
use crate::labs::ngrams::{Table, Unit};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::counted_bars::share;
use eframe::egui::{Grid, RichText, Ui};

/// Bytes of one count in a table that keeps a place for every gram.
const BYTES_PER_COUNT: u128 = 4;

pub(super) fn show(ui: &mut Ui, table: &Table, shown: &Shown) {
    let v = table.n_alphabet();
    let (what, one) = match table.unit() {
        Unit::Letters => ("27 letters (a–z and the space)".to_owned(), "letter"),
        Unit::Words => (format!("{} different words", grouped(v)), "word"),
    };
    sentence(
        ui,
        format!(
            "With {what} there are {} × {} × … sequences, N factors. The text fills a little of that, and less with every step.",
            grouped(v),
            grouped(v)
        ),
    );
    ui.add_space(theme::size::GRID * 2.0);
    let heads = [
        "N",
        "possible",
        "in the text",
        "filled",
        "only once",
        "all places, 4 bytes each",
        "bits",
    ];
    Grid::new("sizes")
        .num_columns(heads.len())
        .spacing([theme::size::GROUP, theme::size::GRID])
        .show(ui, |ui| {
            for head in heads {
                let color = theme::palette(ui.ctx()).text_weak;
                ui.label(RichText::new(head).small().color(color));
            }
            ui.end_row();
            for orders in table.orders() {
                let possible = table.n_possible(orders.n);
                let filled = orders.n_distinct as f64 / possible as f64;
                let once = orders.n_once as f64 / orders.n_distinct.max(1) as f64;
                let cells = [
                    orders.n.to_string(),
                    large(possible),
                    grouped(orders.n_distinct as usize),
                    tiny(filled),
                    share(once),
                    memory(possible * BYTES_PER_COUNT),
                    format!("{:.2}", orders.bits),
                ];
                let is_shown = orders.n == shown.key.1;
                for cell in cells {
                    let text = RichText::new(cell).monospace();
                    ui.label(if is_shown { text.strong() } else { text });
                }
                ui.end_row();
            }
        });
    ui.add_space(theme::size::GRID * 2.0);
    for words in [
        format!(
            "Bits: how much the next {one} still tells when the N − 1 before it are known, by these counts. They fall as N grows, in the end only because the table has each context just once and so “knows” what follows: that is remembering, not predicting."
        ),
        "A sequence that the text does not have gets the probability 0, however sensible it is. Smoothing moves a little probability there: adding k treats all of them alike, backing off asks the shorter context.".into(),
        "A transformer keeps no such table. Its weights are a fixed number of parameters, whatever the length of the context, and what it has learned of one word serves for others like it.".into(),
    ] {
        ui.label(words);
        ui.add_space(theme::size::GRID);
    }
}

/// A whole number, in full as long as it can be read.
fn large(n: u128) -> String {
    match usize::try_from(n) {
        Ok(n) if n < 100_000_000_000 => grouped(n),
        _ => power(n as f64),
    }
}

/// 1.2 × 10²⁹.
fn power(x: f64) -> String {
    let exponent = x.log10().floor();
    let digits = exponent.to_string();
    let raised = digits.chars().map(|c| match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32(u32::from(c) - u32::from('4') + u32::from('⁴')).unwrap_or(c),
    });
    let mantissa = x / 10f64.powf(exponent);
    format!("{mantissa:.1} × 10{}", raised.collect::<String>())
}

/// A share that may be very small.
fn tiny(p: f64) -> String {
    if p > 0.0 && p < 1e-5 {
        format!("{} %", power(p * 100.0))
    } else {
        share(p)
    }
}

/// Bytes in the unit that fits.
fn memory(bytes: u128) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
    let mut x = bytes as f64;
    for unit in units {
        if x < 1000.0 {
            let digits = usize::from(x < 10.0 && unit != "bytes");
            return format!("{x:.digits$} {unit}");
        }
        x /= 1000.0;
    }
    format!("{} GB", power(bytes as f64 / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_so_that_they_can_be_read() {
        assert_eq!(large(14_348_907), "14,348,907");
        assert_eq!(large(16_922_u128.pow(7)), "4.0 × 10²⁹");
        assert_eq!(
            [108, 2_916, 57_395_628].map(memory),
            ["108 bytes", "2.9 kB", "57 MB"]
        );
        assert_eq!(tiny(3e-9), "3.0 × 10⁻⁷ %");
    }
}
