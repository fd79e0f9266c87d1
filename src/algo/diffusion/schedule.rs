//! How much noise there is at each level.

use super::{Level, N_LEVELS};
use serde::{Deserialize, Serialize};

/// No level adds more than this share of noise to the one before it (Nichol & Dhariwal 2021, §3.2):
/// the last would otherwise hold nothing at all of the picture.
const MOST_BETA: f64 = 0.999;
/// Nor less than this, so that two levels are never the same.
const LEAST_BETA: f64 = 1e-6;

/// Which levels of noise there are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// The share of noise β that each level adds grows evenly (Ho et al. 2020: from 0.0001 to 0.02).
    Linear {
        /// β of the first level.
        from: f64,
        /// β of the last.
        to: f64,
    },
    /// ᾱ falls as a squared cosine (Nichol & Dhariwal 2021, eq. 17): fewer levels that are next to clean
    /// or next to noise. diffusers calls it `squaredcos_cap_v2`.
    #[default]
    Cosine,
    /// ᾱ along a line drawn through these points, each (t / 1000, ᾱ), from left to right. Where the line
    /// rises it is held: noise is never taken away.
    Drawn(Vec<[f64; 2]>),
}

impl Schedule {
    /// The schedule of the paper that began it (Ho et al. 2020).
    pub const LINEAR: Self = Self::Linear {
        from: 1e-4,
        to: 0.02,
    };

    /// Every level of it.
    #[must_use]
    pub fn levels(&self) -> Levels {
        let alpha_bar = |t: f64| {
            ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2)
                .cos()
                .powi(2)
        };
        let n = N_LEVELS as f64;
        let mut drawn = Vec::new();
        if let Self::Drawn(points) = self {
            drawn.extend(points.iter().filter(|p| p.iter().all(|x| x.is_finite())));
            drawn.sort_by(|a: &[f64; 2], b| a[0].total_cmp(&b[0]));
        }
        let mut alpha_cumprod = 1.0;
        let alphas_cumprod = (0..N_LEVELS).map(|i| {
            let place = i as f64;
            let beta = match self {
                Self::Linear { from, to } => from + (to - from) * place / (n - 1.0),
                Self::Cosine => 1.0 - alpha_bar((place + 1.0) / n) / alpha_bar(place / n),
                Self::Drawn(_) => 1.0 - along(&drawn, (place + 1.0) / n) / alpha_cumprod,
            };
            let beta = if beta.is_finite() { beta } else { LEAST_BETA };
            alpha_cumprod *= 1.0 - beta.clamp(LEAST_BETA, MOST_BETA);
            alpha_cumprod
        });
        Levels {
            alphas_cumprod: alphas_cumprod.collect(),
        }
    }
}

/// The height at `x` of the line through points from left to right; level beyond both ends.
fn along(points: &[[f64; 2]], x: f64) -> f64 {
    let after = points.partition_point(|p| p[0] < x);
    match (
        after.checked_sub(1).and_then(|i| points.get(i)),
        points.get(after),
    ) {
        (Some([x0, y0]), Some([x1, y1])) if x1 > x0 => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        (Some([_, y]), _) | (None, Some([_, y])) => *y,
        (None, None) => 1.0,
    }
}

/// The levels of a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    alphas_cumprod: Vec<f64>,
}

impl Levels {
    /// ᾱ of t = 0..[`N_LEVELS`]: from nearly 1 down to nearly 0.
    #[must_use]
    pub fn alphas_cumprod(&self) -> &[f64] {
        &self.alphas_cumprod
    }

    /// Level `t`, 0..=999. Between two levels ln σ lies on the straight line between theirs, as in
    /// diffusers and k-diffusion; t outside is taken as the nearest level.
    #[must_use]
    pub fn at(&self, t: f64) -> Level {
        let last = (N_LEVELS - 1) as f64;
        let t = if t.is_nan() { last } else { t.clamp(0.0, last) };
        let (below, part) = (t.floor() as usize, t.fract());
        let level = |i: usize| Level {
            t,
            alpha_cumprod: self.alphas_cumprod[i],
        };
        if part == 0.0 {
            return level(below);
        }
        let (low, high) = (level(below).sigma().ln(), level(below + 1).sigma().ln());
        Level::of_sigma(t, (low + part * (high - low)).exp())
    }

    /// The level where noise is `sigma` beside a picture of full strength: σ is kept, and the t told to
    /// the model is found between two levels by ln σ.
    #[must_use]
    pub fn at_sigma(&self, sigma: f64) -> Level {
        let log_sigma = |i: usize| self.at(i as f64).sigma().ln();
        let wanted = sigma.max(1e-10).ln();
        let below = self.alphas_cumprod.partition_point(|&alpha_cumprod| {
            let level = Level {
                t: 0.0,
                alpha_cumprod,
            };
            level.sigma().ln() <= wanted
        });
        let below = below.saturating_sub(1).min(N_LEVELS - 2);
        let (low, high) = (log_sigma(below), log_sigma(below + 1));
        let part = ((wanted - low) / (high - low)).clamp(0.0, 1.0);
        Level::of_sigma(below as f64 + part, sigma)
    }
}
