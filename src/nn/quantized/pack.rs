//! From a file's blocks to tiles, and one row back.
//!
//! A tile is 16 rows. First come its scales, block by block: 16 `d` as f16, and in
//! [`Format::Q4_1`] 16 `m` after them. Then, on a cache line, its integers, block by block: groups
//! of 64 bytes, four columns of each of the 16 rows. A byte of eight bits is one column
//! (`group · 4 + c`); a byte of four bits is that column in its low half and the column 16 further
//! in its high half, as in the file. Rows past the last are zeros.

use super::activations::f16_at;
use super::{BLOCK, Format, Segment, TILE_ROWS, Weights};
use crate::nn::arena::Arena;
use crate::refusal::{Refusal, Result};
use half::f16;

/// Packs one source of rows of `k` weights.
pub(super) fn segment(
    arena: &Arena,
    k: usize,
    first_row: usize,
    source: Weights<'_>,
) -> Result<Segment> {
    let (format, given, row_size) = match source {
        Weights::Blocks(format, bytes) => {
            let row_bytes = k
                .is_multiple_of(BLOCK)
                .then(|| k / BLOCK * format.block_bytes());
            (format, bytes.len(), row_bytes)
        }
        Weights::Floats(floats) => (Format::Q8_0, floats.len(), Some(k)),
    };
    let row_size = row_size.filter(|&size| size > 0 && given.is_multiple_of(size));
    let Some(row_size) = row_size else {
        return Err(Refusal::unchanged(
            "A weight matrix of this model has the wrong size",
            format!("{given} bytes or numbers of {format:?} are not whole rows of {k} weights."),
            "Download the file again, or choose another one.",
        ));
    };
    let n_rows = given / row_size;
    let n_blocks = k.div_ceil(BLOCK);
    let tile_bytes = format.tile_bytes(n_blocks);
    let too_large = || {
        Refusal::unchanged(
            "A weight matrix of this model is too large",
            format!("It has {n_rows} rows of {k} weights."),
            "Choose another file.",
        )
    };
    let n_bytes = n_rows
        .div_ceil(TILE_ROWS)
        .checked_mul(tile_bytes)
        .ok_or_else(too_large)?;
    let mut tiles = arena.alloc(n_bytes)?;
    let mut quantized = vec![0; n_blocks * Format::Q8_0.block_bytes()];
    for row in 0..n_rows {
        let tile = &mut tiles[row / TILE_ROWS * tile_bytes..][..tile_bytes];
        let of_row = row * row_size..(row + 1) * row_size;
        match source {
            Weights::Blocks(_, bytes) => {
                place_row(format, n_blocks, tile, row % TILE_ROWS, &bytes[of_row]);
            }
            Weights::Floats(floats) => {
                quantize_row(&floats[of_row], &mut quantized);
                place_row(format, n_blocks, tile, row % TILE_ROWS, &quantized);
            }
        }
    }
    Ok(Segment {
        format,
        first_row,
        n_rows,
        tiles,
    })
}

/// Writes a row of file blocks into lane `lane` of a tile.
fn place_row(format: Format, n_blocks: usize, tile: &mut [u8], lane: usize, row: &[u8]) {
    let (scales, quants) = tile.split_at_mut(format.quants_start(n_blocks));
    let scales = scales.chunks_exact_mut(format.scales_bytes());
    let quants = quants.chunks_exact_mut(format.quants_bytes());
    for ((block, scales), quants) in row
        .chunks_exact(format.block_bytes())
        .zip(scales)
        .zip(quants)
    {
        let (d, rest) = block.split_at(2);
        scales[2 * lane..][..2].copy_from_slice(d);
        let integers = if format == Format::Q4_1 {
            let (m, integers) = rest.split_at(2);
            scales[2 * (TILE_ROWS + lane)..][..2].copy_from_slice(m);
            integers
        } else {
            rest
        };
        // A signed byte is kept as unsigned, 128 higher: the products want one unsigned side.
        let bias = if format == Format::Q8_0 { 0x80 } else { 0 };
        for (group, four) in quants
            .chunks_exact_mut(4 * TILE_ROWS)
            .zip(integers.chunks_exact(4))
        {
            for (to, from) in group[4 * lane..][..4].iter_mut().zip(four) {
                *to = from ^ bias;
            }
        }
    }
}

/// Rounds a row to [`Format::Q8_0`] blocks, the last filled up with zeros.
fn quantize_row(row: &[f32], blocks: &mut [u8]) {
    let blocks = blocks.chunks_exact_mut(Format::Q8_0.block_bytes());
    for (x, block) in row.chunks(BLOCK).zip(blocks) {
        let finite = x.iter().all(|x| x.is_finite());
        let largest = x.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        let d = if finite {
            scale_above(largest / 127.0)
        } else {
            f16::NAN
        };
        let inverse = if d > f16::ZERO { 1.0 / d.to_f32() } else { 0.0 };
        block[..2].copy_from_slice(&d.to_le_bytes());
        block[2..].fill(0);
        for (byte, x) in block[2..].iter_mut().zip(x) {
            let q = (x * inverse).round_ties_even().clamp(-127.0, 127.0);
            *byte = (q as i8).cast_unsigned();
        }
    }
}

/// The smallest f16 that is not below `scale`, so that no weight has to be cut.
fn scale_above(scale: f32) -> f16 {
    let nearest = f16::from_f32(scale).min(f16::MAX);
    if nearest.to_f32() < scale && nearest < f16::MAX {
        f16::from_bits(nearest.to_bits() + 1)
    } else {
        nearest
    }
}

/// Row `row` of a segment as f32.
pub(super) fn dequantize_row(segment: &Segment, k: usize, row: usize, out: &mut [f32]) {
    let (format, n_blocks, lane) = (segment.format, k.div_ceil(BLOCK), row % TILE_ROWS);
    let tile_bytes = format.tile_bytes(n_blocks);
    let tile = &segment.tiles[row / TILE_ROWS * tile_bytes..][..tile_bytes];
    let (scales, quants) = tile.split_at(format.quants_start(n_blocks));
    let scales = scales.chunks_exact(format.scales_bytes());
    let quants = quants.chunks_exact(format.quants_bytes());
    for ((out, scales), quants) in out.chunks_mut(BLOCK).zip(scales).zip(quants) {
        let d = f16_at(scales, lane);
        let value = |u: u8| match format {
            Format::Q4_0 => d * (f32::from(u) - 8.0),
            Format::Q4_1 => d * f32::from(u) + f16_at(scales, TILE_ROWS + lane),
            Format::Q8_0 => d * (f32::from(u) - 128.0),
        };
        for (i, out) in out.iter_mut().enumerate() {
            *out = value(integer(format, quants, lane, i));
        }
    }
}

/// The unsigned integer in column `i` of a block, row `lane` of its tile.
#[inline]
pub(super) fn integer(format: Format, quants: &[u8], lane: usize, i: usize) -> u8 {
    let at = |i: usize| quants[i / 4 * 4 * TILE_ROWS + 4 * lane + i % 4];
    match format {
        Format::Q8_0 => at(i),
        Format::Q4_0 | Format::Q4_1 if i < BLOCK / 2 => at(i) & 0x0f,
        Format::Q4_0 | Format::Q4_1 => at(i - BLOCK / 2) >> 4,
    }
}
