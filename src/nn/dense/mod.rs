//! Products of f32 weight matrices with vectors.
//!
//! A [`DenseMatrix`] is `y = W x` for W of shape `(n_out, k)`, kept like a
//! [`PackedMatrix`](super::quantized::PackedMatrix): 16 rows side by side, column by column, in
//! large pages. One step of decoding reads it once, in order, at the speed of the memory; for a
//! prompt each load of 16 weights serves eight vectors.
//!
//! Columns are added in runs of [`RUN`], one fused multiply-add after the other, and the runs are
//! added up: one order on every path, at every number of threads and vectors, so the same bits. The
//! runs also keep rounding small: it grows with the length of a run plus the number of runs.

mod kernels;

use super::arena::{Arena, ArenaSlice};
use super::columns::{self, TILE_ROWS, TileColumns};
use super::quantized::Path;
use crate::refusal::{Refusal, Result};

/// Columns whose products are added in one chain.
const RUN: usize = 64;

/// Bytes of vectors that stay in a core's second-level cache while all tiles pass.
const VECTOR_BYTES: usize = 512 << 10;

/// A worker takes at least this many bytes of weights times vectors at once.
const CHUNK_BYTES: usize = 128 << 10;

/// A weight matrix `(n_out, k)` in f32, ready to be multiplied.
#[derive(Debug)]
pub struct DenseMatrix {
    n_out: usize,
    k: usize,
    /// Tiles of 16 rows, each `(k, 16)`; rows past the last are zeros.
    tiles: ArenaSlice,
}

impl DenseMatrix {
    /// Packs rows of `k` weights from one or more sources, one below the other: pass the weights of
    /// q, k and v to get one matrix whose output is theirs side by side.
    ///
    /// # Errors
    /// When a source is not a whole number of rows of `k`, or memory is short.
    pub fn pack(arena: &Arena, k: usize, sources: &[&[f32]]) -> Result<Self> {
        if let Some(bad) = sources.iter().find(|rows| k == 0 || rows.len() % k != 0) {
            return Err(Refusal::unchanged(
                "A weight matrix of this model has the wrong size",
                format!("{} numbers are not whole rows of {k} weights.", bad.len()),
                "Download the file again, or choose another one.",
            ));
        }
        let n_out = sources.iter().map(|rows| rows.len() / k).sum::<usize>();
        let n_floats = n_out.next_multiple_of(TILE_ROWS).saturating_mul(k);
        let mut tiles = arena.alloc(n_floats.saturating_mul(size_of::<f32>()))?;
        let floats: &mut [f32] = bytemuck::cast_slice_mut(&mut tiles);
        let rows = sources.iter().flat_map(|rows| rows.chunks_exact(k));
        for (i, row) in rows.enumerate() {
            let tile = &mut floats[i / TILE_ROWS * TILE_ROWS * k..][..TILE_ROWS * k];
            for (column, weight) in tile.chunks_exact_mut(TILE_ROWS).zip(row) {
                column[i % TILE_ROWS] = *weight;
            }
        }
        Ok(Self { n_out, k, tiles })
    }

    /// Output rows.
    #[must_use]
    pub fn n_out(&self) -> usize {
        self.n_out
    }

    /// Columns: the width of what it is multiplied with.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// Bytes the weights take: what one decode step reads.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.tiles.len()
    }

    /// Row `row` of W: the embedding of a token.
    ///
    /// # Panics
    /// When there is no such row, or `out` is not `k` long.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        assert!(
            row < self.n_out && out.len() == self.k,
            "row {row} of (n_out, k)"
        );
        let columns = self.tile(row / TILE_ROWS);
        for (out, column) in out.iter_mut().zip(columns) {
            *out = column[row % TILE_ROWS];
        }
    }

    /// `out[i] = W x[i]` for `t` vectors: `x` is `(t, k)` and `out` is `(t, n_out)`, row-major.
    /// Runs on the compute pool.
    ///
    /// # Panics
    /// When a slice has another length.
    pub fn matmul(&self, x: &[f32], t: usize, out: &mut [f32]) {
        self.matmul_on(Path::best(), x, t, out);
    }

    /// [`DenseMatrix::matmul`] on a chosen path: what the tests and benchmarks compare.
    ///
    /// # Panics
    /// When a slice has another length, or this machine cannot run `path`.
    pub fn matmul_on(&self, path: Path, x: &[f32], t: usize, out: &mut [f32]) {
        let (k, n_out) = (self.k, self.n_out);
        assert!(path.runs_here(), "{path:?} does not run on this machine");
        assert_eq!(x.len(), t * k, "x is (t, k) = ({t}, {k})");
        assert_eq!(out.len(), t * n_out, "out is (t, n_out) = ({t}, {n_out})");
        if x.is_empty() || out.is_empty() {
            return;
        }
        let fitting = VECTOR_BYTES / (k * size_of::<f32>());
        let at_once = fitting.clamp(8, 128).next_multiple_of(8);
        let outs = out.chunks_mut(at_once * n_out);
        for (x, out) in x.chunks(at_once * k).zip(outs) {
            self.multiply(path, x, out);
        }
    }

    /// The columns of a tile.
    fn tile(&self, index: usize) -> &[[f32; TILE_ROWS]] {
        let floats: &[f32] = bytemuck::cast_slice(&self.tiles);
        let (columns, _) = floats.as_chunks();
        &columns[index * self.k..][..self.k]
    }

    /// All tiles with vectors that fit a core's cache.
    fn multiply(&self, path: Path, x: &[f32], out: &mut [f32]) {
        let (k, t) = (self.k, x.len() / self.k);
        let smallest = CHUNK_BYTES / (TILE_ROWS * k * size_of::<f32>() * t) + 1;
        columns::fill(out, self.n_out, 0..self.n_out, smallest, |index, mut to| {
            let tile = self.tile(index);
            let mut done = 0;
            while done < t {
                let (x, to) = (&x[done * k..], &mut to);
                done += match t - done {
                    // Eight vectors and both halves of a tile do not fit sixteen registers.
                    8.. if path != Path::Avx2 => step::<8>(path, tile, x, done, to),
                    4.. => step::<4>(path, tile, x, done, to),
                    2.. => step::<2>(path, tile, x, done, to),
                    _ => step::<1>(path, tile, x, done, to),
                };
            }
        });
    }
}

/// One tile with the first `T` vectors of `x`, which are rows `row..` of the result; returns `T`.
fn step<const T: usize>(
    path: Path,
    tile: &kernels::Columns,
    x: &[f32],
    row: usize,
    to: &mut TileColumns<'_>,
) -> usize {
    let k = tile.len();
    let x = std::array::from_fn(|i| &x[i * k..][..k]);
    let sums: [_; T] = kernels::dot(path, tile, x);
    for (i, sums) in sums.iter().enumerate() {
        to.write(row + i, sums);
    }
    T
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::pool;
    use crate::rng::Rng;

    #[test]
    fn every_path_equals_the_sum_in_f64_and_all_agree_bit_for_bit() {
        let mut rng = Rng::new(1, "test");
        for (n_out, k) in [(16, 64), (5, 1), (40, 100), (33, 768)] {
            let weights = rng.normals(n_out * k, 0.0, 1.0);
            let matrix = DenseMatrix::pack(&Arena::new(), k, &[&weights]).unwrap();
            for t in [1, 3, 8, 140] {
                let x = rng.normals(t * k, 0.0, 1.0);
                let mut portable = vec![0.0; t * n_out];
                matrix.matmul_on(Path::Portable, &x, t, &mut portable);
                for path in Path::ALL.into_iter().filter(|path| path.runs_here()) {
                    for n_threads in [1, 3] {
                        pool::set_threads(n_threads);
                        let mut y = vec![0.0; t * n_out];
                        matrix.matmul_on(path, &x, t, &mut y);
                        assert_eq!(y, portable, "{path:?}, {n_threads} threads, t {t}");
                    }
                }
                for (i, y) in portable.iter().enumerate() {
                    let terms = weights[i % n_out * k..].iter().zip(&x[i / n_out * k..]);
                    let terms = terms.take(k).map(|(&w, &x)| f64::from(w) * f64::from(x));
                    let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), term| {
                        (sum + term, size + term.abs())
                    });
                    assert!((f64::from(*y) - sum).abs() <= 1e-6 * size, "{y} {sum}");
                }
            }
        }
    }

    #[test]
    fn sources_lie_one_below_the_other_and_rows_come_back() {
        let weights = Rng::new(2, "test").normals(21 * 48, 0.0, 1.0);
        let (above, below) = weights.split_at(17 * 48);
        let matrix = DenseMatrix::pack(&Arena::new(), 48, &[above, below]).unwrap();
        assert_eq!((matrix.n_out(), matrix.k()), (21, 48));
        let mut row = vec![0.0; 48];
        for (i, expected) in weights.chunks(48).enumerate() {
            matrix.row(i, &mut row);
            assert_eq!(row, expected);
        }
    }

    #[test]
    fn numbers_that_are_not_whole_rows_are_refused() {
        assert!(DenseMatrix::pack(&Arena::new(), 48, &[&[0.0; 47]]).is_err());
        assert!(DenseMatrix::pack(&Arena::new(), 0, &[&[0.0; 47]]).is_err());
    }
}
