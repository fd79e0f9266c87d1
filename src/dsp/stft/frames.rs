//! One frame at a time, and how the frames of a sound are laid over one another again.

use super::{BLOCK, Stft};
use crate::dsp::{Complex32, Run, for_pieces};

/// What one thread needs for its frames: made once for a block of them.
#[derive(Debug)]
pub struct Bench<'a> {
    stft: &'a Stft,
    time: Vec<f32>,
    scratch: Vec<Complex32>,
    spectrum: Vec<Complex32>,
}

impl<'a> Bench<'a> {
    pub(in crate::dsp) fn new(stft: &'a Stft) -> Self {
        let n_scratch = stft
            .forward
            .get_scratch_len()
            .max(stft.inverse.get_scratch_len());
        Self {
            stft,
            time: vec![0.0; stft.shape.n_fft],
            scratch: vec![Complex32::ZERO; n_scratch],
            spectrum: vec![Complex32::ZERO; stft.shape.n_bins()],
        }
    }

    /// The spectrum of frame `t` of `samples`.
    pub(in crate::dsp) fn forward(&mut self, samples: &[f32], t: usize, into: &mut [Complex32]) {
        let shape = self.stft.shape;
        let first = shape.first_sample(t);
        let inside = usize::try_from(first)
            .ok()
            .and_then(|first| samples.get(first..first + shape.win_length));
        if let Some(inside) = inside {
            self.transform(inside.iter().copied(), into);
        } else {
            let samples = (first..).map(|at| shape.sample(samples, at));
            self.transform(samples, into);
        }
    }

    /// Adds to `power` the squared magnitudes, times `factor`, of the frame whose window lies over
    /// `n_before` zeros, then `samples`, then zeros.
    pub fn add_power(&mut self, samples: &[f32], n_before: usize, factor: f32, power: &mut [f32]) {
        let zeros = || std::iter::repeat(0.0);
        let under_window = zeros().take(n_before).chain(samples.iter().copied());
        let mut spectrum = std::mem::take(&mut self.spectrum);
        self.transform(under_window.chain(zeros()), &mut spectrum);
        for (power, value) in power.iter_mut().zip(&spectrum) {
            *power += value.norm_sqr() * factor;
        }
        self.spectrum = spectrum;
    }

    /// The spectrum of what lies under the window.
    fn transform(&mut self, samples: impl Iterator<Item = f32>, into: &mut [Complex32]) {
        let (head, rest) = self.time.split_at_mut(self.stft.shape.before_window());
        let (under_window, tail) = rest.split_at_mut(self.stft.shape.win_length);
        head.fill(0.0); // the transform uses its input as scratch
        tail.fill(0.0);
        for ((value, sample), &weight) in
            under_window.iter_mut().zip(samples).zip(&self.stft.window)
        {
            *value = sample * weight;
        }
        let n = self.stft.forward.get_scratch_len();
        let scratch = &mut self.scratch[..n];
        let done = self
            .stft
            .forward
            .process_with_scratch(&mut self.time, into, scratch);
        debug_assert!(done.is_ok(), "{done:?}");
    }

    /// Adds the sound of `spectrum`, times the window, to `sound`. The spectrum is used up.
    pub(in crate::dsp) fn add_inverse(&mut self, spectrum: &mut [Complex32], sound: &mut [f32]) {
        let shape = &self.stft.shape;
        // The spectrum of real samples is real at 0 Hz and at half the sample rate.
        if let Some(lowest) = spectrum.first_mut() {
            lowest.im = 0.0;
        }
        if shape.n_fft.is_multiple_of(2)
            && let Some(highest) = spectrum.last_mut()
        {
            highest.im = 0.0;
        }
        let n = self.stft.inverse.get_scratch_len();
        let done = self.stft.inverse.process_with_scratch(
            spectrum,
            &mut self.time,
            &mut self.scratch[..n],
        );
        debug_assert!(done.is_ok(), "{done:?}");
        let frame = self.time[shape.before_window()..].iter();
        for ((sum, &value), &weight) in sound.iter_mut().zip(frame).zip(&self.stft.synthesis) {
            *sum += value * weight;
        }
    }
}

/// Frames laid over one another: where each goes, and what the sum is divided by.
///
/// Frames are summed by blocks first, each by one thread, and then the blocks: so the sum does not
/// depend on how many threads there are.
#[derive(Debug)]
pub(in crate::dsp) struct Overlap {
    n_frames: usize,
    /// 1 / Σ window², or 1 where no frame reaches.
    scales: Vec<f32>,
}

impl Overlap {
    pub(in crate::dsp) fn new(stft: &Stft, n_frames: usize, n_samples: usize) -> Self {
        let shape = &stft.shape;
        let mut sums = vec![0.0f32; n_samples];
        for t in 0..n_frames {
            let (from, skipped) = inside(shape.first_sample(t), n_samples);
            let window = stft.window.iter().skip(skipped);
            for (sum, &weight) in sums[from..].iter_mut().zip(window) {
                *sum += weight * weight;
            }
        }
        for sum in &mut sums {
            *sum = if *sum > f32::MIN_POSITIVE {
                sum.recip()
            } else {
                1.0
            };
        }
        Self {
            n_frames,
            scales: sums,
        }
    }

    /// Blocks of frames.
    pub(in crate::dsp) fn n_blocks(&self) -> usize {
        self.n_frames.div_ceil(BLOCK)
    }

    /// The frames of a block.
    pub(in crate::dsp) fn frames(&self, block: usize) -> std::ops::Range<usize> {
        block * BLOCK..self.n_frames.min((block + 1) * BLOCK)
    }

    /// Room for the sound of a block.
    pub(in crate::dsp) fn room(stft: &Stft) -> Vec<f32> {
        vec![0.0; (BLOCK - 1) * stft.shape.hop_length + stft.shape.win_length]
    }

    /// Sums the blocks into `samples`.
    pub(in crate::dsp) fn merge<'a>(
        &self,
        stft: &Stft,
        blocks: impl Iterator<Item = &'a [f32]>,
        samples: &mut [f32],
    ) {
        samples.fill(0.0);
        for (block, sound) in blocks.enumerate() {
            let first = stft.shape.first_sample(block * BLOCK);
            let (from, skipped) = inside(first, samples.len());
            let sound = sound.iter().skip(skipped);
            for (sample, &value) in samples[from..].iter_mut().zip(sound) {
                *sample += value;
            }
        }
        for (sample, &scale) in samples.iter_mut().zip(&self.scales) {
            *sample *= scale;
        }
    }

    /// The sound of frames whose spectra `frame(t, spectrum)` writes.
    pub(in crate::dsp) fn samples(
        &self,
        stft: &Stft,
        run: Run,
        frame: impl Fn(usize, &mut [Complex32]) + Sync,
    ) -> Vec<f32> {
        let mut blocks = vec![Vec::new(); self.n_blocks()];
        for_pieces(run, &mut blocks, 1, |block, piece| {
            let mut bench = Bench::new(stft);
            let mut spectrum = vec![Complex32::ZERO; stft.shape.n_bins()];
            let mut sound = Self::room(stft);
            for (i, t) in self.frames(block).enumerate() {
                frame(t, &mut spectrum);
                bench.add_inverse(&mut spectrum, &mut sound[i * stft.shape.hop_length..]);
            }
            piece[0] = sound;
        });
        let mut samples = vec![0.0; self.scales.len()];
        self.merge(stft, blocks.iter().map(Vec::as_slice), &mut samples);
        samples
    }
}

/// Where something that begins at `first` begins among `n` samples, and how much of it lies before them.
fn inside(first: isize, n: usize) -> (usize, usize) {
    let from = usize::try_from(first).unwrap_or(0).min(n);
    (from, first.min(0).unsigned_abs())
}
