//! The rows as arrows, the steps of the sum from tip to tip, and the sum itself.

use super::SheetView;
use crate::theme;
use crate::widgets::arrows::{Arrow, Arrows, Kind, keep_turn, kept_turn};
use eframe::egui::{RichText, Ui, Vec2, vec2};

/// Lower than this there is no room for a word below the drawing.
const CAPTION: f32 = 40.0;

pub(super) fn show(view: &SheetView, ui: &mut Ui, size: Vec2) {
    let sheet = view.sheet();
    let colors = theme::palette(ui.ctx());
    let answer = view.answer().map(|near| near.row);
    let mut arrows = Vec::new();
    for (i, row) in sheet.rows.iter().enumerate() {
        let kind = match (answer == Some(i), row.weight != 0.0) {
            (true, _) => Kind::Answer,
            (_, true) => Kind::Input,
            _ => Kind::Plain,
        };
        arrows.push(Arrow {
            from: [0.0; 3],
            to: in_room(&row.values),
            label: &row.name,
            kind,
        });
    }
    let expression = sheet.expression();
    if let Some(outcome) = view.outcome() {
        let mut at = vec![0.0; sheet.axes.len()];
        for (row, weight) in sheet.terms() {
            let from = in_room(&at);
            for (total, value) in at.iter_mut().zip(&sheet.rows[row].values) {
                *total += weight * value;
            }
            arrows.push(Arrow {
                from,
                to: in_room(&at),
                label: "",
                kind: Kind::Step,
            });
        }
        arrows.push(Arrow {
            from: [0.0; 3],
            to: in_room(&outcome.sum),
            label: &expression,
            kind: Kind::Sum,
        });
    }
    let axes: Vec<&str> = sheet.axes.iter().take(3).map(String::as_str).collect();
    let axes = if axes.len() == 1 {
        vec![axes[0], ""]
    } else {
        axes
    };
    let id = ui.scope_id().with("arrows");
    let mut turn = kept_turn(ui, id);
    let drawing = Arrows {
        name: "Vectors",
        axes: &axes,
        arrows: &arrows,
    };
    drawing.show(ui, vec2(size.x, (size.y - CAPTION).max(120.0)), &mut turn);
    keep_turn(ui, id, turn);
    let words = match sheet.axes.len() {
        0..=2 => "Dashed: one term after the other, from tip to tip. Thick: the sum.".to_owned(),
        3 => "Drag to turn. Dashed: one term after the other. Thick: the sum.".to_owned(),
        n => format!("The first three of {n} axes; the cosines count all. Drag to turn."),
    };
    ui.label(RichText::new(words).small().color(colors.text_weak));
}

/// The first three numbers, zero where there are fewer.
fn in_room(values: &[f64]) -> [f32; 3] {
    [0, 1, 2].map(|i| values.get(i).map_or(0.0, |&value| value as f32))
}
