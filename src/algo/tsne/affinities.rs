//! How much each neighbour of a point counts: a bell curve as wide as the perplexity asks.

use super::super::graph::Graph;
use super::super::neighbours::{Neighbour, Neighbours};
use super::super::spread::{Spread, fill};
use std::ops::Range;

/// Halvings of the interval in which the width is sought.
const MAX_HALVINGS: usize = 100;

/// The entropy is met so nearly, in nats.
const TOLERANCE: f64 = 1e-5;

/// How many neighbours are to be known for a perplexity: those further off count for nothing.
#[must_use]
pub fn n_neighbours(perplexity: f64) -> usize {
    (3.0 * perplexity + 1.0) as usize
}

/// Each point's own shares, for the points in `range`: those of its neighbours in their order, which
/// add up to 1 and have an entropy of ln `perplexity`. One row for each point.
#[must_use]
pub fn shares(
    neighbours: &Neighbours,
    range: Range<usize>,
    perplexity: f64,
    spread: &Spread,
) -> Vec<f32> {
    let k = neighbours.k();
    let mut shares = vec![0.0; range.len() * k];
    fill(spread, &mut shares, k, 64, |first, shares| {
        for (shares, i) in shares.chunks_exact_mut(k.max(1)).zip(range.start + first..) {
            conditional(neighbours.of(i), perplexity, shares);
        }
    });
    shares
}

/// The shares p of all pairs that are neighbours, Σ p = 1, from the [`shares`] of all points: those of
/// i in j and of j in i are averaged.
#[must_use]
pub fn affinities(neighbours: &Neighbours, shares: &[f32]) -> Graph {
    let mut graph = Graph::of(neighbours, shares, |a, b| a + b);
    let whole: f64 = graph.all().map(|(_, edge)| f64::from(edge.weight)).sum();
    graph.scale((1.0 / whole.max(f64::MIN_POSITIVE)) as f32);
    graph
}

/// exp(−β d²) as shares of their sum, for the β whose entropy is ln `perplexity`.
fn conditional(neighbours: &[Neighbour], perplexity: f64, shares: &mut [f32]) {
    let square = |neighbour: &Neighbour| f64::from(neighbour.distance).powi(2);
    // What all have in common falls out of the shares, and exp(0) for the nearest keeps their sum
    // from vanishing.
    let nearest = neighbours.first().map_or(0.0, square);
    let squares: Vec<f64> = neighbours.iter().map(|n| square(n) - nearest).collect();
    let (mut low, mut high, mut beta) = (0.0, f64::INFINITY, 1.0);
    let mut weights = vec![0.0; squares.len()];
    for _ in 0..MAX_HALVINGS {
        for (weight, square) in weights.iter_mut().zip(&squares) {
            *weight = f64::exp(-beta * square);
        }
        let sum: f64 = weights.iter().sum();
        let mean = weights
            .iter()
            .zip(&squares)
            .map(|(w, s)| w * s)
            .sum::<f64>()
            / sum;
        // −Σ p ln p, with p = exp(−β d²) / sum.
        let excess = sum.ln() + beta * mean - perplexity.ln();
        if excess.abs() <= TOLERANCE {
            break;
        }
        if excess > 0.0 {
            low = beta;
            beta = if high.is_finite() {
                f64::midpoint(beta, high)
            } else {
                beta * 2.0
            };
        } else {
            high = beta;
            beta = f64::midpoint(beta, low);
        }
    }
    let sum: f64 = weights.iter().sum();
    for (share, weight) in shares.iter_mut().zip(&weights) {
        *share = (weight / sum) as f32;
    }
}
