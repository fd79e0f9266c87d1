//! The short-time Fourier transform: the frequencies of a sound, moment by moment, and the way back.
//!
//! Sample `i` of frame `t` is `window[i] · samples[t·hop + i − …]`; its spectrum has `n_fft/2 + 1` bins,
//! bin `k` at `k · sample_rate_hz / n_fft` Hz, not divided by anything: a full-scale sine on a bin has
//! magnitude Σ window / 2. The inverse adds the frames up, each multiplied with the window once more, and
//! divides by the sum of the squared windows (Griffin and Lim 1984, eq. 6), so that
//! `inverse(forward(x)) = x`. Conventions and numbers are librosa's and torch's.

use super::window::Window;
use super::{Complex32, Run, for_pieces, one_by_one};
use crate::refusal::{Refusal, Result};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::ops::Range;
use std::sync::Arc;

mod frames;
#[cfg(test)]
mod tests;

pub use frames::Bench;
pub(super) use frames::Overlap;

/// The longest transform: 24 s at 44.1 kHz.
pub const MAX_N_FFT: usize = 1 << 20;
/// Frames that are computed by one thread at a stretch.
pub(super) const BLOCK: usize = 32;

/// What lies before the first sample and after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Padding {
    /// Frame `t` is centred on sample `t·hop`, and silence lies around the sound (librosa).
    #[default]
    Zero,
    /// Frame `t` is centred on sample `t·hop`, and the sound is mirrored at its ends (torch, torchaudio).
    Reflect,
    /// Frame `t` begins at sample `t·hop`: nothing lies around the sound.
    None,
}

/// How a sound is cut into frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Samples that are transformed, of which those beyond the window are zero.
    pub n_fft: usize,
    /// Samples under the window, in the middle of those transformed; at most `n_fft`.
    pub win_length: usize,
    /// Samples from one frame to the next.
    pub hop_length: usize,
    /// What they are multiplied with.
    pub window: Window,
    /// What lies around the sound.
    pub padding: Padding,
}

impl Shape {
    /// A Hann window of `n_fft` samples, every quarter of it, centred: librosa's defaults.
    #[must_use]
    pub const fn of(n_fft: usize) -> Self {
        Self {
            n_fft,
            win_length: n_fft,
            hop_length: n_fft / 4,
            window: Window::Hann,
            padding: Padding::Zero,
        }
    }

    /// Frequencies of a frame, 0 Hz and the highest included.
    #[must_use]
    pub const fn n_bins(&self) -> usize {
        self.n_fft / 2 + 1
    }

    /// Frames of a sound of `n_samples`.
    #[must_use]
    pub const fn n_frames(&self, n_samples: usize) -> usize {
        let around = match self.padding {
            Padding::None => 0,
            Padding::Zero | Padding::Reflect => self.n_fft / 2 * 2,
        };
        let padded = n_samples + around;
        if n_samples == 0 || padded < self.n_fft {
            return 0;
        }
        1 + (padded - self.n_fft) / self.hop_length
    }

    /// Samples that `n_frames` stand for: from the first frame to the last.
    #[must_use]
    pub const fn n_samples(&self, n_frames: usize) -> usize {
        let between = n_frames.saturating_sub(1) * self.hop_length;
        match self.padding {
            Padding::None if n_frames > 0 => between + self.n_fft,
            _ => between,
        }
    }

    /// The sample under the window's first value in frame `t`; negative before the sound.
    #[must_use]
    pub const fn first_sample(&self, t: usize) -> isize {
        let centre = match self.padding {
            Padding::None => 0,
            Padding::Zero | Padding::Reflect => self.n_fft / 2,
        };
        (t * self.hop_length + self.before_window()) as isize - centre as isize
    }

    /// Zeros before the window among the samples that are transformed.
    #[must_use]
    pub const fn before_window(&self) -> usize {
        (self.n_fft - self.win_length) / 2
    }

    /// The value of the sound at sample `at`, which may lie outside it.
    #[must_use]
    pub fn sample(&self, samples: &[f32], at: isize) -> f32 {
        if at >= 0
            && let Some(&sample) = samples.get(at as usize)
        {
            return sample;
        }
        match (self.padding, samples.len()) {
            (Padding::Reflect, 1) => samples[0],
            (Padding::Reflect, n @ 2..) => {
                let period = 2 * (n as isize - 1);
                let at = at.rem_euclid(period);
                samples[at.min(period - at) as usize]
            }
            _ => 0.0,
        }
    }

    fn check(&self) -> Result<()> {
        let wrong = if !(1..=MAX_N_FFT).contains(&self.n_fft) {
            format!("It would transform {} samples at a time.", self.n_fft)
        } else if !(1..=self.n_fft).contains(&self.win_length) {
            let (window, n_fft) = (self.win_length, self.n_fft);
            format!("The window has {window} samples, and {n_fft} are transformed.")
        } else if self.hop_length == 0 {
            "A frame would begin where the one before it began: the hop is 0 samples.".to_owned()
        } else {
            return Ok(());
        };
        Err(Refusal::unchanged(
            "This spectrogram cannot be computed.",
            wrong,
            format!(
                "Choose a transform of 1 to {MAX_N_FFT} samples, a window no longer than that, and a hop of at least one sample."
            ),
        ))
    }
}

/// The spectra of all frames.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spectrum {
    /// Frequencies of a frame.
    pub n_bins: usize,
    /// Frames.
    pub n_frames: usize,
    /// `(frame, bin)`: a frame's bins lie together, the lowest first.
    pub values: Vec<Complex32>,
}

impl Spectrum {
    /// The bins of frame `t`.
    #[must_use]
    pub fn frame(&self, t: usize) -> &[Complex32] {
        &self.values[t * self.n_bins..(t + 1) * self.n_bins]
    }

    /// What a picture keeps: how strong each frequency is, `(frame, bin)`.
    #[must_use]
    pub fn magnitudes(&self) -> Vec<f32> {
        // `norm` (hypot) guards against overflow that sounds do not reach, and takes ten times as long.
        let magnitude = |c: &Complex32| c.norm_sqr().sqrt();
        self.values.iter().map(magnitude).collect()
    }
}

/// A transform, planned once and used for many sounds.
#[derive(Clone)]
pub struct Stft {
    shape: Shape,
    window: Vec<f32>,
    /// The window divided by `n_fft`, for the way back: the transforms themselves divide by nothing.
    synthesis: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl std::fmt::Debug for Stft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stft").field(&self.shape).finish()
    }
}

impl Stft {
    /// Plans the transform.
    ///
    /// # Errors
    /// A shape that has no frames: no samples, a window longer than the transform, a hop of 0.
    pub fn new(shape: Shape) -> Result<Self> {
        shape.check()?;
        let mut planner = RealFftPlanner::new();
        let window = shape.window.values(shape.win_length);
        let divided = |weight: &f32| weight / shape.n_fft as f32;
        Ok(Self {
            shape,
            synthesis: window.iter().map(divided).collect(),
            window,
            forward: planner.plan_fft_forward(shape.n_fft),
            inverse: planner.plan_fft_inverse(shape.n_fft),
        })
    }

    /// How it cuts a sound.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The window's values.
    #[must_use]
    pub fn window(&self) -> &[f32] {
        &self.window
    }

    /// Room for one frame at a time.
    #[must_use]
    pub fn bench(&self) -> Bench<'_> {
        Bench::new(self)
    }

    /// The spectra of all frames of `samples`.
    #[must_use]
    pub fn forward(&self, samples: &[f32]) -> Spectrum {
        self.forward_on(samples, &one_by_one)
    }

    /// [`Stft::forward`] on the threads of `run`.
    #[must_use]
    pub fn forward_on(&self, samples: &[f32], run: Run) -> Spectrum {
        self.frames(samples, 0..self.shape.n_frames(samples.len()), run)
    }

    /// The spectra of some frames: a part of [`Stft::forward`]'s.
    #[must_use]
    pub fn frames(&self, samples: &[f32], frames: Range<usize>, run: Run) -> Spectrum {
        let n_bins = self.shape.n_bins();
        let mut values = vec![Complex32::ZERO; n_bins * frames.len()];
        for_pieces(run, &mut values, n_bins * BLOCK, |block, values| {
            let mut bench = Bench::new(self);
            let first = frames.start + block * BLOCK;
            for (t, spectrum) in (first..).zip(values.chunks_exact_mut(n_bins)) {
                bench.forward(samples, t, spectrum);
            }
        });
        Spectrum {
            n_bins,
            n_frames: frames.len(),
            values,
        }
    }

    /// The magnitudes of some frames, `(frame, bin)`: what a picture needs, in half the memory.
    #[must_use]
    pub fn magnitudes(&self, samples: &[f32], frames: Range<usize>, run: Run) -> Vec<f32> {
        let n_bins = self.shape.n_bins();
        let mut values = vec![0.0; n_bins * frames.len()];
        for_pieces(run, &mut values, n_bins * BLOCK, |block, values| {
            let mut bench = Bench::new(self);
            let mut spectrum = vec![Complex32::ZERO; n_bins];
            let first = frames.start + block * BLOCK;
            for (t, magnitudes) in (first..).zip(values.chunks_exact_mut(n_bins)) {
                bench.forward(samples, t, &mut spectrum);
                for (magnitude, value) in magnitudes.iter_mut().zip(&spectrum) {
                    *magnitude = value.norm_sqr().sqrt();
                }
            }
        });
        values
    }

    /// The sound of `spectrum`, `n_samples` long.
    #[must_use]
    pub fn inverse(&self, spectrum: &Spectrum, n_samples: usize) -> Vec<f32> {
        self.inverse_on(spectrum, n_samples, &one_by_one)
    }

    /// [`Stft::inverse`] on the threads of `run`.
    #[must_use]
    pub fn inverse_on(&self, spectrum: &Spectrum, n_samples: usize, run: Run) -> Vec<f32> {
        Overlap::new(self, spectrum.n_frames, n_samples).samples(self, run, |t, frame| {
            frame.copy_from_slice(spectrum.frame(t));
        })
    }
}
