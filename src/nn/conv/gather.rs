//! The product of a convolution: each written pixel is a sum of pixels times matrices.
//!
//! `out[p] = Σ_tap in[tap(p)] · W[tap]`, with a list of places for each tap instead of a copy of the
//! windows: the pixels are read where they lie (an *implicit* matrix product). Several written
//! pixels times up to 64 of their channels are summed in registers, over all taps and channels in
//! one order, so the result does not depend on how the work was shared.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::geometry::{OUTSIDE, Sites, Tap};
use crate::nn::parts::for_parts;
use crate::nn::register_sums::{add_rows, zeros};
use crate::nn::simd::{LANES, Lanes, Work, widest};

/// The kernel of a convolution as a matrix (taps · channels read, channels written), cut into tiles
/// of 16 columns; columns past the last are zeros.
#[derive(Debug)]
pub(super) struct Tiles {
    n_rows: usize,
    n_columns: usize,
    c_in: usize,
    packed: Vec<[f32; LANES]>,
}

impl Tiles {
    /// Packs a kernel whose rows are read, `c_in` a tap: `weight` is (taps, `c_in`, columns).
    pub fn of_rows(weight: &[f32], c_in: usize, n_columns: usize) -> Self {
        Self::pack(weight, c_in, n_columns, |first, tile| {
            let rows = weight.chunks_exact(n_columns);
            for (to, row) in tile.iter_mut().zip(rows) {
                let columns = &row[first..n_columns.min(first + LANES)];
                to[..columns.len()].copy_from_slice(columns);
            }
        })
    }

    /// Packs a kernel whose columns are read, `c_in` a tap: `weight` is (taps, columns, `c_in`).
    pub fn of_columns(weight: &[f32], c_in: usize, n_columns: usize) -> Self {
        Self::pack(weight, c_in, n_columns, |first, tile| {
            let taps = weight.chunks_exact(n_columns * c_in);
            for (tile, tap) in tile.chunks_exact_mut(c_in).zip(taps) {
                let columns = tap.chunks_exact(c_in).skip(first).take(LANES);
                for (lane, column) in columns.enumerate() {
                    for (to, weight) in tile.iter_mut().zip(column) {
                        to[lane] = *weight;
                    }
                }
            }
        })
    }

    fn pack(
        weight: &[f32],
        c_in: usize,
        n_columns: usize,
        fill: impl Fn(usize, &mut [[f32; LANES]]) + Sync,
    ) -> Self {
        let n_rows = weight.len() / n_columns;
        let mut packed = vec![[0.0; LANES]; n_columns.div_ceil(LANES) * n_rows];
        for_parts(&mut packed, n_rows, |index, tile| fill(index * LANES, tile));
        Self {
            n_rows,
            n_columns,
            c_in,
            packed,
        }
    }

    fn tile(&self, index: usize) -> &[[f32; LANES]] {
        &self.packed[index * self.n_rows..][..self.n_rows]
    }
}

/// Writes the pixels of `sites` into `out`.
pub(super) fn gather(input: &[f32], sites: &Sites, tiles: &Tiles, out: &mut [f32]) {
    if sites.outputs.is_empty() {
        return;
    }
    widest(Gather {
        input,
        zeros: &vec![0.0; tiles.c_in],
        sites,
        tiles,
        out,
    });
}

struct Gather<'a> {
    input: &'a [f32],
    zeros: &'a [f32],
    sites: &'a Sites,
    tiles: &'a Tiles,
    out: &'a mut [f32],
}

impl Work for Gather<'_> {
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let n_tiles = self.tiles.n_columns.div_ceil(LANES);
        let widest = if V::SUMS >= 24 { 4 } else { 1 };
        let n_panels = n_tiles.div_ceil(widest);
        for panel in 0..n_panels {
            // Panels as even as can be: five tiles are 3 + 2.
            let (from, to) = (panel * n_tiles / n_panels, (panel + 1) * n_tiles / n_panels);
            match to - from {
                4 => self.panel::<V, 6, 4>(from),
                3 => self.panel::<V, 8, 3>(from),
                2 => self.panel::<V, 12, 2>(from),
                _ if V::SUMS >= 24 => self.panel::<V, 12, 1>(from),
                _ => self.panel::<V, 6, 1>(from),
            }
        }
    }
}

impl Gather<'_> {
    /// `C` tiles of columns of all pixels, `R` pixels at a time.
    #[inline(always)]
    fn panel<V: Lanes, const R: usize, const C: usize>(&mut self, first: usize) {
        let mut tiles: [&[[f32; LANES]]; C] = [&[]; C];
        for (j, tile) in tiles.iter_mut().enumerate() {
            *tile = self.tiles.tile(first + j);
        }
        for start in (0..self.sites.outputs.len()).step_by(R) {
            let mut sums = zeros::<V, R, C>();
            for tap in &self.sites.taps {
                if let Some(rows) = self.rows::<R>(tap, start) {
                    let weights = tap.index * self.tiles.c_in..(tap.index + 1) * self.tiles.c_in;
                    sums = add_rows(sums, rows, tiles.map(|tile| &tile[weights.clone()]));
                }
            }
            for (sums, &at) in sums.iter().zip(&self.sites.outputs[start..]) {
                let pixel = &mut self.out[at as usize..][..self.tiles.n_columns];
                let rest = &mut pixel[first * LANES..];
                for (sum, to) in sums.iter().zip(rest.chunks_mut(LANES)) {
                    if let Some(to) = to.as_mut_array::<LANES>() {
                        sum.store(to);
                    } else {
                        let mut lanes = [0.0; LANES];
                        sum.store(&mut lanes);
                        to.copy_from_slice(&lanes[..to.len()]);
                    }
                }
            }
        }
    }

    /// What `tap` reads for the `R` pixels from `start` on, unless nothing is there for any.
    #[inline(always)]
    fn rows<const R: usize>(&self, tap: &Tap, start: usize) -> Option<[&[f32]; R]> {
        let c_in = self.tiles.c_in;
        let inputs = &tap.inputs[start..];
        let inputs = &inputs[..inputs.len().min(R)];
        if inputs.iter().all(|&at| at == OUTSIDE) {
            return None;
        }
        let mut rows = [&self.zeros[..c_in]; R];
        for (row, &at) in rows.iter_mut().zip(inputs) {
            if at != OUTSIDE {
                *row = &self.input[at as usize..][..c_in];
            }
        }
        Some(rows)
    }
}
