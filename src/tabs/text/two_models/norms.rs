//! The norm before attention: every number of a token's stream before and after it, and the formula with
//! what it measured.

use super::side::Side;
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::theme;
use crate::widgets::function_dots::FunctionDots;
use eframe::egui::{RichText, Ui, vec2};

/// Draws the norm of the block looked at, for one token. Returns the number that was clicked.
pub(super) fn show(
    ui: &mut Ui,
    side: &Side,
    token: usize,
    selected: Option<usize>,
) -> Option<usize> {
    let numbers = side.numbers.as_ref()?;
    let (norm, block) = (&numbers.norm, numbers.block);
    let [before, after] = norm.row(token);
    let measured = norm.measured(token);
    let name = side
        .pieces
        .get(token)
        .map_or_else(String::new, Piece::shown);
    let (mean, scale) = (measured.mean, measured.scale);
    let formula = if norm.weights.centred {
        format!("(x − {mean:.4}) / {scale:.4} · gain + bias").replace("− -", "+ ")
    } else {
        format!("x / {scale:.4} · gain")
    };
    ui.label(RichText::new(formula).text_style(theme::style::strong()));
    let words = if norm.weights.centred {
        "The mean is taken away; then it divides by the standard deviation."
    } else {
        "The mean stays; it divides by the root of the mean square."
    };
    caption(
        ui,
        format!("Block {block}, token {token} “{name}”: mean {mean:.4}. {words}"),
    );
    let dots: Vec<[f32; 2]> = before.iter().zip(after).map(|(&a, &b)| [a, b]).collect();
    let centre = if norm.weights.centred { mean } else { 0.0 };
    let pure = move |x: f32| ((f64::from(x) - centre) / scale) as f32;
    let size = vec2(ui.available_width(), ui.available_height() - 40.0);
    let clicked = FunctionDots {
        name: "The norm",
        axes: ["in the stream", "after the norm"],
        function: Some(&pure),
        dots: &dots,
        selected,
    }
    .show(ui, size);
    let words = "The line divides alone; the learned gain moves each number off it.";
    caption(ui, words);
    clicked
}
