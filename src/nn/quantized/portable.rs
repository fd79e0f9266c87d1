//! The product in plain Rust: what the other paths must equal, and what runs where they cannot.

use super::activations::f16_at;
use super::pack::integer;
use super::product::{Tile, Vector};
use super::{Activations, BLOCK, Format, TILE_ROWS};

/// The dot products of a tile's 16 rows with `T` vectors.
pub(super) fn dot<const T: usize>(tile: Tile<'_>, x: [Vector<'_>; T]) -> [[f32; TILE_ROWS]; T] {
    let format = tile.format;
    let mut sums = [[0.0_f32; TILE_ROWS]; T];
    let blocks = tile.scales.chunks_exact(format.scales_bytes());
    let blocks = blocks.zip(tile.quants.chunks_exact(format.quants_bytes()));
    for (b, (scales, quants)) in blocks.enumerate() {
        for (sums, x) in sums.iter_mut().zip(&x) {
            let (q, shared) = (integers(x, b, tile.activations), x.scales[b]);
            for (lane, sum) in sums.iter_mut().enumerate() {
                let dot = (0..BLOCK).fold(0_i32, |dot, i| {
                    let u = i32::from(integer(format, quants, lane, i));
                    dot.wrapping_add(u.wrapping_mul(q[i]))
                });
                let dot = dot.wrapping_sub(format.bias().wrapping_mul(shared.sum));
                let d = f16_at(scales, lane);
                *sum = (dot as f32).mul_add(d * shared.scale, *sum);
                if format == Format::Q4_1 {
                    *sum = f16_at(scales, TILE_ROWS + lane).mul_add(shared.scaled_sum, *sum);
                }
            }
        }
    }
    sums
}

/// A block's activations as whole integers.
fn integers(x: &Vector<'_>, b: usize, activations: Activations) -> [i32; BLOCK] {
    let block = &x.blocks[b];
    std::array::from_fn(|i| match activations {
        Activations::I8 => i32::from(block.hi[i]),
        Activations::I16 => 128 * i32::from(block.hi[i]) + i32::from(block.lo[i]),
    })
}
