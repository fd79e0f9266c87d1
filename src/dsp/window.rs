//! The shape a stretch of sound is multiplied with before its frequencies are taken, so that it does not
//! begin and end with a jump, which would sound in every frequency.
//!
//! All are periodic (`sym=False` in SciPy): the window of `n` is the first `n` of a symmetric window of
//! `n + 1`, so that shifted copies add up to a constant.

use std::f64::consts::TAU;

/// The shape of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Window {
    /// One raised cosine; the field's usual choice.
    #[default]
    Hann,
    /// A raised cosine that does not quite reach zero: its nearest side lobe is lower.
    Hamming,
    /// Two cosines: side lobes hardly audible, peaks half again as wide.
    Blackman,
    /// None: the narrowest peaks, and the highest side lobes.
    Rectangular,
}

impl Window {
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::Hann, Self::Hamming, Self::Blackman, Self::Rectangular];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hann => "Hann",
            Self::Hamming => "Hamming",
            Self::Blackman => "Blackman",
            Self::Rectangular => "Rectangular",
        }
    }

    /// Its formula with `x = 2πi/n`, for sample `i` of `n`.
    #[must_use]
    pub const fn formula(self) -> &'static str {
        match self {
            Self::Hann => "0.5 − 0.5·cos x",
            Self::Hamming => "0.54 − 0.46·cos x",
            Self::Blackman => "0.42 − 0.5·cos x + 0.08·cos 2x",
            Self::Rectangular => "1",
        }
    }

    /// Its value at sample `i` of `n`, from 0 to 1.
    #[must_use]
    pub fn at(self, i: usize, n: usize) -> f64 {
        let x = TAU * i as f64 / n as f64;
        match self {
            Self::Hann => 0.5 - 0.5 * x.cos(),
            Self::Hamming => 0.54 - 0.46 * x.cos(),
            Self::Blackman => 0.42 - 0.5 * x.cos() + 0.08 * (2.0 * x).cos(),
            Self::Rectangular => 1.0,
        }
    }

    /// All `n` values.
    #[must_use]
    pub fn values(self, n: usize) -> Vec<f32> {
        (0..n).map(|i| self.at(i, n) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hann_windows_shifted_by_half_add_up_to_one() {
        // The condition of Griffin and Lim (1984) under which a transform can be taken back.
        let window = Window::Hann.values(512);
        for i in 0..256 {
            assert!((window[i] + window[i + 256] - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn windows_have_the_values_that_scipy_gives() {
        // scipy.signal.get_window(name, 8): fftbins=True.
        let near = |window: Window, values: [f64; 5]| {
            for (i, value) in values.into_iter().enumerate() {
                assert!((window.at(i, 8) - value).abs() < 1e-9, "{window:?} {i}");
            }
        };
        near(
            Window::Hann,
            [0.0, 0.146_446_609_4, 0.5, 0.853_553_390_6, 1.0],
        );
        near(
            Window::Hamming,
            [0.08, 0.214_730_880_7, 0.54, 0.865_269_119_3, 1.0],
        );
        near(
            Window::Blackman,
            [0.0, 0.066_446_609_4, 0.34, 0.773_553_390_6, 1.0],
        );
    }
}
