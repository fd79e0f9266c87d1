//! How points and noise are mixed at a time s, what the network learns to say there, and how a point moves.

use crate::algo::diffusion::{Level, Prediction, Sampler};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::f64::consts::FRAC_PI_2;

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// x = √ᾱ x₀ + √(1 − ᾱ) ε with ᾱ = cos²(s π/2) (Nichol & Dhariwal 2021); learned is x₀, ε or v, a
    /// sampler goes from level to level.
    Diffusion(Prediction, Sampler),
    /// x = (1 − s) x₀ + s ε: straight lines; learned is their velocity ε − x₀, and a point moves
    /// along it (Lipman et al. 2023, eq. 22 and 23 with σ = 0; Liu et al. 2023).
    Flow,
}

impl Default for Method {
    fn default() -> Self {
        Self::Diffusion(Prediction::V, Sampler::DDIM)
    }
}

/// Nearest to nothing but noise: beyond, a network that says ε does not tell x₀ at all.
const LAST: f64 = 0.98;

impl Method {
    /// What is to be compared: diffusion with each prediction, then flow matching.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let diffusion = Prediction::ALL.map(|p| Self::Diffusion(p, Sampler::DDIM));
        diffusion.into_iter().chain([Self::Flow]).collect()
    }

    /// The level of diffusion at time s.
    pub(super) fn level(s: f64) -> Level {
        let angle = s.clamp(0.0, 1.0) * LAST * FRAC_PI_2;
        Level {
            t: 1000.0 * s,
            alpha_cumprod: angle.cos().powi(2),
        }
    }

    /// What of a point and what of the noise is left at time s.
    #[must_use]
    pub fn parts(self, s: f64) -> [f64; 2] {
        match self {
            Self::Diffusion(..) => {
                let level = Self::level(s);
                [level.signal(), level.noise()]
            }
            Self::Flow => [1.0 - s, s],
        }
    }

    /// The points under noise at time s, and what the network should say there.
    pub(super) fn lesson(self, x0: &[f32], noise: &[f32], s: f64) -> (Vec<f32>, Vec<f32>) {
        match self {
            Self::Diffusion(prediction, _) => {
                let level = Self::level(s);
                let target = prediction.target(x0, noise, &level);
                (level.noised(x0, noise), target)
            }
            Self::Flow => {
                let pairs = || x0.iter().zip(noise);
                let s = s as f32;
                let x = pairs().map(|(x, noise)| (1.0 - s) * x + s * noise);
                let velocity = pairs().map(|(x, noise)| noise - x);
                (x.collect(), velocity.collect())
            }
        }
    }

    /// Where the points came from, by what the network says.
    pub(super) fn x0(self, output: &[f32], x: &[f32], s: f64) -> Vec<f32> {
        match self {
            Self::Diffusion(prediction, _) => prediction.x0(output, x, &Self::level(s)),
            Self::Flow => {
                let pairs = x.iter().zip(output);
                pairs.map(|(x, v)| x - s as f32 * v).collect()
            }
        }
    }

    /// The points at time `to`, from those at `from`. `ask` is the network; `noise` is for samplers that
    /// add some.
    pub(super) fn step(
        self,
        x: &[f32],
        [from, to]: [f64; 2],
        noise: &[f32],
        ask: &mut dyn FnMut(&[f32], f64) -> Vec<f32>,
    ) -> Vec<f32> {
        let output = ask(x, from);
        match self {
            Self::Diffusion(prediction, sampler) => {
                let levels = [&Self::level(from), &Self::level(to)];
                let x0 = prediction.x0(&output, x, levels[0]);
                let mut again = |x: &[f32], level: &Level| {
                    let output = ask(x, level.t / 1000.0);
                    Ok::<_, Infallible>(prediction.x0(&output, x, level))
                };
                match sampler.step(levels, x, &x0, noise, &mut again) {
                    Ok(x) => x,
                    Err(never) => match never {},
                }
            }
            Self::Flow => {
                let by = (to - from) as f32;
                let pairs = x.iter().zip(&output);
                pairs.map(|(x, v)| x + by * v).collect()
            }
        }
    }
}
