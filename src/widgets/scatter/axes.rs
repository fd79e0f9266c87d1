//! What stands behind the points: a grid with numbers where they mean something, the edges of the box
//! in space, and the names of the axes.

use super::camera::{Bounds, Projection};
use crate::theme;
use eframe::egui::{Align2, Painter, Pos2, Rect, Stroke, TextStyle, Ui, pos2, vec2};

/// Screen points between two lines of the grid, about.
const SPACING: f32 = 120.0;

/// The grid of a flat map, its numbers and the names of its axes.
pub(super) fn paint_flat(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    map: &Projection,
    names: [&str; 3],
    ticks: bool,
) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let numbers = theme::style::small_mono().resolve(ui.style());
    if ticks {
        let [left, top] = map.number_at(vec2(0.0, 0.0));
        let [right, bottom] = map.number_at(rect.size());
        let line = |value: f32| {
            let color = if value == 0.0 {
                colors.outline
            } else {
                colors.line
            };
            Stroke::new(1.0, color)
        };
        for value in round_numbers(left, right, rect.width()) {
            let ([x, _], _) = map.place([value, 0.0, 0.0]);
            let x = rect.left() + x;
            painter.vline(x, rect.y_range(), line(value));
            let at = pos2(x + 3.0, rect.bottom() - 2.0);
            let text = shown(value, right - left);
            painter.text(
                at,
                Align2::LEFT_BOTTOM,
                text,
                numbers.clone(),
                colors.text_weak,
            );
        }
        for value in round_numbers(bottom, top, rect.height()) {
            let ([_, y], _) = map.place([0.0, value, 0.0]);
            let y = rect.top() + y;
            painter.hline(rect.x_range(), y, line(value));
            let at = pos2(rect.left() + 2.0, y - 1.0);
            let text = shown(value, top - bottom);
            painter.text(
                at,
                Align2::LEFT_BOTTOM,
                text,
                numbers.clone(),
                colors.text_weak,
            );
        }
    }
    let gap = if ticks { numbers.size * 1.4 } else { 2.0 };
    let name = |at: Pos2, anchor: Align2, text: &str| {
        if text.is_empty() {
            return;
        }
        let galley = painter.layout_no_wrap(text.to_owned(), font.clone(), colors.text);
        let place = anchor.anchor_size(at, galley.size());
        let behind = colors.stage.gamma_multiply(0.85);
        painter.rect_filled(place.expand2(vec2(4.0, 1.0)), 3.0, behind);
        painter.galley(place.min, galley, colors.text);
    };
    let right = rect.right_bottom() + vec2(-8.0, -gap);
    name(right, Align2::RIGHT_BOTTOM, names[0]);
    name(rect.left_top() + vec2(8.0, 4.0), Align2::LEFT_TOP, names[1]);
}

/// The edges of the box around all points, the three named ones stronger.
pub(super) fn paint_box(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    map: &Projection,
    bounds: &Bounds,
    names: [&str; 3],
) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let corner = |bits: usize| {
        let position = std::array::from_fn(|axis| {
            if bits >> axis & 1 == 1 {
                bounds.most[axis]
            } else {
                bounds.least[axis]
            }
        });
        let ([x, y], _) = map.place(position);
        rect.min + vec2(x, y)
    };
    for bits in 0..8 {
        for (axis, name) in names.into_iter().enumerate() {
            if bits >> axis & 1 == 1 {
                continue;
            }
            let color = if bits == 0 {
                colors.outline
            } else {
                colors.line
            };
            let ends = [corner(bits), corner(bits | 1 << axis)];
            painter.line_segment(ends, Stroke::new(1.0, color));
            if bits == 0 && !name.is_empty() {
                let away = (ends[1] - ends[0]).normalized() * 10.0;
                let at = ends[1] + away;
                let anchor = if away.x < 0.0 {
                    Align2::RIGHT_CENTER
                } else {
                    Align2::LEFT_CENTER
                };
                painter.text(at, anchor, name, font.clone(), colors.text);
            }
        }
    }
}

/// Round numbers between two ends, about as many as there is room for.
fn round_numbers(from: f32, to: f32, room: f32) -> Vec<f32> {
    let span = to - from;
    let wanted = (room / SPACING).max(1.0);
    if !(span.is_finite() && span > 0.0) {
        return Vec::new();
    }
    let step = round_step(span / wanted);
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    (first..=last.min(first + 60))
        .map(|i| i as f32 * step)
        .collect()
}

/// The next of 1, 2 and 5 times a power of ten.
fn round_step(least: f32) -> f32 {
    let power = 10.0_f32.powf(least.log10().floor());
    let found = [1.0, 2.0, 5.0].into_iter().find(|n| n * power >= least);
    found.unwrap_or(10.0) * power
}

/// A number with the digits that tell it from its neighbours on an axis of this length.
fn shown(value: f32, span: f32) -> String {
    let digits = (1.0 - span.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    let digits = if span.abs() >= 20.0 { 0 } else { digits };
    let value = if value == 0.0 { 0.0 } else { value };
    format!("{value:.digits$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_numbers() {
        assert_eq!(round_numbers(-1.0, 1.1, 600.0), [-1.0, -0.5, 0.0, 0.5, 1.0]);
        assert_eq!(round_numbers(3.0, 96.0, 480.0), [50.0]);
        assert!(round_numbers(1.0, 1.0, 500.0).is_empty());
        assert!(round_numbers(f32::NAN, 1.0, 500.0).is_empty());
    }

    #[test]
    fn numbers_show_the_digits_that_mean_something() {
        assert_eq!(shown(-0.5, 2.0), "−0.5");
        assert_eq!(shown(-0.0, 2.0), "0.0");
        assert_eq!(shown(50.0, 93.0), "50");
        assert_eq!(shown(0.02, 0.15), "0.02");
    }
}
