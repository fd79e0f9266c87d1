//! The two ends of a pass: from ids to vectors, and from scores to probabilities.

use super::equation::Equation;
use super::{Factor, computed, row_of};
use crate::labs::inside::{At, SiteName, Trace};
use crate::refusal::Result;

/// A token as a reader sees it: its text in quotes, or its number.
pub(super) fn token_shown(trace: &Trace, id: usize) -> String {
    let bytes = trace.loaded().token_bytes(id as u32);
    let text: String = String::from_utf8_lossy(&bytes).escape_debug().collect();
    if trace.loaded().tokenizer.is_some() {
        format!("“{text}” (token {id})")
    } else {
        format!("token {id}")
    }
}

/// A token's number.
pub(super) fn token(eq: &mut Equation, trace: &Trace) {
    let row = eq.place.row;
    let id = trace.ids().get(row).copied().unwrap_or_default();
    eq.sentence = format!(
        "Token {row} of the text is {}: its number in the vocabulary of {}. The number is only a \
         name; the model looks its row up in the embedding.",
        token_shown(trace, id as usize),
        trace.config().vocab_size
    );
    eq.formula = format!("{} = {id}", eq.place);
    eq.term("id", vec![Factor::weight(id.into())], None);
}

/// One number of a token's embedding.
pub(super) fn embedding(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let (row, column) = (eq.place.row, eq.place.column);
    let id = trace.ids().get(row).copied().unwrap_or_default();
    let vector = computed(trace.model().embedding(id))?;
    let weight = vector.get(column).copied().unwrap_or(f32::NAN);
    let source = At::outside(SiteName::Tokens).place(row, 0);
    eq.sentence = format!(
        "A learned number: row {id} of the embedding, which belongs to {}.",
        token_shown(trace, id as usize)
    );
    eq.formula = format!(
        "{} = W_E[{source}, {column}] = W_E[{id}, {column}]",
        eq.place
    );
    let factors = vec![Factor::weight(weight.into())];
    eq.term(format!("W_E[{id}, {column}]"), factors, Some(source));
    eq.input(source.at, row..row + 1, 0..1);
    Ok(())
}

/// One number of a position's embedding.
pub(super) fn position(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let (row, column) = (eq.place.row, eq.place.column);
    let vector = computed(trace.model().position(row))?.unwrap_or_default();
    let weight = vector.get(column).copied().unwrap_or(f32::NAN);
    eq.sentence = format!(
        "A learned number: row {row} of the position embedding, the same whatever token stands \
         there."
    );
    eq.formula = format!("{} = W_P[{row}, {column}]", eq.place);
    let factors = vec![Factor::weight(weight.into())];
    eq.term(format!("W_P[{row}, {column}]"), factors, None);
    Ok(())
}

/// A token's probability.
pub(super) fn probability(
    eq: &mut Equation,
    trace: &Trace,
    row: usize,
    column: usize,
) -> Result<()> {
    let from = At::outside(SiteName::Logits);
    let logits = row_of(trace, from, row)?;
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    eq.sentence = format!(
        "How probable {} is as the next token: e to the power of its score, over the same of all \
         {} tokens.",
        token_shown(trace, column),
        logits.len()
    );
    eq.formula = format!(
        "{} = e^(logits[{row}, {column}] − max) / Σⱼ e^(logits[{row}, j] − max)",
        eq.place
    );
    for (j, &logit) in logits.iter().enumerate() {
        let source = from.place(row, j);
        let weighed = (f64::from(logit) - f64::from(top)).exp();
        let factors = vec![Factor::weight(weighed)];
        eq.term(format!("e^({source} − max)"), factors, Some(source));
    }
    let sum: f64 = eq.terms.iter().map(|term| term.value).sum();
    eq.quantity("max", "the largest score", top.into());
    eq.quantity("Σ", "all of them added up", sum);
    eq.share_of = Some(column);
    eq.input(from, row..row + 1, 0..logits.len());
    Ok(())
}
