//! A row-major result `(t, n_out)` that workers fill at once, each its own columns.
//!
//! A tile of weights is 16 rows, and so 16 columns of the result. Every tile is computed by one
//! worker from beginning to end: that is why a result is the same at every number of threads.

#![expect(
    unsafe_code,
    reason = "columns of a row-major matrix cannot be borrowed apart as slices"
)]

use super::pool;
use std::marker::PhantomData;
use std::ops::Range;

/// Output rows of weights that lie side by side, and columns of a result that are filled together.
pub(super) const TILE_ROWS: usize = 16;

/// Fills `columns` of `out`, rows of `n_columns`: calls `work` once for each 16 of them (the last
/// may be fewer) on the compute pool. A worker takes at least `smallest` tiles at once.
pub(super) fn fill(
    out: &mut [f32],
    n_columns: usize,
    columns: Range<usize>,
    smallest: usize,
    work: impl Fn(usize, TileColumns<'_>) + Sync,
) {
    assert!(
        columns.end <= n_columns,
        "columns {columns:?} of {n_columns}"
    );
    let out = Out {
        base: out.as_mut_ptr(),
        n_rows: out.len() / n_columns.max(1),
        n_columns,
        borrowed: PhantomData,
    };
    let n_tiles = columns.len().div_ceil(TILE_ROWS);
    let chunk = match pool::threads() {
        1 => n_tiles,
        // Four chunks a worker: one that is held up leaves the rest to the others.
        n_threads => n_tiles.div_ceil(4 * n_threads).max(smallest),
    };
    pool::for_chunks(n_tiles, chunk, |tiles| {
        for index in tiles {
            let start = columns.start + index * TILE_ROWS;
            let end = columns.end.min(start + TILE_ROWS);
            let columns = start..end;
            work(index, TileColumns { out: &out, columns });
        }
    });
}

/// A mutable matrix that is only ever written.
struct Out<'a> {
    base: *mut f32,
    n_rows: usize,
    n_columns: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: it stands for a `&mut [f32]`, which may be shared between threads as long as they do not
// reach the same place; they reach it only through `TileColumns`, whose columns do not overlap.
unsafe impl Sync for Out<'_> {}

/// The columns of one tile. `fill` makes one per tile and gives it to one worker.
pub(super) struct TileColumns<'a> {
    out: &'a Out<'a>,
    columns: Range<usize>,
}

impl TileColumns<'_> {
    /// Writes row `row`; sums past the last column belong to rows that do not exist.
    #[inline]
    pub fn write(&mut self, row: usize, sums: &[f32; TILE_ROWS]) {
        assert!(row < self.out.n_rows, "row {row} of {}", self.out.n_rows);
        let start = row * self.out.n_columns + self.columns.start;
        // SAFETY: `row` exists, and the columns are within the row and at most 16 (`fill` made them
        // so); this is the only handle to them, and the result was borrowed mutably, so nobody else
        // reads or writes these places and `sums` is not among them.
        unsafe {
            let to = self.out.base.add(start);
            std::ptr::copy_nonoverlapping(sums.as_ptr(), to, self.columns.len());
        }
    }
}
