//! The gradient of a convolution's kernel: `dW[tap] = Σ_pixels big[tap(p)]ᵀ · small[p]`.
//!
//! Blocks of the kernel, 8 channels of the big image by up to 48 of the small one, are summed in
//! registers over a few rows of pixels at a time, few enough for the first-level cache, then added up
//! group by group: always the same groups, so the result does not depend on how the work was shared.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::geometry::Geometry;
use super::winograd;
use crate::nn::parts::{for_parts, share};
use crate::nn::register_sums::outer_products;
use crate::nn::simd::{LANES, Lanes, Work, widest};
use std::borrow::Cow;
use std::ops::Range;

/// Small pixels that are summed in registers before the sums are added to the kernel's gradient.
const GROUP: usize = 128;

/// Channels of the big image that are summed together.
const ROWS: usize = 8;

impl Geometry {
    /// The gradient of the kernel, (k, k, big channels, small channels).
    pub(super) fn weight_gradient(&self, big: &[f32], small: &[f32]) -> Vec<f32> {
        match winograd::maps(self) {
            Some(maps) => winograd::weight_gradient(&maps, big, small),
            None => self.weight_gradient_direct(big, small),
        }
    }

    /// [`Self::weight_gradient`], each sum term by term.
    pub(super) fn weight_gradient_direct(&self, big: &[f32], small: &[f32]) -> Vec<f32> {
        if let Some((geometry, big)) = self.padded(big) {
            return geometry.weight_gradient_direct(&big, small);
        }
        let (c_big, c_small) = (self.big.c, self.small.c);
        let width = c_small.next_multiple_of(LANES);
        let small = widened(small, c_small, width);
        let mut gradient = vec![0.0; self.n_weights()];
        let n_rows = self.n_taps() * c_big;
        let n_rows_each = (share(n_rows.div_ceil(ROWS), 1) * ROWS).min(n_rows);
        for_parts(&mut gradient, n_rows_each * c_small, |index, out| {
            let first = index * n_rows_each;
            widest(Part {
                geometry: self,
                big,
                small: &small,
                width,
                rows: first..first + out.len() / c_small,
                out,
            });
        });
        gradient
    }
}

/// Pixels of `width` numbers, of which the first `c` are those of `pixels`.
fn widened(pixels: &[f32], c: usize, width: usize) -> Cow<'_, [f32]> {
    if width == c {
        return Cow::Borrowed(pixels);
    }
    let mut wide = vec![0.0; pixels.len() / c * width];
    for (to, from) in wide.chunks_exact_mut(width).zip(pixels.chunks_exact(c)) {
        to[..c].copy_from_slice(from);
    }
    Cow::Owned(wide)
}

/// Some rows (tap, big channel) of the kernel.
struct Part<'a> {
    geometry: &'a Geometry,
    big: &'a [f32],
    small: &'a [f32],
    /// Numbers of a small pixel, a multiple of 16.
    width: usize,
    rows: Range<usize>,
    out: &'a mut [f32],
}

impl Work for Part<'_> {
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let Geometry {
            n_images, small, ..
        } = *self.geometry;
        let run = self.geometry.run();
        let n_rows = n_images * small.h;
        let n_at_once = (GROUP / small.w).max(1);
        for first in (0..n_rows).step_by(n_at_once) {
            let pixels = first..n_rows.min(first + n_at_once);
            let mut row = self.rows.start;
            while row < self.rows.end {
                let index = row / run;
                let end = self.rows.end.min((index + 1) * run);
                let pairs = self.geometry.pairs(pixels.clone(), index, self.width);
                while row < end {
                    let channel = row % run;
                    row += match end - row {
                        ROWS.. => self.block::<V, ROWS>(&pairs, row, channel),
                        4.. => self.block::<V, 4>(&pairs, row, channel),
                        2.. => self.block::<V, 2>(&pairs, row, channel),
                        _ => self.block::<V, 1>(&pairs, row, channel),
                    };
                }
            }
        }
    }
}

impl Part<'_> {
    /// `R` rows of the gradient from `row` on, all columns; returns `R`.
    #[inline(always)]
    fn block<V: Lanes, const R: usize>(
        &mut self,
        pairs: &[(u32, u32)],
        row: usize,
        channel: usize,
    ) -> usize {
        let n_tiles = self.width / LANES;
        let widest = if V::SUMS >= 24 { 3 } else { 1 };
        let n_panels = n_tiles.div_ceil(widest);
        for panel in 0..n_panels {
            let (from, to) = (panel * n_tiles / n_panels, (panel + 1) * n_tiles / n_panels);
            match to - from {
                3 => self.sums::<V, R, 3>(pairs, row, channel, from),
                2 => self.sums::<V, R, 2>(pairs, row, channel, from),
                _ => self.sums::<V, R, 1>(pairs, row, channel, from),
            }
        }
        R
    }

    #[inline(always)]
    fn sums<V: Lanes, const R: usize, const C: usize>(
        &mut self,
        pairs: &[(u32, u32)],
        row: usize,
        channel: usize,
        tile: usize,
    ) {
        let (big, small) = (&self.big[channel..], &self.small[tile * LANES..]);
        let sums = outer_products::<V, R, C>(pairs, big, small);
        let c_small = self.geometry.small.c;
        for (i, sums) in sums.iter().enumerate() {
            let start = (row - self.rows.start + i) * c_small;
            let columns = &mut self.out[start..start + c_small][tile * LANES..];
            for (sum, to) in sums.iter().zip(columns.chunks_mut(LANES)) {
                if let Some(to) = to.as_mut_array::<LANES>() {
                    V::load(to).add(*sum).store(to);
                } else {
                    let mut lanes = [0.0; LANES];
                    sum.store(&mut lanes);
                    to.iter_mut().zip(lanes).for_each(|(to, sum)| *to += sum);
                }
            }
        }
    }
}
