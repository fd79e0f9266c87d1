//! One session: steps of D and of G on seeded batches.

use super::batch::Batch;
use super::measures::Real;
use super::network::{Mlp, fresh, is_built_as, no_moments, step};
use super::settings::{Player, Settings};
use super::state::{Network, State, WeightAt};
use super::trouble;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Result as MathResult, Tensor};
use std::sync::Arc;

/// One step of one network, with all it was computed from: enough to compute it again.
#[derive(Debug, Clone, PartialEq)]
pub struct LastStep {
    /// Who took it.
    pub player: Player,
    /// Everything as it was before the step.
    pub before: Arc<State>,
    /// The settings it was taken under, as [`Settings::checked`] gives them.
    pub settings: Arc<Settings>,
    /// The loss over its batch, the penalty included.
    pub loss: f32,
    /// ∂loss/∂w of every weight, in the order of [`super::Network::weights`].
    pub gradients: Vec<f32>,
    /// Every weight after the step.
    pub after: Vec<f32>,
}

/// A loss and its gradients.
pub(super) struct Slope {
    pub(super) loss: f32,
    /// The penalty's part of the loss.
    pub(super) penalty: f32,
    /// In the order of [`super::Network::weights`].
    pub(super) gradients: Vec<f32>,
}

/// A network or its optimizer that had to start anew: whose, and why in a sentence.
pub type Anew = (Player, String);

/// Two networks at their game. Its whole state can be taken out at any time, and put back.
#[derive(Debug, Clone)]
pub struct Session {
    settings: Arc<Settings>,
    state: Arc<State>,
    pub(super) real: Arc<Real>,
    last: [Option<Arc<LastStep>>; 2],
}

impl Session {
    /// A new session: both networks with their first weights, drawn from the settings' seed.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let settings = settings.checked();
        let state = State {
            turn: 0,
            seed: settings.seed,
            d: fresh(Player::Discriminator, &settings.d, settings.seed),
            g: fresh(Player::Generator, &settings.g, settings.seed),
        };
        Self {
            real: Arc::new(Real::new(&settings.shape)),
            settings: Arc::new(settings),
            state: Arc::new(state),
            last: [None, None],
        }
    }

    /// A session that goes on from `state`, or branches from it where the settings are others. What the
    /// settings do not fit starts anew and is told.
    #[must_use]
    pub fn from_state(settings: &Settings, state: Arc<State>) -> (Self, Vec<Anew>) {
        let settings = settings.checked();
        let mut session = Self {
            real: Arc::new(Real::new(&settings.shape)),
            settings: Arc::new(settings),
            state,
            last: [None, None],
        };
        let anew = session.fit();
        (session, anew)
    }

    /// The settings in use, as [`Settings::checked`] gives them.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Everything the session is now.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// The last step of D and of G since the session or its state was set.
    #[must_use]
    pub fn last_steps(&self) -> [Option<Arc<LastStep>>; 2] {
        self.last.clone()
    }

    /// Goes back, or over to another state.
    pub fn go_to(&mut self, state: Arc<State>) -> Vec<Anew> {
        self.state = state;
        self.last = [None, None];
        self.fit()
    }

    /// Takes other settings from the next step on. What they do not fit starts anew and is told.
    pub fn set(&mut self, settings: &Settings) -> Vec<Anew> {
        let settings = settings.checked();
        if settings.shape != self.settings.shape {
            self.real = Arc::new(Real::new(&settings.shape));
        }
        self.settings = Arc::new(settings);
        self.fit()
    }

    fn fit(&mut self) -> Vec<Anew> {
        let mut anew = Vec::new();
        for player in [Player::Discriminator, Player::Generator] {
            let (wanted, seed) = (*self.settings.of(player), self.state.seed);
            let network = self.state.of(player);
            let built = is_built_as(network, &self.settings, player);
            if built && network.moments.optimizer == wanted.optimizer {
                continue;
            }
            let network = Arc::make_mut(&mut self.state).of_mut(player);
            if built {
                network.moments = no_moments(wanted.optimizer, network.n_weights());
                let why = format!(
                    "The weights of {} are kept; {} starts with nothing remembered.",
                    player.name(),
                    wanted.optimizer.name()
                );
                anew.push((player, why));
            } else {
                let n_steps = network.n_steps;
                *network = fresh(player, &wanted, seed);
                network.n_steps = n_steps;
                let name = player.name();
                let why = format!(
                    "A network of {} hidden layers of {} is another one: {name} starts anew.",
                    wanted.n_layers, wanted.width
                );
                anew.push((player, why));
            }
        }
        anew
    }

    /// Sets one weight to a number a person typed.
    ///
    /// # Errors
    /// There is no such weight, or the number is not finite.
    pub fn edit(&mut self, at: WeightAt, value: f32) -> Result<()> {
        let network = Arc::make_mut(&mut self.state).of_mut(at.player);
        let there = network.position(at).is_some();
        let layer = network.layers.get_mut(at.layer).filter(|_| there);
        let slot = layer.and_then(|layer| match at.input {
            Some(input) => layer.weight.get_mut(input * layer.n_out + at.neuron),
            None => layer.bias.get_mut(at.neuron),
        });
        match slot {
            Some(slot) if value.is_finite() => *slot = value,
            Some(_) => {
                return Err(Refusal::unchanged(
                    "A weight must be a number",
                    format!("What was typed is {value}."),
                    "Type a number such as 0.5 or -1.",
                ));
            }
            None => {
                return Err(Refusal::unchanged(
                    "There is no such weight",
                    format!("{} is built otherwise by now.", at.player.letter()),
                    "Choose a line of the network as it is drawn.",
                ));
            }
        }
        self.last = [None, None];
        Ok(())
    }

    /// One turn: D's steps, then G's.
    ///
    /// # Errors
    /// A step gave numbers that are not finite. That step was not taken; those before it were.
    pub fn turn(&mut self) -> Result<()> {
        for _ in 0..self.settings.d.n_steps {
            self.step(Player::Discriminator)?;
        }
        for _ in 0..self.settings.g.n_steps {
            self.step(Player::Generator)?;
        }
        Arc::make_mut(&mut self.state).turn += 1;
        Ok(())
    }

    /// One step of one network.
    ///
    /// # Errors
    /// It gave numbers that are not finite; it was not taken.
    pub fn step(&mut self, player: Player) -> Result<()> {
        let before = Arc::clone(&self.state);
        let batch = Batch::next(player, &before, &self.settings, &self.real.distribution);
        let slope = self.slope(player, &batch);
        let slope = slope.map_err(|error| math_refusal(&error))?;
        let mut network = before.of(player).clone();
        if let Some(refusal) = trouble::in_slope(player, &before, &batch, &slope) {
            return Err(refusal);
        }
        let mut weights: Vec<f32> = network.weights().collect();
        let rate = self.settings.of(player).learning_rate;
        step(&mut weights, &slope.gradients, &mut network.moments, rate);
        network.set_weights(&weights);
        network.n_steps += 1;
        if let Some(refusal) = trouble::in_weights(player, &network) {
            return Err(refusal);
        }
        *Arc::make_mut(&mut self.state).of_mut(player) = network;
        let which = usize::from(player == Player::Generator);
        self.last[which] = Some(Arc::new(LastStep {
            player,
            before,
            settings: Arc::clone(&self.settings),
            loss: slope.loss,
            gradients: slope.gradients,
            after: weights,
        }));
        Ok(())
    }

    /// A batch's loss and gradients.
    fn slope(&self, player: Player, batch: &Batch) -> MathResult<Slope> {
        match player {
            Player::Discriminator => {
                let fake = Mlp::held(&self.state.g)?.forward(&batch.z()?)?;
                let d = Mlp::new(&self.state.d)?;
                discriminator_slope(&d, batch, &fake, &self.settings)
            }
            Player::Generator => {
                generator_slope(&self.state.g, &self.state.d, batch, &self.settings)
            }
        }
    }
}

/// G's loss over a batch, judged by `d` as it is.
pub(super) fn generator_slope(
    g: &Network,
    d: &Network,
    batch: &Batch,
    settings: &Settings,
) -> MathResult<Slope> {
    let (d, g) = (Mlp::held(d)?, Mlp::new(g)?);
    let fake = (g.forward(&batch.z()?)? + batch.fake_noise()?)?;
    let loss = settings.loss.generator(&d.forward(&fake)?.squeeze(1)?)?;
    Ok(Slope {
        loss: loss.to_scalar()?,
        penalty: 0.0,
        gradients: g.gradients(&loss.backward()?)?,
    })
}

/// D's loss over a batch and the samples `fake` (b, 2) that G made of its z.
pub(super) fn discriminator_slope(
    d: &Mlp,
    batch: &Batch,
    fake: &Tensor,
    settings: &Settings,
) -> MathResult<Slope> {
    let real = (batch.real()? + batch.real_noise()?)?;
    let fake = (fake.detach() + batch.fake_noise()?)?;
    let n = real.dim(0)?;
    let outputs = d.forward(&Tensor::cat(&[&real, &fake], 0)?)?.squeeze(1)?;
    let (on_real, on_fake) = (outputs.narrow(0, 0, n)?, outputs.narrow(0, n, n)?);
    let mut loss = (settings.loss).discriminator(&on_real, &on_fake, settings.label_smoothing)?;
    let mut penalty = 0.0;
    if settings.penalizes() {
        // Points on the lines between real and fake samples (Gulrajani et al. 2017, section 4).
        let mix = batch.mix()?;
        let between = (real.broadcast_mul(&mix)? + fake.broadcast_mul(&mix.affine(-1.0, 1.0)?)?)?;
        let squares = d.input_gradient(&between)?.sqr()?.sum(1)?;
        // Where the slope is 0 its length has no gradient; a trace under the root keeps it finite.
        let lengths = (squares + 1e-12)?.sqrt()?;
        let term = ((lengths - 1.0)?.sqr()?.mean_all()? * settings.penalty)?;
        penalty = term.to_scalar()?;
        loss = (loss + term)?;
    }
    Ok(Slope {
        loss: loss.to_scalar()?,
        penalty,
        gradients: d.gradients(&loss.backward()?)?,
    })
}
