//! The sound that the views of the chapter work on.

use super::player::Track;
use crate::jobs::speaker::{Clip, Source};
use crate::labs::sound::Sound;
use crate::labs::sound::opening::Opened;
use crate::labs::sound::peaks::Peaks;
use eframe::egui::Id;
use std::ops::Range;
use std::sync::Arc;

/// A sound on the desk.
#[derive(Debug, Clone)]
pub(super) struct InUse {
    /// Another sound has another number.
    pub(super) number: u64,
    /// The same sound with other samples has another version.
    pub(super) version: u64,
    /// Its samples: it may still grow.
    pub(super) sound: Sound,
    /// Its outline.
    pub(super) peaks: Arc<Peaks>,
}

impl InUse {
    pub(super) fn new(number: u64, opened: Opened) -> Self {
        Self {
            number,
            version: 0,
            sound: opened.sound,
            peaks: opened.peaks,
        }
    }

    /// Samples a second.
    pub(super) fn rate_hz(&self) -> f64 {
        f64::from(self.sound.sample_rate_hz())
    }

    /// It, to be played.
    pub(super) fn track(&self) -> Track {
        Track {
            id: self.id(),
            name: self.sound.name().to_owned(),
            source: Arc::new(Playable(self.sound.clone())),
        }
    }

    /// Some of its samples, to be played as a sound of their own.
    pub(super) fn part(&self, samples: Range<usize>, id: Id) -> Track {
        let n = self.sound.n_channels();
        // A disk that fails is silence here.
        let samples = self.sound.interleaved(samples).unwrap_or_default();
        let clip = Clip::new(samples.into(), n, self.sound.sample_rate_hz());
        Track {
            id,
            name: self.sound.name().to_owned(),
            source: Arc::new(clip),
        }
    }

    /// What the player knows it by.
    pub(super) fn id(&self) -> Id {
        Id::unique(("the sound in use", self.number))
    }
}

/// A sound as the speaker reads it.
#[derive(Debug)]
pub(super) struct Playable(pub(super) Sound);

impl Source for Playable {
    fn sample_rate_hz(&self) -> u32 {
        self.0.sample_rate_hz()
    }

    fn n_channels(&self) -> usize {
        self.0.n_channels()
    }

    fn n_frames(&self) -> usize {
        self.0.len()
    }

    fn is_growing(&self) -> bool {
        !self.0.is_whole()
    }

    fn read(&self, first: usize, frames: &mut [f32]) -> usize {
        let n = frames.len() / self.n_channels();
        // A disk that fails is silence here; the views tell of it.
        let there = self.0.interleaved(first..first.saturating_add(n));
        let there = there.unwrap_or_default();
        frames[..there.len()].copy_from_slice(&there);
        there.len() / self.n_channels()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_read_as_it_was_written() {
        let samples = vec![0.5, -0.5, 1.0, 0.0, 0.25, 0.75];
        let sound = Playable(Sound::from_samples("three", 8000, 2, samples));
        let mut frames = [9.0; 6];
        assert_eq!(sound.read(1, &mut frames), 2);
        assert_eq!(frames[..4], [1.0, 0.0, 0.25, 0.75]);
        assert_eq!(sound.read(3, &mut frames), 0);
        assert_eq!(sound.read(7, &mut frames), 0);
    }
}
