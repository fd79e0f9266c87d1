//! Where a number on the plane comes from: its equation with the real terms, computed again in f64 from
//! the weights, beside the number that is shown.

mod weight;
mod words;

pub use weight::weight;
pub use words::{Explanation, Line};
pub(in crate::labs) use words::{Term, number, sum_of};

use super::batch::shown_mix;
use super::exact::Trace;
use super::settings::{Player, Settings};
use super::state::{Network, State};
use super::{N_SHOWN, Turn};
use crate::labs::gan::{Loss, Reading, sigmoid};

/// So many neurons of a layer are written out: those that the output hangs on most.
const MOST_NEURONS: usize = 3;
/// So many samples of a mean are written out.
const MOST_SAMPLES: usize = 3;

/// What every neuron gives for one input (a point for D, a z for G): the input, then each layer's
/// values; for drawing a network at work.
#[must_use]
pub fn activations(state: &State, player: Player, input: [f32; 2]) -> Vec<Vec<f64>> {
    Trace::of(state.of(player), input.map(f64::from)).values
}

/// D at a point, layer by layer: `shown` is its raw output there.
#[must_use]
pub fn output(state: &State, loss: Loss, point: [f32; 2], shown: f32) -> Explanation {
    let [x, y] = point.map(f64::from);
    let trace = Trace::of(&state.d, [x, y]);
    let mut lines = layers(&state.d, &trace);
    let value = trace.verdict();
    if let Some(last) = lines.last_mut() {
        last.shown = Some(shown.into());
    }
    if loss.reading() == Reading::Probability {
        lines.push(Line {
            name: "D".to_owned(),
            equation: "D = 1 / (1 + e^−output)".to_owned(),
            numbers: format!("1 / (1 + e^{})", number(-value)),
            value: sigmoid(value),
            shown: Some(sigmoid(shown.into())),
        });
    }
    Explanation {
        title: format!("D at ({}, {})", number(x), number(y)),
        lines,
    }
}

/// Where G carries one z: its coordinate `axis` (0 across, 1 up).
#[must_use]
pub fn generated(state: &State, z: [f32; 2], axis: usize, shown: f32) -> Explanation {
    let [a, b] = z.map(f64::from);
    let mut trace = Trace::of(&state.g, [a, b]);
    let axis = axis.min(1);
    // The coordinate asked for as the only output.
    let mut network = state.g.clone();
    if let Some(layer) = network.layers.last_mut() {
        let column = layer.weight.iter().skip(axis).step_by(layer.n_out);
        (layer.weight, layer.bias) = (column.copied().collect(), vec![layer.bias[axis]]);
        layer.n_out = 1;
    }
    if let (Some(sums), Some(values)) = (trace.sums.last_mut(), trace.values.last_mut()) {
        (*sums, *values) = (vec![sums[axis]], vec![values[axis]]);
    }
    let mut lines = layers(&network, &trace);
    if let Some(last) = lines.last_mut() {
        ["x", "y"][axis].clone_into(&mut last.name);
        last.shown = Some(shown.into());
    }
    Explanation {
        title: format!("G at z = ({}, {})", number(a), number(b)),
        lines,
    }
}

/// The neurons that matter most of each hidden layer, then the output, of a network with one output.
fn layers(network: &Network, trace: &Trace) -> Vec<Line> {
    let mut lines = Vec::new();
    let (deltas, _) = trace.back(network, &[1.0]);
    let last = network.layers.len() - 1;
    for (l, layer) in network.layers.iter().enumerate() {
        let inputs = &trace.values[l];
        // What the output would lose without the neuron, to first order: its sum times ∂output/∂sum.
        let weight_of = |j: usize| (trace.sums[l][j] * deltas[l][j]).abs();
        let mut neurons: Vec<usize> = (0..layer.n_out).collect();
        neurons.sort_by(|&a, &b| weight_of(b).total_cmp(&weight_of(a)));
        for &j in neurons.iter().take(MOST_NEURONS) {
            let terms = inputs.iter().enumerate().map(|(i, &input)| Term {
                factors: vec![input, f64::from(layer.weight[i * layer.n_out + j])],
            });
            let bias = f64::from(layer.bias[j]);
            let sum = sum_of(terms.collect(), Some(bias));
            let input = input_name(l);
            let (sums, value) = (trace.sums[l][j], trace.values[l + 1][j]);
            lines.push(if l == last {
                Line {
                    name: "output".to_owned(),
                    equation: format!("output = Σ {input}ᵢ wᵢ + b"),
                    numbers: sum,
                    value,
                    shown: None,
                }
            } else {
                let slope = if sums >= 0.0 {
                    String::new()
                } else {
                    "0.2 · ".to_owned()
                };
                Line {
                    name: format!("layer {}, neuron {}", l + 1, j + 1),
                    equation: format!("φ(Σ {input}ᵢ wᵢ + b), φ(s) = s from 0 on, 0.2 s below"),
                    numbers: format!("{slope}({sum})"),
                    value,
                    shown: None,
                }
            });
        }
    }
    lines
}

fn input_name(layer: usize) -> &'static str {
    if layer == 0 { "x" } else { "h" }
}

/// A player's loss over the points shown.
#[must_use]
pub fn loss(turn: &Turn, settings: &Settings, player: Player) -> Explanation {
    let settings = settings.checked();
    let (loss, smoothing) = (settings.loss, settings.label_smoothing);
    let verdicts = |points: &[[f32; 2]]| -> Vec<f64> {
        let verdict = |p: &[f32; 2]| Trace::of(&turn.state.d, p.map(f64::from)).verdict();
        points.iter().map(verdict).collect()
    };
    let fakes = verdicts(&turn.fakes);
    let [equation_d, equation_g] = loss.formulas();
    let (lines, value, equation, shown) = match player {
        Player::Generator => {
            let line = mean("fakes", "G(z)", &fakes, |output| {
                loss.generator_term(output)
            });
            let value = line.value;
            (vec![line], value, equation_g, turn.loss_g)
        }
        Player::Discriminator => {
            let reals = verdicts(&turn.reals);
            let mut lines = vec![
                mean("real", "x", &reals, |output| {
                    loss.real_term(output, smoothing)
                }),
                mean("fakes", "G(z)", &fakes, |output| loss.fake_term(output)),
            ];
            if settings.penalizes() {
                lines.push(penalty(turn, &settings));
            }
            let value = lines.iter().map(|line| line.value).sum();
            (lines, value, equation_d, turn.loss_d)
        }
    };
    let parts: Vec<String> = lines.iter().map(|line| number(line.value)).collect();
    let total = Line {
        name: format!("loss of {}", player.letter()),
        equation: equation.to_owned(),
        numbers: parts.join(" + "),
        value,
        shown: Some(shown.into()),
    };
    Explanation {
        title: format!("What {} lowers: {}", player.name(), loss.name()),
        lines: lines.into_iter().chain([total]).collect(),
    }
}

/// The mean of a loss's part over samples with these outputs.
fn mean(name: &str, of: &str, outputs: &[f64], term: impl Fn(f64) -> f64) -> Line {
    let n = outputs.len();
    let terms: Vec<f64> = outputs.iter().map(|&output| term(output)).collect();
    let written = terms.iter().zip(outputs).take(MOST_SAMPLES);
    let written: Vec<String> = written
        .map(|(term, output)| format!("{} (output {})", number(*term), number(*output)))
        .collect();
    Line {
        name: format!("mean over {n} {name}"),
        equation: format!("the part of each {of} in the loss, added up, divided by {n}"),
        numbers: format!(
            "({} + … {} more) / {n}",
            written.join(" + "),
            n.saturating_sub(MOST_SAMPLES)
        ),
        value: terms.iter().sum::<f64>() / n.max(1) as f64,
        shown: None,
    }
}

fn penalty(turn: &Turn, settings: &Settings) -> Line {
    let d = &turn.state.d;
    let mix = shown_mix(turn.state.seed, N_SHOWN);
    let mut lengths = Vec::new();
    for ((real, fake), part) in turn.reals.iter().zip(&turn.fakes).zip(mix) {
        let between = |axis: usize| {
            let part = f64::from(part);
            part * f64::from(real[axis]) + (1.0 - part) * f64::from(fake[axis])
        };
        let trace = Trace::of(d, [between(0), between(1)]);
        let (_, [gx, gy]) = trace.back(d, &[1.0]);
        lengths.push(gx.hypot(gy));
    }
    let n = lengths.len().max(1);
    let written: Vec<String> = lengths
        .iter()
        .take(MOST_SAMPLES)
        .map(|g| format!("({} − 1)²", number(*g)))
        .collect();
    let mean = lengths.iter().map(|g| (g - 1.0).powi(2)).sum::<f64>() / n as f64;
    Line {
        name: "penalty".to_owned(),
        equation: "λ · mean (|∇D(x̂)| − 1)², x̂ on the line between a real sample and a fake"
            .to_owned(),
        numbers: format!(
            "{} · ({} + … {} more) / {n}",
            number(settings.penalty),
            written.join(" + "),
            n.saturating_sub(MOST_SAMPLES)
        ),
        value: settings.penalty * mean,
        shown: Some(turn.penalty.into()),
    }
}

/// The arrow on the fake `index`, along `axis` (0 across, 1 up); `None` where there is no such fake.
#[must_use]
pub fn arrow(turn: &Turn, settings: &Settings, index: usize, axis: usize) -> Option<Explanation> {
    let (point, shown) = (turn.fakes.get(index)?, turn.arrows.get(index)?.get(axis)?);
    let d = &turn.state.d;
    let trace = Trace::of(d, point.map(f64::from));
    let (deltas, by_input) = trace.back(d, &[1.0]);
    let first = d.layers.first()?;
    let column = ["x", "y"].get(axis)?;
    let terms = (0..first.n_out).map(|j| Term {
        factors: vec![
            f64::from(first.weight[axis * first.n_out + j]),
            deltas[0][j],
        ],
    });
    let output = trace.verdict();
    let slope = settings.loss.generator_slope(output);
    let lines = vec![
        Line {
            name: format!("∂output/∂{column}"),
            equation: format!(
                "Σ over layer 1's neurons: weight from {column} · ∂output/∂(the neuron's sum)"
            ),
            numbers: sum_of(terms.collect(), None),
            value: by_input[axis],
            shown: None,
        },
        Line {
            name: "∂loss/∂output".to_owned(),
            equation: format!(
                "the slope of “{}” at the output",
                settings.loss.formulas()[1]
            ),
            numbers: format!("at output {}", number(output)),
            value: slope,
            shown: None,
        },
        Line {
            name: format!("arrow along {column}"),
            equation: format!("−∂loss/∂{column} = −∂loss/∂output · ∂output/∂{column}"),
            numbers: format!("−({}) · {}", number(slope), number(by_input[axis])),
            value: -slope * by_input[axis],
            shown: Some((*shown).into()),
        },
    ];
    let [x, y] = point.map(f64::from);
    Some(Explanation {
        title: format!("Where the fake at ({}, {}) is pulled", number(x), number(y)),
        lines,
    })
}
