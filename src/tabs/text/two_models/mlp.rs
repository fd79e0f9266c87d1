//! Inside the MLP: the activation as a curve, with the values that really went through it.

use super::side::Side;
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::function_dots::FunctionDots;
use eframe::egui::{RichText, Ui, vec2};

/// A value nearer to zero than that is at rest.
const AT_REST: f32 = 0.1;

/// Draws the activation of the block looked at, for one token. Returns the number that was clicked.
pub(super) fn show(
    ui: &mut Ui,
    side: &Side,
    token: usize,
    selected: Option<usize>,
) -> Option<usize> {
    let numbers = side.numbers.as_ref()?;
    let (mlp, block) = (&numbers.mlp, numbers.block);
    let dots = mlp.dots(token);
    let name = side
        .pieces
        .get(token)
        .map_or_else(String::new, Piece::shown);
    let is_gated = mlp.up.is_some();
    let formula = if is_gated {
        "silu(gate) · up"
    } else {
        "gelu(x)"
    };
    ui.label(RichText::new(formula).text_style(theme::style::strong()));
    let n_at_rest = dots.iter().filter(|dot| dot[1].abs() < AT_REST).count();
    caption(
        ui,
        format!(
            "Block {block}, token {token} “{name}”: {} of {} values come out nearer to 0 than {AT_REST}.",
            grouped(n_at_rest),
            grouped(dots.len())
        ),
    );
    let function = mlp.function();
    let size = vec2(ui.available_width(), ui.available_height() - 40.0);
    let clicked = FunctionDots {
        name: "The activation",
        axes: [
            if is_gated {
                "gate"
            } else {
                "into the activation"
            },
            "out of it",
        ],
        function: Some(&function),
        dots: &dots,
        selected,
    }
    .show(ui, size);
    let words = if is_gated {
        "The curve is silu(gate) alone; what the other product multiplies it with moves every dot off it."
    } else {
        "Every dot lies on the curve: each number is bent by itself."
    };
    caption(ui, words);
    clicked
}
