//! A training on the plane, and what can be asked of it at any moment.

use super::measure::{Measure, Real};
use super::{EXTENT, Network, Settings};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;

/// Points that are asked about at once.
const AT_ONCE: usize = 1024;

/// Everything a session is, beside its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The start of everything random.
    pub seed: u64,
    /// Steps done.
    pub n_steps: u64,
    /// The network.
    pub network: Network,
    /// The loss of the last steps, averaged; 0 before the first.
    pub loss: f64,
}

impl State {
    /// A network that knows nothing yet.
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        let settings = settings.checked();
        let mut rng = Rng::new(seed, "diffusion on the plane: weights");
        Self {
            seed,
            n_steps: 0,
            network: Network::new(settings.width, settings.n_layers, &mut rng),
            loss: 0.0,
        }
    }
}

/// A training on the plane.
#[derive(Debug, Clone)]
pub struct Session {
    settings: Settings,
    real: Real,
    state: State,
}

impl Session {
    /// A network that knows nothing yet.
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        Self::from(settings, State::new(settings, seed))
    }

    /// Goes on from a state.
    #[must_use]
    pub fn from(settings: &Settings, state: State) -> Self {
        let settings = settings.checked();
        Self {
            real: Real::new(&settings.shape),
            settings,
            state,
        }
    }

    /// What is trained, within bounds.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Another learning rate from the next step on.
    pub(super) fn change_learning_rate(&mut self, rate: f64) {
        self.settings.learning_rate = rate;
        self.settings = self.settings.checked();
    }

    /// The last state.
    #[must_use]
    pub fn into_state(self) -> State {
        self.state
    }

    #[cfg(test)]
    pub(super) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// One step on one batch, and its loss: the mean squared error of what the network says.
    ///
    /// # Errors
    /// Numbers that are not finite; the step is not taken.
    pub fn step(&mut self) -> Result<f64> {
        let Settings { method, batch, .. } = self.settings;
        let name = format!("diffusion on the plane: step {}", self.state.n_steps);
        let mut rng = Rng::new(self.state.seed, &name);
        let (mut points, mut targets) = (Vec::new(), Vec::new());
        let (mut times, mut weights) = (Vec::new(), Vec::new());
        for i in 0..batch {
            let x0 = self.real.distribution.sample(&mut rng);
            let noise = [rng.normal() as f32, rng.normal() as f32];
            // One time in each part of 0..1: every batch has as much of all.
            let s = (i as f64 + rng.uniform()) / batch as f64;
            let (x, target) = method.lesson(&x0, &noise, s);
            points.extend(x);
            targets.extend(target);
            times.push(s);
            weights.push(1.0);
        }
        let network = &mut self.state.network;
        let (loss, gradients) = network.gradient(&points, &times, &targets, &weights);
        if !loss.is_finite() || !network.descend(&gradients, self.settings.learning_rate) {
            return Err(Refusal::new(
                "The numbers ran away",
                format!("In step {} the loss was {loss}.", self.state.n_steps + 1),
                "The step was not taken; the network is as it was before.",
                "Lower the learning rate, or begin anew.",
            ));
        }
        let n = self.state.n_steps.min(99) as f64;
        self.state.loss = (self.state.loss * n + loss) / (n + 1.0);
        self.state.n_steps += 1;
        Ok(loss)
    }

    /// Where the network says that points (two numbers each), seen at time s, came from.
    #[must_use]
    pub fn x0_pred(&self, points: &[f32], s: f64) -> Vec<f32> {
        let output = self.ask(points, s);
        self.settings.method.x0(&output, points, s)
    }

    /// The field at time s: for the centres of `side`² cells of the plane, row by row from the lowest
    /// y, where a point there is said to have come from.
    #[must_use]
    pub fn field(&self, s: f64, side: usize) -> Vec<[f32; 2]> {
        let side = side.clamp(1, 256);
        let cell = 2.0 * EXTENT / side as f32;
        let along = |i: usize| (i as f32 + 0.5) * cell - EXTENT;
        let centres = (0..side * side).flat_map(|i| [along(i % side), along(i / side)]);
        let centres: Vec<f32> = centres.collect();
        self.x0_pred(&centres, s).as_chunks().0.to_vec()
    }

    /// The noise that `n` points begin as, by the seed.
    #[must_use]
    pub fn noise(&self, n: usize) -> Vec<f32> {
        noise(self.state.seed, n)
    }

    /// The ways of points from noise (two numbers each) at s = 1 to s = 0, in even steps of time: the
    /// points at each of the `n_steps` + 1 times, beginning with the noise.
    #[must_use]
    pub fn paths(&self, noise: Vec<f32>, n_steps: usize) -> Vec<Vec<f32>> {
        let n_steps = n_steps.clamp(1, 1000);
        let time = |i: usize| 1.0 - i as f64 / n_steps as f64;
        let mut added = Rng::new(self.state.seed, "diffusion on the plane: noise of steps");
        let mut times = vec![noise];
        for i in 0..n_steps {
            let x = &times[i];
            let noise = added.normals(x.len(), 0.0, 1.0);
            let ends = [time(i), time(i + 1)];
            let method = self.settings.method;
            let after = method.step(x, ends, &noise, &mut |x, s| self.ask(x, s));
            times.push(after);
        }
        times
    }

    /// How far what comes out in `n_steps` is from what is real.
    #[must_use]
    pub fn measure(&self, n_steps: usize) -> Measure {
        let noise = self.noise(super::N_MEASURED);
        let ends = self.paths(noise, n_steps).pop().unwrap_or_default();
        self.real.measure(ends.as_chunks().0)
    }

    /// How far as many points that are real are from it: what the best network could reach.
    #[must_use]
    pub fn best_measure(&self) -> Measure {
        let mut rng = Rng::new(self.state.seed, "diffusion on the plane: real points");
        let points = (0..super::N_MEASURED).map(|_| self.real.distribution.sample(&mut rng));
        self.real.measure(&points.collect::<Vec<_>>())
    }

    fn ask(&self, points: &[f32], s: f64) -> Vec<f32> {
        ask(&self.state.network, points, s)
    }
}

/// The noise that `n` points begin as.
pub(super) fn noise(seed: u64, n: usize) -> Vec<f32> {
    Rng::new(seed, "diffusion on the plane: noise").normals(2 * n, 0.0, 1.0)
}

/// What a network says of points at time s.
pub(super) fn ask(network: &Network, points: &[f32], s: f64) -> Vec<f32> {
    let parts = points.chunks(2 * AT_ONCE);
    let said = parts.flat_map(|part| network.forward(part, &vec![s; part.len() / 2]));
    said.collect()
}
