//! A few numbers that fall as work goes on, as a line with both axes named: a loss by epochs, singular
//! values by their rank.

use crate::theme;
use eframe::egui::{
    Align2, Pos2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// A line through `values[0], values[1], …`, which stand at 1, 2, ….
#[derive(Debug, Clone, Copy)]
pub struct Fall<'a> {
    /// What AccessKit calls it: "Loss".
    pub name: &'a str,
    /// The name of the horizontal axis: "epochs".
    pub x: &'a str,
    /// The name of the vertical axis with its unit.
    pub y: &'a str,
    /// The values, none below zero.
    pub values: &'a [f64],
    /// How many there will be.
    pub n_expected: usize,
}

impl Fall<'_> {
    /// Draws it over the width there is, `height` points high.
    pub fn show(self, ui: &mut Ui, height: f32) {
        let size = vec2(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.words()));
        let most = self.values.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return;
        }
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let font = TextStyle::Small.resolve(ui.style());
        let plot = Rect::from_min_max(
            pos2(rect.left() + font.size * 3.6, rect.top() + font.size * 1.9),
            pos2(rect.right() - 8.0, rect.bottom() - font.size * 1.7),
        );
        let end = self.n_expected.max(self.values.len()).max(2) - 1;
        let place = |i: usize, value: f64| {
            pos2(
                plot.left() + plot.width() * i as f32 / end as f32,
                plot.bottom() - plot.height() * (value / most) as f32,
            )
        };
        let label = |at: Pos2, anchor: Align2, text: String| {
            painter.text(at, anchor, text, font.clone(), colors.text_weak);
        };
        for part in [0.0, 0.5, 1.0_f32] {
            let y = plot.bottom() - plot.height() * part;
            painter.hline(plot.x_range(), y, Stroke::new(1.0, colors.line));
            let value = digits(most * f64::from(part), most);
            label(pos2(plot.left() - 6.0, y), Align2::RIGHT_CENTER, value);
        }
        label(rect.left_top(), Align2::LEFT_TOP, self.y.to_owned());
        let below = plot.bottom() + 4.0;
        label(pos2(plot.left(), below), Align2::CENTER_TOP, "1".to_owned());
        let last = format!("{} {}", end + 1, self.x);
        label(pos2(rect.right(), below), Align2::RIGHT_TOP, last);
        let points = self.values.iter().enumerate();
        let line: Vec<Pos2> = points.map(|(i, &value)| place(i, value)).collect();
        if line.len() < 40 {
            let dot = |&at: &Pos2| Shape::circle_filled(at, 2.5, colors.text_weak);
            painter.extend(line.iter().map(dot).collect::<Vec<_>>());
        }
        if let Some(&last) = line.last() {
            painter.circle_filled(last, 4.5, colors.accent);
        }
        painter.line(line, Stroke::new(2.0, colors.accent));
        if let Some(at) = response.hover_pos() {
            let share = ((at.x - plot.left()) / plot.width()).clamp(0.0, 1.0);
            let i = ((share * end as f32).round() as usize).min(self.values.len() - 1);
            let point = place(i, self.values[i]);
            painter.vline(point.x, plot.y_range(), Stroke::new(1.0, colors.outline));
            let value = digits(self.values[i], most);
            response.on_hover_text_at_pointer(format!("{} {}: {value} {}", i + 1, self.x, self.y));
        }
    }

    fn words(&self) -> String {
        match (self.values.first(), self.values.last()) {
            (Some(first), Some(last)) => {
                let n = self.values.len();
                let [first, last] = [first, last].map(|x| digits(*x, *first));
                format!("{}: from {first} to {last} in {n} {}", self.name, self.x)
            }
            _ => self.name.to_owned(),
        }
    }
}

/// A number with the digits that mean something beside the largest.
fn digits(value: f64, most: f64) -> String {
    let digits = (2.0 - most.abs().max(1e-9).log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_told_by_its_ends() {
        let fall = Fall {
            name: "Loss",
            x: "epochs",
            y: "mean loss of a cell",
            values: &[0.2, 0.1, 0.051],
            n_expected: 10,
        };
        assert_eq!(fall.words(), "Loss: from 0.200 to 0.051 in 3 epochs");
        assert_eq!(digits(1234.5, 1234.5), "1234");
    }
}
