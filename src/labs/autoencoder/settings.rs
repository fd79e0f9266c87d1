//! What may be changed while a training works.

use crate::labs::training;
use serde::{Deserialize, Serialize};

/// The settings as they are now, shared between whoever turns the knobs and the training.
pub type Controls = training::Controls<Settings>;

/// The knobs of a training. A change acts on the next step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How far the weights move, once warmed up and before it cools.
    pub learning_rate: f64,
    /// Pictures of a step.
    pub batch: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            learning_rate: 4e-3,
            batch: 32,
        }
    }
}
