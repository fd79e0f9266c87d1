//! The missing half: a spectrogram says how strong each frequency is and not where its waves begin (the
//! phase). Griffin and Lim (1984) find a phase that fits: turn the picture into sound, look at the sound's
//! own spectrogram, keep its phase, put the picture's magnitudes back, and again. With momentum (Perraudin,
//! Balazs and Søndergaard 2013) each step goes on a little in the direction of the last.
//!
//! Letters: S the magnitudes given, c the spectrum of the sound, α = momentum/(1 + momentum).
//!
//! ```text
//! sound = inverse(S · phase)          c = forward(sound)
//! phase = c − α·c_before, divided by its own magnitude
//! ```
//!
//! After n steps the sound is that of `librosa.griffinlim(n_iter=n)`. Both transforms of a frame, and what
//! lies between them, are done in one go, while its spectrum is in the processor's cache.

use super::stft::{BLOCK, Bench, Overlap, Stft};
use super::{Complex32, Run, for_pieces};
use crate::rng::Rng;
use std::f64::consts::TAU;

#[cfg(test)]
mod tests;

/// What Riffusion and librosa use.
pub const USUAL_MOMENTUM: f32 = 0.99;

/// The phase that is begun with.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// 0 everywhere: every wave at its crest in the middle of each frame.
    Zero,
    /// Any, by this seed.
    Random(u64),
    /// These spectra's, `(frame, bin)`; their magnitudes do not count.
    Of(&'a [Complex32]),
}

/// A search for the phase of a spectrogram.
#[derive(Debug)]
pub struct GriffinLim {
    stft: Stft,
    /// S, `(frame, bin)`.
    magnitudes: Vec<f32>,
    /// √Σ S².
    norm: f64,
    alpha: f32,
    overlap: Overlap,
    parts: Vec<Part>,
    samples: Vec<f32>,
    n_steps: usize,
}

/// What belongs to one block of frames.
#[derive(Debug)]
struct Part {
    /// The sound of its frames alone.
    sound: Vec<f32>,
    /// The spectrum of the step before, which momentum starts from; empty without momentum.
    before: Vec<Complex32>,
    /// Σ (|c| − S)² over its frames.
    error: f64,
}

impl GriffinLim {
    /// Begins with `start`: [`GriffinLim::samples`] is then the sound of that phase. `magnitudes` is S,
    /// `(frame, bin)`, not negative; `n_samples` is how long the sound will be.
    #[must_use]
    pub fn new(
        stft: &Stft,
        magnitudes: Vec<f32>,
        n_samples: usize,
        start: Start,
        momentum: f32,
        run: Run,
    ) -> Self {
        let n_bins = stft.shape().n_bins();
        let overlap = Overlap::new(stft, magnitudes.len() / n_bins, n_samples);
        let n_before = if momentum > 0.0 { BLOCK * n_bins } else { 0 };
        let part = |block| Part {
            sound: Overlap::room(stft),
            before: vec![Complex32::ZERO; n_before.min(overlap.frames(block).len() * n_bins)],
            error: 0.0,
        };
        let norm = magnitudes
            .iter()
            .map(|&s| f64::from(s) * f64::from(s))
            .sum::<f64>()
            .sqrt();
        let mut search = Self {
            stft: stft.clone(),
            norm,
            alpha: momentum / (1.0 + momentum),
            parts: (0..overlap.n_blocks()).map(part).collect(),
            overlap,
            magnitudes,
            samples: vec![0.0; n_samples],
            n_steps: 0,
        };
        search.begin(start, run);
        search
    }

    fn begin(&mut self, start: Start, run: Run) {
        let n_bins = self.stft.shape().n_bins();
        let (stft, overlap, magnitudes) = (&self.stft, &self.overlap, &self.magnitudes);
        for_pieces(run, &mut self.parts, 1, |block, part| {
            let mut bench = Bench::new(stft);
            let mut spectrum = vec![Complex32::ZERO; n_bins];
            // A stream of its own for each block, so that threads change no number.
            let mut rng = match start {
                Start::Random(seed) => Some(Rng::new(seed, &format!("phase of block {block}"))),
                Start::Zero | Start::Of(_) => None,
            };
            for (i, t) in overlap.frames(block).enumerate() {
                let frame = t * n_bins..(t + 1) * n_bins;
                for (k, (value, &magnitude)) in spectrum
                    .iter_mut()
                    .zip(&magnitudes[frame.clone()])
                    .enumerate()
                {
                    let phase = match (&start, &mut rng) {
                        (_, Some(rng)) => Complex32::from_polar(1.0, (rng.uniform() * TAU) as f32),
                        (Start::Of(spectra), None) => unit(spectra[frame.start + k]),
                        _ => Complex32::ONE,
                    };
                    *value = phase * magnitude;
                }
                let at = i * stft.shape().hop_length;
                bench.add_inverse(&mut spectrum, &mut part[0].sound[at..]);
            }
        });
        self.merge();
    }

    /// How many steps were made.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// The sound after the steps made so far.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// One step. Gives the spectral convergence of the sound before it, which the step comes by.
    pub fn step(&mut self, run: Run) -> f64 {
        self.visit(run, true);
        self.merge();
        self.n_steps += 1;
        self.convergence_of_visit()
    }

    /// The spectral convergence of [`GriffinLim::samples`]: how far the spectrogram of the sound is from
    /// the picture, `‖ |c| − S ‖ / ‖S‖`: 0 is a perfect fit, and silence is at 1. 0 where S is 0.
    pub fn convergence(&mut self, run: Run) -> f64 {
        self.visit(run, false);
        self.convergence_of_visit()
    }

    fn convergence_of_visit(&self) -> f64 {
        let error: f64 = self.parts.iter().map(|part| part.error).sum();
        if self.norm > 0.0 {
            error.sqrt() / self.norm
        } else {
            0.0
        }
    }

    /// Looks at the spectrum of every frame, and, if it is to `change`, makes each block's next sound.
    fn visit(&mut self, run: Run, change: bool) {
        let n_bins = self.stft.shape().n_bins();
        let hop_length = self.stft.shape().hop_length;
        let (stft, overlap, samples, alpha) =
            (&self.stft, &self.overlap, &self.samples, self.alpha);
        let magnitudes = &self.magnitudes;
        for_pieces(run, &mut self.parts, 1, |block, part| {
            let Part {
                sound,
                before,
                error,
            } = &mut part[0];
            let mut bench = Bench::new(stft);
            let mut c = vec![Complex32::ZERO; n_bins];
            *error = 0.0;
            if change {
                sound.fill(0.0);
            }
            for (i, t) in overlap.frames(block).enumerate() {
                bench.forward(samples, t, &mut c);
                let s = &magnitudes[t * n_bins..(t + 1) * n_bins];
                *error += f64::from(squared_error(&c, s));
                if change {
                    match before.get_mut(i * n_bins..(i + 1) * n_bins) {
                        Some(before) => follow(&mut c, s, before, alpha),
                        None => follow_alone(&mut c, s),
                    }
                    bench.add_inverse(&mut c, &mut sound[i * hop_length..]);
                }
            }
        });
    }

    fn merge(&mut self) {
        let sounds = self.parts.iter().map(|part| part.sound.as_slice());
        self.overlap.merge(&self.stft, sounds, &mut self.samples);
    }
}

/// `phase = c − α·c_before, divided by its own magnitude`, times S, in place of `c`.
fn follow(c: &mut [Complex32], s: &[f32], before: &mut [Complex32], alpha: f32) {
    for ((c, &s), before) in c.iter_mut().zip(s).zip(before) {
        let ahead = *c - *before * alpha;
        *before = *c;
        *c = ahead * (s / (ahead.norm_sqr().sqrt() + f32::MIN_POSITIVE));
    }
}

/// The same without momentum.
fn follow_alone(c: &mut [Complex32], s: &[f32]) {
    for (c, &s) in c.iter_mut().zip(s) {
        *c *= s / (c.norm_sqr().sqrt() + f32::MIN_POSITIVE);
    }
}

/// `Σ (|c| − S)²`, in eight running sums, which become vector instructions.
fn squared_error(c: &[Complex32], s: &[f32]) -> f32 {
    let error = |c: &Complex32, s: &f32| {
        let off = c.norm_sqr().sqrt() - s;
        off * off
    };
    let (cs, ss) = (c.chunks_exact(8), s.chunks_exact(8));
    let rest: f32 = cs
        .remainder()
        .iter()
        .zip(ss.remainder())
        .map(|(c, s)| error(c, s))
        .sum();
    let mut sums = [0.0f32; 8];
    for (c, s) in cs.zip(ss) {
        for ((sum, c), s) in sums.iter_mut().zip(c).zip(s) {
            *sum += error(c, s);
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// The direction of `c`; 1 where it has none.
fn unit(c: Complex32) -> Complex32 {
    let norm = c.norm();
    if norm > 0.0 && norm.is_finite() {
        c / norm
    } else {
        Complex32::ONE
    }
}
