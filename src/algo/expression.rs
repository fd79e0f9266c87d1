//! Arithmetic on words: `king - man + woman`, `(paris - france) * 0.8 + italy`.
//!
//! An expression is words, numbers, `+ - * /` and brackets, and comes to a weighted sum of words:
//! words are added and subtracted, numbers stretch them. Whatever cannot be read so is a
//! [`Mistake`]: where it is, and a sentence about it. Nothing here recurses, so no depth of brackets
//! is too deep, and the time is linear in the text.

mod lexer;
mod tree;

use std::collections::HashMap;
use std::ops::Range;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes of the text that it concerns; never empty unless the text is.
    pub at: Range<usize>,
    /// A sentence.
    pub what: String,
}

impl Mistake {
    fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { at, what }
    }
}

/// A word of an expression and what its vector is multiplied by in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The word as it is written, without quotes.
    pub word: String,
    /// The sum of its weights; 0 where it cancels out.
    pub weight: f64,
    /// Every place where it is written, with its quotes.
    pub at: Vec<Range<usize>>,
}

/// Reads `text` as a weighted sum of words, in the order in which they first appear.
///
/// A word may contain `-` and `/`, as `x-ray` does: `knows` says whether there is such a word, and
/// without one the sign is an operator. A word with other signs, spaces, or one that is a number
/// stands in double quotes.
///
/// # Errors
/// The first mistake from the left.
pub fn parse(text: &str, knows: &mut dyn FnMut(&str) -> bool) -> Result<Vec<Term>, Mistake> {
    let mut terms: Vec<Term> = Vec::new();
    let mut places = HashMap::new();
    let mut place_of = |word: &str, at: Range<usize>| {
        let place = *places.entry(word.to_owned()).or_insert(terms.len());
        if place == terms.len() {
            terms.push(Term {
                word: word.to_owned(),
                weight: 0.0,
                at: Vec::new(),
            });
        }
        terms[place].at.push(at);
        place
    };
    let tree = tree::Tree::read(text, knows, &mut place_of)?;
    tree.each_word(|place, weight| terms[place].weight += weight);
    if let Some(term) = terms.iter().find(|term| !term.weight.is_finite()) {
        let what = format!("The weight of “{}” is too large.", shortened(&term.word));
        return Err(Mistake::new(term.at[0].clone(), what));
    }
    if terms.iter().all(|term| term.weight == 0.0) {
        return Err(Mistake::new(
            whole(text),
            "Everything cancels out: what is left is the zero vector, which points nowhere.",
        ));
    }
    Ok(terms)
}

/// The text without the space around it.
fn whole(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start + text.trim().len()
}

/// A word as it fits into a sentence.
fn shortened(word: &str) -> String {
    match word.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests;
