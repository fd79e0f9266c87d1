//! The two products of a convolution: big images to small ones, and small ones to big ones.
//!
//! A convolution goes from big to small, and its gradient from small to big; a transposed
//! convolution the other way round. `finish` is called on each part of the result while it is still
//! in the cache.

use super::gather::{Tiles, gather};
use super::geometry::Geometry;
use super::winograd;
use crate::nn::parts::{for_parts, share};
use crate::nn::simd::vectorized;

/// Pixels that a worker writes at once: enough to use the kernel's tiles often, few enough that
/// what they read stays in the second-level cache.
const AT_ONCE: usize = 192;

/// Small images out of big ones; `weight` is (k, k, big channels, small channels).
pub(super) fn to_small(
    geometry: &Geometry,
    big: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    match winograd::maps(geometry) {
        Some(maps) => winograd::forward(&maps, big, weight, finish),
        None => to_small_direct(geometry, big, weight, finish),
    }
}

/// [`to_small`], each sum term by term.
pub(super) fn to_small_direct(
    geometry: &Geometry,
    big: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    if let Some((geometry, big)) = geometry.padded(big) {
        return to_small_direct(&geometry, &big, weight, finish);
    }
    let (run, small) = (geometry.run(), geometry.small);
    let tiles = Tiles::of_rows(weight, run, small.c);
    let mut out = vec![0.0; geometry.n_images * small.len()];
    let n_rows = n_rows_each(geometry.n_images * small.h, small.w);
    for_parts(&mut out, n_rows * small.w * small.c, |index, part| {
        let first = index * n_rows;
        let rows = first..first + part.len() / (small.w * small.c);
        gather(big, &geometry.windows(rows), &tiles, part);
        finish(part);
    });
    out
}

/// Big images out of small ones; `weight` is (k, k, big channels, small channels).
pub(super) fn to_big(
    geometry: &Geometry,
    small: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    match winograd::maps(geometry) {
        Some(maps) => winograd::backward(&maps, small, weight, finish),
        None => to_big_direct(geometry, small, weight, finish),
    }
}

/// [`to_big`], each sum term by term.
pub(super) fn to_big_direct(
    geometry: &Geometry,
    small: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    let (big, c_small) = (geometry.big, geometry.small.c);
    let mut out = vec![0.0; geometry.n_images * big.len()];
    if geometry.is_narrow() {
        let unfolded = geometry.unfolded();
        let tiles = Tiles::of_columns(weight, c_small, unfolded.big.c);
        for_parts(&mut out, big.len(), |image, part| {
            let mut windows = vec![0.0; unfolded.big.len()];
            let rows = image * unfolded.big.h..(image + 1) * unfolded.big.h;
            for sites in unfolded.holders(&rows) {
                gather(small, &sites, &tiles, &mut windows);
            }
            geometry.fold(&windows, part);
            finish(part);
        });
        return out;
    }
    let tiles = Tiles::of_columns(weight, c_small, big.c);
    let n_rows = n_rows_each(geometry.n_images * big.h, big.w).next_multiple_of(geometry.stride);
    for_parts(&mut out, n_rows * big.w * big.c, |index, part| {
        let first = index * n_rows;
        let rows = first..first + part.len() / (big.w * big.c);
        for sites in geometry.holders(&rows) {
            gather(small, &sites, &tiles, part);
        }
        finish(part);
    });
    out
}

/// Adds the biases to every pixel of `part`; none are none.
pub(super) fn add_bias(part: &mut [f32], bias: &[f32]) {
    if !bias.is_empty() {
        vectorized(|| {
            for pixel in part.chunks_exact_mut(bias.len()) {
                pixel.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        });
    }
}

/// Rows of pixels that a worker writes at once.
fn n_rows_each(n_rows: usize, width: usize) -> usize {
    (AT_ONCE / width).clamp(1, share(n_rows, 1))
}
