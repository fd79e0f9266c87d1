//! The outline of a waveform at any zoom: the lowest and highest sample of every stretch.
//!
//! A pyramid: the lowest level has a pair for every 256 samples, each level above one for four of the
//! level below. So an hour has 620,000 pairs, and drawing a thousand columns of it looks at a few thousand.

use super::Sound;
use crate::refusal::Result;
use std::ops::Range;

/// Samples of the lowest level's stretches.
const BLOCK: usize = 256;
/// Stretches that one of the level above stands for.
const FACTOR: usize = 4;
/// Samples that are read at a time.
const AT_A_TIME: usize = 1 << 20;

/// The lowest and the highest sample of a stretch.
pub type Peak = [f32; 2];

/// No sample.
const NOTHING: Peak = [f32::INFINITY, f32::NEG_INFINITY];

/// The outline of a sound, of all its channels' mean.
#[derive(Debug, Clone, Default)]
pub struct Peaks {
    /// Finest first. The last stretch of a level may stand for fewer samples.
    levels: Vec<Vec<Peak>>,
    len: usize,
}

impl Peaks {
    /// Reads what `sound` has grown by since the last time.
    ///
    /// # Errors
    /// The disk of a long sound fails.
    pub fn extend(&mut self, sound: &Sound) -> Result<()> {
        let len = sound.len();
        // Stretches that were not full are done again.
        let mut from = self.len / BLOCK * BLOCK;
        while from < len {
            let to = len.min(from + AT_A_TIME);
            let samples = sound.mono(from..to)?;
            self.put(0, from / BLOCK, samples.chunks(BLOCK).map(peak).collect());
            from = to;
        }
        self.len = len;
        Ok(())
    }

    /// Writes stretches from `at` on, and what follows from them above.
    fn put(&mut self, level: usize, at: usize, stretches: Vec<Peak>) {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        self.levels[level].truncate(at);
        self.levels[level].extend(stretches);
        if self.levels[level].len() > FACTOR {
            let above = at / FACTOR;
            let below = self.levels[level][above * FACTOR..].chunks(FACTOR);
            let stretches = below.map(|four| four.iter().copied().fold(NOTHING, both));
            let stretches = stretches.collect();
            self.put(level + 1, above, stretches);
        }
    }

    /// The outline of samples `range` in `n_columns` stretches of the same length. Where a column is
    /// narrower than a sample, it is the sample it lies in; beyond the sound it is 0.
    ///
    /// # Errors
    /// As [`Peaks::extend`], where the zoom is so near that samples are read.
    pub fn columns(&self, sound: &Sound, range: Range<f64>, n_columns: usize) -> Result<Vec<Peak>> {
        let width = (range.end - range.start).max(0.0) / n_columns.max(1) as f64;
        let column = |c: usize| {
            let from = (range.start + width * c as f64).floor().max(0.0) as usize;
            let to = (range.start + width * (c + 1) as f64).floor().max(0.0) as usize;
            from.min(self.len)..to.max(from + 1).min(self.len)
        };
        if width < (2 * BLOCK) as f64 {
            let first = column(0).start;
            let samples = sound.mono(first..column(n_columns.max(1) - 1).end)?;
            let of = |range: Range<usize>| {
                let inside = samples.get(range.start - first..range.end.max(range.start) - first);
                peak(inside.unwrap_or(&[]))
            };
            return Ok((0..n_columns).map(|c| known(of(column(c)))).collect());
        }
        let of = |range: Range<usize>| {
            if range.is_empty() {
                return NOTHING;
            }
            self.between(range.start / BLOCK, range.end.div_ceil(BLOCK))
        };
        Ok((0..n_columns).map(|c| known(of(column(c)))).collect())
    }

    /// The extremes of the finest stretches `from..to`, by the coarsest levels that fit.
    fn between(&self, mut from: usize, mut to: usize) -> Peak {
        let mut found = NOTHING;
        for level in &self.levels {
            let take = |range: Range<usize>| {
                level
                    .get(range.start.min(level.len())..range.end.min(level.len()))
                    .unwrap_or(&[])
                    .iter()
                    .copied()
                    .fold(NOTHING, both)
            };
            let (up, down) = (from.next_multiple_of(FACTOR), to / FACTOR * FACTOR);
            if up >= down || level.len() <= FACTOR {
                return both(found, take(from..to));
            }
            found = both(found, both(take(from..up), take(down..to)));
            (from, to) = (up / FACTOR, down / FACTOR);
        }
        found
    }
}

fn peak(samples: &[f32]) -> Peak {
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for &sample in samples {
        low = low.min(sample);
        high = high.max(sample);
    }
    [low, high]
}

fn both(a: Peak, b: Peak) -> Peak {
    [a[0].min(b[0]), a[1].max(b[1])]
}

fn known(peak: Peak) -> Peak {
    if peak[0] <= peak[1] { peak } else { [0.0; 2] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn the_outline_at_any_zoom_is_that_of_the_samples() {
        let samples = Rng::new(0, "peaks test").normals(300_000, 0.0, 0.2);
        let sound = Sound::from_samples("noise", 44_100, 1, samples.clone());
        let mut peaks = Peaks::default();
        peaks.extend(&sound).unwrap();
        for (from, to) in [(0, 300_000), (1024, 299_008), (50_000, 50_100), (7, 20_000)] {
            let n_columns = 10;
            let columns = peaks
                .columns(&sound, from as f64..to as f64, n_columns)
                .unwrap();
            for (c, found) in columns.iter().enumerate() {
                let width = (to - from) / n_columns;
                let inside = peak(&samples[from + c * width..from + (c + 1) * width]);
                // A coarse column may reach into its neighbours by less than a stretch.
                let around = from + c * width;
                let low = around.saturating_sub(BLOCK);
                let high = (around + width + BLOCK).min(samples.len());
                let outside = peak(&samples[low..high]);
                assert!(found[0] <= inside[0] && found[1] >= inside[1], "{from} {c}");
                assert!(
                    found[0] >= outside[0] && found[1] <= outside[1],
                    "{from} {c}"
                );
            }
        }
    }

    #[test]
    fn beyond_the_sound_there_is_silence() {
        let sound = Sound::from_samples("one", 8000, 1, vec![0.5]);
        let mut peaks = Peaks::default();
        peaks.extend(&sound).unwrap();
        let columns = peaks.columns(&sound, 0.0..4.0, 4).unwrap();
        assert_eq!(columns, [[0.5, 0.5], [0.0; 2], [0.0; 2], [0.0; 2]]);
        assert_eq!(peaks.columns(&sound, 0.0..1e6, 2).unwrap()[1], [0.0; 2]);
    }
}
