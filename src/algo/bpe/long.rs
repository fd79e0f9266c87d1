//! Long words, in time linear in their length.
//!
//! Merging decides on the cuts of a whole word at once; but whether two tokens may stand side by side
//! is between these two. A row of tokens is what merging makes of a text exactly if merging makes of
//! the bytes of each two neighbours these two: the first merge across a border would also come first
//! across it in the two alone, as nothing further off has touched them. So every text has one such
//! row, and each beginning of the row is the row of a beginning of the text.
//!
//! The row is built from the left: the longest token that may follow, then the next. Where none may
//! follow, the last token was wrong, and a shorter one takes its place. A place where that happened
//! is marked and not entered again, so that no search starts twice at one byte. (The idea is that of
//! GitHub's crate `bpe`, van Antwerpen and Neubeck 2024.)

use super::prefixes::Prefixes;
use super::{Bpe, NONE};

/// Bytes of a token, and of all tokens together: well beyond what published vocabularies have. What is
/// done at one byte of a word grows with the longest, and memory with all.
const MAX_TOKEN_BYTES: usize = 256;
const MAX_BYTES: usize = 1 << 23;

/// What is known of a token.
#[derive(Debug, Clone, Copy)]
struct Token {
    /// What it is merged of; `NONE` for a byte.
    left: u32,
    right: u32,
    /// When: 0 for a byte, else the rank of its merge and 1. `NONE` where merging never makes it.
    made: u32,
    /// The longest other token that it begins with.
    shorter: u32,
}

/// A vocabulary, prepared for long words.
#[derive(Debug, Clone)]
pub(super) struct LongWords {
    /// By id.
    tokens: Vec<Token>,
    n_bytes: Vec<u32>,
    prefixes: Prefixes,
}

impl LongWords {
    /// `None` for a vocabulary in which a merge needs a token that is made after it, where the ranks do
    /// not tell in which order tokens are made; and for one of tokens too long.
    pub(super) fn new(bpe: &Bpe) -> Option<Self> {
        let mut tokens = vec![
            Token {
                left: NONE,
                right: NONE,
                made: NONE,
                shorter: NONE,
            };
            bpe.n_tokens
        ];
        let mut bytes: Vec<u8> = Vec::with_capacity(8 * bpe.n_tokens);
        // Where the bytes of each token are.
        let mut spelled = vec![0..0; bpe.n_tokens];
        for (&id, byte) in bpe
            .byte_ids
            .iter()
            .zip(0..=255)
            .filter(|&(&id, _)| id != NONE)
        {
            tokens[id as usize].made = 0;
            spelled[id as usize] = bytes.len()..bytes.len() + 1;
            bytes.push(byte);
        }
        // A token is made by the one merge whose parts come to be neighbours. Others may lead to it,
        // but never happen.
        let mut too_early = Vec::new();
        for (&(left, right, new), rank) in bpe.merges.iter().zip(0..) {
            let parts = [left, right].map(|id| tokens[id as usize].made);
            if tokens[new as usize].made != NONE || bpe.ranks.get(left, right) != rank {
                continue;
            }
            if parts.iter().any(|&made| made > rank) {
                too_early.push((left, right, new));
            } else if become_neighbours(bpe, &tokens, left, right) {
                let token = &mut tokens[new as usize];
                (token.left, token.right, token.made) = (left, right, rank + 1);
                let start = bytes.len();
                for part in [left, right] {
                    bytes.extend_from_within(spelled[part as usize].clone());
                }
                if bytes.len() - start > MAX_TOKEN_BYTES || bytes.len() > MAX_BYTES {
                    return None;
                }
                spelled[new as usize] = start..bytes.len();
            }
        }
        let is_made = |id: u32| tokens[id as usize].made != NONE;
        let matters = |&(left, right, new): &(u32, u32, u32)| {
            !is_made(new) && is_made(left) && is_made(right)
        };
        if too_early.iter().any(matters) {
            return None;
        }
        let ids = (0..).zip(&spelled).filter(|(_, bytes)| !bytes.is_empty());
        let with_ids = ids.map(|(id, range)| (&bytes[range.clone()], id)).collect();
        let prefixes = Prefixes::new(with_ids, |id, shorter| {
            tokens[id as usize].shorter = shorter;
        });
        let n_bytes = spelled.iter().map(|bytes| bytes.len() as u32).collect();
        Some(Self {
            tokens,
            n_bytes,
            prefixes,
        })
    }

    /// Appends the ids of a word, all of whose bytes are tokens.
    pub(super) fn encode(&self, bpe: &Bpe, word: &[u8], ids: &mut Vec<u32>) {
        let start = ids.len();
        let mut leads_nowhere = vec![false; word.len() + 1];
        let mut at = 0;
        let mut next = self.prefixes.longest(word);
        while at < word.len() {
            if next == NONE {
                leads_nowhere[at] = true;
                // The first byte alone can always be kept, so there is a last token.
                let Some(last) = ids.pop().filter(|_| ids.len() >= start) else {
                    return;
                };
                at -= self.n_bytes[last as usize] as usize;
                next = self.tokens[last as usize].shorter;
                continue;
            }
            let end = at + self.n_bytes[next as usize] as usize;
            let may_follow = |&last: &u32| may_be_neighbours(bpe, &self.tokens, last, next);
            if !leads_nowhere[end] && ids[start..].last().is_none_or(may_follow) {
                ids.push(next);
                at = end;
                next = self.prefixes.longest(&word[at..]);
            } else {
                next = self.tokens[next as usize].shorter;
            }
        }
    }
}

/// Whether merging the bytes of two tokens gives these two.
#[inline]
fn may_be_neighbours(bpe: &Bpe, tokens: &[Token], left: u32, right: u32) -> bool {
    bpe.ranks.get(left, right) == NONE && become_neighbours(bpe, tokens, left, right)
}

/// Whether merging the bytes of two tokens comes to these two, be it that they merge then.
///
/// Goes back in time. Of the two at the border, the one made last is taken apart; if what is at the
/// border then could have merged across it sooner, it did. Of equal ranks the left is the sooner.
#[inline]
fn become_neighbours(bpe: &Bpe, tokens: &[Token], mut left: u32, mut right: u32) -> bool {
    loop {
        let (l, r) = (tokens[left as usize], tokens[right as usize]);
        let sooner_than = if l.made > r.made {
            left = l.right;
            l.made - 1
        } else if r.made > 0 {
            right = r.left;
            r.made
        } else {
            return true;
        };
        if bpe.ranks.get(left, right) < sooner_than {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Letters a, b, c and tokens merged of random others; some tokens are led to by several merges.
    /// `in_order` tells whether each merge comes after those that make its parts.
    fn random_vocabulary(rng: &mut Rng, in_order: bool) -> Bpe {
        let mut tokens: Vec<Vec<u8>> = (b'a'..=b'c').map(|byte| vec![byte]).collect();
        let mut merges = Vec::new();
        for _ in 0..=rng.below(30) {
            let (left, right) = (rng.below(tokens.len()), rng.below(tokens.len()));
            let bytes = [&tokens[left][..], &tokens[right]].concat();
            if bytes.len() > 9 {
                continue;
            }
            let known = tokens.iter().position(|token| *token == bytes);
            let new = known.unwrap_or(tokens.len());
            if new == tokens.len() {
                tokens.push(bytes);
            }
            merges.push((left as u32, right as u32, new as u32));
        }
        if !in_order {
            rng.shuffle(&mut merges);
        }
        Bpe::new(&tokens, &merges).unwrap()
    }

    #[test]
    fn words_come_out_as_by_merging_whatever_the_vocabulary() {
        let mut rng = Rng::new(0, "vocabularies");
        let (mut n_linear, mut n_disordered) = (0, 0);
        for i in 0..4000 {
            let bpe = random_vocabulary(&mut rng, i % 2 == 0);
            let Some(long) = LongWords::new(&bpe) else {
                n_disordered += 1;
                continue;
            };
            n_linear += 1;
            for n_letters in 2..5 {
                let n = 1 + rng.below(40);
                let word: Vec<u8> = (0..n)
                    .map(|_| b'a' + rng.below(n_letters.min(3)) as u8)
                    .collect();
                let mut ids = vec![7];
                long.encode(&bpe, &word, &mut ids);
                let bytes = || word.iter().map(|byte| u32::from(byte - b'a')).collect();
                let merged = bpe
                    .steps(&word)
                    .pop()
                    .map_or_else(bytes, |step| step.pieces);
                assert_eq!(ids[1..], merged, "{word:?} {:?}", bpe.merges());
            }
        }
        // Both kinds of vocabulary were met often.
        assert!(
            n_linear > 2000 && n_disordered > 500,
            "{n_linear} {n_disordered}"
        );
    }

    #[test]
    fn a_vocabulary_whose_merges_come_before_their_parts_is_left_to_the_heap() {
        // "bc" is made after the merge that needs it, so "abc" comes later than its rank says.
        let tokens = ["a", "b", "c", "bc", "abc"];
        let bpe = Bpe::new(&tokens, &[(0, 3, 4), (1, 2, 3)]).unwrap();
        assert!(LongWords::new(&bpe).is_none());
        let mut ids = Vec::new();
        bpe.encode("abc".repeat(100).as_bytes(), &mut ids);
        assert_eq!(ids, [4; 100]);
    }

    #[test]
    fn a_vocabulary_of_tokens_too_long_is_left_to_the_heap() {
        let tokens: Vec<_> = (0..12).map(|i| "a".repeat(1 << i)).collect();
        let merges = |n| (1..n).map(|i| (i - 1, i - 1, i)).collect::<Vec<_>>();
        let of = |n| Bpe::new(&tokens, &merges(n)).unwrap();
        assert!(LongWords::new(&of(9)).is_some());
        assert!(LongWords::new(&of(10)).is_none());
        let mut ids = Vec::new();
        of(12).encode(&[b'a'; 5000], &mut ids);
        assert_eq!(ids, [11, 11, 9, 8, 7, 3]);
    }

    #[test]
    fn bytes_that_no_token_holds_are_left_out_of_long_words_too() {
        let bpe = Bpe::from_ranks(&["a", "b", "ab"]);
        let mut ids = Vec::new();
        bpe.encode("axb".repeat(100).as_bytes(), &mut ids);
        assert_eq!(ids, [2; 100]);
    }
}
