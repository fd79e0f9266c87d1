//! A file that somebody gave: a vocabulary, or a text to be encoded.

use super::Tokenizer;
use crate::files::sniff::{Kind, sniff};
use crate::files::source::Source;
use crate::files::vocabulary::Vocabulary;
use crate::refusal::{Refusal, Result};
use std::path::Path;

/// The longest text that is taken.
pub const MAX_TEXT_BYTES: u64 = 64 << 20;

/// What a file turned out to be.
#[derive(Debug, Clone)]
pub enum Dropped {
    /// A vocabulary, in a file of its own or a model's.
    Vocabulary(Box<Tokenizer>),
    /// Text.
    Text(String),
}

/// Reads a vocabulary or a text, known by its first bytes.
///
/// # Errors
/// The file cannot be read, is neither, or is a text that is too long or not UTF-8.
pub fn open_dropped(path: &Path) -> Result<Dropped> {
    let source = Source::open(path)?;
    if sniff(&source)? != Kind::Text {
        let tokenizer = Tokenizer::new(Vocabulary::open(path)?)?;
        return Ok(Dropped::Vocabulary(Box::new(tokenizer)));
    }
    if source.len() > MAX_TEXT_BYTES {
        return Err(Refusal::unchanged(
            format!("The text `{}` is too long", source.name()),
            format!(
                "It has {} MB; {} MB is the most.",
                source.len() >> 20,
                MAX_TEXT_BYTES >> 20
            ),
            "Choose a shorter text, or encode it with `glassbox tokenize`.",
        ));
    }
    let bytes = source.read(0, source.len())?;
    String::from_utf8(bytes.to_vec())
        .map(Dropped::Text)
        .map_err(|error| {
            Refusal::unchanged(
                format!("`{}` is not text in UTF-8", source.name()),
                format!(
                    "The byte at {} is no part of a character.",
                    error.utf8_error().valid_up_to()
                ),
                "Save it as UTF-8 in the program it was written with.",
            )
        })
}
