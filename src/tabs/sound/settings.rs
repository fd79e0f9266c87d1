//! How a spectrogram is made, as a person chooses it, and where a frequency stands on it.

use crate::labs::sound::spectrogram::{Rows, Settings as OfLab};
use crate::labs::sound::{MelScale, Window};
use crate::widgets::time_span::nice_step;
use serde::{Deserialize, Serialize};

/// Windows to choose from, in samples.
pub(super) const LENGTHS: [usize; 8] = [128, 256, 512, 1024, 2048, 4096, 8192, 16_384];
/// Frames to a window's length.
pub(super) const OVERLAPS: [usize; 5] = [1, 2, 4, 8, 16];
/// Mel filters to choose from.
pub(super) const MELS: std::ops::RangeInclusive<usize> = 16..=256;
/// What may be the highest frequency shown.
pub(super) const TOPS_HZ: std::ops::RangeInclusive<f64> = 500.0..=24_000.0;
/// The lowest frequency of a picture by octaves, which has no 0 Hz: about the lowest that is heard.
const LOWEST_LOG_HZ: f64 = 20.0;

/// How frequencies are spread over the height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scale {
    Linear,
    Log,
    Mel,
}

impl Scale {
    /// What its button says, and the sentence that teaches.
    pub(super) const ALL: [(Self, &'static str, &'static str); 3] = [
        (
            Self::Linear,
            "Linear",
            "Every 1,000 Hz are as high as the next: the harmonics of a tone stand evenly.",
        ),
        (
            Self::Log,
            "Log",
            "Every octave is as high as the next: a melody keeps its shape wherever it is played.",
        ),
        (
            Self::Mel,
            "Mel",
            "As far apart as they sound: evenly up to 1,000 Hz, by octaves above. Each row is a filter that adds up what lies under it; models learn from such pictures.",
        ),
    ];
}

/// What a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    pub(super) win_length: usize,
    /// Frames that begin within a window's length.
    pub(super) overlap: usize,
    #[serde(with = "window_name")]
    pub(super) window: Window,
    pub(super) scale: Scale,
    pub(super) n_mels: usize,
    pub(super) max_hz: f64,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            win_length: 2048,
            overlap: 8,
            window: Window::Hann,
            scale: Scale::Log,
            n_mels: 128,
            max_hz: 16_000.0,
        }
    }
}

/// A window is kept by its name.
mod window_name {
    use super::Window;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(super) fn serialize<S: Serializer>(window: &Window, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(window.name())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Window, D::Error> {
        let name = String::deserialize(from)?;
        let known = Window::ALL.into_iter().find(|it| it.name() == name);
        Ok(known.unwrap_or_default())
    }
}

impl Chosen {
    /// As they may be: a file of settings could say anything.
    pub(super) fn checked(self) -> Self {
        let is_known = LENGTHS.contains(&self.win_length)
            && OVERLAPS.contains(&self.overlap)
            && MELS.contains(&self.n_mels)
            && TOPS_HZ.contains(&self.max_hz);
        if is_known { self } else { Self::default() }
    }

    /// Samples from one frame to the next.
    pub(super) fn hop_length(&self) -> usize {
        self.win_length / self.overlap
    }

    /// The lowest and the highest frequency shown of a sound of this rate.
    pub(super) fn range_hz(&self, rate_hz: f64) -> [f64; 2] {
        let high = self.max_hz.min(rate_hz / 2.0);
        let low = match self.scale {
            Scale::Log => LOWEST_LOG_HZ.min(high / 2.0),
            Scale::Linear | Scale::Mel => 0.0,
        };
        [low, high]
    }

    /// The same, as the lab takes it.
    pub(super) fn of_lab(&self, rate_hz: f64) -> OfLab {
        let [min_hz, max_hz] = self.range_hz(rate_hz);
        OfLab {
            n_fft: self.win_length,
            win_length: self.win_length,
            hop_length: self.hop_length(),
            window: self.window,
            rows: match self.scale {
                Scale::Linear => Rows::Linear,
                Scale::Log => Rows::Log,
                Scale::Mel => Rows::Mel {
                    scale: MelScale::Slaney,
                    n_mels: self.n_mels,
                },
            },
            min_hz,
            max_hz,
        }
    }

    /// The share of the height at which a frequency stands, 0 at the bottom.
    pub(super) fn share(&self, hz: f64, rate_hz: f64) -> f64 {
        let range = self.range_hz(rate_hz);
        let [low, high] = range.map(|hz| self.height(hz));
        let share = (self.height(hz) - low) / (high - low);
        if self.scale == Scale::Mel {
            // Row m is the filter that peaks m + 1 steps up of n + 1.
            let n = self.n_mels as f64;
            return (share * (n + 1.0) - 0.5) / n;
        }
        share
    }

    /// The frequency at a share of the height.
    pub(super) fn at(&self, share: f64, rate_hz: f64) -> f64 {
        let range = self.range_hz(rate_hz);
        let [low, high] = range.map(|hz| self.height(hz));
        let share = if self.scale == Scale::Mel {
            let n = self.n_mels as f64;
            (share * n + 0.5) / (n + 1.0)
        } else {
            share
        };
        let height = low + (high - low) * share;
        match self.scale {
            Scale::Linear => height,
            Scale::Log => height.exp2(),
            Scale::Mel => MelScale::Slaney.to_hz(height),
        }
    }

    /// Numbers for the frequency axis, about as many as there is room for: the share of the height and the
    /// number with its unit.
    pub(super) fn ticks(&self, rate_hz: f64, room: f32) -> Vec<(f32, String)> {
        let [low, high] = self.range_hz(rate_hz);
        let all: Vec<f64> = if self.scale == Scale::Linear {
            let step = nice_step(high / f64::from(room.max(1.0)));
            let all = (0..).map(|i| f64::from(i) * step);
            all.take_while(|hz| *hz <= high).collect()
        } else {
            let by_octaves = [
                0.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0,
            ];
            by_octaves.into()
        };
        let mut ticks: Vec<(f32, String)> = Vec::new();
        let least = 0.8 / room.max(1.0);
        for hz in all.into_iter().filter(|hz| (low..=high).contains(hz)) {
            let share = self.share(hz, rate_hz).clamp(0.0, 1.0) as f32;
            if ticks.last().is_none_or(|(last, _)| share - last >= least) {
                let text = if hz >= 1000.0 {
                    format!("{} kHz", hz / 1000.0)
                } else {
                    format!("{hz:.0} Hz")
                };
                ticks.push((share, text));
            }
        }
        ticks
    }

    /// How high a frequency stands, in a unit of the scale's own.
    fn height(&self, hz: f64) -> f64 {
        match self.scale {
            Scale::Linear => hz,
            Scale::Log => hz.max(1.0).log2(),
            Scale::Mel => MelScale::Slaney.from_hz(hz),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::sound::made::Made;
    use crate::labs::sound::spectrogram::picture;

    #[test]
    fn a_frequency_stands_in_the_row_that_shows_it() {
        let sound = Made::Sweep.sound(0);
        for (scale, ..) in Scale::ALL {
            let chosen = Chosen {
                scale,
                ..Chosen::default()
            };
            let rate = f64::from(sound.sample_rate_hz());
            let picture = picture(&sound, 0.0..0.5, &chosen.of_lab(rate), 50, 300).unwrap();
            for (row, [low, high]) in picture.hz.iter().enumerate() {
                let share = 1.0 - (row as f64 + 0.5) / picture.n_rows as f64;
                let hz = chosen.at(share, rate);
                assert!((*low..=*high).contains(&hz), "{scale:?} {row}: {hz}");
                assert!((chosen.share(hz, rate) - share).abs() < 1e-9);
            }
        }
        // An octave is as high as the next.
        let chosen = Chosen::default();
        let share = |hz: f64| chosen.share(hz, 44_100.0);
        assert!((share(200.0) - share(100.0) - (share(8000.0) - share(4000.0))).abs() < 1e-9);
    }

    #[test]
    fn the_axis_has_numbers_that_do_not_touch() {
        for (scale, ..) in Scale::ALL {
            let chosen = Chosen {
                scale,
                ..Chosen::default()
            };
            let ticks = chosen.ticks(44_100.0, 12.0);
            assert!(ticks.len() >= 5, "{scale:?}: {ticks:?}");
            assert!(ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 > 0.05));
        }
    }

    #[test]
    fn settings_that_nobody_could_choose_are_not_taken() {
        let odd = Chosen {
            win_length: 0,
            ..Chosen::default()
        };
        assert_eq!(odd.checked(), Chosen::default());
        let kept = serde_json::to_value(Chosen::default()).unwrap();
        let again: Chosen = serde_json::from_value(kept).unwrap();
        assert_eq!(again, Chosen::default());
    }
}
