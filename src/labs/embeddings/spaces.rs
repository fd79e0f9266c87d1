//! Other spaces: the table of vectors inside a language model, one word in two sentences, and whole
//! sentences by the mean of their words.

mod contextual;
mod sentences;

pub use contextual::{Contextual, Question, Read, compare};
pub use sentences::{Sentence, cosines, sentence};

use super::Space;
use crate::files::word_vectors::WordVectors;
use crate::labs::text::{self, Source};
use crate::labs::tokenizer::embedding_rows;
use crate::refusal::{Refusal, Result};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Before a token that does not begin a word: "…ing".
pub const WITHIN: char = '…';

/// The embedding table of a language model as a set of vectors: one for each token. A token that begins
/// a word is named by the word, one that goes on inside a word has [`WITHIN`] before it.
///
/// # Errors
/// There is no such model, it has no table or no vocabulary, or `emit` broke.
pub fn embedding_table(
    source: &Source,
    folders: &[PathBuf],
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Space> {
    let stopped = || {
        Refusal::unchanged(
            "Reading the table was stopped",
            "It was not read to its end.",
            "Start again.",
        )
    };
    let mut go_on = |part| match emit(part) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(stopped()),
    };
    go_on(0.0)?;
    let found = text::find(source, folders)?;
    let Some(vocabulary) = found.vocabulary else {
        return Err(Refusal::unchanged(
            format!("“{}” came without a vocabulary", found.name),
            "Its table has a row for each token, but nothing says which token is which word.",
            "Put the model's tokenizer.json beside it.",
        ));
    };
    let (mut rows, width) = embedding_rows(&found.file)?;
    go_on(0.7)?;
    let n_rows = rows.len() / width.max(1);
    let special = |id: usize| {
        vocabulary
            .special_tokens
            .iter()
            .find(|(s, _)| *s as usize == id)
    };
    let words: Vec<String> = (0..n_rows.min(vocabulary.tokens.len()))
        .map(|id| match special(id) {
            Some((_, text)) => text.clone(),
            None => name(&vocabulary.tokens[id], id),
        })
        .collect();
    rows.truncate(words.len() * width);
    go_on(0.9)?;
    let name = format!("{}, token table", found.name);
    WordVectors::from_rows(name, words, width, rows).map(Space::new)
}

/// What a token is called among words.
fn name(token: &[u8], id: usize) -> String {
    let Ok(text) = std::str::from_utf8(token) else {
        let mut name = String::from("⟨");
        for byte in token {
            _ = write!(name, "{byte:02X}");
        }
        return name + "⟩";
    };
    let text = text.replace('\u{2581}', " ");
    if text.trim().is_empty() {
        return format!("⟨space {id}⟩");
    }
    match text.strip_prefix(' ') {
        Some(word) => word.to_owned(),
        None => format!("{WITHIN}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_built_in_model_is_a_set_of_vectors() {
        let source = Source::Named(text::EMBEDDED.into());
        let mut go_on = |_| ControlFlow::Continue(());
        let space = embedding_table(&source, &[], &mut go_on).unwrap();
        assert_eq!(space.vectors().len(), 1024);
        assert!(space.vectors().width() >= 64);
        let king = space.find("the").unwrap();
        assert!(space.vector(king).iter().any(|x| *x != 0.0));
        let mut stop = |_| ControlFlow::Break(());
        assert!(embedding_table(&source, &[], &mut stop).is_err());
    }

    #[test]
    fn tokens_are_named_so_that_words_can_be_asked_for() {
        assert_eq!(name(b" king", 1), "king");
        assert_eq!(name(b"ing", 2), "…ing");
        assert_eq!(name(&[0xf0, 0x9f], 3), "⟨F09F⟩");
        assert_eq!(name(b"  ", 4), "⟨space 4⟩");
    }
}
