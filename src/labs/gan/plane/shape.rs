//! What is real: distributions on the plane that can be drawn from and whose density is known exactly.
//!
//! All but the ring are mixtures of one kind of stroke: a point spread evenly over a segment, plus
//! Gaussian noise of standard deviation σ both ways. Its density is a difference of two normal
//! distribution functions along the segment times a normal density across; a segment of length 0 is a
//! Gaussian. The ring is an even angle and a normal radius.

use crate::rng::Rng;
use candle_core::cpu::erf::erf_f64;
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, SQRT_2, TAU};

/// What is real, all of it inside −1..=1 both ways but for the outermost tails.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A segment through the middle, σ 0.05. In 8 parts.
    Line,
    /// Two round Gaussians, σ 0.15. In 2 parts.
    TwoGaussians,
    /// A circle of radius 0.7, σ 0.05 across. In 8 parts.
    #[default]
    Ring,
    /// Four round Gaussians, σ 0.08, with as good as nothing between them. In 4 parts.
    FourDisjoint,
    /// What a person drew: each stroke a list of points, −1..=1; longer strokes weigh more, a dot as
    /// much as a stroke of length 0.1. σ 0.05. In 8 parts of equal weight. Nothing drawn is a dot in the
    /// middle.
    Drawn(Vec<Vec<[f32; 2]>>),
}

impl Shape {
    /// All but the drawn one.
    pub const READY: [Self; 4] = [
        Self::Line,
        Self::TwoGaussians,
        Self::Ring,
        Self::FourDisjoint,
    ];

    /// Its name in a list.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Line => "Line",
            Self::TwoGaussians => "Two Gaussians",
            Self::Ring => "Ring",
            Self::FourDisjoint => "Four disjoint",
            Self::Drawn(_) => "Drawn",
        }
    }
}

const THIN: f64 = 0.05;
const RADIUS: f64 = 0.7;
/// A drawn dot weighs as much as a stroke of this length.
const DOT: f64 = 0.1;
/// Points of a drawn stroke nearer than this to the last one kept add nothing.
const FINEST: f64 = 0.02;
/// A drawing is cut off after so many pieces.
const MOST_SEGMENTS: usize = 512;
/// So far from the middle of a stroke, in its σ, counts as belonging to it.
const NEAR: f64 = 3.0;

#[derive(Debug, Clone, PartialEq)]
struct Segment {
    start: [f64; 2],
    /// Of length 1; anything where the length is 0.
    direction: [f64; 2],
    length: f64,
    sigma: f64,
    /// Its part of the whole, and that of all before it.
    weight: f64,
    before: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Ring,
    Segments(Vec<Segment>),
}

/// A [`Shape`], ready to draw from and to ask for its density.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    kind: Kind,
    n_parts: usize,
}

impl Distribution {
    /// The distribution of a shape.
    #[must_use]
    pub fn of(shape: &Shape) -> Self {
        let dot = |center: [f64; 2], sigma| (center, center, sigma, 1.0);
        let (strokes, n_parts) = match shape {
            Shape::Ring => {
                return Self {
                    kind: Kind::Ring,
                    n_parts: 8,
                };
            }
            Shape::Line => (vec![([-0.75, -0.5], [0.75, 0.5], THIN, 1.0)], 8),
            Shape::TwoGaussians => (vec![dot([-0.45, -0.45], 0.15), dot([0.45, 0.45], 0.15)], 2),
            Shape::FourDisjoint => {
                let corners = [[-0.6, 0.6], [0.6, 0.6], [-0.6, -0.6], [0.6, -0.6]];
                (corners.map(|corner| dot(corner, 0.08)).to_vec(), 4)
            }
            Shape::Drawn(strokes) => (pieces(strokes), 8),
        };
        Self {
            kind: Kind::Segments(segments(&strokes)),
            n_parts,
        }
    }

    /// The density at a point, per unit of area; exact, but that the ring's radius is taken never to be
    /// negative (it is 14 σ away from it).
    #[must_use]
    pub fn density(&self, [x, y]: [f64; 2]) -> f64 {
        match &self.kind {
            Kind::Ring => {
                let radius = x.hypot(y).max(1e-9);
                normal(radius - RADIUS, THIN) / (TAU * radius)
            }
            Kind::Segments(segments) => segments
                .iter()
                .map(|segment| segment.weight * segment.density([x, y]))
                .sum(),
        }
    }

    /// Some real samples, the same at every call.
    #[must_use]
    pub fn shown(&self, n: usize) -> Vec<[f32; 2]> {
        let mut rng = Rng::new(0, "points of the data that are shown");
        (0..n).map(|_| self.sample(&mut rng)).collect()
    }

    /// One real sample.
    pub fn sample(&self, rng: &mut Rng) -> [f32; 2] {
        let [x, y] = match &self.kind {
            Kind::Ring => {
                let angle = TAU * rng.uniform();
                let radius = RADIUS + THIN * rng.normal();
                [radius * angle.cos(), radius * angle.sin()]
            }
            Kind::Segments(segments) => {
                let at = rng.uniform();
                let after = segments.partition_point(|segment| segment.before <= at);
                match segments.get(after.saturating_sub(1)) {
                    Some(segment) => segment.sample(rng),
                    None => [0.0; 2],
                }
            }
        };
        [x as f32, y as f32]
    }

    /// In how many parts it is counted: its modes, or pieces of equal weight where it has none.
    #[must_use]
    pub fn n_parts(&self) -> usize {
        self.n_parts
    }

    /// The part that a point belongs to: the nearest, if it is within 3 σ of its middle line.
    #[must_use]
    pub fn part(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let along = match &self.kind {
            Kind::Ring => {
                let near = (x.hypot(y) - RADIUS).abs() <= NEAR * THIN;
                near.then(|| (y.atan2(x) / TAU).rem_euclid(1.0))?
            }
            Kind::Segments(segments) => {
                let reached = segments.iter().map(|segment| segment.nearest([x, y]));
                let (distance, along, sigma) = reached.min_by(|a, b| a.0.total_cmp(&b.0))?;
                (distance <= NEAR * sigma).then_some(along)?
            }
        };
        // A hair more, so that a part that starts where the last one ends is not the last one.
        let part = (along + 1e-9) * self.n_parts as f64;
        Some((part as usize).min(self.n_parts - 1))
    }
}

type Stroke = ([f64; 2], [f64; 2], f64, f64);

/// The straight pieces of what was drawn, with their weights.
fn pieces(strokes: &[Vec<[f32; 2]>]) -> Vec<Stroke> {
    let mut pieces = Vec::new();
    for stroke in strokes {
        let inside = |x: f32| f64::from(x).clamp(-1.0, 1.0);
        let finite = stroke
            .iter()
            .filter(|[x, y]| x.is_finite() && y.is_finite());
        let mut points = finite.map(|&[x, y]| [inside(x), inside(y)]);
        let Some(mut last) = points.next() else {
            continue;
        };
        let first = pieces.len();
        for point in points {
            let length = distance(last, point);
            if length >= FINEST {
                pieces.push((last, point, THIN, length));
                last = point;
            }
        }
        if pieces.len() == first {
            pieces.push((last, last, THIN, DOT));
        }
    }
    if pieces.is_empty() {
        pieces.push(([0.0; 2], [0.0; 2], THIN, DOT));
    }
    pieces.truncate(MOST_SEGMENTS);
    pieces
}

fn segments(strokes: &[Stroke]) -> Vec<Segment> {
    let total: f64 = strokes.iter().map(|stroke| stroke.3).sum();
    let mut before = 0.0;
    strokes
        .iter()
        .map(|&(start, end, sigma, weight)| {
            let length = distance(start, end);
            let unit = |axis: usize| (end[axis] - start[axis]) / length.max(1e-12);
            let segment = Segment {
                start,
                direction: [unit(0), unit(1)],
                length,
                sigma,
                weight: weight / total,
                before,
            };
            before += weight / total;
            segment
        })
        .collect()
}

impl Segment {
    /// How far along the segment and how far across a point is.
    fn frame(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let ([dx, dy], [ux, uy]) = ([x - self.start[0], y - self.start[1]], self.direction);
        [dx * ux + dy * uy, dy * ux - dx * uy]
    }

    fn density(&self, point: [f64; 2]) -> f64 {
        if self.length <= 0.0 {
            let [dx, dy] = [point[0] - self.start[0], point[1] - self.start[1]];
            return normal(dx, self.sigma) * normal(dy, self.sigma);
        }
        let [along, across] = self.frame(point);
        let [from, to] = [along / self.sigma, (along - self.length) / self.sigma];
        (below(from) - below(to)) / self.length * normal(across, self.sigma)
    }

    fn sample(&self, rng: &mut Rng) -> [f64; 2] {
        let along = self.length * rng.uniform();
        let (noise_x, noise_y) = (rng.normal(), rng.normal());
        [
            self.start[0] + along * self.direction[0] + self.sigma * noise_x,
            self.start[1] + along * self.direction[1] + self.sigma * noise_y,
        ]
    }

    /// The distance to the segment, the weight of everything before the nearest point of it, and σ.
    fn nearest(&self, point: [f64; 2]) -> (f64, f64, f64) {
        if self.length <= 0.0 {
            return (distance(point, self.start), self.before, self.sigma);
        }
        let [along, across] = self.frame(point);
        let inside = along.clamp(0.0, self.length);
        let behind = self.before + self.weight * inside / self.length;
        ((along - inside).hypot(across), behind, self.sigma)
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Density of the normal distribution around 0.
fn normal(x: f64, sigma: f64) -> f64 {
    (-0.5 * (x / sigma).powi(2)).exp() / (sigma * (2.0 * PI).sqrt())
}

/// Φ: the part of the standard normal distribution that is below x.
pub(super) fn below(x: f64) -> f64 {
    0.5 * (1.0 + erf_f64(x / SQRT_2))
}
