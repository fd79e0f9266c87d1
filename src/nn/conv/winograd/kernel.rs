//! Kernels mapped to the points of a tile, laid out as the products read them.

#![expect(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "what is inlined is compiled again for each width of vectors, and only loops are sure to be"
)]

use super::Maps;
use super::scheme::{self, Scheme};
use crate::nn::parts::for_parts;
use crate::nn::simd::{LANES, Lanes, Work, widest};

/// A matrix (channels read, channels written) for each point of a tile, in tiles of 16 channels written.
#[derive(Debug)]
pub(super) struct Points {
    /// Points of a tile.
    n: usize,
    /// Rows: channels read.
    ci: usize,
    /// (tiles of channels written, points, channels read).
    packed: Vec<[f32; LANES]>,
}

impl Points {
    /// Tile `index` of the columns of a point's matrix.
    pub fn tile(&self, point: usize, index: usize) -> &[[f32; LANES]] {
        &self.packed[(index * self.n + point) * self.ci..][..self.ci]
    }

    /// Tiles of the columns of a point's matrix.
    pub fn n_tiles(&self) -> usize {
        self.packed.len() / (self.n * self.ci)
    }

    /// Channels read.
    pub fn n_rows(&self) -> usize {
        self.ci
    }
}

/// Of `weight` (3, 3, ci, co), to read ci channels.
pub(super) fn points<S: Scheme<N>, const N: usize>(weight: &[f32], maps: &Maps) -> Points {
    let (ci, co) = (maps.ci, maps.co);
    packed::<S, N>(ci, co, |first, lines| {
        for (tap, lines) in lines.chunks_exact_mut(ci).enumerate() {
            let rows = weight[tap * ci * co..].chunks_exact(co);
            for (line, row) in lines.iter_mut().zip(rows) {
                line.copy_from_slice(&row[first..first + LANES]);
            }
        }
    })
}

/// Of `weight` (3, 3, ci, co), to read co channels; `about` turns the taps about the middle one.
pub(super) fn turned_points<S: Scheme<N>, const N: usize>(
    weight: &[f32],
    maps: &Maps,
    about: bool,
) -> Points {
    let (ci, co) = (maps.ci, maps.co);
    packed::<S, N>(co, ci, |first, lines| {
        for (tap, lines) in lines.chunks_exact_mut(co).enumerate() {
            let tap = if about { 8 - tap } else { tap };
            let rows = &weight[(tap * ci + first) * co..][..LANES * co];
            for (lane, row) in rows.chunks_exact(co).enumerate() {
                for (line, weight) in lines.iter_mut().zip(row) {
                    line[lane] = *weight;
                }
            }
        }
    })
}

/// `fill` lays out, for 16 columns from the first one given, each tap's rows.
fn packed<S: Scheme<N>, const N: usize>(
    n_rows: usize,
    n_columns: usize,
    fill: impl Fn(usize, &mut [[f32; LANES]]) + Sync,
) -> Points {
    let mut packed = vec![[0.0; LANES]; N * N * n_rows * n_columns / LANES];
    for_parts(&mut packed, N * N * n_rows, |index, part| {
        let mut taps = vec![[0.0; LANES]; 9 * n_rows];
        fill(index * LANES, &mut taps);
        widest(Map::<S, N> {
            taps: &taps,
            part,
            n_rows,
            scheme: std::marker::PhantomData,
        });
    });
    Points {
        n: N * N,
        ci: n_rows,
        packed,
    }
}

/// `G g Gᵀ` of every row.
struct Map<'a, S, const N: usize> {
    taps: &'a [[f32; LANES]],
    part: &'a mut [[f32; LANES]],
    n_rows: usize,
    scheme: std::marker::PhantomData<S>,
}

impl<S: Scheme<N>, const N: usize> Work for Map<'_, S, N> {
    #[inline(always)]
    fn run<V: Lanes>(self) {
        for row in 0..self.n_rows {
            let mut taps = [[V::splat(0.0); 3]; 3];
            for ky in 0..3 {
                for kx in 0..3 {
                    taps[ky][kx] = V::load(&self.taps[(3 * ky + kx) * self.n_rows + row]);
                }
            }
            let points = scheme::kernel::<V, S, N>(taps);
            for i in 0..N {
                for j in 0..N {
                    points[i][j].store(&mut self.part[(N * i + j) * self.n_rows + row]);
                }
            }
        }
    }
}
