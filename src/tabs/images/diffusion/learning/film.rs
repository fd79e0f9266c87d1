//! The snapshots of a training of a diffusion model, and the ways it took.

use super::trace::Trace;
use crate::labs::diffusion::training::{Snapshot, State};
use crate::labs::gan::pictures::{Pictures, thin};
use crate::tabs::images::ways::{self, Shot};
use std::sync::Arc;

pub(super) type Frame = ways::Frame<Snapshot>;

impl Shot for Snapshot {
    type State = State;
    type Trace = Trace;

    const STEP: &'static str = "step";

    fn step(&self) -> usize {
        self.step
    }

    fn secs(&self) -> f64 {
        self.secs
    }

    fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    fn take_state(&mut self) -> Option<Arc<State>> {
        self.state.take()
    }

    fn thin(states: &mut [&mut Option<Arc<State>>], n_bytes: usize) {
        thin(states, n_bytes, |state| {
            let numbers = state.tensors.iter().map(|(_, _, values)| values.len());
            (state.step, 4 * numbers.sum::<usize>())
        });
    }

    fn until(trace: &Trace, step: usize) -> Trace {
        trace.until(step)
    }
}
