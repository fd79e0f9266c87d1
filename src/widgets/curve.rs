//! One quantity against another as a line, from zero, with both axes named: how far a corpus shrank
//! with every merge, how a loss fell with every step.

use crate::theme;
use eframe::egui::{
    Align2, Painter, Pos2, Rect, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// A line through `values[0], values[1], …`, which stand at x = 0, 1, ….
#[derive(Debug, Clone, Copy)]
pub struct Curve<'a> {
    /// What AccessKit calls it: "Tokens against merges".
    pub name: &'a str,
    /// The name of the horizontal axis, in the plural: "merges".
    pub x: &'a str,
    /// The name of the vertical axis with its unit: "tokens in the corpus".
    pub y: &'a str,
    /// The values, none below zero.
    pub values: &'a [u64],
    /// The right end of the horizontal axis, at least.
    pub x_end: usize,
    /// Where a dot stands.
    pub here: Option<usize>,
}

impl Curve<'_> {
    /// Draws it over the width there is, `height` points high. Returns the place that was pressed.
    pub fn show(self, ui: &mut Ui, height: f32) -> Option<usize> {
        let size = vec2(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(eframe::egui::Role::Image, true, self.words()));
        let last = self.values.len().checked_sub(1)?;
        let font = TextStyle::Small.resolve(ui.style());
        let most = self.values.iter().copied().max().unwrap_or(1).max(1);
        let most = round_up(most);
        let room = grouped(most as f64).len() as f32 * font.size * 0.6 + 10.0;
        let plot = Rect::from_min_max(
            pos2(rect.left() + room, rect.top() + font.size * 2.1),
            pos2(rect.right() - 8.0, rect.bottom() - font.size * 1.7),
        );
        let axes = Axes {
            plot,
            x_end: self.x_end.max(last).max(1) as f32,
            y_end: most as f32,
        };
        self.paint_axes(ui, rect, &axes);
        self.paint_line(ui, &axes);
        let painter = ui.painter();
        let colors = theme::palette(ui.ctx());
        if let Some(i) = self.here.filter(|&i| i <= last) {
            painter.circle_filled(axes.at(i, self.values[i]), 4.5, colors.accent);
        }
        let at = response
            .hover_pos()
            .or_else(|| response.interact_pointer_pos());
        let at = at.map(|at| axes.x_of(at).min(last));
        if let Some(i) = at {
            let point = axes.at(i, self.values[i]);
            let stroke = Stroke::new(1.0, colors.outline);
            painter.vline(point.x, plot.y_range(), stroke);
            painter.circle_stroke(point, 4.0, Stroke::new(1.5, colors.text));
            let value = grouped(self.values[i] as f64);
            let words = format!("{} {}: {value} {}", grouped(i as f64), self.x, self.y);
            let anchor = if point.x > plot.center().x {
                Align2::RIGHT_TOP
            } else {
                Align2::LEFT_TOP
            };
            let at = pos2(point.x, plot.top());
            let shown = painter.text(at, anchor, &words, font.clone(), colors.text);
            painter.rect_filled(shown.expand(2.0), 2.0, colors.stage);
            painter.text(at, anchor, words, font, colors.text);
        }
        at.filter(|_| response.clicked() || response.dragged())
    }

    fn words(&self) -> String {
        let ends = (self.values.first(), self.values.last());
        match ends {
            (Some(first), Some(last)) => format!(
                "{}: from {first} to {last} in {} {}",
                self.name,
                self.values.len() - 1,
                self.x
            ),
            _ => self.name.to_owned(),
        }
    }

    fn paint_axes(&self, ui: &Ui, rect: Rect, axes: &Axes) {
        let colors = theme::palette(ui.ctx());
        let font = TextStyle::Small.resolve(ui.style());
        let painter = ui.painter();
        let label = |at: Pos2, anchor: Align2, text: String| {
            painter.text(at, anchor, text, font.clone(), colors.text_weak);
        };
        let plot = axes.plot;
        for part in [0.0, 0.5, 1.0_f32] {
            let y = plot.bottom() - plot.height() * part;
            painter.hline(plot.x_range(), y, Stroke::new(1.0, colors.line));
            let value = grouped(f64::from(axes.y_end * part));
            label(pos2(plot.left() - 6.0, y), Align2::RIGHT_CENTER, value);
        }
        label(rect.left_top(), Align2::LEFT_TOP, self.y.to_owned());
        let below = plot.bottom() + 4.0;
        label(pos2(plot.left(), below), Align2::CENTER_TOP, "0".to_owned());
        let end = format!("{} {}", grouped(f64::from(axes.x_end)), self.x);
        label(pos2(rect.right(), below), Align2::RIGHT_TOP, end);
    }

    fn paint_line(&self, ui: &Ui, axes: &Axes) {
        let colors = theme::palette(ui.ctx());
        let painter: &Painter = ui.painter();
        // More points than pixels would only cost time.
        let stride = (self.values.len() / (axes.plot.width().max(1.0) as usize * 2)).max(1);
        let last = self.values.len() - 1;
        let places = (0..last).step_by(stride).chain([last]);
        let line: Vec<Pos2> = places.map(|i| axes.at(i, self.values[i])).collect();
        if line.len() < 60 {
            let dot = |&at: &Pos2| Shape::circle_filled(at, 2.5, colors.text_weak);
            painter.extend(line.iter().map(dot).collect::<Vec<_>>());
        }
        painter.line(line, Stroke::new(2.0, colors.accent));
    }
}

/// A number in groups of three: "49,152", "12.5".
fn grouped(n: f64) -> String {
    let whole = format!("{:.0}", n.trunc());
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n.fract() != 0.0 {
        out += format!("{:.1}", n.fract()).trim_start_matches('0');
    }
    out
}

/// Where the numbers stand on the screen.
struct Axes {
    plot: Rect,
    x_end: f32,
    y_end: f32,
}

impl Axes {
    fn at(&self, x: usize, y: u64) -> Pos2 {
        pos2(
            self.plot.left() + self.plot.width() * (x as f32 / self.x_end),
            self.plot.bottom() - self.plot.height() * (y as f32 / self.y_end),
        )
    }

    fn x_of(&self, at: Pos2) -> usize {
        let share = ((at.x - self.plot.left()) / self.plot.width()).clamp(0.0, 1.0);
        (share * self.x_end).round() as usize
    }
}

/// The next number that people find round and can halve: 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8 or 10
/// times a power of ten.
fn round_up(n: u64) -> u64 {
    let power = 10_u64.pow(n.max(1).ilog10());
    let round = [10, 12, 16, 20, 24, 30, 40, 50, 60, 80].map(|tenths| power / 10 * tenths);
    let found = round.into_iter().find(|&round| round >= n);
    found.unwrap_or_else(|| power.saturating_mul(if n == power { 1 } else { 10 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number() {
        let ends = [1, 2, 95, 100, 101, 3456, 2_000_112].map(round_up);
        assert_eq!(ends, [1, 10, 100, 100, 120, 4000, 2_400_000]);
    }

    #[test]
    fn numbers_stand_in_groups_of_three() {
        let shown = [0.0, 12.5, 999.0, 2_400_000.0].map(grouped);
        assert_eq!(shown, ["0", "12.5", "999", "2,400,000"]);
    }

    #[test]
    fn a_place_on_the_screen_is_the_value_drawn_there() {
        let axes = Axes {
            plot: Rect::from_min_max(pos2(10.0, 20.0), pos2(110.0, 120.0)),
            x_end: 50.0,
            y_end: 200.0,
        };
        assert_eq!(axes.at(0, 0), pos2(10.0, 120.0));
        assert_eq!(axes.at(50, 200), pos2(110.0, 20.0));
        assert!((0..=50).all(|x| axes.x_of(axes.at(x, 7)) == x));
    }
}
