//! Pairs of neighbouring tokens as rows: the two tokens, a bar as long as the pair is common, the count.

use crate::theme;
use crate::widgets::token_tag::Tag;
use eframe::egui::{
    Align2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// What a row says of its pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is merged next.
    Next,
    /// It is as common as the one that is merged next.
    Tied,
    /// Neither.
    None,
}

/// One pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairRow {
    /// Id and visible text of the left token.
    pub left: (u32, String),
    /// Id and visible text of the right token.
    pub right: (u32, String),
    /// How often they stand side by side.
    pub count: u64,
    /// Whether it wins.
    pub mark: Mark,
}

/// The share of a row that the two tokens take.
const TOKENS_SHARE: f32 = 0.46;

/// Draws the rows on one scale, from 0 to the largest count. Returns the row under the pointer.
pub fn pair_bars(ui: &mut Ui, rows: &[PairRow]) -> Option<usize> {
    let most = rows.iter().map(|row| row.count).max().unwrap_or(1).max(1);
    let height = Tag::height(ui) + 4.0;
    let width = ui.available_width();
    let mut pointed = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (i, row) in rows.iter().enumerate() {
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name(i, row)));
        if ui.is_rect_visible(rect) {
            paint(ui, row, rect, most, &response);
        }
        if response.hovered() {
            pointed = Some(i);
        }
        response.on_hover_text(hint(row));
    }
    pointed
}

fn paint(ui: &Ui, row: &PairRow, rect: Rect, most: u64, response: &Response) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if response.hovered() {
        painter.rect_filled(rect, 4.0, colors.hover);
    } else if row.mark == Mark::Next {
        painter.rect_filled(rect, 4.0, colors.accent_soft);
    }
    if row.mark == Mark::Next {
        painter.rect_filled(rect.with_max_x(rect.left() + 3.0), 1.5, colors.accent);
    }
    let font = TextStyle::Monospace.resolve(ui.style());
    let number_width = font.size * 0.62 * (most.ilog10() + 1) as f32 + 14.0;
    let tokens = rect
        .with_min_x(rect.left() + 8.0)
        .with_max_x(rect.left() + rect.width() * TOKENS_SHARE);
    let left = Tag::new(&row.left.1, row.left.0).paint(ui, tokens.left_center(), tokens);
    let right_at = pos2(left.right() + 3.0, rect.center().y);
    _ = Tag::new(&row.right.1, row.right.0).paint(ui, right_at, tokens);
    let track = Rect::from_min_max(
        pos2(tokens.right() + 8.0, rect.top() + rect.height() * 0.28),
        pos2(
            rect.right() - number_width,
            rect.bottom() - rect.height() * 0.28,
        ),
    );
    let id = ui.scope_id().with(("pair bar", row.left.0, row.right.0));
    let secs = if theme::motion(ui.ctx()) {
        theme::MOTION_SECS
    } else {
        0.0
    };
    let share = row.count as f32 / most as f32;
    let share = ui.ctx().animate_value_with_time(id, share, secs);
    let bar = track.with_max_x(track.left() + (track.width() * share).max(1.0));
    match row.mark {
        Mark::Next => painter.rect_filled(bar, 2.0, colors.accent),
        Mark::Tied => painter.rect_filled(bar, 2.0, theme::mix(colors.stage, colors.accent, 0.55)),
        Mark::None => painter.rect_filled(bar, 2.0, colors.text_weak),
    };
    if row.mark == Mark::Tied {
        let outline = Stroke::new(1.0, colors.accent);
        painter.rect_stroke(bar, 2.0, outline, StrokeKind::Inside);
    }
    let at = pos2(rect.right() - 6.0, rect.center().y);
    let number = row.count.to_string();
    painter.text(at, Align2::RIGHT_CENTER, number, font, colors.text);
}

/// What a screen reader says, and tests look for.
fn name(i: usize, row: &PairRow) -> String {
    let mark = match row.mark {
        Mark::Next => ", merged next",
        Mark::Tied => ", as common",
        Mark::None => "",
    };
    let (left, right, count) = (&row.left.1, &row.right.1, row.count);
    format!("Pair {} {left} + {right}, {count} times{mark}", i + 1)
}

fn hint(row: &PairRow) -> String {
    let (left, right) = (&row.left.1, &row.right.1);
    let mark = match row.mark {
        Mark::Next => "It wins and becomes one token next.",
        Mark::Tied => "It is as common as the winner; the rule for ties decided against it.",
        Mark::None => "A commoner pair is merged first.",
    };
    format!("{left} stands before {right} {} times. {mark}", row.count)
}
