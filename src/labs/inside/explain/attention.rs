//! A head's scores, its pattern, and what it gathers.

use super::equation::{Equation, sum_roundings};
use super::{Factor, row_of};
use crate::labs::inside::{At, SiteName, Trace};
use crate::refusal::Result;

/// The key/value head that a query head reads.
fn kv_head(trace: &Trace, head: usize) -> usize {
    let config = trace.config();
    head * config.n_kv_heads / config.n_heads.max(1)
}

/// How well a query and a key fit: their product, over √ of the head's width.
pub(super) fn score(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let place = eq.place;
    let (block, head) = (place.at.block, place.at.head.unwrap_or(0));
    let d_head = trace.config().d_head;
    let q_at = At::head(SiteName::Q, block, head);
    let k_at = At::head(SiteName::K, block, kv_head(trace, head));
    let q = row_of(trace, q_at, place.row)?;
    let k = row_of(trace, k_at, place.column)?;
    let scale = 1.0 / (d_head as f64).sqrt();
    eq.sentence = "How much the query at one position fits the key at another: their numbers \
                   multiplied and added up, over the square root of the head's width so that \
                   wide heads do not shout."
        .into();
    eq.formula = format!(
        "{place} = Σᵢ q[{}, i] · k[{}, i] / √{d_head}",
        place.row, place.column
    );
    eq.quantity("1/√d_head", format!("1/√{d_head}"), scale);
    for (i, (&q, &k)) in q.iter().zip(&k).enumerate() {
        let (from, with) = (q_at.place(place.row, i), k_at.place(place.column, i));
        let factors = vec![
            Factor::of(q.into(), from),
            Factor::of(k.into(), with),
            Factor::weight(scale),
        ];
        eq.term(format!("{from} · {with} / √{d_head}"), factors, Some(from));
    }
    eq.input(q_at, place.row..place.row + 1, 0..d_head);
    eq.input(k_at, place.column..place.column + 1, 0..d_head);
    eq.rounds_a_sum_of(d_head);
    if place.column > place.row {
        eq.sentence.push_str(
            " This key lies in the future: the mask hides it, and the pattern is 0 here.",
        );
    }
    Ok(())
}

/// The share of a query's attention that goes to one key.
pub(super) fn share(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let place = eq.place;
    let scores_at = At {
        site: SiteName::Scores,
        ..place.at
    };
    if place.column > place.row {
        eq.sentence = format!(
            "Position {} comes after position {}: the mask hides the future, so nothing of the \
             attention goes there.",
            place.column, place.row
        );
        eq.formula = format!("{place} = 0");
        return Ok(());
    }
    let scores = row_of(trace, scores_at, place.row)?;
    let seen = scores.get(..=place.row).unwrap_or(&scores);
    let top = seen.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    eq.sentence =
        "The share of this position's attention that goes to that one: e to the power of \
                   its score, over the same of all positions up to here. The shares of a row add \
                   up to 1."
            .into();
    eq.formula = format!(
        "{place} = e^(scores[{0}, {1}] − max) / Σⱼ e^(scores[{0}, j] − max), j = 0 … {0}",
        place.row, place.column
    );
    eq.quantity("max", "the largest score of the row", top.into());
    let mut spread = 0.0;
    for (j, &score) in seen.iter().enumerate() {
        let below = f64::from(score) - f64::from(top);
        let source = scores_at.place(place.row, j);
        let weighed = below.exp();
        spread += weighed * below.abs();
        let factors = vec![Factor::weight(weighed)];
        eq.term(format!("e^({source} − max)"), factors, Some(source));
    }
    let sum: f64 = eq.terms.iter().map(|term| term.value).sum();
    eq.quantity("Σ", "all of them added up", sum);
    eq.share_of = Some(place.column);
    eq.input(scores_at, place.row..place.row + 1, 0..place.row + 1);
    let below = f64::from(top) - f64::from(seen.get(place.column).copied().unwrap_or(top));
    // An exponent of that size, rounded, moves its power by as much relative to it.
    eq.n_roundings = sum_roundings(seen.len()) + below + spread / sum;
    Ok(())
}

/// What a head gathers for a position: everybody's values, each by its share.
pub(super) fn gathered(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let place = eq.place;
    let (block, head) = (place.at.block, place.at.head.unwrap_or(0));
    let (row, column) = (place.row, place.column);
    let pattern_at = At::head(SiteName::Pattern, block, head);
    let v_at = At::head(SiteName::V, block, kv_head(trace, head));
    let pattern = row_of(trace, pattern_at, row)?;
    let values = trace.rows(v_at, 0..row + 1)?;
    eq.sentence = "What the head gathers for this position: the value of every position up to \
                   here, each by the share of attention it gets."
        .into();
    eq.formula = format!(
        "{place} = Σⱼ pattern{}[{row}, j] · v[j, {column}], j = 0 … {row}",
        crate::labs::inside::subscript(head)
    );
    let largest = pattern.iter().copied().fold(0.0, f32::max);
    let mut spread = 0.0;
    for (j, &p) in pattern.iter().take(row + 1).enumerate() {
        let value = values.get(j, column).unwrap_or(f32::NAN);
        let (share, from) = (pattern_at.place(row, j), v_at.place(j, column));
        if p > 0.0 {
            spread += f64::from(p) * f64::from(largest / p).ln();
        }
        let factors = vec![Factor::of(p.into(), share), Factor::of(value.into(), from)];
        eq.term(format!("{share} · {from}"), factors, Some(share));
    }
    eq.input(pattern_at, row..row + 1, 0..row + 1);
    eq.input(v_at, 0..row + 1, column..column + 1);
    // The pass never holds the pattern: it adds values up while it meets the scores. So the rounding
    // of the scores counts as well, which the softmax turns into as much of each share.
    let d_head = trace.config().d_head;
    let scores = 2.0 * sum_roundings(d_head) * largest_product(trace, block, head, row)?;
    eq.n_roundings = sum_roundings(row + 1) + spread + scores;
    Ok(())
}

/// The most that `Σ |q·k| / √d_head` comes to, of one query with all keys it may look at.
fn largest_product(trace: &Trace, block: usize, head: usize, row: usize) -> Result<f64> {
    let q = row_of(trace, At::head(SiteName::Q, block, head), row)?;
    let keys = At::head(SiteName::K, block, kv_head(trace, head));
    let keys = trace.rows(keys, 0..row + 1)?;
    let size = |key: &[f32]| -> f64 {
        let products = q.iter().zip(key);
        products.map(|(q, k)| f64::from((q * k).abs())).sum()
    };
    let sizes = keys.values.chunks_exact(q.len().max(1)).map(size);
    Ok(sizes.fold(0.0, f64::max) / (q.len() as f64).sqrt())
}
