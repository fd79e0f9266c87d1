//! Words and their vectors, whichever way they were saved.

use crate::refusal::{Refusal, Result};
use std::collections::HashMap;

/// A table of words and a vector for each.
#[derive(Debug)]
pub struct WordVectors {
    name: String,
    words: Vec<String>,
    index: HashMap<String, usize>,
    width: usize,
    values: Vec<f32>,
    source: String,
    notes: Vec<String>,
}

/// The vectors as they lie in memory, row after row in the order of the words.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// Numbers side by side.
    F32 {
        /// All rows.
        values: &'a [f32],
    },
    /// Little-endian f32 at places of their own in a mapped file.
    Unaligned {
        /// The file.
        bytes: &'a [u8],
        /// Where each row begins.
        offsets: &'a [u64],
    },
    /// Whole numbers, each row times its scale.
    I8 {
        /// All rows.
        values: &'a [i8],
        /// One per row.
        scales: &'a [f32],
    },
    /// Half-precision numbers as bits.
    F16 {
        /// All rows.
        values: &'a [u16],
    },
}

impl WordVectors {
    /// Vectors made here: row i of `values`, `width` numbers each, belongs to word i.
    ///
    /// # Errors
    /// When the numbers are not a row for each word.
    pub fn from_rows(
        name: impl Into<String>,
        words: Vec<String>,
        width: usize,
        values: Vec<f32>,
    ) -> Result<Self> {
        let name = name.into();
        if width == 0 || words.len().checked_mul(width) != Some(values.len()) {
            return Err(Refusal::unchanged(
                format!("The vectors of “{name}” do not fit its words"),
                format!(
                    "{} numbers are not {} rows of {width}.",
                    values.len(),
                    words.len()
                ),
                "Check how it was made.",
            ));
        }
        let mut index = HashMap::new();
        for (word, i) in words.iter().zip(0..) {
            index.entry(word.clone()).or_insert(i);
        }
        Ok(Self {
            name,
            words,
            index,
            width,
            values,
            source: "Made here.".into(),
            notes: Vec::new(),
        })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many words there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Numbers per vector.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Word `i`; empty past the last.
    #[must_use]
    pub fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", String::as_str)
    }

    /// The place of a word; of the first where it stands twice.
    #[must_use]
    pub fn index(&self, word: &str) -> Option<usize> {
        self.index.get(word).copied()
    }

    /// Writes vector `i` into `out`, which is as wide as a row.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        if let Some(row) = self.values.chunks_exact(self.width).nth(i) {
            out.copy_from_slice(row);
        }
    }

    /// Where it comes from, and its licence, in one sentence.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is to be known about it: words that stand twice, rows that are not numbers.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The vectors as they lie in memory.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::F32 {
            values: &self.values,
        }
    }
}
