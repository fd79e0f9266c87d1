//! A square matrix of which only the cells that are not 0 are kept, row after row.

use super::super::spread::{Spread, fill};
use super::super::svd::Operator;

/// Rows computed together.
const CHUNK_ROWS: usize = 64;

/// A square matrix, mostly of zeros.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sparse {
    /// Where each row begins in the two lists below, and where the last ends.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Sparse {
    /// A matrix of `n` rows from the cells of its diagonal and above, in order: (row, column) in the
    /// upper and lower half of a number. Each cell is put on both sides; on the diagonal, where both
    /// are one, it counts twice.
    pub(super) fn symmetric(n: usize, cells: &[(u64, f64)]) -> Self {
        let split = |cell: u64| ((cell >> 32) as usize, (cell & 0xffff_ffff) as usize);
        let mut starts = vec![0; n + 1];
        for &(cell, _) in cells {
            let (i, j) = split(cell);
            starts[i + 1] += 1;
            starts[j + 1] += usize::from(i != j);
        }
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let mut free = starts.clone();
        let n_cells = starts[n];
        let (mut columns, mut values) = (vec![0; n_cells], vec![0.0; n_cells]);
        let mut put = |i: usize, j: usize, x: f64| {
            columns[free[i]] = j as u32;
            values[free[i]] = x;
            free[i] += 1;
        };
        // In the order of the cells every row gets its columns rising, on both sides: what lies left
        // of the diagonal comes from rows further up.
        for &(cell, x) in cells {
            let (i, j) = split(cell);
            if i == j {
                put(i, i, 2.0 * x);
            } else {
                put(i, j, x);
                put(j, i, x);
            }
        }
        Self {
            starts,
            columns,
            values,
        }
    }

    /// Rows, and columns.
    #[must_use]
    pub fn n(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Cells that are kept.
    #[must_use]
    pub fn n_cells(&self) -> usize {
        self.values.len()
    }

    /// The cells of a row: (column, value), the columns rising.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[i]..self.starts[i + 1];
        let columns = self.columns[range.clone()].iter().map(|j| *j as usize);
        columns.zip(self.values[range].iter().copied())
    }

    /// One cell; 0 when it is not kept.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        let range = self.starts[i]..self.starts[i + 1];
        let found = self.columns[range.clone()].binary_search(&(j as u32));
        found.map_or(0.0, |at| self.values[range.start + at])
    }

    /// The matrix of `change(i, j, value)` where that is above 0.
    pub(super) fn map(&self, change: impl Fn(usize, usize, f64) -> f64) -> Self {
        let mut changed = Self {
            starts: vec![0],
            ..Self::default()
        };
        for i in 0..self.n() {
            for (j, x) in self.row(i) {
                let x = change(i, j, x);
                if x > 0.0 {
                    changed.columns.push(j as u32);
                    changed.values.push(x);
                }
            }
            changed.starts.push(changed.values.len());
        }
        changed
    }

    /// Rows and columns changed over.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let n = self.n();
        let mut starts = vec![0; n + 1];
        for &j in &self.columns {
            starts[j as usize + 1] += 1;
        }
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let mut free = starts.clone();
        let (mut columns, mut values) = (vec![0; self.n_cells()], vec![0.0; self.n_cells()]);
        for i in 0..n {
            for (j, x) in self.row(i) {
                columns[free[j]] = i as u32;
                values[free[j]] = x;
                free[j] += 1;
            }
        }
        Self {
            starts,
            columns,
            values,
        }
    }

    /// `y = A x`.
    fn times(&self, x: &[f64], y: &mut [f64], spread: &Spread) {
        fill(spread, y, 1, CHUNK_ROWS, |first, y| {
            for (y, i) in y.iter_mut().zip(first..) {
                *y = self.row(i).map(|(j, value)| value * x[j]).sum();
            }
        });
    }
}

/// A sparse matrix to be multiplied with vectors from both sides.
pub struct SparseOperator<'a> {
    matrix: &'a Sparse,
    transposed: Sparse,
    spread: &'a Spread<'a>,
}

impl<'a> SparseOperator<'a> {
    /// The matrix as an operator; its rows are shared out by `spread`.
    #[must_use]
    pub fn new(matrix: &'a Sparse, spread: &'a Spread<'a>) -> Self {
        Self {
            matrix,
            transposed: matrix.transposed(),
            spread,
        }
    }
}

impl Operator for SparseOperator<'_> {
    fn n_rows(&self) -> usize {
        self.matrix.n()
    }
    fn n_cols(&self) -> usize {
        self.matrix.n()
    }
    fn times(&self, x: &[f64], y: &mut [f64]) {
        self.matrix.times(x, y, self.spread);
    }
    fn transposed_times(&self, x: &[f64], y: &mut [f64]) {
        self.transposed.times(x, y, self.spread);
    }
}
