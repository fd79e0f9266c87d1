//! The words, their sum and the nearest word on the plane that holds them best, with what that plane
//! leaves out. The sum moves with the sliders at once: on a plane, too, it is the weighted sum.

use super::Arithmetic;
use crate::labs::embeddings::{Plane, PlanePoint, Role};
use crate::tabs::parts::caption;
use crate::theme::{self, Palette};
use crate::widgets::plane::{Line, Mark, PlaneDrawing, Point};
use eframe::egui::{Color32, Ui, Vec2, vec2};

/// The height that the caption below takes.
const CAPTION: f32 = 60.0;
/// Of the ten hues those that are seen as lines on every stage.
const HUES: [usize; 7] = [1, 8, 5, 4, 9, 0, 7];

/// The colour of term `i`: below its word in the line, beside its slider, and of its point.
pub(super) fn term_color(colors: &Palette, i: usize) -> Color32 {
    colors.hues[HUES[i % HUES.len()]]
}

pub(super) fn show(view: &Arithmetic, ui: &mut Ui, size: Vec2) {
    let Some(plane) = view.plane() else {
        return;
    };
    let weights: Vec<f64> = view.terms.iter().map(|(_, weight)| *weight).collect();
    let geometry = Geometry::of(plane, &weights);
    let colors = theme::palette(ui.ctx());
    let lines = geometry.lines(colors);
    let hints: Vec<String> = plane.points.iter().map(hint).collect();
    let sum = view.question.expression.as_str();
    let sum = if sum.chars().count() > 26 { "sum" } else { sum };
    let points = plane.points.iter().zip(&hints).filter_map(|(point, hint)| {
        let is_held = view.held.is_some();
        let place = [point.x as f32, point.y as f32];
        let (label, color, mark, strong) = match point.role {
            Role::Term(i) => (
                point.word.as_str(),
                term_color(colors, i),
                Mark::Disc,
                false,
            ),
            Role::Sum => (sum, colors.accent, Mark::Diamond, true),
            // While the plane is held still, the word nearest now may not lie on it.
            Role::Nearest | Role::Expected if is_held => return None,
            Role::Nearest => (point.word.as_str(), colors.text, Mark::Ring, true),
            Role::Expected => (point.word.as_str(), colors.warning, Mark::Ring, false),
        };
        let at = match point.role {
            Role::Sum => geometry.sum,
            _ => place,
        };
        Some(Point {
            at,
            label,
            hint,
            color,
            mark,
            strong,
        })
    });
    let mut points: Vec<Point<'_>> = points.collect();
    if !geometry.is_parallelogram() {
        points.push(Point {
            at: geometry.zero,
            label: "0",
            hint: "The origin: every vector starts here.",
            color: colors.text_weak,
            mark: Mark::Cross,
            strong: false,
        });
    }
    // Words that matter are written first.
    points.sort_by_key(|point| !point.strong);
    let drawing = PlaneDrawing {
        name: "The plane of the words",
        points: &points,
        lines: &lines,
    };
    drawing.show(ui, vec2(size.x, (size.y - CAPTION).max(160.0)));
    caption(ui, about(plane.error));
}

/// What the plane leaves out.
fn about(error: f64) -> String {
    let lost = error * 100.0;
    let holds = if lost < 0.5 {
        "It holds all of how they differ.".to_owned()
    } else {
        let held = 100.0 - lost;
        format!(
            "It holds {held:.0} % of how they differ; {lost:.0} % is lost, so what looks near may be far."
        )
    };
    format!(
        "The plane through these points that fits best. {holds} Diamond: the sum. Ring: a word."
    )
}

fn hint(point: &PlanePoint) -> String {
    let what = match point.role {
        Role::Term(_) => format!("{}: a word of the question", point.word),
        Role::Sum => "Where the arithmetic ends".to_owned(),
        Role::Nearest => format!("{}: the nearest word that is no input", point.word),
        Role::Expected => format!("{}: the word you expected", point.word),
    };
    format!("{what}.\n{:.2} outside this plane.", point.outside)
}

/// What is drawn between the points.
#[derive(Debug, PartialEq)]
struct Geometry {
    zero: [f32; 2],
    sum: [f32; 2],
    /// From tip to tip.
    steps: Vec<(usize, [f32; 2], [f32; 2])>,
    /// The corners from, to, and where the same step is taken from: man, king, woman.
    parallelogram: Option<[[f32; 2]; 3]>,
}

impl Geometry {
    /// What is linear in the space is linear on a plane: every word is an arrow from the projected
    /// origin, and so the sum of the arrows is the projected sum.
    fn of(plane: &Plane, weights: &[f64]) -> Self {
        let zero = plane.zero;
        let mut at = zero;
        let mut steps = Vec::new();
        let short = |[x, y]: [f64; 2]| [x as f32, y as f32];
        let mut corners = [None, None, None];
        for point in &plane.points {
            let Role::Term(i) = point.role else {
                continue;
            };
            let weight = weights.get(i).copied().unwrap_or(0.0);
            let from = at;
            at = [
                at[0] + weight * (point.x - zero[0]),
                at[1] + weight * (point.y - zero[1]),
            ];
            steps.push((i, short(from), short(at)));
            let place = short([point.x, point.y]);
            if weight < 0.0 {
                corners[0] = Some(place);
            } else if corners[1].is_none() {
                corners[1] = Some(place);
            } else {
                corners[2] = Some(place);
            }
        }
        let signs = weights.iter().filter(|weight| **weight < 0.0).count();
        let parallelogram = match corners {
            [Some(from), Some(to), Some(other)] if weights.len() == 3 && signs == 1 => {
                Some([from, to, other])
            }
            _ => None,
        };
        Self {
            zero: short(zero),
            sum: short(at),
            steps,
            parallelogram,
        }
    }

    fn is_parallelogram(&self) -> bool {
        self.parallelogram.is_some()
    }

    fn lines(&self, colors: &Palette) -> Vec<Line> {
        let line = |from, to, color, width, dashed| Line {
            from,
            to,
            color,
            width,
            dashed,
            arrow: true,
        };
        if let Some([from, to, other]) = self.parallelogram {
            let side = |from, to| Line {
                arrow: false,
                ..line(from, to, colors.outline, 1.25, true)
            };
            return vec![
                side(from, other),
                side(to, self.sum),
                line(from, to, colors.text_weak, 2.5, false),
                line(other, self.sum, colors.accent, 3.0, false),
            ];
        }
        let steps = self.steps.iter().map(|&(i, from, to)| {
            let color = term_color(colors, i);
            line(from, to, color, 1.75, true)
        });
        let mut lines: Vec<Line> = steps.collect();
        lines.push(line(self.zero, self.sum, colors.accent, 3.0, false));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(role: Role, x: f64, y: f64) -> PlanePoint {
        PlanePoint {
            word: String::new(),
            role,
            x,
            y,
            outside: 0.0,
        }
    }

    /// A plane whose origin is not the space's.
    fn plane() -> Plane {
        Plane {
            points: vec![
                point(Role::Term(0), 3.0, 1.0),
                point(Role::Term(1), 1.0, 1.0),
                point(Role::Term(2), 1.0, 3.0),
                point(Role::Sum, 3.0, 3.0),
            ],
            zero: [-1.0, 0.5],
            error: 0.0,
        }
    }

    #[test]
    fn the_sum_on_the_plane_is_the_sum_of_the_arrows_from_its_origin() {
        let drawn = Geometry::of(&plane(), &[1.0, -1.0, 1.0]);
        assert_eq!(drawn.sum, [3.0, 3.0]);
        assert_eq!(
            drawn.parallelogram,
            Some([[1.0, 1.0], [3.0, 1.0], [1.0, 3.0]])
        );
        // By hand: 0 + (king − 0) / 2 with 0 at (−1, 0.5).
        let half = Geometry::of(&plane(), &[0.5, 0.0, 0.0]);
        assert_eq!(half.sum, [1.0, 0.75]);
    }

    #[test]
    fn other_sums_than_a_step_from_a_word_go_from_tip_to_tip() {
        let drawn = Geometry::of(&plane(), &[1.0, 1.0, 1.0]);
        assert!(!drawn.is_parallelogram());
        assert_eq!(drawn.steps[0].1, drawn.zero);
        assert_eq!(drawn.steps[2].2, drawn.sum);
        assert_eq!(drawn.steps[0].2, drawn.steps[1].1);
    }
}
