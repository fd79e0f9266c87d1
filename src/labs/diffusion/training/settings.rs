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
    /// How slowly the weights that draw the snapshots follow the network's own, 0..1.
    pub ema: f64,
    /// How often one attribute of a picture is not told, 0..=1.
    pub drop_each: f64,
    /// How often nothing is told of a picture, 0..=1.
    pub drop_all: f64,
    /// Whether half of the pictures are seen as in a mirror: for small sets of pictures.
    pub mirror: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            batch: 32,
            ema: 0.999,
            drop_each: 0.2,
            drop_all: 0.12,
            mirror: false,
        }
    }
}
