//! The innermost loops of a convolution: blocks of sums that stay in registers.
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
pub(super) fn outer_rows<V: Lanes, const R: usize, const C: usize>(
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
