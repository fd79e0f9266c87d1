//! What is added to the residual stream, and the activation inside the MLP.

use super::Factor;
use super::equation::Equation;
use crate::labs::inside::{At, SiteName, Trace};
use crate::refusal::Result;

/// The stream that enters a block.
pub(super) fn entering(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let block = eq.place.at.block;
    if block > 0 {
        eq.sentence = format!(
            "The stream enters block {block} as it left block {}.",
            block - 1
        );
        return copied(eq, trace, At::block(SiteName::ResidPost, block - 1));
    }
    let embed = At::outside(SiteName::Embed);
    if !SiteName::PosEmbed.is_in(trace.config()) {
        eq.sentence =
            "The stream begins as the token's embedding; where a token stands is told to \
                       queries and keys later."
                .into();
        return copied(eq, trace, embed);
    }
    eq.sentence = "The stream begins as what the token is plus where it stands.".into();
    sum_of(eq, trace, [embed, At::outside(SiteName::PosEmbed)])
}

/// The stream after a part of a block has added what it found.
pub(super) fn added(
    eq: &mut Equation,
    trace: &Trace,
    stream: SiteName,
    part: SiteName,
) -> Result<()> {
    let who = if part == SiteName::AttnOut {
        "attention"
    } else {
        "the MLP"
    };
    eq.sentence = format!("The stream goes on with what {who} adds to it; nothing is replaced.");
    let block = eq.place.at.block;
    sum_of(
        eq,
        trace,
        [At::block(stream, block), At::block(part, block)],
    )
}

fn sum_of(eq: &mut Equation, trace: &Trace, parts: [At; 2]) -> Result<()> {
    let [a, b] = parts.map(|at| at.place(eq.place.row, eq.place.column));
    eq.formula = format!("{} = {a} + {b}", eq.place);
    for place in [a, b] {
        let factors = vec![Factor::of(trace.value(place)?.into(), place)];
        eq.term(place.to_string(), factors, Some(place));
        one_cell(eq, place);
    }
    Ok(())
}

fn copied(eq: &mut Equation, trace: &Trace, from: At) -> Result<()> {
    let source = from.place(eq.place.row, eq.place.column);
    eq.formula = format!("{} = {source}", eq.place);
    let factors = vec![Factor::of(trace.value(source)?.into(), source)];
    eq.term(source.to_string(), factors, Some(source));
    one_cell(eq, source);
    Ok(())
}

fn one_cell(eq: &mut Equation, place: super::Place) {
    let (row, column) = (place.row, place.column);
    eq.input(place.at, row..row + 1, column..column + 1);
}

/// One neuron after its activation.
pub(super) fn activated(eq: &mut Equation, trace: &Trace) -> Result<()> {
    let place = eq.place;
    let pre = At::block(SiteName::MlpPre, place.at.block).place(place.row, place.column);
    let x = f64::from(trace.value(pre)?);
    one_cell(eq, pre);
    if !trace.model().is_gated() {
        // As GPT-2 has it (Hendrycks & Gimpel 2016).
        let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
        let gate = 1.0 / (1.0 + (-2.0 * inner).exp());
        eq.sentence = "The neuron's activation: nearly the number itself where it is positive, \
                       nearly nothing where it is negative, and smooth between (GELU)."
            .into();
        eq.formula = format!("{place} = x · ½ (1 + tanh(√(2/π) · (x + 0.044715 x³))), x = {pre}");
        eq.quantity("x", pre.to_string(), x);
        eq.quantity("u", "√(2/π) · (x + 0.044715 x³)", inner);
        eq.quantity("g", "½ (1 + tanh u)", gate);
        let factors = vec![Factor::of(x, pre), Factor::weight(gate)];
        eq.term(format!("{pre} · g"), factors, Some(pre));
        eq.n_roundings = 16.0 + 8.0 * inner.abs();
        return Ok(());
    }
    let gate_place = At::block(SiteName::MlpGate, place.at.block).place(place.row, place.column);
    let gate = f64::from(trace.value(gate_place)?);
    one_cell(eq, gate_place);
    let opened = 1.0 / (1.0 + (-gate).exp());
    eq.sentence = "The neuron's activation: its gate, let through where it is positive (SiLU), \
                   times the `up` branch (SwiGLU)."
        .into();
    eq.formula = format!("{place} = g · σ(g) · {pre}, g = {gate_place}");
    eq.quantity("g", gate_place.to_string(), gate);
    eq.quantity("σ(g)", "1 / (1 + e^−g)", opened);
    let factors = vec![
        Factor::of(gate, gate_place),
        Factor::weight(opened),
        Factor::of(x, pre),
    ];
    eq.term(
        format!("{gate_place} · σ(g) · {pre}"),
        factors,
        Some(gate_place),
    );
    eq.n_roundings = 16.0 + 4.0 * gate.abs();
    Ok(())
}
