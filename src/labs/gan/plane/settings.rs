//! What a person sets, all of it while it runs.

use super::shape::Shape;
use crate::labs::gan::Loss;
use serde::{Deserialize, Serialize};

/// One of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Player {
    /// D, that judges.
    Discriminator,
    /// G, that makes.
    Generator,
}

impl Player {
    /// Its name in a sentence: "the discriminator".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Discriminator => "the discriminator",
            Self::Generator => "the generator",
        }
    }

    /// D or G.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Discriminator => "D",
            Self::Generator => "G",
        }
    }
}

/// How a gradient becomes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// w ← w − rate · gradient.
    Sgd,
    /// Each weight's own step size from its gradients' running mean and square (Kingma & Ba 2015),
    /// with β₁ = 0.5 as Radford et al. 2016 found for these games, β₂ = 0.999.
    #[default]
    Adam,
}

impl Optimizer {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sgd, Self::Adam];
    /// Adam's decay of the running mean.
    pub const BETA1: f64 = 0.5;
    /// Adam's decay of the running square.
    pub const BETA2: f64 = 0.999;
    /// Keeps Adam's step finite where gradients vanish.
    pub const EPSILON: f64 = 1e-8;

    /// Its name in a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Adam => "Adam",
        }
    }
}

/// What the generator's two numbers z are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// Each uniform in −1..=1.
    #[default]
    Uniform,
    /// Each of the standard normal distribution.
    Gaussian,
}

impl Noise {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Uniform, Self::Gaussian];

    /// Its name in a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "Uniform square",
            Self::Gaussian => "Gaussian",
        }
    }
}

/// How one network is built and trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Hidden layers, [`Settings::LAYERS`]. A change starts the network anew.
    pub n_layers: usize,
    /// Neurons of each, [`Settings::WIDTHS`]. A change starts the network anew.
    pub width: usize,
    /// How gradients become steps. A change starts its moments anew.
    pub optimizer: Optimizer,
    /// Learning rate, [`Settings::LEARNING_RATES`]; 0 holds the network still.
    pub learning_rate: f64,
    /// Steps it takes in a turn, [`Settings::STEPS`].
    pub n_steps: usize,
}

/// Everything that can be set. All of it may change while it runs and holds from the next turn on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What is real.
    pub shape: Shape,
    /// What the networks lower.
    pub loss: Loss,
    /// λ of the gradient penalty, 0.0..=100.0; counts for [`Loss::WassersteinPenalty`] only.
    pub penalty: f64,
    /// How D is built and trained.
    pub d: Training,
    /// How G is built and trained.
    pub g: Training,
    /// Samples of a step, real and fake each, [`Settings::BATCHES`].
    pub batch: usize,
    /// What z is drawn from.
    pub noise: Noise,
    /// Standard deviation of the noise added to all that D sees in training, real and fake, in units of
    /// the plane (Sønderby et al. 2017; Arjovsky & Bottou 2017), 0.0..=1.0.
    pub input_noise: f64,
    /// Real samples' label is 1 less this, 0.0..=0.5.
    pub label_smoothing: f64,
    /// Fixes everything random: the first weights and every batch. Holds from the next start on.
    pub seed: u64,
}

impl Settings {
    /// Hidden layers that may be set.
    pub const LAYERS: std::ops::RangeInclusive<usize> = 1..=5;
    /// Neurons of a layer that may be set.
    pub const WIDTHS: std::ops::RangeInclusive<usize> = 1..=64;
    /// Learning rates that may be set.
    pub const LEARNING_RATES: std::ops::RangeInclusive<f64> = 0.0..=1.0;
    /// Steps of a turn that may be set.
    pub const STEPS: std::ops::RangeInclusive<usize> = 0..=20;
    /// Samples of a batch that may be set.
    pub const BATCHES: std::ops::RangeInclusive<usize> = 1..=1024;

    /// How `player` is built and trained.
    #[must_use]
    pub fn of(&self, player: Player) -> &Training {
        match player {
            Player::Discriminator => &self.d,
            Player::Generator => &self.g,
        }
    }

    /// Whether D's slope is penalized.
    pub(super) fn penalizes(&self) -> bool {
        self.loss == Loss::WassersteinPenalty && self.penalty > 0.0
    }

    /// The same, with everything that is outside what may be set brought to the nearest that is: what a
    /// session really uses.
    #[must_use]
    pub fn checked(&self) -> Self {
        fn within<T: PartialOrd + Copy>(x: T, range: &std::ops::RangeInclusive<T>) -> T {
            // What is not a number compares as neither and becomes the start.
            if x >= *range.start() && x <= *range.end() {
                x
            } else if x > *range.end() {
                *range.end()
            } else {
                *range.start()
            }
        }
        let training = |t: &Training| Training {
            n_layers: within(t.n_layers, &Self::LAYERS),
            width: within(t.width, &Self::WIDTHS),
            optimizer: t.optimizer,
            learning_rate: within(t.learning_rate, &Self::LEARNING_RATES),
            n_steps: within(t.n_steps, &Self::STEPS),
        };
        Self {
            shape: self.shape.clone(),
            loss: self.loss,
            penalty: within(self.penalty, &(0.0..=100.0)),
            d: training(&self.d),
            g: training(&self.g),
            batch: within(self.batch, &Self::BATCHES),
            noise: self.noise,
            input_noise: within(self.input_noise, &(0.0..=1.0)),
            label_smoothing: within(self.label_smoothing, &(0.0..=0.5)),
            seed: self.seed,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shape: Shape::Ring,
            loss: Loss::NonSaturating,
            penalty: 1.0,
            d: Training {
                n_layers: 3,
                width: 32,
                optimizer: Optimizer::Adam,
                learning_rate: 2e-3,
                n_steps: 3,
            },
            g: Training {
                n_layers: 2,
                width: 32,
                optimizer: Optimizer::Adam,
                learning_rate: 1e-3,
                n_steps: 1,
            },
            batch: 128,
            noise: Noise::Uniform,
            input_noise: 0.0,
            label_smoothing: 0.0,
            seed: 4,
        }
    }
}
