//! Which words stand near which: the matrix of co-occurrence counts, and its weighting by positive
//! pointwise mutual information (PPMI).
//!
//! Counting is that of GloVe's own tool: every pair of words at most a window apart counts on both
//! sides, for 1 or, by distance, for 1 / distance. Words outside the vocabulary are left out before
//! distances are taken, so a window reaches over them.

mod sparse;

pub use sparse::{Sparse, SparseOperator};

/// Pairs that are collected before they are sorted into the matrix.
const BUFFER: usize = 1 << 21;

/// How pairs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many words to each side count as near.
    pub reach: usize,
    /// A pair counts for 1 / distance; otherwise for 1.
    pub by_distance: bool,
}

/// A count under way.
#[derive(Debug, Clone)]
pub struct Counter {
    n_words: usize,
    window: Window,
    /// The last words, the newest at the end.
    recent: std::collections::VecDeque<u32>,
    /// Pairs (smaller, larger) as one number, with what they count for: in any order, repeated.
    new: Vec<(u64, f64)>,
    /// The same in order, each pair once.
    counted: Vec<(u64, f64)>,
}

impl Counter {
    /// Nothing counted yet, for a vocabulary of `n_words`.
    #[must_use]
    pub fn new(n_words: usize, window: Window) -> Self {
        Self {
            n_words,
            window,
            recent: std::collections::VecDeque::new(),
            new: Vec::new(),
            counted: Vec::new(),
        }
    }

    /// The next word of the text, one below `n_words`.
    pub fn push(&mut self, word: u32) {
        for (&before, distance) in self.recent.iter().rev().zip(1_u32..) {
            let pair = u64::from(before.min(word)) << 32 | u64::from(before.max(word));
            let weight = if self.window.by_distance {
                f64::from(distance).recip()
            } else {
                1.0
            };
            self.new.push((pair, weight));
        }
        self.recent.push_back(word);
        if self.recent.len() > self.window.reach {
            self.recent.pop_front();
        }
        if self.new.len() >= BUFFER {
            self.sort_in();
        }
    }

    /// Different pairs so far, as far as they are sorted in.
    #[must_use]
    pub fn n_pairs(&self) -> usize {
        self.counted.len()
    }

    /// The matrix: as many rows and columns as words, the same on both sides of its diagonal.
    #[must_use]
    pub fn finish(mut self) -> Sparse {
        self.sort_in();
        Sparse::symmetric(self.n_words, &self.counted)
    }

    fn sort_in(&mut self) {
        // Sums are taken in the order of the text, whatever the buffer.
        self.new.sort_by_key(|(pair, _)| *pair);
        let old = std::mem::take(&mut self.counted);
        let mut merged: Vec<(u64, f64)> = Vec::with_capacity(old.len() + self.new.len() / 4);
        let mut old = old.into_iter().peekable();
        for (pair, weight) in self.new.drain(..) {
            while let Some(before) = old.next_if(|(before, _)| *before <= pair) {
                merged.push(before);
            }
            match merged.last_mut() {
                Some((last, sum)) if *last == pair => *sum += weight,
                _ => merged.push((pair, weight)),
            }
        }
        merged.extend(old);
        self.counted = merged;
    }
}

/// How counts become PPMI.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighting {
    /// The power to which counts of context words are raised before their shares are taken: 0.75
    /// makes rare words less surprising, 1 leaves them (Levy, Goldberg & Dagan 2015).
    pub smoothing: f64,
    /// ln of this is taken off before what is negative becomes 0; 1 takes off nothing.
    pub shift: f64,
}

impl Default for Weighting {
    fn default() -> Self {
        Self {
            smoothing: 0.75,
            shift: 1.0,
        }
    }
}

/// max(0, ln(p(i, j) / (p(i) p(j))) − ln shift): how much more often two words stand together than
/// chance would have it. Cells that are not positive are left out.
#[must_use]
pub fn ppmi(counts: &Sparse, weighting: Weighting) -> Sparse {
    let n = counts.n();
    let sums: Vec<f64> = (0..n)
        .map(|i| counts.row(i).map(|(_, x)| x).sum())
        .collect();
    let whole: f64 = sums.iter().sum();
    let smoothed: Vec<f64> = sums.iter().map(|s| s.powf(weighting.smoothing)).collect();
    let smoothed_whole: f64 = smoothed.iter().sum();
    let log_shift = weighting.shift.ln();
    counts.map(|i, j, x| {
        let together = x / whole;
        let by_chance = sums[i] / whole * (smoothed[j] / smoothed_whole);
        (together / by_chance).ln() - log_shift
    })
}

#[cfg(test)]
mod tests;
