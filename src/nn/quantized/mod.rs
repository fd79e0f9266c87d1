//! Products of quantized weight matrices with vectors.
//!
//! A [`PackedMatrix`] is `y = W x` for a weight matrix W of shape `(n_out, k)`, kept in the blocks
//! its file has (32 weights share a scale) but laid out for the processor: 16 rows side by side, so
//! that one vector register holds four columns of 16 rows and every byte is read once, in order.
//! Rows are looked up in the same copy ([`PackedMatrix::row`]), so a tied head costs no memory.
//!
//! What is converted at load, and why: 4-bit blocks (`Q4_0`, `Q4_1`) and `Q8_0` stay what they are,
//! only reordered, so nothing is lost and a step reads as few bytes as the file has. All other
//! quantized types become `Q8_0`: at 8 bits the rounding added is at most 1/254 of the largest in
//! its block, far below what their own 2 to 6 bits took, and one fast kernel serves them all.
//! `SmolLM2` dequantized to f32 would read 538 MB a token instead of 96.
//!
//! The activations x are rounded to integers too, 32 to a scale, because integer products are four
//! times as fast as those of floats. [`Activations`] says how finely.
//!
//! What it computes, for output row r, with blocks b of 32 columns, weights `d·(u − bias) + m` and
//! activations `s·q`:
//!
//! ```text
//! y[r] = Σ_b  d[r,b] · s[b] · (Σ_i u[r,i] q[i] − bias · Σ_i q[i])  +  m[r,b] · s[b] · Σ_i q[i]
//! ```
//!
//! The integer sums are exact, and the floats are added in the same order on every path (AVX-512,
//! AVX2 and portable) and at every thread count: the results are the same bit for bit.

mod activations;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod pack;
mod portable;
mod product;

pub use activations::Activations;
pub use product::Path;

use crate::nn::arena::{Arena, ArenaSlice};
use crate::nn::columns::TILE_ROWS;
use crate::refusal::Result;

/// Weights that share a scale.
pub const BLOCK: usize = 32;

/// How the weights of a matrix are kept. The names and the values are those of GGML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Four bits: `d·(u − 8)`.
    Q4_0,
    /// Four bits: `d·u + m`.
    Q4_1,
    /// Eight bits: `d·(u − 128)`, that is `d` times a signed byte.
    Q8_0,
}

impl Format {
    /// Bytes of one block of one row in a GGUF file.
    #[must_use]
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q8_0 => 34,
        }
    }

    /// What is subtracted from the unsigned integers of a block.
    const fn bias(self) -> i32 {
        match self {
            Self::Q4_0 => 8,
            Self::Q4_1 => 0,
            Self::Q8_0 => 128,
        }
    }

    /// Bytes of the integers of one block of a tile.
    const fn quants_bytes(self) -> usize {
        match self {
            Self::Q4_0 | Self::Q4_1 => TILE_ROWS * BLOCK / 2,
            Self::Q8_0 => TILE_ROWS * BLOCK,
        }
    }

    /// Bytes of the scales (and minima) of one block of a tile.
    const fn scales_bytes(self) -> usize {
        match self {
            Self::Q4_1 => TILE_ROWS * 4,
            Self::Q4_0 | Self::Q8_0 => TILE_ROWS * 2,
        }
    }

    /// Where the integers of a tile of `n_blocks` begin: after its scales, on a cache line.
    const fn quants_start(self, n_blocks: usize) -> usize {
        (n_blocks * self.scales_bytes()).next_multiple_of(64)
    }

    /// Bytes of a tile of `n_blocks` blocks.
    const fn tile_bytes(self, n_blocks: usize) -> usize {
        self.quants_start(n_blocks) + n_blocks * self.quants_bytes()
    }
}

/// Rows of weights as a file has them.
#[derive(Debug, Clone, Copy)]
pub enum Weights<'a> {
    /// The bytes of GGUF blocks of this format, row after row; kept as they are, without loss.
    Blocks(Format, &'a [u8]),
    /// Any other type, dequantized first (`file.f32s`): rounded to [`Format::Q8_0`] here, which
    /// moves a weight by at most 1/254 of the largest in its block of 32.
    Floats(&'a [f32]),
}

/// A weight matrix `(n_out, k)`, ready to be multiplied.
#[derive(Debug)]
pub struct PackedMatrix {
    n_out: usize,
    k: usize,
    activations: Activations,
    /// Rows from different sources may have different formats: one segment each.
    segments: Vec<Segment>,
}

/// Rows of one format.
#[derive(Debug)]
struct Segment {
    format: Format,
    /// The matrix's row that is this segment's row 0.
    first_row: usize,
    n_rows: usize,
    tiles: ArenaSlice,
}

impl PackedMatrix {
    /// Packs rows of `k` weights from one or more sources, one below the other: pass the weights of
    /// q, k and v (or gate and up) to get one matrix whose output is theirs side by side.
    ///
    /// # Errors
    /// When a source is not a whole number of rows of `k`, or memory is short.
    pub fn pack(arena: &Arena, k: usize, sources: &[Weights<'_>]) -> Result<Self> {
        let mut matrix = Self {
            n_out: 0,
            k,
            activations: Activations::default(),
            segments: Vec::with_capacity(sources.len()),
        };
        for source in sources {
            let segment = pack::segment(arena, k, matrix.n_out, *source)?;
            matrix.n_out += segment.n_rows;
            matrix.segments.push(segment);
        }
        Ok(matrix)
    }

    /// The same matrix with activations rounded more, or less, finely.
    #[must_use]
    pub fn with_activations(mut self, activations: Activations) -> Self {
        self.activations = activations;
        self
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

    /// Bytes the packed weights take: what one decode step reads.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| segment.tiles.len())
            .sum()
    }

    /// `out[i] = W x[i]` for `t` vectors: `x` is `(t, k)` and `out` is `(t, n_out)`, row-major.
    /// Runs on the compute pool; the result does not depend on the number of threads, nor on which
    /// vectors are computed together.
    ///
    /// # Panics
    /// When a slice has another length.
    pub fn matmul(&self, x: &[f32], t: usize, out: &mut [f32]) {
        product::matmul(self, Path::best(), x, t, out);
    }

    /// [`PackedMatrix::matmul`] on a chosen path: what the tests and benchmarks compare.
    ///
    /// # Panics
    /// When a slice has another length, or this machine cannot run `path`.
    pub fn matmul_on(&self, path: Path, x: &[f32], t: usize, out: &mut [f32]) {
        assert!(path.runs_here(), "{path:?} does not run on this machine");
        product::matmul(self, path, x, t, out);
    }

    /// `x` as a product reads it: rounded to integers, 32 to a scale, and multiplied out again.
    #[must_use]
    pub fn as_seen(&self, x: &[f32]) -> Vec<f32> {
        activations::rounded(x, self.activations)
    }

    /// Row `row` of W, dequantized: the embedding of a token.
    ///
    /// # Panics
    /// When there is no such row, or `out` is not `k` long.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        assert!(
            row < self.n_out && out.len() == self.k,
            "row {row} of (n_out, k)"
        );
        for segment in &self.segments {
            if (segment.first_row..segment.first_row + segment.n_rows).contains(&row) {
                pack::dequantize_row(segment, self.k, row - segment.first_row, out);
            }
        }
    }
}

#[cfg(test)]
mod tests;
