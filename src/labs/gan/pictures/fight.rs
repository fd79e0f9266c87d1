//! Both networks with everything a training holds of them.

use super::layers::{is_weight, names};
use super::{Settings, State};
use crate::models::dcgan::{self, Config, Discriminator, Generator, is_statistic};
use crate::nn::layers::Parameters;
use crate::nn::optimizer::{Adam, AdamConfig};
use crate::nn::spectral_norm::SpectralNorm;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor, bail};

/// Standard deviation of G's first weights, as DCGAN has it.
const START_G: f64 = 0.02;
/// Of D's: where its weights are divided by their norm, larger ones turn more slowly.
const START_D: f64 = 0.05;
/// How fast either network's moments forget.
const ADAM: AdamConfig = AdamConfig {
    beta1: 0.5,
    beta2: 0.99,
    epsilon: 1e-8,
};

/// A named tensor of a network.
pub(super) type Named = (String, Tensor);

/// Generator, discriminator, and all that moves them.
#[derive(Debug)]
pub(super) struct Fight {
    pub(super) config: Config,
    pub(super) device: Device,
    pub(super) seed: u64,
    pub(super) g: Parameters,
    pub(super) d: Parameters,
    pub(super) statistics: Vec<Named>,
    /// G's weights and statistics, smoothed over the turns: these draw the snapshots.
    pub(super) average: Vec<Named>,
    pub(super) norms: Vec<SpectralNorm>,
    pub(super) adam_g: Adam,
    pub(super) adam_d: Adam,
    pub(super) spectral_norm: bool,
    pub(super) step: usize,
    pub(super) secs: f64,
    pub(super) losses: Vec<[f32; 2]>,
}

impl Fight {
    /// Two networks that know nothing.
    pub(super) fn new(config: Config, settings: &Settings, seed: u64) -> Result<Self> {
        let device = Device::Cpu;
        let (of_g, of_d) = (config.generator_tensors(), config.discriminator_tensors());
        let mut rng = Rng::new(seed, "the generator's weights");
        let g = dcgan::initial(&of_g, START_G, &mut rng, &device)?;
        let mut rng = Rng::new(seed, "the discriminator's weights");
        let d = dcgan::initial(&of_d, START_D, &mut rng, &device)?;
        let mut statistics = Vec::new();
        for (name, shape) in of_g.iter().filter(|(name, _)| is_statistic(name)) {
            let start = if name.ends_with("mean") { 0.0 } else { 1.0 };
            let start = Tensor::full(start as f32, shape.as_slice(), &device)?;
            statistics.push((name.clone(), start));
        }
        let mut rng = Rng::new(seed, "power iteration");
        let weights = of_d.iter().filter(|(name, _)| is_weight(name));
        let norms = weights.map(|(_, shape)| {
            let n_out = shape.last().copied().unwrap_or(1);
            SpectralNorm::new(rng.normals(n_out, 0.0, 1.0))
        });
        let mut fight = Self {
            config,
            seed,
            average: Vec::new(),
            norms: norms.collect(),
            adam_g: Adam::new(&g, ADAM)?,
            adam_d: Adam::new(&d, ADAM)?,
            g,
            d,
            statistics,
            device,
            spectral_norm: settings.spectral_norm,
            step: 0,
            secs: 0.0,
            losses: Vec::new(),
        };
        let names = of_g.iter().map(|(name, _)| name.clone());
        // Detached: a copy of a Var remembers where it came from, and every turn's average the one before it.
        fight.average = names
            .map(|name| Ok((name.clone(), fight.of_generator(&name)?.detach().copy()?)))
            .collect::<Result<_>>()?;
        Ok(fight)
    }

    /// The two networks as they were.
    pub(super) fn from_state(state: &State, seed: u64) -> Result<Self> {
        let settings = Settings {
            spectral_norm: state.spectral_norm,
            ..Settings::default()
        };
        let mut fight = Self::new(state.config, &settings, seed)?;
        fight.restore(state)?;
        Ok(fight)
    }

    /// One tensor of the generator: a weight, or a running statistic.
    pub(super) fn of_generator(&self, name: &str) -> Result<Tensor> {
        let statistic = self.statistics.iter().find(|(n, _)| n == name);
        match (self.g.get(name), statistic) {
            (Some(var), _) => Ok(var.as_tensor().clone()),
            (None, Some((_, tensor))) => Ok(tensor.clone()),
            (None, None) => bail!("there is no {name}"),
        }
    }

    pub(super) fn generator(&self, detached: bool) -> Result<Generator> {
        Generator::new(self.config, &mut |name, _| {
            let tensor = self.of_generator(name)?;
            Ok(if detached { tensor.detach() } else { tensor })
        })
    }

    /// The generator that draws the snapshots.
    pub(super) fn average(&self) -> Result<Generator> {
        Generator::new(self.config, &mut |name, _| {
            let found = self.average.iter().find(|(n, _)| n == name);
            match found {
                Some((_, tensor)) => Ok(tensor.clone()),
                None => bail!("there is no {name}"),
            }
        })
    }

    /// The discriminator as it judges; with `moving`, its spectral norms are followed a step further.
    pub(super) fn discriminator(&mut self, moving: bool) -> Result<Discriminator> {
        let d = &self.d;
        let plain = Discriminator::new(self.config, &mut |name, _| match d.get(name) {
            Some(var) => Ok(var.as_tensor().clone()),
            None => bail!("there is no {name}"),
        })?;
        if !self.spectral_norm {
            return Ok(plain);
        }
        plain.spectrally_normed(&mut self.norms, moving)
    }

    /// The discriminator as it judges now, with nothing to learn.
    pub(super) fn judge(&mut self) -> Result<Discriminator> {
        Ok(self.discriminator(false)?.frozen())
    }

    /// Layers with weights, G's and D's, by name.
    pub(super) fn layers(&self) -> [Vec<String>; 2] {
        [names(&self.g), names(&self.d)]
    }
}

/// `z` for `n` pictures.
pub(super) fn noise(n: usize, d_z: usize, rng: &mut Rng, device: &Device) -> Result<Tensor> {
    Tensor::from_vec(rng.normals(n * d_z, 0.0, 1.0), (n, d_z), device)
}
