//! What a person chose to train: on what, how large, for how long, and with which settings.

use crate::labs::diffusion::training::{Recipe, Settings, Source};
use crate::tabs::images::learned_from::From;
use serde::{Deserialize, Serialize};

/// What was chosen on the bench.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub(super) from: From,
    /// The folder as it was typed, chosen or dropped.
    pub(super) folder: String,
    /// Pixels along a side, of faces and of one's own pictures; digits have 16.
    pub(super) side: usize,
    /// Minutes of work; 0 goes on until it is stopped.
    pub(super) minutes: f64,
    pub(super) seed: u64,
    /// Seconds of work between two snapshots.
    pub(super) snapshot_every: f64,
    pub(super) settings: Settings,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            from: From::Digits,
            folder: String::new(),
            side: 32,
            minutes: 3.0,
            seed: 0,
            snapshot_every: 10.0,
            settings: Settings::default(),
        }
    }
}

impl Setup {
    /// The same with every number within what the bench offers.
    pub(super) fn checked(mut self) -> Self {
        let within = |x: f64, low: f64, high: f64| {
            if x.is_finite() {
                x.clamp(low, high)
            } else {
                low
            }
        };
        if ![16, 32, 64].contains(&self.side) {
            self.side = 32;
        }
        self.minutes = within(self.minutes, 0.0, 600.0);
        self.snapshot_every = within(self.snapshot_every, 2.0, 120.0);
        let settings = &mut self.settings;
        settings.learning_rate = within(settings.learning_rate, 1e-5, 1e-2);
        settings.batch = settings.batch.clamp(4, 128);
        settings.ema = within(settings.ema, 0.0, 0.9999);
        settings.drop_each = within(settings.drop_each, 0.0, 1.0);
        settings.drop_all = within(settings.drop_all, 0.0, 1.0);
        self
    }

    /// Pixels along a side of what is learned.
    pub(super) fn side(&self) -> usize {
        match self.from {
            From::Digits => 16,
            From::Faces | From::Folder => self.side,
        }
    }

    /// What is learned from; `None` while no folder is named.
    pub(super) fn source(&self) -> Option<Source> {
        self.from.source(&self.folder).map(Source::from)
    }

    /// What people call what is learned from.
    pub(super) fn source_name(&self) -> String {
        self.from.name(&self.folder)
    }

    /// What the lab is asked to do.
    pub(super) fn recipe(&self) -> Option<Recipe> {
        Some(Recipe {
            settings: self.settings.clone(),
            seed: self.seed,
            minutes: self.minutes(),
            snapshot_every_secs: self.snapshot_every,
            ..Recipe::new(self.source()?).of_side(self.side())
        })
    }

    /// Minutes of work, unless it goes on until it is stopped.
    pub(super) fn minutes(&self) -> Option<f64> {
        (self.minutes > 0.0).then_some(self.minutes)
    }

    /// What needs a new training; the rest can be changed while one goes on.
    pub(super) fn same_network(&self, other: &Self) -> bool {
        self.source() == other.source() && self.side() == other.side() && self.seed == other.seed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_must_be_named_and_numbers_are_within_bounds() {
        let wild = Setup {
            from: From::Folder,
            side: 7,
            minutes: f64::NAN,
            ..Setup::default()
        };
        let setup = wild.checked();
        assert_eq!((setup.side, setup.minutes()), (32, None));
        assert!(setup.recipe().is_none());
        assert_eq!(Setup::default().checked(), Setup::default());
    }

    #[test]
    fn digits_keep_their_own_size() {
        let setup = Setup {
            side: 64,
            ..Setup::default()
        };
        assert_eq!(setup.recipe().map(|recipe| recipe.side), Some(16));
    }
}
