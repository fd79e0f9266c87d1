//! The network with everything a training holds of it, and one step.

use super::data::Data;
use super::squeezer::{Squeezer, some};
use super::{Settings, State, Turn};
use crate::labs::training::{Halt, find, first_broken, halted, learned, restore};
use crate::models::autoencoder::{self, Autoencoder, Config};
use crate::nn::layers::Parameters;
use crate::nn::optimizer::{Adam, AdamConfig, Ema, Gradients};
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor, bail};
use std::ops::ControlFlow;

/// How fast the moments forget.
const ADAM: AdamConfig = AdamConfig {
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
};
/// How slowly the weights that are shown follow the network's own.
const KEPT: f64 = 0.99;
/// Pictures whose gradient is computed at once: few enough that Stop acts within 200 ms.
const AT_ONCE: usize = 32;
/// Steps over which the learning rate rises to its full height.
const WARM_UP: f64 = 50.0;
/// Pictures that the spread of the codes is measured on.
const N_MEASURED: usize = 512;
/// A number that is the same for every picture is not divided by its spread.
const LEAST_SPREAD: f32 = 1e-6;

/// The network, and all that moves it.
#[derive(Debug)]
pub(super) struct Learner {
    pub(super) config: Config,
    pub(super) seed: u64,
    pub(super) network: Parameters,
    /// The weights, smoothed over the steps: these are shown.
    average: Ema,
    adam: Adam,
    pub(super) step: usize,
    pub(super) secs: f64,
    pub(super) losses: Vec<f32>,
}

impl Learner {
    /// A network that knows nothing.
    pub(super) fn new(config: Config, seed: u64) -> Result<Self> {
        let mut rng = Rng::new(seed, "the network's weights");
        let network = autoencoder::initial(&config, &mut rng, &Device::Cpu)?;
        Ok(Self {
            adam: Adam::new(&network, ADAM)?,
            average: Ema::new(&network)?,
            config,
            seed,
            network,
            step: 0,
            secs: 0.0,
            losses: Vec::new(),
        })
    }

    /// The network as it was.
    pub(super) fn from_state(state: &State, seed: u64) -> Result<Self> {
        let mut learner = Self::new(state.config, seed)?;
        let all = &state.tensors;
        restore(all, state.step, &learner.network, &mut learner.average)?;
        let moment =
            |name: &str, shape: &[usize], _: &Device| find(all, &format!("adam.{name}"), shape);
        learner.adam.restore(state.step, moment)?;
        (learner.step, learner.secs) = (state.step, state.secs);
        learner.losses.clone_from(&state.losses);
        Ok(learner)
    }

    /// All of it as plain numbers.
    pub(super) fn state(&self) -> Result<State> {
        Ok(State {
            config: self.config,
            step: self.step,
            secs: self.secs,
            losses: self.losses.clone(),
            tensors: learned(&self.network, &self.average, &self.adam.state()?)?,
        })
    }

    /// The average of the weights, its codes measured in their spread over what is learned from.
    pub(super) fn squeezer(&self, data: &Data) -> Result<Squeezer> {
        let network = Autoencoder::new(self.config, &mut |name, _| match self.average.get(name) {
            Some(tensor) => Ok(tensor.clone()),
            None => bail!("there is no {name}"),
        })?;
        let every = (data.learned.len() / N_MEASURED).max(1);
        let measured: Vec<usize> = data.learned.iter().copied().step_by(every).collect();
        let mut codes = Vec::new();
        for part in measured.chunks(AT_ONCE) {
            let part = network.encode(&some(&data.pictures, part)?)?;
            codes.extend(part.to_vec2::<f32>()?);
        }
        let (mean, spread) = moments(&codes, self.config.d_code);
        Ok(Squeezer::new(network.rescaled(&mean, &spread)?, self.step))
    }

    /// A step on pictures drawn from what is learned. `cooled` is what the learning rate is multiplied
    /// with.
    pub(super) fn turn(
        &mut self,
        data: &Data,
        settings: &Settings,
        cooled: f64,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<Turn, Halt> {
        let mut rng = Rng::new(self.seed, &format!("step {}", self.step));
        let chosen = (0..settings.batch.max(1)).filter_map(|_| rng.pick(&data.learned));
        let chosen: Vec<usize> = chosen.copied().collect();
        let parts = chosen.chunks(AT_ONCE);
        let parts = parts.map(|part| some(&data.pictures, part));
        let parts: Vec<Tensor> = parts.collect::<Result<_>>()?;
        self.learns(&parts, settings.learning_rate * cooled, go_on)
    }

    /// A step on these pictures.
    pub(super) fn learns(
        &mut self,
        parts: &[Tensor],
        learning_rate: f64,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<Turn, Halt> {
        let network = Autoencoder::new(self.config, &mut |name, _| match self.network.get(name) {
            Some(var) => Ok(var.as_tensor().clone()),
            None => bail!("there is no {name}"),
        })?;
        let n: usize = parts.iter().map(Tensor::elem_count).sum();
        let mut gradients = Gradients::default();
        let mut sum = 0.0;
        for pictures in parts {
            halted(go_on())?;
            let gap = (network.forward(pictures)? - pictures)?;
            let loss = (gap.sqr()?.sum_all()? / n.max(1) as f64)?;
            halted(go_on())?;
            gradients.add(&self.network, loss.backward()?)?;
            sum += loss.to_scalar::<f32>()?;
        }
        halted(go_on())?;
        let norms = gradients.norms()?;
        if !sum.is_finite() || norms.iter().any(|norm| !norm.is_finite()) {
            return Err(Halt::RanAway(first_broken(&self.network, &norms)?));
        }
        let learning_rate = learning_rate * ((self.step + 1) as f64 / WARM_UP).min(1.0);
        let gradient = self.adam.step(&gradients, learning_rate)?;
        self.step += 1;
        self.losses.push(sum);
        self.average.step(&self.network, KEPT)?;
        Ok(Turn {
            step: self.step,
            loss: sum,
            gradient: gradient as f32,
            learning_rate,
            ..Turn::default()
        })
    }
}

/// The mean and the standard deviation of every number over the codes.
fn moments(codes: &[Vec<f32>], d_code: usize) -> (Vec<f32>, Vec<f32>) {
    let n = codes.len().max(1) as f64;
    let mean = |j: usize| codes.iter().map(|code| f64::from(code[j])).sum::<f64>() / n;
    let means: Vec<f64> = (0..d_code).map(mean).collect();
    let spread = |j: usize| {
        let squares = codes
            .iter()
            .map(|code| (f64::from(code[j]) - means[j]).powi(2));
        (squares.sum::<f64>() / n).sqrt() as f32
    };
    let spreads = (0..d_code).map(|j| Some(spread(j)).filter(|s| *s > LEAST_SPREAD));
    let spreads = spreads.map(|spread| spread.unwrap_or(1.0));
    (means.iter().map(|&m| m as f32).collect(), spreads.collect())
}
