//! A sound as a wave: for every column the lowest and the highest sample, as one mesh.

use crate::theme;
use crate::widgets::time_span::{TimeSpan, Touch};
use eframe::egui::{
    Align2, Mesh, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2,
};

/// Room for the numbers beside a plot: the same for a wave and a spectrogram, so that they stand over
/// each other.
pub const LEFT: f32 = 56.0;
/// Room for what stands on the right of a spectrogram.
pub const RIGHT: f32 = 64.0;

/// The wave of what can be seen.
#[derive(Debug, Clone, Copy)]
pub struct Waveform<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// Lowest and highest sample, column after column.
    pub columns: &'a [[f32; 2]],
    /// The seconds that the columns share among them.
    pub covers: [f64; 2],
    /// The largest sample of the sound: what the height stands for.
    pub loudest: f32,
    /// Where the sound is heard now.
    pub playing: Option<f64>,
}

impl Waveform<'_> {
    /// Draws it in `size`.
    pub fn show(self, ui: &mut Ui, size: Vec2, span: &mut TimeSpan) -> Option<Touch> {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.name));
        let plot = Rect::from_min_max(
            rect.min + Vec2::new(LEFT, 0.0),
            rect.max - Vec2::new(RIGHT, 0.0),
        );
        let touched = span.answer(ui, &response, plot);
        self.paint_axis(ui, plot);
        self.paint_wave(ui, plot, span);
        span.paint_marks(ui.painter(), plot, self.playing);
        if response.has_focus() {
            let colors = theme::palette(ui.ctx());
            let ring = Stroke::new(1.0, colors.accent);
            let kind = eframe::egui::StrokeKind::Outside;
            ui.painter().rect_stroke(plot, 2.0, ring, kind);
        }
        touched
    }

    /// What the height stands for: the loudest sample and a little air, as a number one can say.
    fn height(&self) -> f32 {
        let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
        let wide = steps.into_iter().find(|it| *it >= self.loudest);
        wide.unwrap_or(1.0)
    }

    fn paint_axis(&self, ui: &Ui, plot: Rect) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let font = TextStyle::Small.resolve(ui.style());
        let height = self.height();
        let middle = plot.center().y;
        painter.hline(plot.x_range(), middle, Stroke::new(1.0, colors.line));
        let places = [
            (plot.top(), Align2::RIGHT_TOP, format!("{height}")),
            (middle, Align2::RIGHT_CENTER, "0".into()),
            (plot.bottom(), Align2::RIGHT_BOTTOM, format!("−{height}")),
        ];
        for (y, anchor, text) in places {
            let at = pos2(plot.left() - 6.0, y);
            painter.text(at, anchor, text, font.clone(), colors.text_weak);
        }
        let at = pos2(plot.right() + 8.0, plot.top());
        let unit = "of full\nscale";
        painter.text(at, Align2::LEFT_TOP, unit, font, colors.text_weak);
    }

    fn paint_wave(&self, ui: &Ui, plot: Rect, span: &TimeSpan) {
        let n = self.columns.len();
        if n == 0 {
            return;
        }
        let colors = theme::palette(ui.ctx());
        let ink = colors.hues[1];
        let scale = plot.height() * 0.5 / self.height();
        let y_of = |sample: f32| {
            let sample = if sample.is_finite() { sample } else { 0.0 };
            (plot.center().y - sample * scale).clamp(plot.top(), plot.bottom())
        };
        let [from, to] = self.covers.map(|secs| span.x_of(secs, plot));
        let width = (to - from) / n as f32;
        let mut mesh = Mesh::default();
        for (i, &[low, high]) in self.columns.iter().enumerate() {
            let left = from + width * i as f32;
            if left > plot.right() || left + width < plot.left() {
                continue;
            }
            // A thin line where the sound does not move.
            let (top, bottom) = (y_of(high) - 0.5, y_of(low) + 0.5);
            let column = Rect::from_min_max(pos2(left, top), pos2(left + width.max(1.0), bottom));
            mesh.add_colored_rect(column, ink);
        }
        let painter = ui.painter().with_clip_rect(plot);
        painter.add(Shape::mesh(mesh));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_height_is_a_number_one_can_say() {
        let wave = |loudest| Waveform {
            name: "",
            columns: &[],
            covers: [0.0, 1.0],
            loudest,
            playing: None,
        };
        assert_eq!(wave(0.013).height(), 0.02);
        assert_eq!(wave(0.7).height(), 1.0);
        assert_eq!(wave(7.0).height(), 1.0);
        assert_eq!(wave(f32::NAN).height(), 1.0);
    }
}
