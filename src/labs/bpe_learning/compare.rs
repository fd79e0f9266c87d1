//! A learned vocabulary beside a published one, on the text it was learned from; and at work.

use super::{Learned, Outcome, Split, end_of_stretch};
use crate::files::vocabulary::Vocabulary;
use crate::labs::story_grammar::StoryGrammar;
use crate::labs::tokenizer::{Specials, Tokenizer};
use crate::refusal::Result;
use crate::rng::Rng;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// How another vocabulary does on the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The other vocabulary.
    pub name: String,
    /// Its tokens, special ones included.
    pub vocab_size: usize,
    /// Tokens that the text has with it.
    pub n_tokens: u64,
    /// Learned tokens of more than one byte that it has too.
    pub n_shared: usize,
}

/// Encodes `text` with `other`. `emit` is told how many bytes are done. `None` when stopped.
pub fn compare(
    text: &str,
    learned: &Learned,
    other: &Tokenizer,
    emit: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Compared> {
    let vocabulary = other.vocabulary();
    let theirs: HashSet<&[u8]> = vocabulary.tokens.iter().map(Vec::as_slice).collect();
    let ours = learned.tokens.iter().filter(|token| token.len() > 1);
    let n_shared = ours
        .filter(|token| theirs.contains(token.as_slice()))
        .count();
    let mut n_tokens = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (stretch, after) = rest.split_at(end_of_stretch(rest));
        n_tokens += other.encode(stretch, Specials::AsText).len() as u64;
        rest = after;
        if emit(text.len() - rest.len()).is_break() {
            return None;
        }
    }
    Some(Compared {
        name: vocabulary.name.clone(),
        vocab_size: vocabulary.tokens.len(),
        n_tokens,
        n_shared,
    })
}

/// The ids of the `n` longest learned tokens that are not all white space, the longest first; of
/// equals the one learned earlier.
#[must_use]
pub fn longest(learned: &Learned, n: usize) -> Vec<u32> {
    let mut ids: Vec<u32> = (256..learned.tokens.len() as u32).collect();
    let is_white = |id: &u32| learned.tokens[*id as usize].trim_ascii().is_empty();
    ids.retain(|id| !is_white(id));
    ids.sort_by_key(|&id| Reverse(learned.tokens[id as usize].len()));
    ids.truncate(n);
    ids
}

/// The learned vocabulary, ready to encode with.
///
/// # Errors
/// None for what was learned.
pub fn tokenizer(name: &str, outcome: &Outcome) -> Result<Tokenizer> {
    at_work(name, &outcome.learned, outcome.split)
}

/// A vocabulary and its way of cutting, ready to encode with.
///
/// # Errors
/// Merges that contradict the tokens, which none that was learned has.
pub fn at_work(name: &str, learned: &Learned, split: Split) -> Result<Tokenizer> {
    Tokenizer::new(Vocabulary {
        name: name.to_owned(),
        tokens: learned.tokens.clone(),
        merges: learned.merges.clone(),
        split: split.name().to_owned(),
        ..Vocabulary::default()
    })
}

/// A text to try it on: little stories of about `n_bytes` in all, a line each, always the same ones.
#[must_use]
pub fn stories(n_bytes: usize) -> String {
    let (grammar, mut rng) = (
        StoryGrammar::default(),
        Rng::new(1, "stories to learn from"),
    );
    let mut text = String::with_capacity(n_bytes + 4096);
    while text.len() < n_bytes {
        text += grammar.story(&mut rng).trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{Recipe, train};
    use super::*;

    fn go_on<T>(_: T) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn learn(text: &str) -> Outcome {
        let recipe = Recipe {
            n_merges: 500,
            split: "gpt2".into(),
            ties_as_tokenizers: true,
        };
        train(text, &recipe, &mut go_on).unwrap()
    }

    #[test]
    fn a_text_in_stretches_has_as_many_tokens_as_in_one() {
        let text = stories(2_500_000);
        let outcome = learn(&text);
        let gpt2 = Tokenizer::built_in("gpt2").unwrap().unwrap();
        let mut told = Vec::new();
        let compared = compare(&text, &outcome.learned, &gpt2, &mut |n| {
            told.push(n);
            ControlFlow::Continue(())
        })
        .unwrap();
        let whole = gpt2.encode(&text, Specials::AsText).len() as u64;
        assert_eq!(compared.n_tokens, whole);
        // GPT-2's encoder.json has 50,257 entries.
        assert_eq!(compared.vocab_size, 50_257);
        assert!(told.len() > 1 && told.last() == Some(&text.len()));
        assert!(compared.n_shared > 100, "{}", compared.n_shared);
        let stop = &mut |_| ControlFlow::Break(());
        assert!(compare(&text, &outcome.learned, &gpt2, stop).is_none());
    }

    #[test]
    fn what_was_learned_encodes_its_own_text_as_training_counted() {
        let text = stories(100_000);
        let outcome = learn(&text);
        let ours = tokenizer("stories", &outcome).unwrap();
        let ids = ours.encode(&text, Specials::AsText);
        assert_eq!(ids.len() as u64, outcome.n_tokens_after);
        assert_eq!(ours.decode(&ids).unwrap(), text.as_bytes());
    }

    #[test]
    fn the_longest_tokens_come_first() {
        let outcome = learn("strawberry strawberry strawberry");
        let ids = longest(&outcome.learned, 3);
        let tokens: Vec<&[u8]> = ids
            .iter()
            .map(|&id| &outcome.learned.tokens[id as usize][..])
            .collect();
        assert_eq!(tokens[0], b" strawberry");
        assert!(tokens.windows(2).all(|pair| pair[0].len() >= pair[1].len()));
    }
}
