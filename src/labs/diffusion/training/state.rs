//! A training as plain numbers, and back.

use super::State;
use super::learner::Learner;
use candle_core::{Device, Result, Tensor, bail};

impl Learner {
    /// Takes up where `state` stopped.
    pub(super) fn restore(&mut self, state: &State) -> Result<()> {
        let find = |name: &str, shape: &[usize]| -> Result<Tensor> {
            let found = state.tensors.iter().find(|(n, _, _)| n == name);
            match found {
                Some((_, s, values)) if s == shape => {
                    Tensor::from_slice(values, shape, &Device::Cpu)
                }
                _ => bail!("{name} is not there, or has another shape"),
            }
        };
        for (name, var) in self.network.iter() {
            var.set(&find(&format!("network.{name}"), var.dims())?)?;
        }
        let average = |name: &str, shape: &[usize]| find(&format!("average.{name}"), shape);
        self.average.restore(state.step, average)?;
        let moment = |name: &str, shape: &[usize], _: &Device| find(&format!("adam.{name}"), shape);
        self.adam.restore(state.step, moment)?;
        (self.step, self.secs) = (state.step, state.secs);
        self.losses.clone_from(&state.losses);
        Ok(())
    }

    /// All of it as plain numbers.
    pub(super) fn state(&self) -> Result<State> {
        let mut tensors = Vec::new();
        let mut add = |of: &str, name: &str, tensor: &Tensor| -> Result<()> {
            let values = tensor.flatten_all()?.to_vec1::<f32>()?;
            tensors.push((format!("{of}.{name}"), tensor.dims().to_vec(), values));
            Ok(())
        };
        for (name, var) in self.network.iter() {
            add("network", name, &var.as_detached_tensor())?;
        }
        for (name, tensor) in self.average.tensors() {
            add("average", name, tensor)?;
        }
        for (name, tensor) in &self.adam.state()? {
            add("adam", name, tensor)?;
        }
        Ok(State {
            config: self.config.clone(),
            schedule: self.schedule.clone(),
            prediction: self.prediction,
            attributes: self.attributes.clone(),
            step: self.step,
            secs: self.secs,
            losses: self.losses.clone(),
            tensors,
        })
    }
}

impl State {
    /// The weights that must be there, with their shapes.
    pub(super) fn wanted(&self) -> Vec<(String, Vec<usize>)> {
        let of = |prefix: &'static str| {
            let tensors = self.config.tensors().into_iter();
            tensors.map(move |(name, shape)| (format!("{prefix}.{name}"), shape))
        };
        ["network", "average", "adam.mean", "adam.square"]
            .into_iter()
            .flat_map(of)
            .collect()
    }

    pub(super) fn has(&self, name: &str, shape: &[usize]) -> bool {
        self.tensors.iter().any(|(n, s, _)| n == name && s == shape)
    }
}
