//! The product with 512-bit registers and byte dot products (AVX-512 VNNI).
//!
//! One register holds four columns of a tile's 16 rows; `vpdpbusd` multiplies its 64 unsigned
//! bytes with four signed activations, repeated for every row, and adds each four products into
//! that row's integer. A block of 32 columns is eight such steps (sixteen when activations have a
//! high and a low half), one conversion, one scale.

#![expect(
    unsafe_code,
    reason = "loads from references to enough bytes, and calls guarded by a feature check"
)]

use super::activations::{self, XBlock, XScale};
use super::product::{Tile, Vector};
use super::{Activations, BLOCK, Format, TILE_ROWS};
use std::arch::x86_64::{
    __m512, __m512i, _MM_HINT_T0, _mm_prefetch, _mm256_loadu_si256, _mm512_add_epi32,
    _mm512_and_si512, _mm512_cvtepi32_ps, _mm512_cvtph_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps,
    _mm512_loadu_si512, _mm512_mul_ps, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_setzero_si512, _mm512_slli_epi32, _mm512_srli_epi16,
    _mm512_storeu_ps,
};

/// How far ahead of the integers in use the next are asked for: at 30 GB/s, 200 ns.
const AHEAD_BYTES: usize = 6 << 10;

/// Whether this processor has what the path needs.
pub(super) fn runs_here() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vnni")
}

/// [`activations::quantize`], compiled for these registers.
pub(super) fn quantize(x: &[f32], to: Activations, blocks: &mut [XBlock], scales: &mut [XScale]) {
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
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
            (Format::Q4_0, Activations::I8) => kernel::<Q4_0, false, T>(tile, x),
            (Format::Q4_0, Activations::I16) => kernel::<Q4_0, true, T>(tile, x),
            (Format::Q4_1, Activations::I8) => kernel::<Q4_1, false, T>(tile, x),
            (Format::Q4_1, Activations::I16) => kernel::<Q4_1, true, T>(tile, x),
            (Format::Q8_0, Activations::I8) => kernel::<Q8_0, false, T>(tile, x),
            (Format::Q8_0, Activations::I16) => kernel::<Q8_0, true, T>(tile, x),
        }
    }
}

/// A format at compile time.
trait Layout {
    const FORMAT: Format;
}
struct Q4_0;
struct Q4_1;
struct Q8_0;
impl Layout for Q4_0 {
    const FORMAT: Format = Format::Q4_0;
}
impl Layout for Q4_1 {
    const FORMAT: Format = Format::Q4_1;
}
impl Layout for Q8_0 {
    const FORMAT: Format = Format::Q8_0;
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn kernel<L: Layout, const WIDE: bool, const T: usize>(
    tile: Tile<'_>,
    x: [Vector<'_>; T],
) -> [[f32; TILE_ROWS]; T] {
    let minima = matches!(L::FORMAT, Format::Q4_1);
    let mut sums = [_mm512_setzero_ps(); T];
    let scales = tile.scales.chunks_exact(L::FORMAT.scales_bytes());
    let quants = tile.quants.chunks_exact(L::FORMAT.quants_bytes());
    for (b, (scales, quants)) in scales.zip(quants).enumerate() {
        if T == 1 {
            prefetch(quants);
        }
        let weights = columns::<L>(quants);
        let d = f16s(scales, 0);
        for (sum, x) in sums.iter_mut().zip(&x) {
            let (block, shared) = (&x.blocks[b], &x.scales[b]);
            let mut dot = if WIDE {
                let high = chain(_mm512_setzero_si512(), &weights, &block.hi);
                let high = _mm512_slli_epi32::<7>(high);
                if T == 1 {
                    // Two short chains: a single vector has nothing else to wait with.
                    _mm512_add_epi32(high, chain(_mm512_setzero_si512(), &weights, &block.lo))
                } else {
                    chain(high, &weights, &block.lo)
                }
            } else {
                chain(_mm512_setzero_si512(), &weights, &block.hi)
            };
            let bias = L::FORMAT.bias();
            if bias != 0 {
                let bias = bias.wrapping_mul(shared.sum).wrapping_neg();
                dot = _mm512_add_epi32(dot, _mm512_set1_epi32(bias));
            }
            let scale = _mm512_mul_ps(d, _mm512_set1_ps(shared.scale));
            *sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), scale, *sum);
            if minima {
                *sum = _mm512_fmadd_ps(f16s(scales, 1), _mm512_set1_ps(shared.scaled_sum), *sum);
            }
        }
    }
    sums.map(|sums| floats(sums))
}

/// The eight registers of a block: register i holds columns 4i..4i + 4 of 16 rows, unsigned.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn columns<L: Layout>(quants: &[u8]) -> [__m512i; BLOCK / 4] {
    let (groups, _) = quants.as_chunks::<64>();
    let nibble = _mm512_set1_epi8(0x0f);
    std::array::from_fn(|i| match L::FORMAT {
        Format::Q8_0 => load(&groups[i]),
        _ if i < 4 => _mm512_and_si512(load(&groups[i]), nibble),
        _ => _mm512_and_si512(_mm512_srli_epi16::<4>(load(&groups[i - 4])), nibble),
    })
}

/// `start` plus the products of 32 columns of each row with 32 activations.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn chain(start: __m512i, weights: &[__m512i; BLOCK / 4], x: &[i8; BLOCK]) -> __m512i {
    let (fours, _) = x.as_chunks::<4>();
    weights.iter().zip(fours).fold(start, |sum, (&weights, x)| {
        let x = i32::from_ne_bytes(x.map(i8::cast_unsigned));
        _mm512_dpbusd_epi32(sum, weights, _mm512_set1_epi32(x))
    })
}

/// The `set`-th sixteen f16 of a block's scales.
#[inline]
#[target_feature(enable = "avx512f")]
fn f16s(scales: &[u8], set: usize) -> __m512 {
    let (sets, _) = scales.as_chunks::<32>();
    // SAFETY: the reference is to 32 readable bytes; the load asks for no alignment.
    let halves = unsafe { _mm256_loadu_si256(sets[set].as_ptr().cast()) };
    _mm512_cvtph_ps(halves)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes; the load asks for no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn floats(register: __m512) -> [f32; TILE_ROWS] {
    let mut floats = [0.0; TILE_ROWS];
    // SAFETY: the array has room for the register's 16 floats; the store asks for no alignment.
    unsafe { _mm512_storeu_ps(floats.as_mut_ptr(), register) };
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
