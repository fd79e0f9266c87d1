//! `Adam` (Kingma & Ba 2015) and `AdamW` (Loshchilov & Hutter 2019), which also clips the gradients
//! by their global norm (Pascanu et al. 2013).

use super::Gradients;
use super::moments::{Each2, Each3, Slot, restored, saved, slots};
use crate::nn::layers::Parameters;
use candle_core::{Device, Result, Tensor};

/// How the weights of a language model are moved.
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

/// How the weights of a GAN are moved: nothing decays, nothing is clipped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamConfig {
    /// Decay of the mean of the gradients; 0.5 for a GAN (Radford et al. 2016).
    pub beta1: f64,
    /// Decay of the mean of their squares.
    pub beta2: f64,
    /// Keeps the step finite where gradients vanish.
    pub epsilon: f64,
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self {
            beta1: 0.5,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

/// What the moments are named in a checkpoint.
const KINDS: [&str; 2] = ["mean", "square"];

/// The optimizer: every variable's two moments, and how many steps were taken.
#[derive(Debug)]
pub struct AdamW {
    slots: Vec<Slot<2>>,
    config: AdamWConfig,
    n_steps: usize,
}

impl AdamW {
    /// Fresh moments for every parameter.
    ///
    /// # Errors
    /// When the device has no room for them.
    pub fn new(parameters: &Parameters, config: AdamWConfig) -> Result<Self> {
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

    /// Moves every variable against its gradient, and returns the length the gradients had, all
    /// together, before clipping.
    ///
    /// # Errors
    /// When a gradient is missing (a hole in the model's graph) or is not finite; nothing is moved then.
    pub fn step(&mut self, gradients: &Gradients, learning_rate: f64) -> Result<f64> {
        let norm = gradients.finite_norm(self.slots.len())?;
        let clip = (self.config.max_grad_norm / norm.max(1e-12)).min(1.0);
        self.n_steps += 1;
        let unbias = |beta: f64| 1.0 / (1.0 - beta.powi(self.n_steps as i32));
        let AdamWConfig { beta1, beta2, .. } = self.config;
        for (slot, gradient) in self.slots.iter_mut().zip(gradients.tensors()) {
            let decay = if slot.var.rank() > 1 {
                self.config.weight_decay
            } else {
                0.0
            };
            let step = Step {
                clip,
                beta1,
                beta2,
                unbias1: unbias(beta1),
                unbias2: unbias(beta2),
                epsilon: self.config.epsilon,
                kept: 1.0 - learning_rate * decay,
                learning_rate,
            };
            if slot.var.device().is_cpu() {
                step.in_place(slot, &gradient.contiguous()?)?;
            } else {
                step.composed(slot, gradient)?;
            }
        }
        Ok(norm)
    }

    /// Copies of the moments as named tensors, `mean.…` and `square.…`, for a checkpoint.
    ///
    /// # Errors
    /// When the device has no room for them.
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        saved(&self.slots, KINDS)
    }

    /// Takes up where a checkpoint stopped: `find` gives a named tensor of [`AdamW::state`].
    ///
    /// # Errors
    /// When `find` does, or a moment's shape is not its variable's.
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

/// [`AdamW`] without its decay and its clipping, as `torch.optim.Adam`.
#[derive(Debug)]
pub struct Adam(AdamW);

impl Adam {
    /// Fresh moments for every parameter.
    ///
    /// # Errors
    /// When the device has no room for them.
    pub fn new(parameters: &Parameters, config: AdamConfig) -> Result<Self> {
        let config = AdamWConfig {
            beta1: config.beta1,
            beta2: config.beta2,
            epsilon: config.epsilon,
            weight_decay: 0.0,
            max_grad_norm: f64::INFINITY,
        };
        AdamW::new(parameters, config).map(Self)
    }

    /// Steps taken so far.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.0.n_steps()
    }

    /// Moves every variable against its gradient; returns the length of all gradients together.
    ///
    /// # Errors
    /// As [`AdamW::step`].
    pub fn step(&mut self, gradients: &Gradients, learning_rate: f64) -> Result<f64> {
        self.0.step(gradients, learning_rate)
    }

    /// As [`AdamW::state`].
    ///
    /// # Errors
    /// As [`AdamW::state`].
    pub fn state(&self) -> Result<Vec<(String, Tensor)>> {
        self.0.state()
    }

    /// As [`AdamW::restore`].
    ///
    /// # Errors
    /// As [`AdamW::restore`].
    pub fn restore(
        &mut self,
        n_steps: usize,
        find: impl FnMut(&str, &[usize], &Device) -> Result<Tensor>,
    ) -> Result<()> {
        self.0.restore(n_steps, find)
    }
}

/// The numbers of one step.
struct Step {
    clip: f64,
    beta1: f64,
    beta2: f64,
    /// What the moments are multiplied by because they began at zero.
    unbias1: f64,
    unbias2: f64,
    epsilon: f64,
    /// The share of a weight that does not decay.
    kept: f64,
    learning_rate: f64,
}

impl Step {
    /// On the CPU, with the roundings of [`Step::composed`].
    fn in_place(&self, slot: &Slot<2>, gradient: &Tensor) -> Result<()> {
        let [mean, square] = &slot.moments;
        let [
            clip,
            beta1,
            beta2,
            unbias1,
            unbias2,
            epsilon,
            kept,
            learning_rate,
        ] = [
            self.clip,
            self.beta1,
            self.beta2,
            self.unbias1,
            self.unbias2,
            self.epsilon,
            self.kept,
            self.learning_rate,
        ]
        .map(|x| x as f32);
        let (fresh1, fresh2) = ((1.0 - self.beta1) as f32, (1.0 - self.beta2) as f32);
        let toward_mean = move |m: f32, g: f32| m * beta1 + g * clip * fresh1;
        mean.inplace_op2(gradient, &Each2(toward_mean))?;
        let toward_square = move |s: f32, g: f32| {
            let g = g * clip;
            s * beta2 + g * g * fresh2
        };
        square.inplace_op2(gradient, &Each2(toward_square))?;
        let moved = move |w: f32, m: f32, s: f32| {
            let direction = m * unbias1 / ((s * unbias2).sqrt() + epsilon);
            w * kept - direction * learning_rate
        };
        slot.var.inplace_op3(mean, square, &Each3(moved))
    }

    /// From candle's operations, on any device.
    fn composed(&self, slot: &mut Slot<2>, gradient: &Tensor) -> Result<()> {
        let gradient = (gradient * self.clip)?;
        let [mean, square] = &mut slot.moments;
        *mean = ((&*mean * self.beta1)? + (&gradient * (1.0 - self.beta1))?)?;
        *square = ((&*square * self.beta2)? + (gradient.sqr()? * (1.0 - self.beta2))?)?;
        let scale = ((&*square * self.unbias2)?.sqrt()? + self.epsilon)?;
        let direction = ((&*mean * self.unbias1)? / scale)?;
        let kept = (slot.var.as_detached_tensor() * self.kept)?;
        slot.var.set(&(kept - (direction * self.learning_rate)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use candle_core::Var;

    fn noise(rng: &mut Rng) -> Tensor {
        Tensor::from_vec(rng.normals(60, 0.0, 1.0), (12, 5), &Device::Cpu).unwrap()
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn a_step_in_place_has_the_bits_of_the_step_composed_of_candles_operations() {
        let mut rng = Rng::new(1, "adam test");
        let start = noise(&mut rng);
        let mut slots = [(); 2].map(|()| Slot {
            name: String::new(),
            var: Var::from_tensor(&start).unwrap(),
            moments: [(); 2].map(|()| start.zeros_like().unwrap()),
        });
        for n_steps in 1..6 {
            let gradient = noise(&mut rng);
            let step = Step {
                clip: 0.7,
                beta1: 0.9,
                beta2: 0.99,
                unbias1: 1.0 / (1.0 - 0.9f64.powi(n_steps)),
                unbias2: 1.0 / (1.0 - 0.99f64.powi(n_steps)),
                epsilon: 1e-8,
                kept: 1.0 - 1e-3,
                learning_rate: 1e-2,
            };
            let [ours, theirs] = &mut slots;
            step.in_place(ours, &gradient).unwrap();
            step.composed(theirs, &gradient).unwrap();
            assert_eq!(values(&ours.var), values(&theirs.var));
            for (ours, theirs) in ours.moments.iter().zip(&theirs.moments) {
                assert_eq!(values(ours), values(theirs));
            }
        }
    }
}
