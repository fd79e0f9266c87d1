//! What diffusers' schedulers do from the same noise with the same denoiser
//! (`tests/data/make_diffusion_fixtures.py`).

use super::*;
use serde_json::Value;
use std::convert::Infallible;

fn oracle() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/diffusion.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|x| x.as_f64().unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|x| x as f32).collect()
}

fn schedule(name: &Value) -> Schedule {
    match name.as_str() {
        Some("linear") => Schedule::LINEAR,
        _ => Schedule::Cosine,
    }
}

/// The exact denoiser for numbers that are +m or −m with equal chance, blurred by `sd`.
struct TwoGaussians {
    means: Vec<f64>,
    sd: f64,
}

impl TwoGaussians {
    fn x0(&self, x_t: &[f32], level: &Level) -> Vec<f32> {
        let (alpha, signal) = (level.alpha_cumprod, level.signal());
        let variance = self.sd * self.sd * alpha + 1.0 - alpha;
        let gain = self.sd * self.sd * signal / variance;
        let each = x_t.iter().zip(&self.means).map(|(&x, m)| {
            let x = f64::from(x);
            let plus = 1.0 / (1.0 + (-2.0 * m * signal * x / variance).exp());
            let near = |m: f64| m + gain * (x - signal * m);
            (plus * near(*m) + (1.0 - plus) * near(-m)) as f32
        });
        each.collect()
    }
}

#[test]
fn the_schedules_are_those_of_diffusers() {
    let oracle = oracle();
    // As diffusers computes them, in f32; and the same code in f64.
    for (set, tolerance) in [("curves", 1e-6), ("exact", 1e-12)] {
        for (name, curve) in oracle[set].as_object().unwrap() {
            let levels = schedule(&Value::from(name.as_str())).levels();
            for pair in curve.as_array().unwrap() {
                let (t, theirs) = (pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap());
                let ours = levels.at(t).alpha_cumprod;
                assert!((ours - theirs).abs() < tolerance, "{set} {name} {t}");
            }
        }
    }
}

#[test]
fn every_sampler_goes_the_way_of_diffusers_to_a_millionth() {
    let oracle = oracle();
    let denoiser = TwoGaussians {
        means: numbers(&oracle["means"]),
        sd: oracle["sd"].as_f64().unwrap(),
    };
    let noises: Vec<Vec<f32>> = oracle["noise"]
        .as_array()
        .unwrap()
        .iter()
        .map(floats)
        .collect();
    for run in oracle["runs"].as_array().unwrap() {
        let sampler: Sampler = serde_json::from_value(run["sampler"].clone()).unwrap();
        let spacing: Spacing = serde_json::from_value(run["spacing"].clone()).unwrap();
        let states = run["states"].as_array().unwrap();
        let what = format!(
            "{sampler:?} {spacing:?} {} {}",
            run["schedule"], run["prediction"]
        );
        let prediction = match run["prediction"].as_str() {
            Some("sample") => Prediction::X0,
            Some("epsilon") => Prediction::Epsilon,
            _ => Prediction::V,
        };
        let levels = schedule(&run["schedule"]).levels();
        let stops = plan(&levels, spacing, states.len()).unwrap();
        for (stop, theirs) in stops.iter().zip(numbers(&run["t"])) {
            assert!(
                (stop.t - theirs).abs() < 1e-6,
                "{what}: {} {theirs}",
                stop.t
            );
        }
        // The output is what a network of that kind gives, turned into x₀ again.
        let predict = |x_t: &[f32], level: &Level| {
            let x0 = denoiser.x0(x_t, level);
            let output = prediction.target(&x0, &level.noise_in(x_t, &x0), level);
            let x0 = match prediction {
                // Far up ε in f32 does not tell x₀; diffusers computed in f64.
                Prediction::Epsilon if level.sigma() > 10.0 => x0,
                _ => prediction.x0(&output, x_t, level),
            };
            let limit = if run["clip"] == true { 1.0 } else { f32::MAX };
            x0.iter()
                .map(|x| x.clamp(-limit, limit))
                .collect::<Vec<_>>()
        };
        let mut x_t = floats(&oracle["start"]);
        for (i, theirs) in states.iter().enumerate() {
            let ends = [&stops[i], &stops[i + 1]];
            let x0 = predict(&x_t, ends[0]);
            let mut again = |x: &[f32], level: &Level| Ok::<_, Infallible>(predict(x, level));
            x_t = match sampler.step(ends, &x_t, &x0, &noises[i], &mut again) {
                Ok(x) => x,
                Err(never) => match never {},
            };
            for (ours, theirs) in x_t.iter().zip(numbers(theirs)) {
                let gap = (f64::from(*ours) - theirs).abs();
                assert!(
                    gap < 1e-6 * theirs.abs().max(1.0),
                    "{what}, step {i}: {gap}"
                );
            }
        }
    }
}
