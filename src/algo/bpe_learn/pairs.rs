//! Every pair of neighbours in the corpus: how often it stands there, and in which words.
//!
//! The commonest is found with a heap whose entries may be out of date: a count that has fallen since
//! is noticed when the entry comes to the top, and one that has risen gets a new entry. (A count rises
//! only for pairs with a token that was just made, so few do.)

use super::Pair;
use crate::algo::hash;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// No slot is taken by this key: no token has that id.
const EMPTY: u64 = u64::MAX;
/// The end of a list of places.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    slots: Vec<Slot>,
    n_taken: usize,
    /// Lists of words, linked: the word, and the index of the next.
    places: Vec<(u32, u32)>,
    /// Counts with their pairs; of equal counts the smaller pair is on top.
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
    /// Pairs whose count has risen above what the queue says.
    risen: Vec<Pair>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: u64,
    count: u64,
    /// The count of its newest entry in the queue.
    queued: u64,
    /// Its list of places.
    first_place: u32,
    is_risen: bool,
}

const VACANT: Slot = Slot {
    key: EMPTY,
    count: 0,
    queued: 0,
    first_place: NONE,
    is_risen: false,
};

impl Pairs {
    /// The pair stands `n` times more, in `word`.
    pub(super) fn add(&mut self, pair: Pair, n: u64, word: u32) {
        if self.n_taken * 2 >= self.slots.len() {
            self.grow();
        }
        let at = self.slot(pair);
        let slot = &mut self.slots[at];
        if slot.key == EMPTY {
            slot.key = key(pair);
            self.n_taken += 1;
        }
        slot.count += n;
        if !slot.is_risen && slot.count > slot.queued {
            slot.is_risen = true;
            self.risen.push(pair);
        }
        let first = slot.first_place;
        if first == NONE || self.places[first as usize].0 != word {
            slot.first_place = self.places.len() as u32;
            self.places.push((word, first));
        }
    }

    /// The pair stands `n` times less.
    pub(super) fn remove(&mut self, pair: Pair, n: u64) {
        let at = self.slot(pair);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.count = slot.count.saturating_sub(n);
        }
    }

    /// The pair stands nowhere any more.
    pub(super) fn clear(&mut self, pair: Pair) {
        self.remove(pair, u64::MAX);
    }

    /// Puts what has risen into the queue: to be called when a merge is complete.
    pub(super) fn settle(&mut self) {
        while let Some(pair) = self.risen.pop() {
            let at = self.slot(pair);
            let slot = &mut self.slots[at];
            slot.is_risen = false;
            if slot.count > slot.queued {
                slot.queued = slot.count;
                self.queue.push((slot.count, Reverse(pair)));
            }
        }
    }

    /// The commonest pair and its count; of equals the one with the smaller ids.
    pub(super) fn commonest(&mut self) -> Option<(Pair, u64)> {
        loop {
            let top = self.queue.peek_mut()?;
            let (queued, Reverse(pair)) = *top;
            let at = slot_of(&self.slots, pair);
            let slot = &mut self.slots[at];
            if queued == slot.queued && queued == slot.count {
                return Some((pair, queued));
            }
            let entry = PeekMut::pop(top);
            if queued == slot.queued {
                slot.queued = slot.count;
                if slot.count > 0 {
                    self.queue.push((slot.count, entry.1));
                }
            }
        }
    }

    /// Every pair that is as common as the commonest, smallest ids first.
    pub(super) fn tied(&mut self) -> Vec<Pair> {
        let Some((_, most)) = self.commonest() else {
            return Vec::new();
        };
        let mut tied = Vec::new();
        while let Some((pair, count)) = self.commonest()
            && count == most
        {
            tied.push(pair);
            self.queue.pop();
        }
        let back = tied.iter().map(|&pair| (most, Reverse(pair)));
        self.queue.extend(back);
        tied
    }

    /// The words in which the pair was ever seen, latest first, some more than once.
    pub(super) fn places(&self, pair: Pair) -> Places {
        let slot = self.slots.get(self.slot(pair));
        Places(slot.map_or(NONE, |slot| slot.first_place))
    }

    /// The next word of a list.
    pub(super) fn next_place(&self, list: &mut Places) -> Option<u32> {
        let (word, next) = *self.places.get(list.0 as usize)?;
        list.0 = next;
        Some(word)
    }

    /// Every pair with its count, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Pair, u64)> {
        let standing = self.slots.iter().filter(|slot| slot.count > 0);
        standing.map(|slot| (((slot.key >> 32) as u32, slot.key as u32), slot.count))
    }

    fn slot(&self, pair: Pair) -> usize {
        slot_of(&self.slots, pair)
    }

    fn grow(&mut self) {
        let n_slots = (self.slots.len() * 2).max(1 << 10);
        let old = std::mem::replace(&mut self.slots, vec![VACANT; n_slots]);
        for slot in old.into_iter().filter(|slot| slot.key != EMPTY) {
            let at = self.slot(((slot.key >> 32) as u32, slot.key as u32));
            self.slots[at] = slot;
        }
    }
}

/// Where one is in a list of places.
pub(super) struct Places(u32);

fn key(pair: Pair) -> u64 {
    u64::from(pair.0) << 32 | u64::from(pair.1)
}

/// Where the pair is, or the vacant slot where it would be; out of range in an empty table.
#[inline]
fn slot_of(slots: &[Slot], pair: Pair) -> usize {
    let key = key(pair);
    let Some(mask) = slots.len().checked_sub(1) else {
        return 0;
    };
    let mut at = (hash::number(key) >> 32) as usize & mask;
    while slots[at].key != key && slots[at].key != EMPTY {
        at = (at + 1) & mask;
    }
    at
}
