//! Which rows of a table lie nearest to a vector: what “near” means, and the choice of the best.
//! Exact: every row is looked at. Of equal scores, the row that comes first wins.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What “near” means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metric {
    /// The cosine of the angle between the two: length does not count.
    #[default]
    Cosine,
    /// The dot product: longer rows score higher.
    Dot,
    /// The distance from point to point; the score is its negative, so that higher is nearer.
    Euclid,
}

impl Metric {
    /// The score of `row` for `query`, which is as long; higher is nearer. Not a number where a
    /// vector without a direction meets the cosine.
    #[must_use]
    pub fn score(self, query: &[f32], row: &[f32]) -> f64 {
        let sum = |of: fn(f64, f64) -> f64| -> f64 {
            let pairs = query.iter().zip(row);
            pairs.map(|(&q, &x)| of(f64::from(q), f64::from(x))).sum()
        };
        let dot = || sum(|q, x| q * x);
        match self {
            Self::Cosine => dot() / (sum(|q, _| q * q).sqrt() * sum(|_, x| x * x).sqrt()),
            Self::Dot => dot(),
            Self::Euclid => -sum(|q, x| (q - x) * (q - x)).sqrt(),
        }
    }
}

/// The best `n` of `rows`, best first: for tables of a few thousand rows.
#[must_use]
pub fn nearest<'a>(
    query: &[f32],
    rows: impl Iterator<Item = &'a [f32]>,
    metric: Metric,
    n: usize,
) -> Vec<Found> {
    let mut best = Best::new(n);
    for (index, row) in rows.enumerate() {
        best.offer(index, metric.score(query, row) as f32);
    }
    best.into_sorted()
}

/// A row and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The number of the row.
    pub index: usize,
    /// Higher is nearer.
    pub score: f32,
}

impl Eq for Found {}

impl Ord for Found {
    /// The better is the less: a list sorted so begins with the best.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = other.score.total_cmp(&self.score);
        by_score.then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The best rows so far.
#[derive(Debug, Clone)]
pub struct Best {
    n: usize,
    /// The worst of the best lies on top.
    heap: BinaryHeap<Found>,
}

impl Best {
    /// Keeps the best `n`.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let heap = BinaryHeap::new();
        Self { n, heap }
    }

    /// Takes a row in if it is among the best. One whose score is no finite number never is.
    #[inline]
    pub fn offer(&mut self, index: usize, score: f32) {
        let worst = self.heap.peek().filter(|_| self.heap.len() >= self.n);
        if self.n == 0 || !score.is_finite() || worst.is_some_and(|worst| score < worst.score) {
            return;
        }
        self.take(Found { index, score });
    }

    #[cold]
    fn take(&mut self, found: Found) {
        self.heap.push(found);
        if self.heap.len() > self.n {
            self.heap.pop();
        }
    }

    /// A row that scores less than this is not among the best.
    #[must_use]
    pub fn floor(&self) -> f32 {
        let full = self.heap.len() >= self.n;
        let worst = self.heap.peek().filter(|_| full);
        worst.map_or(f32::NEG_INFINITY, |worst| worst.score)
    }

    /// Takes in what another part of the search found.
    pub fn merge(&mut self, other: Self) {
        for found in other.heap {
            self.offer(found.index, found.score);
        }
    }

    /// Best first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Found> {
        self.heap.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_metrics_disagree_about_length() {
        // The lectures' point: (10, 10) and (50, 50) mean the same, (5, 20) does not.
        let rows: [&[f32]; 3] = [&[50.0, 50.0], &[5.0, 20.0], &[0.0, 0.0]];
        let order = |metric| {
            let found = nearest(&[10.0, 10.0], rows.into_iter(), metric, 9);
            found.iter().map(|found| found.index).collect::<Vec<_>>()
        };
        assert_eq!(order(Metric::Cosine), [0, 1]);
        assert_eq!(order(Metric::Dot), [0, 1, 2]);
        assert_eq!(order(Metric::Euclid), [1, 2, 0]);
    }

    #[test]
    fn of_equal_scores_the_first_rows_win_however_they_come() {
        let scores = [1.0, 2.0, 2.0, f32::NAN, 2.0, 3.0, -0.0, 0.0];
        let mut orders: Vec<Vec<usize>> = vec![(0..scores.len()).collect()];
        orders.push((0..scores.len()).rev().collect());
        orders.push(vec![4, 0, 6, 2, 5, 7, 3, 1]);
        for order in orders {
            for (n, best) in [(0, &[][..]), (2, &[5, 1]), (4, &[5, 1, 2, 4])] {
                let (mut one, mut other) = (Best::new(n), Best::new(n));
                for &index in &order {
                    let part = if index < 3 { &mut one } else { &mut other };
                    part.offer(index, scores[index]);
                }
                one.merge(other);
                let found: Vec<usize> = one.into_sorted().iter().map(|f| f.index).collect();
                assert_eq!(found, best);
            }
        }
    }
}
