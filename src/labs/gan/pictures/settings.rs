//! What may be changed while a training works.

use crate::labs::gan::Loss;
use crate::labs::training;
use serde::{Deserialize, Serialize};

/// The settings as they are now, shared between whoever turns the knobs and the training.
pub type Controls = training::Controls<Settings>;

/// The knobs of a training. A change acts on the next turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What both are told about their verdicts.
    pub loss: Loss,
    /// How far D's weights move.
    pub learning_rate_d: f64,
    /// How far G's move.
    pub learning_rate_g: f64,
    /// Steps of D in a turn; G takes one.
    pub d_steps: usize,
    /// Pictures of a step, real ones and as many made ones.
    pub batch: usize,
    /// Standard deviation of noise added to all pictures that D sees (they go from −1 to 1).
    pub input_noise: f64,
    /// D is asked for 1 − this for real pictures, 0..=0.5; 0 asks for 1.
    pub label_smoothing: f64,
    /// Whether D's layers are kept from stretching anything (Miyato et al. 2018).
    pub spectral_norm: bool,
    /// Whether D sees all pictures moved a little and in changed colours (Zhao et al. 2020): for
    /// small sets of pictures, which D learns by heart otherwise.
    pub augment: bool,
    /// How slowly the weights that draw the snapshots follow G's own, 0..1; 0 draws with G's own.
    pub ema: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            loss: Loss::NonSaturating,
            learning_rate_d: 4e-4,
            learning_rate_g: 4e-4,
            d_steps: 1,
            batch: 32,
            input_noise: 0.0,
            label_smoothing: 0.0,
            spectral_norm: true,
            augment: false,
            ema: 0.999,
        }
    }
}
