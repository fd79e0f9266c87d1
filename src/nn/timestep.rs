//! A noise level as numbers that a network can read (Vaswani et al. 2017, Ho et al. 2020).

use candle_core::{DType, Result, Tensor};

/// How many times slower the slowest wave is than the fastest.
const SLOWEST: f64 = 10_000.0;

/// Cosines and sines of `levels` (b), from the fastest wave to the slowest: (b, d), where number `i` of
/// the first half is `cos(level · 10000^(−2i/d))` and of the second half the sine. `d` is even. Levels
/// may lie between whole numbers. Has no gradient.
///
/// # Errors
/// When `levels` is not f32.
pub fn timestep_embedding(levels: &Tensor, d: usize) -> Result<Tensor> {
    let half = (d / 2).max(1);
    let speed = |i: usize| SLOWEST.powf(-(i as f64) / half as f64);
    let levels_read = levels.to_dtype(DType::F32)?.to_vec1::<f32>()?;
    let mut waves = Vec::with_capacity(levels_read.len() * 2 * half);
    for level in &levels_read {
        let angles = (0..half).map(|i| f64::from(*level) * speed(i));
        waves.extend(angles.clone().map(|angle| angle.cos() as f32));
        waves.extend(angles.map(|angle| angle.sin() as f32));
    }
    Tensor::from_vec(waves, (levels_read.len(), 2 * half), levels.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn the_first_wave_turns_once_in_two_pi_levels_and_the_last_ten_thousand_times_slower()
    -> Result<()> {
        let tau = std::f32::consts::TAU;
        let levels = Tensor::new(&[0.0, tau / 4.0, tau], &Device::Cpu)?;
        let waves = timestep_embedding(&levels, 8)?.to_vec2::<f32>()?;
        assert_eq!(waves[0], [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(waves[1][0].abs() < 1e-6 && (waves[1][4] - 1.0).abs() < 1e-6);
        assert!((waves[2][0] - 1.0).abs() < 1e-6 && waves[2][4].abs() < 1e-6);
        // Wave 3 of 4: 10000^(3/4) = 1000 times slower.
        assert!((waves[2][7] - (tau / 1000.0).sin()).abs() < 1e-6);
        Ok(())
    }
}
