//! Sounds: WAV, FLAC, MP3 and Ogg Vorbis become samples between −1 and 1, whatever their names end in.
//!
//! A short sound lies in memory. A long one is decoded into a file without a name, which the operating
//! system removes with the program: its beginning can be used while the rest is still being decoded, and
//! an hour takes no more memory than a minute.

mod bytes;
mod decode;
pub mod exif;
mod store;
#[cfg(test)]
mod tests;
pub mod wav;

pub use decode::{Outline, of_bytes, open, outline};

use crate::refusal::{Refusal, Result};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// Samples a second that a sound may have.
pub const SAMPLE_RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=768_000;
/// Channels that a sound may have.
pub const MAX_CHANNELS: usize = 32;

/// A sound, or as much of it as has been decoded. Clones are the same sound, and grow together.
#[derive(Debug, Clone)]
pub struct Sound {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    path: Option<PathBuf>,
    sample_rate_hz: u32,
    n_channels: usize,
    store: Store,
    /// Samples of each channel that can be read.
    len: AtomicUsize,
    /// Samples of each channel that the file says it has.
    expected: Option<usize>,
    whole: AtomicBool,
    notes: Mutex<Vec<String>>,
}

impl Sound {
    /// A sound in memory: `interleaved` has the first sample of every channel, then the second, ….
    #[must_use]
    pub fn from_samples(
        name: &str,
        sample_rate_hz: u32,
        n_channels: usize,
        interleaved: Vec<f32>,
    ) -> Self {
        let n_channels = n_channels.max(1);
        let len = interleaved.len() / n_channels;
        let sound = Self::begin(
            name,
            None,
            (sample_rate_hz, n_channels),
            Store::Memory(interleaved),
            Some(len),
        );
        sound.grow_to(len);
        sound.finish();
        sound
    }

    fn begin(
        name: &str,
        path: Option<&Path>,
        (sample_rate_hz, n_channels): (u32, usize),
        store: Store,
        expected: Option<usize>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                path: path.map(Path::to_owned),
                sample_rate_hz,
                n_channels,
                store,
                len: AtomicUsize::new(0),
                expected,
                whole: AtomicBool::new(false),
                notes: Mutex::new(Vec::new()),
            }),
        }
    }

    fn grow_to(&self, len: usize) {
        self.inner.len.store(len, Ordering::Release);
    }

    fn finish(&self) {
        self.inner.whole.store(true, Ordering::Release);
    }

    fn note(&self, note: String) {
        let mut notes = self
            .inner
            .notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        notes.push(note);
    }

    /// Its name, safe to show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where it was read from, if it was.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// Samples a second.
    #[must_use]
    pub fn sample_rate_hz(&self) -> u32 {
        self.inner.sample_rate_hz
    }

    /// Channels: 1 mono, 2 stereo, ….
    #[must_use]
    pub fn n_channels(&self) -> usize {
        self.inner.n_channels
    }

    /// Samples of each channel that can be read now; it grows until [`Sound::is_whole`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len.load(Ordering::Acquire)
    }

    /// Whether nothing can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all of it has been decoded.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.inner.whole.load(Ordering::Acquire)
    }

    /// Samples of each channel that it will have, as far as is known.
    #[must_use]
    pub fn expected_len(&self) -> usize {
        if self.is_whole() {
            return self.len();
        }
        self.inner.expected.unwrap_or(0).max(self.len())
    }

    /// Its length in seconds, as far as is known.
    #[must_use]
    pub fn secs(&self) -> f64 {
        self.expected_len() as f64 / f64::from(self.sample_rate_hz())
    }

    /// What was met while it was decoded: damaged pieces, values that are no numbers, ….
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let notes = self
            .inner
            .notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        notes.clone()
    }

    /// Whether its samples lie in memory: reading them cannot fail and takes no time.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        matches!(self.inner.store, Store::Memory(_))
    }

    /// Samples `range` of all channels, interleaved; what lies beyond [`Sound::len`] is left out.
    ///
    /// # Errors
    /// The disk fails.
    pub fn interleaved(&self, range: Range<usize>) -> Result<Vec<f32>> {
        let end = range.end.min(self.len());
        let range = range.start.min(end)..end;
        let n = self.n_channels();
        let read = self.inner.store.read(range.start * n..range.end * n);
        read.map_err(|error| {
            Refusal::unchanged(
                format!("`{}` cannot be read any more.", self.name()),
                format!("Its decoded samples are on the disk, and reading them failed: {error}."),
                "Check the disk of the folder for temporary files, and open the sound again.",
            )
        })
    }

    /// Samples `range` as one channel: the mean of all.
    ///
    /// # Errors
    /// As [`Sound::interleaved`].
    pub fn mono(&self, range: Range<usize>) -> Result<Vec<f32>> {
        let interleaved = self.interleaved(range)?;
        let n = self.n_channels();
        if n == 1 {
            return Ok(interleaved);
        }
        let mean = |frame: &[f32]| frame.iter().sum::<f32>() / n as f32;
        Ok(interleaved.chunks_exact(n).map(mean).collect())
    }
}
