//! What moves the weights: `AdamW` for language models, [`Adam`] and [`Sgd`] for networks that fight,
//! each with a state that can be saved; and the gradients they follow, and a learning rate's course.
//!
//! Each moves the variables in place, a variable at a time, in one pass over it and one over each of
//! its moments. A tensor that shares a variable's memory (`as_detached_tensor`) changes with it: who
//! keeps weights takes a `copy`.

mod adam;
mod ema;
mod moments;
mod sgd;

pub use adam::{Adam, AdamConfig, AdamW, AdamWConfig};
pub use ema::Ema;
pub use sgd::{Sgd, SgdConfig};

use super::layers::Parameters;
use super::slices::{dot, with_floats};
use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, bail};

/// Gradients summed over several backward passes, in the order of the parameters.
#[derive(Debug, Default)]
pub struct Gradients {
    sums: Vec<Tensor>,
}

impl Gradients {
    /// Adds what one backward pass found.
    ///
    /// # Errors
    /// When a parameter has no gradient: an operation on its path has none in candle.
    pub fn add(&mut self, parameters: &Parameters, mut store: GradStore) -> Result<()> {
        let mut sums = Vec::with_capacity(parameters.iter().len());
        for (i, (name, var)) in parameters.iter().enumerate() {
            let Some(gradient) = store.remove(var) else {
                bail!("no gradient reaches {name}");
            };
            let gradient = gradient.detach();
            sums.push(match self.sums.get(i) {
                Some(sum) => (sum + gradient)?,
                None => gradient,
            });
        }
        self.sums = sums;
        Ok(())
    }

    /// The gradients, in the order of the parameters.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.sums
    }

    /// Length of all gradients as one vector.
    ///
    /// # Errors
    /// When the device does.
    pub fn norm(&self) -> Result<f64> {
        let norms = self.norms()?;
        Ok(norms.iter().map(|norm| norm * norm).sum::<f64>().sqrt())
    }

    /// The norm, if there are `n_variables` gradients and all are finite.
    fn finite_norm(&self, n_variables: usize) -> Result<f64> {
        if self.sums.len() != n_variables {
            bail!("{n_variables} variables, {} gradients", self.sums.len());
        }
        let norm = self.norm()?;
        if !norm.is_finite() {
            bail!("the gradients are no longer finite numbers");
        }
        Ok(norm)
    }

    /// Length of each gradient, in the order of the parameters.
    ///
    /// # Errors
    /// When the device does.
    pub fn norms(&self) -> Result<Vec<f64>> {
        let square = |gradient: &Tensor| -> Result<f64> {
            if gradient.device().is_cpu() {
                return with_floats([&gradient.contiguous()?], |[g]| {
                    let blocks = g.chunks(1 << 12);
                    Ok(blocks.map(|g| f64::from(dot(g, g))).sum())
                });
            }
            Ok(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?.into())
        };
        let squares = self.sums.iter().map(square);
        squares.map(|square| Ok(square?.sqrt())).collect()
    }
}

/// Learning rate at the fraction `progress` (0 to 1) of a training of which the first `warmup` part
/// rises from 0 to `peak`, and the rest falls as a cosine to a twentieth of it.
#[must_use]
pub fn warmup_then_cosine(peak: f64, warmup: f64, progress: f64) -> f64 {
    if progress < warmup {
        return peak * progress / warmup;
    }
    let fallen = ((progress - warmup) / (1.0 - warmup).max(1e-9)).min(1.0);
    let floor = peak / 20.0;
    floor + (peak - floor) * 0.5 * (1.0 + (std::f64::consts::PI * fallen).cos())
}
