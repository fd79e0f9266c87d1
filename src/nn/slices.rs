//! What the fused operations are made of: an exponential and sums that become vector instructions,
//! and the plain values of a tensor.

use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, bail};

/// `e^x` in steps a compiler turns into vector instructions, within 2 ulp of the true value: 2ⁿ by
/// its exponent bits, the rest by a polynomial (Cephes' `expf`). 0 below −87, +∞ never.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Adding 1.5·2²³ leaves the nearest integer in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.3, 88.3);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let poly = ((((1.987_569_1e-4 * r + 1.398_199_9e-3) * r + 8.333_452e-3) * r + 4.166_579_6e-2)
        * r
        + 1.666_666_5e-1)
        * r
        + 5e-1;
    let fraction = poly * r * r + r + 1.0;
    let exponent = rounded
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    fraction * f32::from_bits(exponent)
}

/// Σ f(x) in sixteen running sums: exact enough for long rows, and fast.
#[inline]
pub(super) fn sum(xs: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; 16];
    let chunks = xs.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().map(|&x| f(x)).sum();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Σ a·b in sixteen running sums.
#[inline]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    let (xs, ys) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = xs
        .remainder()
        .iter()
        .zip(ys.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in xs.zip(ys) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// The f32 values of a contiguous CPU storage.
pub(super) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        bail!("a fused operation was given a strided tensor");
    };
    match storage {
        CpuStorage::F32(values) => Ok(&values[start..end]),
        _ => bail!(
            "a fused operation was given values that are not {:?}",
            DType::F32
        ),
    }
}

/// Runs `f` on the values of contiguous f32 tensors of the CPU, without copying them.
pub(super) fn with_floats<const N: usize, T>(
    tensors: [&Tensor; N],
    f: impl FnOnce([&[f32]; N]) -> Result<T>,
) -> Result<T> {
    let guards = tensors.map(Tensor::storage_and_layout);
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
        match &**storage {
            Storage::Cpu(storage) => *slice = floats(storage, layout)?,
            _ => bail!("a fused operation was given a tensor of another device"),
        }
    }
    f(slices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_exponential_is_within_two_units_in_the_last_place() {
        for i in -87_000..88_000 {
            let x = i as f32 * 1e-3;
            let truth = f64::from(x).exp();
            assert!((f64::from(exp(x)) / truth - 1.0).abs() < 2.4e-7, "{x}");
        }
    }
}
