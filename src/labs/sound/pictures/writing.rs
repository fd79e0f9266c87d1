//! A sound as a picture in Riffusion's format, which says in its tags how it was made.

use super::reading::TAGS;
use super::{Grey, Params, at_rate};
use crate::dsp::riffusion;
use crate::files::png_text::with_texts;
use crate::files::sound::exif::{Number, with_numbers};
use crate::labs::sound::{Sound, on_pool};
use crate::refusal::{Refusal, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use std::ops::Range;

/// A sound as a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundPicture {
    /// The picture.
    pub picture: Grey,
    /// How it was made.
    pub params: Params,
    /// The magnitude that black stands for, in Riffusion's units.
    pub largest: f32,
    /// How long it is: a minute at most.
    pub secs: f64,
}

/// The seconds `secs` of a sound as a picture.
///
/// # Errors
/// A stretch that is empty or wider than a picture may be; parameters that give no spectrogram.
pub fn of_sound(sound: &Sound, secs: Range<f64>, params: &Params) -> Result<SoundPicture> {
    let samples = at_rate(sound, &secs, params.sample_rate_hz)?;
    let n_columns = params.shape().n_frames(samples.len());
    if n_columns == 0 || n_columns > super::MOST_COLUMNS {
        let most = super::MOST_COLUMNS as f64 * params.step_size_millis / 1000.0;
        return Err(Refusal::unchanged(
            "This stretch cannot become a picture.",
            format!("It would have {n_columns} columns."),
            format!("Choose a stretch that lasts up to {most} s."),
        ));
    }
    let mels = riffusion::mels_of(&samples, params, &on_pool)?;
    let (picture, largest) = riffusion::to_picture(&mels, params);
    Ok(SoundPicture {
        picture,
        params: *params,
        largest,
        secs: samples.len() as f64 / f64::from(params.sample_rate_hz),
    })
}

/// The bytes of a PNG with Riffusion's tags and these `texts`.
///
/// # Errors
/// The picture cannot be packed.
pub fn to_png(of: &SoundPicture, texts: &[(&str, &str)]) -> Result<Vec<u8>> {
    let mut png = Vec::new();
    let Grey {
        width,
        height,
        pixels,
    } = &of.picture;
    let written = PngEncoder::new(&mut png).write_image(
        pixels,
        *width as u32,
        *height as u32,
        ExtendedColorType::L8,
    );
    written.map_err(|error| {
        Refusal::unchanged(
            "The picture cannot be written as a PNG.",
            format!("Writing it failed: {error}."),
            "Choose a shorter stretch of the sound.",
        )
    })?;
    let p = &of.params;
    let numbers = [
        Number::Whole(p.sample_rate_hz),
        Number::Whole(u32::from(p.stereo)),
        whole_or_real(p.step_size_millis),
        whole_or_real(p.window_duration_millis),
        whole_or_real(p.padded_duration_millis),
        Number::Whole(p.num_frequencies as u32),
        whole_or_real(p.min_frequency_hz),
        whole_or_real(p.max_frequency_hz),
        Number::Real(p.power_for_image),
        Number::Real(f64::from(of.largest)),
    ];
    let tagged: Vec<(u16, Number)> = TAGS.into_iter().zip(numbers).collect();
    Ok(with_texts(&with_numbers(&png, &tagged), texts))
}

/// Riffusion writes whole numbers where they are.
fn whole_or_real(x: f64) -> Number {
    if x.fract() == 0.0 && (0.0..1e9).contains(&x) {
        Number::Whole(x as u32)
    } else {
        Number::Real(x)
    }
}
