//! Slices out of candle's CPU tensors: our own operations read plain `&[f32]` and return a `Vec`.

use super::pool;
use super::simd::{Lanes, Work, widest};
use candle_core::{CpuStorage, Layout, Result, bail};
use std::sync::Mutex;

/// Rows of equal width in a slice: what a tensor is whose last dimension is dense.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    data: &'a [f32],
    width: usize,
    stride: usize,
    len: usize,
}

impl<'a> Rows<'a> {
    /// Views a two-dimensional tensor, or any contiguous one, as rows of its last dimension.
    ///
    /// # Errors
    /// Refuses other number types and tensors whose last dimension has gaps.
    pub fn of(storage: &'a CpuStorage, layout: &Layout) -> Result<Self> {
        let data = f32s(storage)?;
        let dims = layout.dims();
        let Some((&width, outer)) = dims.split_last() else {
            bail!("a number has no rows");
        };
        let n_rows = outer.iter().product();
        let start = layout.start_offset();
        let stride = match (dims.len(), layout.stride()) {
            _ if layout.is_contiguous() => width,
            (2, &[stride, 1]) => stride,
            _ => bail!("rows with gaps: {layout:?}"),
        };
        Ok(Self {
            data: &data[start..],
            width,
            stride,
            len: n_rows,
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.len
    }

    /// How many numbers a row has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Row `i`.
    #[must_use]
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.data[i * self.stride..][..self.width]
    }

    /// All rows as one slice, if there are no gaps between them.
    #[must_use]
    pub fn dense(&self) -> Option<&'a [f32]> {
        (self.stride == self.width).then(|| &self.data[..self.len * self.width])
    }
}

/// One row of a result. Mark `row` `#[inline(always)]`: it is compiled for every width of vectors.
pub trait RowWork: Sync {
    /// Writes row `i`.
    fn row(&self, i: usize, out: &mut [f32]);
}

/// Numbers of a result from which a second thread saves more than it costs.
const WORTH_SHARING: usize = 1 << 15;

/// Computes `n_rows` rows of `width` numbers, many of them on every thread of the compute pool. A
/// row is computed in one piece, so the result does not depend on the number of threads.
pub fn compute_rows(n_rows: usize, width: usize, work: &impl RowWork) -> Vec<f32> {
    let mut out = vec![0f32; n_rows * width];
    let n_parts = match pool::threads() {
        n_threads if n_threads > 1 && out.len() >= WORTH_SHARING => 4 * n_threads,
        _ => 1,
    };
    let n_rows_each = n_rows.div_ceil(n_parts).max(1);
    let part = |index: usize, out: &mut [f32]| {
        let first = index * n_rows_each;
        widest(Part {
            first,
            width,
            work,
            out,
        });
    };
    if n_parts == 1 {
        part(0, &mut out);
        return out;
    }
    let parts = out.chunks_mut(n_rows_each * width);
    let parts: Vec<_> = parts.map(Mutex::new).collect();
    pool::for_chunks(parts.len(), 1, |indices| {
        for index in indices {
            if let Ok(mut out) = parts[index].lock() {
                part(index, &mut out);
            }
        }
    });
    drop(parts);
    out
}

/// Some consecutive rows.
struct Part<'a, W> {
    first: usize,
    width: usize,
    work: &'a W,
    out: &'a mut [f32],
}

impl<W: RowWork> Work for Part<'_, W> {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "compiled again for each width of vectors"
    )]
    fn run<V: Lanes>(self) {
        for (i, out) in self.out.chunks_exact_mut(self.width).enumerate() {
            self.work.row(self.first + i, out);
        }
    }
}

/// The numbers behind a CPU tensor, all of them: `layout` says which are meant.
///
/// # Errors
/// Refuses number types other than f32.
pub fn f32s(storage: &CpuStorage) -> Result<&[f32]> {
    match storage {
        CpuStorage::F32(data) => Ok(data),
        other => bail!("expected f32, found {:?}", storage_type(other)),
    }
}

/// As [`f32s`], to write.
///
/// # Errors
/// Refuses number types other than f32.
pub fn f32s_mut(storage: &mut CpuStorage) -> Result<&mut [f32]> {
    match storage {
        CpuStorage::F32(data) => Ok(data),
        other => bail!("expected f32, found {:?}", storage_type(other)),
    }
}

fn storage_type(storage: &CpuStorage) -> candle_core::DType {
    candle_core::backend::BackendStorage::dtype(storage)
}
