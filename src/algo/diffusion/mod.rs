//! Diffusion as arithmetic: how a picture is mixed with noise, what a prediction says about the picture,
//! and how a sampler goes from one noise level to the next. Any list of numbers will do: pictures
//! (−1..=1), or points on a plane. Numbers are f32, sums f64; noise is always given by the caller.
//!
//! A noise level t runs from 0 (hardly any) to [`N_LEVELS`] − 1 (hardly anything else). At level t
//!
//! ```text
//! xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε,    ε ~ N(0, 1)        (Ho, Jain & Abbeel 2020, eq. 4)
//! ```
//!
//! with ᾱₜ (`alpha_cumprod`) from a [`Schedule`]. σ = √((1 − ᾱ) / ᾱ) is the noise beside a picture of
//! full strength, as Karras et al. 2022 count it; ᾱ / (1 − ᾱ) = 1 / σ² is the signal-to-noise ratio.

mod level;
#[cfg(test)]
mod oracle;
mod prediction;
mod sampler;
mod schedule;
mod spacing;
#[cfg(test)]
mod tests;

pub use level::Level;
pub use prediction::Prediction;
pub use sampler::Sampler;
pub use schedule::{Levels, Schedule};
pub use spacing::{Spacing, plan, stops_of_strength};

/// Noise levels that a schedule has, t = 0..1000.
pub const N_LEVELS: usize = 1000;
