//! A row-major matrix that several workers fill at once, each its own columns.

#![expect(
    unsafe_code,
    reason = "columns of a row-major matrix cannot be borrowed apart as slices"
)]

use std::marker::PhantomData;

/// A mutable matrix `(n_rows, n_columns)` that is only ever written, in parts that do not overlap.
#[derive(Debug)]
pub(super) struct SharedRows<'a> {
    base: *mut f32,
    n_rows: usize,
    n_columns: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: it stands for a `&mut [f32]`, which may be sent; what threads do with it at the same time
// is `write`, whose callers promise not to overlap.
unsafe impl Send for SharedRows<'_> {}
// SAFETY: as above; there is no way to read through it.
unsafe impl Sync for SharedRows<'_> {}

impl<'a> SharedRows<'a> {
    /// `values` as rows of `n_columns`.
    pub fn new(values: &'a mut [f32], n_columns: usize) -> Self {
        Self {
            base: values.as_mut_ptr(),
            n_rows: values.len() / n_columns,
            n_columns,
            borrowed: PhantomData,
        }
    }

    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Writes `values` into row `row` from `column` on.
    ///
    /// # Safety
    /// No other thread writes any of these places at the same time.
    pub unsafe fn write(&self, row: usize, column: usize, values: &[f32]) {
        assert!(
            row < self.n_rows && column <= self.n_columns,
            "row {row}, column {column}"
        );
        assert!(
            values.len() <= self.n_columns - column,
            "past the row's end"
        );
        // SAFETY: the asserts keep the places inside the borrowed slice, `values` cannot overlap
        // it (it was borrowed mutably), and by contract nobody else writes them now.
        unsafe {
            let to = self.base.add(row * self.n_columns + column);
            std::ptr::copy_nonoverlapping(values.as_ptr(), to, values.len());
        }
    }
}
