//! Characters joined to pieces: of all neighbours the best first, by a heap, until none can be.

use super::{Model, NONE, SentencePiece, char_len};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

/// A piece being made: bytes of a word, its neighbours, its id where it has one.
#[derive(Clone, Copy)]
pub(super) struct Symbol {
    pub start: usize,
    pub end: usize,
    previous: u32,
    pub next: u32,
    pub id: u32,
    is_whole: bool,
}

/// Hears of a joining: all symbols after it, the one that was made, its two parts, the rank.
type Seen<'a> = &'a mut dyn FnMut(&[Symbol], usize, [u32; 2], u32);

impl SentencePiece {
    pub(super) fn join<'a>(&self, word: &'a [u8], seen: Seen<'_>) -> Vec<Symbol> {
        self.join_noting(word, seen, &mut HashMap::<&'a [u8], usize>::new())
    }

    /// Characters, joined until nothing can be. `seen` hears of every joining.
    pub(super) fn join_noting<'a>(
        &self,
        word: &'a [u8],
        seen: Seen<'_>,
        cuts: &mut HashMap<&'a [u8], usize>,
    ) -> Vec<Symbol> {
        let mut symbols = self.characters(word);
        let mut heap = BinaryHeap::new();
        for right in 1..symbols.len() {
            self.consider(
                word,
                &symbols,
                right as u32 - 1,
                right as u32,
                &mut heap,
                cuts,
            );
        }
        while let Some(Reverse((rank, left, size, new))) = heap.pop() {
            let at = left as usize;
            let symbol = symbols[at];
            let Some(right) = symbols.get(symbol.next as usize).copied() else {
                continue;
            };
            // One of the two was joined with another meanwhile.
            if symbol.end == symbol.start || right.end - symbol.start != size as usize {
                continue;
            }
            symbols[symbol.next as usize].end = right.start;
            symbols[at].end = right.end;
            symbols[at].next = right.next;
            symbols[at].id = new;
            if let Some(after) = symbols.get_mut(right.next as usize) {
                after.previous = left;
            }
            seen(&symbols, at, [symbol.id, right.id], rank);
            if symbol.previous != NONE {
                self.consider(word, &symbols, symbol.previous, left, &mut heap, cuts);
            }
            if right.next != NONE {
                self.consider(word, &symbols, left, right.next, &mut heap, cuts);
            }
        }
        symbols
    }

    /// One symbol for each character, or each piece that stays whole.
    pub(super) fn characters(&self, word: &[u8]) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> = Vec::with_capacity(word.len());
        let mut start = 0;
        while start < word.len() {
            let whole = self.whole.longest(&word[start..]);
            let n = whole.map_or_else(|| char_len(word, start), |(_, n)| n);
            let end = start + n;
            let id = whole.map(|(id, _)| id);
            let at = symbols.len() as u32;
            symbols.push(Symbol {
                start,
                end,
                previous: at.wrapping_sub(1), // NONE for the first
                next: if end == word.len() { NONE } else { at + 1 },
                id: id.unwrap_or_else(|| self.id_of(&word[start..end])),
                is_whole: whole.is_some(),
            });
            start = end;
        }
        symbols
    }

    pub(super) fn consider<'a>(
        &self,
        word: &'a [u8],
        symbols: &[Symbol],
        left: u32,
        right: u32,
        heap: &mut BinaryHeap<Reverse<(u32, u32, u32, u32)>>,
        cuts: &mut HashMap<&'a [u8], usize>,
    ) {
        let (l, r) = (symbols[left as usize], symbols[right as usize]);
        let size = r.end - l.start;
        if l.is_whole || r.is_whole || size > self.longest {
            return;
        }
        let joined = &word[l.start..r.end];
        let found = match &self.model {
            Model::Scores(ranks) => match self.id_of(joined) {
                NONE => None,
                id => Some((ranks[id as usize], id)),
            },
            Model::Merges(merges) => merges.get(&(l.id, r.id)).copied(),
            Model::Unigram(_) => None,
        };
        let Some((rank, new)) = found else { return };
        heap.push(Reverse((rank, left, size as u32, new)));
        if self.is_unused(new) {
            cuts.insert(joined, r.start - l.start);
        }
    }

    pub(super) fn cut_unused(
        &self,
        word: &[u8],
        symbol: &Symbol,
        cuts: &HashMap<&[u8], usize>,
        each: &mut dyn FnMut(u32, Range<usize>),
    ) {
        let mut parts = vec![*symbol];
        while let Some(symbol) = parts.pop() {
            let bytes = &word[symbol.start..symbol.end];
            let cut = cuts.get(bytes).filter(|_| self.is_unused(symbol.id));
            let Some(cut) = cut else {
                self.settle(word, &symbol, each);
                continue;
            };
            let middle = symbol.start + cut;
            for (start, end) in [(middle, symbol.end), (symbol.start, middle)] {
                let id = self.id_of(&word[start..end]);
                parts.push(Symbol {
                    start,
                    end,
                    id,
                    ..symbol
                });
            }
        }
    }

    /// A symbol that will not be joined any more.
    pub(super) fn settle(
        &self,
        word: &[u8],
        symbol: &Symbol,
        each: &mut dyn FnMut(u32, Range<usize>),
    ) {
        let place = symbol.start..symbol.end;
        match symbol.id {
            _ if place.is_empty() => {}
            NONE => self.fall_back(word, place, each),
            id => each(id, place),
        }
    }
}
