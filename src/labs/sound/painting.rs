//! Painting on a spectrogram: magnitudes change, phases stay, and only the sound under the stroke is
//! computed again.
//!
//! What is erased or made louder keeps its phase. Where something is painted on silence there is no phase
//! to keep: a bin then gets that of a steady tone of its frequency, `2π·k·s/N` at the frame that begins with
//! sample `s`, and a start of its own, so that the tones of a stroke do not all peak at once. A melody is
//! made as a wave and its transform added. [`vocoder`](super::vocoder) stretches and shifts.

use super::{Complex32, Padding, Shape, Sound, Spectrum, Stft, Window, on_pool};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use std::f64::consts::TAU;
use std::ops::Range;

mod strokes;
#[cfg(test)]
mod tests;

pub use strokes::{Dab, Stroke};

/// Samples under the window.
const WIN_LENGTH: usize = 2048;
/// Samples from one frame to the next.
const HOP_LENGTH: usize = 512;
/// The longest sound that is painted on.
pub const MOST_SECS: f64 = 60.0;
/// Strokes that can be taken back.
const MOST_UNDO: usize = 100;

/// A sound that is painted on: its transform, and the samples it stands for.
#[derive(Debug)]
pub struct Canvas {
    stft: Stft,
    rate_hz: u32,
    spectrum: Spectrum,
    samples: Vec<f32>,
    /// The angle at which each bin's tone begins.
    starts: Vec<f32>,
    done: Vec<Patch>,
    undone: Vec<Patch>,
    n_strokes: u64,
}

/// What was there before: all the bins of some frames.
#[derive(Debug)]
struct Patch {
    first_frame: usize,
    values: Vec<Complex32>,
}

impl Canvas {
    /// The sound as one channel, at most [`MOST_SECS`] of it.
    ///
    /// # Errors
    /// A sound without samples, or a disk that fails.
    pub fn of(sound: &Sound) -> Result<Self> {
        let rate_hz = sound.sample_rate_hz();
        let most = (MOST_SECS * f64::from(rate_hz)) as usize;
        let samples = sound.mono(0..sound.len().min(most))?;
        Self::new(samples, rate_hz)
    }

    /// Samples of one channel.
    ///
    /// # Errors
    /// No samples.
    pub fn new(samples: Vec<f32>, rate_hz: u32) -> Result<Self> {
        if samples.is_empty() {
            return Err(Refusal::unchanged(
                "There is nothing to paint on",
                "The sound has no samples.",
                "Choose another sound, or record one.",
            ));
        }
        let stft = Stft::new(Shape {
            n_fft: WIN_LENGTH,
            win_length: WIN_LENGTH,
            hop_length: HOP_LENGTH,
            window: Window::Hann,
            padding: Padding::Zero,
        })?;
        let spectrum = stft.forward_on(&samples, &on_pool);
        let mut rng = Rng::new(0, "painted tones");
        let start = |_| (rng.uniform() * TAU) as f32;
        let starts = (0..spectrum.n_bins).map(start).collect();
        Ok(Self {
            stft,
            rate_hz,
            spectrum,
            samples,
            starts,
            done: Vec::new(),
            undone: Vec::new(),
            n_strokes: 0,
        })
    }

    /// The sound as it is now.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Samples a second.
    #[must_use]
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// How long it is.
    #[must_use]
    pub fn secs(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate_hz)
    }

    /// Frames of the transform.
    #[must_use]
    pub fn n_frames(&self) -> usize {
        self.spectrum.n_frames
    }

    /// Bins of a frame.
    #[must_use]
    pub fn n_bins(&self) -> usize {
        self.spectrum.n_bins
    }

    /// One number of the transform.
    #[must_use]
    pub fn value(&self, frame: usize, bin: usize) -> Complex32 {
        self.spectrum.values[frame * self.spectrum.n_bins + bin]
    }

    /// Strokes that can be taken back, and that can be done again.
    #[must_use]
    pub fn n_undo(&self) -> [usize; 2] {
        [self.done.len(), self.undone.len()]
    }

    /// Takes the last stroke back. Returns the samples that changed.
    pub fn undo(&mut self) -> Option<Range<usize>> {
        let patch = self.done.pop()?;
        let (now, changed) = self.put(&patch);
        self.undone.push(now);
        Some(changed)
    }

    /// Does again what was taken back. Returns the samples that changed.
    pub fn redo(&mut self) -> Option<Range<usize>> {
        let patch = self.undone.pop()?;
        let (now, changed) = self.put(&patch);
        self.done.push(now);
        Some(changed)
    }

    /// Paints. Returns the samples that changed.
    pub fn paint(&mut self, stroke: &Stroke) -> Range<usize> {
        let frames = stroke.frames(self);
        if frames.is_empty() {
            return 0..0;
        }
        self.n_strokes += 1;
        let patch = self.patch(frames.clone());
        self.done.push(patch);
        if self.done.len() > MOST_UNDO {
            self.done.remove(0);
        }
        self.undone.clear();
        stroke.apply(self, frames.clone());
        self.listen(frames)
    }

    /// Other samples in the place of all: stretched or shifted. There is no way back but by opening the
    /// sound again.
    ///
    /// # Errors
    /// No samples.
    pub fn replaced(&self, samples: Vec<f32>) -> Result<Self> {
        Self::new(samples, self.rate_hz)
    }

    fn patch(&self, frames: Range<usize>) -> Patch {
        let n = self.spectrum.n_bins;
        Patch {
            first_frame: frames.start,
            values: self.spectrum.values[frames.start * n..frames.end * n].to_vec(),
        }
    }

    /// Puts what was there before in its place; gives what was there.
    fn put(&mut self, patch: &Patch) -> (Patch, Range<usize>) {
        let n = self.spectrum.n_bins;
        let frames = patch.first_frame..patch.first_frame + patch.values.len() / n;
        let now = self.patch(frames.clone());
        self.spectrum.values[frames.start * n..frames.end * n].copy_from_slice(&patch.values);
        (now, self.listen(frames))
    }

    /// Computes the samples under some frames again.
    fn listen(&mut self, frames: Range<usize>) -> Range<usize> {
        // A sample hears the frames whose windows lie over it; as many more on both sides make whole all
        // that is kept.
        let reach = WIN_LENGTH / HOP_LENGTH;
        let n_frames = self.spectrum.n_frames;
        let from = frames.start.saturating_sub(2 * reach);
        let to = (frames.end + 2 * reach).min(n_frames);
        let n = self.spectrum.n_bins;
        let part = Spectrum {
            n_bins: n,
            n_frames: to - from,
            values: self.spectrum.values[from * n..to * n].to_vec(),
        };
        let all = self.samples.len();
        let first = from * HOP_LENGTH;
        let end = if to == n_frames {
            all
        } else {
            (to - 1) * HOP_LENGTH
        };
        let heard = self
            .stft
            .inverse_on(&part, end.saturating_sub(first), &on_pool);
        let kept_from = if from == 0 {
            0
        } else {
            (from + reach) * HOP_LENGTH
        };
        let kept_to = if to == n_frames {
            all
        } else {
            end - reach * HOP_LENGTH
        };
        let kept = kept_from.min(all)..kept_to.clamp(kept_from.min(all), all);
        let there = &heard[kept.start - first..kept.end - first];
        self.samples[kept.clone()].copy_from_slice(there);
        kept
    }

    /// What a steady tone on a bin adds to a frame, at an amplitude of 1.
    fn tone(&self, frame: usize, bin: usize) -> Complex32 {
        let first = self.stft.shape().first_sample(frame);
        let turns = (bin as f64 * first as f64 / WIN_LENGTH as f64).fract();
        let angle = (turns * TAU) as f32 + self.starts[bin];
        Complex32::from_polar(self.full_scale(), angle)
    }

    /// The magnitude of a sine of full scale.
    fn full_scale(&self) -> f32 {
        self.stft.window().iter().sum::<f32>() / 2.0
    }

    /// Frames a second.
    fn frames_per_sec(&self) -> f64 {
        f64::from(self.rate_hz) / HOP_LENGTH as f64
    }

    /// Bins a hertz.
    fn bins_per_hz(&self) -> f64 {
        WIN_LENGTH as f64 / f64::from(self.rate_hz)
    }
}
