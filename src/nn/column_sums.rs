//! Sums over the pixels of a batch, channel by channel: what biases and norms learn from.
//!
//! Rows are summed in blocks of one size, and the blocks added up in their order, so a sum does not
//! depend on the number of threads, and rounding grows with a block's length, not the batch's.

use super::parts::for_parts;
use super::simd::vectorized;

/// Numbers of a block: as many whole rows as fit.
const BLOCK: usize = 1 << 12;

/// Rows of a block of `width` columns.
pub(super) fn block_rows(width: usize) -> usize {
    (BLOCK / width).max(1)
}

/// For each block of rows, `n_sums` sums a column, by `sum(block, sums)`; one block after the other.
pub(super) fn block_sums(
    n_rows: usize,
    width: usize,
    n_sums: usize,
    sum: impl Fn(usize, &mut [f32]) + Sync,
) -> Vec<f32> {
    let n_blocks = n_rows.div_ceil(block_rows(width));
    let mut sums = vec![0.0; n_blocks * n_sums * width];
    for_parts(&mut sums, n_sums * width, sum);
    sums
}

/// The sum of each column of `rows`, rows of `width`.
pub(super) fn column_sums(rows: &[f32], width: usize) -> Vec<f32> {
    let block_len = block_rows(width) * width;
    let sums = block_sums(rows.len() / width, width, 1, |index, sums| {
        let block = &rows[index * block_len..rows.len().min((index + 1) * block_len)];
        add_rows(block, sums);
    });
    let mut total = vec![0.0; width];
    add_rows(&sums, &mut total);
    total
}

/// Adds every row to `sums`, one after the other.
fn add_rows(rows: &[f32], sums: &mut [f32]) {
    vectorized(|| {
        for row in rows.chunks_exact(sums.len()) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::pool;
    use crate::rng::Rng;

    #[test]
    fn sums_are_those_in_f64_and_the_same_at_any_number_of_threads() {
        for (n_rows, width) in [(1, 1), (9000, 3), (70, 96), (3, 5000)] {
            let rows = Rng::new(1, "test").normals(n_rows * width, 0.5, 1.0);
            pool::set_threads(1);
            let sums = column_sums(&rows, width);
            pool::set_threads(3);
            assert_eq!(sums, column_sums(&rows, width));
            for (column, sum) in sums.iter().enumerate() {
                let terms = rows[column..].iter().step_by(width);
                let truth: f64 = terms.map(|x| f64::from(*x)).sum();
                assert!((f64::from(*sum) - truth).abs() < 1e-5 * n_rows as f64);
            }
        }
    }
}
