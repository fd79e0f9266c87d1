//! Everything a session is, as plain numbers: what the film strip keeps, and what training goes on or
//! branches from.

use super::settings::{Optimizer, Player};
use serde::{Deserialize, Serialize};

/// One layer: `y = x·W + b`, then the hidden layers' slope function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Numbers that come in.
    pub n_in: usize,
    /// Numbers that go out: its neurons.
    pub n_out: usize,
    /// W, row-major (`n_in`, `n_out`): the weight from input i to neuron j is at `i · n_out + j`.
    pub weight: Vec<f32>,
    /// b, one for each neuron.
    pub bias: Vec<f32>,
}

/// An optimizer's memory, in the order of [`Network::weights`]: every layer's W, then its b.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Whose memory it is.
    pub optimizer: Optimizer,
    /// Steps it has counted.
    pub n_steps: usize,
    /// Running mean of the gradients; empty for SGD.
    pub mean: Vec<f32>,
    /// Running mean of their squares; empty for SGD.
    pub square: Vec<f32>,
}

/// One network and its optimizer's memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// From the input to the output; the hidden layers and the last one.
    pub layers: Vec<Layer>,
    /// What its optimizer remembers.
    pub moments: Moments,
    /// Steps taken in all, also by an earlier optimizer: numbers its batches.
    pub n_steps: u64,
}

/// Everything a session is. Training from it goes on as if it had never stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Turns done.
    pub turn: u64,
    /// Where the random numbers come from; with the counted steps it fixes every batch to come.
    pub seed: u64,
    /// The discriminator.
    pub d: Network,
    /// The generator.
    pub g: Network,
}

/// One number a person can type: a weight or a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WeightAt {
    /// In which network.
    pub player: Player,
    /// In which layer, from 0; the last one is the output.
    pub layer: usize,
    /// From which of its inputs; `None` is the bias.
    pub input: Option<usize>,
    /// Into which neuron.
    pub neuron: usize,
}

impl Network {
    /// How many numbers there are to learn.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        let of = |layer: &Layer| layer.weight.len() + layer.bias.len();
        self.layers.iter().map(of).sum()
    }

    /// Every number to learn, in order: each layer's W, then its b.
    pub fn weights(&self) -> impl Iterator<Item = f32> {
        let layers = self.layers.iter();
        let both = layers.flat_map(|layer| layer.weight.iter().chain(&layer.bias));
        both.copied()
    }

    /// Sets every number to learn, in the order of [`Network::weights`].
    pub(super) fn set_weights(&mut self, weights: &[f32]) {
        let slots = self.layers.iter_mut();
        let slots = slots.flat_map(|layer| layer.weight.iter_mut().chain(&mut layer.bias));
        for (slot, weight) in slots.zip(weights) {
            *slot = *weight;
        }
    }

    /// Where a weight is in [`Network::weights`]; `None` where there is no such weight.
    #[must_use]
    pub fn position(&self, at: WeightAt) -> Option<usize> {
        let layer = self.layers.get(at.layer)?;
        let before = self.layers.iter().take(at.layer);
        let before: usize = before.map(|l| l.weight.len() + l.bias.len()).sum();
        let inside = match at.input {
            Some(input) if input < layer.n_in => input * layer.n_out + at.neuron,
            Some(_) => return None,
            None => layer.weight.len() + at.neuron,
        };
        (at.neuron < layer.n_out).then_some(before + inside)
    }
}

impl State {
    /// The network of `player`.
    #[must_use]
    pub fn of(&self, player: Player) -> &Network {
        match player {
            Player::Discriminator => &self.d,
            Player::Generator => &self.g,
        }
    }

    /// The network of `player`, to change.
    pub fn of_mut(&mut self, player: Player) -> &mut Network {
        match player {
            Player::Discriminator => &mut self.d,
            Player::Generator => &mut self.g,
        }
    }

    /// The number at `at`; `None` where there is no such weight.
    #[must_use]
    pub fn weight(&self, at: WeightAt) -> Option<f32> {
        let network = self.of(at.player);
        network.weights().nth(network.position(at)?)
    }

    /// About how much memory it takes, for a film strip with a budget.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        let of = |network: &Network| {
            let moments = network.moments.mean.len() + network.moments.square.len();
            (network.n_weights() + moments) * size_of::<f32>() + 512
        };
        size_of::<Self>() + of(&self.d) + of(&self.g)
    }
}
