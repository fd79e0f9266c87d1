//! What a network is trained to say about a noised picture. With xₜ and the level at hand, each of the
//! three says the same as the others; they differ in what is easy to learn at which level.

use super::level::{Level, mix};
use serde::{Deserialize, Serialize};

/// What a denoiser's output means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// The clean picture x₀ itself. diffusers says `sample`.
    #[default]
    X0,
    /// The noise ε in it (Ho et al. 2020, eq. 14). diffusers says `epsilon`.
    Epsilon,
    /// v = √ᾱ ε − √(1 − ᾱ) x₀ (Salimans & Ho 2022, eq. 11). diffusers says `v_prediction`.
    V,
}

impl Prediction {
    /// All three.
    pub const ALL: [Self; 3] = [Self::X0, Self::Epsilon, Self::V];

    /// What the output should have been, where xₜ was made of `x0` and `noise`.
    #[must_use]
    pub fn target(self, x0: &[f32], noise: &[f32], level: &Level) -> Vec<f32> {
        match self {
            Self::X0 => x0.to_vec(),
            Self::Epsilon => noise.to_vec(),
            Self::V => mix(level.signal(), noise, -level.noise(), x0),
        }
    }

    /// The clean picture that `output` stands for.
    #[must_use]
    pub fn x0(self, output: &[f32], x_t: &[f32], level: &Level) -> Vec<f32> {
        match self {
            Self::X0 => output.to_vec(),
            Self::Epsilon => level.clean_of(x_t, output),
            Self::V => mix(level.signal(), x_t, -level.noise(), output),
        }
    }

    /// The noise that `output` stands for.
    #[must_use]
    pub fn epsilon(self, output: &[f32], x_t: &[f32], level: &Level) -> Vec<f32> {
        match self {
            Self::X0 => level.noise_in(x_t, output),
            Self::Epsilon => output.to_vec(),
            Self::V => mix(level.signal(), output, level.noise(), x_t),
        }
    }
}
