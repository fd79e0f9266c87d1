//! A training as plain numbers, and back.

use super::State;
use super::learner::Learner;
use crate::labs::training::{find, learned, restore};
use candle_core::{Device, Result};

impl Learner {
    /// Takes up where `state` stopped.
    pub(super) fn restore(&mut self, state: &State) -> Result<()> {
        let all = &state.tensors;
        restore(all, state.step, &self.network, &mut self.average)?;
        let moment =
            |name: &str, shape: &[usize], _: &Device| find(all, &format!("adam.{name}"), shape);
        self.adam.restore(state.step, moment)?;
        (self.step, self.secs) = (state.step, state.secs);
        self.losses.clone_from(&state.losses);
        Ok(())
    }

    /// All of it as plain numbers.
    pub(super) fn state(&self) -> Result<State> {
        Ok(State {
            config: self.config.clone(),
            schedule: self.schedule.clone(),
            prediction: self.prediction,
            attributes: self.attributes.clone(),
            step: self.step,
            secs: self.secs,
            losses: self.losses.clone(),
            tensors: learned(&self.network, &self.average, &self.adam.state()?)?,
        })
    }
}
