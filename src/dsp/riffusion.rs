//! Riffusion's picture of a sound: a mel spectrogram as grey levels, so that a model that draws pictures
//! can draw music (Forsgren and Martiros 2022, `spectrogram_image_converter.py`).
//!
//! A pixel is `255 − 255 · (S / largest)^¼`, whole number below: black is loud, low frequencies lie at the
//! bottom, and a column is 10 ms. What the pixels cannot say (above all the largest value) stands in EXIF
//! tags of the file.

use super::Run;
use super::mel::{MelBank, MelNorm, MelScale, MelShape};
use super::stft::{Padding, Shape};
use super::window::Window;
use crate::refusal::Result;

#[cfg(test)]
mod tests;

/// The largest magnitude that a picture is taken to mean when it does not say.
pub const USUAL_LARGEST: f32 = 30e6;

/// How a picture was made, or is to be read: `spectrogram_params.py`, by its names and defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// Whether the green and blue of a pixel are two channels.
    pub stereo: bool,
    /// From one column to the next.
    pub step_size_millis: f64,
    /// Under the window.
    pub window_duration_millis: f64,
    /// Transformed, zeros around the window included.
    pub padded_duration_millis: f64,
    /// Rows.
    pub num_frequencies: usize,
    /// The bottom row's lowest frequency.
    pub min_frequency_hz: f64,
    /// The top row's highest.
    pub max_frequency_hz: f64,
    /// The power a share of the largest is taken to.
    pub power_for_image: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            sample_rate_hz: 44_100,
            stereo: false,
            step_size_millis: 10.0,
            window_duration_millis: 100.0,
            padded_duration_millis: 400.0,
            num_frequencies: 512,
            min_frequency_hz: 0.0,
            max_frequency_hz: 10_000.0,
            power_for_image: 0.25,
        }
    }
}

impl Params {
    /// The transform: `n_fft` 17,640, window 4,410 and hop 441 by default, mirrored ends.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let samples =
            |millis: f64| (millis / 1000.0 * f64::from(self.sample_rate_hz)).max(0.0) as usize;
        Shape {
            n_fft: samples(self.padded_duration_millis),
            win_length: samples(self.window_duration_millis),
            hop_length: samples(self.step_size_millis),
            window: Window::Hann,
            padding: Padding::Reflect,
        }
    }

    /// The filters.
    ///
    /// # Errors
    /// A range of frequencies that the sample rate does not have.
    pub fn bank(&self) -> Result<MelBank> {
        MelBank::new(MelShape {
            sample_rate_hz: f64::from(self.sample_rate_hz),
            n_fft: self.shape().n_fft,
            n_mels: self.num_frequencies,
            min_hz: self.min_frequency_hz,
            max_hz: self.max_frequency_hz,
            scale: MelScale::Htk,
            norm: MelNorm::Peak,
        })
    }
}

/// Grey levels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grey {
    /// Columns: frames.
    pub width: usize,
    /// Rows: mel filters.
    pub height: usize,
    /// `(row, column)` from the top: the highest frequency first.
    pub pixels: Vec<u8>,
}

/// The picture of `mels` `(frame, mel)`, and the largest of them, which white is measured from. Silence is
/// white.
#[must_use]
pub fn to_picture(mels: &[f32], params: &Params) -> (Grey, f32) {
    let largest = mels.iter().copied().fold(0.0f32, f32::max);
    (to_grey(mels, params, largest), largest)
}

/// The picture of `mels` `(frame, mel)` in which black is `largest`, or more.
#[must_use]
pub fn to_grey(mels: &[f32], params: &Params, largest: f32) -> Grey {
    let height = params.num_frequencies.max(1);
    let width = mels.len() / height;
    let mut pixels = vec![255u8; width * height];
    for (t, frame) in mels.chunks_exact(height).enumerate() {
        for (m, &mel) in frame.iter().enumerate() {
            if largest > 0.0 {
                let share = (mel / largest).powf(params.power_for_image as f32);
                pixels[(height - 1 - m) * width + t] = (255.0 - share * 255.0) as u8;
            }
        }
    }
    Grey {
        width,
        height,
        pixels,
    }
}

/// The mels `(frame, mel)` that a picture stands for, black standing for `largest`.
#[must_use]
pub fn from_picture(picture: &Grey, params: &Params, largest: f32) -> Vec<f32> {
    let (width, height) = (picture.width, picture.height);
    // 256 grey levels: each power is taken once.
    let power = 1.0 / params.power_for_image;
    let meant: Vec<f32> = (0..=255u8)
        .map(|level| ((f64::from(255 - level) / 255.0).powf(power) * f64::from(largest)) as f32)
        .collect();
    let mut mels = vec![0.0; width * height];
    for (row, pixels) in picture.pixels.chunks_exact(width.max(1)).enumerate() {
        for (t, &pixel) in pixels.iter().enumerate() {
            mels[t * height + height - 1 - row] = meant[usize::from(pixel)];
        }
    }
    mels
}

/// The mels `(frame, mel)` of a sound between −1 and 1, which Riffusion counts from −32,768 to 32,767.
///
/// # Errors
/// Parameters that give no spectrogram.
pub fn mels_of(samples: &[f32], params: &Params, run: Run) -> Result<Vec<f32>> {
    let stft = super::stft::Stft::new(params.shape())?;
    let bank = params.bank()?;
    let n_frames = params.shape().n_frames(samples.len());
    let mut mels = bank.forward(&stft.magnitudes(samples, 0..n_frames, run), run);
    for mel in &mut mels {
        *mel *= FULL_SCALE;
    }
    Ok(mels)
}

/// The largest sample of 16 bits, by which Riffusion's magnitudes are larger than ours.
pub const FULL_SCALE: f32 = 32_768.0;
