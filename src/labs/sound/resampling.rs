//! The same sound at another sample rate (rubato: an anti-aliasing filter by Fourier transform).

use crate::refusal::{Refusal, Result};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

/// Samples that are filtered at a time.
const CHUNK: usize = 1024;

/// One channel of `from_hz` samples a second at `to_hz`: as long in seconds, and begins where it began.
///
/// # Errors
/// A sample rate of 0.
pub fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>> {
    if from_hz == to_hz || samples.is_empty() {
        return Ok(samples.to_vec());
    }
    resampled(samples, from_hz, to_hz).map_err(|error| {
        Refusal::unchanged(
            "The sound cannot be brought to another sample rate.",
            format!("From {from_hz} to {to_hz} samples a second: {error}."),
            "Choose a sound with a usual sample rate, such as 44,100 or 48,000.",
        )
    })
}

fn resampled(
    samples: &[f32],
    from_hz: u32,
    to_hz: u32,
) -> std::result::Result<Vec<f32>, Box<dyn std::error::Error>> {
    let (from, to) = (from_hz as usize, to_hz as usize);
    // Twice the shortest block that is a whole number of samples at both rates: the filter's delay is then
    // whole too, and can be taken away exactly.
    let block = 2 * (from / common(from, to).max(1)).max(1);
    let chunk = block * CHUNK.div_ceil(block);
    let window = WindowFunction::BlackmanHarris2;
    let mut filter = Fft::<f32>::new_custom(from, to, chunk, 1, 1, window, FixedSync::Input)?;
    let input = InterleavedSlice::new(samples, 1, samples.len())?;
    let output = filter.process_all(&input, samples.len(), None)?;
    let mut output = output.take_data();
    let n = (samples.len() as u64 * u64::from(to_hz)).div_ceil(u64::from(from_hz));
    output.resize(n as usize, 0.0); // rounding may have made it one longer
    Ok(output)
}

/// The greatest common divisor (Euclid).
fn common(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_sine_stays_the_same_sine_at_another_rate() {
        let sine = |rate: f64, n: usize| -> Vec<f32> {
            let at = |i: usize| (TAU * 440.0 * i as f64 / rate).sin() as f32 * 0.5;
            (0..n).map(at).collect()
        };
        for (from, to) in [(44_100, 48_000), (48_000, 22_050), (8000, 44_100)] {
            let resampled = resample(&sine(f64::from(from), from as usize), from, to).unwrap();
            let expected = sine(f64::from(to), to as usize);
            assert_eq!(resampled.len(), expected.len(), "{from} {to}");
            // Away from the ends, where the sound begins and stops all of a sudden.
            let middle = to as usize / 4..to as usize * 3 / 4;
            let off = middle.map(|i| (resampled[i] - expected[i]).abs());
            let off = off.fold(0.0, f32::max);
            assert!(off < 2e-3, "{from} {to} {off}");
        }
    }

    #[test]
    fn nothing_and_the_same_rate_are_left_alone() {
        assert_eq!(resample(&[0.5], 44_100, 44_100).unwrap(), [0.5]);
        assert!(resample(&[], 44_100, 8000).unwrap().is_empty());
        assert!(resample(&[0.5], 0, 8000).is_err());
    }
}
