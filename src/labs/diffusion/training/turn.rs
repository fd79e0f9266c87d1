//! One step: the network looks at a batch, and its weights move.

use super::batch::{Batch, error_of_clean, parts, weight};
use super::data::Data;
use super::learner::Learner;
use super::{N_BANDS, Settings, Turn};
use crate::algo::diffusion::N_LEVELS;
use crate::labs::training::{Halt, first_broken, halted};
use crate::nn::optimizer::Gradients;
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;

/// Pictures whose gradient is computed at once: few enough that Stop acts within 200 ms.
const AT_ONCE: usize = 16;
/// Steps over which the learning rate rises to its full height.
const WARM_UP: f64 = 100.0;

impl Learner {
    /// A step on a batch drawn from `data`. `cooled` is what the learning rate is multiplied with.
    pub(super) fn turn(
        &mut self,
        data: &Data,
        settings: &Settings,
        cooled: f64,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Turn, Halt> {
        let mut rng = Rng::new(self.seed, &format!("step {}", self.step));
        let (levels, prediction) = (&self.levels, self.prediction);
        let parts = parts(data, levels, prediction, settings, AT_ONCE, &mut rng)?;
        self.learns(&parts, settings, cooled, go_on)
    }

    /// A step on this batch.
    pub(super) fn learns(
        &mut self,
        parts: &[Batch],
        settings: &Settings,
        cooled: f64,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Turn, Halt> {
        let n: usize = parts.iter().map(|part| part.rows.len()).sum();
        let mut gradients = Gradients::default();
        let (mut sum, mut bands) = (0.0, [(0.0, 0_usize); N_BANDS]);
        let network = self.learning()?;
        for part in parts {
            halted(go_on())?;
            let condition = network.condition(&part.rows)?;
            let output = network.forward(&part.noised, &part.t, &condition)?;
            halted(go_on())?;
            let squares = (output - &part.target)?.sqr()?.flatten_from(1)?.mean(1)?; // (b)
            let weights: Vec<f32> = part
                .levels
                .iter()
                .map(|level| self.share(level, n))
                .collect();
            let weights = Tensor::from_vec(weights, part.rows.len(), &Device::Cpu)?;
            let loss = (&squares * weights)?.sum_all()?;
            gradients.add(&self.network, loss.backward()?)?;
            sum += loss.to_scalar::<f32>()?;
            for (level, square) in part.levels.iter().zip(squares.to_vec1::<f32>()?) {
                let band = &mut bands[(level.t as usize * N_BANDS / N_LEVELS).min(N_BANDS - 1)];
                band.0 += error_of_clean(self.prediction, f64::from(square), level);
                band.1 += 1;
            }
        }
        halted(go_on())?;
        let norms = gradients.norms()?;
        self.check(sum, &norms)?;
        let warm = ((self.step + 1) as f64 / WARM_UP).min(1.0);
        let learning_rate = settings.learning_rate * warm * cooled;
        let gradient = self.adam.step(&gradients, learning_rate)?;
        self.step += 1;
        self.losses.push(sum);
        self.average
            .step(&self.network, settings.ema.clamp(0.0, 0.999_99))?;
        let named = self.network.iter().zip(&norms);
        let of_weights = named.filter(|((name, _), _)| name.ends_with(".weight"));
        Ok(Turn {
            step: self.step,
            loss: sum,
            bands: bands.map(|(sum, n)| (n > 0).then(|| (sum / n as f64) as f32)),
            gradient: gradient as f32,
            gradients: of_weights.map(|(_, &norm)| norm as f32).collect(),
            learning_rate,
            ..Turn::default()
        })
    }

    /// What a squared error counts in the loss of `n` pictures.
    pub(super) fn share(&self, level: &crate::algo::diffusion::Level, n: usize) -> f32 {
        (weight(self.prediction, level) / self.mean_weight / n as f64) as f32
    }

    /// Nothing may move where a number is none.
    fn check(&self, loss: f32, norms: &[f64]) -> Result<(), Halt> {
        if loss.is_finite() && norms.iter().all(|norm| norm.is_finite()) {
            return Ok(());
        }
        Err(Halt::RanAway(first_broken(&self.network, norms)?))
    }
}
