//! Counting: every place of a text gives one gram, grams are sorted in blocks, and blocks of like size
//! are merged. Memory is bounded by the number of different grams, not by the length of the text.

use super::letters::{Gap, for_each_letter};
use super::table::Table;
use super::{BITS, END, MAX_ORDER, MAX_WORDS, OTHER, Symbol, Unit, symbol_at};
use crate::algo::words;
use std::collections::HashMap;

/// More different grams than these are not kept: about 100 MB, and as much again while they are sorted.
pub const MAX_DISTINCT: usize = 4_000_000;

/// Grams that are sorted at once.
const BLOCK: usize = 1 << 19;

/// Counts the grams of a text that comes in parts.
#[derive(Debug)]
pub struct Counter {
    unit: Unit,
    order: usize,
    limit: usize,
    block_len: usize,
    /// The last symbols read, packed; the newest at place `order − 1`.
    window: u128,
    n_symbols: u64,
    gap: Gap,
    numbers: HashMap<String, Symbol>,
    names: Vec<String>,
    has_other: bool,
    block: Vec<u128>,
    runs: Vec<Run>,
}

/// Different grams in order, each with its count.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) keys: Vec<u128>,
    pub(super) counts: Vec<u32>,
}

impl Counter {
    /// Counts grams of up to `order` symbols, 1 to 7.
    #[must_use]
    pub fn new(unit: Unit, order: usize) -> Self {
        Self::with_limits(unit, order, MAX_DISTINCT, BLOCK)
    }

    pub(super) fn with_limits(unit: Unit, order: usize, limit: usize, block_len: usize) -> Self {
        Self {
            unit,
            order: order.clamp(1, MAX_ORDER),
            limit,
            block_len,
            window: 0,
            n_symbols: 0,
            gap: Gap::default(),
            numbers: HashMap::new(),
            names: Vec::new(),
            has_other: false,
            block: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Goes on with the next part, which begins where no word is cut. A full table takes no more.
    pub fn push(&mut self, part: &str) {
        if self.is_full() {
            return;
        }
        match self.unit {
            Unit::Letters => {
                let mut gap = self.gap;
                for_each_letter(part, &mut gap, |letter| self.symbol(letter + 1));
                self.gap = gap;
            }
            Unit::Words => words::for_each(part, |word| {
                let symbol = self.number(word);
                self.symbol(symbol);
            }),
        }
    }

    /// Symbols counted so far.
    #[must_use]
    pub fn n_symbols(&self) -> u64 {
        self.n_symbols
    }

    /// Whether there is no room for more different grams: the rest of the text is not counted.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let n_kept: usize = self.runs.iter().map(|run| run.keys.len()).sum();
        n_kept >= self.limit || self.n_symbols >= u64::from(u32::MAX)
    }

    /// The table of what was counted.
    #[must_use]
    pub fn finish(mut self) -> Table {
        // The last symbols begin grams too, with nothing behind them.
        for _ in 0..(self.order as u64).min(self.n_symbols) {
            self.shift_in(END);
            if symbol_at(self.window, 0) != END {
                self.block.push(self.window);
            }
        }
        self.sort_block();
        let mut run = self.runs.pop().unwrap_or_default();
        while let Some(longer) = self.runs.pop() {
            run = merge(longer, run);
        }
        let names = self.names;
        Table::new(
            self.unit,
            self.order,
            run,
            names,
            self.numbers,
            self.has_other,
        )
    }

    fn number(&mut self, word: &str) -> Symbol {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        if self.names.len() >= MAX_WORDS {
            self.has_other = true;
            return OTHER;
        }
        let number = OTHER + 1 + self.names.len() as Symbol;
        self.names.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }

    fn symbol(&mut self, symbol: Symbol) {
        self.shift_in(symbol);
        self.n_symbols += 1;
        if self.n_symbols >= self.order as u64 {
            self.block.push(self.window);
            if self.block.len() >= self.block_len {
                self.sort_block();
            }
        }
    }

    fn shift_in(&mut self, symbol: Symbol) {
        let newest = super::shift(self.order - 1);
        let all = u128::MAX >> (u128::BITS - MAX_ORDER as u32 * BITS);
        self.window = (self.window << BITS) & all | u128::from(symbol) << newest;
    }

    /// Makes the block a run, and merges runs until each is longer than the one after it.
    fn sort_block(&mut self) {
        self.block.sort_unstable();
        let mut run = Run::default();
        for &key in &self.block {
            run.add(key, 1);
        }
        self.block.clear();
        self.runs.push(run);
        while let [.., a, b] = &self.runs[..]
            && a.keys.len() <= 2 * b.keys.len()
            && let (Some(b), Some(a)) = (self.runs.pop(), self.runs.pop())
        {
            self.runs.push(merge(a, b));
        }
    }
}

impl Run {
    /// Adds a gram that is not before the last one.
    fn add(&mut self, key: u128, count: u32) {
        match self.counts.last_mut() {
            Some(last) if self.keys.last() == Some(&key) => *last = last.saturating_add(count),
            _ => {
                self.keys.push(key);
                self.counts.push(count);
            }
        }
    }
}

fn merge(a: Run, b: Run) -> Run {
    let n = a.keys.len() + b.keys.len();
    let mut both = Run {
        keys: Vec::with_capacity(n),
        counts: Vec::with_capacity(n),
    };
    let mut left = a.keys.into_iter().zip(a.counts).peekable();
    let mut right = b.keys.into_iter().zip(b.counts).peekable();
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(l), Some(r)) if l.0 <= r.0 => left.next(),
            (Some(_), None) => left.next(),
            _ => right.next(),
        };
        match next {
            Some((key, count)) => both.add(key, count),
            None => break,
        }
    }
    both.keys.shrink_to_fit();
    both.counts.shrink_to_fit();
    both
}
