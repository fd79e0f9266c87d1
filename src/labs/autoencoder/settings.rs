//! What may be changed while a training works.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

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

/// The settings as they are now, shared between whoever turns the knobs and the training.
#[derive(Debug, Default)]
pub struct Controls {
    settings: Mutex<Settings>,
}

impl Controls {
    /// Starts with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: Mutex::new(settings),
        }
    }

    /// The settings of the next step.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let settings = self.settings.lock();
        settings.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes them.
    pub fn set(&self, settings: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }
}
