//! The autoencoder against what PyTorch computes on the same weights
//! (`tests/data/make_autoencoder_fixture.py`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it meets what it did not expect"
)]

use candle_core::{Device, Tensor};
use glassbox::files::weights::WeightFile;
use glassbox::models::autoencoder::{Autoencoder, Config};
use glassbox::nn::layers::Parameters;
use glassbox::nn::optimizer::{Adam, AdamConfig, Gradients};
use std::path::Path;

/// Numbers that are kept of a tensor, at most twice as many.
const KEPT: usize = 61;

/// Evenly spread in −1..1, by the hash of the script.
fn numbers(seed: u64, shape: &[usize]) -> Vec<f64> {
    let n: usize = shape.iter().product();
    let number = |i: u64| {
        let mut x = ((i + 1) * 2_654_435_761 + seed * 40503) % (1 << 32);
        x = (x ^ (x >> 15)) * 739_982_445 % (1 << 32);
        x = (x ^ (x >> 12)) * 695_872_825 % (1 << 32);
        (x >> 8) as f64 / f64::from(1 << 23) - 1.0
    };
    (0..n as u64).map(number).collect()
}

fn tensor(values: &[f64], shape: &[usize]) -> Tensor {
    let values: Vec<f32> = values.iter().map(|x| *x as f32).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

fn weights(config: &Config) -> Parameters {
    let mut parameters = Parameters::default();
    for (name, shape) in config.tensors() {
        let seed = name.bytes().map(u64::from).sum();
        let n_summed = shape.iter().rev().skip(1).product::<usize>();
        let scale = if shape.len() > 1 {
            (3.0 / n_summed as f64).sqrt()
        } else {
            0.1
        };
        let values = numbers(seed, &shape);
        let values: Vec<f64> = values.iter().map(|x| x * scale).collect();
        parameters.add(name, &tensor(&values, &shape)).unwrap();
    }
    parameters
}

struct Fixture(WeightFile);

impl Fixture {
    fn open() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        Self(WeightFile::open(&folder.join("autoencoder.safetensors")).unwrap())
    }

    /// Whether the numbers of `ours` that were kept are within 1e-5 of `PyTorch`'s, of the largest
    /// of them or of `least`.
    fn agrees(&self, name: &str, ours: &Tensor, least: f32) {
        let ours = ours.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let every = (ours.len() / KEPT).max(1);
        let ours: Vec<f32> = ours.into_iter().step_by(every).collect();
        let entry = self.0.get(name).unwrap_or_else(|| panic!("no {name}"));
        let theirs = self.0.f32s(entry).unwrap();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let size = theirs.iter().fold(least, |most, x| most.max(x.abs()));
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let gap = (ours - theirs).abs();
            assert!(gap <= 1e-5 * size, "{name}, number {i}: {ours}, {theirs}");
        }
    }
}

const CONFIG: Config = Config {
    d_code: 5,
    side: 16,
    n_channels: 3,
    width: 8,
};

fn network(parameters: &Parameters) -> Autoencoder {
    let find = &mut |name: &str, _: &[usize]| Ok(parameters.get(name).unwrap().as_tensor().clone());
    Autoencoder::new(CONFIG, find).unwrap()
}

#[test]
fn every_code_picture_gradient_and_step_of_the_autoencoder_is_pytorchs() {
    let fixture = Fixture::open();
    let parameters = weights(&CONFIG);
    let network = network(&parameters);
    let pictures = [3, 16, 16, 3];
    let x = tensor(&numbers(1, &pictures), &pictures);
    let codes = network.encode(&x).unwrap();
    fixture.agrees("codes", &codes, 1.0);
    let y = network.decode(&codes).unwrap();
    fixture.agrees("y", &y, 1.0);
    let loss = (y - x).unwrap().sqr().unwrap().mean_all().unwrap();
    fixture.agrees("loss", &loss, 1.0);
    let mut gradients = Gradients::default();
    let store = loss.backward().unwrap();
    gradients.add(&parameters, store).unwrap();
    for ((name, _), gradient) in parameters.iter().zip(gradients.tensors()) {
        fixture.agrees(&format!("gradient.{name}"), gradient, 0.01);
    }
    let adam = AdamConfig {
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-3,
    };
    let mut optimizer = Adam::new(&parameters, adam).unwrap();
    optimizer.step(&gradients, 1e-2).unwrap();
    for (name, var) in parameters.iter() {
        fixture.agrees(&format!("stepped.{name}"), var, 1.0);
    }
}

#[test]
fn codes_in_another_measure_unfold_into_the_same_pictures() {
    let network = network(&weights(&CONFIG));
    let pictures = [3, 16, 16, 3];
    let x = tensor(&numbers(1, &pictures), &pictures);
    let (mean, scale) = ([0.5, -2.0, 0.0, 1.0, 3.0], [2.0, 0.1, 1.0, 5.0, 0.7]);
    let rescaled = network.rescaled(&mean, &scale).unwrap();
    let codes = |network: &Autoencoder| network.encode(&x).unwrap().to_vec2::<f32>().unwrap();
    for (before, after) in codes(&network).iter().zip(codes(&rescaled)) {
        for (j, after) in after.into_iter().enumerate() {
            let moved = (before[j] - mean[j]) / scale[j];
            assert!((moved - after).abs() < 1e-4, "{moved} {after}");
        }
    }
    let gap = (network.forward(&x).unwrap() - rescaled.forward(&x).unwrap()).unwrap();
    let gap = gap.abs().unwrap().max_all().unwrap();
    assert!(gap.to_scalar::<f32>().unwrap() < 1e-5);
}
