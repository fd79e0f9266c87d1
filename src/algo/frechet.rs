//! The Fréchet distance between two normal distributions (Dowson & Landau 1982), by which generated
//! pictures are compared with real ones once both are described by features (Heusel et al. 2017).
//!
//! ```text
//! d² = |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)
//! ```
//!
//! Σ₁ Σ₂ is not symmetric, but has the eigenvalues of Σ₁^½ Σ₂ Σ₁^½, which is; so the trace of its
//! root is the sum of the roots of those, and only symmetric matrices are decomposed.

/// A normal distribution in several dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    /// μ.
    pub mean: Vec<f64>,
    /// Σ, row-major, symmetric.
    pub covariance: Vec<f64>,
}

impl Gaussian {
    /// Mean and covariance (with n − 1 as the divisor) of points of `width` numbers each, row-major.
    /// `None` for fewer than two points, and where one is not finite.
    #[must_use]
    pub fn fit(points: &[f32], width: usize) -> Option<Self> {
        let n = points.len().checked_div(width)?;
        if n < 2 || points.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let mut mean = vec![0.0; width];
        for point in points.chunks_exact(width) {
            for (sum, x) in mean.iter_mut().zip(point) {
                *sum += f64::from(*x);
            }
        }
        for sum in &mut mean {
            *sum /= n as f64;
        }
        let mut covariance = vec![0.0; width * width];
        let mut centred = vec![0.0; width];
        for point in points.chunks_exact(width) {
            for ((c, x), m) in centred.iter_mut().zip(point).zip(&mean) {
                *c = f64::from(*x) - m;
            }
            for (row, a) in covariance.chunks_exact_mut(width).zip(&centred) {
                for (sum, b) in row.iter_mut().zip(&centred) {
                    *sum += a * b;
                }
            }
        }
        let divisor = (n - 1) as f64;
        for sum in &mut covariance {
            *sum /= divisor;
        }
        Some(Self { mean, covariance })
    }
}

/// d², the number that is called FID where the features are those of Inception. 0 for equal
/// distributions; never below 0. Both have the same number of dimensions.
#[must_use]
pub fn distance_squared(a: &Gaussian, b: &Gaussian) -> f64 {
    let n = a.mean.len();
    let apart: f64 = a
        .mean
        .iter()
        .zip(&b.mean)
        .map(|(a, b)| (a - b).powi(2))
        .sum();
    let root = root(&a.covariance, n);
    let inner = product(&product(&root, &b.covariance, n), &root, n);
    let (values, _) = eigen(inner, n);
    // Rounding makes some of the zeros of a flat distribution slightly negative.
    let shared: f64 = values.iter().map(|v| v.max(0.0).sqrt()).sum();
    let trace = |m: &[f64]| -> f64 { (0..n).map(|i| m[i * n + i]).sum() };
    (apart + trace(&a.covariance) + trace(&b.covariance) - 2.0 * shared).max(0.0)
}

/// The symmetric root of a symmetric matrix without negative eigenvalues.
fn root(matrix: &[f64], n: usize) -> Vec<f64> {
    let (values, vectors) = eigen(matrix.to_vec(), n);
    let mut root = vec![0.0; n * n];
    for (k, value) in values.iter().enumerate() {
        let scale = value.max(0.0).sqrt();
        for i in 0..n {
            let left = scale * vectors[i * n + k];
            for j in 0..n {
                root[i * n + j] += left * vectors[j * n + k];
            }
        }
    }
    root
}

fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut product = vec![0.0; n * n];
    for (row, a) in product
        .chunks_exact_mut(n.max(1))
        .zip(a.chunks_exact(n.max(1)))
    {
        for (x, b) in a.iter().zip(b.chunks_exact(n)) {
            for (sum, y) in row.iter_mut().zip(b) {
                *sum += x * y;
            }
        }
    }
    product
}

/// Sweeps over all pairs; six to ten are usual.
const MAX_SWEEPS: usize = 60;

/// Eigenvalues of a symmetric matrix, and its eigenvectors as the columns of a matrix, by Jacobi's
/// rotations (1846): each makes one number beside the diagonal 0, until all are.
fn eigen(mut matrix: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    let size: f64 = matrix.iter().map(|x| x * x).sum::<f64>();
    for _ in 0..MAX_SWEEPS {
        let pairs = (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q)));
        let beside: f64 = pairs.clone().map(|(p, q)| matrix[p * n + q].powi(2)).sum();
        if beside <= size * 1e-30 {
            break;
        }
        for (p, q) in pairs {
            rotate(&mut matrix, &mut vectors, n, p, q);
        }
    }
    ((0..n).map(|i| matrix[i * n + i]).collect(), vectors)
}

/// Turns the plane of p and q so that the number at (p, q) becomes 0.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) {
    let off = matrix[p * n + q];
    if off == 0.0 {
        return;
    }
    let half_gap = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * off);
    let tangent = (half_gap.abs() + half_gap.hypot(1.0))
        .recip()
        .copysign(half_gap);
    let cosine = tangent.hypot(1.0).recip();
    let sine = tangent * cosine;
    let turn = |m: &mut [f64], at_p: usize, at_q: usize| {
        let (x, y) = (m[at_p], m[at_q]);
        m[at_p] = cosine * x - sine * y;
        m[at_q] = sine * x + cosine * y;
    };
    for k in 0..n {
        turn(matrix, k * n + p, k * n + q);
    }
    for k in 0..n {
        turn(matrix, p * n + k, q * n + k);
    }
    for k in 0..n {
        turn(vectors, k * n + p, k * n + q);
    }
    (matrix[p * n + q], matrix[q * n + p]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests;
