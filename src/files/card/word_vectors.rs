//! The card of a set of word vectors.

use super::Card;
use crate::files::embedded;
use crate::files::shown::{count, many};
use crate::files::sniff::Kind;
use crate::files::source::Source;
use crate::files::word_vectors::{Outline, WordVectors, outline};
use crate::refusal::Result;
use std::path::Path;

impl Card {
    /// The card of the word vectors that are built into the program.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn of_built_in_vectors() -> Result<Self> {
        let file = embedded::vectors()?;
        let set = WordVectors::builtin()?;
        let mut card = Self::of_weights(Path::new(embedded::VECTORS_NAME), &file, Ok(None));
        card.notes.insert(0, "It is built into the program.".into());
        card.notes.push(set.source().to_owned());
        Ok(card)
    }

    pub(super) fn of_word_vectors(path: &Path, source: &Source, kind: Kind) -> Result<Self> {
        let outline = outline(source, kind)?;
        let mut card = Self::empty(path, "", outline.format.clone());
        card.n_tensors = 1;
        card.dtype_counts = vec![(outline.dtype.clone(), 1)];
        card.describe_word_vectors(&outline);
        Ok(card)
    }

    pub(super) fn describe_word_vectors(&mut self, outline: &Outline) {
        self.kind = "word vectors".into();
        self.n_parameters = outline.n_words.saturating_mul(outline.width as u64);
        self.memory_bytes = outline.memory_bytes;
        self.usable_as = vec!["embeddings".to_owned()];
        let about = if outline.is_estimate { "About " } else { "" };
        let n_words = if outline.is_estimate {
            many(outline.n_words)
        } else {
            count(outline.n_words)
        };
        let mut notes = vec![format!(
            "{about}{n_words} words, {} numbers each.",
            count(outline.width as u64)
        )];
        if let Some(list) = &outline.words_in {
            notes.push(format!("Its words are those of `{list}`."));
        }
        if outline.is_mapped {
            notes.push(
                "It is searched where it lies on the disk, without a copy in memory.".to_owned(),
            );
        }
        notes.push("Use it in the Embeddings tab.".to_owned());
        self.notes = notes;
    }
}
