//! Loudness as the ear counts it: every factor of ten in amplitude is 20 decibels.

/// Amplitudes below this count as this: −200 dB instead of −∞.
pub const LEAST_AMPLITUDE: f32 = 1e-10;

/// `20·log₁₀(amplitude / reference)`, with `amplitude` at least [`LEAST_AMPLITUDE`].
#[must_use]
pub fn from_amplitude(amplitude: f32, reference: f32) -> f32 {
    20.0 * (amplitude.max(LEAST_AMPLITUDE) / reference.max(LEAST_AMPLITUDE)).log10()
}

/// `reference · 10^(db/20)`.
#[must_use]
pub fn to_amplitude(db: f32, reference: f32) -> f32 {
    reference * 10f32.powf(db / 20.0)
}

/// Decibels of each amplitude below the largest, none lower than `top_db` below it: librosa's
/// `amplitude_to_db(S, ref=np.max, amin=1e-5, top_db=top_db)`. Silence is 0 dB everywhere.
#[must_use]
pub fn below_largest(amplitudes: &[f32], top_db: f32) -> Vec<f32> {
    let largest = amplitudes.iter().copied().fold(0.0f32, f32::max).max(1e-5);
    let db = |&amplitude: &f32| from_amplitude(amplitude.max(1e-5), largest).max(-top_db);
    amplitudes.iter().map(db).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_amplitude_is_six_decibels_and_ten_times_is_twenty() {
        assert!((from_amplitude(2.0, 1.0) - 6.0206).abs() < 1e-4);
        assert!((from_amplitude(10.0, 1.0) - 20.0).abs() < 1e-5);
        assert!((from_amplitude(0.0, 1.0) + 200.0).abs() < 1e-4);
        assert!((to_amplitude(-6.0206, 1.0) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_further_below_the_largest_than_asked() {
        let db = below_largest(&[1.0, 0.1, 1e-9, 0.0], 80.0);
        assert!((db[1] + 20.0).abs() < 1e-4, "{db:?}");
        assert_eq!(&db[2..], [-80.0, -80.0]);
        assert_eq!(below_largest(&[0.0, 0.0], 80.0), [0.0, 0.0]);
    }
}
