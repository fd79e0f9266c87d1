//! The innermost loops of convolutions and attention: blocks of sums that stay in registers.
//!
//! Every sum is one chain of fused multiply-adds in the order of its terms, so a result is the same
//! bits on every processor and in every shape of block.

#![expect(
    unsafe_code,
    clippy::inline_always,
    reason = "a check for each number read would take as long as the sums; what is inlined is \
              compiled again for each width of vectors"
)]

use crate::nn::simd::{LANES, Lanes};

/// Sums for `R` pixels and `C` vectors of 16 channels.
pub(super) type Sums<V, const R: usize, const C: usize> = [[V; C]; R];

/// A block of zeros.
#[inline(always)]
pub(super) fn zeros<V: Lanes, const R: usize, const C: usize>() -> Sums<V, R, C> {
    [[V::splat(0.0); C]; R]
}

/// `sums[r][j] + Σ_c rows[r][c] · tiles[j][c]`.
///
/// # Panics
/// When rows and tiles are not all of one length.
#[inline(always)]
pub(super) fn add_rows<V: Lanes, const R: usize, const C: usize>(
    mut sums: Sums<V, R, C>,
    rows: [&[f32]; R],
    tiles: [&[[f32; LANES]]; C],
) -> Sums<V, R, C> {
    let n = rows[0].len();
    assert!(rows.iter().all(|row| row.len() == n) && tiles.iter().all(|tile| tile.len() == n));
    for c in 0..n {
        let mut weights = [V::splat(0.0); C];
        for j in 0..C {
            // SAFETY: `c` is less than the length of every tile, as asserted.
            weights[j] = V::load(unsafe { tiles[j].get_unchecked(c) });
        }
        for r in 0..R {
            // SAFETY: `c` is less than the length of every row, as asserted.
            let x = V::splat(unsafe { *rows[r].get_unchecked(c) });
            for j in 0..C {
                sums[r][j] = x.mul_add(weights[j], sums[r][j]);
            }
        }
    }
    sums
}

/// `Σ big[b + r] · small[s + 16j ..]` over the `pairs` (b, s): `R` numbers of one pixel times `C`
/// vectors of another.
#[inline(always)]
pub(super) fn outer_products<V: Lanes, const R: usize, const C: usize>(
    pairs: &[(u32, u32)],
    big: &[f32],
    small: &[f32],
) -> Sums<V, R, C> {
    let mut sums = zeros::<V, R, C>();
    for &(b, s) in pairs {
        let (Some(x), Some(g)) = (
            big[b as usize..].first_chunk::<R>(),
            small[s as usize..]
                .as_chunks::<LANES>()
                .0
                .first_chunk::<C>(),
        ) else {
            break; // Not reached: the pairs are of pixels that lie in the images.
        };
        let mut gs = [V::splat(0.0); C];
        for j in 0..C {
            gs[j] = V::load(&g[j]);
        }
        for r in 0..R {
            let x = V::splat(x[r]);
            for j in 0..C {
                sums[r][j] = x.mul_add(gs[j], sums[r][j]);
            }
        }
    }
    sums
}

/// `Σ a[i][..R] · b[i][16j ..]` over rows of `a`, `a_width` numbers each, and of `b`: as many of both.
#[inline(always)]
fn outer_rows<V: Lanes, const R: usize, const C: usize>(
    (a, a_width): (&[f32], usize),
    (b, b_width): (&[f32], usize),
) -> Sums<V, R, C> {
    let mut sums = zeros::<V, R, C>();
    // The last row may be cut short behind what is read of it.
    for (a, b) in a.chunks(a_width).zip(b.chunks(b_width)) {
        let (Some(a), Some(b)) = (
            a.first_chunk::<R>(),
            b.as_chunks::<LANES>().0.first_chunk::<C>(),
        ) else {
            break; // Not reached.
        };
        let mut bs = [V::splat(0.0); C];
        for j in 0..C {
            bs[j] = V::load(&b[j]);
        }
        for r in 0..R {
            let x = V::splat(a[r]);
            for j in 0..C {
                sums[r][j] = x.mul_add(bs[j], sums[r][j]);
            }
        }
    }
    sums
}

/// Rows of a matrix, `stride` numbers from one to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub numbers: &'a [f32],
    pub stride: usize,
    /// Numbers of a row that count.
    pub width: usize,
}

/// As many rows as `out` has, times a matrix: `n_tiles` tiles of 16 columns, each of a row's width.
#[inline(always)]
pub(super) fn times<'a, V: Lanes>(
    rows: Rows<'_>,
    tile: impl Fn(usize) -> &'a [[f32; LANES]],
    n_tiles: usize,
    out: &mut [f32],
) {
    let widest = if V::SUMS >= 24 { 4 } else { 1 };
    let n_panels = n_tiles.div_ceil(widest);
    for panel in 0..n_panels {
        // Panels as even as can be: five tiles are 3 + 2.
        let (from, to) = (panel * n_tiles / n_panels, (panel + 1) * n_tiles / n_panels);
        let all = n_tiles * LANES;
        match to - from {
            4 => {
                let tiles = [tile(from), tile(from + 1), tile(from + 2), tile(from + 3)];
                times_tiles::<V, 6, 4>(rows, tiles, all, from, out);
            }
            3 => {
                let tiles = [tile(from), tile(from + 1), tile(from + 2)];
                times_tiles::<V, 8, 3>(rows, tiles, all, from, out);
            }
            2 => times_tiles::<V, 12, 2>(rows, [tile(from), tile(from + 1)], all, from, out),
            _ if V::SUMS >= 24 => times_tiles::<V, 12, 1>(rows, [tile(from)], all, from, out),
            _ => times_tiles::<V, 6, 1>(rows, [tile(from)], all, from, out),
        }
    }
}

/// `R` rows at a time times `C` tiles, of which the first is number `first` of rows of `all` numbers.
#[inline(always)]
fn times_tiles<V: Lanes, const R: usize, const C: usize>(
    Rows {
        numbers,
        stride,
        width,
    }: Rows<'_>,
    tiles: [&[[f32; LANES]]; C],
    all: usize,
    first: usize,
    out: &mut [f32],
) {
    for (block, out) in out.chunks_mut(R * all).enumerate() {
        let numbers = &numbers[block * R * stride..];
        // Rows past the last are the first one again: their sums are not kept.
        let mut rows = [&numbers[..width]; R];
        for (i, row) in rows.iter_mut().enumerate().take(out.len() / all) {
            *row = &numbers[i * stride..][..width];
        }
        let sums = add_rows(zeros::<V, R, C>(), rows, tiles);
        for (sums, out) in sums.iter().zip(out.chunks_exact_mut(all)) {
            let out = &mut out[first * LANES..][..C * LANES];
            for (sum, to) in sums.iter().zip(out.as_chunks_mut().0) {
                sum.store(to);
            }
        }
    }
}

/// Channels that are summed together in [`add_outer`].
const OUTER_ROWS: usize = 8;

/// Adds `aᵀ · b` to `sums`, of rows of `a_width`, a multiple of 8, and `b_width`, a multiple of 16.
#[inline(always)]
pub(super) fn add_outer<V: Lanes>(
    (a, a_width): (&[f32], usize),
    (b, b_width): (&[f32], usize),
    sums: &mut [f32],
) {
    let n_tiles = b_width / LANES;
    let widest = if V::SUMS >= 24 { 3 } else { 1 };
    let n_panels = n_tiles.div_ceil(widest);
    for panel in 0..n_panels {
        let (from, to) = (panel * n_tiles / n_panels, (panel + 1) * n_tiles / n_panels);
        for row in (0..a_width).step_by(OUTER_ROWS) {
            let a = (&a[row..], a_width);
            let b = (&b[from * LANES..], b_width);
            let sums = &mut sums[row * b_width + from * LANES..];
            match to - from {
                3 => add_block::<V, 3>(a, b, sums),
                2 => add_block::<V, 2>(a, b, sums),
                _ => add_block::<V, 1>(a, b, sums),
            }
        }
    }
}

#[inline(always)]
fn add_block<V: Lanes, const C: usize>(
    a: (&[f32], usize),
    (b, b_width): (&[f32], usize),
    sums: &mut [f32],
) {
    let block = outer_rows::<V, OUTER_ROWS, C>(a, (b, b_width));
    for (row, sums) in block.iter().zip(sums.chunks_mut(b_width)) {
        for (sum, to) in row.iter().zip(sums.as_chunks_mut().0) {
            V::load(to).add(*sum).store(to);
        }
    }
}
