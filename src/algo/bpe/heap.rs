//! Merging a word of any length by rank, in O(n log n): what a vocabulary is prepared with, and how long
//! words are encoded where `long` cannot.

use super::{Bpe, NONE};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

impl Bpe {
    /// With a linked list of tokens and a heap of (rank, position). An entry whose pair has changed
    /// since is recognised by its rank and passed over.
    pub(super) fn merge_by_heap(&self, bytes: &[u32]) -> Vec<u32> {
        let n = bytes.len();
        let mut ids = bytes.to_vec();
        let mut next: Vec<u32> = (1..=n as u32).collect();
        let mut previous: Vec<u32> = (0..n as u32).map(|i| i.wrapping_sub(1)).collect();
        let mut ranks = vec![NONE; n];
        for i in 1..n {
            ranks[i - 1] = self.ranks.get(ids[i - 1], ids[i]);
        }
        let known = ranks.iter().zip(0_u32..).filter(|(rank, _)| **rank != NONE);
        let mut heap: BinaryHeap<_> = known.map(|(&rank, i)| Reverse((rank, i))).collect();
        while let Some(Reverse((rank, at))) = heap.pop() {
            let i = at as usize;
            if ranks[i] != rank {
                continue;
            }
            let right = next[i] as usize;
            ids[i] = self.merges[rank as usize].2;
            ids[right] = NONE;
            ranks[right] = NONE;
            next[i] = next[right];
            let after = next[i] as usize;
            ranks[i] = NONE;
            if after < n {
                previous[after] = at;
                ranks[i] = self.ranks.get(ids[i], ids[after]);
            }
            let before = previous[i] as usize;
            if before < n {
                ranks[before] = self.ranks.get(ids[before], ids[i]);
            }
            for changed in [i, before] {
                if changed < n && ranks[changed] != NONE {
                    heap.push(Reverse((ranks[changed], changed as u32)));
                }
            }
        }
        ids.retain(|&id| id != NONE);
        ids
    }
}
