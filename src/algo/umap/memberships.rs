//! How strongly each point is tied to its neighbours.

use super::super::graph::Graph;
use super::super::neighbours::{Neighbour, Neighbours};
use super::super::spread::{Spread, fill};

/// Halvings of the interval in which a width is sought.
const HALVINGS: usize = 64;

/// The sum of ties is met so nearly.
const TOLERANCE: f64 = 1e-5;

/// A width is at least this part of the mean distance.
const MIN_WIDTH: f64 = 1e-3;

/// The ties of all points: exp(−(d − ρ) / σ), where ρ is the distance of the nearest neighbour that is
/// no twin and σ makes a point's ties add up to log₂(k + 1). The point itself counts among its k + 1
/// neighbours, as in umap-learn. i and j are tied with `w_ij + w_ji − w_ij w_ji`: by one or the other.
#[must_use]
pub fn memberships(neighbours: &Neighbours, spread: &Spread) -> Graph {
    let (n, k) = (neighbours.n_points(), neighbours.k());
    let mean = |of: &[Neighbour]| {
        of.iter().map(|n| f64::from(n.distance)).sum::<f64>() / (of.len() + 1) as f64
    };
    let mean_of_all = (0..n).map(|i| mean(neighbours.of(i))).sum::<f64>() / n.max(1) as f64;
    let mut weights = vec![0.0; n * k];
    fill(spread, &mut weights, k, 64, |first, weights| {
        for (weights, i) in weights.chunks_exact_mut(k.max(1)).zip(first..) {
            let of = neighbours.of(i);
            let nearest = of.iter().map(|n| f64::from(n.distance)).find(|d| *d > 0.0);
            let (rho, least) = match nearest {
                Some(rho) => (rho, MIN_WIDTH * mean(of)),
                None => (0.0, MIN_WIDTH * mean_of_all),
            };
            let sigma = width(of, rho).max(least);
            for (weight, neighbour) in weights.iter_mut().zip(of) {
                *weight = tie(*neighbour, rho, sigma) as f32;
            }
        }
    });
    Graph::of(neighbours, &weights, |a, b| a + b - a * b)
}

fn tie(neighbour: Neighbour, rho: f64, sigma: f64) -> f64 {
    let beyond = f64::from(neighbour.distance) - rho;
    if beyond <= 0.0 {
        1.0
    } else {
        (-beyond / sigma).exp()
    }
}

/// The σ with which the ties add up to log₂(k + 1).
fn width(of: &[Neighbour], rho: f64) -> f64 {
    let wanted = ((of.len() + 1) as f64).log2();
    let (mut low, mut high, mut sigma) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..HALVINGS {
        let sum: f64 = of.iter().map(|n| tie(*n, rho, sigma)).sum();
        if (sum - wanted).abs() < TOLERANCE {
            break;
        }
        if sum > wanted {
            high = sigma;
            sigma = f64::midpoint(low, high);
        } else {
            low = sigma;
            sigma = if high.is_finite() {
                f64::midpoint(low, high)
            } else {
                sigma * 2.0
            };
        }
    }
    sigma
}
