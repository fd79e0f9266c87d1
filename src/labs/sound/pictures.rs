//! Pictures to sound: what a picture says when it is taken for a spectrogram, and a sound as such a picture.

use super::{Sound, Stft, on_pool};
use crate::dsp::griffin_lim::{GriffinLim, Start, USUAL_MOMENTUM};
use crate::dsp::riffusion::{self, FULL_SCALE};
pub use crate::dsp::riffusion::{Grey, Params, USUAL_LARGEST};
use crate::refusal::{Refusal, Result};
use std::ops::{ControlFlow, Range};

mod drawn;
mod pixel;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

pub use drawn::Drawn;
pub use pixel::Pixel;
pub use reading::{Looked, Source, look};
pub use writing::{SoundPicture, of_sound, to_png};

/// Columns of a picture that is played, at most: a minute of Riffusion's.
pub const MOST_COLUMNS: usize = 6000;
/// What a sound is brought to whose picture does not say how loud it is.
const PEAK: f32 = 0.9;

/// How a picture is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// What its rows and columns mean.
    pub params: Params,
    /// The magnitude that the loudest grey level stands for, in Riffusion's units, if the picture says it.
    pub largest: Option<f32>,
    /// Whether white is loud, as in a photograph; in Riffusion's pictures black is.
    pub white_is_loud: bool,
}

/// How the sound is searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Steps of Griffin-Lim.
    pub n_steps: usize,
    /// Its momentum.
    pub momentum: f32,
    /// Steps by which frequencies are fitted to the mel rows; 0 takes the smallest fit.
    pub n_mel_steps: usize,
    /// The random phase that is begun with.
    pub seed: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            n_steps: 32,
            momentum: USUAL_MOMENTUM,
            n_mel_steps: 20,
            seed: 0,
        }
    }
}

/// One step on the way.
#[derive(Debug, Clone)]
pub struct Step {
    /// Steps made.
    pub n_steps: usize,
    /// How far the spectrogram of the sound is from the picture: `‖ |c| − S ‖ / ‖S‖`.
    pub convergence: f64,
    /// The sound then; given for the first and at powers of two, because a copy takes time.
    pub sound: Option<Sound>,
}

/// The sound of a picture.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The sound.
    pub sound: Sound,
    /// The spectral convergence before each step and after the last.
    pub convergences: Vec<f64>,
    /// What the samples were multiplied with, so that none is beyond 1.
    pub gain: f32,
    /// The picture that the sound has, in the same grey levels.
    pub picture: Grey,
}

/// Searches for the sound of a picture. `Break` ends the search with the sound found so far.
///
/// # Errors
/// A picture without pixels or too wide; parameters that give no spectrogram.
pub fn hear(
    picture: &Grey,
    name: &str,
    reading: &Reading,
    search: &Search,
    emit: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Heard> {
    let params = params_for(picture, reading);
    if picture.width == 0 || picture.height == 0 || picture.width > MOST_COLUMNS {
        return Err(Refusal::unchanged(
            format!("`{name}` cannot be heard."),
            format!(
                "It has {} columns and {} rows.",
                picture.width, picture.height
            ),
            format!("Choose a picture with 1 to {MOST_COLUMNS} columns, or make this one smaller."),
        ));
    }
    let shape = params.shape();
    let stft = Stft::new(shape)?;
    let bank = params.bank()?;
    let largest = reading.largest.unwrap_or(USUAL_LARGEST) / FULL_SCALE;
    let mels = if reading.white_is_loud {
        let pixels = picture.pixels.iter().map(|level| 255 - level).collect();
        riffusion::from_picture(&Grey { pixels, ..*picture }, &params, largest)
    } else {
        riffusion::from_picture(picture, &params, largest)
    };
    let magnitudes = bank.back(&mels, search.n_mel_steps, &on_pool);
    let n_samples = shape.n_samples(picture.width).max(1);
    let start = Start::Random(search.seed);
    let mut found = GriffinLim::new(
        &stft,
        magnitudes,
        n_samples,
        start,
        search.momentum,
        &on_pool,
    );
    let sound = |samples: &[f32], gain: f32| {
        let samples = samples.iter().map(|sample| sample * gain).collect();
        Sound::from_samples(name, params.sample_rate_hz, 1, samples)
    };
    let mut convergences = Vec::new();
    for n_steps in 0..=search.n_steps {
        let keep = n_steps == 0 || n_steps.is_power_of_two();
        let now = keep.then(|| sound(found.samples(), gain(found.samples(), reading.largest)));
        let convergence = if n_steps == search.n_steps {
            found.convergence(&on_pool)
        } else {
            found.step(&on_pool)
        };
        convergences.push(convergence);
        let step = Step {
            n_steps,
            convergence,
            sound: now,
        };
        if emit(step).is_break() {
            break;
        }
    }
    let gain = gain(found.samples(), reading.largest);
    let n_frames = shape.n_frames(n_samples);
    let again = stft.magnitudes(found.samples(), 0..n_frames, &on_pool);
    let mut again = riffusion::to_grey(&bank.forward(&again, &on_pool), &params, largest);
    if reading.white_is_loud {
        for level in &mut again.pixels {
            *level = 255 - *level;
        }
    }
    Ok(Heard {
        picture: again,
        sound: sound(found.samples(), gain),
        convergences,
        gain,
    })
}

/// The parameters of a picture: it has as many rows as it has.
fn params_for(picture: &Grey, reading: &Reading) -> Params {
    Params {
        num_frequencies: picture.height,
        ..reading.params
    }
}

/// A picture that says how loud it is keeps its loudness, as long as no sample is beyond 1; any other is
/// brought to the same.
fn gain(samples: &[f32], largest: Option<f32>) -> f32 {
    let peak = samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    if peak <= 0.0 || (largest.is_some() && peak <= 1.0) {
        1.0
    } else {
        PEAK / peak
    }
}

/// The samples of the seconds `secs` of a sound, as one channel at `rate`.
fn at_rate(sound: &Sound, secs: &Range<f64>, rate: u32) -> Result<Vec<f32>> {
    let of = |secs: f64| (secs.max(0.0) * f64::from(sound.sample_rate_hz())).round() as usize;
    let samples = sound.mono(of(secs.start)..of(secs.end))?;
    if sound.sample_rate_hz() == rate {
        return Ok(samples);
    }
    super::resampling::resample(&samples, sound.sample_rate_hz(), rate)
}
