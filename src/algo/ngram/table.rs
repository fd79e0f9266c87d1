//! The table of counts, and what can be read off it: the count of any gram, what follows a context,
//! how much of the table is empty, and how many bits the next symbol holds.

use super::count::Run;
use super::letters::{Gap, for_each_letter};
use super::{END, OTHER, Symbol, UNKNOWN, Unit, pack, shift, symbol_at};
use crate::algo::words;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

/// Every gram of up to `order` symbols with its count.
#[derive(Debug)]
pub struct Table {
    unit: Unit,
    order: usize,
    /// The different grams of `order` symbols, packed, in order; those at the end of the text are shorter.
    keys: Vec<u128>,
    /// How many grams stand before each, and in all: any range is counted by one subtraction.
    before: Vec<u64>,
    names: Vec<String>,
    numbers: HashMap<String, Symbol>,
    has_other: bool,
    orders: Vec<Orders>,
}

/// The table at one order, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Orders {
    /// How many symbols the grams have.
    pub n: usize,
    /// Grams in the text.
    pub total: u64,
    /// Different ones.
    pub n_distinct: u64,
    /// Those of them that stand only once.
    pub n_once: u64,
    /// Shannon's Fₙ: bits of the symbol after a context of n − 1, by these counts.
    pub bits: f64,
}

impl Table {
    pub(super) fn new(
        unit: Unit,
        order: usize,
        run: Run,
        names: Vec<String>,
        numbers: HashMap<String, Symbol>,
        has_other: bool,
    ) -> Self {
        let mut before = Vec::with_capacity(run.keys.len() + 1);
        before.push(0);
        let mut sum = 0;
        before.extend(run.counts.iter().map(|&count| {
            sum += u64::from(count);
            sum
        }));
        let mut table = Self {
            unit,
            order,
            keys: run.keys,
            before,
            names,
            numbers,
            has_other,
            orders: Vec::new(),
        };
        table.orders = (1..=order).map(|n| table.measure(n)).collect();
        table
    }

    /// Letters or words.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The longest gram that is counted.
    #[must_use]
    pub fn order(&self) -> usize {
        self.order
    }

    /// Symbols in the text.
    #[must_use]
    pub fn n_symbols(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    /// How many symbols there can be: 27 letters, or the different words.
    #[must_use]
    pub fn n_alphabet(&self) -> usize {
        match self.unit {
            Unit::Letters => 27,
            Unit::Words => self.names.len() + usize::from(self.has_other),
        }
    }

    /// Every symbol there can be.
    #[must_use]
    pub fn alphabet(&self) -> Range<Symbol> {
        match self.unit {
            Unit::Letters => 1..28,
            Unit::Words => {
                let first = if self.has_other { OTHER } else { OTHER + 1 };
                first..OTHER + 1 + self.names.len() as Symbol
            }
        }
    }

    /// The table at each order from 1, in figures.
    #[must_use]
    pub fn orders(&self) -> &[Orders] {
        &self.orders
    }

    /// How many grams of `n` symbols could be written: 27ⁿ for letters.
    #[must_use]
    pub fn n_possible(&self, n: usize) -> u128 {
        (self.n_alphabet() as u128).pow(n as u32)
    }

    /// Bytes that the counts take.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        size_of_val(&self.keys[..]) + size_of_val(&self.before[..])
    }

    /// A text in the symbols of this table; a word that it has never seen is [`UNKNOWN`].
    #[must_use]
    pub fn symbols(&self, text: &str) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        match self.unit {
            Unit::Letters => {
                let mut gap = Gap::default();
                // A context may begin with a space, as “ q” does.
                if text.starts_with(|c: char| !c.is_alphanumeric()) {
                    symbols.push(1);
                }
                for_each_letter(text, &mut gap, |letter| symbols.push(letter + 1));
                if gap.is_open() {
                    symbols.push(1);
                }
            }
            Unit::Words => words::for_each(text, |word| {
                let other = if self.has_other { OTHER } else { UNKNOWN };
                symbols.push(self.numbers.get(word).copied().unwrap_or(other));
            }),
        }
        symbols
    }

    /// How a symbol is written.
    #[must_use]
    pub fn name(&self, symbol: Symbol) -> &str {
        const LETTERS: &str = " abcdefghijklmnopqrstuvwxyz";
        let word = symbol.checked_sub(OTHER + 1).map(|i| i as usize);
        match (self.unit, word) {
            (Unit::Letters, _) => {
                let i = symbol as usize;
                LETTERS.get(i.saturating_sub(1)..i).unwrap_or("")
            }
            (Unit::Words, Some(i)) => self.names.get(i).map_or("?", String::as_str),
            (Unit::Words, None) => "…",
        }
    }

    /// Symbols written as a text.
    #[must_use]
    pub fn text(&self, symbols: &[Symbol]) -> String {
        let names: Vec<&str> = symbols.iter().map(|&symbol| self.name(symbol)).collect();
        names.join(match self.unit {
            Unit::Letters => "",
            Unit::Words => " ",
        })
    }

    /// How often a gram of at most `order` symbols stands in the text.
    #[must_use]
    pub fn count(&self, gram: &[Symbol]) -> u64 {
        if gram.len() > self.order {
            return 0;
        }
        self.counted(&self.range(gram))
    }

    /// What follows `context` (its last `order − 1` symbols) and how often, by symbol.
    #[must_use]
    pub fn continuations(&self, context: &[Symbol]) -> Vec<(Symbol, u64)> {
        let context = self.last_of(context);
        let place = context.len();
        let range = self.range(context);
        let mut found = Vec::new();
        let mut start = range.start;
        while start < range.end {
            let symbol = symbol_at(self.keys[start], place);
            let limit = (self.keys[start] >> shift(place)) + 1;
            let end = self.gallop(start, range.end, limit << shift(place));
            if symbol != END {
                found.push((symbol, self.counted(&(start..end))));
            }
            start = end;
        }
        found
    }

    /// The commonest grams of `n` symbols, commonest first; of equally common ones the first in the
    /// alphabet.
    #[must_use]
    pub fn commonest(&self, n: usize, n_most: usize) -> Vec<(Vec<Symbol>, u64)> {
        let mut best = BinaryHeap::new();
        self.for_each_gram(n, |key, count| {
            best.push(Reverse((count, Reverse(key))));
            if best.len() > n_most {
                best.pop();
            }
        });
        let sorted = best.into_sorted_vec().into_iter();
        sorted
            .map(|Reverse((count, Reverse(key)))| {
                ((0..n).map(|i| symbol_at(key, i)).collect(), count)
            })
            .collect()
    }

    /// The part of a context that this table can look up: its last `order − 1` symbols.
    #[must_use]
    pub fn last_of<'a>(&self, context: &'a [Symbol]) -> &'a [Symbol] {
        &context[context.len().saturating_sub(self.order - 1)..]
    }

    fn counted(&self, range: &Range<usize>) -> u64 {
        self.before[range.end] - self.before[range.start]
    }

    fn range(&self, gram: &[Symbol]) -> Range<usize> {
        let Some(last) = gram.len().checked_sub(1) else {
            return 0..self.keys.len();
        };
        let low = pack(gram);
        let high = low + (1 << shift(last));
        let start = self.keys.partition_point(|&key| key < low);
        start..self.gallop(start, self.keys.len(), high)
    }

    /// The first place from `start` to `end` whose gram is not below `limit`: near places first.
    fn gallop(&self, start: usize, end: usize, limit: u128) -> usize {
        let mut step = 1;
        let mut low = start;
        while low + step < end && self.keys[low + step] < limit {
            low += step;
            step *= 2;
        }
        let high = end.min(low + step);
        low + self.keys[low..high].partition_point(|&key| key < limit)
    }

    /// Calls `each` with every different gram of `n` whole symbols, in order, and its count.
    fn for_each_gram(&self, n: usize, mut each: impl FnMut(u128, u64)) {
        let Some(last) = n.checked_sub(1).filter(|last| *last < self.order) else {
            return;
        };
        let mut start = 0;
        while start < self.keys.len() {
            let key = self.keys[start] >> shift(last);
            let mut end = start + 1;
            while end < self.keys.len() && self.keys[end] >> shift(last) == key {
                end += 1;
            }
            if symbol_at(self.keys[start], last) != END {
                each(key << shift(last), self.counted(&(start..end)));
            }
            start = end;
        }
    }

    fn measure(&self, n: usize) -> Orders {
        let mut orders = Orders {
            n,
            ..Orders::default()
        };
        // −Σ c·log₂(c / C) over a context is C·log₂C − Σ c·log₂c.
        let weight = |count: u64| count as f64 * (count as f64).log2();
        let (mut bits, mut of_context, mut context) = (0.0, 0, None);
        let above = n.checked_sub(2).map(shift);
        self.for_each_gram(n, |key, count| {
            orders.total += count;
            orders.n_distinct += 1;
            orders.n_once += u64::from(count == 1);
            let now = above.map(|bits| key >> bits);
            if context != Some(now) {
                bits += if of_context > 0 {
                    weight(of_context)
                } else {
                    0.0
                };
                (of_context, context) = (0, Some(now));
            }
            of_context += count;
            bits -= weight(count);
        });
        if of_context > 0 {
            orders.bits = (bits + weight(of_context)) / orders.total as f64;
        }
        orders
    }
}
