//! Two hash tables that do one thing: open addressing, never more than half full, nothing removed.
//!
//! Encoding is a stream of look-ups that mostly miss; these answer a miss after one or two reads of
//! adjacent memory.

use super::NONE;

/// 2⁶⁴ divided by the golden ratio: spreads keys over the high bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// (left, right) → rank.
#[derive(Debug, Clone)]
pub(super) struct PairTable {
    slots: Vec<(u32, u32, u32)>,
    shift: u32,
    /// A bit for each of `8 * slots.len()` hashes; the pairs in the table have theirs set. Most pairs
    /// asked for are not in it, and this, a twelfth as large, says so at once.
    seen: Vec<u64>,
}

impl PairTable {
    pub(super) fn with_capacity(n: usize) -> Self {
        let (size, shift) = size_for(n);
        Self {
            slots: vec![(NONE, NONE, NONE); size],
            shift,
            seen: vec![0; size / 8],
        }
    }

    /// The rank of the pair, or `NONE`.
    #[inline]
    pub(super) fn get(&self, left: u32, right: u32) -> u32 {
        let hash = pair_hash(left, right);
        let bit = hash >> (self.shift - 3);
        if self.seen[(bit / 64) as usize] >> (bit % 64) & 1 == 0 {
            return NONE;
        }
        self.slots[self.slot(left, right)].2
    }

    /// Keeps what is already there.
    pub(super) fn insert(&mut self, left: u32, right: u32, rank: u32) {
        let slot = self.slot(left, right);
        if self.slots[slot].2 == NONE {
            self.slots[slot] = (left, right, rank);
            let bit = pair_hash(left, right) >> (self.shift - 3);
            self.seen[(bit / 64) as usize] |= 1 << (bit % 64);
        }
    }

    /// Where the pair is, or the empty slot where it would be.
    #[inline]
    fn slot(&self, left: u32, right: u32) -> usize {
        let mut at = (pair_hash(left, right) >> self.shift) as usize;
        loop {
            let (l, r, rank) = self.slots[at];
            if rank == NONE || (l == left && r == right) {
                return at;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

#[inline]
fn pair_hash(left: u32, right: u32) -> u64 {
    (u64::from(left) << 32 | u64::from(right)).wrapping_mul(SPREAD)
}

/// Bytes → id.
#[derive(Debug, Clone)]
pub(super) struct WholeTable {
    /// Where the bytes are, how many, and the id.
    slots: Vec<(u32, u32, u32)>,
    shift: u32,
    bytes: Vec<u8>,
    longest: usize,
}

impl WholeTable {
    pub(super) fn with_capacity(n: usize) -> Self {
        let (size, shift) = size_for(n);
        Self {
            slots: vec![(0, 0, NONE); size],
            shift,
            bytes: Vec::with_capacity(n * 7),
            longest: 0,
        }
    }

    #[inline]
    pub(super) fn get(&self, key: &[u8]) -> Option<u32> {
        if key.len() > self.longest {
            return None;
        }
        Some(self.slots[self.slot(key)].2).filter(|&id| id != NONE)
    }

    /// Keeps what is already there.
    pub(super) fn insert(&mut self, key: &[u8], id: u32) {
        let slot = self.slot(key);
        if self.slots[slot].2 == NONE {
            self.slots[slot] = (self.bytes.len() as u32, key.len() as u32, id);
            self.bytes.extend_from_slice(key);
            self.longest = self.longest.max(key.len());
        }
    }

    #[inline]
    fn slot(&self, key: &[u8]) -> usize {
        let mut at = (hash(key) >> self.shift) as usize;
        loop {
            let (start, n, id) = self.slots[at];
            let found = start as usize..start as usize + n as usize;
            if id == NONE || (n as usize == key.len() && &self.bytes[found] == key) {
                return at;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// A power of two at least twice `n`, and how far to shift a 64-bit hash to index it.
fn size_for(n: usize) -> (usize, u32) {
    let size = (n.max(8) * 2).next_power_of_two();
    (size, 64 - size.trailing_zeros())
}

#[inline]
fn hash(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    let mut hash = key.len() as u64;
    for word in words {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(SPREAD);
    }
    let last = rest
        .iter()
        .fold(0, |last, &byte| last << 8 | u64::from(byte));
    (hash.rotate_left(5) ^ last).wrapping_mul(SPREAD)
}
