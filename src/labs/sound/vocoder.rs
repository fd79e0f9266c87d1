//! The phase vocoder (Flanagan and Golden 1966; Laroche and Dolson 1999): a sound slower or faster at the
//! same pitch, or higher or lower at the same speed.
//!
//! Frames are read at another pace than they are written. A magnitude is read between two frames; a phase
//! goes on by as much as the sound's own phase goes on there within one hop, so that every tone keeps its
//! frequency; the bins around a peak follow it, as they do in the sound (identity phase locking). For another pitch the stretched sound is resampled back to its length.

use super::resampling::resample;
use super::{Complex32, Shape, Spectrum, Stft, on_pool};
use crate::refusal::Result;
use std::f64::consts::TAU;

/// Samples under the window.
const WIN_LENGTH: usize = 2048;
/// Samples from one frame to the next: eight to a window, so that phases can be followed.
const HOP_LENGTH: usize = 256;
/// How much longer a sound may become, and how much shorter.
pub const FACTORS: std::ops::RangeInclusive<f64> = 0.25..=4.0;

/// The sound `factor` times as long, within [`FACTORS`], at the same pitch.
///
/// # Errors
/// None for samples and a factor in its range.
pub fn stretch(samples: &[f32], factor: f64) -> Result<Vec<f32>> {
    let factor = factor.clamp(*FACTORS.start(), *FACTORS.end());
    let n_samples = (samples.len() as f64 * factor).round() as usize;
    if factor == 1.0 || samples.is_empty() {
        return Ok(samples.to_vec());
    }
    let stft = Stft::new(Shape {
        hop_length: HOP_LENGTH,
        ..Shape::of(WIN_LENGTH)
    })?;
    let read = stft.forward_on(samples, &on_pool);
    let written = at_another_pace(&read, factor, stft.shape().n_frames(n_samples));
    Ok(stft.inverse_on(&written, n_samples, &on_pool))
}

/// The sound so many semitones higher, or lower, and as long as before.
///
/// # Errors
/// None for samples and semitones within two octaves.
pub fn shift_pitch(samples: &[f32], semitones: f64) -> Result<Vec<f32>> {
    let factor = (semitones / 12.0).exp2();
    let stretched = stretch(samples, factor)?;
    // Played faster by the same factor it is as long as it was, and higher. The rates say only their
    // ratio: fine enough for a hundredth of a cent.
    let mut shifted = resample(&stretched, (44_100.0 * factor).round() as u32, 44_100)?;
    shifted.resize(samples.len(), 0.0);
    Ok(shifted)
}

fn at_another_pace(read: &Spectrum, factor: f64, n_frames: usize) -> Spectrum {
    let n = read.n_bins;
    let last = read.n_frames.saturating_sub(1);
    let value = |t: usize, k: usize| read.values[t.min(last) * n + k];
    let mut phases: Vec<f64> = (0..n).map(|k| f64::from(value(0, k).arg())).collect();
    let mut values = Vec::with_capacity(n_frames * n);
    for t in 0..n_frames {
        let at = t as f64 / factor;
        let (before, share) = (at as usize, at.fract() as f32);
        let magnitude = |k: usize| {
            let [a, b] = [before, before + 1].map(|t| value(t, k).norm());
            a * (1.0 - share) + b * share
        };
        let magnitudes: Vec<f32> = (0..n).map(magnitude).collect();
        let own = |k: usize| f64::from(value(before, k).arg());
        let peaks = nearest_peaks(&magnitudes);
        let locked = peaks.iter().enumerate();
        phases = locked.map(|(k, &p)| phases[p] + own(k) - own(p)).collect();
        for (k, phase) in phases.iter_mut().enumerate() {
            values.push(Complex32::from_polar(magnitudes[k], *phase as f32));
            // Beside what a tone on the bin turns in one hop: how much more the sound's own did.
            let [a, b] = [before, before + 1].map(|t| value(t, k));
            let steady = TAU * (k * HOP_LENGTH) as f64 / WIN_LENGTH as f64;
            let more = f64::from(b.arg() - a.arg()) - steady;
            *phase += steady + more - TAU * (more / TAU).round();
            *phase %= TAU;
        }
    }
    Spectrum {
        n_bins: n,
        n_frames,
        values,
    }
}

/// For every bin the peak it belongs to: the nearest bin that is larger than the two on either side. The
/// bins around a peak are one tone under the window, and turn together.
fn nearest_peaks(magnitudes: &[f32]) -> Vec<usize> {
    let n = magnitudes.len();
    let is_peak = |&k: &usize| {
        let around = k.saturating_sub(2)..(k + 3).min(n);
        around
            .into_iter()
            .all(|j| j == k || magnitudes[j] < magnitudes[k])
    };
    let peaks: Vec<usize> = (0..n).filter(is_peak).collect();
    let mut next = 0;
    let nearest = (0..n).map(|k| {
        while next + 1 < peaks.len() && peaks[next + 1].abs_diff(k) <= peaks[next].abs_diff(k) {
            next += 1;
        }
        // A frame without a peak is silence: every bin is its own.
        peaks.get(next).copied().unwrap_or(k)
    });
    nearest.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 44_100.0;

    fn tone(hz: f64, secs: f64) -> Vec<f32> {
        let at = |i: usize| (TAU * hz * i as f64 / RATE).sin() as f32 * 0.5;
        (0..(secs * RATE) as usize).map(at).collect()
    }

    fn amplitude(samples: &[f32], hz: f64) -> f64 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        let n = middle.len() as f64;
        let (mut re, mut im) = (0.0, 0.0);
        for (i, &x) in middle.iter().enumerate() {
            let window = 1.0 - (TAU * i as f64 / n).cos();
            let (sin, cos) = (TAU * hz * i as f64 / RATE).sin_cos();
            re += window * f64::from(x) * cos;
            im += window * f64::from(x) * sin;
        }
        2.0 * re.hypot(im) / n
    }

    #[test]
    fn a_stretched_tone_lasts_longer_at_the_same_pitch() {
        for factor in [0.5, 1.5, 2.0] {
            let stretched = stretch(&tone(440.0, 1.5), factor).unwrap();
            let secs = stretched.len() as f64 / RATE;
            assert!((secs - 1.5 * factor).abs() < 1e-3);
            let there = amplitude(&stretched, 440.0);
            assert!((there - 0.5).abs() < 0.03, "{factor}: {there}");
            assert!(amplitude(&stretched, 440.0 * factor) < 0.02);
        }
    }

    #[test]
    fn twelve_semitones_are_an_octave_at_the_same_length() {
        let low = tone(440.0, 1.5);
        for (semitones, hz) in [(12.0, 880.0), (7.0, 659.255), (-5.0, 329.628)] {
            let shifted = shift_pitch(&low, semitones).unwrap();
            assert_eq!(shifted.len(), low.len());
            let there = amplitude(&shifted, hz);
            assert!((there - 0.5).abs() < 0.04, "{semitones}: {there}");
            assert!(amplitude(&shifted, 440.0) < 0.02);
        }
    }

    #[test]
    fn nothing_and_a_factor_of_one_are_left_alone() {
        assert!(stretch(&[], 2.0).unwrap().is_empty());
        let one = tone(100.0, 0.1);
        assert_eq!(stretch(&one, 1.0).unwrap(), one);
        assert_eq!(stretch(&[0.5], 2.0).unwrap().len(), 2);
    }
}
