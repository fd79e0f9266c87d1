//! The tree: each token in a box with its probability, the ways that go through it as coloured lines.

use super::{ink, layout, minus, name};
use crate::labs::choosing::{Branch, Choices, How, Token};
use crate::theme;
use crate::widgets::token_strip::percent;
use crate::widgets::token_text::visible;
use eframe::egui::epaint::CubicBezierShape;
use eframe::egui::{
    self, Align2, Color32, FontId, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// Room for a token and for the lines to the next, where there is little and where there is much.
const COLUMNS: [f32; 2] = [92.0, 150.0];
/// The lines' part of it.
const GAP: f32 = 26.0;
/// The least height of a row.
const ROW: f32 = 30.0;
/// Room for a token's probability.
const PERCENT: f32 = 38.0;

/// Draws it; returns the token that was clicked.
pub(super) fn show(
    ui: &mut Ui,
    choices: &Choices,
    looked_at: Option<usize>,
    show_dropped: bool,
) -> Option<usize> {
    let (placed, n_rows) = layout::place(choices, show_dropped);
    let n_columns = placed.iter().map(|p| p.column + 1).max().unwrap_or(1);
    let path = looked_at.map_or_else(Vec::new, |token| choices.tokens_to(token));
    let row_height = (ui.available_height() / n_rows.max(1) as f32).clamp(ROW, 52.0);
    let column = (ui.available_width() - GAP) / n_columns as f32;
    let column = column.clamp(COLUMNS[0], COLUMNS[1]);
    let mut clicked = None;
    ScrollArea::both()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let size = vec2(n_columns as f32 * column + GAP, n_rows as f32 * row_height);
            let (area, _) = ui.allocate_exact_size(size.max(ui.available_size()), Sense::hover());
            let start = pos2(
                area.left() + 6.0,
                area.top() + n_rows as f32 * row_height * 0.5,
            );
            let colors = theme::palette(ui.ctx());
            ui.painter().circle_filled(start, 5.0, colors.text_weak);
            let box_of = |place: usize, row: f32| {
                let left = area.left() + GAP + place as f32 * column;
                let y = area.top() + (row + 0.5) * row_height;
                Rect::from_min_max(pos2(left, y - 13.0), pos2(left + column - GAP, y + 13.0))
            };
            let mut boxes = vec![None; choices.tokens.len()];
            for place in &placed {
                boxes[place.token] = Some(box_of(place.column, place.row));
            }
            let ways: Vec<(usize, Vec<How>)> = placed
                .iter()
                .map(|place| (place.token, choices.ways_through(place.token)))
                .collect();
            for (i, ways) in &ways {
                let Some(to) = boxes[*i] else { continue };
                let parent = choices.tokens[*i].parent.and_then(|parent| boxes[parent]);
                let from = parent.map_or(start, |parent| parent.right_center());
                lines(ui, from, to.left_center(), ways);
            }
            let font = theme::style::small_mono().resolve(ui.style());
            for (i, ways) in &ways {
                let Some(place) = boxes[*i] else { continue };
                let token = &choices.tokens[*i];
                let response =
                    ui.interact(place, ui.scope_id().with(("token", *i)), Sense::click());
                response.widget_info(|| {
                    let words = format!(
                        "Token {} at place {}: {}",
                        visible(&token.bytes),
                        token.length,
                        percent(token.log_p.exp())
                    );
                    WidgetInfo::selected(Role::Button, true, looked_at == Some(*i), words)
                });
                let lit = response.hovered() || response.has_focus();
                paint(ui, place, token, ways, path.contains(i), lit, &font);
                if response.clicked() {
                    clicked = Some(*i);
                }
                response
                    .on_hover_cursor(egui::CursorIcon::PointingHand)
                    .on_hover_ui(|ui| told(ui, token, ways));
            }
        });
    clicked
}

/// The lines between two tokens, one beside the other for each way.
fn lines(ui: &Ui, from: egui::Pos2, to: egui::Pos2, ways: &[How]) {
    let colors = theme::palette(ui.ctx());
    let line = |shift: f32, stroke: Stroke| {
        let (a, b) = (from + vec2(0.0, shift), to + vec2(0.0, shift));
        let bend = vec2((b.x - a.x) * 0.5, 0.0);
        let curve = CubicBezierShape::from_points_stroke(
            [a, a + bend, b - bend, b],
            false,
            Color32::TRANSPARENT,
            stroke,
        );
        ui.painter().add(curve);
    };
    if ways.is_empty() {
        line(0.0, Stroke::new(1.0, colors.line));
        return;
    }
    let shown: Vec<How> = ways.iter().copied().take(4).collect();
    let middle = (shown.len() - 1) as f32 * 0.5;
    for (i, how) in shown.into_iter().enumerate() {
        let width = if how == How::Beam(0) { 3.0 } else { 2.0 };
        line((i as f32 - middle) * 3.0, Stroke::new(width, ink(ui, how)));
    }
}

fn paint(
    ui: &Ui,
    place: Rect,
    token: &Token,
    ways: &[How],
    is_looked_at: bool,
    lit: bool,
    font: &FontId,
) {
    let colors = theme::palette(ui.ctx());
    let p = token.log_p.exp();
    let is_faint = ways.is_empty();
    let fill = if is_faint {
        colors.panel
    } else {
        colors.probability(p as f32)
    };
    let painter = ui
        .painter()
        .with_clip_rect(place.expand(2.0).intersect(ui.clip_rect()));
    painter.rect_filled(place, 5.0, fill);
    let stroke = if is_looked_at {
        Stroke::new(2.0, colors.text)
    } else if lit {
        Stroke::new(2.0, colors.accent)
    } else {
        Stroke::new(
            1.0,
            if is_faint {
                colors.line
            } else {
                colors.outline
            },
        )
    };
    painter.rect_stroke(place, 5.0, stroke, StrokeKind::Inside);
    let text = if is_faint {
        colors.text_weak
    } else {
        colors.text_on(fill)
    };
    let mut word = visible(&token.bytes);
    let most = ((place.width() - PERCENT) / (font.size * 0.61)).max(2.0) as usize;
    if word.chars().count() > most {
        word = word.chars().take(most - 1).chain(['…']).collect();
    }
    let left = place.left_center() + vec2(6.0, 0.0);
    painter.text(left, Align2::LEFT_CENTER, word, font.clone(), text);
    let right = place.right_center() - vec2(5.0, 0.0);
    let percent = format!("{:.0}%", p * 100.0);
    let small = FontId::new(font.size * 0.85, font.family.clone());
    painter.text(right, Align2::RIGHT_CENTER, percent, small, text);
}

fn told(ui: &mut Ui, token: &Token, ways: &[How]) {
    let p = token.log_p.exp();
    ui.label(format!(
        "{}: p = {}, ln p = {}, sum so far {}",
        visible(&token.bytes),
        percent(p),
        minus(token.log_p, 3),
        minus(token.sum, 3)
    ));
    if !ways.is_empty() {
        let names: Vec<String> = ways.iter().map(|how| name(*how)).collect();
        ui.label(names.join(", "));
    }
    ui.label(match token.branch {
        Branch::Unseen => "Beam search never came here.",
        Branch::Dropped => "Beam search looked at it and dropped it: others had a better sum.",
        Branch::Kept => "Beam search went on from it.",
        Branch::Finished => "A text of beam search ends here.",
    });
}
