//! Where a token stands: a table of learned rows, or dials that turn; and how alike places are.

use super::side::Side;
use crate::labs::inside::compare::Positions;
use crate::tabs::parts::{caption, part};
use crate::theme;
use crate::widgets::dials::{Dial, Dials};
use crate::widgets::lines::{Lines, Scale, Series};
use crate::widgets::tensor_map::{Marked, TensorMap};
use eframe::egui::{Ui, vec2};

/// Draws the first `n` positions of a model, with `at` looked at.
pub(super) fn show(ui: &mut Ui, side: &Side, at: usize, n: usize) {
    let Some(positions) = &side.positions else {
        return;
    };
    let area = ui.available_rect_before_wrap();
    let (above, below) = area.split_top_bottom_at_fraction(0.62);
    part(ui, above, |ui| match positions {
        Positions::Learned { width, rows } => learned(ui, side, *width, rows, at),
        Positions::Turned { frequencies } => turned(ui, frequencies, at),
    });
    let n = match positions {
        Positions::Learned { width, rows } => n.min(rows.len() / (*width).max(1)),
        Positions::Turned { .. } => n,
    };
    let colors = theme::palette(ui.ctx());
    let alike = positions.alike(at.min(n.saturating_sub(1)), n);
    let steps: Vec<f32> = (0..n).map(|i| i as f32).collect();
    let lines = Lines {
        name: "How alike positions are",
        y: &format!("how like position {at} (cosine)"),
        x: "position",
        steps: &steps,
        series: &[Series {
            name: "",
            values: &alike,
            color: colors.accent,
        }],
        scale: Scale::Fixed(-0.5, 1.0),
        here: Some(at as f32),
    };
    part(ui, below, |ui| {
        let height = ui.available_height();
        lines.show(ui, height);
    });
}

fn learned(ui: &mut Ui, side: &Side, width: usize, rows: &[f32], at: usize) {
    let n = rows.len() / width.max(1);
    caption(
        ui,
        format!("A row for each of {n} positions, added to the token's."),
    );
    let marked = [Marked {
        rows: at..at + 1,
        columns: 0..width,
    }];
    let map = TensorMap {
        name: "Learned positions",
        shape: [n, width],
        values: rows,
        is_signed: true,
        // The table is the model's own: it is another one only with another model.
        version: side.version,
        row_name: &|i| format!("position {i}"),
        column_name: &|i| format!("number {i}"),
        chosen: None,
        marked: if at < n { &marked } else { &[] },
    };
    let height = ui.available_height() - theme::size::GRID * 2.0;
    map.show(ui, height);
}

fn turned(ui: &mut Ui, frequencies: &[f64], at: usize) {
    let pairs = frequencies.len();
    let around = |f: Option<&f64>| f.map_or(0.0, |f| std::f64::consts::TAU / f);
    caption(
        ui,
        format!(
            "{pairs} pairs at position {at}: the first goes around in {:.1} positions, the last in {:.0}.",
            around(frequencies.first()),
            around(frequencies.last())
        ),
    );
    let dials = frequencies.iter().map(|&f| {
        let (sin, cos) = (at as f64 * f).sin_cos();
        Dial {
            hand: [cos as f32, sin as f32],
            per_position: Some(f),
        }
    });
    let dials: Vec<Dial> = dials.collect();
    let name = format!("Pairs turned at position {at}");
    let width = ui.available_width();
    let height = ui.available_height() - theme::size::GRID * 2.0;
    Dials {
        name: &name,
        dials: &dials,
    }
    .show(ui, vec2(width, height));
}
