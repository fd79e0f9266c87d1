//! The gradient of a kernel: at each point, a product of all tiles that are read with all that are written.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::Maps;
use super::pass::{Tiles, get, with_scratch};
use super::scheme::{self, Scheme};
use crate::nn::parts::{for_parts, share};
use crate::nn::register_sums::add_outer;
use crate::nn::simd::{LANES, Lanes, Work, widest};
use std::marker::PhantomData;
use std::ops::Range;

/// The most vectors of channels read whose sums a worker holds: they stay in its second-level cache.
const MOST_VECTORS: usize = 3;

/// The gradient (3, 3, ci, co), of maps `x` that were read and the gradient `dy` of those written.
pub(super) fn of_kernel<S: Scheme<N>, const N: usize>(
    maps: &Maps,
    x: &[f32],
    dy: &[f32],
) -> Vec<f32> {
    let (ci, co) = (maps.ci, maps.co);
    let n_vectors_each = share(ci / LANES, 1).min(MOST_VECTORS);
    // (channels read, 3, 3, channels written): what a worker writes lies in one piece.
    let mut by_channel = vec![0.0; 9 * ci * co];
    for_parts(
        &mut by_channel,
        n_vectors_each * LANES * 9 * co,
        |index, out| {
            let first = index * n_vectors_each;
            let lanes = first..first + out.len() / (LANES * 9 * co);
            let width = lanes.len() * LANES;
            // The same groups whoever takes which channels: the sums do not depend on it.
            let n_rows_at_once = maps.rows_at_once(N * N, MOST_VECTORS * LANES + co);
            let n_tiles = n_rows_at_once * maps.columns;
            with_scratch(N * N * (width * co + n_tiles * (width + co)), |scratch| {
                let (sums, scratch) = scratch.split_at_mut(N * N * width * co);
                sums.fill(0.0);
                let (read, written) = scratch.split_at_mut(N * N * n_tiles * width);
                widest(Part::<S, N> {
                    maps,
                    x,
                    dy,
                    lanes,
                    n_rows_at_once,
                    sums,
                    read,
                    written,
                    out,
                    scheme: PhantomData,
                });
            });
        },
    );
    let mut gradient = vec![0.0; 9 * ci * co];
    for (tap, gradient) in gradient.chunks_exact_mut(ci * co).enumerate() {
        let channels = by_channel.chunks_exact(9 * co);
        for (to, from) in gradient.chunks_exact_mut(co).zip(channels) {
            to.copy_from_slice(&from[tap * co..][..co]);
        }
    }
    gradient
}

/// Some channels that are read.
struct Part<'a, S, const N: usize> {
    maps: &'a Maps,
    x: &'a [f32],
    dy: &'a [f32],
    /// Vectors of channels read.
    lanes: Range<usize>,
    /// Rows of tiles that are mapped before they are summed.
    n_rows_at_once: usize,
    /// (points, channels read, channels written).
    sums: &'a mut [f32],
    read: &'a mut [f32],
    written: &'a mut [f32],
    /// (channels read, 3, 3, channels written).
    out: &'a mut [f32],
    scheme: PhantomData<S>,
}

impl<S: Scheme<N>, const N: usize> Work for Part<'_, S, N> {
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let (co, width) = (self.maps.co, self.lanes.len() * LANES);
        let n_rows = self.maps.n_images * self.maps.rows;
        for first in (0..n_rows).step_by(self.n_rows_at_once) {
            let tiles = Tiles::<S, N> {
                maps: self.maps,
                rows: first..n_rows.min(first + self.n_rows_at_once),
                scheme: PhantomData,
            };
            let n_tiles = tiles.n_tiles();
            let read = &mut self.read[..N * N * n_tiles * width];
            let written = &mut self.written[..N * N * n_tiles * co];
            tiles.input::<V>(self.x, &self.lanes, read);
            tiles.output_back::<V>(self.dy, written);
            let of_points = (read.chunks_exact(n_tiles * width))
                .zip(written.chunks_exact(n_tiles * co))
                .zip(self.sums.chunks_exact_mut(width * co));
            for ((read, written), sums) in of_points {
                add_outer::<V>((read, width), (written, co), sums);
            }
        }
        for (channel, out) in self.out.chunks_exact_mut(9 * co).enumerate() {
            for at in (0..co).step_by(LANES) {
                let points = get::<V, N>(&self.sums[channel * co + at..], width * co);
                let taps = scheme::kernel_back::<V, S, N>(points);
                for ky in 0..3 {
                    for kx in 0..3 {
                        let tap = &mut out[(3 * ky + kx) * co + at..];
                        if let Some(to) = tap.first_chunk_mut() {
                            taps[ky][kx].store(to);
                        }
                    }
                }
            }
        }
    }
}
