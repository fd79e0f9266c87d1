//! Candidates as bars: what each had before, as an outline, and what it has now, filled.
//!
//! Length is probability, on one scale for all rows; the number stands beside it, and a row whose
//! token was discarded says by what.

use crate::theme;
use crate::widgets::token_strip::percent;
use crate::widgets::token_text::visible;
use eframe::egui::{
    Align2, Rect, Response, Role, Sense, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// Rows lower than this are written small.
const ROOM_FOR_BODY: f32 = 19.0;

/// One candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar<'a> {
    /// The token's bytes.
    pub bytes: &'a [u8],
    /// Its probability before any step.
    pub before: f64,
    /// Its probability after the step looked at; `None` when it was discarded.
    pub after: Option<f64>,
    /// The step that discarded it.
    pub discarded_by: Option<&'static str>,
    /// Whether this one was chosen.
    pub chosen: bool,
}

/// Rows of bars on one scale.
#[derive(Debug)]
pub struct ProbabilityBars<'a> {
    bars: &'a [Bar<'a>],
    row_height: f32,
}

impl<'a> ProbabilityBars<'a> {
    /// Rows of `bars`, each `row_height` points high.
    #[must_use]
    pub fn new(bars: &'a [Bar<'a>], row_height: f32) -> Self {
        Self { bars, row_height }
    }

    /// Draws them and returns the row that was clicked, if one was.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let full = scale_end(self.bars);
        let width = ui.available_width();
        let mut clicked = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        for (i, bar) in self.bars.iter().enumerate() {
            let (rect, response) =
                ui.allocate_exact_size(vec2(width, self.row_height), Sense::click());
            response
                .widget_info(|| WidgetInfo::selected(Role::Button, true, bar.chosen, name(i, bar)));
            if ui.is_rect_visible(rect) {
                paint_row(ui, bar, rect, full, &response);
            }
            if response.clicked() {
                clicked = Some(i);
            }
            response.on_hover_text(hint(bar));
        }
        paint_scale(ui, width, full);
        clicked
    }
}

fn paint_row(ui: &Ui, bar: &Bar<'_>, rect: Rect, full: f64, response: &Response) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let style = if rect.height() < ROOM_FOR_BODY {
        theme::style::small_mono()
    } else {
        TextStyle::Monospace
    };
    let font = style.resolve(ui.style());
    let columns = Columns::of(rect);
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 4.0, colors.hover);
    }
    if bar.chosen {
        let mark = Rect::from_min_size(rect.min, vec2(3.0, rect.height())).shrink2(vec2(0.0, 3.0));
        painter.rect_filled(mark, 1.5, colors.accent);
    }
    let gone = bar.after.is_none();
    let color = if gone { colors.text_weak } else { colors.text };
    let label = painter.text(
        pos2(columns.text, rect.center().y),
        Align2::LEFT_CENTER,
        visible(bar.bytes),
        font.clone(),
        color,
    );
    // A long token must not run under its bar.
    let over = Rect::from_min_max(
        pos2(columns.bar - 6.0, rect.top()),
        pos2(columns.number + 70.0, rect.bottom()),
    );
    if label.right() > over.left() {
        let fill = if response.hovered() || response.has_focus() {
            colors.hover
        } else {
            colors.stage
        };
        painter.rect_filled(over, 0.0, fill);
    }
    let track = Rect::from_min_max(
        pos2(columns.bar, rect.top() + rect.height() * 0.22),
        pos2(columns.number - 8.0, rect.bottom() - rect.height() * 0.22),
    );
    let to_x =
        |p: f64| track.left() + (track.width() * (p / full) as f32).clamp(1.0, track.width());
    if let Some(after) = bar.after {
        let fill = if bar.chosen {
            colors.accent
        } else {
            theme::mix(colors.stage, colors.accent, 0.55)
        };
        painter.rect_filled(track.with_max_x(to_x(after)), 2.0, fill);
    }
    let outline = eframe::egui::Stroke::new(1.0, colors.text_weak);
    let before = track.with_max_x(to_x(bar.before));
    painter.rect_stroke(before, 2.0, outline, StrokeKind::Inside);
    let number = bar.after.map_or_else(
        || format!("cut by {}", bar.discarded_by.unwrap_or("this step")),
        aligned_percent,
    );
    painter.text(
        pos2(rect.right() - 14.0, rect.center().y),
        Align2::RIGHT_CENTER,
        number,
        if gone {
            TextStyle::Small.resolve(ui.style())
        } else {
            font
        },
        color,
    );
}

/// A percentage whose decimal point stands under that of the others, in a monospaced font.
fn aligned_percent(p: f64) -> String {
    if p < 0.000_5 {
        return "< 0.1 %".into();
    }
    format!("{:.1} %", p * 100.0)
}

/// Where the three columns of a row begin.
struct Columns {
    text: f32,
    bar: f32,
    number: f32,
}

impl Columns {
    fn of(row: Rect) -> Self {
        let text = row.left() + 10.0;
        Self {
            text,
            bar: text + (row.width() * 0.3).clamp(60.0, 150.0),
            number: row.right() - 86.0,
        }
    }
}

/// The scale under the bars: 0 at their start, the end at theirs.
fn paint_scale(ui: &mut Ui, width: f32, full: f64) {
    let font = TextStyle::Small.resolve(ui.style());
    let (rect, _) = ui.allocate_exact_size(vec2(width, font.size * 1.6), Sense::hover());
    let columns = Columns::of(rect);
    let colors = theme::palette(ui.ctx());
    let y = rect.top() + 3.0;
    let stroke = eframe::egui::Stroke::new(1.0, colors.line);
    ui.painter()
        .hline(columns.bar..=columns.number - 8.0, y, stroke);
    let mark = |x: f32, align: Align2, text: String| {
        ui.painter().text(
            pos2(x, y + 2.0),
            align,
            text,
            font.clone(),
            colors.text_weak,
        );
    };
    mark(columns.bar, Align2::LEFT_TOP, "0".into());
    mark(
        columns.number - 8.0,
        Align2::RIGHT_TOP,
        format!("{} %", full * 100.0),
    );
}

/// The probability at the right end of every bar: a round number at or above the largest.
fn scale_end(bars: &[Bar<'_>]) -> f64 {
    let largest = bars
        .iter()
        .map(|bar| bar.before.max(bar.after.unwrap_or(0.0)))
        .fold(0.0, f64::max);
    let round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0];
    round.into_iter().find(|&r| largest <= r).unwrap_or(1.0)
}

/// What a screen reader says, and tests look for.
fn name(i: usize, bar: &Bar<'_>) -> String {
    let now = match (bar.after, bar.discarded_by) {
        (Some(after), _) => format!("now {}", percent(after)),
        (None, by) => format!("cut by {}", by.unwrap_or("this step")),
    };
    let (text, before) = (visible(bar.bytes), percent(bar.before));
    format!("Candidate {} {text}, raw {before}, {now}", i + 1)
}

fn hint(bar: &Bar<'_>) -> &'static str {
    if bar.chosen {
        "This token stands in the text."
    } else {
        "Click to write this token instead: a new branch, with the old text kept."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimal_points_of_a_column_stand_under_each_other() {
        for p in [1.0, 0.395, 0.05, 0.0098, 0.000_4] {
            let text = aligned_percent(p);
            let after_point = text.len() - text.find('.').unwrap();
            assert_eq!(after_point, 4, "{text}");
        }
    }

    #[test]
    fn every_bar_fits_a_scale_that_ends_at_a_round_number() {
        let bar = |before, after| Bar {
            bytes: b"",
            before,
            after,
            discarded_by: None,
            chosen: false,
        };
        assert_eq!(scale_end(&[bar(0.158, Some(0.26))]), 0.3);
        assert_eq!(scale_end(&[bar(0.158, None)]), 0.2);
        assert_eq!(scale_end(&[]), 0.01);
    }
}
