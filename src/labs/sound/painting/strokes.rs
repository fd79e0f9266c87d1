//! What a hand does to the picture.

use super::{Canvas, Complex32, HOP_LENGTH, Range, Rng, TAU, WIN_LENGTH, on_pool};

/// One place of a stroke.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dab {
    /// When.
    pub secs: f64,
    /// Which frequency.
    pub hz: f64,
}

/// A stroke: where the hand went, and with what.
#[derive(Debug, Clone, PartialEq)]
pub enum Stroke {
    /// Tones at least as loud as `db` of full scale under the brush; what is louder stays.
    Brush {
        /// Where the hand went.
        path: Vec<Dab>,
        /// Half the brush: seconds and octaves.
        radius: [f64; 2],
        /// Its level in dB of full scale.
        db: f64,
    },
    /// Silence under the brush.
    Erase {
        /// Where the hand went.
        path: Vec<Dab>,
        /// Half the brush: seconds and octaves.
        radius: [f64; 2],
    },
    /// Noise of `db` under the brush, added to what is there.
    Noise {
        /// Where the hand went.
        path: Vec<Dab>,
        /// Half the brush: seconds and octaves.
        radius: [f64; 2],
        /// Its level in dB of full scale.
        db: f64,
    },
    /// Silence in a band of frequencies, from one time to another.
    Notch {
        /// From when to when, in seconds.
        secs: [f64; 2],
        /// The middle of the band.
        hz: f64,
        /// Half its width in octaves.
        octaves: f64,
    },
    /// A tone that follows the hand, added to what is there.
    Melody {
        /// Where the hand went.
        path: Vec<Dab>,
        /// Its level in dB of full scale.
        db: f64,
    },
    /// What lies in a rectangle goes to another time, over what is there.
    Move {
        /// From when to when, in seconds.
        secs: [f64; 2],
        /// From which frequency to which.
        hz: [f64; 2],
        /// Seconds later.
        by: f64,
    },
}

/// The part of a brush's radius that is solid; the rest fades out.
const SOLID: f64 = 0.5;

impl Stroke {
    /// The frames it may change.
    pub(super) fn frames(&self, canvas: &Canvas) -> Range<usize> {
        let secs = match self {
            Self::Brush { path, radius, .. }
            | Self::Erase { path, radius }
            | Self::Noise { path, radius, .. } => {
                over(path).map(|[from, to]| [from - radius[0], to + radius[0]])
            }
            // A tone is heard by every window that it lies under.
            Self::Melody { path, .. } => over(path).map(|[from, to]| {
                let reach = WIN_LENGTH as f64 / f64::from(canvas.rate_hz);
                [from - reach, to + reach]
            }),
            Self::Notch { secs, .. } => Some(*secs),
            Self::Move { secs, by, .. } => {
                let [from, to] = *secs;
                Some([from.min(from + by), to.max(to + by)])
            }
        };
        let Some([from, to]) = secs else { return 0..0 };
        let frame = |secs: f64| (secs * canvas.frames_per_sec()).max(0.0);
        let end = (frame(to).floor() as usize + 1).min(canvas.n_frames());
        let start = (frame(from).ceil() as usize).min(end);
        start..end
    }

    /// Changes the spectrum in `frames`.
    pub(super) fn apply(&self, canvas: &mut Canvas, frames: Range<usize>) {
        match self {
            Self::Brush { path, radius, db } => {
                let level = amplitude(*db);
                under(
                    canvas,
                    frames,
                    path,
                    *radius,
                    |canvas, t, k, weight, value| {
                        let wanted = level * weight * canvas.full_scale();
                        let there = value.norm();
                        if there >= wanted {
                            value
                        } else if there > wanted * 1e-3 {
                            value * (wanted / there)
                        } else {
                            canvas.tone(t, k) * (level * weight)
                        }
                    },
                );
            }
            Self::Erase { path, radius } => {
                under(canvas, frames, path, *radius, |_, _, _, weight, value| {
                    value * (1.0 - weight)
                });
            }
            Self::Noise { path, radius, db } => {
                let level = amplitude(*db);
                let seed = canvas.n_strokes;
                let n = frames.len() * canvas.n_bins() * 2;
                let noise = Rng::new(seed, "painted noise").normals(n, 0.0, 0.5_f64.sqrt());
                let (first, n_bins) = (frames.start, canvas.n_bins());
                under(
                    canvas,
                    frames,
                    path,
                    *radius,
                    |canvas, t, k, weight, value| {
                        let at = 2 * ((t - first) * n_bins + k);
                        let drawn = Complex32::new(noise[at], noise[at + 1]);
                        value + drawn * (level * weight * canvas.full_scale())
                    },
                );
            }
            Self::Notch { hz, octaves, .. } => {
                let factor = octaves.exp2();
                let bins = canvas.bins_per_hz();
                let from = (hz / factor * bins).round().max(0.0) as usize;
                let to = (hz * factor * bins).round() as usize;
                let n = canvas.n_bins();
                for t in frames {
                    let frame = &mut canvas.spectrum.values[t * n..(t + 1) * n];
                    frame[from.min(n)..(to + 1).min(n)].fill(Complex32::ZERO);
                }
            }
            Self::Melody { path, db } => add_melody(canvas, frames, path, amplitude(*db)),
            Self::Move { secs, hz, by } => shift(canvas, *secs, *hz, *by),
        }
    }
}

fn amplitude(db: f64) -> f32 {
    10_f64.powf(db / 20.0) as f32
}

/// From the first to the last moment of a path.
fn over(path: &[Dab]) -> Option<[f64; 2]> {
    let from = path.iter().map(|dab| dab.secs).reduce(f64::min)?;
    let to = path.iter().map(|dab| dab.secs).reduce(f64::max)?;
    Some([from, to])
}

/// Changes what lies under a brush: `change(canvas, frame, bin, weight, value)` gives the new value.
fn under(
    canvas: &mut Canvas,
    frames: Range<usize>,
    path: &[Dab],
    [wide, high]: [f64; 2],
    change: impl Fn(&Canvas, usize, usize, f32, Complex32) -> Complex32,
) {
    let (per_sec, per_hz, n) = (
        canvas.frames_per_sec(),
        canvas.bins_per_hz(),
        canvas.n_bins(),
    );
    for t in frames {
        let secs = t as f64 / per_sec;
        let across = |dab: &Dab| ((dab.secs - secs) / wide).abs();
        // Between two places of a quick hand lies a line.
        let near: Vec<Dab> = crossings(path, secs)
            .chain(path.iter().copied())
            .filter(|dab| across(dab) < 1.0)
            .collect();
        let lowest = near.iter().map(|dab| dab.hz).fold(f64::INFINITY, f64::min);
        let highest = near.iter().map(|dab| dab.hz).fold(0.0, f64::max);
        if near.is_empty() {
            continue;
        }
        let from = (lowest / high.exp2() * per_hz).floor().max(1.0) as usize;
        let to = ((highest * high.exp2() * per_hz).ceil() as usize).min(n - 1);
        for k in from..=to {
            let octave = (k as f64 / per_hz).log2();
            let distance = near.iter().map(|dab| {
                let up = (dab.hz.max(1.0).log2() - octave) / high;
                across(dab).hypot(up)
            });
            let distance = distance.fold(f64::INFINITY, f64::min);
            if distance < 1.0 {
                let weight = ((1.0 - distance) / (1.0 - SOLID)).min(1.0) as f32;
                let at = t * n + k;
                canvas.spectrum.values[at] =
                    change(canvas, t, k, weight, canvas.spectrum.values[at]);
            }
        }
    }
}

/// Where the lines between the places of a path cross a moment.
fn crossings(path: &[Dab], secs: f64) -> impl Iterator<Item = Dab> + '_ {
    path.windows(2).filter_map(move |pair| {
        let [a, b] = [pair[0], pair[1]];
        let [from, to] = [a.secs.min(b.secs), a.secs.max(b.secs)];
        if !(from..=to).contains(&secs) || to - from <= 0.0 {
            return None;
        }
        let share = (secs - a.secs) / (b.secs - a.secs);
        let octave = a.hz.max(1.0).log2() * (1.0 - share) + b.hz.max(1.0).log2() * share;
        Some(Dab {
            secs,
            hz: octave.exp2(),
        })
    })
}

/// Seconds in which a melody comes and goes, so that it does not click.
const FADE_SECS: f64 = 0.01;

/// Adds a tone whose frequency follows a path.
fn add_melody(canvas: &mut Canvas, frames: Range<usize>, path: &[Dab], level: f32) {
    let Some([from, to]) = over(path) else { return };
    let rate = f64::from(canvas.rate_hz);
    let first = (from * rate).max(0.0) as usize;
    let end = ((to * rate) as usize).min(canvas.samples.len());
    // Only the stretch that the frames hear is made: it begins where the first of them does.
    let origin = frames.start * HOP_LENGTH;
    let n = (frames.len() - 1) * HOP_LENGTH + 1;
    let mut wave = vec![0.0; n + WIN_LENGTH];
    let mut sorted = path.to_vec();
    sorted.sort_by(|a, b| a.secs.total_cmp(&b.secs));
    let (mut turn, mut segment) = (0.0, 0);
    for i in first..end {
        let secs = i as f64 / rate;
        while segment + 2 < sorted.len() && sorted[segment + 1].secs < secs {
            segment += 1;
        }
        let hz = match sorted.get(segment..segment + 2) {
            Some([a, b]) if b.secs > a.secs => {
                let share = ((secs - a.secs) / (b.secs - a.secs)).clamp(0.0, 1.0);
                (a.hz.max(1.0).ln() * (1.0 - share) + b.hz.max(1.0).ln() * share).exp()
            }
            _ => sorted[segment].hz,
        };
        turn += TAU * hz / rate;
        let edge = (secs - from).min(to - secs).max(0.0);
        let fade = (edge / FADE_SECS).min(1.0);
        if let Some(at) = i.checked_sub(origin).and_then(|i| wave.get_mut(i)) {
            *at = (turn.sin() * fade) as f32 * level;
        }
    }
    let added = canvas.stft.frames(&wave, 0..frames.len(), &on_pool);
    let n_bins = canvas.n_bins();
    let values = &mut canvas.spectrum.values[frames.start * n_bins..frames.end * n_bins];
    for (value, added) in values.iter_mut().zip(&added.values) {
        *value += added;
    }
}

/// Takes what lies in a rectangle out and puts it elsewhere. A sound that comes later has the same frames,
/// later.
fn shift(canvas: &mut Canvas, secs: [f64; 2], hz: [f64; 2], by: f64) {
    let (n, n_frames) = (canvas.n_bins(), canvas.n_frames());
    let frame =
        |secs: f64| ((secs * canvas.frames_per_sec()).round().max(0.0) as usize).min(n_frames);
    let bin = |hz: f64| ((hz * canvas.bins_per_hz()).round().max(0.0) as usize).min(n);
    let (frames, bins) = (frame(secs[0])..frame(secs[1]), bin(hz[0])..bin(hz[1]));
    let by = (by * canvas.frames_per_sec()).round() as isize;
    let mut taken = Vec::new();
    for t in frames.clone() {
        let values = &mut canvas.spectrum.values[t * n..][bins.clone()];
        taken.push(values.to_vec());
        values.fill(Complex32::ZERO);
    }
    for (t, values) in frames.zip(taken) {
        let to = t as isize + by;
        if (0..n_frames as isize).contains(&to) {
            let there = &mut canvas.spectrum.values[to as usize * n..][bins.clone()];
            there.copy_from_slice(&values);
        }
    }
}
