//! The words of a set, in one text, and where each is found: a table of our own, because three
//! million `String`s would take 70 MB for their headers alone.

use crate::refusal::{Refusal, Result};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

/// Words in order, without repetition, findable.
pub(super) struct Words {
    text: String,
    /// Word `i` ends here; it begins where the one before ended.
    ends: Vec<u32>,
    /// Open addressing: the upper half of the hash, and the word's number plus one; 0 is free. Its
    /// length is a power of two.
    slots: Vec<u64>,
    /// Keyed anew in each process, so that no file can be made to collide.
    hasher: RandomState,
}

impl Words {
    /// Room for about `n` words.
    pub fn with_capacity(n: usize) -> Self {
        let n_slots = (n + n / 3 + 1).next_power_of_two().max(16);
        Self {
            text: String::with_capacity(n.saturating_mul(8)),
            ends: Vec::with_capacity(n),
            slots: vec![0; n_slots],
            hasher: RandomState::new(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Word `i`.
    pub fn get(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[i] as usize]
    }

    /// The number of `word`.
    pub fn find(&self, word: &str) -> Option<usize> {
        self.slot_of(word, self.hash(word)).ok()
    }

    /// Adds `word` at the end; `false` where it is there already.
    pub fn push(&mut self, word: &str) -> Result<bool> {
        // Three quarters full at most.
        if self.ends.len() + self.ends.len() / 3 >= self.slots.len() {
            self.grow();
        }
        let hash = self.hash(word);
        let Err(slot) = self.slot_of(word, hash) else {
            return Ok(false);
        };
        let end = u32::try_from(self.text.len() + word.len()).map_err(|_| too_many())?;
        let number = u32::try_from(self.ends.len() + 1).map_err(|_| too_many())?;
        self.text.push_str(word);
        self.ends.push(end);
        self.slots[slot] = hash >> 32 << 32 | u64::from(number);
        Ok(true)
    }

    fn hash(&self, word: &str) -> u64 {
        self.hasher.hash_one(word)
    }

    /// The number of `word`, or the free slot where it belongs.
    fn slot_of(&self, word: &str, hash: u64) -> std::result::Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return Err(at);
            }
            let number = (slot as u32 - 1) as usize;
            if slot >> 32 == hash >> 32 && self.get(number) == word {
                return Ok(number);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let mut slots = vec![0; mask + 1];
        for i in 0..self.ends.len() {
            let hash = self.hash(self.get(i));
            let mut at = hash as usize & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = hash >> 32 << 32 | (i as u64 + 1);
        }
        self.slots = slots;
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} words", self.len())
    }
}

fn too_many() -> Refusal {
    Refusal::unchanged(
        "These are more words than can be held.",
        "A set may have 4.29 billion words, and 4.29 GB of text in them.",
        "Cut the set to its most frequent words.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_where_it_was_put_however_many_there_are() {
        let mut words = Words::with_capacity(0);
        for i in 0..10_000_u32 {
            assert!(words.push(&i.to_string()).unwrap());
            assert!(!words.push(&(i / 2).to_string()).unwrap());
        }
        assert_eq!(words.len(), 10_000);
        for i in (0..10_000).step_by(37) {
            assert_eq!(words.get(i), i.to_string());
            assert_eq!(words.find(&i.to_string()), Some(i));
        }
        assert_eq!(words.find("10000"), None);
        assert_eq!(words.find(""), None);
    }
}
