//! Byte-pair encoding: from the bytes of one piece of text to token ids (Sennrich et al. 2016, on
//! bytes as in GPT-2).
//!
//! A piece starts as single bytes. Then, again and again, the adjacent pair whose merge was learned
//! first (the lowest *rank*; leftmost where it occurs twice) becomes one token, until no pair is in
//! the table. Short pieces look for the lowest rank in a small array; long ones find the same tokens
//! from left to right, in time linear in their length (`long`). Most words of a text are one token:
//! those are looked up whole.

mod cache;
mod heap;
mod long;
mod prefixes;
mod tables;

pub use cache::Encoder;

use crate::refusal::{Refusal, Result};
use long::LongWords;
use std::sync::OnceLock;
use tables::{PairTable, WholeTable};

/// No rank, no token.
const NONE: u32 = u32::MAX;

/// Up to this many bytes the quadratic search is faster.
const SHORT: usize = 64;

/// One vocabulary's merges, ready to encode with.
#[derive(Debug, Clone)]
pub struct Bpe {
    /// The token of each single byte.
    byte_ids: [u32; 256],
    n_tokens: usize,
    /// Left, right and what they become; the index is the rank.
    merges: Vec<(u32, u32, u32)>,
    ranks: PairTable,
    /// Pieces that are one token.
    whole: WholeTable,
    /// Made when the first long word comes; `None` where the vocabulary does not allow it.
    long: OnceLock<Option<LongWords>>,
}

/// One merge while encoding a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeStep {
    /// The left token.
    pub left: u32,
    /// The right token.
    pub right: u32,
    /// What they became.
    pub new: u32,
    /// When this merge was learned: 0 is the first.
    pub rank: u32,
    /// The whole piece after it.
    pub pieces: Vec<u32>,
}

impl Bpe {
    /// A vocabulary with its merges in the order they were learned, as GPT-2 files and GGUF have it.
    /// `tokens` holds the bytes of each id; leave special tokens empty, so that no text becomes one.
    ///
    /// # Errors
    /// A merge that names an absent token, or whose parts do not make the whole.
    pub fn new<T: AsRef<[u8]>>(tokens: &[T], merges: &[(u32, u32, u32)]) -> Result<Self> {
        let bytes = |id: u32| tokens.get(id as usize).map(AsRef::as_ref);
        let mut bpe = Self::from_bytes_alone(tokens, merges.len());
        for &(left, right, new) in merges {
            let parts = bytes(left).zip(bytes(right)).map(|(l, r)| [l, r].concat());
            if parts.is_none() || parts.as_deref() != bytes(new) {
                return Err(Refusal::unchanged(
                    "The vocabulary contradicts itself",
                    format!(
                        "Its merge {} says that tokens {left} and {right} make token {new}; they do not.",
                        bpe.merges.len()
                    ),
                    "Get the file again from where it was published.",
                ));
            }
            bpe.add(left, right, new);
        }
        let mut ids = Vec::new();
        for (id, token) in tokens.iter().enumerate() {
            ids.clear();
            bpe.merge(token.as_ref(), &mut ids);
            if ids == [id as u32] {
                bpe.whole.insert(token.as_ref(), id as u32);
            }
        }
        Ok(bpe)
    }

    /// A vocabulary of which only the tokens are known, the id being the rank, as tiktoken's files
    /// have it. A token's merge is the last step when its own bytes are encoded with lower ranks.
    /// A piece that is a token is never merged at all, as in tiktoken.
    #[must_use]
    pub fn from_ranks<T: AsRef<[u8]>>(tokens: &[T]) -> Self {
        let mut bpe = Self::from_bytes_alone(tokens, tokens.len());
        let mut parts = Vec::new();
        for (id, token) in tokens.iter().enumerate() {
            parts.clear();
            bpe.merge(token.as_ref(), &mut parts);
            if let [left, right] = parts[..] {
                bpe.add(left, right, id as u32);
            }
        }
        bpe.with_whole_pieces(tokens)
    }

    /// Makes every piece that is a token that token, whether or not merges lead to it: tiktoken's
    /// rule, and `ignore_merges` of the `tokenizers` crate.
    #[must_use]
    pub fn with_whole_pieces<T: AsRef<[u8]>>(mut self, tokens: &[T]) -> Self {
        for (id, token) in tokens.iter().enumerate() {
            if !token.as_ref().is_empty() {
                self.whole.insert(token.as_ref(), id as u32);
            }
        }
        self
    }

    /// The merges: left, right, what they become; the index is the rank.
    #[must_use]
    pub fn merges(&self) -> &[(u32, u32, u32)] {
        &self.merges
    }

    /// When the merge of this pair was learned: 0 is the first. `None` for a pair never merged.
    #[must_use]
    pub fn rank(&self, left: u32, right: u32) -> Option<u32> {
        Some(self.ranks.get(left, right)).filter(|&rank| rank != NONE)
    }

    /// The token of a byte alone, if the vocabulary has one.
    #[must_use]
    pub fn byte_id(&self, byte: u8) -> Option<u32> {
        Some(self.byte_ids[usize::from(byte)]).filter(|&id| id != NONE)
    }

    /// Whether any token holds this byte alone. A byte that none does is left out when encoding.
    #[must_use]
    pub fn knows(&self, byte: u8) -> bool {
        self.byte_ids[usize::from(byte)] != NONE
    }

    /// Appends the ids of `piece`.
    pub fn encode(&self, piece: &[u8], ids: &mut Vec<u32>) {
        match self.whole.get(piece) {
            Some(id) => ids.push(id),
            None if piece.len() <= SHORT => self.merge(piece, ids),
            None => self.encode_long(piece, ids),
        }
    }

    /// Every merge made while encoding `piece`, in order. Meant for words: what it returns grows with
    /// the square of the length.
    #[must_use]
    pub fn steps(&self, piece: &[u8]) -> Vec<MergeStep> {
        let mut pieces = self.known_bytes(piece).collect::<Vec<_>>();
        let mut steps = Vec::new();
        loop {
            let pairs = pieces.windows(2).enumerate();
            let ranked = pairs.map(|(i, pair)| (self.ranks.get(pair[0], pair[1]), i));
            let Some((rank, i)) = ranked.min().filter(|(rank, _)| *rank != NONE) else {
                return steps;
            };
            let (left, right, new) = self.merges[rank as usize];
            pieces[i] = new;
            pieces.remove(i + 1);
            steps.push(MergeStep {
                left,
                right,
                new,
                rank,
                pieces: pieces.clone(),
            });
        }
    }

    fn from_bytes_alone<T: AsRef<[u8]>>(tokens: &[T], n_merges: usize) -> Self {
        let mut byte_ids = [NONE; 256];
        for (id, token) in tokens.iter().enumerate().rev() {
            if let [byte] = token.as_ref() {
                byte_ids[usize::from(*byte)] = id as u32;
            }
        }
        Self {
            byte_ids,
            n_tokens: tokens.len(),
            merges: Vec::with_capacity(n_merges),
            ranks: PairTable::with_capacity(n_merges),
            whole: WholeTable::with_capacity(tokens.len()),
            long: OnceLock::new(),
        }
    }

    /// Appends a merge; of two merges of one pair the earlier stays.
    fn add(&mut self, left: u32, right: u32, new: u32) {
        self.ranks.insert(left, right, self.merges.len() as u32);
        self.merges.push((left, right, new));
    }

    fn known_bytes(&self, piece: &[u8]) -> impl Iterator<Item = u32> {
        let ids = piece.iter().map(|&byte| self.byte_ids[usize::from(byte)]);
        ids.filter(|&id| id != NONE)
    }

    fn encode_long(&self, piece: &[u8], ids: &mut Vec<u32>) {
        match self.long.get_or_init(|| LongWords::new(self)) {
            Some(long) => {
                let known = piece.iter().copied().filter(|&byte| self.knows(byte));
                long.encode(self, &known.collect::<Vec<_>>(), ids);
            }
            None => self.merge(piece, ids),
        }
    }

    /// Appends the ids of `piece` by nothing but merging.
    fn merge(&self, piece: &[u8], ids: &mut Vec<u32>) {
        let start = ids.len();
        ids.extend(self.known_bytes(piece));
        if ids.len() - start <= SHORT {
            let n = self.merge_short(&mut ids[start..]);
            ids.truncate(start + n);
        } else {
            let merged = self.merge_by_heap(&ids[start..]);
            ids.truncate(start);
            ids.extend(merged);
        }
    }

    /// Merges in place; returns how many tokens are left at the front.
    fn merge_short(&self, ids: &mut [u32]) -> usize {
        let mut n = ids.len();
        // ranks[i] is of the pair (i, i + 1).
        let mut ranks = [NONE; SHORT];
        for i in 1..n {
            ranks[i - 1] = self.ranks.get(ids[i - 1], ids[i]);
        }
        while n > 1 {
            let mut best = 0;
            for i in 1..n - 1 {
                if ranks[i] < ranks[best] {
                    best = i;
                }
            }
            let rank = ranks[best];
            if rank == NONE {
                break;
            }
            ids[best] = self.merges[rank as usize].2;
            ids.copy_within(best + 2..n, best + 1);
            ranks.copy_within(best + 1..n - 1, best);
            n -= 1;
            ranks[n - 1] = NONE;
            if best + 1 < n {
                ranks[best] = self.ranks.get(ids[best], ids[best + 1]);
            }
            if best > 0 {
                ranks[best - 1] = self.ranks.get(ids[best - 1], ids[best]);
            }
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes, then ab, abc, bc, aa, aaa: the higher merges compete for the same letters.
    fn small() -> Bpe {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.extend(["ab", "abc", "bc", "aa", "aaaa"].map(|token| token.as_bytes().to_vec()));
        Bpe::from_ranks(&tokens)
    }

    fn encode(bpe: &Bpe, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        bpe.encode(text.as_bytes(), &mut ids);
        ids
    }

    #[test]
    fn merges_are_derived_from_ranks() {
        let (a, b, c) = (97, 98, 99);
        let expected = [
            (a, b, 256),
            (256, c, 257),
            (b, c, 258),
            (a, a, 259),
            (259, 259, 260),
        ];
        assert_eq!(small().merges(), expected);
    }

    #[test]
    fn the_lowest_rank_goes_first_and_leftmost_where_it_ties() {
        let bpe = small();
        assert_eq!(encode(&bpe, "abc"), [257]);
        assert_eq!(encode(&bpe, "bcab"), [258, 256]);
        assert_eq!(encode(&bpe, "aab"), [97, 256]);
        assert_eq!(encode(&bpe, "aaaaaaa"), [260, 259, 97]);
    }

    #[test]
    fn long_and_short_pieces_agree_with_the_steps() {
        let bpe = small();
        let mut state = 1_u32;
        for n in (2..200).chain([1000]) {
            let word: Vec<u8> = (0..n)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    b'a' + (state >> 24) as u8 % 3
                })
                .collect();
            let bytes: Vec<u32> = bpe.known_bytes(&word).collect();
            let steps = bpe.steps(&word);
            let by_steps = steps
                .last()
                .map_or(bytes.clone(), |step| step.pieces.clone());
            let mut ids = Vec::new();
            bpe.merge(&word, &mut ids);
            assert_eq!(ids, by_steps);
            ids.clear();
            bpe.encode(&word, &mut ids);
            assert_eq!(ids, by_steps);
            assert_eq!(bpe.merge_by_heap(&bytes), by_steps);
        }
    }

    #[test]
    fn a_word_of_a_megabyte_takes_no_quadratic_time() {
        // 10¹² steps would not end today.
        let ids = encode(&small(), &"a".repeat(1 << 20));
        assert_eq!(ids, vec![260; 1 << 18]);
    }

    #[test]
    fn a_byte_that_no_token_holds_is_left_out() {
        let bpe = Bpe::from_ranks(&["a", "b", "ab"]);
        assert!(!bpe.knows(b'c'));
        assert_eq!(encode(&bpe, "cacb"), [2]);
        assert_eq!(encode(&bpe, ""), Vec::<u32>::new());
    }

    #[test]
    fn a_merge_that_does_not_make_its_token_is_refused() {
        let refused = |merge| Bpe::new(&["a", "b", "ab"], &[merge]).unwrap_err().evidence;
        assert!(refused((0, 9, 2)).contains("merge 0"));
        assert!(refused((1, 0, 2)).contains("tokens 1 and 0 make token 2"));
        assert!(Bpe::new(&["a", "b", "ab"], &[(0, 1, 2)]).is_ok());
    }

    #[test]
    fn without_the_rule_of_whole_pieces_a_token_needs_its_merges() {
        let tokens = ["a", "b", "c", "abc"];
        let merged = Bpe::new(&tokens, &[]).unwrap();
        assert_eq!(encode(&merged, "abc"), [0, 1, 2]);
        assert_eq!(encode(&merged.with_whole_pieces(&tokens), "abc"), [3]);
    }
}
