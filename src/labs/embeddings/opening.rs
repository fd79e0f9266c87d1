//! Opening the vectors that a person brings, and those that come with Glassbox.

use super::Space;
use crate::files::word_vectors::WordVectors;
use crate::refusal::Result;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Where vectors come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// Those that come with Glassbox.
    Shipped,
    /// A file.
    File(PathBuf),
}

impl Space {
    /// Opens a set. `emit` hears how far it is, 0..=1, and may stop it.
    ///
    /// # Errors
    /// The file does not hold, or `emit` broke.
    pub fn open_set(set: &Set, emit: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<Self> {
        let vectors = match set {
            Set::Shipped => WordVectors::builtin()?,
            Set::File(path) => WordVectors::open(path, emit)?,
        };
        Ok(Self::new(vectors))
    }
}
