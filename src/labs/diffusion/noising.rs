//! Noise put on a picture, and taken off again in one go: why one step from far up is mush.

use super::sampling::{Answer, Denoise, start_noise};
use crate::algo::diffusion::{Level, Levels};
use crate::refusal::Result;

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
    let level = levels.at(t);
    let noise = start_noise(seed, picture.len());
    Noised {
        x_t: level.noised(picture, &noise),
        level,
        noise,
    }
}

/// What a model says of a picture under noise, beside what was put there.
#[derive(Debug, Clone, PartialEq)]
pub struct Once {
    /// What the model saw, and the noise that was truly in it.
    pub noised: Noised,
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
    let noised = noised(denoiser.levels(), picture, t, seed);
    let Noised { level, x_t, noise } = &noised;
    let Answer { x0, difference } = denoiser.predict(x_t, level, condition, guidance as f32)?;
    let x0_pred: Vec<f32> = x0.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
    let noise_pred = level.noise_in(x_t, &x0_pred);
    Ok(Once {
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

fn mean_squared(a: &[f32], b: &[f32]) -> f64 {
    let squares = a.iter().zip(b).map(|(&a, &b)| f64::from(a - b).powi(2));
    squares.sum::<f64>() / a.len().min(b.len()).max(1) as f64
}
