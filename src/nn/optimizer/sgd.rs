//! Stochastic gradient descent with momentum (Polyak 1964), as `torch.optim.SGD` has it.

use super::Gradients;
use super::moments::{Each2, Slot, restored, saved, slots};
use crate::nn::layers::Parameters;
use candle_core::{Device, Result, Tensor};

/// How the weights are moved.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SgdConfig {
    /// What is kept of the last move at each step: 0 is plain gradient descent.
    pub momentum: f64,
}

/// What the moment is named in a checkpoint.
const KINDS: [&str; 1] = ["velocity"];

/// The optimizer: `v ← momentum · v + gradient`, `weight ← weight − learning rate · v`.
#[derive(Debug)]
pub struct Sgd {
    slots: Vec<Slot<1>>,
    config: SgdConfig,
    n_steps: usize,
}

impl Sgd {
    /// Every parameter at rest.
    ///
    /// # Errors
    /// When the device has no room for the velocities.
    pub fn new(parameters: &Parameters, config: SgdConfig) -> Result<Self> {
        Ok(Self {
            slots: slots(parameters)?,
            config,
            n_steps: 0,
        })
    }

    /// Steps taken so far.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// Moves every variable; returns the length of all gradients together.
    ///
    /// # Errors
    /// When a gradient is missing or is not finite; nothing is moved then.
    pub fn step(&mut self, gradients: &Gradients, learning_rate: f64) -> Result<f64> {
        let norm = gradients.finite_norm(self.slots.len())?;
        self.n_steps += 1;
        let (momentum, rate) = (self.config.momentum as f32, learning_rate as f32);
        for (slot, gradient) in self.slots.iter_mut().zip(gradients.tensors()) {
            let [velocity] = &mut slot.moments;
            if slot.var.device().is_cpu() {
                let gradient = gradient.contiguous()?;
                velocity.inplace_op2(&gradient, &Each2(move |v, g| v * momentum + g))?;
                slot.var
                    .inplace_op2(velocity, &Each2(move |w, v| w - v * rate))?;
            } else {
                *velocity = ((&*velocity * self.config.momentum)? + gradient)?;
                let weight = slot.var.as_detached_tensor();
                slot.var.set(&(weight - (&*velocity * learning_rate)?)?)?;
            }
        }
        Ok(norm)
    }

    /// Copies of the velocities as named tensors, `velocity.…`, for a checkpoint.
    ///
    /// # Errors
    /// When the device has no room for them.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        saved(&self.slots, KINDS)
    }

    /// Takes up where a checkpoint stopped: `find` gives a named tensor of [`Sgd::state`].
    ///
    /// # Errors
    /// When `find` does, or a velocity's shape is not its variable's.
    pub fn restore(
        &mut self,
        n_steps: usize,
        find: impl FnMut(&str, &[usize], &Device) -> Result<Tensor>,
    ) -> Result<()> {
        restored(&mut self.slots, KINDS, find)?;
        self.n_steps = n_steps;
        Ok(())
    }
}
