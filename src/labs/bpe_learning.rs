//! Learning a vocabulary from a text: count its pieces, then merge the commonest pair of tokens again
//! and again (`algo::bpe_learn`).
//!
//! The merges are those of the trainer of Hugging Face's `tokenizers` with the same way of splitting,
//! ties included. Two things differ: a pair must stand twice (theirs goes on with pairs that stand
//! once), and a piece of more than [`MAX_PIECE_BYTES`], which no language has, is counted in parts, so
//! that a file of one endless word costs no more than a book.

pub mod compare;
mod corpus;
mod saved;
pub mod stepwise;

pub use crate::algo::bpe_learn::{END_OF_WORD, Learned, Learner, Merge, Pair, PairCount, Ties};
pub use crate::algo::split::Split;
pub use corpus::{read, text_of, words_of};
pub use saved::{save, tiktoken_ranks, tokenizer_json};

use crate::algo::bpe_learn::{ByteOrder, Learning, WordCounts};
use crate::nn::pool;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The most merges that may be asked for; the largest published vocabularies have 262,144 tokens.
pub const MAX_MERGES: usize = 1_000_000;

/// A longer piece is counted in parts of this length.
pub const MAX_PIECE_BYTES: usize = 1 << 14;

/// A text is counted in stretches of about so many bytes.
const STRETCH_BYTES: usize = 1 << 20;

/// Between events, so that Stop acts at once and a window is not flooded.
const BETWEEN_EVENTS: Duration = Duration::from_millis(40);

/// What to learn, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// How many merges at most.
    pub n_merges: usize,
    /// The way the text is cut into pieces, across which nothing is merged, by its name in
    /// [`Split::ALL`], such as "gpt2".
    pub split: String,
    /// Break ties as `tokenizers` does, which orders bytes as GPT-2 does; otherwise by their values.
    pub ties_as_tokenizers: bool,
}

/// What is said on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// So many of the text's bytes are counted.
    Counting {
        /// Bytes so far.
        n_bytes: usize,
        /// Bytes in all.
        n_bytes_total: usize,
    },
    /// The pieces are counted; learning begins.
    Counted {
        /// Pieces in all.
        n_pieces: u64,
        /// Different pieces.
        n_words: usize,
    },
    /// Some merges were learned since the last event.
    Learned {
        /// The new ones.
        merges: Vec<LearnedMerge>,
        /// Merges so far.
        n_merges: usize,
        /// Tokens in the text now.
        n_tokens: u64,
    },
}

/// One merge, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedMerge {
    /// The bytes of the new token.
    pub bytes: Vec<u8>,
    /// How often the pair stood in the text.
    pub count: u64,
    /// Tokens in the text after it.
    pub n_tokens: u64,
}

/// What was learned, whole or until it was stopped.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The vocabulary.
    pub learned: Learned,
    /// How the text was cut.
    pub split: Split,
    /// Tokens in the text at first: its bytes.
    pub n_tokens_before: u64,
    /// Tokens in the text at the end.
    pub n_tokens_after: u64,
    /// Ended by whoever watched.
    pub stopped: bool,
    /// Ended because no pair stood twice any more.
    pub exhausted: bool,
    /// The text as it is written at the end.
    rewritten: Option<Learning>,
}

impl Outcome {
    /// The different pieces of the text in the order first met, each as token ids, with their counts.
    pub fn words(&self) -> impl Iterator<Item = (Vec<u32>, u64)> {
        self.rewritten.iter().flat_map(Learning::words)
    }
}

/// Learns from `text`. Stopped while counting, it has learned nothing.
///
/// # Errors
/// A text without a letter, more than [`MAX_MERGES`] merges, or a way of splitting that is not known.
pub fn train(
    text: &str,
    recipe: &Recipe,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    let split = check(text, recipe)?;
    let order = if recipe.ties_as_tokenizers {
        ByteOrder::Gpt2
    } else {
        ByteOrder::ByValue
    };
    let counted = count(text, split, emit);
    let (counts, mut stopped) = match counted {
        ControlFlow::Continue(counts) => (counts, false),
        ControlFlow::Break(()) => (WordCounts::default(), true),
    };
    let mut learning = Learning::new(&counts, order);
    let n_tokens_before = learning.n_tokens();
    let mut exhausted = false;
    if !stopped {
        let counted = Event::Counted {
            n_pieces: counts.n_pieces(),
            n_words: counts.len(),
        };
        stopped = emit(counted).is_break();
    }
    drop(counts);
    let mut news = Vec::new();
    let mut last_event = Instant::now();
    while !stopped && !exhausted && learning.learned().merges.len() < recipe.n_merges {
        exhausted = !learning.step();
        let learned = learning.learned();
        if let (false, Some(bytes), Some(&count)) =
            (exhausted, learned.tokens.last(), learned.counts.last())
        {
            news.push(LearnedMerge {
                bytes: bytes.clone(),
                count,
                n_tokens: learning.n_tokens(),
            });
        }
        let is_last = exhausted || learned.merges.len() == recipe.n_merges;
        if is_last || last_event.elapsed() >= BETWEEN_EVENTS {
            last_event = Instant::now();
            let event = Event::Learned {
                merges: std::mem::take(&mut news),
                n_merges: learned.merges.len(),
                n_tokens: learning.n_tokens(),
            };
            stopped = emit(event).is_break() && !is_last;
        }
    }
    Ok(Outcome {
        learned: learning.learned().clone(),
        split,
        n_tokens_before,
        n_tokens_after: learning.n_tokens(),
        stopped,
        exhausted,
        rewritten: Some(learning),
    })
}

/// What is said of more than [`MAX_MERGES`].
#[must_use]
pub fn too_many(n_merges: usize) -> Refusal {
    Refusal::unchanged(
        format!("{n_merges} merges are too many"),
        format!(
            "{MAX_MERGES} is the most that Glassbox learns; GPT-2 has 50,000 and GPT-4o 199,742."
        ),
        "Ask for fewer merges.",
    )
}

fn check(text: &str, recipe: &Recipe) -> Result<Split> {
    if recipe.n_merges > MAX_MERGES {
        return Err(too_many(recipe.n_merges));
    }
    if text.trim().is_empty() {
        return Err(Refusal::unchanged(
            "There is no text to learn from",
            if text.is_empty() {
                "It is empty.".to_owned()
            } else {
                format!("Its {} bytes are all white space.", text.len())
            },
            "Give a text of some length: a few words show the idea, a book makes a vocabulary.",
        ));
    }
    Split::by_name(&recipe.split).ok_or_else(|| {
        let known: Vec<_> = Split::ALL.iter().map(|split| split.name()).collect();
        Refusal::unchanged(
            format!("There is no way of splitting called “{}”", recipe.split),
            format!("Known are {}.", known.join(", ")),
            "Choose one of these.",
        )
    })
}

/// Counts the pieces: stretches of the text on the threads of the pool, put together in their order,
/// so that the result is the same on any number of threads.
fn count(
    text: &str,
    split: Split,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> ControlFlow<(), WordCounts> {
    let mut counts = WordCounts::default();
    let mut rest = text;
    while !rest.is_empty() {
        let at_once: Vec<&str> = (0..pool::threads())
            .map(|_| {
                let (stretch, after) = rest.split_at(end_of_stretch(rest));
                rest = after;
                stretch
            })
            .collect();
        if let [only] = at_once[..] {
            count_stretch(only, split, &mut counts);
        } else {
            let parts: Vec<_> = at_once.iter().map(|_| Mutex::default()).collect();
            pool::for_chunks(at_once.len(), 1, |chunk| {
                for i in chunk {
                    let mut part = WordCounts::default();
                    count_stretch(at_once[i], split, &mut part);
                    if let Ok(mut place) = parts[i].lock() {
                        *place = part;
                    }
                }
            });
            for part in parts {
                counts.append(&part.into_inner().unwrap_or_default());
            }
        }
        emit(Event::Counting {
            n_bytes: text.len() - rest.len(),
            n_bytes_total: text.len(),
        })?;
    }
    ControlFlow::Continue(counts)
}

fn count_stretch(text: &str, split: Split, counts: &mut WordCounts) {
    for range in split.pieces(text) {
        for part in text.as_bytes()[range].chunks(MAX_PIECE_BYTES) {
            counts.add(part);
        }
    }
}

/// Where a stretch of about [`STRETCH_BYTES`] may end without changing any piece: after a line break
/// with a visible ASCII character before and a letter after. There every pattern ends a piece, and
/// none looks further ahead or back. A text without such a place is one stretch.
fn end_of_stretch(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_place = |three: &[u8]| {
        three[0].is_ascii_graphic() && three[1] == b'\n' && three[2].is_ascii_alphabetic()
    };
    let from = STRETCH_BYTES.min(bytes.len());
    let found = bytes[from..].windows(3).position(is_place);
    found.map_or(bytes.len(), |n| from + n + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::story_grammar::StoryGrammar;
    use crate::rng::Rng;

    fn recipe(n_merges: usize) -> Recipe {
        Recipe {
            n_merges,
            split: "gpt2".into(),
            ties_as_tokenizers: true,
        }
    }

    fn go_on(_: Event) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Stories, a third of them with the odd things that texts have.
    pub(super) fn some_text(n_stories: usize) -> String {
        let (grammar, mut rng) = (StoryGrammar::default(), Rng::new(0, "test"));
        let odd =
            "Tab\tand  spaces \n\n  caf\u{e9} \u{1f600} \u{4f60}\u{597d} 12345 don't\r\nX's / y\n";
        (0..n_stories)
            .map(|i| grammar.story(&mut rng) + if i % 3 == 0 { odd } else { "\n" })
            .collect()
    }

    #[test]
    fn stretches_change_no_count() {
        let text = some_text(6000);
        assert!(text.len() > 3 * STRETCH_BYTES, "{}", text.len());
        for split in Split::ALL {
            let whole: WordCounts = split
                .pieces(&text)
                .map(|range| text[range].as_bytes())
                .collect();
            let ControlFlow::Continue(counts) = count(&text, split, &mut go_on) else {
                panic!("nobody stopped it");
            };
            assert!(counts.iter().eq(whole.iter()), "{}", split.name());
        }
    }

    #[test]
    fn events_tell_of_every_merge_and_stop_keeps_what_was_learned() {
        let text = some_text(100);
        let mut told = Vec::new();
        let outcome = train(&text, &recipe(300), &mut |event| {
            if let Event::Learned { merges, .. } = event {
                told.extend(merges);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        let tokens: Vec<_> = told.iter().map(|merge| merge.bytes.clone()).collect();
        assert_eq!(tokens, outcome.learned.tokens[256..]);
        assert_eq!(outcome.n_tokens_before, text.len() as u64);
        assert_eq!(told.last().unwrap().n_tokens, outcome.n_tokens_after);
        assert!(!outcome.stopped && !outcome.exhausted);
        let n_tokens: u64 = outcome.words().map(|(ids, n)| ids.len() as u64 * n).sum();
        assert_eq!(n_tokens, outcome.n_tokens_after);

        let stopped = train(&text, &recipe(300), &mut |event| match event {
            Event::Counting { .. } => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        })
        .unwrap();
        assert!(stopped.stopped && stopped.learned.merges.is_empty());
        let at_once = train(&text, &recipe(300), &mut |_| ControlFlow::Break(())).unwrap();
        assert!(at_once.stopped);
    }

    #[test]
    fn a_text_that_runs_out_of_pairs_says_so() {
        let outcome = train("hello hello", &recipe(100), &mut go_on).unwrap();
        // "hello" and " hello": h e l l o stand twice each.
        assert!(outcome.exhausted && !outcome.stopped);
        assert_eq!(outcome.learned.tokens.last().unwrap(), b"hello");
    }

    #[test]
    fn an_endless_word_is_learned_in_parts() {
        let text = "ab".repeat(MAX_PIECE_BYTES * 4);
        let outcome = train(&text, &recipe(2), &mut go_on).unwrap();
        assert_eq!(
            outcome.learned.tokens[256..],
            [b"ab".to_vec(), b"abab".to_vec()]
        );
        assert_eq!(outcome.n_tokens_after, text.len() as u64 / 4);
    }

    #[test]
    fn what_cannot_be_learned_from_is_refused_with_the_reason() {
        let refuse = |text: &str, recipe: &Recipe| train(text, recipe, &mut go_on).unwrap_err();
        assert!(refuse("", &recipe(1)).evidence.contains("empty"));
        assert!(refuse(" \n ", &recipe(1)).evidence.contains("3 bytes"));
        assert!(
            refuse("a", &recipe(usize::MAX))
                .evidence
                .contains("1000000")
        );
        let unknown = Recipe {
            split: "words".into(),
            ..recipe(1)
        };
        assert!(refuse("a", &unknown).evidence.contains("o200k"));
    }
}
