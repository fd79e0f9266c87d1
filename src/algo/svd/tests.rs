//! Singular values and vectors beside scipy's.

use super::super::spread::serially;
use super::*;

/// A matrix of plain numbers.
struct Dense {
    n_cols: usize,
    values: Vec<f64>,
}

impl Operator for Dense {
    fn n_rows(&self) -> usize {
        self.values.len() / self.n_cols
    }
    fn n_cols(&self) -> usize {
        self.n_cols
    }
    fn times(&self, x: &[f64], y: &mut [f64]) {
        for (y, row) in y.iter_mut().zip(self.values.chunks(self.n_cols)) {
            *y = dot(row, x);
        }
    }
    fn transposed_times(&self, x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        for (x, row) in x.iter().zip(self.values.chunks(self.n_cols)) {
            add_scaled(y, *x, row);
        }
    }
}

fn whole(matrix: &Dense) -> Svd {
    let mut lanczos = Lanczos::new(matrix, 0, &serially);
    while lanczos.step() {}
    lanczos.finish(usize::MAX)
}

#[test]
fn the_golden_ratio_is_the_largest_singular_value_of_1_1_0_1() {
    let svd = whole(&Dense {
        n_cols: 2,
        values: vec![1.0, 1.0, 0.0, 1.0],
    });
    let golden = f64::midpoint(1.0, 5f64.sqrt());
    assert!((svd.values[0] - golden).abs() < 1e-14, "{:?}", svd.values);
    assert!((svd.values[1] - 1.0 / golden).abs() < 1e-14);
}

#[test]
fn equal_singular_values_are_all_found() {
    // The unit matrix: whatever the beginning, one step finds everything there is to find from it.
    let unit = (0..16).map(|i| f64::from(u8::from(i % 5 == 0))).collect();
    let svd = whole(&Dense {
        n_cols: 4,
        values: unit,
    });
    assert_eq!(svd.values.len(), 4);
    assert!(svd.values.iter().all(|s| (s - 1.0).abs() < 1e-12));
}

#[test]
fn a_decomposition_put_together_again_is_the_matrix() {
    let mut rng = Rng::new(3, "test");
    for (n_rows, n_cols) in [(7, 12), (12, 7), (1, 5), (5, 1)] {
        let values: Vec<f64> = (0..n_rows * n_cols).map(|_| rng.normal()).collect();
        let matrix = Dense { n_cols, values };
        let svd = whole(&matrix);
        for (i, value) in matrix.values.iter().enumerate() {
            let (row, column) = (i / n_cols, i % n_cols);
            let term = |k: usize| svd.values[k] * svd.left[k][row] * svd.right[k][column];
            let sum: f64 = (0..svd.values.len()).map(term).sum();
            assert!((sum - value).abs() < 1e-12, "{sum} {value}");
        }
    }
}

#[test]
fn there_are_as_many_values_as_the_rank() {
    let ones = whole(&Dense {
        n_cols: 4,
        values: vec![2.0; 12],
    });
    assert_eq!(ones.values.len(), 1);
    assert!((ones.values[0] - 2.0 * 12f64.sqrt()).abs() < 1e-12);
    let zeros = whole(&Dense {
        n_cols: 4,
        values: vec![0.0; 12],
    });
    assert_eq!(
        zeros,
        Svd {
            values: vec![],
            left: vec![],
            right: vec![]
        }
    );
}
