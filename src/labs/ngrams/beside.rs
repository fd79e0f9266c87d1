//! The same text before a transformer: which tokens it expects next, and which letter.

use crate::algo::ngram::{Gap, for_each_letter};
use crate::labs::text::{LoadedText, best, look_again, read_raw};
use crate::refusal::Result;
use std::ops::ControlFlow;

/// What a transformer expects after a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Tokens that it read.
    pub n_tokens: usize,
    /// The likeliest tokens, best first: their bytes and probabilities.
    pub tokens: Vec<(Vec<u8>, f64)>,
    /// The probability of each of 27 letters (the space first): the sum over all tokens that begin with
    /// it.
    pub letters: [f64; 27],
}

/// What `loaded` expects after `text`; `None` when `go_on` broke. Where the text ends in a space, the
/// model reads it without, for its tokens bring their space along, and only those that do count.
///
/// # Errors
/// A text that the model cannot read, or arithmetic that fails.
pub fn expects(
    loaded: &LoadedText,
    text: &str,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Expected>> {
    let trimmed = text.trim_end();
    let has_gap = trimmed.len() < text.len() && !trimmed.is_empty();
    let seen = read_raw(loaded, if has_gap { trimmed } else { text })?;
    let Some(logits) = look_again(loaded, &seen.ids, &mut |_| go_on())? else {
        return Ok(None);
    };
    let all = best(&logits, logits.len());
    let (mut letters, mut whole) = ([0.0; 27], 0.0);
    for candidate in &all {
        let bytes = loaded.token_bytes(candidate.id);
        let counts_as = if loaded.is_special(candidate.id) {
            [Some(0), None]
        } else {
            first_two(&String::from_utf8_lossy(&bytes))
        };
        let letter = match counts_as {
            [Some(0), second] if has_gap => second,
            [_, _] if has_gap => None,
            [first, _] => Some(first.unwrap_or(0)),
        };
        if let Some(letter) = letter {
            letters[letter as usize] += candidate.p;
            whole += candidate.p;
        }
    }
    if whole > 0.0 {
        letters = letters.map(|p| p / whole);
    }
    let tokens = all.iter().take(12);
    Ok(Some(Expected {
        n_tokens: seen.ids.len(),
        tokens: tokens
            .map(|candidate| (loaded.token_bytes(candidate.id), candidate.p))
            .collect(),
        letters,
    }))
}

/// The first two of 27 letters that a token adds behind a letter.
fn first_two(token: &str) -> [Option<u32>; 2] {
    let mut found = [None; 2];
    let mut n_found = 0;
    let mut gap = Gap::after_a_letter();
    for_each_letter(token, &mut gap, |letter| {
        if let Some(place) = found.get_mut(n_found) {
            *place = Some(letter);
            n_found += 1;
        }
    });
    if n_found == 0 && gap.is_open() {
        found[0] = Some(0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::compute::Compute;
    use crate::labs::text::{EMBEDDED, Source, load};

    #[test]
    fn a_token_begins_with_the_letter_that_the_counts_would_see() {
        assert_eq!(first_two(" the"), [Some(0), Some(20)]);
        assert_eq!(first_two("ueen"), [Some(21), Some(5)]);
        assert_eq!(first_two("'s"), [Some(19), None]);
        assert_eq!(first_two(", "), [Some(0), None]);
        assert_eq!(first_two("É"), [Some(5), None]);
        assert_eq!(first_two(""), [None, None]);
    }

    #[test]
    fn the_probabilities_of_the_letters_sum_to_one() {
        let source = Source::Named(EMBEDDED.into());
        let loaded = load(&source, &[], Compute::default(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
        for text in ["Once upon a", "Once upon a ", "", "Once upon a ti"] {
            let mut go_on = || ControlFlow::Continue(());
            let expected = expects(&loaded, text, &mut go_on).unwrap().unwrap();
            let sum: f64 = expected.letters.iter().sum();
            assert!((sum - 1.0).abs() < 1e-6, "{text:?}: {sum}");
            let ordered = expected.tokens.windows(2).all(|two| two[0].1 >= two[1].1);
            assert!(ordered && expected.tokens.len() == 12);
        }
        let time = expects(&loaded, "Once upon a", &mut || ControlFlow::Continue(()));
        let time = time.unwrap().unwrap();
        // A story goes on with a new word: after “a” there is a space.
        assert!(time.letters[0] > 0.9, "{:?}", time.letters);
        let stopped = expects(&loaded, &"Once upon a ".repeat(20), &mut || {
            ControlFlow::Break(())
        });
        assert!(stopped.unwrap().is_none());
    }
}
