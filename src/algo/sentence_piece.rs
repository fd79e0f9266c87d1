//! SentencePiece (Kudo & Richardson 2018): text to pieces without cutting it into words first.
//!
//! A space is a letter like any other (files write it `▁`; here it stays a space), so that pieces put
//! side by side are the text again. Characters start as pieces of their own. In the BPE kind, of all
//! neighbours that together are a piece the one with the best score is joined, leftmost first, until
//! none is left; in the unigram kind (`unigram`) the pieces are those whose scores add up to the
//! most. A character in no piece becomes its bytes, where the vocabulary has pieces for bytes, or
//! the unknown piece.

mod charsmap;
mod cuts;
mod join;
mod normalize;
mod prefixes;
mod unigram;

use super::bpe::MergeStep;
pub use charsmap::Charsmap;
pub use cuts::Cuts;
use cuts::Words;
pub use normalize::{AddsSpace, Normalizer};
use prefixes::Prefixes;
use std::collections::HashMap;
use std::ops::Range;
use unigram::Unigram;

/// No token.
const NONE: u32 = u32::MAX;

/// What comes before a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing: it begins the text.
    Nothing,
    /// A special token.
    Special,
    /// Other text: it is a word of a longer stretch.
    Text,
}

impl Before {
    /// What is before a whole stretch between special tokens.
    #[must_use]
    pub fn at(stretch: &Range<usize>) -> Self {
        if stretch.start == 0 {
            Self::Nothing
        } else {
            Self::Special
        }
    }
}

/// How pieces are chosen.
#[derive(Debug, Clone, Copy)]
pub enum Method<'a> {
    /// Neighbours become the piece they spell, the one with the best score first.
    Scores(&'a [f64]),
    /// Neighbours are joined by merges (left, right, new), the one learned first before others.
    Merges(&'a [(u32, u32, u32)]),
    /// The pieces whose scores add up to the most; sums are rounded to f32 where the model's own
    /// library does.
    Unigram {
        /// The logarithm of each piece's probability.
        scores: &'a [f64],
        /// Whether sums are kept in f32.
        in_f32: bool,
    },
}

/// Which pieces there are.
#[derive(Debug, Clone, Copy)]
pub struct Inventory<'a> {
    /// The bytes of each piece that text can become; empty for the others.
    pub pieces: &'a [&'a [u8]],
    /// Pieces that are never cut nor joined where the text has them; by rising id.
    pub whole: &'a [u32],
    /// Pieces that may come up on the way, and are cut again in the end; by rising id.
    pub unused: &'a [u32],
    /// The piece of each byte, for characters in no piece.
    pub byte_ids: [Option<u32>; 256],
    /// The piece of what has no other.
    pub unknown: Option<u32>,
    /// Whether unknown pieces side by side become one.
    pub fuse_unknown: bool,
    /// Whether every space begins a word of its own, across which nothing is joined.
    pub splits_spaces: bool,
}

/// One vocabulary, ready to encode with.
#[derive(Debug, Clone)]
pub struct SentencePiece {
    normalizer: Normalizer,
    model: Model,
    ids: HashMap<Box<[u8]>, u32>,
    /// Of each piece that can be joined with another; empty for the others.
    texts: Vec<Box<[u8]>>,
    /// Bytes of the longest piece.
    longest: usize,
    whole: Prefixes,
    unused: Vec<u32>,
    byte_ids: [Option<u32>; 256],
    unknown: Option<u32>,
    fuse_unknown: bool,
    words: Words,
}

#[derive(Debug, Clone)]
enum Model {
    /// The rank of each piece: 0 is the best score; equal scores share a rank.
    Scores(Vec<u32>),
    /// Left, right → rank, new.
    Merges(HashMap<(u32, u32), (u32, u32)>),
    Unigram(Unigram),
}

impl SentencePiece {
    /// Makes it from what a file says. Scores must be finite, ids within `inventory.pieces`.
    #[must_use]
    pub fn new(inventory: &Inventory, method: Method, normalizer: Normalizer) -> Self {
        let pieces = inventory.pieces;
        let mut ids = HashMap::new();
        for (id, piece) in pieces.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
            ids.entry(Box::from(*piece)).or_insert(id as u32);
        }
        let with_text = |of: &[u32]| -> Vec<(u32, Vec<u8>)> {
            let texts = of.iter().map(|&id| (id, pieces[id as usize].to_vec()));
            texts.filter(|(_, text)| !text.is_empty()).collect()
        };
        let whole = Prefixes::new(with_text(inventory.whole));
        let crosses = |piece: &[u8]| {
            piece
                .windows(2)
                .any(|pair| pair[0] != b' ' && pair[1] == b' ')
        };
        let adds_up = matches!(method, Method::Unigram { .. });
        let words = if inventory.splits_spaces {
            Words::EachSpace
        } else if adds_up
            || pieces.iter().any(|piece| crosses(piece))
            || inventory.fuse_unknown && !ids.contains_key(&b" "[..])
        {
            Words::None // a rounded sum depends on all before it
        } else {
            Words::Runs
        };
        Self {
            normalizer: normalizer.with_whole(&whole),
            model: match method {
                Method::Scores(scores) => Model::Scores(ranks(scores)),
                Method::Merges(merges) => Model::Merges(by_pair(merges)),
                Method::Unigram { scores, in_f32 } => {
                    Model::Unigram(Unigram::new(inventory, scores, in_f32))
                }
            },
            ids,
            texts: (0..)
                .zip(pieces)
                .map(|(id, piece)| match inventory.whole.binary_search(&id) {
                    Ok(_) => Box::default(),
                    Err(_) => Box::from(*piece),
                })
                .collect(),
            longest: pieces.iter().map(|piece| piece.len()).max().unwrap_or(0),
            whole,
            unused: inventory.unused.to_vec(),
            byte_ids: inventory.byte_ids,
            unknown: inventory.unknown,
            fuse_unknown: inventory.fuse_unknown,
            words,
        }
    }

    /// Calls `each` with every piece of `text` and the bytes of `text` it stands for. A space that
    /// was put before the text stands for none.
    pub fn encode(&self, text: &str, before: Before, mut each: impl FnMut(u32, Range<usize>)) {
        let normalized = self.normalizer.normalize(text, before);
        let mut last_unknown: Option<Range<usize>> = None;
        for word in Cuts::new(&normalized.text, self.words) {
            let at = word.start;
            let origin = |i: usize| normalized.origin[at + i];
            self.encode_word(&normalized.text[word], &mut |id, bytes| {
                let place = origin(bytes.start)..origin(bytes.end);
                if self.fuse_unknown && Some(id) == self.unknown {
                    match &mut last_unknown {
                        Some(last) => last.end = place.end,
                        none => *none = Some(place),
                    }
                    return;
                }
                if let (Some(place), Some(id)) = (last_unknown.take(), self.unknown) {
                    each(id, place);
                }
                each(id, place);
            });
            if self.words == Words::EachSpace
                && let (Some(place), Some(id)) = (last_unknown.take(), self.unknown)
            {
                each(id, place);
            }
        }
        if let (Some(place), Some(id)) = (last_unknown, self.unknown) {
            each(id, place);
        }
    }

    /// The stretches of `text`, one after the other, across which nothing is joined.
    #[must_use]
    pub fn words<'a>(&self, text: &'a str) -> Cuts<'a> {
        let words = if self.normalizer.keeps_spaces() {
            self.words
        } else {
            Words::None // what becomes of a space depends on what is around it
        };
        Cuts::new(text.as_bytes(), words)
    }

    /// Calls `each` with every piece that joining can make, and its rank: 0 is joined first. The
    /// unigram kind has none.
    pub fn each_rank(&self, mut each: impl FnMut(u32, u32)) {
        match &self.model {
            Model::Scores(ranks) => {
                let mut ids: Vec<u32> = self.ids.values().copied().collect();
                ids.sort_unstable();
                for id in ids {
                    each(id, ranks[id as usize]);
                }
            }
            Model::Merges(merges) => {
                let mut made: Vec<(u32, u32)> = merges.values().copied().collect();
                made.sort_unstable();
                for (rank, new) in made {
                    each(new, rank);
                }
            }
            Model::Unigram(_) => {}
        }
    }

    /// Every joining that made `word` (one of [`Self::words`]) into pieces, in order; none in the
    /// unigram kind, which joins nothing. What comes `before` it decides whether a space is put there.
    #[must_use]
    pub fn steps(&self, word: &str, before: Before) -> Vec<MergeStep> {
        let normalized = self.normalizer.normalize(word, before);
        let mut steps = Vec::new();
        let text = &normalized.text[..];
        self.join(text, &mut |symbols, at, [left, right], rank| {
            let mut pieces = Vec::new();
            let mut i = 0;
            while let Some(symbol) = symbols.get(i as usize) {
                self.settle(text, symbol, &mut |id, _| pieces.push(id));
                i = symbol.next;
            }
            steps.push(MergeStep {
                left,
                right,
                new: symbols[at].id,
                rank,
                pieces,
            });
        });
        steps
    }

    /// Whether pieces are made by joining others: the unigram kind joins nothing.
    #[must_use]
    pub fn joins(&self) -> bool {
        !matches!(self.model, Model::Unigram(_))
    }

    /// The ids of `word` by itself, as [`Self::steps`] takes it.
    #[must_use]
    pub fn encode_alone(&self, word: &str, before: Before) -> Vec<u32> {
        let normalized = self.normalizer.normalize(word, before);
        let mut ids = Vec::new();
        self.encode_word(&normalized.text, &mut |id, _| ids.push(id));
        ids
    }

    /// What `word` is before anything is joined.
    #[must_use]
    pub fn leaves(&self, word: &str, before: Before) -> Vec<u32> {
        let normalized = self.normalizer.normalize(word, before);
        let text = &normalized.text[..];
        let mut ids = Vec::new();
        for symbol in self.characters(text) {
            self.settle(text, &symbol, &mut |id, _| ids.push(id));
        }
        ids
    }

    /// The rank of joining two pieces, and what they become.
    #[must_use]
    pub fn pair(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        match &self.model {
            Model::Scores(ranks) => {
                let mut joined = self.texts.get(left as usize)?.to_vec();
                let right = self.texts.get(right as usize)?;
                if joined.is_empty() || right.is_empty() {
                    return None;
                }
                joined.extend_from_slice(right);
                let id = self.id_of(&joined);
                Some((*ranks.get(id as usize)?, id))
            }
            Model::Merges(merges) => merges.get(&(left, right)).copied(),
            Model::Unigram(_) => None,
        }
    }

    /// How a text is cut, as a regular expression for people to read.
    #[must_use]
    pub fn word_pattern(&self) -> &'static str {
        match self.words {
            Words::EachSpace => " ?[^ ]+| ",
            Words::Runs => " *[^ ]+| +",
            Words::None => r"[\s\S]+",
        }
    }

    /// Whether a space was put before a text, to be taken away again when decoding.
    #[must_use]
    pub fn adds_space(&self, before: Before) -> bool {
        self.normalizer.adds(before)
    }

    /// Whether spaces before, after and beside a space are dropped.
    #[must_use]
    pub fn drops_spaces(&self) -> bool {
        self.normalizer.drops_spaces()
    }

    fn encode_word(&self, word: &[u8], each: &mut dyn FnMut(u32, Range<usize>)) {
        if let Model::Unigram(unigram) = &self.model {
            for (id, place) in unigram.best(word) {
                match id {
                    Some(id) => each(id, place),
                    None => self.fall_back(word, place, each),
                }
            }
            return;
        }
        // Cuts of unused pieces that came up on the way: where the right part starts.
        let mut cuts: HashMap<&[u8], usize> = HashMap::new();
        let symbols = self.join_noting(word, &mut |_, _, _, _| {}, &mut cuts);
        let mut i = 0;
        while let Some(symbol) = symbols.get(i as usize) {
            self.cut_unused(word, symbol, &cuts, each);
            i = symbol.next;
        }
    }

    /// What no piece holds: its bytes, or the unknown piece.
    fn fall_back(&self, word: &[u8], place: Range<usize>, each: &mut dyn FnMut(u32, Range<usize>)) {
        let id = |byte: u8| self.byte_ids[usize::from(byte)];
        if word[place.clone()].iter().all(|&byte| id(byte).is_some()) {
            for i in place {
                each(id(word[i]).unwrap_or(NONE), i..i + 1);
            }
        } else if let Some(unknown) = self.unknown {
            each(unknown, place);
        }
    }

    fn is_unused(&self, id: u32) -> bool {
        self.unused.binary_search(&id).is_ok()
    }

    fn id_of(&self, piece: &[u8]) -> u32 {
        self.ids.get(piece).copied().unwrap_or(NONE)
    }
}

/// The bytes of the character that begins at `start`.
fn char_len(text: &[u8], start: usize) -> usize {
    let rest = &text[start + 1..];
    1 + rest.iter().take_while(|&&byte| byte & 0xc0 == 0x80).count()
}

/// The rank of each score: 0 is the highest, equal ones share theirs.
fn ranks(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut ranks = vec![0; scores.len()];
    for pair in order.windows(2) {
        let step = u32::from(scores[pair[0]] != scores[pair[1]]);
        ranks[pair[1]] = ranks[pair[0]] + step;
    }
    ranks
}

fn by_pair(merges: &[(u32, u32, u32)]) -> HashMap<(u32, u32), (u32, u32)> {
    let mut pairs = HashMap::with_capacity(merges.len());
    for (&(left, right, new), rank) in merges.iter().zip(0..) {
        pairs.entry((left, right)).or_insert((rank, new));
    }
    pairs
}
