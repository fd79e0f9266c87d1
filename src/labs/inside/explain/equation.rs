//! An equation while it is put together.

use super::{Explanation, Factor, Place, Quantity, Region, Term};
use crate::labs::inside::At;
use std::ops::Range;

/// What rounding to f32 moves a number by, at most, relative to it.
const ROUNDING: f64 = 1.0 / (1 << 24) as f64;

/// Below this nothing is told apart: our exponential ends at e^−87.
const FLOOR: f64 = 1e-30;

/// Terms that are written out with their numbers.
const WRITTEN: usize = 4;

pub(super) struct Equation {
    pub place: Place,
    pub value: f32,
    pub sentence: String,
    pub formula: String,
    pub terms: Vec<Term>,
    pub share_of: Option<usize>,
    quantities: Vec<Quantity>,
    inputs: Vec<Region>,
    /// The size of what was rounded on the way, where it is more than the sizes of the terms.
    pub magnitude: f64,
    /// How many roundings of that size the model can have made, one on top of the other.
    pub n_roundings: f64,
}

impl Equation {
    pub fn new(place: Place, value: f32) -> Self {
        Self {
            place,
            value,
            sentence: String::new(),
            formula: String::new(),
            terms: Vec::new(),
            share_of: None,
            quantities: Vec::new(),
            inputs: Vec::new(),
            magnitude: 0.0,
            n_roundings: 4.0,
        }
    }

    /// The roundings of a sum of `n` products: sixteen or more running sums, and some on top.
    pub fn rounds_a_sum_of(&mut self, n: usize) {
        self.n_roundings = sum_roundings(n);
    }

    pub fn term(&mut self, name: impl Into<String>, factors: Vec<Factor>, source: Option<Place>) {
        self.terms.push(Term {
            name: name.into(),
            value: factors.iter().map(|factor| factor.value).product(),
            factors,
            source,
        });
    }

    pub fn quantity(&mut self, name: &str, formula: impl Into<String>, value: f64) {
        self.quantities.push(Quantity {
            name: name.into(),
            formula: formula.into(),
            value,
        });
    }

    pub fn input(&mut self, at: At, rows: Range<usize>, columns: Range<usize>) {
        self.inputs.push(Region { at, rows, columns });
    }

    pub fn finish(self) -> Explanation {
        let sum: f64 = self.terms.iter().map(|term| term.value).sum();
        let share = self.share_of.and_then(|i| self.terms.get(i));
        let recomputed = share.map_or(sum, |term| term.value / sum);
        let magnitude = match share {
            Some(_) => recomputed.abs(),
            None => self.terms.iter().map(|term| term.value.abs()).sum(),
        };
        let magnitude = magnitude.max(self.magnitude);
        let mut explanation = Explanation {
            place: self.place,
            sentence: self.sentence,
            formula: self.formula,
            worked: String::new(),
            terms: self.terms,
            share_of: self.share_of,
            quantities: self.quantities,
            inputs: self.inputs,
            value: self.value,
            recomputed,
            difference: (f64::from(self.value) - recomputed).abs(),
            tolerance: magnitude * self.n_roundings * ROUNDING + FLOOR,
        };
        explanation.worked = worked(&explanation, sum);
        explanation
    }
}

/// How often a sum of `n` products can be rounded on its way.
pub(super) fn sum_roundings(n: usize) -> f64 {
    16.0 + n as f64 / 8.0
}

impl Factor {
    /// A number of the pass.
    pub(super) fn of(value: f64, place: Place) -> Self {
        Self {
            value,
            place: Some(place),
        }
    }

    /// A weight, or a number of the equation's own.
    pub(super) fn weight(value: f64) -> Self {
        Self { value, place: None }
    }
}

/// The equation with its numbers.
fn worked(explanation: &Explanation, sum: f64) -> String {
    let Explanation {
        terms, recomputed, ..
    } = explanation;
    let result = written(*recomputed);
    if let Some(term) = explanation.share_of.and_then(|i| terms.get(i)) {
        return format!("{} ÷ {} = {result}", written(term.value), written(sum));
    }
    if terms.is_empty() {
        return result;
    }
    let product = |term: &Term| {
        let factors: Vec<_> = term.factors.iter().map(|f| bracketed(f.value)).collect();
        factors.join(" · ")
    };
    if terms.len() <= WRITTEN {
        let products: Vec<_> = terms.iter().map(product).collect();
        return format!("{} = {result}", products.join(" + "));
    }
    let (largest, n_others, rest) = explanation.largest(WRITTEN);
    let products: Vec<_> = largest.iter().map(|&i| product(&terms[i])).collect();
    format!(
        "{} + … ({n_others} smaller terms: {}) = {result}",
        products.join(" + "),
        written(rest)
    )
}

fn bracketed(value: f64) -> String {
    if value < 0.0 {
        format!("({})", written(value))
    } else {
        written(value)
    }
}

/// A number with the digits that mean something to a reader: about five.
#[must_use]
pub fn written(value: f64) -> String {
    let size = value.abs();
    let text = if value == 0.0 {
        "0".to_owned()
    } else if !value.is_finite() {
        value.to_string()
    } else if !(1e-3..1e6).contains(&size) {
        format!("{value:.3e}")
    } else if size >= 1000.0 {
        format!("{value:.1}")
    } else if size >= 10.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.5}")
    };
    text.replace('-', "−")
}
