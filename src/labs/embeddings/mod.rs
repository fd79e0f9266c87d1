//! Embeddings: words as points, and arithmetic with what they mean.

pub mod analogies;
mod answer;
mod arithmetic;
mod around;
pub mod directions;
mod explain;
pub mod map;
pub mod measures;
mod opening;
pub mod origin;
mod plane;
mod search;
pub mod sheet;
pub mod spaces;
mod words;
mod written;

pub use answer::{Answer, Expected, Near, Options, Ranked, Scale, Term, Unknown, Wrong};
pub use around::{Neighbour, cosine};
pub use opening::Set;
pub use plane::{Plane, PlanePoint, Role};
pub use written::{quoted, replaced, written};

use crate::files::manifest;
use crate::files::word_vectors::{self, Emit, WordVectors};
use crate::refusal::Result;
use std::sync::Arc;

pub use crate::algo::expression::Mistake;
pub use crate::algo::nearest::Metric;

/// Words as points. Clones share the vectors.
#[derive(Debug, Clone)]
pub struct Space {
    vectors: Arc<WordVectors>,
}

impl Space {
    /// The space of these vectors.
    #[must_use]
    pub fn new(vectors: impl Into<Arc<WordVectors>>) -> Self {
        let vectors = vectors.into();
        Self { vectors }
    }

    /// The vectors that ship, by their name, or those of a file. `emit` is told the part that is
    /// read, and may stop it.
    ///
    /// # Errors
    /// There is no such name or file, or it does not hold word vectors.
    pub fn open(name_or_path: &str, emit: Emit<'_>) -> Result<Self> {
        let vectors = word_vectors::named(name_or_path, &manifest::folders(), emit)?;
        Ok(Self::new(vectors))
    }

    /// The vectors.
    #[must_use]
    pub fn vectors(&self) -> &WordVectors {
        &self.vectors
    }

    /// Vector `i`.
    #[must_use]
    pub fn vector(&self, i: usize) -> Vec<f32> {
        let mut row = vec![0.0; self.vectors.width()];
        self.vectors.row(i, &mut row);
        row
    }
}

#[cfg(test)]
mod tests;
