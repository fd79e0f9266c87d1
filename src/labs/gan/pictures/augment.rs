//! Pictures moved and recoloured on their way to D (Zhao et al. 2020, "DiffAugment"): real and made
//! ones alike, so that G is not asked for pictures that are moved.

use crate::rng::Rng;
use candle_core::{Result, Tensor};

/// A picture is moved by at most this part of its side.
const MOVED: usize = 8;

/// Each picture of (b, s, s, c) brightened by up to ±0.25, with up to half more or less contrast
/// between its channels' mean and its pixels, and moved by up to an eighth of its side; pixels from
/// outside are the nearest inside.
pub(super) fn augmented(pictures: &Tensor, rng: &mut Rng) -> Result<Tensor> {
    let (b, s, _, c) = pictures.dims4()?;
    let device = pictures.device();
    let most = (s / MOVED) as i64;
    let draw = |rng: &mut Rng| rng.below(2 * most as usize + 1) as i64 - most;
    let mut pixels = Vec::with_capacity(b * s * s);
    for i in 0..b as i64 {
        let (down, right) = (draw(rng), draw(rng));
        let inside = |at: i64| at.clamp(0, s as i64 - 1);
        for y in 0..s as i64 {
            let row = (i * s as i64 + inside(y - down)) * s as i64;
            pixels.extend((0..s as i64).map(|x| (row + inside(x - right)) as u32));
        }
    }
    let pixels = Tensor::from_vec(pixels, b * s * s, device)?;
    let moved = pictures.reshape((b * s * s, c))?.index_select(&pixels, 0)?;
    let per_picture = |values: Vec<f32>| Tensor::from_vec(values, (b, 1, 1), device);
    let (brighter, contrast): (Vec<f32>, Vec<f32>) = (0..b)
        .map(|_| {
            let (brighter, contrast) = (rng.uniform() - 0.5, rng.uniform() + 0.5);
            (0.5 * brighter as f32, contrast as f32)
        })
        .unzip();
    let moved = moved.reshape((b, s * s, c))?;
    let mean = moved.mean_keepdim(1)?.mean_keepdim(2)?; // (b, 1, 1)
    let coloured = moved
        .broadcast_sub(&mean)?
        .broadcast_mul(&per_picture(contrast)?)?
        .broadcast_add(&mean)?
        .broadcast_add(&per_picture(brighter)?)?;
    coloured.reshape((b, s, s, c))
}
