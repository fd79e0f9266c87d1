//! Where the level of a cell of a spectrogram comes from: everything computed again from the samples, in
//! f64, with every term.
//!
//! A cell is one bin of one frame, `X = Σ w[n]·x[n]·e^(−i·2πkn/N)`, or, where the picture has no room for
//! each, several: then their powers are averaged over the frames and, in a row, over the bins; a mel row
//! adds the averages' roots, weighed by its filter.

use super::Sound;
use super::spectrogram::{MOST_FRAMES, Rows, Settings, SpectrogramPicture};
use crate::dsp::mel::{MelBank, MelNorm, MelShape};
use crate::refusal::Result;
use std::f64::consts::TAU;

#[cfg(test)]
mod tests;

/// One sample's part in the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// The sample's number in the sound; beside the sound there is silence.
    pub sample: isize,
    /// Its value.
    pub x: f64,
    /// What the window multiplies it with.
    pub window: f64,
    /// `2πkn/N`, within one turn.
    pub angle: f64,
}

impl Term {
    /// What it adds to the real part and to the imaginary one.
    #[must_use]
    pub fn adds(&self) -> [f64; 2] {
        let product = self.window * self.x;
        [product * self.angle.cos(), -product * self.angle.sin()]
    }
}

/// One bin of one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    /// Which frame.
    pub frame: usize,
    /// Which bin.
    pub bin: usize,
    /// The sample in the middle of the frame.
    pub middle: usize,
    /// Every term under the window.
    pub terms: Vec<Term>,
    /// The real part of the sum.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Sum {
    /// Computes it from the samples.
    ///
    /// # Errors
    /// The disk of a long sound fails.
    pub fn of(sound: &Sound, settings: &Settings, frame: usize, bin: usize) -> Result<Self> {
        let shape = settings.shape();
        let samples = under_window(sound, settings, frame)?;
        let first = shape.first_sample(frame);
        let n_fft = shape.n_fft;
        let term = |(i, x): (usize, &f64)| Term {
            sample: first + i as isize,
            x: *x,
            window: settings.window.at(i, shape.win_length),
            // Whole turns are left out before anything is rounded.
            angle: TAU * (bin * (shape.before_window() + i) % n_fft) as f64 / n_fft as f64,
        };
        let terms: Vec<Term> = samples.iter().enumerate().map(term).collect();
        let [mut re, mut im] = [0.0; 2];
        for term in &terms {
            let [a, b] = term.adds();
            re += a;
            im += b;
        }
        Ok(Self {
            frame,
            bin,
            middle: frame * shape.hop_length,
            terms,
            re,
            im,
        })
    }

    /// The length of the sum.
    #[must_use]
    pub fn magnitude(&self) -> f64 {
        self.re.hypot(self.im)
    }

    /// Its angle, in radians.
    #[must_use]
    pub fn phase(&self) -> f64 {
        self.im.atan2(self.re)
    }
}

/// One bin of a cell, over its frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which bin.
    pub bin: usize,
    /// What it counts: one over their number, or the mel filter's weight.
    pub weight: f64,
    /// Its magnitude in each frame.
    pub magnitudes: Vec<f64>,
}

impl Part {
    /// The mean of its power over the frames.
    #[must_use]
    pub fn power(&self) -> f64 {
        let sum: f64 = self.magnitudes.iter().map(|it| it * it).sum();
        sum / self.magnitudes.len().max(1) as f64
    }
}

/// A cell of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The frames of its column that were looked at.
    pub frames: Vec<usize>,
    /// Frames that its column stands for.
    pub n_frames: usize,
    /// The bins of its row.
    pub parts: Vec<Part>,
    /// Whether its row is a mel filter.
    pub is_mel: bool,
    /// Half the sum of the window: a sine of full scale.
    pub full_scale: f64,
    /// The sum of its loudest part.
    pub loudest: Sum,
}

impl Cell {
    /// Computes a cell of `picture`, which was made with `settings`.
    ///
    /// # Errors
    /// As [`Sum::of`].
    pub fn of(
        sound: &Sound,
        settings: &Settings,
        picture: &SpectrogramPicture,
        [row, column]: [usize; 2],
    ) -> Result<Self> {
        let frames = picture.frames.get(column).cloned().unwrap_or(0..1);
        let bins = picture.bins.get(row).cloned().unwrap_or(0..1);
        let n = frames.len().clamp(1, MOST_FRAMES);
        let looked: Vec<usize> = (0..n)
            .map(|i| frames.start + i * frames.len() / n)
            .collect();
        let bank = mel_bank(settings, sound.sample_rate_hz())?;
        let even = 1.0 / bins.len().max(1) as f64;
        let weight = |bin: usize| match &bank {
            Some(bank) => f64::from(bank.weight(bank.shape().n_mels - 1 - row, bin)),
            None => even,
        };
        let mut parts: Vec<Part> = bins
            .map(|bin| Part {
                bin,
                weight: weight(bin),
                magnitudes: Vec::with_capacity(n),
            })
            .collect();
        let mut loudest = (f64::NEG_INFINITY, frames.start, 0);
        let turns = Turns::new(settings.n_fft);
        for &frame in &looked {
            let windowed = windowed(sound, settings, frame)?;
            for part in &mut parts {
                let magnitude = turns.magnitude(&windowed, part.bin);
                part.magnitudes.push(magnitude);
                if magnitude * part.weight > loudest.0 {
                    loudest = (magnitude * part.weight, frame, part.bin);
                }
            }
        }
        let window = (0..settings.win_length).map(|i| settings.window.at(i, settings.win_length));
        Ok(Self {
            frames: looked,
            n_frames: frames.len(),
            parts,
            is_mel: bank.is_some(),
            full_scale: window.sum::<f64>() / 2.0,
            loudest: Sum::of(sound, settings, loudest.1, loudest.2)?,
        })
    }

    /// What the level is the logarithm of.
    #[must_use]
    pub fn amplitude(&self) -> f64 {
        if self.is_mel {
            let weighed = self.parts.iter().map(|it| it.weight * it.power().sqrt());
            return weighed.sum();
        }
        let powers = self.parts.iter().map(|it| it.weight * it.power());
        powers.sum::<f64>().sqrt()
    }

    /// `20·log₁₀(amplitude / full scale)`; −200 dB and less count alike.
    #[must_use]
    pub fn level_db(&self) -> f64 {
        20.0 * (self.amplitude().max(1e-10) / self.full_scale).log10()
    }
}

/// The filters of a mel picture.
fn mel_bank(settings: &Settings, sample_rate_hz: u32) -> Result<Option<MelBank>> {
    let Rows::Mel { scale, n_mels } = settings.rows else {
        return Ok(None);
    };
    let rate = f64::from(sample_rate_hz);
    let bank = MelBank::new(MelShape {
        sample_rate_hz: rate,
        n_fft: settings.n_fft,
        n_mels,
        min_hz: settings.min_hz,
        max_hz: settings.max_hz.min(rate / 2.0),
        scale,
        norm: MelNorm::Peak,
    })?;
    Ok(Some(bank))
}

/// The samples under the window of a frame; beside the sound there is silence.
fn under_window(sound: &Sound, settings: &Settings, frame: usize) -> Result<Vec<f64>> {
    let shape = settings.shape();
    let first = shape.first_sample(frame);
    let from = first.max(0) as usize;
    let end = (first + shape.win_length as isize).max(0) as usize;
    let inside = sound.mono(from.min(end)..end)?;
    let mut samples = vec![0.0; shape.win_length];
    let before = (from as isize - first) as usize;
    for (to, &x) in samples.iter_mut().skip(before).zip(&inside) {
        *to = f64::from(x);
    }
    Ok(samples)
}

/// The samples of a frame as they are transformed: windowed, in the middle of zeros.
fn windowed(sound: &Sound, settings: &Settings, frame: usize) -> Result<Vec<f64>> {
    let shape = settings.shape();
    let samples = under_window(sound, settings, frame)?;
    let mut all = vec![0.0; shape.n_fft];
    for (i, x) in samples.iter().enumerate() {
        all[shape.before_window() + i] = x * settings.window.at(i, shape.win_length);
    }
    Ok(all)
}

/// The cosines and sines of all angles that occur.
struct Turns {
    turns: Vec<[f64; 2]>,
}

impl Turns {
    fn new(n: usize) -> Self {
        let turn = |i: usize| (TAU * i as f64 / n as f64).sin_cos();
        let turns = (0..n).map(turn).map(|(sin, cos)| [cos, sin]);
        Self {
            turns: turns.collect(),
        }
    }

    /// `|Σ x[n]·e^(−i·2πkn/N)|`.
    fn magnitude(&self, samples: &[f64], bin: usize) -> f64 {
        let n = self.turns.len();
        let (mut re, mut im, mut at) = (0.0, 0.0, 0);
        for x in samples {
            let [cos, sin] = self.turns[at];
            re += x * cos;
            im -= x * sin;
            at += bin;
            if at >= n {
                at -= n;
            }
        }
        re.hypot(im)
    }
}
