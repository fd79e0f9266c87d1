//! Which of the levels a sampler stops at.

use super::{Level, Levels, N_LEVELS};
use crate::refusal::{Refusal, Result};
use serde::{Deserialize, Serialize};

/// ρ of Karras et al. 2022, eq. 5.
const RHO: f64 = 7.0;
/// σ beyond which a picture in −1..=1 is nothing but noise, as in the same paper (§3). A cosine schedule
/// goes to 20,000; without a limit most stops would lie where there is nothing to see.
const MOST_SIGMA: f64 = 80.0;

/// How the stops are spread over the levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spacing {
    /// Every 1000 / steps-th level counted down from the last (diffusers' `trailing`): begins at pure
    /// noise.
    #[default]
    Trailing,
    /// Every ⌊1000 / steps⌋-th counted up from 0 (diffusers' `leading`): ends at level 0, begins below
    /// the last.
    Leading,
    /// σ^(1/7) in even steps from the most σ, at most 80, to the least (Karras et al. 2022, eq. 5): most
    /// stops where detail appears. Levels between two whole ones are asked for.
    Karras,
}

/// The levels that a sampler goes through: `n_steps` at which the model is asked, noisiest first, then
/// [`Level::CLEAN`].
///
/// # Errors
/// No step at all, or more than there are levels.
pub fn plan(levels: &Levels, spacing: Spacing, n_steps: usize) -> Result<Vec<Level>> {
    if n_steps == 0 || n_steps > N_LEVELS {
        return Err(Refusal::unchanged(
            format!("A picture cannot be made in {n_steps} steps"),
            format!("There are {N_LEVELS} noise levels; a step goes down at least one of them."),
            format!("Choose 1 to {N_LEVELS} steps; 25 are plenty for most samplers."),
        ));
    }
    let n = n_steps as f64;
    let every = N_LEVELS as f64 / n;
    let stop = |i: usize| match spacing {
        // Halves to even, as NumPy rounds.
        Spacing::Trailing => {
            levels.at((N_LEVELS as f64 - i as f64 * every).round_ties_even() - 1.0)
        }
        Spacing::Leading => levels.at(((n_steps - 1 - i) * (N_LEVELS / n_steps)) as f64),
        Spacing::Karras => {
            let root = |t: f64| levels.at(t).sigma().min(MOST_SIGMA).powf(1.0 / RHO);
            let (most, least) = (root((N_LEVELS - 1) as f64), root(0.0));
            let part = if n_steps == 1 {
                0.0
            } else {
                i as f64 / (n - 1.0)
            };
            levels.at_sigma((most + part * (least - most)).powf(RHO))
        }
    };
    let mut stops: Vec<Level> = (0..n_steps).map(stop).collect();
    stops.push(Level::CLEAN);
    Ok(stops)
}

/// Where a run of `n_steps` begins that starts from a picture: `strength` 1 goes through all of the
/// stops, 0 through none (Meng et al. 2022; the index is that of diffusers).
#[must_use]
pub fn stops_of_strength(n_steps: usize, strength: f64) -> usize {
    let n = (n_steps as f64 * strength.clamp(0.0, 1.0)) as usize;
    n_steps - n.min(n_steps)
}
