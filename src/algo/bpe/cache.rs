//! Encoding a long text: the pieces that came before are looked up, not merged again.
//!
//! Words repeat. A small table, about as large as a core's own cache, keeps the ids of short pieces;
//! a look-up there reads one line of memory, where the vocabulary's own tables, which are many times
//! larger, take several. A piece that meets another in its place takes the place.

use super::Bpe;
use crate::algo::hash::SPREAD;
use std::ops::Range;

/// Longer pieces are not kept: 15 bytes and the length fill 16.
const MAX_BYTES: usize = 15;
/// Nor are pieces of more tokens.
const MAX_IDS: usize = 3;
/// Pieces kept at most, 32 bytes each.
const MAX_ENTRIES: usize = 1 << 15;
/// Texts that are shorter than this in bytes are not worth a table.
const SHORT_TEXT: usize = 1 << 12;

/// An encoder for one text, or for several in turn.
#[derive(Debug, Clone)]
pub struct Encoder<'a> {
    bpe: &'a Bpe,
    /// A power of two, or empty.
    entries: Vec<Entry>,
    shift: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// The piece's bytes, zeros, and its length: 0 where there is none.
    key: u128,
    ids: [u32; MAX_IDS],
    n_ids: u32,
}

impl Bpe {
    /// An encoder for about `n_bytes` of text.
    #[must_use]
    pub fn encoder(&self, n_bytes: usize) -> Encoder<'_> {
        let n_entries = if n_bytes < SHORT_TEXT {
            0
        } else {
            (n_bytes / 8).next_power_of_two().min(MAX_ENTRIES)
        };
        Encoder {
            bpe: self,
            entries: vec![Entry::default(); n_entries],
            shift: 64 - n_entries.max(2).trailing_zeros(),
        }
    }
}

impl Encoder<'_> {
    /// Appends the ids of the piece of `text` at `piece`, as [`Bpe::encode`] does.
    #[inline]
    pub fn encode(&mut self, text: &[u8], piece: Range<usize>, ids: &mut Vec<u32>) {
        let n = piece.len();
        if n > MAX_BYTES || self.entries.is_empty() {
            return self.bpe.encode(&text[piece], ids);
        }
        let key = key(text, piece.start, n);
        let at = place(key, self.shift);
        let entry = &self.entries[at];
        if entry.key != key {
            return self.encode_new(&text[piece], key, at, ids);
        }
        if entry.n_ids == 1 {
            ids.push(entry.ids[0]);
        } else {
            ids.extend_from_slice(&entry.ids[..entry.n_ids as usize]);
        }
    }

    #[inline(never)]
    fn encode_new(&mut self, piece: &[u8], key: u128, at: usize, ids: &mut Vec<u32>) {
        let start = ids.len();
        self.bpe.encode(piece, ids);
        let new = &ids[start..];
        if new.len() <= MAX_IDS {
            let mut kept = [0; MAX_IDS];
            kept[..new.len()].copy_from_slice(new);
            self.entries[at] = Entry {
                key,
                ids: kept,
                n_ids: new.len() as u32,
            };
        }
    }
}

/// Up to 15 bytes of the text from `start`, with how many there are in the highest byte.
#[inline]
fn key(text: &[u8], start: usize, n: usize) -> u128 {
    let bytes = if let Some(bytes) = text[start..].first_chunk::<16>() {
        u128::from_le_bytes(*bytes)
    } else {
        let mut last = [0; 16];
        last[..n].copy_from_slice(&text[start..start + n]);
        u128::from_le_bytes(last)
    };
    let mask = (1_u128 << (8 * n)) - 1;
    bytes & mask | (n as u128) << 120
}

/// Where a key is kept.
#[inline]
fn place(key: u128, shift: u32) -> usize {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let folded = low ^ high.wrapping_mul(SPREAD).rotate_left(32);
    let product = u128::from(folded) * u128::from(SPREAD);
    let mixed = (product as u64) ^ (product >> 64) as u64;
    (mixed >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn pieces_come_out_as_without_the_table_however_often_they_meet() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.extend(["ab", "abc", "bc", "aa", "aaaa", "\0a"].map(|t| t.as_bytes().to_vec()));
        let bpe = Bpe::from_ranks(&tokens);
        let mut rng = Rng::new(0, "pieces");
        let text: Vec<u8> = (0..200_000).map(|_| b"abc\0"[rng.below(4)]).collect();
        for n_bytes in [0, 5000, 1 << 20] {
            let mut encoder = bpe.encoder(n_bytes);
            let (mut with, mut without, mut at) = (Vec::new(), Vec::new(), 0);
            while at < text.len() {
                let end = (at + rng.below(20)).min(text.len());
                encoder.encode(&text, at..end, &mut with);
                bpe.encode(&text[at..end], &mut without);
                at = end + usize::from(end == at);
            }
            assert!(with == without);
        }
    }
}
