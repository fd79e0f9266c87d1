//! One turn of the fight: D's steps, then G's.

use super::augment::augmented;
use super::data::batch;
use super::fight::{Fight, Named, noise};
use super::layers::{is_weight, layer_norms};
use super::{Settings, Turn};
use crate::files::atlas::Pictures;
use crate::labs::training::{Halt, halted};
use crate::nn::layers::Parameters;
use crate::nn::optimizer::Gradients;
use crate::nn::spectral_norm::SpectralNorm;
use crate::rng::Rng;
use candle_core::{Result, Tensor, bail};
use std::ops::ControlFlow;

/// Share of the newest batch in the running statistics.
const MOMENTUM: f64 = 0.1;

impl Fight {
    /// Switches spectral norm. The weights are kept as they are divided, so that a discriminator that
    /// is freed of it judges on as before.
    fn follow(&mut self, settings: &Settings) -> Result<()> {
        if self.spectral_norm && !settings.spectral_norm {
            let judge = self.judge()?;
            let weights = self.d.iter().filter(|(name, _)| is_weight(name));
            for ((_, var), weight) in weights.zip(judge.weights()) {
                var.set(weight)?;
            }
        }
        self.spectral_norm = settings.spectral_norm;
        Ok(())
    }

    /// D's steps and G's step. When it halts, everything is as it was before the turn.
    pub(super) fn turn(
        &mut self,
        reals: &Pictures,
        settings: &Settings,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<Turn, Halt> {
        self.follow(settings)?;
        let before = self.remember_discriminator()?;
        let result = self.both(reals, settings, go_on);
        if result.is_err() {
            self.take_back(before)?;
        }
        result
    }

    fn both(
        &mut self,
        reals: &Pictures,
        settings: &Settings,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<Turn, Halt> {
        let mut turn = Turn {
            step: self.step + 1,
            ..Turn::default()
        };
        let n_steps_d = settings.d_steps.max(1);
        for k in 0..n_steps_d {
            let purpose = format!("turn {}, discriminator {k}", self.step);
            let mut rng = Rng::new(self.seed, &purpose);
            self.discriminator_step(reals, settings, &mut rng, &mut turn, go_on)?;
        }
        let mut rng = Rng::new(self.seed, &format!("turn {}, generator", self.step));
        self.generator_step(settings, &mut rng, &mut turn, go_on)?;
        self.step += 1;
        self.losses.push([turn.loss_d, turn.loss_g]);
        Ok(turn)
    }

    fn discriminator_step(
        &mut self,
        reals: &Pictures,
        settings: &Settings,
        rng: &mut Rng,
        turn: &mut Turn,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<(), Halt> {
        let n = settings.batch.max(2);
        let real = batch(reals, n, rng, &self.device)?;
        let z = noise(n, self.config.d_z, rng, &self.device)?;
        self.discriminator_learns(&real, &z, settings, rng, turn, go_on)
    }

    /// A step of D on these real pictures and what G makes of these `z`.
    pub(super) fn discriminator_learns(
        &mut self,
        real: &Tensor,
        z: &Tensor,
        settings: &Settings,
        rng: &mut Rng,
        turn: &mut Turn,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<(), Halt> {
        let n = z.dim(0)?;
        let (fake, _) = self.generator(true)?.forward_training(z)?;
        halted(go_on())?;
        let both = seen(&Tensor::cat(&[real, &fake], 0)?, settings, rng)?;
        let logits = self.discriminator(true)?.forward(&both)?;
        halted(go_on())?;
        let (on_real, on_fake) = (logits.narrow(0, 0, n)?, logits.narrow(0, n, n)?);
        let loss = settings
            .loss
            .discriminator(&on_real, &on_fake, settings.label_smoothing)?;
        let mut gradients = Gradients::default();
        gradients.add(&self.d, loss.backward()?)?;
        halted(go_on())?;
        turn.loss_d = loss.to_scalar()?;
        turn.p_real = mean_probability(&on_real)?;
        turn.p_fake = mean_probability(&on_fake)?;
        turn.gradient_d = checked(&self.d, &gradients, turn.loss_d, "the discriminator")?;
        self.adam_d.step(&gradients, settings.learning_rate_d)?;
        Ok(())
    }

    fn generator_step(
        &mut self,
        settings: &Settings,
        rng: &mut Rng,
        turn: &mut Turn,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<(), Halt> {
        let z = noise(settings.batch.max(2), self.config.d_z, rng, &self.device)?;
        self.generator_learns(&z, settings, rng, turn, go_on)
    }

    /// A step of G on these `z`.
    pub(super) fn generator_learns(
        &mut self,
        z: &Tensor,
        settings: &Settings,
        rng: &mut Rng,
        turn: &mut Turn,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> std::result::Result<(), Halt> {
        let (fake, measured) = self.generator(false)?.forward_training(z)?;
        halted(go_on())?;
        let seen = seen(&fake, settings, rng)?;
        let logits = self.discriminator(true)?.frozen().forward(&seen)?;
        halted(go_on())?;
        let loss = settings.loss.generator(&logits)?;
        let mut gradients = Gradients::default();
        gradients.add(&self.g, loss.backward()?)?;
        halted(go_on())?;
        turn.loss_g = loss.to_scalar()?;
        turn.gradient_g = checked(&self.g, &gradients, turn.loss_g, "the generator")?;
        self.adam_g.step(&gradients, settings.learning_rate_g)?;
        let measured = measured.into_iter().flat_map(|m| [m.mean, m.variance]);
        for ((_, running), new) in self.statistics.iter_mut().zip(measured) {
            *running = mixed(running, &new.detach(), MOMENTUM)?;
        }
        self.follow_on_average(settings.ema)
    }

    /// The average of the weights so far: of about a tenth of all turns, at most of 1/(1 − `most`).
    fn follow_on_average(&mut self, most: f64) -> std::result::Result<(), Halt> {
        let n = self.step as f64;
        let kept = ((1.0 + n) / (10.0 + n)).min(most.clamp(0.0, 0.999_99));
        for i in 0..self.average.len() {
            let now = self.of_generator(&self.average[i].0)?.detach();
            let (_, average) = &mut self.average[i];
            *average = mixed(average, &now, 1.0 - kept)?;
        }
        Ok(())
    }

    /// What a turn that is broken off must put back: D moves before G does.
    fn remember_discriminator(&self) -> Result<Before> {
        let weights = self
            .d
            .iter()
            .map(|(_, var)| var.as_detached_tensor().copy());
        let moments = self.adam_d.state()?.into_iter();
        Ok(Before {
            weights: weights.collect::<Result<_>>()?,
            moments: moments
                .map(|(name, tensor)| Ok((name, tensor.copy()?)))
                .collect::<Result<_>>()?,
            n_steps: self.adam_d.n_steps(),
            norms: self.norms.clone(),
        })
    }

    fn take_back(&mut self, before: Before) -> Result<()> {
        for ((_, var), weight) in self.d.iter().zip(&before.weights) {
            var.set(weight)?;
        }
        self.norms = before.norms;
        let mut moments = before.moments.into_iter();
        self.adam_d.restore(before.n_steps, |name, _, _| {
            let moment = moments.find(|(n, _)| n == name);
            match moment {
                Some((_, tensor)) => Ok(tensor),
                None => bail!("there is no {name}"),
            }
        })
    }
}

/// The discriminator at the start of a turn.
struct Before {
    weights: Vec<Tensor>,
    moments: Vec<Named>,
    n_steps: usize,
    norms: Vec<SpectralNorm>,
}

/// Pictures as D sees them: moved and recoloured, under noise, as the settings say.
fn seen(pictures: &Tensor, settings: &Settings, rng: &mut Rng) -> Result<Tensor> {
    let mut pictures = pictures.clone();
    if settings.augment {
        pictures = augmented(&pictures, rng)?;
    }
    if settings.input_noise > 0.0 {
        let noise = rng.normals(pictures.elem_count(), 0.0, settings.input_noise);
        let noise = Tensor::from_vec(noise, pictures.dims(), pictures.device())?;
        pictures = (pictures + noise)?;
    }
    Ok(pictures)
}

/// The length of each layer's gradient, unless one is no number.
fn checked(
    parameters: &Parameters,
    gradients: &Gradients,
    loss: f32,
    network: &str,
) -> std::result::Result<Vec<f32>, Halt> {
    let norms = layer_norms(parameters, gradients)?;
    if loss.is_finite() && norms.all.iter().all(|norm| norm.is_finite()) {
        return Ok(norms.of_weights);
    }
    Err(Halt::RanAway(norms.first_broken(parameters, network)?))
}

fn mean_probability(logits: &Tensor) -> Result<f32> {
    let logits = logits.to_vec1::<f32>()?;
    let p = |x: &f32| 1.0 / (1.0 + (-f64::from(*x)).exp());
    Ok((logits.iter().map(p).sum::<f64>() / logits.len().max(1) as f64) as f32)
}

/// `(1 − share)·old + share·new`.
fn mixed(old: &Tensor, new: &Tensor, share: f64) -> Result<Tensor> {
    (old * (1.0 - share))? + (new * share)?
}
