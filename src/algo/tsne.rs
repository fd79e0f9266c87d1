//! t-SNE (van der Maaten & Hinton 2008) by Barnes and Hut's tree (van der Maaten 2014).
//!
//! Every point turns the distances to its neighbours into shares p that add up to 1, the nearer the
//! more, as wide as `perplexity` says. On the map nearness is `w = 1 / (1 + |y_i − y_j|²)`, and q its
//! share in the sum Z over all pairs. The points move down the gradient of Σ p ln(p / q),
//!
//! ```text
//! 4 Σ_j (p_ij − q_ij) w_ij (y_i − y_j),
//! ```
//!
//! where the first part pulls at neighbours alone and the second pushes all apart: for that, the tree
//! takes distant points together. Settings are scikit-learn's; see [`Tsne::step`] for what is added.

mod affinities;
mod tree;

pub use affinities::{affinities, n_neighbours, shares};

use super::graph::Graph;
use super::spread::{Spread, fill};
use crate::rng::Rng;
use tree::Tree;

/// Points that are computed together.
const CHUNK: usize = 128;

/// The standard deviation along the first axis at the beginning.
const BEGINNING: f64 = 1e-4;

/// In the first steps the pull is at most this many times too strong, so that groups find together.
const EXAGGERATION: f32 = 12.0;

/// How many steps those are.
pub const EXAGGERATED_STEPS: usize = 250;

/// A layout under way in D dimensions.
#[derive(Debug, Clone)]
pub struct Tsne<const D: usize> {
    affinities: Graph,
    /// Σ p ln p, which does not change.
    entropy: f64,
    positions: Vec<[f32; D]>,
    velocity: Vec<[f32; D]>,
    /// Steps grow along coordinates that keep their direction, and shrink where it changes.
    gains: Vec<[f32; D]>,
    exaggeration: f32,
    n_steps: usize,
}

impl<const D: usize> Tsne<D> {
    /// Ready for the first step, from a beginning of any size (PCA's coordinates serve well): it is
    /// scaled to a standard deviation of 10⁻⁴ along its first axis.
    #[must_use]
    pub fn new(affinities: Graph, mut positions: Vec<[f32; D]>, seed: u64) -> Self {
        begin_small(&mut positions, seed);
        let n = positions.len();
        let x_ln_x = |p: f32| f64::from(p) * f64::from(p.max(f32::MIN_POSITIVE)).ln();
        Self {
            entropy: affinities.all().map(|(_, edge)| x_ln_x(edge.weight)).sum(),
            affinities,
            positions,
            velocity: vec![[0.0; D]; n],
            gains: vec![[1.0; D]; n],
            exaggeration: EXAGGERATION,
            n_steps: 0,
        }
    }

    /// Where the points are.
    #[must_use]
    pub fn positions(&self) -> &[[f32; D]] {
        &self.positions
    }

    /// Steps made.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// One step of all points. In the first [`EXAGGERATED_STEPS`] the pull is stronger; where that would
    /// draw all points together to a speck, it is weakened until it does not. Returns the Kullback–Leibler divergence Σ p ln(p / q) before it, in
    /// nats, as exact as the tree is, when `measure` asks for it.
    pub fn step(&mut self, measure: bool, spread: &Spread) -> Option<f64> {
        let is_early = self.n_steps < EXAGGERATED_STEPS;
        let exaggeration = if is_early { self.exaggeration } else { 1.0 };
        let momentum = if is_early { 0.5 } else { 0.8 };
        let tree = Tree::new(&self.positions);
        let pushes = tree.pushes(spread);
        let z: f64 = pushes.iter().map(|push| push.weight).sum();
        let mut pulls = vec![Pull::default(); self.positions.len()];
        fill(spread, &mut pulls, 1, CHUNK, |first, pulls| {
            for (pull, i) in pulls.iter_mut().zip(first..) {
                *pull = self.pull(i, measure);
            }
        });
        let learning_rate = (self.positions.len() as f32 / EXAGGERATION / 4.0).max(50.0);
        let per_z = (1.0 / z.max(f64::MIN_POSITIVE)) as f32;
        for i in 0..self.positions.len() {
            for c in 0..D {
                let pull = exaggeration * pulls[i].force[c];
                let gradient = 4.0 * (pull - pushes[i].force[c] * per_z);
                let (gain, velocity) = (&mut self.gains[i][c], &mut self.velocity[i][c]);
                let turned = *velocity * gradient >= 0.0;
                *gain = if turned { *gain * 0.8 } else { *gain + 0.2 };
                *gain = gain.max(0.01);
                *velocity = momentum * *velocity - learning_rate * *gain * gradient;
                self.positions[i][c] += *velocity;
            }
        }
        self.n_steps += 1;
        centre(&mut self.positions);
        self.keep_from_collapse();
        // Σ p ln(p / q) = Σ p ln p − Σ p ln w + ln Z, for Σ p = 1.
        let cross: f64 = pulls.iter().map(|pull| pull.cross).sum();
        measure.then(|| self.entropy + cross + z.ln())
    }

    /// Points whose neighbours overlap much, such as words, would be drawn together to a speck by the
    /// exaggerated pull, shapeless when it ends. Where that sets in, the pull is weakened and the size
    /// restored, so that what grows is the slowest change across the graph: a better beginning.
    fn keep_from_collapse(&mut self) {
        let n = self.positions.len().max(1) as f64;
        let squares = self
            .positions
            .iter()
            .flatten()
            .map(|x| f64::from(*x).powi(2));
        let size = (squares.sum::<f64>() / n).sqrt();
        if size < BEGINNING / 10.0 && size > 0.0 {
            self.exaggeration = (self.exaggeration * 0.9).max(1.0);
            let scale = (BEGINNING / 10.0 / size) as f32;
            let moving = self.positions.iter_mut().chain(&mut self.velocity);
            for x in moving.flatten() {
                *x *= scale;
            }
        }
    }

    /// What pulls at point i.
    fn pull(&self, i: usize, measure: bool) -> Pull<D> {
        let here = self.positions[i];
        let mut pull = Pull::default();
        for edge in self.affinities.edges(i) {
            let there = self.positions[edge.to as usize];
            let apart: [f32; D] = std::array::from_fn(|c| here[c] - there[c]);
            let one_and_square = apart.iter().fold(1.0, |sum, x| sum + x * x);
            let strength = edge.weight / one_and_square;
            for (force, apart) in pull.force.iter_mut().zip(apart) {
                *force += strength * apart;
            }
            if measure {
                pull.cross += f64::from(edge.weight * one_and_square.ln());
            }
        }
        pull
    }
}

/// What neighbours do to a point.
#[derive(Debug, Clone, Copy)]
struct Pull<const D: usize> {
    /// `Σ p w (y_i − y_j)`.
    force: [f32; D],
    /// −Σ p ln w.
    cross: f64,
}

impl<const D: usize> Default for Pull<D> {
    fn default() -> Self {
        Self {
            force: [0.0; D],
            cross: 0.0,
        }
    }
}

/// The divergence with q from all pairs, in time n²: what [`Tsne::step`] approximates.
#[must_use]
pub fn exact_divergence<const D: usize>(affinities: &Graph, positions: &[[f32; D]]) -> f64 {
    let weight = |a: &[f32; D], b: &[f32; D]| {
        let squares = a
            .iter()
            .zip(b)
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        1.0 / (1.0 + squares.sum::<f64>())
    };
    let around = |(i, a): (usize, &[f32; D])| {
        let later = positions[i + 1..].iter().map(|b| weight(a, b));
        2.0 * later.sum::<f64>()
    };
    let z: f64 = positions.iter().enumerate().map(around).sum();
    let term = |(i, edge): (usize, super::graph::Edge)| {
        let p = f64::from(edge.weight.max(f32::MIN_POSITIVE));
        let q = weight(&positions[i], &positions[edge.to as usize]) / z;
        p * (p / q).ln()
    };
    affinities.all().map(term).sum()
}

/// Puts the mean of the points at the origin. The map does not change, but in the first steps, when all
/// points may draw together to a speck, digits are left to tell them apart.
fn centre<const D: usize>(positions: &mut [[f32; D]]) {
    for c in 0..D {
        let sum: f64 = positions.iter().map(|p| f64::from(p[c])).sum();
        let mean = (sum / positions.len().max(1) as f64) as f32;
        for position in positions.iter_mut() {
            position[c] -= mean;
        }
    }
}

/// Scales to the standard deviation of the beginning. A little chance is added, for points that are
/// twins could never part.
fn begin_small<const D: usize>(positions: &mut [[f32; D]], seed: u64) {
    let n = positions.len().max(1) as f64;
    let mean = positions.iter().map(|p| f64::from(p[0])).sum::<f64>() / n;
    let squares = positions.iter().map(|p| (f64::from(p[0]) - mean).powi(2));
    let deviation = (squares.sum::<f64>() / n).sqrt();
    let scale = if deviation > 0.0 {
        BEGINNING / deviation
    } else {
        0.0
    };
    let mut rng = Rng::new(seed, "t-SNE");
    for x in positions.iter_mut().flatten() {
        *x = (f64::from(*x) * scale + 1e-7 * rng.normal()) as f32;
    }
}

#[cfg(test)]
mod tests;
