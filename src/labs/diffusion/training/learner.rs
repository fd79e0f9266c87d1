//! The network with everything a training holds of it.

use super::State;
use super::batch::mean_weight;
use crate::algo::diffusion::{Levels, Prediction, Schedule};
use crate::labs::diffusion::captions::Attribute;
use crate::labs::diffusion::{About, Denoiser};
use crate::models::unet::{self, Config, UNet};
use crate::nn::layers::Parameters;
use crate::nn::optimizer::{AdamW, AdamWConfig, Ema};
use crate::rng::Rng;
use candle_core::{Device, Result, bail};

/// How fast the moments forget, how much the matrices shrink, where gradients are clipped.
const ADAM: AdamWConfig = AdamWConfig {
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weight_decay: 0.01,
    max_grad_norm: 1.0,
};

/// The network, and all that moves it.
#[derive(Debug)]
pub(super) struct Learner {
    pub(super) config: Config,
    pub(super) schedule: Schedule,
    pub(super) prediction: Prediction,
    pub(super) attributes: Vec<Attribute>,
    pub(super) levels: Levels,
    pub(super) mean_weight: f64,
    pub(super) seed: u64,
    pub(super) network: Parameters,
    /// The weights, smoothed over the steps: these draw.
    pub(super) average: Ema,
    pub(super) adam: AdamW,
    pub(super) step: usize,
    pub(super) secs: f64,
    pub(super) losses: Vec<f32>,
}

impl Learner {
    /// A network that knows nothing.
    pub(super) fn new(
        config: Config,
        schedule: Schedule,
        prediction: Prediction,
        attributes: Vec<Attribute>,
        seed: u64,
    ) -> Result<Self> {
        let mut rng = Rng::new(seed, "the network's weights");
        let network = unet::initial(&config, &mut rng, &Device::Cpu)?;
        let levels = schedule.levels();
        Ok(Self {
            mean_weight: mean_weight(prediction, &levels),
            adam: AdamW::new(&network, ADAM)?,
            average: Ema::new(&network)?,
            config,
            schedule,
            prediction,
            attributes,
            levels,
            seed,
            network,
            step: 0,
            secs: 0.0,
            losses: Vec::new(),
        })
    }

    /// The network as it was.
    pub(super) fn from_state(state: &State, seed: u64) -> Result<Self> {
        let mut learner = Self::new(
            state.config.clone(),
            state.schedule.clone(),
            state.prediction,
            state.attributes.clone(),
            seed,
        )?;
        learner.restore(state)?;
        Ok(learner)
    }

    /// The network, to learn.
    pub(super) fn learning(&self) -> Result<UNet> {
        UNet::new(&self.config, &mut |name, _| match self.network.get(name) {
            Some(var) => Ok(var.as_tensor().clone()),
            None => bail!("there is no {name}"),
        })
    }

    /// What the average of the weights draws.
    pub(super) fn denoiser(&self) -> Result<Denoiser> {
        let network = UNet::new(&self.config, &mut |name, _| match self.average.get(name) {
            Some(tensor) => Ok(tensor.clone()),
            None => bail!("there is no {name}"),
        })?;
        let about = About {
            name: "the model in training".to_owned(),
            side: self.config.side,
            n_channels: self.config.n_channels,
            attributes: self.attributes.clone(),
            schedule: self.schedule.clone(),
            prediction: self.prediction,
            n_weights: self.network.n_weights() as u64,
            steps: Some(self.step as u64),
            source: String::new(),
            license: String::new(),
        };
        Ok(Denoiser::new(network, about))
    }

    /// Layers with weights, by name.
    pub(super) fn layers(&self) -> Vec<String> {
        let names = self.network.iter().map(|(name, _)| name);
        let weights = names.filter_map(|name| name.strip_suffix(".weight"));
        weights.map(str::to_owned).collect()
    }
}
