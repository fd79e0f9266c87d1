//! Opening the vectors that a person brings, and those that come with Glassbox.

use super::Space;
use super::origin::{self, CountSettings, SqueezeSettings, Weighting, Window};
use crate::files::word_vectors::WordVectors;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::path::Path;

/// Where vectors come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// Those that come with Glassbox.
    Shipped,
    /// A file.
    File(std::path::PathBuf),
}

impl Space {
    /// Opens a set. `emit` hears how far it is, 0..=1, and may stop it.
    ///
    /// # Errors
    /// The file does not hold, or `emit` broke.
    pub fn open_set(set: &Set, emit: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<Self> {
        match set {
            Set::Shipped => Self::shipped(emit),
            Set::File(path) => Self::read(path, emit),
        }
    }

    fn read(path: &Path, emit: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<Self> {
        WordVectors::open(path, emit).map(Self::new)
    }

    /// The vectors that come with Glassbox.
    fn shipped(emit: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<Self> {
        let (name, text) = origin::builtin();
        let settings = CountSettings {
            max_words: 6000,
            min_count: 4,
            window: Window {
                reach: 5,
                by_distance: true,
            },
        };
        let stopped = || {
            Refusal::unchanged(
                "Making the vectors was stopped",
                "They were not whole yet.",
                "Start again.",
            )
        };
        let source = origin::Source::Text(text);
        let counts = origin::count(source, &settings, &mut |_| emit(0.2))?.ok_or_else(stopped)?;
        let weighting = Weighting {
            smoothing: 0.75,
            shift: 1.0,
        };
        let weighed = origin::weigh(&counts, weighting);
        let squeezing = SqueezeSettings {
            width: 50,
            ..SqueezeSettings::default()
        };
        let made = origin::squeeze(&weighed, &squeezing, &mut |_| emit(0.6));
        made.with_words(name, &counts).map(Self::new)
    }
}
