//! The real pictures as the networks see them, and what is made as pictures.

use crate::files::atlas::Pictures;
use crate::rng::Rng;
use candle_core::{Device, Tensor};

/// `n` pictures drawn at random, (n, s, s, c) in −1..=1.
pub(super) fn batch(
    pictures: &Pictures,
    n: usize,
    rng: &mut Rng,
    device: &Device,
) -> candle_core::Result<Tensor> {
    let chosen: Vec<usize> = (0..n).map(|_| rng.below(pictures.len())).collect();
    some(pictures, &chosen, device)
}

/// The chosen pictures, (n, s, s, c) in −1..=1.
pub(super) fn some(
    pictures: &Pictures,
    chosen: &[usize],
    device: &Device,
) -> candle_core::Result<Tensor> {
    let (s, c) = (pictures.side, pictures.n_channels);
    let mut values = Vec::with_capacity(chosen.len() * s * s * c);
    for &i in chosen {
        let picture = pictures.get(i).unwrap_or_default();
        values.extend(picture.iter().map(|&p| f32::from(p) / 127.5 - 1.0));
    }
    Tensor::from_vec(values, (chosen.len(), s, s, c), device)
}

/// Pictures (b, s, s, c) in −1..=1 as bytes.
pub(super) fn bytes(pictures: &Tensor) -> candle_core::Result<Vec<u8>> {
    let values = pictures.flatten_all()?.to_vec1::<f32>()?;
    // A float beyond the bytes is cast to the nearest.
    let byte = |x: &f32| ((x + 1.0) * 127.5).round() as u8;
    Ok(values.iter().map(byte).collect())
}
