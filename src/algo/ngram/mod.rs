//! N-grams (Shannon 1948): how often each sequence of N letters or words stands in a text, and what
//! that says about the next one. The counts are all there is; nothing is learned.
//!
//! Letters: a symbol is one of 27 letters (a–z and the space) or a word; a gram of n symbols is a
//! context of n − 1 and the symbol after it; `order` is the longest gram that is counted.

mod count;
mod letters;
mod next;
mod table;

#[cfg(test)]
mod tests;

pub use count::{Counter, MAX_DISTINCT};
pub use letters::{Gap, for_each_letter};
pub use next::{Drawn, Next, Row, Smoothing};
pub use table::{Orders, Table};

/// The longest gram: seven symbols.
pub const MAX_ORDER: usize = 7;

/// A letter or a word, by its number in the table's alphabet.
pub type Symbol = u32;

/// Stands behind the last symbol of a text, so that every symbol begins a gram of every order.
const END: Symbol = 0;

/// What stands for every word past the first [`MAX_WORDS`].
const OTHER: Symbol = 1;

/// What stands for a word that the text does not have: no gram holds it.
pub const UNKNOWN: Symbol = (1 << BITS) - 1;

/// Bits of a symbol in a packed gram.
const BITS: u32 = 18;

/// Words that get a number of their own.
pub const MAX_WORDS: usize = (1 << BITS) - 3;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 27 letters: a–z and the space.
    Letters,
    /// Words in small letters.
    Words,
}

/// A gram as one number: the first symbol in the highest bits, [`END`] behind the last. In the order
/// of these numbers all grams that begin alike stand together.
fn pack(gram: &[Symbol]) -> u128 {
    let symbols = gram.iter().take(MAX_ORDER).enumerate();
    symbols.fold(0, |key, (i, &symbol)| key | u128::from(symbol) << shift(i))
}

/// Where the symbol at place `i` of a gram stands in its number.
fn shift(i: usize) -> u32 {
    (MAX_ORDER - 1 - i) as u32 * BITS
}

/// The symbol at place `i` of a packed gram.
fn symbol_at(key: u128, i: usize) -> Symbol {
    (key >> shift(i)) as Symbol & ((1 << BITS) - 1)
}
