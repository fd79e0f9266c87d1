//! The words being rewritten, merge by merge. Only words that hold the pair are touched, and only the
//! counts of the pairs next to it change.

use super::Pair;
use super::pairs::Pairs;

/// A corpus as distinct words of symbols, each with its count.
#[derive(Debug, Clone, Default)]
pub(super) struct Corpus {
    /// The symbols of every word, one after the other. Words only shrink: each stays where it began.
    symbols: Vec<u32>,
    words: Vec<Word>,
    pub(super) pairs: Pairs,
    n_tokens: u64,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    start: usize,
    len: u32,
    count: u64,
}

/// The words that a merge rewrote, as they were before it.
pub(super) type Before = Vec<(u32, Vec<u32>)>;

impl Corpus {
    /// Appends a word of `symbols` that stands `count` times.
    pub(super) fn push(&mut self, symbols: impl IntoIterator<Item = u32>, count: u64) {
        let start = self.symbols.len();
        self.symbols.extend(symbols);
        let word = Word {
            start,
            len: (self.symbols.len() - start) as u32,
            count,
        };
        self.n_tokens += u64::from(word.len) * count;
        for i in start + 1..self.symbols.len() {
            let pair = (self.symbols[i - 1], self.symbols[i]);
            self.pairs.add(pair, count, self.words.len() as u32);
        }
        self.words.push(word);
    }

    /// Symbols in all, each word as often as it stands.
    pub(super) fn n_tokens(&self) -> u64 {
        self.n_tokens
    }

    /// Every word, rewritten so far, with its count.
    pub(super) fn words(&self) -> impl ExactSizeIterator<Item = (&[u32], u64)> {
        self.words.iter().map(|word| (self.word(*word), word.count))
    }

    /// Makes every `pair` one symbol, from the left; keeps the words it changes in `before`.
    pub(super) fn merge(&mut self, pair: Pair, new: u32, mut before: Option<&mut Before>) {
        let mut places = self.pairs.places(pair);
        while let Some(index) = self.pairs.next_place(&mut places) {
            let word = self.words[index as usize];
            let symbols = self.word(word);
            let first = symbols.windows(2).position(|two| two == [pair.0, pair.1]);
            if let Some(first) = first {
                if let Some(before) = &mut before {
                    before.push((index, symbols.to_vec()));
                }
                self.merge_in(index, first, pair, new);
            }
        }
        self.pairs.clear(pair);
        self.pairs.settle();
    }

    /// Takes a merge back, given what [`Self::merge`] kept.
    pub(super) fn unmerge(&mut self, before: Before) {
        for (index, old) in before.into_iter().rev() {
            let word = self.words[index as usize];
            for i in word.start + 1..word.start + word.len as usize {
                let pair = (self.symbols[i - 1], self.symbols[i]);
                self.pairs.remove(pair, word.count);
            }
            self.n_tokens += (old.len() as u64 - u64::from(word.len)) * word.count;
            self.words[index as usize].len = old.len() as u32;
            self.symbols[word.start..word.start + old.len()].copy_from_slice(&old);
            for pair in old.windows(2) {
                self.pairs.add((pair[0], pair[1]), word.count, index);
            }
        }
        self.pairs.settle();
    }

    /// Which of `pairs` comes first in the corpus.
    pub(super) fn first_of(&self, pairs: &[Pair]) -> Option<Pair> {
        let place = |&pair: &Pair| {
            let mut places = self.pairs.places(pair);
            let mut first: Option<(u32, usize)> = None;
            while let Some(index) = self.pairs.next_place(&mut places) {
                if first.is_some_and(|(word, _)| word < index) {
                    continue;
                }
                let symbols = self.word(self.words[index as usize]);
                let at = symbols.windows(2).position(|two| two == [pair.0, pair.1]);
                first = at.map(|at| (index, at)).or(first);
            }
            first
        };
        let standing = pairs.iter().filter_map(|pair| Some((place(pair)?, *pair)));
        standing.min().map(|(_, pair)| pair)
    }

    fn word(&self, word: Word) -> &[u32] {
        &self.symbols[word.start..word.start + word.len as usize]
    }

    /// Merges in one word, whose first `pair` is at `first`.
    fn merge_in(&mut self, index: u32, first: usize, pair: Pair, new: u32) {
        let (left, right) = pair;
        let Word { start, len, count } = self.words[index as usize];
        let symbols = &mut self.symbols[start..start + len as usize];
        let (mut read, mut write) = (first, first);
        let mut after_merge = false;
        while read < symbols.len() {
            let symbol = symbols[read];
            let next = symbols.get(read + 1).copied();
            let before = write.checked_sub(1).map(|i| symbols[i]);
            let here = symbol == left && next == Some(right);
            if here {
                // The neighbours lose a pair each, unless the merge before has taken it already.
                if let Some(before) = before.filter(|_| !after_merge) {
                    self.pairs.remove((before, left), count);
                }
                if let Some(&after) = symbols.get(read + 2) {
                    self.pairs.remove((right, after), count);
                }
                if let Some(before) = before {
                    self.pairs.add((before, new), count, index);
                }
                symbols[write] = new;
                read += 2;
            } else {
                if after_merge {
                    self.pairs.add((new, symbol), count, index);
                }
                symbols[write] = symbol;
                read += 1;
            }
            after_merge = here;
            write += 1;
        }
        self.n_tokens -= (symbols.len() - write) as u64 * count;
        self.words[index as usize].len = write as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    /// What the counts should be, counted anew.
    fn counted(corpus: &Corpus) -> BTreeMap<Pair, u64> {
        let mut counts = BTreeMap::new();
        for (word, n) in corpus.words() {
            for pair in word.windows(2) {
                *counts.entry((pair[0], pair[1])).or_default() += n;
            }
        }
        counts
    }

    #[test]
    fn after_every_merge_and_every_step_back_the_counts_are_those_of_a_recount() {
        let mut rng = Rng::new(1, "words");
        let mut corpus = Corpus::default();
        for _ in 0..200 {
            let word: Vec<u32> = (0..rng.below(12)).map(|_| rng.below(3) as u32).collect();
            corpus.push(word, 1 + rng.below(5) as u64);
        }
        corpus.pairs.settle();
        let at_first = counted(&corpus);
        let mut taken = Vec::new();
        for new in 3..40 {
            let Some((pair, count)) = corpus.pairs.commonest() else {
                break;
            };
            let most = counted(&corpus)
                .into_iter()
                .max_by_key(|&(p, n)| (n, std::cmp::Reverse(p)));
            assert_eq!(most, Some((pair, count)));
            let mut before = Before::new();
            corpus.merge(pair, new, Some(&mut before));
            taken.push(before);
            assert_eq!(
                corpus.pairs.iter().collect::<BTreeMap<_, _>>(),
                counted(&corpus)
            );
            let n_tokens: u64 = corpus.words().map(|(word, n)| word.len() as u64 * n).sum();
            assert_eq!(corpus.n_tokens(), n_tokens);
        }
        assert!(taken.len() > 20);
        while let Some(before) = taken.pop() {
            corpus.unmerge(before);
            assert_eq!(
                corpus.pairs.iter().collect::<BTreeMap<_, _>>(),
                counted(&corpus)
            );
        }
        assert_eq!(counted(&corpus), at_first);
        let most = at_first
            .into_iter()
            .max_by_key(|&(p, n)| (n, std::cmp::Reverse(p)));
        assert_eq!(corpus.pairs.commonest(), most);
    }
}
