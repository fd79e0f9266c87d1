//! One noise level, and what mixes and unmixes there.

/// A noise level: the t that a model is told, and how much of the picture is left there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// 0..=999; between two whole levels when a sampler asks there.
    pub t: f64,
    /// ᾱ: the part of the variance that is picture, 0..=1; 1 is the clean picture.
    pub alpha_cumprod: f64,
}

impl Level {
    /// No noise at all: where every sampler ends.
    pub const CLEAN: Self = Self {
        t: 0.0,
        alpha_cumprod: 1.0,
    };

    /// The level with σ of noise beside a picture of full strength.
    #[must_use]
    pub fn of_sigma(t: f64, sigma: f64) -> Self {
        Self {
            t,
            alpha_cumprod: 1.0 / (1.0 + sigma * sigma),
        }
    }

    /// Whether no noise is left.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.alpha_cumprod >= 1.0
    }

    /// √ᾱ: what the picture is multiplied with.
    #[must_use]
    pub fn signal(&self) -> f64 {
        self.alpha_cumprod.sqrt()
    }

    /// √(1 − ᾱ): what the noise is multiplied with.
    #[must_use]
    pub fn noise(&self) -> f64 {
        (1.0 - self.alpha_cumprod).max(0.0).sqrt()
    }

    /// σ = √((1 − ᾱ) / ᾱ).
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.noise() / self.signal()
    }

    /// The signal-to-noise ratio in decibels, 10 log₁₀(ᾱ / (1 − ᾱ)): 0 where both are equal, infinite
    /// without noise.
    #[must_use]
    pub fn snr_db(&self) -> f64 {
        10.0 * (self.alpha_cumprod / (1.0 - self.alpha_cumprod)).log10()
    }

    /// xₜ = √ᾱ x₀ + √(1 − ᾱ) ε (Ho et al. 2020, eq. 4). As long as the shorter of both.
    #[must_use]
    pub fn noised(&self, x0: &[f32], noise: &[f32]) -> Vec<f32> {
        mix(self.signal(), x0, self.noise(), noise)
    }

    /// The ε that makes xₜ of x₀ here: (xₜ − √ᾱ x₀) / √(1 − ᾱ); 0 where there is no noise.
    #[must_use]
    pub fn noise_in(&self, x_t: &[f32], x0: &[f32]) -> Vec<f32> {
        if self.is_clean() {
            return vec![0.0; x_t.len()];
        }
        let scale = 1.0 / self.noise();
        mix(scale, x_t, -self.signal() * scale, x0)
    }

    /// The x₀ that xₜ is made of when the noise in it is ε: (xₜ − √(1 − ᾱ) ε) / √ᾱ.
    #[must_use]
    pub fn clean_of(&self, x_t: &[f32], noise: &[f32]) -> Vec<f32> {
        let scale = 1.0 / self.signal();
        mix(scale, x_t, -self.noise() * scale, noise)
    }
}

/// a x + b y, number by number.
pub(super) fn mix(a: f64, x: &[f32], b: f64, y: &[f32]) -> Vec<f32> {
    let both = x.iter().zip(y);
    both.map(|(&x, &y)| (a * f64::from(x) + b * f64::from(y)) as f32)
        .collect()
}
