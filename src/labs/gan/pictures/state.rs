//! A fight as plain numbers, and back.

use super::State;
use super::fight::{Fight, Named};
use crate::labs::training::{Numbers, find};
use crate::nn::layers::Parameters;
use crate::nn::optimizer::Adam;
use candle_core::{Device, Result, Tensor};

impl Fight {
    /// Takes up where `state` stopped.
    pub(super) fn restore(&mut self, state: &State) -> Result<()> {
        let find = |name: &str, shape: &[usize]| find(&state.tensors, name, shape);
        for (name, var) in self.g.iter() {
            var.set(&find(&format!("g.{name}"), var.dims())?)?;
        }
        for (name, var) in self.d.iter() {
            var.set(&find(&format!("d.{name}"), var.dims())?)?;
        }
        for (name, tensor) in &mut self.statistics {
            *tensor = find(&format!("g.{name}"), tensor.dims())?;
        }
        for (name, tensor) in &mut self.average {
            *tensor = find(&format!("average.{name}"), tensor.dims())?;
        }
        for (i, norm) in self.norms.iter_mut().enumerate() {
            norm.u = find(&format!("u.{i}"), &[norm.u.len()])?.to_vec1()?;
        }
        let moment = |of: &'static str| {
            move |name: &str, shape: &[usize], _: &Device| find(&format!("{of}.{name}"), shape)
        };
        self.adam_g.restore(state.step, moment("adam_g"))?;
        self.adam_d.restore(state.n_steps_d, moment("adam_d"))?;
        self.spectral_norm = state.spectral_norm;
        (self.step, self.secs) = (state.step, state.secs);
        self.losses.clone_from(&state.losses);
        Ok(())
    }

    /// All of it as plain numbers.
    pub(super) fn state(&self) -> Result<State> {
        let vars = |of: &'static str, parameters: &Parameters| -> Vec<Named> {
            let named = |(name, var): (&str, &candle_core::Var)| {
                (format!("{of}.{name}"), var.as_detached_tensor())
            };
            parameters.iter().map(named).collect()
        };
        let named = |of: &'static str, tensors: &[Named]| -> Vec<Named> {
            let named = |(name, tensor): &Named| (format!("{of}.{name}"), tensor.clone());
            tensors.iter().map(named).collect()
        };
        let moments = |of: &'static str, adam: &Adam| -> Result<Vec<Named>> {
            let named = |(name, tensor)| (format!("{of}.{name}"), tensor);
            Ok(adam.state()?.into_iter().map(named).collect())
        };
        let norms = self.norms.iter().enumerate().map(|(i, norm)| {
            let u = Tensor::from_slice(&norm.u, norm.u.len(), &self.device)?;
            Ok((format!("u.{i}"), u))
        });
        let all = [
            vars("g", &self.g),
            named("g", &self.statistics),
            named("average", &self.average),
            vars("d", &self.d),
            norms.collect::<Result<_>>()?,
            moments("adam_g", &self.adam_g)?,
            moments("adam_d", &self.adam_d)?,
        ];
        let plain = |(name, tensor): Named| -> Result<Numbers> {
            let values = tensor.flatten_all()?.to_vec1::<f32>()?;
            Ok((name, tensor.dims().to_vec(), values))
        };
        Ok(State {
            config: self.config,
            spectral_norm: self.spectral_norm,
            step: self.step,
            n_steps_d: self.adam_d.n_steps(),
            secs: self.secs,
            losses: self.losses.clone(),
            tensors: all
                .into_iter()
                .flatten()
                .map(plain)
                .collect::<Result<_>>()?,
        })
    }
}
