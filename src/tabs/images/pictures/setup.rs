//! What a person chose to train: on what, how large, for how long, and with which settings.

use crate::labs::gan::pictures::{Recipe, Settings, Source};
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
    pub(super) settings: Settings,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            from: From::Faces,
            folder: String::new(),
            side: 32,
            minutes: 5.0,
            seed: 0,
            settings: Settings::default(),
        }
    }
}

impl Setup {
    /// Pixels along a side of what is learned.
    pub(super) fn side(&self) -> usize {
        match self.from {
            From::Digits => 16,
            From::Faces | From::Folder => self.side,
        }
    }

    /// What is learned from; `None` while no folder is named.
    pub(super) fn source(&self) -> Option<Source> {
        self.from.source(&self.folder)
    }

    /// What people call what is learned from.
    pub(super) fn source_name(&self) -> String {
        self.from.name(&self.folder)
    }

    /// What the lab is asked to do.
    pub(super) fn recipe(&self) -> Option<Recipe> {
        Some(Recipe {
            side: self.side(),
            settings: self.settings.clone(),
            seed: self.seed,
            minutes: self.minutes(),
            ..Recipe::new(self.source()?)
        })
    }

    /// Minutes of work, unless it goes on until it is stopped.
    pub(super) fn minutes(&self) -> Option<f64> {
        (self.minutes > 0.0).then_some(self.minutes)
    }

    /// What needs a new training; the rest can be changed while one goes on.
    pub(super) fn same_networks(&self, other: &Self) -> bool {
        self.source() == other.source()
            && self.side() == other.side()
            && self.seed == other.seed
            && self.settings.spectral_norm == other.settings.spectral_norm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_folder_must_be_named_before_it_is_learned_from() {
        let mut setup = Setup {
            from: From::Folder,
            ..Setup::default()
        };
        assert!(setup.source().is_none() && setup.recipe().is_none());
        setup.folder = " /tmp/holiday ".into();
        let source = Source::Folder(PathBuf::from("/tmp/holiday"));
        assert_eq!(setup.source(), Some(source));
        assert_eq!(setup.source_name(), "the pictures of holiday");
    }

    #[test]
    fn digits_keep_their_own_size() {
        let setup = Setup {
            from: From::Digits,
            side: 64,
            ..Setup::default()
        };
        assert_eq!(setup.recipe().unwrap().side, 16);
    }
}
