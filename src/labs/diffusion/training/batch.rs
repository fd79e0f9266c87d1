//! What one step learns from: pictures, their noise, and what is told of them.

use super::Settings;
use super::data::Data;
use crate::algo::diffusion::{Level, Levels, N_LEVELS, Prediction};
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor};

/// Keeps the levels with next to no noise from outweighing all others.
const OFFSET: f64 = 0.05;

/// Some pictures of a step.
#[derive(Debug)]
pub(in crate::labs::diffusion) struct Batch {
    /// (b, s, s, c).
    pub noised: Tensor,
    /// What the network should say of it, (b, s, s, c).
    pub target: Tensor,
    /// (b).
    pub t: Tensor,
    pub levels: Vec<Level>,
    pub rows: Vec<Vec<u32>>,
}

/// The whole batch of a step, in parts of at most `at_once` pictures. The noise levels are spread evenly
/// over the batch, each drawn at random within its share, so that every step sees all kinds.
pub(in crate::labs::diffusion) fn parts(
    data: &Data,
    levels: &Levels,
    prediction: Prediction,
    settings: &Settings,
    at_once: usize,
    rng: &mut Rng,
) -> Result<Vec<Batch>> {
    let n = settings.batch.max(1);
    let mut order: Vec<usize> = (0..n).collect();
    rng.shuffle(&mut order);
    let chosen = order.chunks(at_once.max(1));
    let part = |shares: &[usize]| one(data, levels, prediction, settings, shares, rng);
    chosen.map(part).collect()
}

/// The pictures whose noise levels lie in these shares of all levels.
fn one(
    data: &Data,
    levels: &Levels,
    prediction: Prediction,
    settings: &Settings,
    shares: &[usize],
    rng: &mut Rng,
) -> Result<Batch> {
    let (b, s, c) = (shares.len(), data.pictures.side, data.pictures.n_channels);
    let n_numbers = s * s * c;
    let n_shares = settings.batch.max(1) as f64;
    let (mut noised, mut target) = (Vec::new(), Vec::new());
    let (mut at, mut rows) = (Vec::new(), Vec::new());
    for &share in shares {
        let i = rng.below(data.pictures.len());
        let mut clean: Vec<f32> = data
            .pictures
            .get(i)
            .unwrap_or_default()
            .iter()
            .map(|&p| f32::from(p) / 127.5 - 1.0)
            .collect();
        if settings.mirror && rng.below(2) == 1 {
            mirror(&mut clean, s, c);
        }
        let row = &data.rows[i];
        let nothing = rng.uniform() < settings.drop_all;
        let told = row.iter().map(|&value| {
            let dropped = rng.uniform() < settings.drop_each;
            if nothing || dropped { 0 } else { value }
        });
        rows.push(told.collect());
        let t = ((share as f64 + rng.uniform()) / n_shares * N_LEVELS as f64).floor();
        let level = levels.at(t.min(N_LEVELS as f64 - 1.0));
        let noise = rng.normals(n_numbers, 0.0, 1.0);
        noised.extend(level.noised(&clean, &noise));
        target.extend(prediction.target(&clean, &noise, &level));
        at.push(level);
    }
    let device = &Device::Cpu;
    let t: Vec<f32> = at.iter().map(|level| level.t as f32).collect();
    Ok(Batch {
        noised: Tensor::from_vec(noised, (b, s, s, c), device)?,
        target: Tensor::from_vec(target, (b, s, s, c), device)?,
        t: Tensor::from_vec(t, b, device)?,
        levels: at,
        rows,
    })
}

/// Turns each row of pixels around.
fn mirror(picture: &mut [f32], side: usize, n_channels: usize) {
    for row in picture.chunks_exact_mut(side * n_channels) {
        for x in 0..side / 2 {
            for c in 0..n_channels {
                row.swap(x * n_channels + c, (side - 1 - x) * n_channels + c);
            }
        }
    }
}

/// What the loss multiplies a squared error at this level with. A predicted clean picture counts by
/// `1 / √(σ² + 0.05)`: errors grow with σ about as fast, so that all levels pull alike. By `1 / (σ² +
/// 0.05)`, the error of the noise, two thirds of the pull come from levels where the picture is as
/// good as seen, and what the words say is learned late. Noise and v count alike everywhere.
pub(in crate::labs::diffusion) fn weight(prediction: Prediction, level: &Level) -> f64 {
    match prediction {
        Prediction::X0 => 1.0 / (level.sigma().powi(2) + OFFSET).sqrt(),
        Prediction::Epsilon | Prediction::V => 1.0,
    }
}

/// The mean of [`weight`] over all levels: what it is divided by, so that losses can be compared.
pub(in crate::labs::diffusion) fn mean_weight(prediction: Prediction, levels: &Levels) -> f64 {
    let all = (0..N_LEVELS).map(|t| weight(prediction, &levels.at(t as f64)));
    all.sum::<f64>() / N_LEVELS as f64
}

/// A squared error of the prediction as one of the clean picture.
pub(super) fn error_of_clean(prediction: Prediction, squared: f64, level: &Level) -> f64 {
    match prediction {
        Prediction::X0 => squared,
        Prediction::Epsilon => squared * level.sigma().powi(2),
        Prediction::V => squared * level.noise().powi(2),
    }
}
