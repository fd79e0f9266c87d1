//! One image's attention, head by head, forward and backward, in a core's own cache.
//!
//! Letters: n pixels, c channels, d = c/heads channels of a head.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use crate::nn::register_sums::{Rows, add_outer, times};
use crate::nn::simd::{LANES, Lanes, Work};
use crate::nn::slices::exp;

/// Sizes of an image and its heads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub n: usize,
    pub c: usize,
    pub n_heads: usize,
}

impl Sizes {
    /// Channels of a head.
    fn d(self) -> usize {
        self.c / self.n_heads
    }

    /// Vectors that hold a number for each pixel.
    fn n_tiles(self) -> usize {
        self.n.div_ceil(LANES)
    }

    /// Vectors that hold a head's channels.
    fn d_tiles(self) -> usize {
        self.d().div_ceil(LANES)
    }

    /// What scores are multiplied by.
    fn scale(self) -> f32 {
        1.0 / (self.d() as f32).sqrt()
    }

    /// The pixels' channels of a head, in rows of `width` numbers a pixel.
    fn head(self, numbers: &[f32], width: usize, at: usize) -> Rows<'_> {
        Rows {
            numbers: &numbers[at..],
            stride: width,
            width: self.d(),
        }
    }
}

/// What a worker writes between the steps.
#[derive(Debug)]
struct Scratch {
    /// A matrix read by channel, 16 pixels side by side: (tiles of pixels, d).
    by_pixel: Vec<[f32; LANES]>,
    /// A matrix read by pixel, 16 channels side by side: (tiles of channels, n).
    by_channel: Vec<[f32; LANES]>,
    /// Weights of every pixel for every pixel: (n, tiles of pixels · 16).
    pattern: Vec<f32>,
    /// Its gradient, then that of the scores.
    scores: Vec<f32>,
    /// A number for each channel of each pixel: (n, tiles of channels · 16).
    rows: Vec<f32>,
    /// (tiles of pixels · 16, tiles of channels · 16).
    sums: Vec<f32>,
}

impl Scratch {
    fn new(sizes: Sizes) -> Self {
        let (n_wide, d_wide) = (sizes.n_tiles() * LANES, sizes.d_tiles() * LANES);
        Self {
            by_pixel: vec![[0.0; LANES]; sizes.n_tiles() * sizes.d()],
            by_channel: vec![[0.0; LANES]; sizes.d_tiles() * sizes.n],
            pattern: vec![0.0; sizes.n * n_wide],
            scores: vec![0.0; sizes.n * n_wide],
            rows: vec![0.0; sizes.n * d_wide],
            sums: vec![0.0; n_wide * d_wide],
        }
    }

    /// Lays `rows` out to be multiplied with channels.
    fn lay_by_pixel(&mut self, sizes: Sizes, rows: Rows<'_>) {
        let d = sizes.d();
        for (pixel, row) in rows.numbers.chunks(rows.stride).enumerate() {
            let tile = &mut self.by_pixel[pixel / LANES * d..][..d];
            for (to, x) in tile.iter_mut().zip(row) {
                to[pixel % LANES] = *x;
            }
        }
    }

    /// Lays `rows` out to be multiplied with pixels.
    fn lay_by_channel(&mut self, sizes: Sizes, rows: Rows<'_>) {
        for (pixel, row) in rows.numbers.chunks(rows.stride).enumerate() {
            let channels = row[..sizes.d()].chunks(LANES);
            for (tile, from) in channels.enumerate() {
                self.by_channel[tile * sizes.n + pixel][..from.len()].copy_from_slice(from);
            }
        }
    }

    /// The weights of every pixel for every pixel, of queries and keys.
    #[inline(always)]
    fn attend<V: Lanes>(&mut self, sizes: Sizes, queries: Rows<'_>, keys: Rows<'_>) {
        let (n, d, scale) = (sizes.n, sizes.d(), sizes.scale());
        self.lay_by_pixel(sizes, keys);
        let keys = |tile: usize| &self.by_pixel[tile * d..][..d];
        times::<V>(queries, keys, sizes.n_tiles(), &mut self.pattern);
        for row in self.pattern.chunks_exact_mut(sizes.n_tiles() * LANES) {
            let (row, past) = row.split_at_mut(n);
            past.fill(0.0);
            let largest = row.iter().fold(f32::NEG_INFINITY, |most, x| most.max(*x));
            for x in row.iter_mut() {
                *x = exp((*x - largest) * scale);
            }
            let share = 1.0 / sum(row);
            for x in row {
                *x *= share;
            }
        }
    }
}

/// In sixteen running sums.
#[inline(always)]
fn sum(row: &[f32]) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane += x);
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// Copies rows of `width` numbers to rows of the numbers that count.
fn take(from: &[f32], width: usize, n: usize, d: usize, to: &mut [f32], stride: usize) {
    for (from, to) in from.chunks_exact(width).take(n).zip(to.chunks_mut(stride)) {
        to[..d].copy_from_slice(&from[..d]);
    }
}

/// z (n, c) of q, k and v side by side (n, 3c).
pub(super) struct Forward<'a> {
    pub sizes: Sizes,
    pub qkv: &'a [f32],
    pub z: &'a mut [f32],
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let (sizes, c) = (self.sizes, self.sizes.c);
        let (n, d, d_wide) = (sizes.n, sizes.d(), sizes.d_tiles() * LANES);
        let scratch = &mut Scratch::new(sizes);
        for head in 0..sizes.n_heads {
            let at = head * d;
            let [q, k, v] = [0, c, 2 * c].map(|part| sizes.head(self.qkv, 3 * c, part + at));
            scratch.attend::<V>(sizes, q, k);
            scratch.lay_by_channel(sizes, v);
            let pattern = pattern_rows(&scratch.pattern, sizes);
            let values = |tile: usize| &scratch.by_channel[tile * n..][..n];
            times::<V>(pattern, values, sizes.d_tiles(), &mut scratch.rows);
            take(&scratch.rows, d_wide, n, d, &mut self.z[at..], c);
        }
    }
}

/// The rows of a pattern or of scores.
fn pattern_rows(numbers: &[f32], sizes: Sizes) -> Rows<'_> {
    Rows {
        numbers,
        stride: sizes.n_tiles() * LANES,
        width: sizes.n,
    }
}

/// The gradient (n, 3c) of q, k and v, of that of z (n, c).
pub(super) struct Backward<'a> {
    pub sizes: Sizes,
    pub qkv: &'a [f32],
    pub dz: &'a [f32],
    pub dqkv: &'a mut [f32],
}

impl Work for Backward<'_> {
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let (sizes, c) = (self.sizes, self.sizes.c);
        let (n, d) = (sizes.n, sizes.d());
        let (n_wide, d_wide) = (sizes.n_tiles() * LANES, sizes.d_tiles() * LANES);
        let scratch = &mut Scratch::new(sizes);
        for head in 0..sizes.n_heads {
            let at = head * d;
            let [q, k, v] = [0, c, 2 * c].map(|part| sizes.head(self.qkv, 3 * c, part + at));
            let dz = sizes.head(self.dz, c, at);
            scratch.attend::<V>(sizes, q, k);

            // dv = patternᵀ · dz.
            widen(dz, d_wide, &mut scratch.rows);
            scratch.sums.fill(0.0);
            let pattern = (&*scratch.pattern, n_wide);
            add_outer::<V>(pattern, (&scratch.rows, d_wide), &mut scratch.sums);
            take(
                &scratch.sums,
                d_wide,
                n,
                d,
                &mut self.dqkv[2 * c + at..],
                3 * c,
            );

            // dpattern = dz · vᵀ; dscores = pattern · (dpattern − Σ pattern · dpattern), scaled.
            scratch.lay_by_pixel(sizes, v);
            let values = |tile: usize| &scratch.by_pixel[tile * d..][..d];
            times::<V>(dz, values, sizes.n_tiles(), &mut scratch.scores);
            let rows = scratch.scores.chunks_exact_mut(n_wide);
            for (row, pattern) in rows.zip(scratch.pattern.chunks_exact(n_wide)) {
                row.iter_mut().zip(pattern).for_each(|(x, p)| *x *= p);
                let mean = sum(row);
                for (x, p) in row.iter_mut().zip(pattern) {
                    *x = (*x - p * mean) * sizes.scale();
                }
            }

            // dk = dscoresᵀ · q.
            widen(q, d_wide, &mut scratch.rows);
            scratch.sums.fill(0.0);
            let scores = (&*scratch.scores, n_wide);
            add_outer::<V>(scores, (&scratch.rows, d_wide), &mut scratch.sums);
            take(&scratch.sums, d_wide, n, d, &mut self.dqkv[c + at..], 3 * c);

            // dq = dscores · k.
            scratch.lay_by_channel(sizes, k);
            let keys = |tile: usize| &scratch.by_channel[tile * n..][..n];
            let scores = pattern_rows(&scratch.scores, sizes);
            times::<V>(scores, keys, sizes.d_tiles(), &mut scratch.rows);
            take(&scratch.rows, d_wide, n, d, &mut self.dqkv[at..], 3 * c);
        }
    }
}

/// Copies rows to rows of `width` numbers, what is past their own as zeros.
fn widen(rows: Rows<'_>, width: usize, to: &mut [f32]) {
    let from = rows.numbers.chunks(rows.stride);
    for (to, from) in to.chunks_exact_mut(width).zip(from) {
        to[..rows.width].copy_from_slice(&from[..rows.width]);
        to[rows.width..].fill(0.0);
    }
}
