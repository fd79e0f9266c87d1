//! Learning a byte-level BPE vocabulary (Sennrich et al. 2016, over bytes as GPT-2 has it): begin with
//! the 256 bytes, and again and again make the commonest pair of neighbours one new token.
//!
//! [`learn`] and [`learn_counted`] go to the end; [`Learner`] goes one merge at a time, forward and
//! back, and shows everything on the way. All stop when no pair stands twice.
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
use std::ops::ControlFlow;

/// A left and a right token.
pub type Pair = (u32, u32);

/// A vocabulary as it was learned: the 256 bytes, then one token per merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The bytes of every token; the index is its id.
    pub tokens: Vec<Vec<u8>>,
    /// (left, right, new) in the order learned; the index is the rank.
    pub merges: Vec<(u32, u32, u32)>,
    /// How often each merge's pair stood in the text when it was chosen.
    pub counts: Vec<u64>,
}

impl Learned {
    /// No merge yet: one token for each byte.
    fn bytes(order: ByteOrder) -> Self {
        Self {
            tokens: order.bytes().map(|byte| vec![byte]).to_vec(),
            merges: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Makes `pair` a token and returns its id.
    fn add(&mut self, pair: Pair, count: u64) -> u32 {
        let new = self.tokens.len() as u32;
        let [left, right] = [pair.0, pair.1].map(|id| &self.tokens[id as usize][..]);
        let bytes = [left, right].concat();
        self.tokens.push(bytes);
        self.merges.push((pair.0, pair.1, new));
        self.counts.push(count);
        new
    }
}

/// Which byte has which of the ids 0 to 255. It matters only where a tie is broken by ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Byte 65 is token 65.
    ByValue,
    /// As GPT-2 and Hugging Face's `tokenizers` have it: first the bytes that Latin-1 shows as a
    /// visible character (`!` is 0), then the others.
    Gpt2,
}

impl ByteOrder {
    /// The byte of each id.
    #[must_use]
    pub fn bytes(self) -> [u8; 256] {
        let mut bytes: [u8; 256] = std::array::from_fn(|i| i as u8);
        if self == Self::Gpt2 {
            // false sorts before true, and the sort keeps the order of equals.
            bytes.sort_by_key(|b| !matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff));
        }
        bytes
    }

    /// The id of each byte.
    fn ids(self) -> [u32; 256] {
        let mut ids = [0; 256];
        for (byte, id) in self.bytes().into_iter().zip(0..) {
            ids[usize::from(byte)] = id;
        }
        ids
    }
}

/// Learns up to `n_merges` merges from `pieces`, within which alone tokens are merged. A tie goes to
/// the pair with the smaller ids, which are the bytes' values at first.
pub fn learn<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, n_merges: usize) -> Learned {
    let counts = pieces.into_iter().collect();
    learn_counted(&counts, n_merges, ByteOrder::ByValue, &mut |_| {
        ControlFlow::Continue(())
    })
}

/// The same from counted pieces. `each` sees what was learned so far, at first and after every merge,
/// and may end it there.
pub fn learn_counted(
    counts: &WordCounts,
    n_merges: usize,
    order: ByteOrder,
    each: &mut dyn FnMut(&Learned) -> ControlFlow<()>,
) -> Learned {
    let mut learned = Learned::bytes(order);
    let ids = order.ids();
    let mut corpus = Corpus::default();
    for (word, n) in counts.iter() {
        corpus.push(word.iter().map(|&byte| ids[usize::from(byte)]), n);
    }
    corpus.pairs.settle();
    while each(&learned).is_continue() && learned.merges.len() < n_merges {
        let Some((pair, count)) = corpus.pairs.commonest().filter(|&(_, n)| n > 1) else {
            break;
        };
        let new = learned.add(pair, count);
        corpus.merge(pair, new, None);
    }
    learned
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
        // From GPT-2's encoder.json: "!" 0, "~" 93, "¡" 94, the byte 0 188, the space 220, the line
        // break 198.
        let ids = ByteOrder::Gpt2.ids();
        let known = [
            (b'!', 0),
            (b'~', 93),
            (0xa1, 94),
            (0, 188),
            (b' ', 220),
            (b'\n', 198),
        ];
        for (byte, id) in known {
            assert_eq!(ids[usize::from(byte)], id);
        }
    }

    #[test]
    fn learning_can_be_ended_between_merges() {
        let counts = [&b"banana"[..]].into_iter().cycle().take(5).collect();
        let learned = learn_counted(&counts, 10, ByteOrder::ByValue, &mut |so_far| {
            if so_far.merges.len() == 2 {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        assert_eq!(learned.merges.len(), 2);
    }
}
