//! The unigram kind: every piece has a probability, and a text is cut into the pieces whose
//! probabilities multiply to the most (Kudo 2018). Viterbi's algorithm finds them in one pass.

use super::prefixes::Prefixes;
use super::{Inventory, NONE, char_len};
use std::ops::Range;

/// How much less likely than the least likely piece an unknown character is, as a logarithm.
const UNKNOWN_PENALTY: f64 = 10.0;

#[derive(Debug, Clone)]
pub(super) struct Unigram {
    pieces: Prefixes,
    scores: Vec<f64>,
    unknown_score: f64,
    in_f32: bool,
}

/// The best way to the end of a piece. There is one for every byte of a text, so it is small.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    /// Where the piece starts; `NONE` where no piece ends.
    start: u32,
    /// The piece; `NONE` for an unknown character.
    id: u32,
}

impl Unigram {
    pub fn new(inventory: &Inventory, scores: &[f64], in_f32: bool) -> Self {
        let pieces = inventory.pieces.iter().zip(0_u32..);
        let known: Vec<(u32, Vec<u8>)> = pieces
            .filter(|(piece, id)| !piece.is_empty() && inventory.unused.binary_search(id).is_err())
            .map(|(piece, id)| (id, piece.to_vec()))
            .collect();
        let of_known = || {
            let ordinary = known
                .iter()
                .filter(|(id, _)| inventory.whole.binary_search(id).is_err());
            ordinary.map(|(id, _)| scores[*id as usize])
        };
        let least = of_known().fold(f64::INFINITY, f64::min);
        let most = of_known().fold(0.0, f64::max);
        let mut scores = scores.to_vec();
        // A piece that stays whole is better than anything that could take its place.
        for &id in inventory.whole {
            let piece = inventory.pieces[id as usize];
            // In bytes as files write it, with ▁.
            let n_bytes: usize = piece.iter().map(|&b| if b == b' ' { 3 } else { 1 }).sum();
            scores[id as usize] = n_bytes as f64 * most - 0.1;
        }
        let unknown_score = least - UNKNOWN_PENALTY;
        Self {
            pieces: Prefixes::new(known),
            scores,
            unknown_score: if in_f32 {
                f64::from(unknown_score as f32)
            } else {
                unknown_score
            },
            in_f32,
        }
    }

    /// The pieces of `word` from left to right; `None` for a character in no piece.
    pub fn best(&self, word: &[u8]) -> Vec<(Option<u32>, Range<usize>)> {
        let nothing = Best {
            score: 0.0,
            start: NONE,
            id: NONE,
        };
        let mut ends = vec![nothing; word.len() + 1];
        let mut start = 0;
        while start < word.len() {
            let so_far = ends[start].score;
            let n_char = char_len(word, start);
            let mut has_char = false;
            let mut offer = |n: usize, id: u32, score: f64| {
                let score = so_far + score;
                let best = &mut ends[start + n];
                if best.start == NONE || score > best.score {
                    *best = Best {
                        score: if self.in_f32 {
                            f64::from(score as f32)
                        } else {
                            score
                        },
                        start: start as u32,
                        id,
                    };
                }
            };
            self.pieces.each(&word[start..], |id, n| {
                offer(n, id, self.scores[id as usize]);
                has_char |= n == n_char;
            });
            if !has_char {
                offer(n_char, NONE, self.unknown_score);
            }
            start += n_char;
        }
        let mut pieces = Vec::new();
        let mut end = word.len();
        while end > 0 {
            let Best { start, id, .. } = ends[end];
            if start == NONE {
                break; // every character has a way: this is never so
            }
            pieces.push(((id != NONE).then_some(id), start as usize..end));
            end = start as usize;
        }
        pieces.reverse();
        pieces
    }
}
