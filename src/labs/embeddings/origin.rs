//! Where word vectors come from, step by step on a text of one's own: count which words stand near
//! which ([`count()`]), weigh the counts ([`weigh`]), squeeze the table to a few numbers per word
//! ([`squeeze`]); or train GloVe on the same counts ([`train`]).

pub(in crate::labs) mod text;
mod trap;
mod vectors;

pub use crate::algo::cooccurrence::{Sparse, Weighting, Window};
pub use crate::algo::glove::Settings as GloveSettings;
pub use text::{Source, builtin};
pub use trap::Trap;
pub use vectors::{SqueezeSettings, Vectors, squeeze, train};

use crate::algo::cooccurrence::{Counter, ppmi};
use crate::algo::words;
use crate::refusal::{Refusal, Result};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Between events, so that Stop acts at once and a window is not flooded.
const BETWEEN_EVENTS: Duration = Duration::from_millis(40);

/// Different words that are counted at most; a text of more is no natural text.
const MAX_KINDS: usize = 5_000_000;

/// Pairs that are kept at most: 24 bytes each here, and as much again in the matrix.
const MAX_PAIRS: usize = 20_000_000;

/// Words of a vocabulary at most; a table of words by words is drawn and squeezed from them.
pub const MAX_WORDS: usize = 100_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountSettings {
    /// The vocabulary: so many of the commonest words at most.
    pub max_words: usize,
    /// Words that stand less often are left out.
    pub min_count: u64,
    /// Which words count as near.
    pub window: Window,
}

impl Default for CountSettings {
    /// For one book: a narrow window finds words of one kind (three, two, four), a wide one words of
    /// one subject (boat, stern, oars), for which there is little text.
    fn default() -> Self {
        Self {
            max_words: 10_000,
            min_count: 5,
            window: Window {
                reach: 2,
                by_distance: true,
            },
        }
    }
}

/// What is said on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum OriginEvent {
    /// The words of the text are counted, so far one by one.
    CountingWords {
        /// How far, `0.0..=1.0`.
        fraction: f32,
        /// Words so far.
        n_tokens: u64,
    },
    /// The vocabulary is settled.
    Vocabulary {
        /// Words of the text.
        n_tokens: u64,
        /// Different words.
        n_kinds: usize,
        /// Words that were kept.
        n_words: usize,
        /// The commonest of them, with their counts.
        commonest: Vec<(String, u64)>,
    },
    /// Pairs of words are counted.
    CountingPairs {
        /// How far, `0.0..=1.0`.
        fraction: f32,
        /// Different pairs so far, about.
        n_pairs: usize,
    },
    /// The matrix is being decomposed.
    Squeezing {
        /// Singular values as found so far, falling.
        values: Vec<f64>,
        /// How many of the largest are exact to rounding.
        n_done: usize,
        /// How many are wanted.
        n_wanted: usize,
    },
    /// GloVe has seen more cells of the matrix.
    Training {
        /// Whole epochs.
        epoch: usize,
        /// Epochs in all.
        n_epochs: usize,
        /// Of the present epoch, `0.0..=1.0`.
        fraction: f32,
        /// The mean loss of a cell in each epoch that is done.
        losses: Vec<f64>,
    },
}

/// Takes an event and says whether to go on.
pub type Emit<'a> = &'a mut dyn FnMut(OriginEvent) -> ControlFlow<()>;

/// A text counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// The vocabulary, the commonest word first; of equally common ones the one met first.
    pub words: Vec<String>,
    /// How often each stands.
    pub counts: Vec<u64>,
    /// Words of the text, those left out included.
    pub n_tokens: u64,
    /// Different words of the text.
    pub n_kinds: usize,
    /// How often each pair of words stands together: `(n_words, n_words)`.
    pub matrix: Sparse,
    /// What is to be known about it: a text cut short, bytes that are no letters.
    pub notes: Vec<String>,
}

/// A small part of a matrix, to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Corner {
    /// The words of its rows, and of its columns.
    pub words: Vec<String>,
    /// Row-major: as many rows and columns as words.
    pub cells: Vec<f32>,
}

impl Counts {
    /// The place of a word.
    #[must_use]
    pub fn index(&self, word: &str) -> Option<usize> {
        self.words.iter().position(|known| known == word)
    }

    /// The cells of `matrix` between these words, by their places: the counts, or what [`weigh`] made
    /// of them.
    #[must_use]
    pub fn corner(&self, matrix: &Sparse, places: &[usize]) -> Corner {
        let n = self.words.len().min(matrix.n());
        let places: Vec<usize> = places.iter().copied().filter(|i| *i < n).collect();
        let cell = |i: usize| places.iter().map(move |j| matrix.get(i, *j) as f32);
        Corner {
            words: places.iter().map(|i| self.words[*i].clone()).collect(),
            cells: places.iter().flat_map(|i| cell(*i)).collect(),
        }
    }
}

/// Counts the words of a text and their neighbours; the text is read twice and never kept whole.
/// `None` when it was stopped.
///
/// # Errors
/// A text that cannot be read, or has too few words.
pub fn count(source: Source, settings: &CountSettings, emit: Emit) -> Result<Option<Counts>> {
    let mut notes = Vec::new();
    let mut kinds: HashMap<String, (u64, usize)> = HashMap::new();
    let mut n_tokens = 0_u64;
    let mut last_event = Instant::now();
    let read = text::read(source, &mut |part, fraction| {
        words::for_each(part, |word| {
            n_tokens += 1;
            let n_kinds = kinds.len();
            match kinds.get_mut(word) {
                Some((count, _)) => *count += 1,
                None if n_kinds < MAX_KINDS => {
                    kinds.insert(word.to_string(), (1, n_kinds));
                }
                None => {}
            }
        });
        let event = OriginEvent::CountingWords { fraction, n_tokens };
        now_and_then(&mut last_event, || emit(event))
    })?;
    let Some(n_replaced) = read else {
        return Ok(None);
    };
    if n_replaced > 0 {
        notes.push(format!(
            "{n_replaced} places of the text are not UTF-8; words were cut there."
        ));
    }
    let n_kinds = kinds.len();
    let (words, counts) = vocabulary(kinds, settings);
    if words.len() < 2 {
        return Err(too_few(n_tokens, n_kinds, settings));
    }
    let vocabulary = OriginEvent::Vocabulary {
        n_tokens,
        n_kinds,
        n_words: words.len(),
        commonest: words
            .iter()
            .cloned()
            .zip(counts.iter().copied())
            .take(50)
            .collect(),
    };
    if emit(vocabulary).is_break() {
        return Ok(None);
    }
    let places: HashMap<&str, u32> = words.iter().map(String::as_str).zip(0..).collect();
    let mut counter = Counter::new(words.len(), settings.window);
    let mut full_at = None;
    let read = text::read(source, &mut |part, fraction| {
        words::for_each(part, |word| {
            if let Some(&place) = places.get(word)
                && full_at.is_none()
            {
                counter.push(place);
            }
        });
        if full_at.is_none() && counter.n_pairs() > MAX_PAIRS {
            full_at = Some(fraction);
        }
        let event = OriginEvent::CountingPairs {
            fraction,
            n_pairs: counter.n_pairs(),
        };
        now_and_then(&mut last_event, || emit(event))
    })?;
    if read.is_none() {
        return Ok(None);
    }
    if let Some(fraction) = full_at {
        notes.push(format!(
            "Pairs were counted in the first {:.0} % of the text: {MAX_PAIRS} different ones are the most that are kept. A smaller vocabulary or window reaches further.",
            fraction * 100.0
        ));
    }
    Ok(Some(Counts {
        matrix: counter.finish(),
        words,
        counts,
        n_tokens,
        n_kinds,
        notes,
    }))
}

/// Weighs counts by PPMI: how much more often two words stand together than chance would have it.
#[must_use]
pub fn weigh(counts: &Counts, weighting: Weighting) -> Sparse {
    ppmi(&counts.matrix, weighting)
}

/// The commonest words that are kept, and their counts.
fn vocabulary(
    kinds: HashMap<String, (u64, usize)>,
    settings: &CountSettings,
) -> (Vec<String>, Vec<u64>) {
    let mut kept: Vec<(String, (u64, usize))> = kinds
        .into_iter()
        .filter(|(_, (count, _))| *count >= settings.min_count)
        .collect();
    kept.sort_unstable_by_key(|(_, (count, met))| (std::cmp::Reverse(*count), *met));
    kept.truncate(settings.max_words.min(MAX_WORDS));
    kept.into_iter()
        .map(|(word, (count, _))| (word, count))
        .unzip()
}

/// Emits when the last event is a while ago.
fn now_and_then(last: &mut Instant, emit: impl FnOnce() -> ControlFlow<()>) -> ControlFlow<()> {
    if last.elapsed() < BETWEEN_EVENTS {
        return ControlFlow::Continue(());
    }
    *last = Instant::now();
    emit()
}

fn too_few(n_tokens: u64, n_kinds: usize, settings: &CountSettings) -> Refusal {
    Refusal::unchanged(
        "The text has too few words to learn from",
        format!(
            "It has {n_tokens} words, {n_kinds} of them different; fewer than two stand at least {} times.",
            settings.min_count
        ),
        "Give a longer text, or lower how often a word must stand.",
    )
}

#[cfg(test)]
mod tests;
