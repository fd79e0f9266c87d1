//! What a person chose: how many numbers, learned from what, for how long.

use crate::labs::autoencoder::{Recipe, Settings, Source};
use crate::tabs::images::learned_from::From;
use serde::{Deserialize, Serialize};

/// What was chosen on the bench.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub(super) from: From,
    /// The folder that was dropped.
    pub(super) folder: String,
    /// Numbers of a code.
    pub(super) d_code: usize,
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
            d_code: 32,
            minutes: 2.0,
            seed: 0,
            settings: Settings::default(),
        }
    }
}

/// A network is told from others by what it learns from and by the numbers of its code.
pub(super) type Which = (From, usize);

impl Setup {
    /// The network that is chosen.
    pub(super) fn which(&self) -> Which {
        (self.from, self.d_code)
    }

    /// What is learned from; `None` while no folder is named.
    pub(super) fn source(&self) -> Option<Source> {
        self.from.source(&self.folder)
    }

    /// One picture of what is learned from, in a word.
    pub(super) fn one(&self) -> &'static str {
        match self.from {
            From::Faces => "face",
            From::Digits => "digit",
            From::Folder => "picture",
        }
    }

    /// What the lab is asked to do.
    pub(super) fn recipe(&self) -> Option<Recipe> {
        Some(Recipe {
            d_code: self.d_code,
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
        assert!(setup.recipe().is_none());
        setup.folder = " /tmp/holiday ".into();
        let source = Source::Folder(PathBuf::from("/tmp/holiday"));
        assert_eq!(setup.recipe().unwrap().source, source);
    }
}
