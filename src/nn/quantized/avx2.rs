//! The product with 256-bit registers (AVX2, FMA, F16C).
//!
//! The tile's 16 rows are two halves of eight. `vpmaddubsw` multiplies unsigned with signed bytes
//! and adds pairs into 16 bits, saturating; no sum here can reach the limit. Four-bit weights: eight
//! pairs of at most 2 · 15 · 127 stay below 2¹⁵. Eight-bit weights are made signed again and their
//! sign moved to the activations: a pair is at most 2 · 128 · 127.

#![expect(
    unsafe_code,
    reason = "loads from references to enough bytes, and calls guarded by a feature check"
)]

use super::activations::{self, XBlock, XScale};
use super::product::{Tile, Vector};
use super::{Activations, BLOCK, Format, TILE_ROWS};
use std::arch::x86_64::{
    __m256, __m256i, _MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm256_abs_epi8, _mm256_add_epi16,
    _mm256_add_epi32, _mm256_and_si256, _mm256_cvtepi32_ps, _mm256_cvtph_ps, _mm256_fmadd_ps,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mul_ps, _mm256_set1_epi8,
    _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256,
    _mm256_sign_epi8, _mm256_slli_epi32, _mm256_srli_epi16, _mm256_storeu_ps, _mm256_xor_si256,
};

/// How far ahead of the integers in use the next are asked for.
const AHEAD_BYTES: usize = 6 << 10;

/// Rows in one register.
const HALF: usize = TILE_ROWS / 2;

/// Whether this processor has what the path needs.
pub(super) fn runs_here() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
}

/// [`activations::quantize`], compiled for these registers.
pub(super) fn quantize(x: &[f32], to: Activations, blocks: &mut [XBlock], scales: &mut [XScale]) {
    #[target_feature(enable = "avx2,fma,f16c")]
    fn inner(x: &[f32], to: Activations, blocks: &mut [XBlock], scales: &mut [XScale]) {
        match to {
            Activations::I8 => activations::quantize(x, Activations::I8, blocks, scales),
            Activations::I16 => activations::quantize(x, Activations::I16, blocks, scales),
        }
    }
    assert!(runs_here(), "the path is chosen after asking the processor");
    // SAFETY: the processor has the features, as just checked.
    unsafe { inner(x, to, blocks, scales) }
}

/// The dot products of a tile's 16 rows with `T` vectors.
pub(super) fn dot<const T: usize>(tile: Tile<'_>, x: [Vector<'_>; T]) -> [[f32; TILE_ROWS]; T] {
    assert!(runs_here(), "the path is chosen after asking the processor");
    // SAFETY: the processor has the features, as just checked.
    unsafe {
        match (tile.format, tile.activations) {
            (Format::Q4_0, Activations::I8) => kernel::<4, false, false, T>(tile, x),
            (Format::Q4_0, Activations::I16) => kernel::<4, false, true, T>(tile, x),
            (Format::Q4_1, Activations::I8) => kernel::<4, true, false, T>(tile, x),
            (Format::Q4_1, Activations::I16) => kernel::<4, true, true, T>(tile, x),
            (Format::Q8_0, Activations::I8) => kernel::<8, false, false, T>(tile, x),
            (Format::Q8_0, Activations::I16) => kernel::<8, false, true, T>(tile, x),
        }
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn kernel<const BITS: u8, const MINIMA: bool, const WIDE: bool, const T: usize>(
    tile: Tile<'_>,
    x: [Vector<'_>; T],
) -> [[f32; TILE_ROWS]; T] {
    let mut sums = [[_mm256_setzero_ps(); 2]; T];
    let scales = tile.scales.chunks_exact(tile.format.scales_bytes());
    let quants = tile.quants.chunks_exact(tile.format.quants_bytes());
    for (b, (scales, quants)) in scales.zip(quants).enumerate() {
        if T == 1 {
            prefetch(quants);
        }
        for half in 0..2 {
            let weights = columns::<BITS>(quants, half);
            let d = f16s(scales, half);
            for (sums, x) in sums.iter_mut().zip(&x) {
                let (block, shared) = (&x.blocks[b], &x.scales[b]);
                let mut dot = products::<BITS>(&weights, &block.hi);
                if WIDE {
                    let low = products::<BITS>(&weights, &block.lo);
                    dot = _mm256_add_epi32(_mm256_slli_epi32::<7>(dot), low);
                }
                if BITS == 4 && !MINIMA {
                    let bias = tile.format.bias().wrapping_mul(shared.sum).wrapping_neg();
                    dot = _mm256_add_epi32(dot, _mm256_set1_epi32(bias));
                }
                let sum = &mut sums[half];
                let scale = _mm256_mul_ps(d, _mm256_set1_ps(shared.scale));
                *sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot), scale, *sum);
                if MINIMA {
                    let m = f16s(scales, 2 + half);
                    *sum = _mm256_fmadd_ps(m, _mm256_set1_ps(shared.scaled_sum), *sum);
                }
            }
        }
    }
    sums.map(|sums| floats(sums))
}

/// The eight registers of half a block: register i holds columns 4i..4i + 4 of eight rows, four
/// bits unsigned or eight bits signed.
#[inline]
#[target_feature(enable = "avx2")]
fn columns<const BITS: u8>(quants: &[u8], half: usize) -> [__m256i; BLOCK / 4] {
    let (groups, _) = quants.as_chunks::<32>();
    let nibble = _mm256_set1_epi8(0x0f);
    let group = |i: usize| load(&groups[2 * i + half]);
    std::array::from_fn(|i| match BITS {
        8 => _mm256_xor_si256(group(i), _mm256_set1_epi8(i8::MIN)),
        _ if i < 4 => _mm256_and_si256(group(i), nibble),
        _ => _mm256_and_si256(_mm256_srli_epi16::<4>(group(i - 4)), nibble),
    })
}

/// The sums of products of 32 columns of each row with 32 activations.
#[inline]
#[target_feature(enable = "avx2")]
fn products<const BITS: u8>(weights: &[__m256i; BLOCK / 4], x: &[i8; BLOCK]) -> __m256i {
    let (fours, _) = x.as_chunks::<4>();
    let steps = weights.iter().zip(fours).map(|(&weights, x)| {
        let x = _mm256_set1_epi32(i32::from_ne_bytes(x.map(i8::cast_unsigned)));
        if BITS == 8 {
            let signed = _mm256_sign_epi8(x, weights);
            let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), signed);
            _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
        } else {
            _mm256_maddubs_epi16(weights, x)
        }
    });
    if BITS == 8 {
        steps.fold(_mm256_setzero_si256(), |sum, step| {
            _mm256_add_epi32(sum, step)
        })
    } else {
        let pairs = steps.fold(_mm256_setzero_si256(), |sum, step| {
            _mm256_add_epi16(sum, step)
        });
        _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
    }
}

/// The `set`-th eight f16 of a block's scales.
#[inline]
#[target_feature(enable = "avx2,f16c")]
fn f16s(scales: &[u8], set: usize) -> __m256 {
    let (sets, _) = scales.as_chunks::<16>();
    // SAFETY: the reference is to 16 readable bytes; the load asks for no alignment.
    let halves = unsafe { _mm_loadu_si128(sets[set].as_ptr().cast()) };
    _mm256_cvtph_ps(halves)
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: the reference is to 32 readable bytes; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn floats(halves: [__m256; 2]) -> [f32; TILE_ROWS] {
    let mut floats = [0.0; TILE_ROWS];
    let (to, _) = floats.as_chunks_mut::<HALF>();
    for (to, half) in to.iter_mut().zip(halves) {
        // SAFETY: the array has room for the register's 8 floats; the store asks for no alignment.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), half) };
    }
    floats
}

/// Asks for the bytes that will be read [`AHEAD_BYTES`] after these.
#[inline]
fn prefetch(quants: &[u8]) {
    for line in quants.chunks(64) {
        let ahead = line.as_ptr().wrapping_add(AHEAD_BYTES);
        // SAFETY: a prefetch reads nothing and faults on no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead.cast()) };
    }
}
