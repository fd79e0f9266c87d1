//! The spectrogram of any stretch of a sound, as a picture: how loud each frequency is at each moment.
//!
//! A level is `20·log₁₀(2·|c| / Σ window)` decibels, `|c|` the magnitude of a bin: a full-scale sine on a
//! bin is at 0 dB. Where a column stands for several frames, or a row for several bins, it shows the mean
//! of their squared magnitudes; of the frames of a column [`MOST_FRAMES`] are looked at, evenly spread, so
//! that an hour is drawn as fast as a minute.

use super::{Shape, Sound, Stft, Window, on_pool};
use crate::dsp::decibel;
use crate::dsp::mel::{MelBank, MelNorm, MelScale, MelShape};
use crate::dsp::stft::Bench;
use crate::refusal::{Refusal, Result};
use std::ops::Range;
use std::sync::Mutex;

#[cfg(test)]
mod tests;

/// Frames that one column is computed from, at most.
pub const MOST_FRAMES: usize = 4;
/// Columns that one thread computes at a stretch.
const BLOCK: usize = 16;

/// How rows are spaced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rows {
    /// The same hertz for every row.
    Linear,
    /// The same factor (musical interval) for every row.
    Log,
    /// One row for each mel filter.
    Mel {
        /// The scale.
        scale: MelScale,
        /// Filters.
        n_mels: usize,
    },
}

/// What is drawn, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Samples transformed, at least as many as lie under the window.
    pub n_fft: usize,
    /// Samples under the window.
    pub win_length: usize,
    /// Samples from one frame to the next.
    pub hop_length: usize,
    /// The window.
    pub window: Window,
    /// How rows are spaced.
    pub rows: Rows,
    /// The lowest frequency drawn; with [`Rows::Log`] at least 1 Hz.
    pub min_hz: f64,
    /// The highest; half the sample rate where it is beyond.
    pub max_hz: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            n_fft: 2048,
            win_length: 2048,
            hop_length: 512,
            window: Window::Hann,
            rows: Rows::Log,
            min_hz: 40.0,
            max_hz: 20_000.0,
        }
    }
}

impl Settings {
    /// How the sound is cut: centred, silence around it.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape {
            n_fft: self.n_fft,
            win_length: self.win_length,
            hop_length: self.hop_length,
            window: self.window,
            ..Shape::of(self.n_fft)
        }
    }
}

/// A spectrogram, ready to be coloured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpectrogramPicture {
    /// Rows.
    pub n_rows: usize,
    /// Columns.
    pub n_columns: usize,
    /// Decibels `(row, column)`, the highest frequency first.
    pub levels: Vec<f32>,
    /// The bins each row shows, the highest frequency first: more than one of the transform's, or the one
    /// it lies in. With mel filters, the bins under the filter.
    pub bins: Vec<Range<usize>>,
    /// The lowest and highest frequency of each row, in Hz.
    pub hz: Vec<[f64; 2]>,
    /// The frames each column shows.
    pub frames: Vec<Range<usize>>,
    /// Where the first column begins and the last one ends, in seconds: half a hop around a frame's centre.
    pub secs: [f64; 2],
}

impl SpectrogramPicture {
    /// The level of a cell.
    #[must_use]
    pub fn level(&self, row: usize, column: usize) -> f32 {
        self.levels[row * self.n_columns + column]
    }
}

/// The spectrogram of the seconds `secs` of `sound`, with at most `max_columns` columns and `max_rows` rows.
///
/// # Errors
/// Settings that give no spectrogram; the disk of a long sound fails.
pub fn picture(
    sound: &Sound,
    secs: Range<f64>,
    settings: &Settings,
    max_columns: usize,
    max_rows: usize,
) -> Result<SpectrogramPicture> {
    let shape = settings.shape();
    let stft = Stft::new(shape)?;
    let rows = RowsOfBins::new(settings, sound.sample_rate_hz(), max_rows)?;
    let rate = f64::from(sound.sample_rate_hz());
    let columns = columns(shape, sound.len(), rate, &secs, max_columns);
    let n_rows = rows.hz.len();
    // Loudness of a full-scale sine: half of it is in the frequency's negative twin.
    let full_scale = stft.window().iter().sum::<f32>() / 2.0;
    let transposed: Mutex<Vec<Vec<f32>>> = Mutex::new(vec![Vec::new(); columns.len()]);
    let failed: Mutex<Option<Refusal>> = Mutex::new(None);
    on_pool(columns.len().div_ceil(BLOCK), &|block| {
        let mut bench = stft.bench();
        let mut power = vec![0.0; shape.n_bins()];
        for c in block * BLOCK..columns.len().min((block + 1) * BLOCK) {
            match column(sound, &stft, &mut bench, &columns[c], &mut power) {
                Ok(()) => {
                    let levels = rows.levels(&power, full_scale);
                    if let Ok(mut all) = transposed.lock() {
                        all[c] = levels;
                    }
                }
                Err(refusal) => {
                    if let Ok(mut failed) = failed.lock() {
                        *failed = Some(refusal);
                    }
                    return;
                }
            }
        }
    });
    if let Ok(Some(refusal)) = failed.into_inner() {
        return Err(refusal);
    }
    let transposed = transposed.into_inner().unwrap_or_default();
    let mut levels = vec![0.0; n_rows * columns.len()];
    for (c, column) in transposed.iter().enumerate() {
        for (row, &level) in column.iter().enumerate() {
            levels[row * columns.len() + c] = level;
        }
    }
    let edge = |frame: usize, side: f64| (frame as f64 + side) * shape.hop_length as f64 / rate;
    let secs = match (columns.first(), columns.last()) {
        (Some(first), Some(last)) => [edge(first.start, -0.5), edge(last.end, -0.5)],
        _ => [secs.start, secs.end],
    };
    Ok(SpectrogramPicture {
        n_rows,
        n_columns: columns.len(),
        levels,
        bins: rows.bins,
        hz: rows.hz,
        frames: columns,
        secs,
    })
}

/// The frames of each column: those whose centres lie within `secs`, in groups where they are too many.
fn columns(
    shape: Shape,
    n_samples: usize,
    rate: f64,
    secs: &Range<f64>,
    max_columns: usize,
) -> Vec<Range<usize>> {
    let frame = |secs: f64| secs * rate / shape.hop_length as f64;
    let end = (frame(secs.end).round().max(0.0) as usize).saturating_add(1);
    let end = end.min(shape.n_frames(n_samples));
    let start = (frame(secs.start).round().max(0.0) as usize).min(end);
    let group = (end - start).div_ceil(max_columns.max(1)).max(1);
    // Groups lie at multiples of their size, so that scrolling does not change what a column shows.
    let first = start / group * group;
    (first..end)
        .step_by(group)
        .map(|at| at..(at + group).min(end))
        .collect()
}

/// The mean squared magnitude of each bin over the frames of a column that are looked at.
fn column(
    sound: &Sound,
    stft: &Stft,
    bench: &mut Bench,
    frames: &Range<usize>,
    power: &mut [f32],
) -> Result<()> {
    let shape = stft.shape();
    power.fill(0.0);
    let n = frames.len().min(MOST_FRAMES);
    for i in 0..n {
        let t = frames.start + i * frames.len() / n;
        let first = shape.first_sample(t);
        let from = usize::try_from(first).unwrap_or(0);
        let end = usize::try_from(first + shape.win_length as isize).unwrap_or(0);
        let inside = sound.mono(from..end)?;
        let before = first.min(0).unsigned_abs();
        bench.add_power(&inside, before, 1.0 / n as f32, power);
    }
    Ok(())
}

/// Which bins each row shows.
struct RowsOfBins {
    hz: Vec<[f64; 2]>,
    bins: Vec<Range<usize>>,
    bank: Option<MelBank>,
}

impl RowsOfBins {
    fn new(settings: &Settings, sample_rate_hz: u32, max_rows: usize) -> Result<Self> {
        let rate = f64::from(sample_rate_hz);
        let max_hz = settings.max_hz.min(rate / 2.0);
        let bin_hz = rate / settings.n_fft as f64;
        let n_bins = settings.n_fft / 2 + 1;
        if let Rows::Mel { scale, n_mels } = settings.rows {
            let bank = MelBank::new(MelShape {
                sample_rate_hz: rate,
                n_fft: settings.n_fft,
                n_mels,
                min_hz: settings.min_hz,
                max_hz,
                scale,
                norm: MelNorm::Peak,
            })?;
            let hz: Vec<[f64; 2]> = (0..n_mels).rev().map(|m| bank.range_hz(m)).collect();
            let under = |&[low, high]: &[f64; 2]| {
                let first = (low / bin_hz).floor() as usize + 1;
                first..((high / bin_hz).ceil() as usize).clamp(first, n_bins.max(first))
            };
            return Ok(Self {
                bins: hz.iter().map(under).collect(),
                hz,
                bank: Some(bank),
            });
        }
        let is_log = settings.rows == Rows::Log;
        let min_hz = settings.min_hz.max(if is_log { 1.0 } else { 0.0 });
        if min_hz >= max_hz || max_rows == 0 {
            return Err(Refusal::unchanged(
                "This spectrogram has no rows.",
                format!("It would go from {min_hz} Hz to {max_hz} Hz."),
                format!(
                    "Choose a range of frequencies within 0 to {} Hz.",
                    rate / 2.0
                ),
            ));
        }
        let n_bins_within = ((max_hz - min_hz) / bin_hz).round().max(1.0) as usize;
        let n_rows = if is_log {
            max_rows
        } else {
            max_rows.min(n_bins_within)
        };
        let edge = |i: usize| {
            let share = i as f64 / n_rows as f64;
            if is_log {
                min_hz * (max_hz / min_hz).powf(share)
            } else {
                min_hz + (max_hz - min_hz) * share
            }
        };
        let hz: Vec<[f64; 2]> = (0..n_rows).rev().map(|i| [edge(i), edge(i + 1)]).collect();
        let within = |&[low, high]: &[f64; 2]| {
            // A bin belongs to the row its frequency lies in; a row without one shows the nearest.
            let (first, end) = (
                (low / bin_hz).ceil() as usize,
                (high / bin_hz).ceil() as usize,
            );
            if first < end {
                first.min(n_bins - 1)..end.min(n_bins)
            } else {
                let nearest = ((low * high).sqrt() / bin_hz).round() as usize;
                nearest.min(n_bins - 1)..nearest.min(n_bins - 1) + 1
            }
        };
        Ok(Self {
            bins: hz.iter().map(within).collect(),
            hz,
            bank: None,
        })
    }

    /// The decibels of every row.
    fn levels(&self, power: &[f32], full_scale: f32) -> Vec<f32> {
        if let Some(bank) = &self.bank {
            let magnitudes: Vec<f32> = power.iter().map(|p| p.sqrt()).collect();
            let mels = bank.forward(&magnitudes, &crate::dsp::one_by_one);
            let level = |&mel: &f32| decibel::from_amplitude(mel, full_scale);
            return mels.iter().rev().map(level).collect();
        }
        let level = |bins: &Range<usize>| {
            let mean = power[bins.clone()].iter().sum::<f32>() / bins.len() as f32;
            decibel::from_amplitude(mean.sqrt(), full_scale)
        };
        self.bins.iter().map(level).collect()
    }
}
