//! What can be played: samples that are read a piece at a time.

use std::sync::Arc;

/// Samples in frames of one sample per channel, −1..=1. Read from the speaker's own thread, never from
/// the callback of the device.
pub trait Source: Send + Sync {
    /// Frames a second.
    fn sample_rate_hz(&self) -> u32;

    /// Samples in a frame: 1 is mono, 2 left and right, 6 and 8 as in a WAV file (5.1, 7.1).
    fn n_channels(&self) -> usize;

    /// Frames there are so far.
    fn n_frames(&self) -> usize;

    /// Whether frames are still being added: a file that is being read.
    fn is_growing(&self) -> bool {
        false
    }

    /// Writes the frames from `first` on into `frames`, whose length is a whole number of frames, and
    /// returns how many there were.
    fn read(&self, first: usize, frames: &mut [f32]) -> usize;
}

/// A sound in memory.
#[derive(Clone)]
pub struct Clip {
    samples: Arc<[f32]>,
    n_channels: usize,
    sample_rate_hz: u32,
}

impl std::fmt::Debug for Clip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Clip");
        out.field("n_channels", &self.n_channels);
        out.field("sample_rate_hz", &self.sample_rate_hz);
        out.finish_non_exhaustive()
    }
}

impl Clip {
    /// Frames of `n_channels` samples each, one after the other; a last frame that is not whole is left
    /// out.
    #[must_use]
    pub fn new(samples: Arc<[f32]>, n_channels: usize, sample_rate_hz: u32) -> Self {
        Self {
            samples,
            n_channels: n_channels.max(1),
            sample_rate_hz: sample_rate_hz.max(1),
        }
    }

    /// One channel.
    #[must_use]
    pub fn mono(samples: impl Into<Arc<[f32]>>, sample_rate_hz: u32) -> Self {
        Self::new(samples.into(), 1, sample_rate_hz)
    }

    /// The samples, frame after frame.
    #[must_use]
    pub fn samples(&self) -> &Arc<[f32]> {
        &self.samples
    }
}

impl Source for Clip {
    fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    fn n_channels(&self) -> usize {
        self.n_channels
    }

    fn n_frames(&self) -> usize {
        self.samples.len() / self.n_channels
    }

    fn read(&self, first: usize, frames: &mut [f32]) -> usize {
        let n = (frames.len() / self.n_channels).min(self.n_frames().saturating_sub(first));
        let from = first * self.n_channels;
        let there = self.samples.get(from..from + n * self.n_channels);
        if let Some(there) = there {
            frames[..there.len()].copy_from_slice(there);
        }
        n
    }
}
