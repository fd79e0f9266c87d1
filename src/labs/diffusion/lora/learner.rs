//! The numbers that are learned, and one step of them.

use super::adapter::{Adapter, Pair, network};
use super::{Prior, Recipe, State};
use crate::algo::diffusion::Levels;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::training::Settings;
use crate::labs::diffusion::training::batch::{mean_weight, parts, weight};
use crate::labs::diffusion::training::data::Data;
use crate::labs::training::{Halt, find, halted};
use crate::models::unet::UNet;
use crate::nn::layers::Parameters;
use crate::nn::lora::first_a;
use crate::nn::optimizer::{AdamW, AdamWConfig, Gradients};
use crate::rng::Rng;
use candle_core::{DType, Device, Result, Tensor, bail};
use std::ops::ControlFlow;

/// How fast the moments forget, how much A and B shrink, where gradients are clipped.
const ADAM: AdamWConfig = AdamWConfig {
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weight_decay: 0.01,
    max_grad_norm: 1.0,
};
/// Steps over which the learning rate rises to its full height.
const WARM_UP: f64 = 20.0;
/// Pictures whose gradient is computed at once: few enough that Stop acts within 200 ms.
const AT_ONCE: usize = 8;
/// The name of the word's row among the parameters.
const ROW: &str = "word";

/// A model with what is learned beside its weights.
#[derive(Debug)]
pub(super) struct Learner<'a> {
    base: &'a Denoiser,
    recipe: &'a Recipe,
    levels: Levels,
    mean_weight: f64,
    pub(super) parameters: Parameters,
    adam: AdamW,
    pub(super) step: usize,
    pub(super) secs: f64,
    pub(super) losses: Vec<f32>,
    pub(super) prior_losses: Vec<f32>,
}

impl<'a> Learner<'a> {
    /// Nothing is learned yet: A is random, B and the word's row are 0.
    pub(super) fn new(base: &'a Denoiser, recipe: &'a Recipe) -> Result<Self> {
        let mut rng = Rng::new(recipe.seed, "an adapter's numbers");
        let mut parameters = Parameters::default();
        let device = &Device::Cpu;
        let config = base.network().config();
        for (name, [rows, columns]) in config.adaptable() {
            let a = first_a(rows, recipe.rank, &mut rng);
            let a = Tensor::from_vec(a, (rows, recipe.rank), device)?;
            parameters.add(format!("{name}.a"), &a)?;
            let b = Tensor::zeros((recipe.rank, columns), DType::F32, device)?;
            parameters.add(format!("{name}.b"), &b)?;
        }
        let row = Tensor::zeros((1, config.d_embedding), DType::F32, device)?;
        parameters.add(ROW, &row)?;
        let levels = base.about().schedule.levels();
        Ok(Self {
            mean_weight: mean_weight(base.about().prediction, &levels),
            adam: AdamW::new(&parameters, ADAM)?,
            base,
            recipe,
            levels,
            parameters,
            step: 0,
            secs: 0.0,
            losses: Vec::new(),
            prior_losses: Vec::new(),
        })
    }

    /// The network, to learn.
    fn learning(&self) -> Result<UNet> {
        let get = |name: &str| -> Option<Tensor> {
            let var = self.parameters.get(name)?;
            Some(var.as_tensor().clone())
        };
        let Some(row) = get(ROW) else {
            bail!("there is no row for the word");
        };
        let pairs = &mut |name: &str| -> Option<Result<[Tensor; 2]>> {
            let a = get(&format!("{name}.a"))?;
            Some(Ok([a, get(&format!("{name}.b"))?]))
        };
        network(self.base.network(), &row, pairs, 1.0)
    }

    /// A step on pictures of the word, and on the model's own if it is to keep them. Returns both losses.
    pub(super) fn turn(
        &mut self,
        own: &Data,
        prior: Option<&Data>,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<(f32, Option<f32>), Halt> {
        let mut rng = Rng::new(self.recipe.seed, &format!("step {} of a word", self.step));
        let network = self.learning()?;
        let mut gradients = Gradients::default();
        let loss = self.look(&network, own, 1, &mut rng, &mut gradients, go_on)?;
        let prior_loss = match prior {
            Some(prior) => Some(self.look(&network, prior, 0, &mut rng, &mut gradients, go_on)?),
            None => None,
        };
        halted(go_on())?;
        let norms = gradients.norms()?;
        let all = loss + prior_loss.unwrap_or(0.0);
        if !(all.is_finite() && norms.iter().all(|norm| norm.is_finite())) {
            let place = "the loss or a gradient of the adapter".to_owned();
            return Err(Halt::RanAway(place));
        }
        let done = self.step as f64 / self.recipe.n_steps.max(1) as f64;
        let cooled = 1.0 - 0.9 * done.min(1.0);
        let warm = ((self.step + 1) as f64 / WARM_UP).min(1.0);
        let learning_rate = self.recipe.learning_rate * warm * cooled;
        self.adam.step(&gradients, learning_rate)?;
        self.step += 1;
        self.losses.push(loss);
        self.prior_losses.extend(prior_loss);
        Ok((loss, prior_loss))
    }

    /// Adds the gradients of a batch of `data`, with the word (`said` 1) or without it (0); returns its loss.
    fn look(
        &self,
        network: &UNet,
        data: &Data,
        said: u32,
        rng: &mut Rng,
        gradients: &mut Gradients,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<f32, Halt> {
        let settings = Settings {
            batch: self.recipe.batch,
            mirror: self.recipe.mirror && said == 1,
            ..Settings::default()
        };
        let prediction = self.base.about().prediction;
        let parts = parts(data, &self.levels, prediction, &settings, AT_ONCE, rng)?;
        let mut sum = 0.0;
        for mut part in parts {
            halted(go_on())?;
            for row in &mut part.rows {
                row.push(said);
            }
            let condition = network.condition(&part.rows)?;
            let output = network.forward(&part.noised, &part.t, &condition)?;
            halted(go_on())?;
            let squares = (output - &part.target)?.sqr()?.flatten_from(1)?.mean(1)?; // (b)
            let n = self.recipe.batch.max(1) as f64;
            let weights = part.levels.iter();
            let weights =
                weights.map(|level| (weight(prediction, level) / self.mean_weight / n) as f32);
            let weights = Tensor::from_iter(weights, &Device::Cpu)?;
            let loss = (squares * weights)?.sum_all()?;
            gradients.add(&self.parameters, loss.backward()?)?;
            sum += loss.to_scalar::<f32>()?;
        }
        Ok(sum)
    }

    /// What was learned so far.
    pub(super) fn adapter(&self) -> Result<Adapter> {
        let values = |name: &str| -> Result<Vec<f32>> {
            match self.parameters.get(name) {
                Some(var) => var.as_detached_tensor().flatten_all()?.to_vec1(),
                None => bail!("there is no {name}"),
            }
        };
        let adaptable = self.base.network().config().adaptable().into_iter();
        let pair = |(name, size): (String, [usize; 2])| -> Result<Pair> {
            Ok(Pair {
                a: values(&format!("{name}.a"))?,
                b: values(&format!("{name}.b"))?,
                name,
                size,
            })
        };
        Ok(Adapter {
            word: self.recipe.word.clone(),
            base: self.base.about().name.clone(),
            rank: self.recipe.rank,
            step: self.step,
            row: values(ROW)?,
            pairs: adaptable.map(pair).collect::<Result<_>>()?,
        })
    }

    /// All of it as plain numbers.
    pub(super) fn state(&self, prior: Option<&Prior>) -> Result<State> {
        let moment = |(name, tensor): &(String, Tensor)| {
            let values = tensor.flatten_all()?.to_vec1::<f32>()?;
            Ok((name.clone(), tensor.dims().to_vec(), values))
        };
        let moments = self.adam.state()?;
        Ok(State {
            adapter: self.adapter()?,
            secs: self.secs,
            losses: self.losses.clone(),
            prior_losses: self.prior_losses.clone(),
            moments: moments.iter().map(moment).collect::<Result<_>>()?,
            prior: prior.cloned(),
        })
    }

    /// Takes up where `state` stopped, which fits this model and rank.
    pub(super) fn restore(&mut self, state: &State) -> Result<()> {
        let adapter = &state.adapter;
        let put = |name: &str, values: &[f32]| -> Result<()> {
            let Some(var) = self.parameters.get(name) else {
                bail!("there is no {name}");
            };
            var.set(&Tensor::from_slice(values, var.dims(), &Device::Cpu)?)
        };
        for pair in &adapter.pairs {
            put(&format!("{}.a", pair.name), &pair.a)?;
            put(&format!("{}.b", pair.name), &pair.b)?;
        }
        put(ROW, &adapter.row)?;
        let moment = |name: &str, shape: &[usize], _: &Device| find(&state.moments, name, shape);
        self.adam.restore(adapter.step, moment)?;
        (self.step, self.secs) = (adapter.step, state.secs);
        self.losses.clone_from(&state.losses);
        self.prior_losses.clone_from(&state.prior_losses);
        Ok(())
    }
}
