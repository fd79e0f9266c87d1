//! Sixteen rows of f32 weights times several vectors, on each path.

#![expect(
    unsafe_code,
    reason = "loads from references to enough floats, and calls guarded by a feature check"
)]

use super::RUN;
use crate::nn::columns::TILE_ROWS;
use crate::nn::quantized::Path;

/// A tile's weights, column by column.
pub(super) type Columns = [[f32; TILE_ROWS]];

/// The dot products of a tile's 16 rows with `T` vectors on `path`, which must run here.
pub(super) fn dot<const T: usize>(
    path: Path,
    tile: &Columns,
    x: [&[f32]; T],
) -> [[f32; TILE_ROWS]; T] {
    let x = x.map(|x| &x[..tile.len()]);
    match path {
        #[cfg(target_arch = "x86_64")]
        Path::Avx512Vnni | Path::Avx2 => x86::dot(path, tile, x),
        _ => portable(tile, x),
    }
}

fn portable<const T: usize>(tile: &Columns, x: [&[f32]; T]) -> [[f32; TILE_ROWS]; T] {
    x.map(|x| {
        let mut total = [0.0; TILE_ROWS];
        for (columns, x) in tile.chunks(RUN).zip(x.chunks(RUN)) {
            let mut run = [0.0_f32; TILE_ROWS];
            for (column, x) in columns.iter().zip(x) {
                for (sum, weight) in run.iter_mut().zip(column) {
                    *sum = weight.mul_add(*x, *sum);
                }
            }
            for (total, run) in total.iter_mut().zip(run) {
                *total += run;
            }
        }
        total
    })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Columns, Path, RUN, TILE_ROWS};
    use std::arch::x86_64::{
        _MM_HINT_T0, _mm_prefetch, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps,
        _mm256_setzero_ps, _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
        _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
    };

    /// How far ahead of the weights in use the next are asked for.
    const AHEAD_FLOATS: usize = 2 << 10;

    /// Rows in a 256-bit register.
    const HALF: usize = TILE_ROWS / 2;

    pub fn dot<const T: usize>(
        path: Path,
        tile: &Columns,
        x: [&[f32]; T],
    ) -> [[f32; TILE_ROWS]; T] {
        assert!(
            path.runs_here(),
            "the path is chosen after asking the processor"
        );
        // SAFETY: the processor has what the path needs, as just checked; each path's own list of
        // features includes those its function is compiled for.
        unsafe {
            match path {
                Path::Avx512Vnni => avx512(tile, x),
                _ => avx2(tile, x),
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    fn avx512<const T: usize>(tile: &Columns, x: [&[f32]; T]) -> [[f32; TILE_ROWS]; T] {
        let mut totals = [_mm512_setzero_ps(); T];
        for (run, columns) in tile.chunks(RUN).enumerate() {
            let x = x.map(|x| &x[run * RUN..][..columns.len()]);
            let mut sums = [_mm512_setzero_ps(); T];
            for (c, column) in columns.iter().enumerate() {
                if T == 1 {
                    prefetch(column);
                }
                // SAFETY: the reference is to 16 readable floats; no alignment is asked for.
                let weights = unsafe { _mm512_loadu_ps(column.as_ptr()) };
                for j in 0..T {
                    sums[j] = _mm512_fmadd_ps(weights, _mm512_set1_ps(x[j][c]), sums[j]);
                }
            }
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total = _mm512_add_ps(*total, sum);
            }
        }
        totals.map(|total| {
            let mut floats = [0.0; TILE_ROWS];
            // SAFETY: the array has room for the register's 16 floats.
            unsafe { _mm512_storeu_ps(floats.as_mut_ptr(), total) };
            floats
        })
    }

    #[target_feature(enable = "avx2,fma")]
    fn avx2<const T: usize>(tile: &Columns, x: [&[f32]; T]) -> [[f32; TILE_ROWS]; T] {
        let mut totals = [[_mm256_setzero_ps(); 2]; T];
        for (run, columns) in tile.chunks(RUN).enumerate() {
            let x = x.map(|x| &x[run * RUN..][..columns.len()]);
            let mut sums = [[_mm256_setzero_ps(); 2]; T];
            for (c, column) in columns.iter().enumerate() {
                if T == 1 {
                    prefetch(column);
                }
                let (halves, _) = column.as_chunks::<HALF>();
                // SAFETY: the reference is to 8 readable floats; no alignment is asked for.
                let weights = |half: usize| unsafe { _mm256_loadu_ps(halves[half].as_ptr()) };
                let weights = [weights(0), weights(1)];
                for j in 0..T {
                    let x = _mm256_set1_ps(x[j][c]);
                    for (sum, weights) in sums[j].iter_mut().zip(weights) {
                        *sum = _mm256_fmadd_ps(weights, x, *sum);
                    }
                }
            }
            for (total, sum) in totals
                .as_flattened_mut()
                .iter_mut()
                .zip(sums.as_flattened())
            {
                *total = _mm256_add_ps(*total, *sum);
            }
        }
        totals.map(|total| {
            let mut floats = [0.0; TILE_ROWS];
            let (halves, _) = floats.as_chunks_mut::<HALF>();
            for (half, total) in halves.iter_mut().zip(total) {
                // SAFETY: the array has room for the register's 8 floats.
                unsafe { _mm256_storeu_ps(half.as_mut_ptr(), total) };
            }
            floats
        })
    }

    /// Asks for the cache line that will be read [`AHEAD_FLOATS`] after this column.
    #[inline]
    fn prefetch(column: &[f32; TILE_ROWS]) {
        let ahead = column.as_ptr().wrapping_add(AHEAD_FLOATS);
        // SAFETY: a prefetch reads nothing and faults on no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead.cast()) };
    }
}
