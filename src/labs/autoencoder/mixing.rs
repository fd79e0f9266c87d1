//! Between two pictures: halfway in their codes, and halfway in their pixels.
//!
//! Halfway between the pixels of two faces are two pale faces, one through the other. Halfway between
//! their codes is what the decoder makes of it: at best a third face.

use super::{Pictures, Squeezer};
use crate::refusal::Result;

/// The pictures along the way, as many of each kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixed {
    /// How far from the first picture to the second, 0..=1.
    pub parts: Vec<f32>,
    /// The codes.
    pub codes: Vec<Vec<f32>>,
    /// What the mixed codes unfold into.
    pub by_code: Pictures,
    /// The mixed pixels of the pictures themselves.
    pub by_pixels: Pictures,
}

/// Mixes the first two of `pictures`, in `n` even steps that include both.
///
/// # Errors
/// Pictures of another size than the network's.
pub fn mixed(squeezer: &Squeezer, pictures: &Pictures, n: usize) -> Result<Mixed> {
    let ends = squeezer.encode(pictures)?;
    let parts: Vec<f32> = (0..n)
        .map(|i| i as f32 / n.saturating_sub(1).max(1) as f32)
        .collect();
    let [Some(from), Some(to)] = [ends.first(), ends.get(1)] else {
        return Ok(Mixed {
            parts: Vec::new(),
            codes: Vec::new(),
            by_code: squeezer.decode(&[])?,
            by_pixels: squeezer.decode(&[])?,
        });
    };
    let codes: Vec<Vec<f32>> = parts.iter().map(|&part| between(from, to, part)).collect();
    let [a, b] = [0, 1].map(|i| pictures.get(i).unwrap_or_default());
    let pixels = parts.iter().flat_map(|part| {
        let mix = move |(a, b): (&u8, &u8)| {
            let [a, b] = [a, b].map(|&x| f32::from(x));
            (a + part * (b - a)).round() as u8
        };
        a.iter().zip(b).map(mix)
    });
    Ok(Mixed {
        by_pixels: Pictures {
            pixels: pixels.collect(),
            side: pictures.side,
            n_channels: pictures.n_channels,
        },
        by_code: squeezer.decode(&codes)?,
        parts,
        codes,
    })
}

/// The code at `part` of the way, 0..=1.
#[must_use]
pub fn between(from: &[f32], to: &[f32], part: f32) -> Vec<f32> {
    let pairs = from.iter().zip(to);
    pairs.map(|(a, b)| a + part * (b - a)).collect()
}
