//! Noise put on a picture, and taken off again in one go: why one step from far up is mush.

use super::sampling::{Answer, Denoise, noise_of, start_noise};
use crate::algo::diffusion::{Level, Levels};
use crate::refusal::Result;
use std::ops::ControlFlow;

/// A picture under noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Noised {
    /// The level.
    pub level: Level,
    /// The picture with the noise on it.
    pub x_t: Vec<f32>,
    /// The noise alone, standard normal.
    pub noise: Vec<f32>,
}

/// Puts the noise of `seed` on a picture (−1..=1): the same noise at every level, so that it grows as
/// t does.
#[must_use]
pub fn noised(levels: &Levels, picture: &[f32], t: f64, seed: u64) -> Noised {
    noised_at(levels.at(t), picture, seed)
}

/// The same at a level that is at hand.
#[must_use]
pub fn noised_at(level: Level, picture: &[f32], seed: u64) -> Noised {
    let noise = start_noise(seed, picture.len());
    Noised {
        x_t: level.noised(picture, &noise),
        level,
        noise,
    }
}

/// Puts the noise of `seed` on the bytes of a picture of any size, `row_bytes` of them at a time, between
/// which `go_on` is asked. A byte is a number in −1..=1, and what is beyond after noising becomes 0 or 255.
/// Of a picture as [`noised`] takes it, this gives the same.
pub fn noise_bytes(
    pixels: &mut [u8],
    row_bytes: usize,
    level: &Level,
    seed: u64,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut noise = noise_of(seed);
    let (signal, strength) = (level.signal(), level.noise());
    for row in pixels.chunks_mut(row_bytes.max(1)) {
        go_on()?;
        for byte in row {
            let x0 = f64::from(*byte) / 127.5 - 1.0;
            let x_t = signal * x0 + strength * noise.normal();
            *byte = ((x_t + 1.0) * 127.5).round() as u8;
        }
    }
    ControlFlow::Continue(())
}

/// What a model says of a picture under noise, beside what was put there.
#[derive(Debug, Clone, PartialEq)]
pub struct Once {
    /// What the model saw, and the noise that was truly in it.
    pub noised: Noised,
    /// The level that the model was told: the one of its own schedule with as much noise.
    pub told: Level,
    /// The noise that the model sees.
    pub noise_pred: Vec<f32>,
    /// The clean picture that this implies, within −1..=1.
    pub x0_pred: Vec<f32>,
    /// What the words change in it; empty at guidance 0 and 1.
    pub difference: Vec<f32>,
    /// The mean squared error of the noise: 1 would be had by saying "there is none".
    pub noise_mse: f64,
    /// How near the clean picture is, see [`psnr`].
    pub x0_psnr_db: f64,
}

/// Takes the noise off once.
///
/// # Errors
/// A picture or condition that does not fit the model.
pub fn remove_once(
    denoiser: &impl Denoise,
    picture: &[f32],
    t: f64,
    seed: u64,
    condition: &[f32],
    guidance: f64,
) -> Result<Once> {
    let level = denoiser.levels().at(t);
    remove_once_at(denoiser, picture, level, seed, condition, guidance)
}

/// The same at a level of any schedule.
///
/// # Errors
/// A picture or condition that does not fit the model.
pub fn remove_once_at(
    denoiser: &impl Denoise,
    picture: &[f32],
    level: Level,
    seed: u64,
    condition: &[f32],
    guidance: f64,
) -> Result<Once> {
    let noised = noised_at(level, picture, seed);
    let own = denoiser.levels().at(level.t);
    let told = if own == level {
        own
    } else {
        denoiser.levels().at_sigma(level.sigma())
    };
    let Noised { level, x_t, noise } = &noised;
    let Answer { x0, difference } = denoiser.predict(x_t, &told, condition, guidance as f32)?;
    let x0_pred: Vec<f32> = x0.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
    let noise_pred = level.noise_in(x_t, &x0_pred);
    Ok(Once {
        told,
        noise_mse: mean_squared(&noise_pred, noise),
        x0_psnr_db: psnr(&x0_pred, picture),
        noise_pred,
        x0_pred,
        difference,
        noised,
    })
}

/// The peak signal-to-noise ratio of two pictures in −1..=1, in decibels: 20 is far off, from 40 on
/// nobody sees a difference, infinite where there is none.
#[must_use]
pub fn psnr(a: &[f32], b: &[f32]) -> f64 {
    10.0 * (4.0 / mean_squared(a, b)).log10()
}

/// Numbers in −1..=1 as bytes; beyond, the nearest.
#[must_use]
pub fn bytes(numbers: &[f32]) -> Vec<u8> {
    let byte = |x: &f32| ((x + 1.0) * 127.5).round() as u8;
    numbers.iter().map(byte).collect()
}

/// Bytes as numbers in −1..=1.
#[must_use]
pub fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.iter().map(|&b| f32::from(b) / 127.5 - 1.0).collect()
}

/// The mean of the squared differences.
#[must_use]
pub fn mean_squared(a: &[f32], b: &[f32]) -> f64 {
    let squares = a.iter().zip(b).map(|(&a, &b)| f64::from(a - b).powi(2));
    squares.sum::<f64>() / a.len().min(b.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::diffusion::Schedule;

    #[test]
    fn bytes_are_noised_as_numbers_are() {
        let pixels: Vec<u8> = (0..=255).collect();
        let levels = Schedule::Cosine.levels();
        for t in [0.0, 300.0, 999.0] {
            let noised = noised(&levels, &numbers(&pixels), t, 3);
            let mut whole = pixels.clone();
            let go_on = &mut || ControlFlow::Continue(());
            assert!(noise_bytes(&mut whole, 10, &noised.level, 3, go_on).is_continue());
            let pairs = whole.iter().zip(bytes(&noised.x_t));
            assert!(pairs.clone().all(|(&a, b)| a.abs_diff(b) <= 1), "{t}");
            assert!(pairs.filter(|&(&a, b)| a != b).count() < 3, "{t}");
        }
        assert_eq!(bytes(&numbers(&pixels)), pixels);
        assert_eq!(bytes(&[-7.0, 7.0, f32::NAN]), [0, 255, 0]);
    }

    #[test]
    fn the_ratio_to_the_peak_is_the_one_of_the_definition() {
        // An error of one grey level of 255 everywhere: 20 log₁₀ 255 = 48.13 dB.
        let a = numbers(&[100; 9]);
        let b = numbers(&[101; 9]);
        assert!((psnr(&a, &b) - 48.130_8).abs() < 1e-3);
        assert_eq!(psnr(&a, &a), f64::INFINITY);
    }
}
