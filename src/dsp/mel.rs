//! Frequencies as the ear spaces them: filters that are narrow where we hear pitch finely and wide above.
//!
//! Filter `m` is a triangle that rises from `edges[m]` to `edges[m + 1]` and falls to `edges[m + 2]`; the
//! edges are evenly spaced on the mel scale. So a bin lies under at most two filters, neighbours, and that
//! is how they are kept here. Numbers are librosa's (`filters.mel`) and torchaudio's (`melscale_fbanks`).

use super::{Run, for_pieces};
use crate::refusal::{Refusal, Result};

#[cfg(test)]
mod tests;

/// How many mels a frequency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MelScale {
    /// Slaney's Auditory Toolbox (1998): linear to 1 kHz, logarithmic above; librosa's usual one.
    #[default]
    Slaney,
    /// O'Shaughnessy's formula as in the Hidden Markov Model Toolkit: `2595·log₁₀(1 + f/700)`.
    Htk,
}

/// Where Slaney's scale turns logarithmic.
const BREAK_HZ: f64 = 1000.0;
/// Slaney's linear part: 3 mels for 200 Hz.
const HZ_PER_MEL: f64 = 200.0 / 3.0;
/// Slaney's logarithmic part: 27 mels for a factor of 6.4.
const LOG_STEP: f64 = 0.068_751_777_420_949_12;

impl MelScale {
    /// The mels of a frequency.
    #[must_use]
    pub fn from_hz(self, hz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
            Self::Slaney if hz < BREAK_HZ => hz / HZ_PER_MEL,
            Self::Slaney => BREAK_HZ / HZ_PER_MEL + (hz / BREAK_HZ).ln() / LOG_STEP,
        }
    }

    /// The frequency of a number of mels.
    #[must_use]
    pub fn to_hz(self, mel: f64) -> f64 {
        let break_mel = BREAK_HZ / HZ_PER_MEL;
        match self {
            Self::Htk => 700.0 * (10f64.powf(mel / 2595.0) - 1.0),
            Self::Slaney if mel < break_mel => mel * HZ_PER_MEL,
            Self::Slaney => BREAK_HZ * (LOG_STEP * (mel - break_mel)).exp(),
        }
    }
}

/// How high the triangles are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MelNorm {
    /// Each has area 1 over frequency in Hz, so that noise is equally strong in all (librosa's usual one).
    #[default]
    Area,
    /// Each peaks at 1 (torchaudio's and Riffusion's).
    Peak,
}

/// Which filters there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelShape {
    /// Samples a second.
    pub sample_rate_hz: f64,
    /// Samples of a transform.
    pub n_fft: usize,
    /// Filters.
    pub n_mels: usize,
    /// Where the lowest begins.
    pub min_hz: f64,
    /// Where the highest ends; at most half the sample rate.
    pub max_hz: f64,
    /// How they are spaced.
    pub scale: MelScale,
    /// How high they are.
    pub norm: MelNorm,
}

/// The weights that one bin has under the two filters it can lie under.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    /// The filter that falls over it; the one that rises over it is the next.
    filter: usize,
    falling: f32,
    rising: f32,
}

/// The filters.
#[derive(Debug, Clone)]
pub struct MelBank {
    shape: MelShape,
    /// The edges in Hz: two more than filters.
    edges: Vec<f64>,
    /// From the first bin under a filter.
    bins: Vec<Bin>,
    first_bin: usize,
    n_bins: usize,
    /// `A·Aᵀ`, in which each filter overlaps only the next: its diagonal and the one beside it.
    overlap: Vec<(f32, f32)>,
}

impl MelBank {
    /// Makes the filters.
    ///
    /// # Errors
    /// No filter, or a range of frequencies that is empty or beyond half the sample rate.
    pub fn new(shape: MelShape) -> Result<Self> {
        let half = shape.sample_rate_hz / 2.0;
        let range = shape.min_hz >= 0.0 && shape.min_hz < shape.max_hz && shape.max_hz <= half;
        if !range || shape.n_mels == 0 || shape.n_mels > 1 << 16 || shape.n_fft < 2 {
            return Err(Refusal::unchanged(
                "These mel filters cannot be made.",
                format!(
                    "{} filters from {} Hz to {} Hz were asked for, of a sound with {} samples a second.",
                    shape.n_mels, shape.min_hz, shape.max_hz, shape.sample_rate_hz
                ),
                format!("Choose at least one filter, and a range within 0 to {half} Hz."),
            ));
        }
        let (low, high) = (
            shape.scale.from_hz(shape.min_hz),
            shape.scale.from_hz(shape.max_hz),
        );
        let step = (high - low) / (shape.n_mels + 1) as f64;
        let edges: Vec<f64> = (0..shape.n_mels + 2)
            .map(|i| shape.scale.to_hz(low + step * i as f64))
            .collect();
        Ok(Self::with_edges(shape, edges))
    }

    fn with_edges(shape: MelShape, edges: Vec<f64>) -> Self {
        let n_bins = shape.n_fft / 2 + 1;
        let hz = |bin: usize| bin as f64 * shape.sample_rate_hz / shape.n_fft as f64;
        let n_mels = shape.n_mels;
        let height = |filter: usize| match shape.norm {
            MelNorm::Area => 2.0 / (edges[filter + 2] - edges[filter]),
            MelNorm::Peak => 1.0,
        };
        let under = |bin: &usize| hz(*bin) > edges[0] && hz(*bin) < edges[n_mels + 1];
        let range: Vec<usize> = (0..n_bins).filter(under).collect();
        let mut overlap = vec![(0.0f32, 0.0f32); n_mels];
        let weights = |&bin: &usize| {
            // The bin lies between `edges[between]` and the next: under the rising side of filter
            // `between` and the falling side of the one before it.
            let between = edges.partition_point(|&edge| edge <= hz(bin)) - 1;
            let share = (hz(bin) - edges[between]) / (edges[between + 1] - edges[between]);
            let rising = if between < n_mels {
                share * height(between)
            } else {
                0.0
            };
            let falling = if between > 0 {
                (1.0 - share) * height(between - 1)
            } else {
                0.0
            };
            let (rising, falling) = (rising as f32, falling as f32);
            if between < n_mels {
                overlap[between].0 += rising * rising;
            }
            if between > 0 {
                overlap[between - 1].0 += falling * falling;
                overlap[between - 1].1 += falling * rising;
            }
            // Filter 0 has none before it: its bins are kept as if filter 0 fell over them with weight
            // `rising`, and the last filter likewise has none after it.
            match between {
                0 => Bin {
                    filter: 0,
                    falling: rising,
                    rising: 0.0,
                },
                _ => Bin {
                    filter: between - 1,
                    falling,
                    rising,
                },
            }
        };
        let bins = range.iter().map(weights).collect();
        Self {
            shape,
            bins,
            first_bin: range.first().copied().unwrap_or(0),
            n_bins,
            overlap,
            edges,
        }
    }

    /// Which filters they are.
    #[must_use]
    pub fn shape(&self) -> &MelShape {
        &self.shape
    }

    /// The frequency where filter `m` peaks, in Hz.
    #[must_use]
    pub fn centre_hz(&self, m: usize) -> f64 {
        self.edges[m + 1]
    }

    /// The frequencies where filter `m` begins and ends, in Hz.
    #[must_use]
    pub fn range_hz(&self, m: usize) -> [f64; 2] {
        [self.edges[m], self.edges[m + 2]]
    }

    /// How much bin `bin` counts in filter `m`.
    #[must_use]
    pub fn weight(&self, m: usize, bin: usize) -> f32 {
        let index = bin.wrapping_sub(self.first_bin);
        self.bins.get(index).map_or(0.0, |bin| {
            let falling = if bin.filter == m { bin.falling } else { 0.0 };
            let rising = if bin.filter + 1 == m { bin.rising } else { 0.0 };
            falling + rising
        })
    }

    /// What the filters let through of the magnitudes `(frame, bin)`: `(frame, mel)`.
    #[must_use]
    pub fn forward(&self, magnitudes: &[f32], run: Run) -> Vec<f32> {
        let n_mels = self.shape.n_mels;
        let mut mels = vec![0.0; magnitudes.len() / self.n_bins * n_mels];
        for_pieces(run, &mut mels, n_mels * 32, |block, mels| {
            let frames = magnitudes[block * 32 * self.n_bins..].chunks_exact(self.n_bins);
            for (mels, frame) in mels.chunks_exact_mut(n_mels).zip(frames) {
                self.gather(&frame[self.first_bin..], mels);
            }
        });
        mels
    }

    /// Magnitudes `(frame, bin)` that give `mels` `(frame, mel)`, none negative, nothing outside the
    /// filters' range.
    ///
    /// Many spectra give the same mels. The smallest (`Aᵀ(AAᵀ)⁻¹·mels`, its negative values set to 0) is
    /// torchaudio's `InverseMelScale`; `n_steps` of projected gradient descent with Nesterov's momentum
    /// then bring it to the best fit without negative values, librosa's `nnls`.
    #[must_use]
    pub fn back(&self, mels: &[f32], n_steps: usize, run: Run) -> Vec<f32> {
        let n_mels = self.shape.n_mels;
        let mut magnitudes = vec![0.0; mels.len() / n_mels * self.n_bins];
        for_pieces(run, &mut magnitudes, self.n_bins * 32, |block, frames| {
            let mels = mels[block * 32 * n_mels..].chunks_exact(n_mels);
            for (frame, mels) in frames.chunks_exact_mut(self.n_bins).zip(mels) {
                let range = self.first_bin..self.first_bin + self.bins.len();
                self.fit(mels, &mut frame[range], n_steps);
            }
        });
        magnitudes
    }

    fn fit(&self, mels: &[f32], magnitudes: &mut [f32], n_steps: usize) {
        self.spread(
            &self.solve(mels),
            |_, value, at: &mut f32| *at = value.max(0.0),
            magnitudes,
        );
        // No eigenvalue of AAᵀ exceeds its largest row sum (Gershgorin).
        let row = |m: usize| {
            let before = m
                .checked_sub(1)
                .map_or(0.0, |before| self.overlap[before].1);
            before + self.overlap[m].0 + self.overlap[m].1
        };
        let largest = (0..self.overlap.len()).map(row).fold(0.0, f32::max);
        if n_steps == 0 || largest <= 0.0 {
            return;
        }
        let mut before = magnitudes.to_vec();
        let mut ahead = magnitudes.to_vec();
        let mut missing = vec![0.0; mels.len()];
        for step in 0..n_steps {
            self.gather(&ahead, &mut missing);
            for (missing, &mel) in missing.iter_mut().zip(mels) {
                *missing = (mel - *missing) / largest;
            }
            let momentum = step as f32 / (step as f32 + 3.0);
            self.spread(
                &missing,
                |i, change, at: &mut f32| {
                    *at = (ahead[i] + change).max(0.0);
                },
                magnitudes,
            );
            for ((ahead, before), &now) in ahead.iter_mut().zip(&mut before).zip(&*magnitudes) {
                *ahead = now + momentum * (now - *before);
                *before = now;
            }
        }
    }

    /// `A·values`, for values from the first bin under the filters on.
    fn gather(&self, values: &[f32], mels: &mut [f32]) {
        mels.fill(0.0);
        for (bin, &value) in self.bins.iter().zip(values) {
            mels[bin.filter] += bin.falling * value;
            if let Some(next) = mels.get_mut(bin.filter + 1) {
                *next += bin.rising * value;
            }
        }
    }

    /// `Aᵀ·mels`, given to `put(index, value, place)` bin by bin.
    fn spread(&self, mels: &[f32], put: impl Fn(usize, f32, &mut f32), into: &mut [f32]) {
        for ((i, bin), at) in self.bins.iter().enumerate().zip(into) {
            let next = mels.get(bin.filter + 1).copied().unwrap_or(0.0);
            put(i, bin.falling * mels[bin.filter] + bin.rising * next, at);
        }
    }

    /// `(AAᵀ)⁻¹·mels` by elimination, row after row: each row names only its neighbours (Thomas 1949).
    /// A filter so narrow that it lies over no bin has weight 0.
    fn solve(&self, mels: &[f32]) -> Vec<f32> {
        let n = mels.len();
        let mut above = vec![0.0f64; n];
        let mut values = vec![0.0f64; n];
        for m in 0..n {
            let (diagonal, beside) = (f64::from(self.overlap[m].0), f64::from(self.overlap[m].1));
            let (before, carried, value) = match m.checked_sub(1) {
                Some(b) => (f64::from(self.overlap[b].1), above[b], values[b]),
                None => (0.0, 0.0, 0.0),
            };
            let pivot = diagonal - before * carried;
            if pivot > diagonal * 1e-9 {
                above[m] = beside / pivot;
                values[m] = (f64::from(mels[m]) - before * value) / pivot;
            }
        }
        for m in (1..n).rev() {
            values[m - 1] -= above[m - 1] * values[m];
        }
        values.into_iter().map(|value| value as f32).collect()
    }
}
