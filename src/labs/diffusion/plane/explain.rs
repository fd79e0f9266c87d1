//! Where the next place of a point comes from: the network's sums, what they say of the clean point, and
//! the step, each with its real terms, computed again in f64.

use super::network::inputs_of;
use super::session::ask;
use super::{Method, State};
use crate::algo::diffusion::Prediction;
pub use crate::labs::gan::plane::explain::{Explanation, Line};
use crate::labs::gan::plane::explain::{Term, number, sum_of};

/// The network in f64 at one point and time.
struct Trace {
    /// What goes into each layer; the last is what comes out.
    values: Vec<Vec<f64>>,
    sums: Vec<Vec<f64>>,
}

impl Trace {
    fn of(state: &State, point: [f64; 2], s: f64) -> Self {
        let layers = &state.network.layers;
        let mut trace = Self {
            values: vec![inputs_of(point, s)],
            sums: Vec::new(),
        };
        for (l, layer) in layers.iter().enumerate() {
            let inputs = &trace.values[l];
            let sums: Vec<f64> = (0..layer.n_out)
                .map(|j| {
                    let terms = inputs.iter().enumerate();
                    let products =
                        terms.map(|(i, x)| x * f64::from(layer.weight[i * layer.n_out + j]));
                    products.sum::<f64>() + f64::from(layer.bias[j])
                })
                .collect();
            let last = l + 1 == layers.len();
            let after = |&sum: &f64| if last { sum } else { silu(sum) };
            trace.values.push(sums.iter().map(after).collect());
            trace.sums.push(sums);
        }
        trace
    }
}

fn silu(x: f64) -> f64 {
    x / (1.0 + (-x).exp())
}

/// Where a point at time `from` goes by time `to` (DDIM without noise, or along the flow): what the
/// network says there, the clean point that it means, and the step; first across, then up.
#[must_use]
pub fn step(
    state: &State,
    method: Method,
    point: [f32; 2],
    [from, to]: [f64; 2],
) -> Vec<Explanation> {
    let at = point.map(f64::from);
    let trace = Trace::of(state, at, from);
    let said = ask(&state.network, &point, from);
    let x0 = method.x0(&said, &point, from);
    let mut again = |x: &[f32], s: f64| ask(&state.network, x, s);
    let next = method.step(&point, [from, to], &[0.0; 2], &mut again);
    let mut explanations = vec![neurons(state, &trace)];
    for (axis, name) in ["x", "y"].into_iter().enumerate() {
        let shown = [&said, &x0, &next].map(|pair| pair.get(axis).copied().map(f64::from));
        explanations.push(Explanation {
            title: format!("Along {name}, from s = {from:.2} to {to:.2}"),
            lines: lines(state, method, &trace, axis, [from, to], shown),
        });
    }
    explanations
}

/// The neuron of each hidden layer that says most.
fn neurons(state: &State, trace: &Trace) -> Explanation {
    let layers = &state.network.layers;
    let n_hidden = layers.len() - 1;
    let lines = layers.iter().take(n_hidden).enumerate().map(|(l, layer)| {
        let loudest = |&a: &usize, &b: &usize| {
            let size = |j: usize| trace.values[l + 1][j].abs();
            size(a).total_cmp(&size(b))
        };
        let j = (0..layer.n_out).max_by(loudest).unwrap_or_default();
        let inputs = if l == 0 {
            "xᵢ: the point, and sin and cos of the time at four speeds"
        } else {
            "hᵢ: the layer before"
        };
        Line {
            name: format!("layer {}, neuron {}", l + 1, j + 1),
            equation: format!("SiLU(Σ inputᵢ wᵢ + b), SiLU(a) = a / (1 + e^−a); {inputs}"),
            numbers: format!("SiLU({})", terms(state, trace, l, j)),
            value: trace.values[l + 1][j],
            shown: None,
        }
    });
    let [x, y] = [0, 1].map(|axis| number(trace.values[0][axis]));
    Explanation {
        title: format!("In the network at ({x}, {y}): the loudest neuron of each layer"),
        lines: lines.collect(),
    }
}

/// The sum of a neuron, written out.
fn terms(state: &State, trace: &Trace, l: usize, j: usize) -> String {
    let layer = &state.network.layers[l];
    let inputs = trace.values[l].iter().enumerate();
    let terms = inputs.map(|(i, &input)| Term {
        factors: vec![input, f64::from(layer.weight[i * layer.n_out + j])],
    });
    sum_of(terms.collect(), Some(f64::from(layer.bias[j])))
}

/// What comes out along one axis, what it means, and the step.
fn lines(
    state: &State,
    method: Method,
    trace: &Trace,
    axis: usize,
    [from, to]: [f64; 2],
    [said, x0_shown, next_shown]: [Option<f64>; 3],
) -> Vec<Line> {
    let last = state.network.layers.len() - 1;
    let (x, output) = (trace.values[0][axis], trace.sums[last][axis]);
    let name = ["x", "y"][axis];
    let letter = match method {
        Method::Diffusion(Prediction::X0, _) => "x̂₀",
        Method::Diffusion(Prediction::Epsilon, _) => "ε̂",
        Method::Diffusion(Prediction::V, _) | Method::Flow => "v̂",
    };
    let mut lines = vec![Line {
        name: format!("the network says {letter}"),
        equation: format!("{letter} = Σ hᵢ wᵢ + b"),
        numbers: terms(state, trace, last, axis),
        value: output,
        shown: said,
    }];
    let n = in_brackets;
    let [signal, noise] = method.parts(from);
    let x0 = match method {
        Method::Diffusion(Prediction::X0, _) => output,
        Method::Diffusion(Prediction::Epsilon, _) => (x - noise * output) / signal,
        Method::Diffusion(Prediction::V, _) => signal * x - noise * output,
        Method::Flow => x - from * output,
    };
    let meant = match method {
        Method::Diffusion(Prediction::X0, _) => None,
        Method::Diffusion(Prediction::Epsilon, _) => Some((
            "x̂₀ = (x − √(1 − ᾱ) ε̂) / √ᾱ",
            format!("({} − {}·{}) / {}", n(x), n(noise), n(output), n(signal)),
        )),
        Method::Diffusion(Prediction::V, _) => Some((
            "x̂₀ = √ᾱ x − √(1 − ᾱ) v̂",
            format!("{}·{} − {}·{}", n(signal), n(x), n(noise), n(output)),
        )),
        Method::Flow => Some((
            "x̂₀ = x − s v̂",
            format!("{} − {}·{}", n(x), n(from), n(output)),
        )),
    };
    lines.extend(meant.map(|(equation, numbers)| Line {
        name: "where it came from (the clean point)".to_owned(),
        equation: equation.to_owned(),
        numbers,
        value: x0,
        shown: x0_shown,
    }));
    let (equation, numbers, value) = if method == Method::Flow {
        let value = x + (to - from) * output;
        let numbers = format!("{} + ({} − {})·{}", n(x), n(to), n(from), n(output));
        ("x′ = x + (s′ − s) v̂", numbers, value)
    } else {
        let epsilon = (x - signal * x0) / noise;
        lines.push(Line {
            name: "the noise in it".to_owned(),
            equation: "ε̂ = (x − √ᾱ x̂₀) / √(1 − ᾱ)".to_owned(),
            numbers: format!("({} − {}·{}) / {}", n(x), n(signal), n(x0), n(noise)),
            value: epsilon,
            shown: None,
        });
        let [signal, noise] = method.parts(to);
        let value = signal * x0 + noise * epsilon;
        let numbers = format!("{}·{} + {}·{}", n(signal), n(x0), n(noise), n(epsilon));
        ("x′ = √ᾱ′ x̂₀ + √(1 − ᾱ′) ε̂", numbers, value)
    };
    lines.push(Line {
        name: format!("{name} after the step"),
        equation: equation.to_owned(),
        numbers,
        value,
        shown: next_shown,
    });
    lines
}

/// A number that stands after a sign.
fn in_brackets(x: f64) -> String {
    if x < 0.0 {
        format!("({})", number(x))
    } else {
        number(x)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Session, Settings, onward};
    use super::*;

    #[test]
    fn every_method_is_explained_to_what_is_shown() {
        for method in Method::all() {
            let settings = Settings {
                method,
                width: 16,
                ..Settings::default()
            };
            let mut session = Session::new(&settings, 2);
            for _ in 0..50 {
                session.step().unwrap();
            }
            let point = [0.3, -0.5];
            let way = onward(session.state(), method, point, 3, 10);
            let told = step(session.state(), method, point, [0.7, 0.6]);
            assert_eq!(told.len(), 3);
            for (axis, told) in told[1..].iter().enumerate() {
                assert!(told.greatest_difference() < 1e-5, "{method:?}: {told:?}");
                let value = told.result().unwrap().value;
                assert!((value - f64::from(way[1][axis])).abs() < 1e-5, "{method:?}");
            }
        }
    }
}
