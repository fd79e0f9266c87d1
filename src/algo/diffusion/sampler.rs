//! One step from a noise level to a lower one.
//!
//! Each sampler is given what the model takes the clean picture to be, x̂₀. Five names, but fewer ideas:
//! between the same two levels Euler's step along the flow (Karras et al. 2022) is DDIM's with η = 0, and
//! ancestral Euler's is DDPM's and DDIM's with η = 1: the same formula, once by σ and once by ᾱ. They are
//! written here as their papers write them, and a test holds them against each other. What sets Euler
//! apart in practice are the levels it stops at ([`Sampler::spacing`]); Heun asks the model twice.

use super::level::{Level, mix};
use super::spacing::Spacing;
use serde::{Deserialize, Serialize};

/// How the next picture is computed from this one and the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampler {
    /// A draw from q(xₜ₋₁ | xₜ, x₀) (Ho et al. 2020, eq. 6 and 7): noise is added in every step.
    Ddpm,
    /// The same ends, with as much new noise as you like (Song, Meng & Ermon 2021, eq. 12 and 16).
    Ddim {
        /// 0: no noise, the way is fixed by its beginning; 1: as much as DDPM.
        eta: f64,
    },
    /// Along the flow in a straight line to the next σ (Karras et al. 2022, algorithm 1 without its
    /// correction).
    Euler,
    /// Euler's step down below the next σ, then noise up to it (k-diffusion's `sample_euler_ancestral`).
    EulerAncestral,
    /// Euler's step, then again with the mean of the slopes at both ends (Karras et al. 2022,
    /// algorithm 1): two predictions a step.
    Heun,
}

impl Default for Sampler {
    fn default() -> Self {
        Self::DDIM
    }
}

impl Sampler {
    /// DDIM without noise.
    pub const DDIM: Self = Self::Ddim { eta: 0.0 };
    /// All five.
    pub const ALL: [Self; 5] = [
        Self::Ddpm,
        Self::DDIM,
        Self::Euler,
        Self::EulerAncestral,
        Self::Heun,
    ];

    /// Its name in a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ddpm => "DDPM",
            Self::Ddim { .. } => "DDIM",
            Self::Euler => "Euler",
            Self::EulerAncestral => "Euler ancestral",
            Self::Heun => "Heun",
        }
    }

    /// The levels it stops at unless others are asked for.
    #[must_use]
    pub fn spacing(self) -> Spacing {
        match self {
            Self::Ddpm | Self::Ddim { .. } => Spacing::Trailing,
            Self::Euler | Self::EulerAncestral | Self::Heun => Spacing::Karras,
        }
    }

    /// Whether steps add new noise, so that the same beginning has many ends.
    #[must_use]
    pub fn is_random(self) -> bool {
        match self {
            Self::Ddpm | Self::EulerAncestral => true,
            Self::Ddim { eta } => eta > 0.0,
            Self::Euler | Self::Heun => false,
        }
    }

    /// How many predictions the step `from` → `to` needs: Heun's last needs one, as there is nothing to
    /// ask about a clean picture.
    #[must_use]
    pub fn n_predictions(self, to: &Level) -> usize {
        if self == Self::Heun && !to.is_clean() {
            2
        } else {
            1
        }
    }

    /// The standard deviation of the noise that the step adds to a picture of strength √ᾱ.
    #[must_use]
    pub fn added_noise(self, from: &Level, to: &Level) -> f64 {
        match self {
            Self::Ddpm => ddim_sigma(from, to),
            Self::Ddim { eta } => eta * ddim_sigma(from, to),
            Self::EulerAncestral => ancestral(from.sigma(), to.sigma()).1 * to.signal(),
            Self::Euler | Self::Heun => 0.0,
        }
    }

    /// The picture at level `to`, from `x_t` at level `from`, where the model takes the clean picture to
    /// be `x0`. `noise` is standard normal, as long as `x_t`; a sampler that adds none does not look at
    /// it. `predict` is asked by Heun for x̂₀ of its first guess at `to`.
    ///
    /// # Errors
    /// Those of `predict`.
    pub fn step<E>(
        self,
        [from, to]: [&Level; 2],
        x_t: &[f32],
        x0: &[f32],
        noise: &[f32],
        predict: &mut impl FnMut(&[f32], &Level) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E> {
        Ok(match self {
            Self::Ddpm => ddpm(from, to, x_t, x0, noise),
            Self::Ddim { eta } => ddim(from, to, x_t, x0, noise, eta),
            Self::Euler => euler(from, to, to.sigma(), x_t, x0),
            Self::EulerAncestral => {
                let (down, up) = ancestral(from.sigma(), to.sigma());
                let mut x = euler(from, to, down, x_t, x0);
                add(&mut x, up * to.signal(), noise);
                x
            }
            Self::Heun => {
                let guess = euler(from, to, to.sigma(), x_t, x0);
                if to.is_clean() {
                    return Ok(guess);
                }
                let x0_there = predict(&guess, to)?;
                heun(from, to, x_t, x0, &guess, &x0_there)
            }
        })
    }
}

/// DDPM: the mean of q(x′ | x, x₀) (eq. 7), and noise of its variance β̃.
fn ddpm(from: &Level, to: &Level, x_t: &[f32], x0: &[f32], noise: &[f32]) -> Vec<f32> {
    let alpha = from.alpha_cumprod / to.alpha_cumprod;
    let beta = 1.0 - alpha;
    let rest = 1.0 - from.alpha_cumprod;
    let of_x0 = to.signal() * beta / rest;
    let of_x_t = alpha.sqrt() * (1.0 - to.alpha_cumprod) / rest;
    let mut x = mix(of_x0, x0, of_x_t, x_t);
    let variance = (1.0 - to.alpha_cumprod) / rest * beta;
    add(&mut x, variance.max(0.0).sqrt(), noise);
    x
}

/// σ of DDIM with η = 1 (eq. 16).
fn ddim_sigma(from: &Level, to: &Level) -> f64 {
    let share = (1.0 - to.alpha_cumprod) / (1.0 - from.alpha_cumprod);
    let variance = share * (1.0 - from.alpha_cumprod / to.alpha_cumprod);
    variance.max(0.0).sqrt()
}

/// DDIM: the picture, the direction that points to xₜ, and noise (eq. 12). Goes up as well as down.
fn ddim(from: &Level, to: &Level, x_t: &[f32], x0: &[f32], noise: &[f32], eta: f64) -> Vec<f32> {
    let sigma = eta * ddim_sigma(from, to);
    let direction = (1.0 - to.alpha_cumprod - sigma * sigma).max(0.0).sqrt();
    // ε = (xₜ − √ᾱ x̂₀) / √(1 − ᾱ), put in place.
    let of_x_t = direction / from.noise();
    let mut x = mix(to.signal() - of_x_t * from.signal(), x0, of_x_t, x_t);
    add(&mut x, sigma, noise);
    x
}

/// Euler's step for dx/dσ = (x − x̂₀) / σ, where x = xₜ / √ᾱ, to `sigma`; the result has `to`'s strength.
fn euler(from: &Level, to: &Level, sigma: f64, x_t: &[f32], x0: &[f32]) -> Vec<f32> {
    let ratio = sigma / from.sigma();
    let scale = to.signal();
    mix(
        scale * ratio / from.signal(),
        x_t,
        scale * (1.0 - ratio),
        x0,
    )
}

/// The mean of the slopes at both ends; `guess` is at `to`.
fn heun(
    from: &Level,
    to: &Level,
    x_t: &[f32],
    x0: &[f32],
    guess: &[f32],
    x0_there: &[f32],
) -> Vec<f32> {
    let (here, there) = (from.sigma(), to.sigma());
    let half = 0.5 * (there - here);
    let ends = x_t.iter().zip(x0).zip(guess.iter().zip(x0_there));
    ends.map(|((&x_t, &x0), (&guess, &x0_there))| {
        let x = f64::from(x_t) / from.signal();
        let slope_here = (x - f64::from(x0)) / here;
        let slope_there = (f64::from(guess) / to.signal() - f64::from(x0_there)) / there;
        (to.signal() * (x + half * (slope_here + slope_there))) as f32
    })
    .collect()
}

/// How far down the step goes, and the noise that brings it up again: `down² + up² = to²`.
fn ancestral(from: f64, to: f64) -> (f64, f64) {
    let up = (to * to * (from * from - to * to) / (from * from))
        .max(0.0)
        .sqrt();
    ((to * to - up * up).max(0.0).sqrt(), up)
}

fn add(x: &mut [f32], scale: f64, noise: &[f32]) {
    if scale > 0.0 {
        for (x, &noise) in x.iter_mut().zip(noise) {
            *x = (f64::from(*x) + scale * f64::from(noise)) as f32;
        }
    }
}
