//! The real pictures: from the program or from a folder, as small as the networks want them.

use super::{Event, Source};
use crate::files::atlas::Pictures;
use crate::files::{digits, faces, picture_folder};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;

/// What was read, and what was not.
#[derive(Debug)]
pub(super) struct Real {
    pub pictures: Pictures,
    /// Each a reason with its number, in words.
    pub left_out: Vec<String>,
}

/// The pictures of `source`, `side` pixels along a side.
///
/// # Errors
/// They cannot be read, there are fewer than 64, or they cannot have that side.
pub(super) fn load(
    source: &Source,
    side: usize,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Real> {
    let whole = |pictures| Real {
        pictures,
        left_out: Vec::new(),
    };
    match source {
        Source::Faces => shrunk(faces::bundled()?.pictures, side).map(whole),
        Source::FacesFolder(folder) => shrunk(faces::open(folder)?.pictures, side).map(whole),
        Source::Digits => shrunk(digits::bundled()?, side).map(whole),
        Source::Folder(folder) => {
            let mut progress = |_| emit(Event::Working);
            let found = picture_folder::read(folder, side, 3, &mut progress)?;
            let left_out = found.left_out.iter();
            Ok(Real {
                left_out: left_out.map(picture_folder::LeftOut::words).collect(),
                pictures: found.pictures,
            })
        }
    }
}

/// Halved until they have that side.
fn shrunk(mut pictures: Pictures, side: usize) -> Result<Pictures> {
    let has = pictures.side;
    while pictures.side > side {
        pictures = pictures.halved();
    }
    if pictures.side == side {
        return Ok(pictures);
    }
    Err(Refusal::unchanged(
        format!("These pictures cannot be {side} pixels wide"),
        format!("They are drawn {has} × {has}."),
        format!("Choose a side of {has} or less."),
    ))
}

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
