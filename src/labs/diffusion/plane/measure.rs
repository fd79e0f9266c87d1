//! How far points are from the distribution that they should come from.

use super::{Distribution, EXTENT, Shape};
use crate::labs::gan::plane::Divergence;

/// Points that are counted.
pub const N_MEASURED: usize = 4096;
/// Cells of the plane along a side.
const SIDE: usize = 24;
/// Points of a cell along a side at which its density is taken.
const FINE: usize = 8;
/// A part is covered when it gets this share of what it should.
const ENOUGH: f32 = 0.25;

/// How far generated points are from what is real.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Over the cells of a lattice, in nats. So many real points are not at 0 either: see
    /// [`super::Session::best_measure`].
    pub divergence: Divergence,
    /// For each part of the distribution, how many of its points it gets: 1 is right, 0 is a part that
    /// was left out.
    pub shares: Vec<f32>,
    /// Parts that get at least a quarter of theirs.
    pub n_covered: usize,
}

/// The real distribution, measured once.
#[derive(Debug, Clone)]
pub(super) struct Real {
    pub(super) distribution: Distribution,
    /// The probability of each cell; the last is all that lies outside.
    masses: Vec<f64>,
    /// That of each part.
    parts: Vec<f64>,
}

impl Real {
    pub(super) fn new(shape: &Shape) -> Self {
        let distribution = Distribution::of(shape);
        let n = SIDE * FINE;
        let step = 2.0 * f64::from(EXTENT) / n as f64;
        let along = |i: usize| (i as f64 + 0.5) * step - f64::from(EXTENT);
        let mut masses = vec![0.0; SIDE * SIDE + 1];
        let mut parts = vec![0.0; distribution.n_parts()];
        for j in 0..n {
            for i in 0..n {
                let point = [along(i), along(j)];
                let mass = distribution.density(point) * step * step;
                masses[j / FINE * SIDE + i / FINE] += mass;
                if let Some(part) = distribution.part(point) {
                    parts[part] += mass;
                }
            }
        }
        let inside: f64 = masses.iter().sum();
        masses[SIDE * SIDE] = (1.0 - inside).max(0.0);
        Self {
            distribution,
            masses,
            parts,
        }
    }

    pub(super) fn measure(&self, points: &[[f32; 2]]) -> Measure {
        let mut counts = vec![0.0; self.masses.len()];
        let mut parts = vec![0.0; self.parts.len()];
        let each = 1.0 / points.len().max(1) as f64;
        for point in points {
            let place = point.map(|x| ((x + EXTENT) * SIDE as f32 / (2.0 * EXTENT)).floor());
            let inside = place.iter().all(|x| (0.0..SIDE as f32).contains(x));
            let cell = place[1] as usize * SIDE + place[0] as usize;
            counts[if inside { cell } else { SIDE * SIDE }] += each;
            if let Some(part) = self.distribution.part(point.map(f64::from)) {
                parts[part] += each;
            }
        }
        let shares = parts.iter().zip(&self.parts);
        let shares: Vec<f32> = shares.map(|(made, real)| (made / real) as f32).collect();
        Measure {
            divergence: Divergence::between(&self.masses, &counts),
            n_covered: shares.iter().filter(|share| **share >= ENOUGH).count(),
            shares,
        }
    }
}
