//! How often each piece stands in a text: a hash table that holds the bytes of all its keys in one
//! place, so that a text of millions of words costs no allocation a word.

use crate::algo::hash;

/// No word.
const NONE: u32 = u32::MAX;

/// Distinct pieces in the order first met, each with its count.
#[derive(Debug, Clone, Default)]
pub struct WordCounts {
    /// Part of the hash and the index into `words`; a power of two, at most half full.
    slots: Vec<(u32, u32)>,
    words: Vec<Word>,
    bytes: Vec<u8>,
    n_pieces: u64,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    start: usize,
    len: u32,
    count: u64,
}

impl WordCounts {
    /// Counts `piece` once more.
    #[inline]
    pub fn add(&mut self, piece: &[u8]) {
        self.add_many(piece, 1);
    }

    /// Counts `piece` `n` times more.
    #[inline]
    pub fn add_many(&mut self, piece: &[u8], n: u64) {
        if self.words.len() * 2 >= self.slots.len() {
            self.grow();
        }
        self.n_pieces += n;
        let hash = hash::bytes(piece);
        let tag = hash as u32;
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 32) as usize & mask;
        loop {
            let (found, index) = self.slots[at];
            if index == NONE {
                break;
            }
            if found == tag {
                let word = &mut self.words[index as usize];
                if &self.bytes[word.start..word.start + word.len as usize] == piece {
                    word.count += n;
                    return;
                }
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = (tag, self.words.len() as u32);
        self.words.push(Word {
            start: self.bytes.len(),
            len: piece.len() as u32,
            count: n,
        });
        self.bytes.extend_from_slice(piece);
    }

    /// Adds what another text held, as if it followed.
    pub fn append(&mut self, other: &Self) {
        for (word, n) in other.iter() {
            self.add_many(word, n);
        }
    }

    /// How many distinct pieces there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many pieces were counted in all.
    #[must_use]
    pub fn n_pieces(&self) -> u64 {
        self.n_pieces
    }

    /// Each distinct piece with its count, in the order first met.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.words.iter().map(|word| {
            let bytes = &self.bytes[word.start..word.start + word.len as usize];
            (bytes, word.count)
        })
    }

    fn grow(&mut self) {
        let n_slots = (self.slots.len() * 2).max(1 << 10);
        let mut slots = vec![(0, NONE); n_slots];
        for (word, index) in self.words.iter().zip(0_u32..) {
            let hash = hash::bytes(&self.bytes[word.start..word.start + word.len as usize]);
            let mut at = (hash >> 32) as usize & (n_slots - 1);
            while slots[at].1 != NONE {
                at = (at + 1) & (n_slots - 1);
            }
            slots[at] = (hash as u32, index);
        }
        self.slots = slots;
    }
}

impl<'a> FromIterator<&'a [u8]> for WordCounts {
    fn from_iter<I: IntoIterator<Item = &'a [u8]>>(pieces: I) -> Self {
        let mut counts = Self::default();
        for piece in pieces {
            counts.add(piece);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn counts_are_those_of_the_standard_librarys_map() {
        let text = "the cat and the hat and a the cat ".repeat(3);
        let words: Vec<String> = (0..5000)
            .map(|i| (i * i % 1999).to_string())
            .chain(text.split(' ').map(str::to_owned))
            .collect();
        let ours: WordCounts = words.iter().map(String::as_bytes).collect();
        let mut theirs: HashMap<&[u8], u64> = HashMap::new();
        for word in &words {
            *theirs.entry(word.as_bytes()).or_default() += 1;
        }
        assert_eq!(ours.len(), theirs.len());
        assert_eq!(ours.n_pieces(), words.len() as u64);
        for (word, n) in ours.iter() {
            assert_eq!(theirs[word], n);
        }
        assert_eq!(ours.iter().next().unwrap().0, b"0");
    }

    #[test]
    fn two_halves_together_are_the_whole() {
        let words: Vec<Vec<u8>> = (0..300_u32).map(|i| vec![(i % 7) as u8; 3]).collect();
        let count = |words: &[Vec<u8>]| words.iter().map(Vec::as_slice).collect::<WordCounts>();
        let mut halves = count(&words[..100]);
        halves.append(&count(&words[100..]));
        let whole = count(&words);
        assert!(halves.iter().eq(whole.iter()));
    }
}
