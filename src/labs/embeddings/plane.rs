//! A few points of a space drawn on the plane that holds them best.

/// What a point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A word of the expression: the term with this number.
    Term(usize),
    /// Where the arithmetic ends.
    Sum,
    /// The nearest word that is no input.
    Nearest,
    /// The word that was expected, where it is not the nearest.
    Expected,
}

/// A point of the space as the plane shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanePoint {
    /// The word; empty for the sum.
    pub word: String,
    /// What it is.
    pub role: Role,
    /// To the right.
    pub x: f64,
    /// Upwards.
    pub y: f64,
    /// How far outside the plane it really lies.
    pub outside: f64,
}

/// The plane through the points that leaves the least of them outside (their first two principal
/// components).
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// The points; their centre is the plane's origin.
    pub points: Vec<PlanePoint>,
    /// Where the space's own origin lies on it.
    pub zero: [f64; 2],
    /// The share of the points' variance outside the plane, 0 to 1.
    pub error: f64,
}

impl Plane {
    /// The plane of these points, or `None` where all are one point. Turned so that the way from the
    /// first point to the sum leads right and up.
    pub(super) fn through(points: Vec<(String, Role, Vec<f64>)>) -> Option<Self> {
        let width = points.first()?.2.len();
        let n = points.len() as f64;
        let mean: Vec<f64> = (0..width)
            .map(|i| points.iter().map(|(.., row)| row[i]).sum::<f64>() / n)
            .collect();
        let centred = |row: &Vec<f64>| row.iter().zip(&mean).map(|(x, m)| x - m).collect();
        let rows: Vec<Vec<f64>> = points.iter().map(|(.., row)| centred(row)).collect();
        let gram = rows
            .iter()
            .map(|a| rows.iter().map(|b| dot(a, b)).collect());
        let (values, vectors) = eigen(gram.collect());
        let total: f64 = values.iter().sum();
        if total.is_nan() || total <= 0.0 {
            return None;
        }
        let sum = points.iter().position(|(_, role, _)| *role == Role::Sum);
        let mut axes = Vec::new();
        for (value, vector) in values.iter().zip(&vectors).take(2) {
            let flip = sum.is_some_and(|sum| vector[sum] < vector[0]);
            let length = value.max(0.0).sqrt() * if flip { -1.0 } else { 1.0 };
            let along: Vec<f64> = vector.iter().map(|part| part * length).collect();
            let zero = if *value > total * 1e-12 {
                let parts = rows.iter().zip(vector);
                -parts.map(|(row, part)| part * dot(row, &mean)).sum::<f64>() / length
            } else {
                0.0
            };
            axes.push((along, zero));
        }
        // Two points have one axis only.
        axes.resize(2, (vec![0.0; rows.len()], 0.0));
        let on_plane: f64 = values.iter().take(2).sum();
        let points = points.into_iter().zip(&rows).enumerate();
        let points = points.map(|(i, ((word, role, _), row))| {
            let (x, y) = (axes[0].0[i], axes[1].0[i]);
            let outside = (dot(row, row) - x * x - y * y).max(0.0).sqrt();
            PlanePoint {
                word,
                role,
                x,
                y,
                outside,
            }
        });
        Some(Self {
            points: points.collect(),
            zero: [axes[0].1, axes[1].1],
            error: (1.0 - on_plane / total).clamp(0.0, 1.0),
        })
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Eigenvalues and eigenvectors of a small symmetric matrix, the largest first (Jacobi's rotations).
fn eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut vectors: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for _ in 0..60 {
        let outside: f64 = (0..n).map(|i| dot(&a[i][..i], &a[i][..i])).sum();
        let inside: f64 = (0..n).map(|i| a[i][i] * a[i][i]).sum();
        if outside <= inside * 1e-30 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] != 0.0 {
                    rotate(&mut a, &mut vectors, p, q);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    let values = order.iter().map(|&i| a[i][i]).collect();
    let vectors = order.iter().map(|&i| vectors[i].clone()).collect();
    (values, vectors)
}

/// Turns the axes p and q so that `a[p][q]` becomes 0. Rows of `vectors` are the axes.
fn rotate(a: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    let slope = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let tan = slope.signum() / (slope.abs() + slope.hypot(1.0));
    let cos = tan.hypot(1.0).recip();
    let sin = tan * cos;
    for row in a.iter_mut() {
        (row[p], row[q]) = (cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]);
    }
    for rows in [a, vectors] {
        let (upper, lower) = rows.split_at_mut(q);
        for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
            (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(role: Role, row: &[f64]) -> (String, Role, Vec<f64>) {
        (String::new(), role, row.to_vec())
    }

    #[test]
    fn points_of_a_plane_keep_their_distances_and_leave_nothing_outside() {
        // A parallelogram in four dimensions.
        let rows = [
            [1.0, 0.0, 2.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
            [0.0, 3.0, 0.0, 1.0],
            [1.0, 3.0, 2.0, 0.0],
        ];
        let roles = [Role::Term(0), Role::Term(1), Role::Term(2), Role::Sum];
        let points = rows.iter().zip(roles).map(|(row, role)| point(role, row));
        let plane = Plane::through(points.collect()).unwrap();
        assert!(plane.error < 1e-12);
        let seen = |i: usize, j: usize| {
            let (a, b) = (&plane.points[i], &plane.points[j]);
            (a.x - b.x).hypot(a.y - b.y)
        };
        let real = |i: usize, j: usize| {
            let parts = rows[i].iter().zip(&rows[j]);
            parts.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        };
        for (i, j) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
            assert!((seen(i, j) - real(i, j)).abs() < 1e-9);
        }
        assert!(plane.points.iter().all(|point| point.outside < 1e-6));
    }

    #[test]
    fn what_is_outside_is_said() {
        // Squares along the three axes add up to 100, 4 and 1.
        let rows = [
            [-5.0, -1.0, 0.5],
            [-5.0, 1.0, -0.5],
            [5.0, -1.0, -0.5],
            [5.0, 1.0, 0.5],
        ];
        let points = rows.iter().map(|row| point(Role::Term(0), row)).collect();
        let plane = Plane::through(points).unwrap();
        assert!((plane.error - 1.0 / 105.0).abs() < 1e-12);
        assert!(
            plane
                .points
                .iter()
                .all(|point| (point.outside - 0.5).abs() < 1e-6)
        );
        assert_eq!(plane.zero, [0.0, 0.0]);
    }

    #[test]
    fn one_point_has_no_plane_and_two_lie_on_a_line() {
        let same = [1.0, 2.0];
        assert!(Plane::through(vec![point(Role::Term(0), &same); 2]).is_none());
        let two = vec![
            point(Role::Term(0), &[0.0, 0.0]),
            point(Role::Sum, &[3.0, 4.0]),
        ];
        let plane = Plane::through(two).unwrap();
        assert!((plane.points[1].x - 2.5).abs() < 1e-9 && plane.points[1].y.abs() < 1e-9);
        assert!((plane.zero[0] + 2.5).abs() < 1e-9);
    }
}
