//! UMAP (McInnes, Healy & Melville 2018): neighbours pull, chance strangers push.
//!
//! Every point is joined to its nearest neighbours, more loosely the further they are beyond the first,
//! so that each point's ties add up to log₂ k. On the map the strength of a tie at distance d is to be
//! 1 / (1 + a d^2b), with a and b fitted to a curve that stays 1 up to `min_dist` and then falls off.
//! An epoch goes through the ties, strong ones every time and weak ones now and then: each draws its
//! ends together, and pushes one of them from a few points picked by chance, which stand for all
//! points that are no neighbours. The sizes of steps, their order and their limits are umap-learn's.

mod memberships;

pub use memberships::memberships;

use super::graph::Graph;
use crate::rng::Rng;

/// Strangers that push for each tie that pulls.
const STRANGERS: f32 = 5.0;

/// A step along one axis is at most this long, times the learning rate.
const MAX_STEP: f32 = 4.0;

/// The longest coordinate at the beginning.
const BEGINNING: f32 = 10.0;

/// 1 / (1 + a d^2b): how strong a tie is at distance d on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// a.
    pub a: f64,
    /// b.
    pub b: f64,
}

impl Curve {
    /// The a and b that come nearest, by least squares at 300 places from 0 to 3, to a curve that is 1
    /// up to `min_dist` and exp(−(d − `min_dist`)) from there on. (Gauss and Newton's method, damped.)
    #[must_use]
    pub fn fit(min_dist: f64) -> Self {
        let places = (0..300).map(|i| 3.0 * f64::from(i) / 299.0);
        let wanted = |x: f64| {
            if x < min_dist {
                1.0
            } else {
                (min_dist - x).exp()
            }
        };
        let places: Vec<(f64, f64)> = places.map(|x| (x, wanted(x))).collect();
        let error = |a: f64, b: f64| -> f64 {
            let term = |(x, y): &(f64, f64)| (1.0 / (1.0 + a * x.powf(2.0 * b)) - y).powi(2);
            places.iter().map(term).sum()
        };
        let (mut a, mut b, mut damping) = (1.0, 1.0, 1e-3);
        for _ in 0..200 {
            let (mut aa, mut ab, mut bb, mut ga, mut gb) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (x, y) in places.iter().skip(1) {
                let power = x.powf(2.0 * b);
                let value = 1.0 / (1.0 + a * power);
                let by_a = -value * value * power;
                let by_b = by_a * a * 2.0 * x.ln();
                aa += by_a * by_a;
                ab += by_a * by_b;
                bb += by_b * by_b;
                ga += by_a * (value - y);
                gb += by_b * (value - y);
            }
            let (aa, bb) = (aa * (1.0 + damping), bb * (1.0 + damping));
            let determinant = aa * bb - ab * ab;
            let (next_a, next_b) = (
                a - (bb * ga - ab * gb) / determinant,
                b - (aa * gb - ab * ga) / determinant,
            );
            if next_a > 0.0 && next_b > 0.0 && error(next_a, next_b) <= error(a, b) {
                (a, b) = (next_a, next_b);
                damping /= 10.0;
            } else {
                damping *= 10.0;
            }
        }
        Self { a, b }
    }
}

/// A layout under way in D dimensions.
#[derive(Debug, Clone)]
pub struct Umap<const D: usize> {
    ties: Vec<Tie>,
    curve: Curve,
    positions: Vec<[f32; D]>,
    rng: Rng,
    n_epochs: usize,
    epoch: usize,
}

/// Two points that pull at one another.
#[derive(Debug, Clone, Copy)]
struct Tie {
    ends: [u32; 2],
    /// It pulls once in so many epochs.
    every: f32,
    /// The epoch of its next pull.
    due: f32,
    /// The epoch up to which strangers have pushed.
    pushed: f32,
}

impl<const D: usize> Umap<D> {
    /// Ready for the first of `n_epochs`, from a beginning of any size (PCA's coordinates serve well).
    #[must_use]
    pub fn new(
        graph: &Graph,
        mut positions: Vec<[f32; D]>,
        curve: Curve,
        n_epochs: usize,
        seed: u64,
    ) -> Self {
        let mut rng = Rng::new(seed, "UMAP");
        let longest = positions
            .iter()
            .flatten()
            .fold(0.0, |a: f32, x| a.max(x.abs()));
        let scale = if longest > 0.0 {
            BEGINNING / longest
        } else {
            0.0
        };
        for x in positions.iter_mut().flatten() {
            *x = *x * scale + (1e-4 * rng.normal()) as f32;
        }
        let strongest = graph
            .all()
            .fold(0.0, |a: f32, (_, edge)| a.max(edge.weight));
        // What is too weak to pull even once is left out.
        let kept = graph
            .all()
            .filter(|(_, edge)| edge.weight * n_epochs as f32 >= strongest);
        let tie = |(i, edge): (usize, super::graph::Edge)| {
            let every = strongest / edge.weight;
            Tie {
                ends: [i as u32, edge.to],
                every,
                due: every,
                pushed: every / STRANGERS,
            }
        };
        Self {
            ties: kept.map(tie).collect(),
            curve,
            positions,
            rng,
            n_epochs,
            epoch: 0,
        }
    }

    /// Where the points are.
    #[must_use]
    pub fn positions(&self) -> &[[f32; D]] {
        &self.positions
    }

    /// Epochs done.
    #[must_use]
    pub fn n_done(&self) -> usize {
        self.epoch
    }

    /// One epoch: every tie that is due. False when all epochs are done.
    pub fn step(&mut self) -> bool {
        if self.epoch >= self.n_epochs {
            return false;
        }
        let rate = 1.0 - self.epoch as f32 / self.n_epochs as f32;
        let now = self.epoch as f32;
        for tie in &mut self.ties {
            if tie.due > now {
                continue;
            }
            tie.due += tie.every;
            let [i, j] = tie.ends.map(|end| end as usize);
            let step = pull(self.curve, self.positions[i], self.positions[j]);
            add(&mut self.positions[i], rate, step);
            add(&mut self.positions[j], -rate, step);
            let every = tie.every / STRANGERS;
            let n_strangers = ((now - tie.pushed) / every).max(0.0) as usize;
            tie.pushed += n_strangers as f32 * every;
            for _ in 0..n_strangers {
                let stranger = self.rng.below(self.positions.len());
                if stranger != i {
                    let step = push(self.curve, self.positions[i], self.positions[stranger]);
                    add(&mut self.positions[i], rate, step);
                }
            }
        }
        self.epoch += 1;
        true
    }
}

fn add<const D: usize>(position: &mut [f32; D], rate: f32, step: [f32; D]) {
    for (x, step) in position.iter_mut().zip(step) {
        *x += rate * step;
    }
}

/// The step of `here` towards `there`: the slope of the logarithm of the tie's strength.
fn pull<const D: usize>(curve: Curve, here: [f32; D], there: [f32; D]) -> [f32; D] {
    let (a, b) = (curve.a as f32, curve.b as f32);
    let apart: [f32; D] = std::array::from_fn(|c| here[c] - there[c]);
    let square: f32 = apart.iter().map(|x| x * x).sum();
    if square == 0.0 {
        return [0.0; D];
    }
    let power = square.powf(b);
    let slope = -2.0 * a * b * (power / square) / (1.0 + a * power);
    apart.map(|x| (slope * x).clamp(-MAX_STEP, MAX_STEP))
}

/// The step of `here` away from `there`: the slope of the logarithm of 1 − the tie's strength.
fn push<const D: usize>(curve: Curve, here: [f32; D], there: [f32; D]) -> [f32; D] {
    let (a, b) = (curve.a as f32, curve.b as f32);
    let apart: [f32; D] = std::array::from_fn(|c| here[c] - there[c]);
    let square: f32 = apart.iter().map(|x| x * x).sum();
    if square == 0.0 {
        return [0.0; D];
    }
    let slope = 2.0 * b / ((0.001 + square) * (1.0 + a * square.powf(b)));
    apart.map(|x| (slope * x).clamp(-MAX_STEP, MAX_STEP))
}

#[cfg(test)]
mod tests;
