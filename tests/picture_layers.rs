//! The layers of networks that make pictures, and what trains them, against what PyTorch computes
//! (`tests/data/make_picture_layer_fixtures.py`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it meets what it did not expect"
)]

use candle_core::{Device, Tensor, Var};
use glassbox::files::weights::WeightFile;
use glassbox::nn::activation::Activation;
use glassbox::nn::batch_norm::{batch_norm, batch_norm_frozen, batch_norm_then};
use glassbox::nn::conv::{conv_transpose2d, conv_transpose2d_bias, conv2d, conv2d_bias};
use glassbox::nn::layers::Parameters;
use glassbox::nn::optimizer::{Adam, AdamConfig, Gradients, Sgd, SgdConfig};
use glassbox::nn::spectral_norm::SpectralNorm;
use std::path::Path;

struct Fixture(WeightFile);

impl Fixture {
    fn open() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        Self(WeightFile::open(&folder.join("picture_layers.safetensors")).unwrap())
    }

    fn tensor(&self, name: &str) -> Tensor {
        let entry = self.0.get(name).unwrap_or_else(|| panic!("no {name}"));
        let values = self.0.f32s(entry).unwrap();
        Tensor::from_vec(values, entry.shape.as_slice(), &Device::Cpu).unwrap()
    }

    fn var(&self, name: &str) -> Var {
        Var::from_tensor(&self.tensor(name)).unwrap()
    }

    /// Whether `ours` is within 1e-5 of the tensor of that name, of its largest number or of 1.
    fn agrees(&self, name: &str, ours: &Tensor) {
        let theirs = self.tensor(name);
        assert_eq!(ours.dims(), theirs.dims(), "{name}");
        let largest = |x: &Tensor| {
            let x = x.abs().unwrap().flatten_all().unwrap();
            x.max(0).unwrap().to_scalar::<f32>().unwrap()
        };
        let gap = largest(&(ours - &theirs).unwrap());
        assert!(gap <= 1e-5 * largest(&theirs).max(1.0), "{name}: {gap}");
    }
}

#[test]
fn convolutions_and_their_gradients_are_those_of_pytorch() {
    let fixture = Fixture::open();
    for i in 0..6 {
        for kind in ["conv2d", "conv_transpose2d"] {
            let name = |part: &str| format!("{kind}.{i}.{part}");
            let [x, weight, bias] = ["x", "weight", "bias"].map(|part| fixture.var(&name(part)));
            let geometry = fixture.tensor(&name("geometry")).to_vec1::<f32>().unwrap();
            let (stride, padding) = (geometry[0] as usize, geometry[1] as usize);
            let act = Activation::LeakyRelu(0.2);
            let (fused, plain) = if kind == "conv2d" {
                (
                    conv2d_bias(&x, &weight, &bias, (stride, padding), act),
                    conv2d(&x, &weight, stride, padding),
                )
            } else {
                (
                    conv_transpose2d_bias(&x, &weight, &bias, (stride, padding), act),
                    conv_transpose2d(&x, &weight, stride, padding),
                )
            };
            let pull = fixture.tensor(&name("pull"));
            let composed = act.forward(&plain.unwrap().broadcast_add(&bias).unwrap());
            for y in [fused.unwrap(), composed.unwrap()] {
                fixture.agrees(&name("y"), &y);
                let store = (y * &pull).unwrap().sum_all().unwrap().backward().unwrap();
                for (part, var) in [("dx", &x), ("dweight", &weight), ("dbias", &bias)] {
                    fixture.agrees(&name(part), store.get(var).unwrap());
                }
            }
        }
    }
}

#[test]
fn batch_norm_and_its_gradients_are_those_of_pytorch() {
    let fixture = Fixture::open();
    for (kind, act) in [
        ("relu", Activation::Relu),
        ("tanh", Activation::Tanh),
        ("identity", Activation::Identity),
    ] {
        let name = |part: &str| format!("batch_norm.{kind}.{part}");
        let [x, gain, bias] = ["x", "gain", "bias"].map(|part| fixture.var(&name(part)));
        let fused = batch_norm_then(&x, &gain, &bias, 1e-5, act).unwrap();
        let mut composed = batch_norm(&x, &gain, &bias, 1e-5).unwrap();
        composed.y = act.forward(&composed.y).unwrap();
        let pull = fixture.tensor(&name("pull"));
        for normed in [&fused, &composed] {
            fixture.agrees(&name("y"), &normed.y);
            fixture.agrees(&name("mean"), &normed.mean);
            fixture.agrees(&name("var"), &normed.var);
            let loss = (&normed.y * &pull).unwrap().sum_all().unwrap();
            let store = loss.backward().unwrap();
            for (part, var) in [("dx", &x), ("dgain", &gain), ("dbias", &bias)] {
                fixture.agrees(&name(part), store.get(var).unwrap());
            }
        }
        let var = fixture.tensor(&name("frozen_var"));
        let frozen = batch_norm_frozen(&x, &gain, &bias, (&fused.mean, &var), 1e-5).unwrap();
        fixture.agrees(&name("frozen"), &frozen);
    }
}

#[test]
fn the_spectral_norm_follows_a_weight_as_pytorchs_does() {
    let fixture = Fixture::open();
    let weight = fixture.var("spectral_norm.weight");
    let u = fixture.tensor("spectral_norm.u").to_vec1().unwrap();
    let mut norm = SpectralNorm::new(u);
    let mut last = None;
    for step in 0..3 {
        let (scaled, _) = norm.apply(&weight, true).unwrap();
        fixture.agrees(&format!("spectral_norm.scaled.{step}"), &scaled);
        let u = Tensor::new(norm.u.as_slice(), &Device::Cpu).unwrap();
        fixture.agrees(&format!("spectral_norm.u.{step}"), &u);
        last = Some(scaled);
    }
    let pulled = (last.unwrap() * fixture.tensor("spectral_norm.pull")).unwrap();
    let store = pulled.sum_all().unwrap().backward().unwrap();
    fixture.agrees("spectral_norm.dweight", store.get(&weight).unwrap());
}

/// The gradients that PyTorch was given at step `i`, by way of a loss whose gradient they are.
fn gradients(fixture: &Fixture, parameters: &Parameters, i: usize) -> Gradients {
    let pull = fixture.tensor(&format!("gradient.{i}"));
    let weight = parameters.get("weight").unwrap();
    let loss = (weight.as_tensor() * pull).unwrap().sum_all().unwrap();
    let mut gradients = Gradients::default();
    gradients.add(parameters, loss.backward().unwrap()).unwrap();
    gradients
}

#[test]
fn adam_and_sgd_move_as_pytorchs_do_and_go_on_from_a_saved_state() {
    let fixture = Fixture::open();
    let parameters = || {
        let mut parameters = Parameters::default();
        parameters.add("weight", &fixture.tensor("start")).unwrap();
        parameters
    };
    let find = |state: &[(String, Tensor)], name: &str| {
        let found = state.iter().find(|(saved, _)| saved == name);
        Ok(found.unwrap().1.clone())
    };
    let (adam_weights, sgd_weights) = (parameters(), parameters());
    let config = AdamConfig::default();
    let mut adam = Adam::new(&adam_weights, config).unwrap();
    let mut sgd = Sgd::new(&sgd_weights, SgdConfig { momentum: 0.9 }).unwrap();
    for i in 0..4 {
        if i == 2 {
            let state = adam.state().unwrap();
            adam = Adam::new(&adam_weights, config).unwrap();
            adam.restore(2, |name, _, _| find(&state, name)).unwrap();
            let state = sgd.state().unwrap();
            sgd = Sgd::new(&sgd_weights, SgdConfig { momentum: 0.9 }).unwrap();
            sgd.restore(2, |name, _, _| find(&state, name)).unwrap();
        }
        adam.step(&gradients(&fixture, &adam_weights, i), 2e-3)
            .unwrap();
        sgd.step(&gradients(&fixture, &sgd_weights, i), 1e-2)
            .unwrap();
        fixture.agrees(&format!("adam.{i}"), adam_weights.get("weight").unwrap());
        fixture.agrees(&format!("sgd.{i}"), sgd_weights.get("weight").unwrap());
    }
}

#[test]
fn gradients_that_are_not_finite_move_nothing() {
    let mut parameters = Parameters::default();
    let start = Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap();
    parameters.add("weight", &start).unwrap();
    let mut adam = Adam::new(&parameters, AdamConfig::default()).unwrap();
    let weight = parameters.get("weight").unwrap();
    let loss = (weight.as_tensor() * f64::NAN).unwrap().sum_all().unwrap();
    let mut gradients = Gradients::default();
    gradients
        .add(&parameters, loss.backward().unwrap())
        .unwrap();
    assert!(adam.step(&gradients, 1e-3).is_err());
    assert_eq!(weight.to_vec1::<f32>().unwrap(), [1.0, 2.0]);
}
