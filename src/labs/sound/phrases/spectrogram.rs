//! A phrase as a picture of 128 × 128 bytes, and a picture as a phrase.
//!
//! Column `t` is a Fourier transform of 4096 samples under a Hann window, centred on sample `1024·t`;
//! row `r`, counted from the top, the `127 − r`th of 128 mel filters from 30 Hz to 10 kHz (Slaney's, area
//! 1, on magnitudes). A byte is a level: 255 the loudest cell of the phrase, 0 what is [`RANGE_DB`] or
//! more below it.

use super::{N_SAMPLES, SAMPLE_RATE_HZ, SIDE};
use crate::dsp::griffin_lim::{GriffinLim, Start, USUAL_MOMENTUM};
use crate::dsp::mel::{MelBank, MelNorm, MelScale, MelShape};
use crate::dsp::stft::{Padding, Shape, Stft};
use crate::dsp::window::Window;
use crate::dsp::{Run, decibel, one_by_one};
use crate::refusal::Result;
use std::ops::ControlFlow;

/// Samples of a transform.
pub const N_FFT: usize = 4096;
/// Samples from one column to the next.
pub const HOP_LENGTH: usize = N_SAMPLES / SIDE;
/// Where the lowest filter begins and the highest ends.
pub const RANGE_HZ: [f64; 2] = [30.0, 10_000.0];
/// Decibels from the loudest cell to black.
pub const RANGE_DB: f32 = 64.0;
/// Samples that a transform reaches beyond the phrase, on either side.
pub const MARGIN: usize = N_FFT / 2;

/// Steps that bring mel levels back to frequencies ([`MelBank::back`]).
const N_MEL_STEPS: usize = 50;
/// Columns that are put around the picture on the way back: the phrase is a loop.
const N_AROUND: usize = 2;
/// How loud the sound of a picture is at its loudest.
const PEAK: f32 = 0.9;

/// Goes from sound to picture and back.
#[derive(Debug)]
pub struct Spectrograph {
    stft: Stft,
    bank: MelBank,
}

/// A sound on its way out of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Sounding {
    /// [`HOP_LENGTH`] samples for each column; its end goes over into its beginning.
    pub samples: Vec<f32>,
    /// Spectral convergence of Griffin-Lim's last step: 0 would be a perfect fit.
    pub convergence: f64,
}

impl Spectrograph {
    /// Plans the transforms.
    ///
    /// # Errors
    /// None: the shapes are fixed.
    pub fn new() -> Result<Self> {
        Ok(Self {
            stft: Stft::new(Shape {
                n_fft: N_FFT,
                win_length: N_FFT,
                hop_length: HOP_LENGTH,
                window: Window::Hann,
                padding: Padding::None,
            })?,
            bank: MelBank::new(MelShape {
                sample_rate_hz: SAMPLE_RATE_HZ.into(),
                n_fft: N_FFT,
                n_mels: SIDE,
                min_hz: RANGE_HZ[0],
                max_hz: RANGE_HZ[1],
                scale: MelScale::Slaney,
                norm: MelNorm::Area,
            })?,
        })
    }

    /// The picture of a phrase that has [`MARGIN`] samples more at both ends, row by row.
    #[must_use]
    pub fn picture(&self, samples: &[f32]) -> Vec<u8> {
        let magnitudes = self.stft.magnitudes(samples, 0..SIDE, &one_by_one);
        let levels = self.bank.forward(&magnitudes, &one_by_one); // (column, filter)
        let loudest = levels.iter().copied().fold(0.0, f32::max);
        let mut picture = vec![0; SIDE * SIDE];
        if loudest <= 0.0 {
            return picture;
        }
        for (t, column) in levels.chunks_exact(SIDE).enumerate() {
            for (filter, &level) in column.iter().enumerate() {
                let db = decibel::from_amplitude(level, loudest);
                let byte = (255.0 * (1.0 + db / RANGE_DB)).round();
                picture[(SIDE - 1 - filter) * SIDE + t] = byte as u8;
            }
        }
        picture
    }

    /// The sound of a picture of [`SIDE`] rows: its levels −1..=1 (black to white), row by row, are
    /// brought back to frequencies, and Griffin and Lim look for a phase, from one drawn by `seed`, in
    /// `n_iterations` steps. `go_on` is asked after each; `None` when it says no.
    pub fn sound(
        &self,
        levels: &[f32],
        n_iterations: usize,
        seed: u64,
        run: Run,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Option<Sounding> {
        let width = levels.len() / SIDE;
        let n_columns = width + 2 * N_AROUND;
        let mut mels = Vec::with_capacity(n_columns * SIDE);
        for t in 0..n_columns {
            let t = (t + N_AROUND * (width - 1)) % width;
            let column = (0..SIDE).rev().map(|row| levels[row * width + t]);
            mels.extend(column.map(amplitude));
        }
        let magnitudes = self.bank.back(&mels, N_MEL_STEPS, run);
        let n_samples = self.stft.shape().n_samples(n_columns);
        let start = Start::Random(seed);
        let mut search = GriffinLim::new(
            &self.stft,
            magnitudes,
            n_samples,
            start,
            USUAL_MOMENTUM,
            run,
        );
        for _ in 0..n_iterations {
            search.step(run);
            if go_on().is_break() {
                return None;
            }
        }
        let convergence = search.convergence(run);
        let first = N_AROUND * HOP_LENGTH + MARGIN;
        let mut samples = search.samples()[first..first + width * HOP_LENGTH].to_vec();
        let peak = samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()));
        if peak > 0.0 {
            for sample in &mut samples {
                *sample *= PEAK / peak;
            }
        }
        Some(Sounding {
            samples,
            convergence,
        })
    }
}

/// How high in a picture a frequency is: 0 at its lower edge, 1 at its upper one.
#[must_use]
pub fn height_of(hz: f64) -> f32 {
    let [low, high] = RANGE_HZ.map(|hz| MelScale::Slaney.from_hz(hz));
    let part = (MelScale::Slaney.from_hz(hz) - low) / (high - low);
    ((part * (SIDE + 1) as f64 - 0.5) / SIDE as f64) as f32
}

/// The frequency that row `row` of a picture is about, in Hz.
#[must_use]
pub fn row_hz(row: usize) -> f64 {
    let [low, high] = RANGE_HZ.map(|hz| MelScale::Slaney.from_hz(hz));
    let part = (SIDE - row) as f64 / (SIDE + 1) as f64;
    MelScale::Slaney.to_hz(low + part * (high - low))
}

/// The amplitude of a level −1..=1, where 1 is that of the loudest. Black is silence.
fn amplitude(level: f32) -> f32 {
    if level <= -1.0 {
        return 0.0;
    }
    decibel::to_amplitude((level.min(1.0) - 1.0) / 2.0 * RANGE_DB, 1.0)
}
