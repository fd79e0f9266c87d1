//! Named points on a plane and lines between them, right angles kept, all of it in sight.

use crate::theme;
use crate::widgets::arrows::labels::Labels;
use crate::widgets::arrows::paint_arrow;
use eframe::egui::{
    Color32, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

/// The share of each side that stays empty, for the words.
const AIR: f32 = 0.16;

/// How a point is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A disc.
    Disc,
    /// A circle.
    Ring,
    /// A square on its corner.
    Diamond,
    /// A small cross.
    Cross,
}

/// A named point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<'a> {
    /// To the right and up.
    pub at: [f32; 2],
    /// The word beside it; may be empty.
    pub label: &'a str,
    /// What a hover says.
    pub hint: &'a str,
    /// Its colour.
    pub color: Color32,
    /// Its shape.
    pub mark: Mark,
    /// Whether its word stands out.
    pub strong: bool,
}

/// A line from one place to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Where it starts.
    pub from: [f32; 2],
    /// Where it ends.
    pub to: [f32; 2],
    /// Its colour.
    pub color: Color32,
    /// Its width in points.
    pub width: f32,
    /// Whether it has gaps.
    pub dashed: bool,
    /// Whether it ends in a head.
    pub arrow: bool,
}

/// The drawing. Later lines and points are on top; the first points have their words first.
#[derive(Debug, Clone, Copy)]
pub struct PlaneDrawing<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// The points.
    pub points: &'a [Point<'a>],
    /// The lines, below the points.
    pub lines: &'a [Line],
}

impl PlaneDrawing<'_> {
    /// Draws it over `size`.
    pub fn show(self, ui: &mut Ui, size: Vec2) {
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.words()));
        if !ui.is_rect_visible(rect) {
            return;
        }
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        painter.rect_filled(rect, 8.0, colors.panel);
        let frame = Frame::of(rect, &self.ends());
        for line in self.lines {
            paint_line(&painter, &frame, line);
        }
        let mut labels = Labels::new(rect.shrink(4.0));
        for point in self.points {
            let at = frame.place(point.at);
            paint_point(&painter, at, point);
            let side = if point.mark == Mark::Ring { 16.0 } else { 11.0 };
            labels.take(Rect::from_center_size(at, Vec2::splat(side)));
        }
        let centre = frame.place(self.middle());
        for point in self.points {
            let at = frame.place(point.at);
            let style = if point.strong {
                theme::style::strong()
            } else {
                TextStyle::Body
            };
            let font = style.resolve(ui.style());
            let ink = if point.strong {
                colors.text
            } else {
                colors.text_weak
            };
            if !point.label.is_empty() {
                labels.write(&painter, &font, ink, at, at - centre, point.label);
            }
        }
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        let near = self.points.iter().filter(|point| !point.hint.is_empty());
        let near = near.min_by(|a, b| {
            let far = |point: &Point<'_>| frame.place(point.at).distance_sq(pointer);
            far(a).total_cmp(&far(b))
        });
        if let Some(point) = near.filter(|point| frame.place(point.at).distance(pointer) < 24.0) {
            response.on_hover_text_at_pointer(point.hint);
        }
    }

    fn words(&self) -> String {
        let labels = self.points.iter().map(|point| point.label);
        let labels: Vec<&str> = labels.filter(|label| !label.is_empty()).collect();
        format!("{}: {}", self.name, labels.join(", "))
    }

    fn ends(&self) -> Vec<[f32; 2]> {
        let lines = self.lines.iter().flat_map(|line| [line.from, line.to]);
        let points = self.points.iter().map(|point| point.at);
        lines.chain(points).collect()
    }

    /// Words are written away from here.
    fn middle(&self) -> [f32; 2] {
        let n = self.points.len().max(1) as f32;
        [0, 1].map(|i| self.points.iter().map(|point| point.at[i]).sum::<f32>() / n)
    }
}

/// Where places on the plane stand on the screen.
struct Frame {
    centre: Pos2,
    middle: [f32; 2],
    scale: f32,
}

impl Frame {
    fn of(rect: Rect, ends: &[[f32; 2]]) -> Self {
        let range = |i: usize| {
            let ends = ends.iter().map(|end| end[i]).filter(|x| x.is_finite());
            let start = (f32::INFINITY, f32::NEG_INFINITY);
            let (least, most) = ends.fold(start, |(least, most), x| (least.min(x), most.max(x)));
            if least <= most {
                (least, most)
            } else {
                (0.0, 0.0)
            }
        };
        let [x, y] = [range(0), range(1)];
        let room = rect.size() * (1.0 - 2.0 * AIR);
        let span = vec2((x.1 - x.0).max(1e-6), (y.1 - y.0).max(1e-6));
        Self {
            centre: rect.center(),
            middle: [f32::midpoint(x.0, x.1), f32::midpoint(y.0, y.1)],
            scale: (room.x / span.x).min(room.y / span.y),
        }
    }

    fn place(&self, at: [f32; 2]) -> Pos2 {
        pos2(
            self.centre.x + (at[0] - self.middle[0]) * self.scale,
            self.centre.y - (at[1] - self.middle[1]) * self.scale,
        )
    }
}

fn paint_line(painter: &Painter, frame: &Frame, line: &Line) {
    let [from, to] = [line.from, line.to].map(|end| frame.place(end));
    let stroke = Stroke::new(line.width, line.color);
    if line.arrow {
        paint_arrow(painter, from, to, stroke, line.dashed);
    } else if line.dashed {
        painter.extend(Shape::dashed_line(&[from, to], stroke, 5.0, 4.0));
    } else {
        painter.line_segment([from, to], stroke);
    }
}

fn paint_point(painter: &Painter, at: Pos2, point: &Point<'_>) {
    let stroke = Stroke::new(2.0, point.color);
    match point.mark {
        Mark::Disc => {
            painter.circle_filled(at, 5.0, point.color);
        }
        Mark::Ring => {
            painter.circle_stroke(at, 7.0, stroke);
        }
        Mark::Diamond => {
            let corners = [(0.0, -7.0), (7.0, 0.0), (0.0, 7.0), (-7.0, 0.0)];
            let corners = corners.map(|(x, y)| at + vec2(x, y)).to_vec();
            painter.add(Shape::convex_polygon(corners, point.color, Stroke::NONE));
        }
        Mark::Cross => {
            for (x, y) in [(4.0, 4.0), (4.0, -4.0)] {
                let line = [at - vec2(x, y), at + vec2(x, y)];
                painter.line_segment(line, Stroke::new(1.5, point.color));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_sight_and_right_angles_stay() {
        let rect = Rect::from_min_size(pos2(5.0, 5.0), vec2(400.0, 300.0));
        let ends = [[-3.0, 1.0], [5.0, 2.0], [0.0, -4.0]];
        let frame = Frame::of(rect, &ends);
        assert!(ends.iter().all(|&end| rect.contains(frame.place(end))));
        let [o, x, y] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]].map(|at| frame.place(at));
        assert!(((x.x - o.x) - (o.y - y.y)).abs() < 1e-3);
    }

    #[test]
    fn one_point_or_none_has_a_frame_too() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0));
        for ends in [&[][..], &[[2.0, 3.0]], &[[f32::NAN, 0.0]]] {
            assert!(Frame::of(rect, ends).place([2.0, 3.0]).is_finite());
        }
        assert_eq!(
            Frame::of(rect, &[[2.0, 3.0]]).place([2.0, 3.0]),
            rect.center()
        );
    }
}
