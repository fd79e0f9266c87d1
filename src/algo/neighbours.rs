//! The exact nearest neighbours of every point among all others, by Euclidean distance.
//!
//! |a − b|² = |a|² + |b|² − 2 a·b: the scalar products of many points with all are one matrix product,
//! which a lab computes with the fastest kernel it has and hands over row by row. What the formula
//! rounds is computed again from the coordinates for the nearest, so that the order is right.

use super::spread::{Spread, fill};

/// Rows whose neighbours are picked together.
const CHUNK_ROWS: usize = 8;

/// Candidates beyond the neighbours wanted, whose distances are computed again: rounding may have
/// changed places among the last.
const SPARE: usize = 8;

/// A neighbour of a point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Neighbour {
    /// Which point.
    pub index: u32,
    /// How far it is.
    pub distance: f32,
}

/// The neighbours of every point, the nearest first; of equally near ones the first in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    k: usize,
    found: Vec<Neighbour>,
}

impl Neighbours {
    /// How many each point has.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// How many points there are.
    #[must_use]
    pub fn n_points(&self) -> usize {
        self.found.len().checked_div(self.k).unwrap_or(0)
    }

    /// Those of one point.
    #[must_use]
    pub fn of(&self, point: usize) -> &[Neighbour] {
        &self.found[point * self.k..][..self.k]
    }
}

/// A search under way.
#[derive(Debug, Clone)]
pub struct Search {
    /// The points less their mean, which costs the formula fewer digits.
    values: Vec<f32>,
    width: usize,
    /// |a|² of every point.
    squares: Vec<f32>,
    k: usize,
    found: Vec<Neighbour>,
}

impl Search {
    /// For the `k` nearest neighbours, or as many as there are, of the points in `values`, row-major,
    /// each `width` numbers.
    #[must_use]
    pub fn new(values: &[f32], width: usize, k: usize) -> Self {
        let width = width.max(1);
        let values = centred(values, width);
        let rows = values.chunks_exact(width);
        let squares: Vec<f32> = rows.map(|row| row.iter().map(|x| x * x).sum()).collect();
        Self {
            values,
            width,
            k: k.min(squares.len().saturating_sub(1)),
            squares,
            found: Vec::new(),
        }
    }

    /// The points whose products are wanted, row-major: those given less their mean.
    #[must_use]
    pub fn points(&self) -> &[f32] {
        &self.values
    }

    /// How many points there are.
    #[must_use]
    pub fn n_points(&self) -> usize {
        self.squares.len()
    }

    /// Points whose neighbours are found: the next products are those from this point on.
    #[must_use]
    pub fn n_done(&self) -> usize {
        if self.k == 0 {
            return self.n_points();
        }
        self.found.len() / self.k
    }

    /// Takes the scalar products of the next points with all points: one row of `n_points` for each.
    pub fn take(&mut self, products: &[f32], spread: &Spread) {
        let first = self.n_done();
        let n_rows = products.len().checked_div(self.n_points()).unwrap_or(0);
        let n_rows = n_rows.min(self.n_points() - first);
        let mut found = vec![Neighbour::default(); n_rows * self.k];
        fill(spread, &mut found, self.k, CHUNK_ROWS, |start, found| {
            let rows = products[start * self.n_points()..].chunks_exact(self.n_points());
            for ((found, row), i) in found
                .chunks_exact_mut(self.k)
                .zip(rows)
                .zip(first + start..)
            {
                self.pick(i, row, found);
            }
        });
        self.found.extend(found);
    }

    /// Computes the products of the next points here, one after the other.
    pub fn take_next(&mut self, n_rows: usize, spread: &Spread) {
        let first = self.n_done();
        let rows = || self.values.chunks_exact(self.width);
        let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let products: Vec<f32> = rows()
            .skip(first)
            .take(n_rows)
            .flat_map(|a| rows().map(move |b| product(a, b)))
            .collect();
        self.take(&products, spread);
    }

    /// The neighbours, when all are found.
    #[must_use]
    pub fn finish(self) -> Neighbours {
        Neighbours {
            k: self.k,
            found: self.found,
        }
    }

    /// The nearest of point `i`, whose products with all points are `row`.
    fn pick(&self, i: usize, row: &[f32], found: &mut [Neighbour]) {
        let wanted = (self.k + SPARE).min(self.n_points() - 1);
        let mut nearest: Vec<(f32, u32)> = Vec::with_capacity(4 * wanted);
        let mut limit = f32::INFINITY;
        let by_distance = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0);
        for ((&product, &square), j) in row.iter().zip(&self.squares).zip(0_u32..) {
            // |b|² − 2 a·b: |a|² is the same for all.
            let near = square - 2.0 * product;
            if near <= limit && j as usize != i {
                nearest.push((near, j));
                if nearest.len() == 4 * wanted {
                    nearest.select_nth_unstable_by(wanted - 1, by_distance);
                    nearest.truncate(wanted);
                    limit = nearest[wanted - 1].0;
                }
            }
        }
        if nearest.len() > wanted {
            nearest.select_nth_unstable_by(wanted - 1, by_distance);
            nearest.truncate(wanted);
        }
        let point = |i: usize| &self.values[i * self.width..][..self.width];
        let exact = |&(_, j): &(f32, u32)| {
            let pairs = point(i).iter().zip(point(j as usize));
            let squares = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
            (squares.sum::<f64>().sqrt(), j)
        };
        let mut exact: Vec<(f64, u32)> = nearest.iter().map(exact).collect();
        exact.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (found, (distance, index)) in found.iter_mut().zip(exact) {
            *found = Neighbour {
                index,
                distance: distance as f32,
            };
        }
    }
}

/// Points less their mean.
fn centred(values: &[f32], width: usize) -> Vec<f32> {
    let n = values.len() / width;
    let mut mean = vec![0.0; width];
    for row in values.chunks_exact(width) {
        for (mean, x) in mean.iter_mut().zip(row) {
            *mean += f64::from(*x) / n as f64;
        }
    }
    let rows = values.chunks_exact(width);
    rows.flat_map(|row| {
        row.iter()
            .zip(&mean)
            .map(|(x, mean)| (f64::from(*x) - mean) as f32)
    })
    .collect()
}

/// Finds all neighbours here, for small sets.
#[must_use]
pub fn nearest(values: &[f32], width: usize, k: usize, spread: &Spread) -> Neighbours {
    let mut search = Search::new(values, width, k);
    while search.n_done() < search.n_points() {
        search.take_next(64, spread);
    }
    search.finish()
}

#[cfg(test)]
mod tests {
    use super::super::spread::serially;
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn the_neighbours_on_a_line_are_those_beside() {
        let found = nearest(&[0.0, 1.0, 3.0, 7.0], 1, 2, &serially);
        let of = |i: usize| {
            found
                .of(i)
                .iter()
                .map(|n| (n.index, n.distance))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(0), [(1, 1.0), (2, 3.0)]);
        assert_eq!(of(1), [(0, 1.0), (2, 2.0)]);
        assert_eq!(of(3), [(2, 4.0), (1, 6.0)]);
    }

    #[test]
    fn they_are_those_of_trying_all_even_far_from_the_origin_and_with_twins() {
        let mut rng = Rng::new(0, "test");
        let (n, width, k) = (150, 3, 12);
        let mut values = rng.normals(n * width, 100.0, 0.01);
        values.copy_within(0..30, 60);
        let found = nearest(&values, width, k, &serially);
        for i in 0..n {
            let far = |j: usize| -> f64 {
                let pair =
                    |c: usize| f64::from(values[i * width + c]) - f64::from(values[j * width + c]);
                (0..width).map(|c| pair(c).powi(2)).sum::<f64>().sqrt()
            };
            let mut all: Vec<usize> = (0..n).filter(|j| *j != i).collect();
            all.sort_by(|a, b| far(*a).total_cmp(&far(*b)).then(a.cmp(b)));
            let found: Vec<usize> = found.of(i).iter().map(|n| n.index as usize).collect();
            assert_eq!(found, all[..k], "point {i}");
        }
    }

    #[test]
    fn no_more_are_found_than_there_are() {
        assert_eq!(nearest(&[1.0, 2.0, 3.0], 1, 10, &serially).k(), 2);
        assert_eq!(nearest(&[1.0], 1, 10, &serially).n_points(), 0);
    }
}
