//! A function as a curve, and the values that really went through it as dots on it.

use crate::theme;
use eframe::egui::{
    Align2, Pos2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Points of the curve.
const N_POINTS: usize = 160;

/// A function and what went through it.
#[derive(Clone, Copy)]
pub struct FunctionDots<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// The names of both axes: what goes in, what comes out.
    pub axes: [&'a str; 2],
    /// The curve; none where there is no single one.
    pub function: Option<&'a dyn Fn(f32) -> f32>,
    /// What went in and came out.
    pub dots: &'a [[f32; 2]],
    /// The dot that is looked at.
    pub selected: Option<usize>,
}

impl FunctionDots<'_> {
    /// Draws it in `size`. Returns the dot that was clicked, if one was.
    pub fn show(self, ui: &mut Ui, size: Vec2) -> Option<usize> {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let n = self.dots.len();
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("{}: {n} values", self.name))
        });
        if !ui.is_rect_visible(rect) || rect.width() < 80.0 || rect.height() < 60.0 {
            return None;
        }
        let font = TextStyle::Small.resolve(ui.style());
        let plot = Rect::from_min_max(
            rect.min + vec2(font.size * 3.2, font.size * 1.5),
            rect.max - vec2(6.0, font.size * 2.6),
        );
        let (x, y) = self.ranges();
        let place = |[a, b]: [f32; 2]| {
            pos2(
                plot.left() + plot.width() * (a - x[0]) / (x[1] - x[0]),
                plot.bottom() - plot.height() * (b - y[0]) / (y[1] - y[0]),
            )
        };
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect);
        let write = |at: Pos2, anchor: Align2, words: String| {
            painter.text(at, anchor, words, font.clone(), colors.text_weak);
        };
        write(rect.left_top(), Align2::LEFT_TOP, self.axes[1].into());
        let at = pos2(plot.right(), rect.bottom());
        write(at, Align2::RIGHT_BOTTOM, self.axes[0].into());
        let along = [Align2::LEFT_TOP, Align2::CENTER_TOP, Align2::RIGHT_TOP];
        for (value, anchor) in [x[0], 0.0, x[1]].into_iter().zip(along) {
            let at = pos2(place([value, y[0]]).x, plot.bottom() + 2.0);
            painter.vline(at.x, plot.y_range(), Stroke::new(1.0, colors.line));
            write(at, anchor, short(value));
        }
        let up = [
            Align2::RIGHT_BOTTOM,
            Align2::RIGHT_CENTER,
            Align2::RIGHT_TOP,
        ];
        for (value, anchor) in [y[0], 0.0, y[1]].into_iter().zip(up) {
            let at = place([x[0], value]) - vec2(4.0, 0.0);
            painter.hline(plot.x_range(), at.y, Stroke::new(1.0, colors.line));
            write(at, anchor, short(value));
        }
        if let Some(function) = self.function {
            let points = (0..=N_POINTS).map(|i| {
                let a = x[0] + (x[1] - x[0]) * i as f32 / N_POINTS as f32;
                place([a, function(a)])
            });
            let stroke = Stroke::new(1.5, colors.text);
            let inside = painter.with_clip_rect(plot);
            inside.add(Shape::line(points.collect(), stroke));
        }
        let radius = if n > 400 { 2.0 } else { 3.0 };
        let dot = colors
            .accent
            .gamma_multiply(if n > 400 { 0.55 } else { 0.8 });
        for &values in self
            .dots
            .iter()
            .filter(|v| v[0].is_finite() && v[1].is_finite())
        {
            painter.circle_filled(place(values), radius, dot);
        }
        if let Some(&values) = self.selected.and_then(|i| self.dots.get(i)) {
            painter.circle_stroke(place(values), 6.0, Stroke::new(2.0, colors.text));
        }
        let near = response
            .hover_pos()
            .and_then(|at| self.nearest(at, &place))?;
        let [a, b] = self.dots[near];
        let stroke = Stroke::new(1.5, colors.text);
        painter.circle_stroke(place([a, b]), 5.0, stroke);
        let clicked = response.clicked();
        let [into, out] = self.axes;
        response.on_hover_text(format!("{near}: {into} {a:.4}, {out} {b:.4}"));
        clicked.then_some(near)
    }

    fn nearest(&self, at: Pos2, place: &impl Fn([f32; 2]) -> Pos2) -> Option<usize> {
        let distance = |i: usize| place(self.dots[i]).distance(at);
        let all = 0..self.dots.len();
        let nearest = all.min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        nearest.filter(|&i| distance(i) < 12.0)
    }

    /// From where to where both axes reach: as far as the values do, and to 0.
    fn ranges(&self) -> ([f32; 2], [f32; 2]) {
        let range = |axis: usize| {
            let values = self.dots.iter().map(|dot| dot[axis]);
            let values = values.filter(|v| v.is_finite());
            let [low, high] = values.fold([0.0_f32; 2], |[a, b], v| [a.min(v), b.max(v)]);
            let air = ((high - low) * 0.04).max(1e-6);
            [low - air, high + air]
        };
        (range(0), range(1))
    }
}

fn short(value: f32) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
