//! How alike two things are, layer by layer: lines between −1 and 1 over named places, each line named
//! at its end.

use crate::theme;
use eframe::egui::{
    Align2, Color32, Pos2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// One line.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What it is: "bank and bank".
    pub name: &'a str,
    /// A value for each place, −1..=1.
    pub values: &'a [f64],
    /// Whether it is the one to look at; the others stand back.
    pub strong: bool,
}

/// Lines over the same places.
#[derive(Debug, Clone, Copy)]
pub struct LayerLines<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// The names of the places, from the bottom of the model up.
    pub places: &'a [String],
    /// The name of the vertical axis.
    pub y: &'a str,
    /// The lines.
    pub lines: &'a [Line<'a>],
}

impl LayerLines<'_> {
    /// Draws them over the width there is, `height` points high. Returns the place under the pointer.
    pub fn show(self, ui: &mut Ui, height: f32) -> Option<usize> {
        let size = vec2(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.words()));
        let last = self.places.len().checked_sub(1)?;
        let colors = theme::palette(ui.ctx());
        let font = TextStyle::Small.resolve(ui.style());
        let plot = Rect::from_min_max(
            rect.min + vec2(font.size * 3.2, font.size * 1.9),
            rect.max - vec2(10.0, font.size * 1.8),
        );
        let all = self.lines.iter().flat_map(|line| line.values);
        let least = if all.copied().fold(0.0, f64::min) < -0.02 {
            -1.0
        } else {
            0.0
        };
        let at = |i: usize, value: f64| {
            let share = (value.clamp(least, 1.0) - least) / (1.0 - least);
            pos2(
                plot.left() + plot.width() * i as f32 / last.max(1) as f32,
                plot.bottom() - plot.height() * share as f32,
            )
        };
        let painter = ui.painter();
        let label = |at: Pos2, anchor: Align2, text: &str, ink: Color32| {
            painter.text(at, anchor, text, font.clone(), ink);
        };
        for value in [least, f64::midpoint(least, 1.0), 1.0] {
            let y = at(0, value).y;
            painter.hline(plot.x_range(), y, Stroke::new(1.0, colors.line));
            let text = format!("{value:.1}").replace('-', "−");
            let place = pos2(plot.left() - 6.0, y);
            label(place, Align2::RIGHT_CENTER, &text, colors.text_weak);
        }
        label(rect.left_top(), Align2::LEFT_TOP, self.y, colors.text_weak);
        let below = plot.bottom() + 4.0;
        let [first, end] = [&self.places[0], &self.places[last]];
        let left = pos2(plot.left() - 8.0, below);
        label(left, Align2::LEFT_TOP, first, colors.text_weak);
        let right = pos2(rect.right(), below);
        label(right, Align2::RIGHT_TOP, end, colors.text_weak);
        for line in self.lines {
            let points: Vec<Pos2> = (line.values.iter().enumerate())
                .map(|(i, &value)| at(i, value))
                .collect();
            let (ink, width) = if line.strong {
                (colors.accent, 2.5)
            } else {
                (colors.text_weak, 1.5)
            };
            for &point in &points {
                painter.circle_filled(point, width + 0.5, ink);
            }
            if let Some(&middle) = points.get(points.len() / 2) {
                let galley = painter.layout_no_wrap(line.name.to_owned(), font.clone(), ink);
                // Above or below whatever of the line is near, so that no point of it is covered.
                let reach = galley.size().x / 2.0 + 8.0;
                let near = points
                    .iter()
                    .filter(|point| (point.x - middle.x).abs() < reach);
                let ys = near.map(|point| point.y);
                let (y, anchor) = if line.strong {
                    let top = ys.fold(middle.y, f32::min);
                    (top - 8.0, Align2::CENTER_BOTTOM)
                } else {
                    let bottom = ys.fold(middle.y, f32::max);
                    (bottom + 8.0, Align2::CENTER_TOP)
                };
                let place = pos2(middle.x, y);
                let name = anchor.anchor_size(place, galley.size());
                let name = name.translate(vec2(
                    (rect.left() - name.left()).max(0.0) + (rect.right() - name.right()).min(0.0),
                    (plot.top() - name.top()).max(0.0) + (plot.bottom() - name.bottom()).min(0.0),
                ));
                painter.rect_filled(name.expand(2.0), 3.0, colors.stage);
                painter.galley(name.min, galley, ink);
            }
            painter.line(points, Stroke::new(width, ink));
        }
        let pointer = response.hover_pos()?;
        let share = ((pointer.x - plot.left()) / plot.width()).clamp(0.0, 1.0);
        let i = ((share * last as f32).round() as usize).min(last);
        let x = at(i, 0.0).x;
        painter.vline(x, plot.y_range(), Stroke::new(1.0, colors.outline));
        let told: Vec<String> = (self.lines.iter())
            .filter_map(|line| Some(format!("{}: {:.3}", line.name, line.values.get(i)?)))
            .collect();
        let words = format!("{}\n{}", self.places[i], told.join("\n"));
        response.on_hover_text_at_pointer(words);
        Some(i)
    }

    fn words(&self) -> String {
        let ends = self.lines.iter().filter_map(|line| {
            let (first, last) = (line.values.first()?, line.values.last()?);
            Some(format!("{} from {first:.2} to {last:.2}", line.name))
        });
        let ends: Vec<String> = ends.collect();
        format!("{}: {}", self.name, ends.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_by_their_ends() {
        let places = ["embedding", "after block 1"].map(String::from);
        let lines = LayerLines {
            name: "Cosine by layer",
            places: &places,
            y: "cosine",
            lines: &[Line {
                name: "bank and bank",
                values: &[1.0, 0.631],
                strong: true,
            }],
        };
        let words = "Cosine by layer: bank and bank from 1.00 to 0.63";
        assert_eq!(lines.words(), words);
    }
}
