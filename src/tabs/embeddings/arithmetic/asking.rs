//! A question put to a space, on a job's thread.

use super::question::Question;
use crate::labs::embeddings::{Answer, Mistake, Space, Unknown, Wrong};
use crate::refusal::Refusal;
use std::ops::ControlFlow;

/// So many spellings are offered for a word that the set does not have.
const N_SPELLINGS: usize = 5;

/// What is wrong with an expression, and the words of it that the set does not have where it has none.
pub(super) type Trouble = (Mistake, Vec<Unknown>);

/// What became of a question.
#[derive(Debug)]
pub(super) enum Found {
    Answer(Box<Answer>),
    Trouble(Trouble),
    /// The vectors are no longer what was checked.
    Refused(Refusal),
}

/// Runs on a job's thread.
pub(super) fn evaluate(
    space: &Space,
    question: &Question,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Option<Found> {
    let expression = &question.expression;
    match space.evaluate(expression, &question.options(), emit) {
        Ok(answer) => Some(Found::Answer(Box::new(answer))),
        Err(Wrong::Mistake(mistake)) => {
            let unknown = unknown_words(space, expression, &mistake);
            Some(Found::Trouble((mistake, unknown)))
        }
        Err(Wrong::Refused(refusal)) => Some(Found::Refused(refusal)),
        Err(Wrong::Stopped) => None,
    }
}

/// The words where the mistake is, when none of them is in the set: the mistake is then that.
fn unknown_words(space: &Space, expression: &str, mistake: &Mistake) -> Vec<Unknown> {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'');
    let Some(part) = expression.get(mistake.at.clone()) else {
        return Vec::new();
    };
    let mut unknown: Vec<Unknown> = Vec::new();
    let words = part.split(|c| !is_letter(c));
    for word in words.filter(|word| word.contains(char::is_alphabetic)) {
        if space.find(word).is_some() {
            return Vec::new();
        }
        let start = mistake.at.start + (word.as_ptr() as usize - part.as_ptr() as usize);
        let at = start..start + word.len();
        match unknown.iter_mut().find(|known| known.word == word) {
            Some(known) => known.at.push(at),
            None => unknown.push(Unknown {
                word: word.to_owned(),
                at: vec![at],
                suggestions: space.similar_spelling(word, N_SPELLINGS),
            }),
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::word_vectors::WordVectors;

    #[test]
    fn words_that_no_set_has_are_named_with_their_places_only_where_all_are_unknown() {
        let words = ["king", "queen"].map(str::to_owned).to_vec();
        let vectors = vec![1.0, 0.0, 0.0, 1.0];
        let space = WordVectors::from_rows("two", words, 2, vectors).unwrap();
        let space = Space::new(space);
        let mistake = |at| Mistake {
            at,
            what: String::new(),
        };
        let found = unknown_words(&space, "qeen + kng + qeen", &mistake(0..17));
        let starts = |i: usize| found[i].at.iter().map(|at| at.start).collect::<Vec<_>>();
        assert_eq!((starts(0), starts(1)), (vec![0, 13], vec![7]));
        assert_eq!((found.len(), found[1].at[0].end), (2, 10));
        assert_eq!(found[0].suggestions, ["queen"]);
        assert!(unknown_words(&space, "king / 0", &mistake(0..8)).is_empty());
    }
}
