//! Truncated singular value decomposition: the `k` largest singular values of a matrix too large to
//! decompose whole, with their vectors (Golub & Kahan 1965, bidiagonalisation by Lanczos' method).
//!
//! The matrix A is only ever multiplied with vectors. Beginning with a random v₁, step j makes
//!
//! ```text
//! α_j u_j     = A v_j  − β_{j−1} u_{j−1}
//! β_j v_{j+1} = Aᵀ u_j − α_j v_j
//! ```
//!
//! so that A V = U B with orthonormal U, V and B small and bidiagonal (α on its diagonal, β above).
//! B's largest singular values are A's long before B is as large as A, and with B = P S Qᵀ the
//! vectors are U P and V Q. How far a pair (s, p) is from an exact one is `|β_m p_m|`: see
//! [`Lanczos::n_converged`]. Rounding makes the u and v lose their right angles, so each new one is
//! made orthogonal to all before it.

mod tridiagonal;

use super::spread::{Spread, fill};
use crate::rng::Rng;
use tridiagonal::eigen;

/// A matrix that can be multiplied with vectors; it need not exist as numbers.
pub trait Operator: Sync {
    /// Rows.
    fn n_rows(&self) -> usize;
    /// Columns.
    fn n_cols(&self) -> usize;
    /// `y = A x`.
    fn times(&self, x: &[f64], y: &mut [f64]);
    /// `y = Aᵀ x`.
    fn transposed_times(&self, x: &[f64], y: &mut [f64]);
}

/// The largest singular values and their vectors: `A ≈ Σ values[i] · left[i] · right[i]ᵀ`. Zeros are
/// left out: there are never more values than the rank of the matrix.
/// The largest entry of each right vector is positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Svd {
    /// Falling.
    pub values: Vec<f64>,
    /// One unit vector of `n_rows` numbers for each value.
    pub left: Vec<Vec<f64>>,
    /// One unit vector of `n_cols` numbers for each value.
    pub right: Vec<Vec<f64>>,
}

/// A decomposition under way: [`Lanczos::step`] until [`Lanczos::n_converged`] is as large as wanted.
pub struct Lanczos<'a> {
    matrix: &'a dyn Operator,
    spread: &'a Spread<'a>,
    rng: Rng,
    /// u₁, u₂, …
    left: Vec<Vec<f64>>,
    /// v₁, v₂, …: one more than the u, unless all directions are used up.
    right: Vec<Vec<f64>>,
    alpha: Vec<f64>,
    beta: Vec<f64>,
}

impl<'a> Lanczos<'a> {
    /// Ready for the first step. `seed` fixes the random beginning, of which the result is
    /// independent but for rounding.
    pub fn new(matrix: &'a dyn Operator, seed: u64, spread: &'a Spread<'a>) -> Self {
        let mut lanczos = Self {
            matrix,
            spread,
            rng: Rng::new(seed, "svd"),
            left: Vec::new(),
            right: Vec::new(),
            alpha: Vec::new(),
            beta: Vec::new(),
        };
        let first = lanczos.fresh_direction();
        lanczos.right.extend(first);
        lanczos
    }

    /// Steps made.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.alpha.len()
    }

    /// One more column of B: two products with the matrix. False when there is nothing left to find.
    pub fn step(&mut self) -> bool {
        let m = self.n_steps();
        let (n_rows, n_cols) = (self.matrix.n_rows(), self.matrix.n_cols());
        if m >= n_rows || self.right.len() <= m {
            return false;
        }
        let mut u = vec![0.0; n_rows];
        self.matrix.times(&self.right[m], &mut u);
        if let (Some(beta), Some(last)) = (self.beta.last(), self.left.last()) {
            add_scaled(&mut u, -beta, last);
        }
        // What is this small beside the matrix is rounding.
        let tiny = 1e-12 * self.alpha.iter().fold(norm(&u), |a, b| a.max(*b));
        let alpha = orthonormalize(&mut u, &self.left, tiny, self.spread);
        if alpha == 0.0 {
            return false; // Rounding alone is left.
        }
        let mut v = vec![0.0; n_cols];
        self.matrix.transposed_times(&u, &mut v);
        add_scaled(&mut v, -alpha, &self.right[m]);
        let mut beta = orthonormalize(&mut v, &self.right, tiny, self.spread);
        self.left.push(u);
        self.alpha.push(alpha);
        let next = if beta > 0.0 {
            Some(v)
        } else {
            beta = 0.0;
            self.fresh_direction()
        };
        self.beta.push(beta);
        self.right.extend(next);
        true
    }

    /// A unit vector at right angles to all v so far, out of the rows of A, so that every step finds a
    /// value that is not zero; `None` when the rows hold no further direction. Equal singular values
    /// need this: from one beginning only one of them is reached.
    fn fresh_direction(&mut self) -> Option<Vec<f64>> {
        let weights: Vec<f64> = (0..self.matrix.n_rows())
            .map(|_| self.rng.normal())
            .collect();
        let mut v = vec![0.0; self.matrix.n_cols()];
        self.matrix.transposed_times(&weights, &mut v);
        let tiny = 1e-12 * norm(&v);
        (orthonormalize(&mut v, &self.right, tiny, self.spread) > 0.0).then_some(v)
    }

    /// The singular values of B, falling: estimates from below of the matrix's.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.small(Vec::new()).0
    }

    /// How many of the largest pairs (s, p) have `|β_m p_m|` ≤ `tolerance` times the largest value. The
    /// error of a value is then at most that, and commonly its square.
    #[must_use]
    pub fn n_converged(&self, tolerance: f64) -> usize {
        let m = self.n_steps();
        let (Some(beta), Some(alpha)) = (self.beta.last(), self.alpha.last()) else {
            return 0;
        };
        let mut last_row = vec![0.0; m];
        last_row[m - 1] = 1.0;
        let (values, rows) = self.small(last_row);
        let bound = tolerance * values.first().copied().unwrap_or(0.0);
        // The last entry of p = B q / s.
        let residual = |(s, q): (&f64, &f64)| (beta * alpha * q / s.max(f64::MIN_POSITIVE)).abs();
        let pairs = values.iter().zip(&rows).map(residual);
        pairs.take_while(|&residual| residual <= bound).count()
    }

    /// The `k` largest values found so far, with their vectors.
    #[must_use]
    pub fn finish(&self, k: usize) -> Svd {
        let m = self.n_steps();
        let mut q = vec![0.0; m * m];
        q.iter_mut().step_by(m + 1).for_each(|x| *x = 1.0);
        let (values, q) = self.small(q);
        let k = k.min(m);
        let mut svd = Svd {
            values: values[..k].to_vec(),
            left: vec![vec![0.0; self.matrix.n_rows()]; k],
            right: vec![vec![0.0; self.matrix.n_cols()]; k],
        };
        fill(self.spread, &mut svd.right, 1, 1, |i, right| {
            for (v, row) in self.right.iter().zip(q.chunks(m)) {
                add_scaled(&mut right[0], row[i], v);
            }
        });
        fill(self.spread, &mut svd.left, 1, 1, |i, left| {
            let entry = |j: usize| q[j * m + i];
            for j in 0..m {
                let above = if j + 1 < m {
                    self.beta[j] * entry(j + 1)
                } else {
                    0.0
                };
                let p = (self.alpha[j] * entry(j) + above) / values[i].max(f64::MIN_POSITIVE);
                add_scaled(&mut left[0], p, &self.left[j]);
            }
        });
        for (left, right) in svd.left.iter_mut().zip(&mut svd.right) {
            let largest = right
                .iter()
                .fold(0.0, |a: f64, b| if b.abs() > a.abs() { *b } else { a });
            if largest < 0.0 {
                left.iter_mut().chain(right).for_each(|x| *x = -*x);
            }
        }
        svd
    }

    /// B's singular values, falling, and `rows · Q`: `BᵀB = Q S² Qᵀ` is tridiagonal.
    fn small(&self, rows: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
        let before = std::iter::once(&0.0).chain(&self.beta);
        let diagonal = self.alpha.iter().zip(before).map(|(a, b)| a * a + b * b);
        let beside = self.alpha.iter().zip(&self.beta).map(|(a, b)| a * b);
        let (squares, rows) = eigen(diagonal.collect(), beside.collect(), rows);
        let values = squares.iter().map(|s| s.max(0.0).sqrt()).collect();
        (values, rows)
    }
}

/// The scalar product.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Eight sums at once, which the processor adds side by side.
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a8.iter().zip(b8) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// `y += factor · x`.
fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// Takes from `x` its part along each of `basis` and scales it to length 1. Returns the length before
/// scaling, or 0 when what remained was not more than `tiny`.
fn orthonormalize(x: &mut [f64], basis: &[Vec<f64>], tiny: f64, spread: &Spread) -> f64 {
    let mut length = norm(x);
    // Twice is enough (Kahan and Parlett): the second time takes what rounding left of the first.
    for _ in 0..2 {
        let mut parts = vec![0.0; basis.len()];
        let seen = &*x;
        fill(spread, &mut parts, 1, 16, |first, parts| {
            for (part, direction) in parts.iter_mut().zip(&basis[first..]) {
                *part = dot(seen, direction);
            }
        });
        fill(spread, x, 1, 2048, |first, x| {
            for (part, direction) in parts.iter().zip(basis) {
                add_scaled(x, -part, &direction[first..]);
            }
        });
        let before = length;
        length = norm(x);
        if length <= tiny {
            return 0.0;
        }
        if length > 0.7 * before {
            break;
        }
    }
    for x in x.iter_mut() {
        *x /= length;
    }
    length
}

#[cfg(test)]
mod tests;
