//! Which kernel computes which part of a product, and where its results go.

use super::activations::{XBlock, XScale, quantize};
use super::{Activations, BLOCK, Format, PackedMatrix, Segment, portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};
use crate::nn::columns::{self, TileColumns};
use std::cell::RefCell;

/// The instructions a product is computed with. All give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Path {
    /// 512-bit registers with byte dot products (Intel since Ice Lake, AMD since Zen 4).
    Avx512Vnni,
    /// 256-bit registers (nearly every PC since 2013).
    Avx2,
    /// Plain Rust.
    Portable,
}

impl Path {
    /// All paths, fastest first.
    pub const ALL: [Self; 3] = [Self::Avx512Vnni, Self::Avx2, Self::Portable];

    /// The fastest path this machine can run.
    #[must_use]
    pub fn best() -> Self {
        let runs = Self::ALL.into_iter().find(|path| path.runs_here());
        runs.unwrap_or(Self::Portable)
    }

    /// Whether this machine can run the path.
    #[must_use]
    pub fn runs_here(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => avx512::runs_here(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::runs_here(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512Vnni | Self::Avx2 => false,
            Self::Portable => true,
        }
    }
}

/// Sixteen rows of weights.
#[derive(Clone, Copy)]
pub(super) struct Tile<'a> {
    pub format: Format,
    pub activations: Activations,
    pub scales: &'a [u8],
    pub quants: &'a [u8],
}

/// One vector of activations: as many blocks and scales as a tile has blocks.
#[derive(Clone, Copy)]
pub(super) struct Vector<'a> {
    pub blocks: &'a [XBlock],
    pub scales: &'a [XScale],
}

/// Vectors a kernel takes at once: enough to make unpacking the weights cheap, few enough for the
/// registers.
const GROUP: usize = 8;

/// Vectors whose integers stay in a core's second-level cache while all tiles pass.
const GROUPS_AT_ONCE: usize = 16;

/// A worker takes at least this many bytes of weights times vectors at once.
const CHUNK_BYTES: usize = 48 << 10;

/// The integers of the vectors, kept between calls so that a decode step allocates nothing.
#[derive(Default)]
struct Scratch {
    blocks: Vec<XBlock>,
    scales: Vec<XScale>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// `out[i] = W x[i]`; see [`PackedMatrix::matmul`].
pub(super) fn matmul(matrix: &PackedMatrix, path: Path, x: &[f32], t: usize, out: &mut [f32]) {
    let (k, n_out) = (matrix.k, matrix.n_out);
    assert_eq!(x.len(), t * k, "x is (t, k) = ({t}, {k})");
    assert_eq!(out.len(), t * n_out, "out is (t, n_out) = ({t}, {n_out})");
    if x.is_empty() || out.is_empty() {
        return;
    }
    let at_once = GROUP * GROUPS_AT_ONCE;
    SCRATCH.with_borrow_mut(|scratch| {
        let outs = out.chunks_mut(at_once * n_out);
        for (x, out) in x.chunks(at_once * k).zip(outs) {
            scratch.quantize(path, matrix.activations, k, x);
            for segment in &matrix.segments {
                multiply(matrix, segment, path, scratch, out);
            }
        }
    });
}

impl Scratch {
    /// Rounds `x`, rows of `k`.
    fn quantize(&mut self, path: Path, activations: Activations, k: usize, x: &[f32]) {
        let n_blocks = k.div_ceil(BLOCK);
        let n = x.len() / k * n_blocks;
        if self.blocks.len() < n {
            self.blocks.resize(n, XBlock::ZERO);
            self.scales.resize(n, XScale::default());
        }
        let blocks = self.blocks.chunks_exact_mut(n_blocks);
        let scales = self.scales.chunks_exact_mut(n_blocks);
        for ((x, blocks), scales) in x.chunks_exact(k).zip(blocks).zip(scales) {
            match path {
                #[cfg(target_arch = "x86_64")]
                Path::Avx512Vnni => avx512::quantize(x, activations, blocks, scales),
                #[cfg(target_arch = "x86_64")]
                Path::Avx2 => avx2::quantize(x, activations, blocks, scales),
                _ => quantize(x, activations, blocks, scales),
            }
        }
    }

    /// The vectors `start..start + T`, each of `n_blocks` blocks.
    fn vectors<const T: usize>(&self, start: usize, n_blocks: usize) -> [Vector<'_>; T] {
        std::array::from_fn(|i| Vector {
            blocks: &self.blocks[(start + i) * n_blocks..][..n_blocks],
            scales: &self.scales[(start + i) * n_blocks..][..n_blocks],
        })
    }
}

/// The columns of `out` that belong to one segment.
fn multiply(matrix: &PackedMatrix, segment: &Segment, path: Path, x: &Scratch, out: &mut [f32]) {
    let (n_blocks, t) = (matrix.k.div_ceil(BLOCK), out.len() / matrix.n_out);
    let tile_bytes = segment.format.tile_bytes(n_blocks);
    let smallest = CHUNK_BYTES / (tile_bytes * t) + 1;
    let rows = segment.first_row..segment.first_row + segment.n_rows;
    columns::fill(out, matrix.n_out, rows, smallest, |index, mut to| {
        let bytes = &segment.tiles[index * tile_bytes..][..tile_bytes];
        let (scales, quants) = bytes.split_at(segment.format.quants_start(n_blocks));
        let tile = Tile {
            format: segment.format,
            activations: matrix.activations,
            scales: &scales[..n_blocks * segment.format.scales_bytes()],
            quants,
        };
        let mut done = 0;
        while done < t {
            let to = &mut to;
            done += match t - done {
                8.. => step::<8>(path, tile, x.vectors(done, n_blocks), done, to),
                4.. => step::<4>(path, tile, x.vectors(done, n_blocks), done, to),
                2.. => step::<2>(path, tile, x.vectors(done, n_blocks), done, to),
                _ => step::<1>(path, tile, x.vectors(done, n_blocks), done, to),
            };
        }
    });
}

/// One tile with `T` vectors, which are rows `row..` of the result; returns `T`.
fn step<const T: usize>(
    path: Path,
    tile: Tile<'_>,
    x: [Vector<'_>; T],
    row: usize,
    to: &mut TileColumns<'_>,
) -> usize {
    let sums = match path {
        #[cfg(target_arch = "x86_64")]
        Path::Avx512Vnni => avx512::dot(tile, x),
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => avx2::dot(tile, x),
        _ => portable::dot(tile, x),
    };
    for (i, sums) in sums.iter().enumerate() {
        to.write(row + i, sums);
    }
    T
}
