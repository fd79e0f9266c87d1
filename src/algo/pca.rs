//! Principal component analysis: the directions in which points differ most (Pearson 1901).
//!
//! Centred points X, one a row, have the singular value decomposition U S Vᵀ. The rows of Vᵀ are the
//! components, X V the coordinates, and s² / (n − 1) the variance along each. The covariance matrix is
//! never formed: for the first few components a few dozen passes over the points are cheaper.

use super::spread::{Spread, fill};
use super::svd::{Lanczos, Operator};

/// Components count as found when their residual is this small beside the largest.
const TOLERANCE: f64 = 1e-9;

/// Rows whose sums are added up together; fixed, so that sums do not depend on threads.
const CHUNK_ROWS: usize = 512;

/// What PCA found.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// The mean of the points.
    pub mean: Vec<f64>,
    /// Unit vectors at right angles, the direction of most variance first. The largest entry of each
    /// is positive.
    pub components: Vec<Vec<f64>>,
    /// The variance along each component, with n − 1 as the divisor.
    pub explained_variance: Vec<f64>,
    /// The share of each component in the whole variance, `0.0..=1.0`.
    pub explained_ratio: Vec<f64>,
}

impl Pca {
    /// The coordinates of a point along the components.
    pub fn project(&self, point: &[f32]) -> impl Iterator<Item = f64> {
        self.components.iter().map(move |component| {
            let centred = point.iter().zip(&self.mean).map(|(x, m)| f64::from(*x) - m);
            centred.zip(component).map(|(x, c)| x * c).sum()
        })
    }
}

/// The first `k` components of the points in `values`, row-major, each `width` numbers. `go_on` is
/// asked before every pass, with the number of passes so far; `None` when it says no.
pub fn pca(
    values: &[f32],
    width: usize,
    k: usize,
    seed: u64,
    spread: &Spread,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Option<Pca> {
    let centred = Centred::new(values, width, spread);
    let n_rows = centred.n_rows();
    let mut lanczos = Lanczos::new(&centred, seed, spread);
    while go_on(lanczos.n_steps()) {
        let done = !lanczos.step();
        let ask_now = lanczos.n_steps().is_multiple_of(4);
        if done || ask_now && lanczos.n_converged(TOLERANCE) >= k {
            let svd = lanczos.finish(k);
            let divisor = n_rows.saturating_sub(1).max(1) as f64;
            let variances = svd.values.iter().map(|s| s * s / divisor);
            let whole = centred.variance(spread);
            return Some(Pca {
                explained_ratio: variances
                    .clone()
                    .map(|v| v / whole.max(f64::MIN_POSITIVE))
                    .collect(),
                explained_variance: variances.collect(),
                components: svd.right,
                mean: centred.mean,
            });
        }
    }
    None
}

/// Points less their mean, as a matrix that is not written out.
struct Centred<'a> {
    values: &'a [f32],
    width: usize,
    mean: Vec<f64>,
    spread: &'a Spread<'a>,
}

impl<'a> Centred<'a> {
    fn new(values: &'a [f32], width: usize, spread: &'a Spread<'a>) -> Self {
        let width = width.max(1);
        let mut centred = Self {
            values,
            width,
            mean: vec![0.0; width],
            spread,
        };
        let n_rows = centred.n_rows();
        let mut mean = vec![0.0; width];
        centred.transposed_times(&vec![1.0 / n_rows.max(1) as f64; n_rows], &mut mean);
        centred.mean = mean;
        centred
    }

    /// The sum of the variances of all coordinates.
    fn variance(&self, spread: &Spread) -> f64 {
        let mut sums = vec![0.0; self.n_rows()];
        fill(spread, &mut sums, 1, CHUNK_ROWS, |first, sums| {
            for (sum, row) in sums.iter_mut().zip(self.rows_from(first)) {
                let centred = row.iter().zip(&self.mean).map(|(x, m)| f64::from(*x) - m);
                *sum = centred.map(|x| x * x).sum();
            }
        });
        sums.iter().sum::<f64>() / self.n_rows().saturating_sub(1).max(1) as f64
    }

    fn rows_from(&self, first: usize) -> std::slice::ChunksExact<'_, f32> {
        self.values[first * self.width..].chunks_exact(self.width)
    }
}

impl Operator for Centred<'_> {
    fn n_rows(&self) -> usize {
        self.values.len() / self.width
    }

    fn n_cols(&self) -> usize {
        self.width
    }

    fn times(&self, x: &[f64], y: &mut [f64]) {
        let shift: f64 = self.mean.iter().zip(x).map(|(m, x)| m * x).sum();
        fill(self.spread, y, 1, CHUNK_ROWS, |first, y| {
            for (y, row) in y.iter_mut().zip(self.rows_from(first)) {
                *y = dot(row, x) - shift;
            }
        });
    }

    fn transposed_times(&self, x: &[f64], y: &mut [f64]) {
        let n_chunks = self.n_rows().div_ceil(CHUNK_ROWS);
        let mut sums = vec![0.0; n_chunks * self.width];
        fill(self.spread, &mut sums, self.width, 1, |chunk, sums| {
            let first = chunk * CHUNK_ROWS;
            let rows = self.rows_from(first).take(CHUNK_ROWS);
            for (row, x) in rows.zip(&x[first..]) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += x * f64::from(*value);
                }
            }
        });
        let whole: f64 = x.iter().sum();
        for (y, m) in y.iter_mut().zip(&self.mean) {
            *y = -whole * m;
        }
        for sums in sums.chunks(self.width) {
            for (y, sum) in y.iter_mut().zip(sums) {
                *y += sum;
            }
        }
    }
}

/// The scalar product, in double precision.
fn dot(row: &[f32], x: &[f64]) -> f64 {
    let (row8, row_rest) = row.as_chunks::<8>();
    let (x8, x_rest) = x.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (row, x) in row8.iter().zip(x8) {
        for i in 0..8 {
            sums[i] += f64::from(row[i]) * x[i];
        }
    }
    let rest: f64 = row_rest
        .iter()
        .zip(x_rest)
        .map(|(a, b)| f64::from(*a) * b)
        .sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests;
