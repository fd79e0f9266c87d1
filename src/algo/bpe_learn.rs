//! Learning a byte-level BPE vocabulary (Sennrich et al. 2016, over bytes as GPT-2 has it): begin with
//! the 256 bytes, and again and again make the commonest pair of neighbours one new token.
//!
//! [`learn`] goes to the end, [`Learning`] can be watched; [`Learner`] goes one merge at a time, forward
//! and back, and shows everything on the way. All stop when no pair stands twice.
//!
//! The paper's counts: a pair counts once for each place where it stands, so `aaa` holds `aa` twice
//! although only one of the two can be merged.

mod corpus;
mod count;
mod learner;
mod pairs;

pub use count::WordCounts;
pub use learner::{END_OF_WORD, Learner, Merge, PairCount, Ties};

use corpus::Corpus;

/// A left and a right token.
pub type Pair = (u32, u32);

/// A vocabulary as it was learned: the 256 bytes, then one token per merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The bytes of every token; the index is its id. Token `b` below 256 is byte `b`.
    pub tokens: Vec<Vec<u8>>,
    /// (left, right, new) in the order learned; the index is the rank.
    pub merges: Vec<(u32, u32, u32)>,
    /// How often each merge's pair stood in the text when it was chosen.
    pub counts: Vec<u64>,
}

/// In which order bytes stand where a tie is broken: of equally common pairs the one whose left token
/// comes first is merged, then the one whose right token does; tokens made by merges come after all
/// bytes, in the order made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// By their values.
    ByValue,
    /// As the ids of GPT-2, and of Hugging Face's `tokenizers`, which then makes the same merges:
    /// first the bytes that Latin-1 shows as a visible character (`!` is 0), then the others.
    Gpt2,
}

impl ByteOrder {
    /// The bytes in their order.
    #[must_use]
    pub fn bytes(self) -> [u8; 256] {
        let mut bytes: [u8; 256] = std::array::from_fn(|i| i as u8);
        if self == Self::Gpt2 {
            // false sorts before true, and the sort keeps the order of equals.
            bytes.sort_by_key(|b| !matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff));
        }
        bytes
    }
}

/// Learns up to `n_merges` merges from `pieces`, within which alone tokens are merged. A tie goes to
/// the pair with the smaller ids, which are the bytes' values at first.
pub fn learn<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, n_merges: usize) -> Learned {
    let counts = pieces.into_iter().collect();
    let mut learning = Learning::new(&counts, ByteOrder::ByValue);
    while learning.learned().merges.len() < n_merges && learning.step() {}
    learning.learned
}

/// Learning from counted pieces, as fast as it goes: [`Learner`] without the way back.
#[derive(Debug, Clone)]
pub struct Learning {
    /// Its symbols below 256 are places in `bytes`.
    corpus: Corpus,
    bytes: [u8; 256],
    learned: Learned,
}

impl Learning {
    /// Begins with `counts` as single bytes.
    #[must_use]
    pub fn new(counts: &WordCounts, order: ByteOrder) -> Self {
        let bytes = order.bytes();
        let mut symbols = [0_u32; 256];
        for (byte, symbol) in bytes.into_iter().zip(0..) {
            symbols[usize::from(byte)] = symbol;
        }
        let mut corpus = Corpus::default();
        for (word, n) in counts.iter() {
            corpus.push(word.iter().map(|&byte| symbols[usize::from(byte)]), n);
        }
        corpus.pairs.settle();
        let learned = Learned {
            tokens: (0..=255_u8).map(|byte| vec![byte]).collect(),
            merges: Vec::new(),
            counts: Vec::new(),
        };
        Self {
            corpus,
            bytes,
            learned,
        }
    }

    /// Makes the commonest pair a token; false when no pair stands twice.
    pub fn step(&mut self) -> bool {
        let Some((pair, count)) = self.corpus.pairs.commonest().filter(|&(_, n)| n > 1) else {
            return false;
        };
        let learned = &mut self.learned;
        let new = learned.tokens.len() as u32;
        self.corpus.merge(pair, new, None);
        let (left, right) = (id(&self.bytes, pair.0), id(&self.bytes, pair.1));
        let bytes = [left, right].map(|id| &learned.tokens[id as usize][..]);
        learned.tokens.push(bytes.concat());
        learned.merges.push((left, right, new));
        learned.counts.push(count);
        true
    }

    /// What was learned so far.
    #[must_use]
    pub fn learned(&self) -> &Learned {
        &self.learned
    }

    /// Tokens in the text as it is written now.
    #[must_use]
    pub fn n_tokens(&self) -> u64 {
        self.corpus.n_tokens()
    }

    /// The distinct pieces in the order first met, each as tokens, with their counts.
    #[must_use]
    pub fn words(&self) -> impl ExactSizeIterator<Item = (Vec<u32>, u64)> {
        self.corpus.words().map(|(word, n)| {
            let ids = word.iter().map(|&symbol| id(&self.bytes, symbol));
            (ids.collect(), n)
        })
    }
}

/// The token that a symbol of the corpus stands for.
fn id(bytes: &[u8; 256], symbol: u32) -> u32 {
    bytes
        .get(symbol as usize)
        .map_or(symbol, |&byte| u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gages_example_becomes_his_four_letters() {
        // "aaabdaaabac" after 3 merges (Gage 1994): Z = aa, Y = ab, X = ZY, in bytes 256, 257, 258.
        let text = &b"aaabdaaabac"[..];
        let learned = learn([text], 3);
        assert_eq!(learned.tokens[258], b"aaab");
        let mut learner = Learner::new(&[(text, 1)], None, Ties::SmallerIds);
        while learner.merges().len() < 3 {
            learner.step().unwrap();
        }
        assert_eq!(learner.words().next().unwrap().0, [258, 100, 258, 97, 99]);
    }

    #[test]
    fn sennrichs_corpus_begins_with_e_s_then_es_t_nine_times_each() {
        let corpus = [("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)];
        let pieces = corpus
            .iter()
            .flat_map(|&(word, n)| vec![word.as_bytes(); n]);
        let learned = learn(pieces, 10);
        assert_eq!(learned.tokens[256], b"es");
        assert_eq!(learned.tokens[257], b"est");
        assert_eq!(learned.counts[..2], [9, 9]);
        assert!(learned.tokens.contains(&b"low".to_vec()));
        assert!(learned.tokens.contains(&b"newest".to_vec()));
    }

    #[test]
    fn learning_stops_when_no_pair_stands_twice() {
        assert!(learn([&b"abcdef"[..]], 50).merges.is_empty());
        assert!(learn([], 50).merges.is_empty());
    }

    #[test]
    fn gpt2_counts_the_visible_bytes_first() {
        // From GPT-2's encoder.json: "!" 0, "~" 93, "¡" 94, byte 0 188, the line break 198, space 220.
        let bytes = ByteOrder::Gpt2.bytes();
        let known = [b'!', b'~', 0xa1, 0, b'\n', b' '];
        assert_eq!([0, 93, 94, 188, 198, 220].map(|id: usize| bytes[id]), known);
    }

    #[test]
    fn the_order_of_bytes_decides_ties_and_nothing_else() {
        // "~" (126) comes before "\n" (10) in GPT-2's order only.
        let counts = [&b"~~"[..], b"\n\n", b"~~", b"\n\n"].into_iter().collect();
        let learn = |order| {
            let mut learning = Learning::new(&counts, order);
            while learning.step() {}
            learning
        };
        let (by_value, gpt2) = (learn(ByteOrder::ByValue), learn(ByteOrder::Gpt2));
        assert_eq!(by_value.learned().merges, [(10, 10, 256), (126, 126, 257)]);
        assert_eq!(gpt2.learned().merges, [(126, 126, 256), (10, 10, 257)]);
        assert_eq!(gpt2.learned().tokens[257], b"\n\n");
        assert!(gpt2.words().eq([(vec![256], 2), (vec![257], 2)]));
        assert_eq!(gpt2.n_tokens(), 4);
    }
}
