//! Where a number comes from: the equation that made it, with its real terms.
//!
//! [`explain`] takes the numbers that went in as the pass has them, in f32, and computes the one that
//! came out again in f64. The two differ by what f32 rounding costs and nothing else; the bound is
//! said with each number and grows with the size of what was added up, not with what remained.
//!
//! Where weights are quantized, the product reads its activations rounded to nearly 16 bits, 32 to a
//! scale. The terms then show the activations as they were read.

mod attention;
mod ends;
mod equation;
mod norms;
mod products;
mod sums;

pub use equation::written;

use super::{At, Place, SiteName, Trace};
use crate::models::inside::{Norm, Product};
use crate::nn::math_refusal;
use crate::refusal::Result;
use equation::Equation;
use std::ops::Range;

/// One number of a pass, explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Which number.
    pub place: Place,
    /// What happened here, in a sentence or two.
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
    /// Numbers on the way: a mean, an angle, the largest score.
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

impl Explanation {
    /// Whether the model's number is the equation's within what rounding allows.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.difference <= self.tolerance || (self.value.is_nan() && self.recomputed.is_nan())
    }

    /// The `n` largest terms, largest first, by their place in [`Explanation::terms`]; then how many
    /// others there are and what they add up to.
    #[must_use]
    pub fn largest(&self, n: usize) -> (Vec<usize>, usize, f64) {
        let mut order: Vec<usize> = (0..self.terms.len()).collect();
        let size = |i: usize| self.terms[i].value.abs();
        order.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
        let others = order.split_off(n.min(order.len()));
        let rest = others.iter().map(|&i| self.terms[i].value).sum();
        (order, others.len(), rest)
    }
}

/// The equation of the number at `place`.
///
/// # Errors
/// When the model has no such site, block or head, or its table no such row or column.
pub fn explain(trace: &Trace, place: Place) -> Result<Explanation> {
    let value = trace.value(place)?;
    let place = of_one_head(trace, place);
    let Place { at, row, column } = place;
    let block = at.block;
    let mut equation = Equation::new(place, value);
    let eq = &mut equation;
    match at.site {
        SiteName::Tokens => {
            ends::token(eq, trace);
            Ok(())
        }
        SiteName::Embed => ends::embedding(eq, trace),
        SiteName::PosEmbed => ends::position(eq, trace),
        SiteName::ResidPre => sums::entering(eq, trace),
        SiteName::Ln1 => norms::normed(eq, trace, Norm::Ln1(block)),
        SiteName::Q => products::turned(eq, trace, Product::Query(block)),
        SiteName::K => products::turned(eq, trace, Product::Key(block)),
        SiteName::V => products::of_head(eq, trace, Product::Value(block)),
        SiteName::Scores => attention::score(eq, trace),
        SiteName::Pattern => attention::share(eq, trace),
        SiteName::Z => attention::gathered(eq, trace),
        SiteName::AttnOut => products::heads_joined(eq, trace),
        SiteName::ResidMid => sums::added(eq, trace, SiteName::ResidPre, SiteName::AttnOut),
        SiteName::Ln2 => norms::normed(eq, trace, Norm::Ln2(block)),
        SiteName::MlpPre => products::plain(eq, trace, Product::MlpIn(block), SiteName::Ln2),
        SiteName::MlpGate => products::plain(eq, trace, Product::MlpGate(block), SiteName::Ln2),
        SiteName::MlpPost => sums::activated(eq, trace),
        SiteName::MlpOut => products::plain(eq, trace, Product::MlpOut(block), SiteName::MlpPost),
        SiteName::ResidPost => sums::added(eq, trace, SiteName::ResidMid, SiteName::MlpOut),
        SiteName::FinalNorm => norms::normed(eq, trace, Norm::Final),
        SiteName::Logits => products::plain(eq, trace, Product::Head, SiteName::FinalNorm),
        SiteName::Probs => ends::probability(eq, trace, row, column),
    }?;
    Ok(equation.finish())
}

/// The same number in the table of its one head, where it was asked for with all heads side by side.
fn of_one_head(trace: &Trace, place: Place) -> Place {
    let width = trace.config().d_head.max(1);
    if !place.at.site.has_heads() || place.at.head.is_some() {
        return place;
    }
    let at = At {
        head: Some(place.column / width),
        ..place.at
    };
    at.place(place.row, place.column % width)
}

/// One row of a table.
fn row_of(trace: &Trace, at: At, row: usize) -> Result<Vec<f32>> {
    trace
        .rows(at, row..row + 1)
        .map(|table| table.values.to_vec())
}

/// A refusal of what the arithmetic refused.
fn computed<T>(result: candle_core::Result<T>) -> Result<T> {
    result.map_err(|error| math_refusal(&error))
}
