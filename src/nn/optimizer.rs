//! `AdamW` (Loshchilov & Hutter 2019) whose state can be saved, gradient clipping by the global norm
//! (Pascanu et al. 2013), and a learning rate that warms up and then decays.

use super::layers::Parameters;
use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var, bail};

/// How the weights are moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWConfig {
    /// Decay of the mean of the gradients.
    pub beta1: f64,
    /// Decay of the mean of their squares.
    pub beta2: f64,
    /// Keeps the step finite where gradients vanish.
    pub epsilon: f64,
    /// Share of a matrix taken away per step and unit of learning rate; gains and biases keep theirs.
    pub weight_decay: f64,
    /// Gradients longer than this, all together, are shortened to it.
    pub max_grad_norm: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-8,
            weight_decay: 0.1,
            max_grad_norm: 1.0,
        }
    }
}

/// One variable with its running moments.
#[derive(Debug)]
struct Slot {
    name: String,
    var: Var,
    mean: Tensor,
    square: Tensor,
}

/// The optimizer: every variable's two moments, and how many steps were taken.
#[derive(Debug)]
pub struct AdamW {
    slots: Vec<Slot>,
    config: AdamWConfig,
    n_steps: usize,
}

impl AdamW {
    /// Fresh moments for every parameter.
    ///
    /// # Errors
    /// When the device has no room for them.
    pub fn new(parameters: &Parameters, config: AdamWConfig) -> Result<Self> {
        let slots = parameters
            .iter()
            .map(|(name, var)| {
                Ok(Slot {
                    name: name.to_owned(),
                    var: var.clone(),
                    mean: var.zeros_like()?.detach(),
                    square: var.zeros_like()?.detach(),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            slots,
            config,
            n_steps: 0,
        })
    }

    /// Steps taken so far.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// Moves every variable against its gradient, and returns the length the gradients had, all
    /// together, before clipping.
    ///
    /// # Errors
    /// When a gradient is missing (a hole in the model's graph) or is not finite; nothing is moved then.
    pub fn step(&mut self, gradients: &Gradients, learning_rate: f64) -> Result<f64> {
        let norm = gradients.norm()?;
        if !norm.is_finite() {
            bail!("the gradients are no longer finite numbers");
        }
        let clip = (self.config.max_grad_norm / norm.max(1e-12)).min(1.0);
        self.n_steps += 1;
        let AdamWConfig {
            beta1,
            beta2,
            epsilon,
            weight_decay,
            ..
        } = self.config;
        let unbias = |beta: f64| 1.0 / (1.0 - beta.powi(self.n_steps as i32));
        let (unbias1, unbias2) = (unbias(beta1), unbias(beta2));
        if self.slots.len() != gradients.sums.len() {
            bail!(
                "{} variables, {} gradients",
                self.slots.len(),
                gradients.sums.len()
            );
        }
        for (slot, gradient) in self.slots.iter_mut().zip(&gradients.sums) {
            let gradient = (gradient * clip)?;
            slot.mean = ((&slot.mean * beta1)? + (&gradient * (1.0 - beta1))?)?;
            slot.square = ((&slot.square * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?;
            let scale = ((&slot.square * unbias2)?.sqrt()? + epsilon)?;
            let direction = ((&slot.mean * unbias1)? / scale)?;
            let weight = slot.var.as_detached_tensor();
            let decay = if weight.rank() > 1 { weight_decay } else { 0.0 };
            let kept = (weight * (1.0 - learning_rate * decay))?;
            slot.var.set(&(kept - (direction * learning_rate)?)?)?;
        }
        Ok(norm)
    }

    /// The moments as named tensors, `mean.…` and `square.…`, for a checkpoint.
    pub fn state(&self) -> impl Iterator<Item = (String, Tensor)> {
        self.slots.iter().flat_map(|slot| {
            [
                (format!("mean.{}", slot.name), slot.mean.clone()),
                (format!("square.{}", slot.name), slot.square.clone()),
            ]
        })
    }

    /// Takes up where a checkpoint stopped: `find` gives a named tensor of [`AdamW::state`].
    ///
    /// # Errors
    /// When `find` does, or a moment's shape is not its variable's.
    pub fn restore(
        &mut self,
        n_steps: usize,
        mut find: impl FnMut(&str, &[usize], &Device) -> Result<Tensor>,
    ) -> Result<()> {
        for slot in &mut self.slots {
            let (shape, device) = (slot.var.dims(), slot.var.device());
            slot.mean = find(&format!("mean.{}", slot.name), shape, device)?;
            slot.square = find(&format!("square.{}", slot.name), shape, device)?;
            if slot.mean.dims() != shape || slot.square.dims() != shape {
                bail!("the saved moments of {} have another shape", slot.name);
            }
        }
        self.n_steps = n_steps;
        Ok(())
    }
}

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
        let mut squares = 0.0;
        for gradient in &self.sums {
            squares += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
        }
        Ok(squares.sqrt())
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
