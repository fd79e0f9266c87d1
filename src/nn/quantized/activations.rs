//! Activations as integers: 32 share a scale.

use super::BLOCK;
use half::f16;

/// How finely activations are rounded before a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Activations {
    /// To 8 bits (±127), as llama.cpp does: products of prompts take half as long. It moves the
    /// best five log-probabilities of SmolLM2 by up to 0.90 (264 positions of 11 prompts).
    I8,
    /// To nearly 16 bits: ±16,319 = 127 · 128 + 63, the most that two signed bytes `128·hi + lo` hold
    /// without any step of the integer sum saturating on any processor. Costs a decode step next to nothing,
    /// for that waits for memory, and moves the same log-probabilities by at most 0.007.
    #[default]
    I16,
}

/// 32 activations of one vector: `s · (128·hi + lo)` under [`Activations::I16`], `s · hi` under
/// [`Activations::I8`].
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct XBlock {
    pub hi: [i8; BLOCK],
    pub lo: [i8; BLOCK],
}

/// What the 32 share.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct XScale {
    /// s.
    pub scale: f32,
    /// s · Σ q.
    pub scaled_sum: f32,
    /// Σ q.
    pub sum: i32,
}

impl XBlock {
    pub const ZERO: Self = Self {
        hi: [0; BLOCK],
        lo: [0; BLOCK],
    };
}

/// Rounds one vector. The last block is filled up with zeros.
///
/// Every step is exact or rounds to nearest, so all processors give the same integers.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again for each instruction set"
)]
pub(super) fn quantize(
    x: &[f32],
    activations: Activations,
    blocks: &mut [XBlock],
    scales: &mut [XScale],
) {
    let (whole, rest) = x.as_chunks::<BLOCK>();
    let mut outputs = blocks.iter_mut().zip(scales);
    for (x, (block, scale)) in whole.iter().zip(&mut outputs) {
        *scale = quantize_block(x, activations, block);
    }
    if let Some((block, scale)) = outputs.next() {
        let mut x = [0.0; BLOCK];
        x[..rest.len()].copy_from_slice(rest);
        *scale = quantize_block(&x, activations, block);
    }
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again for each instruction set"
)]
fn quantize_block(x: &[f32; BLOCK], activations: Activations, block: &mut XBlock) -> XScale {
    let top = match activations {
        Activations::I8 => 127.0,
        Activations::I16 => 16_319.0,
    };
    let largest = x.iter().fold(0.0_f32, |largest, &x| {
        let x = x.abs();
        if x > largest { x } else { largest }
    });
    // 0, unless some x is infinite or not a number: then NaN, and so is every result of this block.
    let poison = x.iter().fold(0.0_f32, |poison, &x| poison + x * 0.0);
    // A block of zeros, or one too small to divide by, is zeros.
    let (scale, inverse) = if largest > 1e-30 {
        (largest / top + poison, top / largest)
    } else {
        (poison, 0.0)
    };
    let mut q = [0_i32; BLOCK];
    for (q, x) in q.iter_mut().zip(x) {
        *q = round(x * inverse);
    }
    let sum = q.iter().fold(0_i32, |sum, &q| sum.wrapping_add(q));
    match activations {
        Activations::I8 => {
            for (hi, q) in block.hi.iter_mut().zip(q) {
                *hi = q as i8;
            }
        }
        Activations::I16 => {
            for ((hi, lo), q) in block.hi.iter_mut().zip(&mut block.lo).zip(q) {
                // lo is the remainder in −64..=63, so hi stays within ±127.
                let high = q.wrapping_add(64) >> 7;
                *hi = high as i8;
                *lo = q.wrapping_sub(high << 7) as i8;
            }
        }
    }
    XScale {
        scale,
        scaled_sum: scale * sum as f32,
        sum,
    }
}

/// `x` after it was rounded, in f32 again.
pub(super) fn rounded(x: &[f32], activations: Activations) -> Vec<f32> {
    let n_blocks = x.len().div_ceil(BLOCK);
    let mut blocks = vec![XBlock::ZERO; n_blocks];
    let mut scales = vec![XScale::default(); n_blocks];
    quantize(x, activations, &mut blocks, &mut scales);
    let value = |i: usize| {
        let (block, j) = (&blocks[i / BLOCK], i % BLOCK);
        let (hi, lo) = (i32::from(block.hi[j]), i32::from(block.lo[j]));
        let q = match activations {
            Activations::I8 => hi,
            Activations::I16 => 128 * hi + lo,
        };
        scales[i / BLOCK].scale * q as f32
    };
    (0..x.len()).map(value).collect()
}

/// To the nearest integer, ties to even, for |x| below 2²²: adding 1.5 · 2²³ leaves no bits for a
/// fraction. NaN becomes some integer; the block's scale is NaN then.
#[inline]
fn round(x: f32) -> i32 {
    const MAGIC: f32 = 12_582_912.0;
    ((x + MAGIC).to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32)
}

/// An f16 from two bytes of a file.
pub(super) fn f16_at(bytes: &[u8], index: usize) -> f32 {
    f16::from_le_bytes([bytes[2 * index], bytes[2 * index + 1]]).to_f32()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activation_comes_back_within_half_a_step() {
        let x: Vec<f32> = (0..70).map(|i| (i as f32 * 0.37).sin() * 5.0).collect();
        for (activations, top) in [(Activations::I8, 127.0), (Activations::I16, 16_319.0)] {
            for (i, (x, seen)) in x.iter().zip(rounded(&x, activations)).enumerate() {
                let error = (seen - x).abs();
                assert!(error <= 5.0 / top * 0.501, "{activations:?} {i}: {error}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_stays_visible() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut x = [1.0; 32];
            x[7] = bad;
            let mut scales = [XScale::default()];
            quantize(&x, Activations::I16, &mut [XBlock::ZERO], &mut scales);
            assert!(scales[0].scale.is_nan());
        }
    }

    #[test]
    fn zeros_and_tiny_numbers_become_zero() {
        let mut blocks = [XBlock::ZERO];
        let mut scales = [XScale::default()];
        quantize(&[1e-35; 32], Activations::I16, &mut blocks, &mut scales);
        assert_eq!((scales[0].scale, scales[0].sum), (0.0, 0));
    }
}
