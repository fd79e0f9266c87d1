//! Eigenvalues of a symmetric tridiagonal matrix by the QL method with implicit shifts (Bowdler,
//! Martin, Reinsch & Wilkinson 1968; EISPACK's `tql2`).

/// Sweeps for one eigenvalue; two or three are usual.
const MAX_SWEEPS: usize = 60;

/// The eigenvalues, falling, of the matrix with this diagonal and these numbers beside it (as many as
/// the diagonal; the last is not used), and `rows · Q`, where the columns of Q are the eigenvectors
/// in the same order. `rows` is row-major, each row as long as the diagonal: pass the unit matrix for
/// Q, one of its rows for that row of Q, nothing for the values alone.
pub(super) fn eigen(mut d: Vec<f64>, mut e: Vec<f64>, mut rows: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let n = d.len();
    e.resize(n, 0.0);
    if let Some(last) = e.last_mut() {
        *last = 0.0;
    }
    for l in 0..n {
        for _ in 0..MAX_SWEEPS {
            // The block l..=m hangs together; what is beside its end vanishes in rounding.
            let splits = |i: &usize| e[*i].abs() <= f64::EPSILON * (d[*i].abs() + d[i + 1].abs());
            let m = (l..n - 1).find(splits).unwrap_or(n - 1);
            if m == l {
                break;
            }
            sweep(&mut d, &mut e, &mut rows, l, m);
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| d[b].total_cmp(&d[a]));
    let values = order.iter().map(|&i| d[i]).collect();
    if n > 0 {
        for row in rows.chunks_mut(n) {
            let sorted: Vec<f64> = order.iter().map(|&i| row[i]).collect();
            row.copy_from_slice(&sorted);
        }
    }
    (values, rows)
}

/// One QL sweep over the block `l..=m`: rotations from its end to its beginning, with the eigenvalue
/// of the first two rows that is nearer `d[l]` as the shift.
fn sweep(d: &mut [f64], e: &mut [f64], rows: &mut [f64], l: usize, m: usize) {
    let n = d.len();
    let half_gap = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let mut g = d[m] - d[l] + e[l] / (half_gap + half_gap.hypot(1.0).copysign(half_gap));
    let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
    let mut rotations = Vec::with_capacity(m - l);
    for i in (l..m).rev() {
        let f = sine * e[i];
        let b = cosine * e[i];
        let length = f.hypot(g);
        e[i + 1] = length;
        if length == 0.0 {
            // The block has fallen apart here; the next sweep goes on.
            d[i + 1] -= moved;
            e[m] = 0.0;
            return rotate(rows, n, &rotations);
        }
        sine = f / length;
        cosine = g / length;
        let g_before = d[i + 1] - moved;
        let turned = (d[i] - g_before) * sine + 2.0 * cosine * b;
        moved = sine * turned;
        d[i + 1] = g_before + moved;
        g = cosine * turned - b;
        rotations.push((i, sine, cosine));
    }
    d[l] -= moved;
    e[l] = g;
    e[m] = 0.0;
    rotate(rows, n, &rotations);
}

/// Turns every row in the planes of columns i and i + 1, by the sines and cosines given.
fn rotate(rows: &mut [f64], n: usize, rotations: &[(usize, f64, f64)]) {
    for row in rows.chunks_exact_mut(n) {
        for &(i, sine, cosine) in rotations {
            let (left, right) = (row[i], row[i + 1]);
            row[i + 1] = sine * left + cosine * right;
            row[i] = cosine * left - sine * right;
        }
    }
}
