//! Numbers that are a row of weights times a row of activations.

use super::equation::Equation;
use super::{Factor, computed, row_of};
use crate::labs::inside::{At, SiteName, Trace};
use crate::models::inside::Product;
use crate::refusal::Result;

/// A product's input as it is read, and the weights of one output.
struct Read {
    activations: Vec<f32>,
    weights: Vec<f32>,
    bias: f32,
}

fn read(trace: &Trace, product: Product, from: At, row: usize, out: usize) -> Result<Read> {
    let model = trace.model();
    let weights = computed(model.product_row(product, out))?;
    let activations = model.as_seen(product, &row_of(trace, from, row)?);
    Ok(Read {
        activations,
        weights: weights.weights,
        bias: weights.bias,
    })
}

/// A site that is one product of another, number by number.
pub(super) fn plain(
    eq: &mut Equation,
    trace: &Trace,
    product: Product,
    from: SiteName,
) -> Result<()> {
    let from = At {
        site: from,
        ..eq.place.at
    };
    eq.sentence = match product {
        Product::MlpGate(_) => "The MLP's gate for one neuron: the normed stream times the \
                                gate's weights says how much of the neuron is let through."
            .into(),
        Product::MlpIn(_) => "One neuron of the MLP before its activation: the normed stream \
                              times the neuron's weights in says how well it fits what the \
                              neuron looks for."
            .into(),
        Product::MlpOut(_) => "What the MLP adds to this number of the stream: every neuron's \
                               activation times its weight out."
            .into(),
        _ => format!(
            "The score of {}: the last stream, normed, times the token's row of the unembedding. \
             The softmax of all scores makes the probabilities.",
            super::ends::token_shown(trace, eq.place.column)
        ),
    };
    let (row, out) = (eq.place.row, eq.place.column);
    sum(eq, trace, product, from, row, out)
}

/// One number of a head's values (or of queries and keys that nothing turns).
pub(super) fn of_head(eq: &mut Equation, trace: &Trace, product: Product) -> Result<()> {
    let what = match product {
        Product::Query(_) => "What this position asks for",
        Product::Key(_) => "What this position offers to be found by",
        _ => "What this position hands on to those that attend to it",
    };
    eq.sentence =
        format!("{what}, one of the head's numbers: the normed stream times its weights.");
    let place = eq.place;
    let out = place.at.head.unwrap_or(0) * trace.config().d_head + place.column;
    let from = At::block(SiteName::Ln1, place.at.block);
    sum(eq, trace, product, from, place.row, out)
}

/// One number of what attention adds: all heads' z side by side, times the output weights.
pub(super) fn heads_joined(eq: &mut Equation, trace: &Trace) -> Result<()> {
    eq.sentence =
        "What attention adds to this number of the stream: what all heads gathered, side \
                   by side, times the output weights."
            .into();
    let (block, row, out) = (eq.place.at.block, eq.place.row, eq.place.column);
    let from = At::block(SiteName::Z, block);
    sum(eq, trace, Product::AttnOut(block), from, row, out)
}

/// The sum over all inputs, and the bias.
fn sum(
    eq: &mut Equation,
    trace: &Trace,
    product: Product,
    from: At,
    row: usize,
    out: usize,
) -> Result<()> {
    let read = read(trace, product, from, row, out)?;
    let matrix = matrix_name(trace, product);
    eq.formula = format!(
        "{} = Σᵢ {}[{row}, i] · {matrix}[{out}, i]{}",
        eq.place,
        from.site,
        if has_bias(trace, product) {
            format!(" + b[{out}]")
        } else {
            String::new()
        }
    );
    let d_head = trace.config().d_head;
    for (i, (&x, &w)) in read.activations.iter().zip(&read.weights).enumerate() {
        let source = match from.site {
            SiteName::Z => At::head(SiteName::Z, from.block, i / d_head).place(row, i % d_head),
            _ => from.place(row, i),
        };
        let factors = vec![Factor::of(x.into(), source), Factor::weight(w.into())];
        eq.term(
            format!("{source} · {matrix}[{out}, {i}]"),
            factors,
            Some(source),
        );
    }
    if has_bias(trace, product) {
        let bias = vec![Factor::weight(read.bias.into())];
        eq.term(format!("b[{out}]"), bias, None);
    }
    inputs(eq, trace, from, row);
    eq.rounds_a_sum_of(read.weights.len());
    say_packed(eq, trace, product);
    Ok(())
}

/// One number of a head's queries or keys: the product, then turned with its pair by the position.
pub(super) fn turned(eq: &mut Equation, trace: &Trace, product: Product) -> Result<()> {
    let place = eq.place;
    let (model, d_head) = (trace.model(), trace.config().d_head);
    let pair = (0..d_head / 2).find_map(|pair| {
        let both = model.pair(pair)?;
        both.contains(&place.column).then_some((pair, both))
    });
    let turn = pair.and_then(|(pair, both)| Some((pair, both, model.turn(pair, place.row)?)));
    let Some((pair, [a, b], [cos, sin])) = turn else {
        return of_head(eq, trace, product);
    };
    let is_query = matches!(product, Product::Query(_));
    eq.sentence = format!(
        "{}, one of the head's numbers: the normed stream times its weights, then turned with its \
         partner by an angle that grows with the position (RoPE), so that a query and a key meet by \
         how far they are apart.",
        if is_query {
            "What this position asks for"
        } else {
            "What this position offers to be found by"
        }
    );
    let (row, is_first) = (place.row, place.column == a);
    let matrix = matrix_name(trace, product);
    let first = place.at.head.unwrap_or(0) * d_head;
    let from = At::block(SiteName::Ln1, place.at.block);
    let read_a = read(trace, product, from, row, first + a)?;
    let read_b = read(trace, product, from, row, first + b)?;
    let raw = |read: &Read| -> f64 {
        let pairs = read.activations.iter().zip(&read.weights);
        pairs.map(|(&x, &w)| f64::from(x) * f64::from(w)).sum()
    };
    let (cos, sin) = (f64::from(cos), f64::from(sin));
    let [of_a, of_b] = if is_first { [cos, -sin] } else { [sin, cos] };
    let [said_a, said_b] = if is_first {
        ["cos θ", "− b · sin θ"]
    } else {
        ["sin θ", "+ b · cos θ"]
    };
    eq.formula = format!("{place} = a · {said_a} {said_b}, with a and b before turning");
    let frequency = model.frequencies().and_then(|f| f.get(pair)).copied();
    let angle = row as f64 * frequency.unwrap_or(0.0);
    eq.quantity(
        "θ",
        format!(
            "position {row} · {} radians",
            super::written(frequency.unwrap_or(0.0))
        ),
        angle,
    );
    eq.quantity("cos θ", "", cos);
    eq.quantity("sin θ", "", sin);
    let sum = |out: usize| format!("Σᵢ ln1[{row}, i] · {matrix}[{out}, i]");
    eq.quantity("a", sum(first + a), raw(&read_a));
    eq.quantity("b", sum(first + b), raw(&read_b));
    let weights = read_a.weights.iter().zip(&read_b.weights);
    for (i, (&x, (&wa, &wb))) in read_a.activations.iter().zip(weights).enumerate() {
        let source = from.place(row, i);
        let (wa, wb) = (f64::from(wa) * of_a, f64::from(wb) * of_b);
        let factors = vec![Factor::of(x.into(), source), Factor::weight(wa + wb)];
        let name = format!("{source} · {matrix}[{}, {i}] turned", first + place.column);
        eq.term(name, factors, Some(source));
        eq.magnitude += f64::from(x).abs() * (wa.abs() + wb.abs());
    }
    inputs(eq, trace, from, row);
    eq.rounds_a_sum_of(read_a.weights.len());
    say_packed(eq, trace, product);
    Ok(())
}

/// The whole row went in; of z also head by head, as it is shown in either way.
fn inputs(eq: &mut Equation, trace: &Trace, from: At, row: usize) {
    let config = trace.config();
    if from.site == SiteName::Z {
        for head in 0..config.n_heads {
            let at = At::head(SiteName::Z, from.block, head);
            eq.input(at, row..row + 1, 0..config.d_head);
        }
    }
    if let Ok([_, n]) = trace.shape(from) {
        eq.input(from, row..row + 1, 0..n);
    }
}

/// What a matrix is called: after the papers' names.
fn matrix_name(trace: &Trace, product: Product) -> &'static str {
    let gated = trace.model().is_gated();
    match product {
        Product::Query(_) => "W_Q",
        Product::Key(_) => "W_K",
        Product::Value(_) => "W_V",
        Product::AttnOut(_) => "W_O",
        Product::MlpIn(_) if gated => "W_up",
        Product::MlpIn(_) => "W_in",
        Product::MlpGate(_) => "W_gate",
        Product::MlpOut(_) if gated => "W_down",
        Product::MlpOut(_) => "W_out",
        Product::Head => "W_U",
    }
}

/// GPT-2 adds a bias to every product but the last; Llama to none.
fn has_bias(trace: &Trace, product: Product) -> bool {
    !trace.model().is_gated() && product != Product::Head
}

fn say_packed(eq: &mut Equation, trace: &Trace, product: Product) {
    if trace.model().is_packed(product) {
        eq.sentence.push_str(
            " These weights are quantized: the product reads its inputs rounded to nearly 16 bits, \
             32 numbers to a scale, and so they stand here.",
        );
    }
}
