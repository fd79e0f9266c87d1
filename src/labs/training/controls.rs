//! The settings of a training, shared between whoever turns the knobs and the training.

use std::sync::{Mutex, PoisonError};

/// The settings as they are now.
#[derive(Debug, Default)]
pub struct Controls<Settings> {
    settings: Mutex<Settings>,
}

impl<Settings: Clone> Controls<Settings> {
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
