//! One weight's last step: its gradient, sample by sample, and what the optimizer made of it.

use super::super::batch::Batch;
use super::super::exact::Trace;
use super::super::session::LastStep;
use super::super::settings::{Optimizer, Player, Settings};
use super::super::shape::Distribution;
use super::super::state::{State, WeightAt};
use super::words::{Explanation, Line, Term, number, sum_of};

/// The last step of the weight at `at`: what each sample of its batch asked for, their mean, and the
/// step that the optimizer made of it. `None` where the step was another network's or has no such weight.
#[must_use]
pub fn weight(step: &LastStep, at: WeightAt) -> Option<Explanation> {
    let network = step.before.of(step.player);
    let position = network.position(at).filter(|_| at.player == step.player)?;
    let (gradient, after) = (*step.gradients.get(position)?, *step.after.get(position)?);
    let before = f64::from(step.before.weight(at)?);

    let pulls = pulls(step, at);
    let n = step.settings.batch as f64;
    let mut value = 0.0;
    let mut lines = Vec::new();
    for (name, equation, terms) in pulls {
        let sum: f64 = terms.iter().map(|term| term.iter().product::<f64>()).sum();
        let terms = terms.into_iter().map(|factors| Term { factors });
        lines.push(Line {
            name,
            equation,
            numbers: format!("({}) / {n}", sum_of(terms.collect(), None)),
            value: sum / n,
            shown: None,
        });
        value += sum / n;
    }
    let parts: Vec<String> = lines.iter().map(|line| number(line.value)).collect();
    lines.push(Line {
        name: "gradient".to_owned(),
        equation: "∂loss/∂w".to_owned(),
        numbers: parts.join(" + "),
        value,
        shown: Some(gradient.into()),
    });
    lines.extend(optimizer_lines(step, position, value, before, after));
    Some(Explanation {
        title: format!("{}, by its last step", name_of(at)),
        lines,
    })
}

/// "D's weight from input 2 into neuron 5 of layer 1", everything counted from 1.
fn name_of(at: WeightAt) -> String {
    let (letter, layer, neuron) = (at.player.letter(), at.layer + 1, at.neuron + 1);
    match at.input {
        Some(input) => {
            let input = input + 1;
            format!("{letter}'s weight from input {input} into neuron {neuron} of layer {layer}")
        }
        None => format!("{letter}'s bias of neuron {neuron} of layer {layer}"),
    }
}

fn optimizer_lines(
    step: &LastStep,
    position: usize,
    gradient: f64,
    before: f64,
    after: f32,
) -> Vec<Line> {
    let rate = step.settings.of(step.player).learning_rate;
    let moments = &step.before.of(step.player).moments;
    let new_weight = |equation: &str, numbers: String, value: f64| Line {
        name: "weight after the step".to_owned(),
        equation: equation.to_owned(),
        numbers,
        value,
        shown: Some(after.into()),
    };
    if moments.optimizer == Optimizer::Sgd {
        let numbers = format!(
            "{} − {} · {}",
            number(before),
            number(rate),
            number(gradient)
        );
        return vec![new_weight(
            "w − rate · gradient",
            numbers,
            before - rate * gradient,
        )];
    }
    let of = |moment: &[f32]| moment.get(position).map_or(0.0, |&m| f64::from(m));
    let (mean, square) = (of(&moments.mean), of(&moments.square));
    let (beta1, beta2) = (Optimizer::BETA1, Optimizer::BETA2);
    let n = moments.n_steps as i32 + 1;
    let new_mean = beta1 * mean + (1.0 - beta1) * gradient;
    let new_square = beta2 * square + (1.0 - beta2) * gradient * gradient;
    let mean_hat = new_mean / (1.0 - beta1.powi(n));
    let square_hat = new_square / (1.0 - beta2.powi(n));
    let value = before - rate * mean_hat / (square_hat.sqrt() + Optimizer::EPSILON);
    let line = |name: &str, equation: &str, numbers: String, value: f64| Line {
        name: name.to_owned(),
        equation: equation.to_owned(),
        numbers,
        value,
        shown: None,
    };
    vec![
        line(
            "running mean m̂",
            "(β₁ m + (1 − β₁) gradient) / (1 − β₁ⁿ)",
            format!(
                "({beta1} · {} + {} · {}) / (1 − {beta1}^{n})",
                number(mean),
                1.0 - beta1,
                number(gradient)
            ),
            mean_hat,
        ),
        line(
            "running square v̂",
            "(β₂ v + (1 − β₂) gradient²) / (1 − β₂ⁿ)",
            format!(
                "({beta2} · {} + 0.001 · {}²) / (1 − {beta2}^{n})",
                number(square),
                number(gradient)
            ),
            square_hat,
        ),
        new_weight(
            "w − rate · m̂ / (√v̂ + ε)",
            format!(
                "{} − {} · {} / (√{} + 1e−8)",
                number(before),
                number(rate),
                number(mean_hat),
                number(square_hat)
            ),
            value,
        ),
    ]
}

type Pulls = Vec<(String, String, Vec<Vec<f64>>)>;

/// For each kind of sample: its name, its equation, and each sample's product, not yet divided by the
/// size of the batch.
fn pulls(step: &LastStep, at: WeightAt) -> Pulls {
    let (state, settings) = (&*step.before, &*step.settings);
    let distribution = Distribution::of(&settings.shape);
    let batch = Batch::next(step.player, state, settings, &distribution);
    let through = match at.input {
        Some(_) => "what comes in along the weight · ∂(its loss)/∂(the neuron's sum)",
        None => "∂(its loss)/∂(the neuron's sum)",
    };
    let equation = |of: &str| format!("mean over {of}: {through}");
    let noisy = |point: [f64; 2], noise: &[f32; 2]| {
        [
            point[0] + f64::from(noise[0]),
            point[1] + f64::from(noise[1]),
        ]
    };
    let product = |trace: &Trace, deltas: &[Vec<f64>]| {
        let delta = deltas[at.layer][at.neuron];
        match at.input {
            Some(input) => vec![trace.values[at.layer][input], delta],
            None => vec![delta],
        }
    };
    match step.player {
        Player::Generator => {
            let pull = |(z, noise): (&[f32; 2], &[f32; 2])| {
                let made = Trace::of(&state.g, z.map(f64::from));
                let seen = Trace::of(&state.d, noisy(at_point(&made), noise));
                let slope = settings.loss.generator_slope(seen.verdict());
                let (_, by_point) = seen.back(&state.d, &[slope]);
                let (deltas, _) = made.back(&state.g, &by_point);
                product(&made, &deltas)
            };
            let terms = batch.z.iter().zip(&batch.fake_noise).map(pull).collect();
            vec![("fakes' part".to_owned(), equation("fakes"), terms)]
        }
        Player::Discriminator => {
            let reals = batch.real.iter().zip(&batch.real_noise);
            let reals: Vec<_> = reals.map(|(x, n)| noisy(x.map(f64::from), n)).collect();
            let fakes = batch.z.iter().zip(&batch.fake_noise);
            let made = |z: &[f32; 2]| at_point(&Trace::of(&state.g, z.map(f64::from)));
            let fakes: Vec<_> = fakes.map(|(z, n)| noisy(made(z), n)).collect();
            let pull = |point: &[f64; 2], slope: &dyn Fn(f64) -> f64| {
                let trace = Trace::of(&state.d, *point);
                let (deltas, _) = trace.back(&state.d, &[slope(trace.verdict())]);
                product(&trace, &deltas)
            };
            let real = |output| settings.loss.real_slope(output, settings.label_smoothing);
            let fake = |output| settings.loss.fake_slope(output);
            let mut pulls = vec![
                (
                    "real samples' part".to_owned(),
                    equation("real samples"),
                    reals.iter().map(|point| pull(point, &real)).collect(),
                ),
                (
                    "fakes' part".to_owned(),
                    equation("fakes"),
                    fakes.iter().map(|point| pull(point, &fake)).collect(),
                ),
            ];
            if settings.penalizes() {
                let pairs = reals.iter().zip(&fakes).zip(&batch.mix);
                let terms = pairs.map(|((real, fake), &mix)| {
                    let mix = f64::from(mix);
                    let between = |axis: usize| mix * real[axis] + (1.0 - mix) * fake[axis];
                    penalty_pull(state, settings, at, [between(0), between(1)])
                });
                pulls.push((
                    "penalty's part".to_owned(),
                    "mean over points between: 2λ (|∇D| − 1) · ∂|∇D|/∂w".to_owned(),
                    terms.collect(),
                ));
            }
            pulls
        }
    }
}

fn at_point(made: &Trace) -> [f64; 2] {
    let output = made.output();
    [output[0], output[1]]
}

/// 2λ(|∇D| − 1) times the two factors of ∂|∇D|/∂w: what reaches the weight when the slope's own
/// direction is sent forward, and what it is multiplied with to the output. A bias has no part in it.
fn penalty_pull(state: &State, settings: &Settings, at: WeightAt, point: [f64; 2]) -> Vec<f64> {
    let Some(input) = at.input else {
        return vec![0.0];
    };
    let trace = Trace::of(&state.d, point);
    let (_, [gx, gy]) = trace.back(&state.d, &[1.0]);
    let length = (gx * gx + gy * gy + 1e-12).sqrt();
    let parts = trace.slope_parts(&state.d, [gx / length, gy / length]);
    let scale = 2.0 * settings.penalty * (length - 1.0);
    vec![
        scale,
        parts.forward[at.layer][input],
        parts.backward[at.layer][at.neuron],
    ]
}
