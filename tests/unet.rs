//! The U-Net against what PyTorch computes on the same weights (`tests/data/make_unet_fixture.py`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it meets what it did not expect"
)]

use candle_core::{Device, Tensor};
use glassbox::files::weights::WeightFile;
use glassbox::models::unet::{Config, Site, UNet};
use glassbox::nn::layers::Parameters;
use glassbox::nn::optimizer::{AdamW, AdamWConfig, Gradients};
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
        let middle = f64::from(u8::from(name.ends_with("gain")));
        let values = numbers(seed, &shape);
        let values: Vec<f64> = values.iter().map(|x| x * scale + middle).collect();
        parameters.add(name, &tensor(&values, &shape)).unwrap();
    }
    parameters
}

struct Fixture(WeightFile);

impl Fixture {
    fn open() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        Self(WeightFile::open(&folder.join("unet.safetensors")).unwrap())
    }

    fn numbers(&self, name: &str) -> Vec<f32> {
        let entry = self.0.get(name).unwrap_or_else(|| panic!("no {name}"));
        self.0.f32s(entry).unwrap()
    }

    /// Whether the numbers of `ours` that were kept are within 1e-5 of `PyTorch`'s, of the largest
    /// of them or of `least`.
    fn agrees(&self, name: &str, ours: &Tensor, least: f32) {
        let ours = ours.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let every = (ours.len() / KEPT).max(1);
        let ours: Vec<f32> = ours.into_iter().step_by(every).collect();
        let theirs = self.numbers(name);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let size = theirs.iter().fold(least, |most, x| most.max(x.abs()));
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let gap = (ours - theirs).abs();
            assert!(gap <= 1e-5 * size, "{name}, number {i}: {ours}, {theirs}");
        }
    }
}

#[test]
fn every_map_gradient_and_step_of_the_u_net_is_pytorchs() {
    let fixture = Fixture::open();
    let config = Config {
        side: 16,
        patch: 2,
        n_channels: 3,
        widths: [16, 32, 48],
        attention_side: 4,
        n_heads: 2,
        d_embedding: 16,
        conditions: vec![3, 4],
    };
    let parameters = weights(&config);
    let find = &mut |name: &str, _: &[usize]| Ok(parameters.get(name).unwrap().as_tensor().clone());
    let unet = UNet::new(&config, find).unwrap();
    let rows = [vec![0, 0], vec![2, 1], vec![1, 3]];
    let condition = unet.condition(&rows).unwrap();
    fixture.agrees("condition", &condition, 1.0);

    let pictures = [3, 16, 16, 3];
    let x = tensor(&numbers(1, &pictures), &pictures);
    let levels = Tensor::new(&[3.0f32, 431.5, 999.0], &Device::Cpu).unwrap();
    let see = &mut |site, map: &Tensor| {
        let name = match site {
            Site::In => "site.in".to_owned(),
            Site::Down(i) => format!("site.down.{i}"),
            Site::Middle => "site.middle".to_owned(),
            Site::Up(i) => format!("site.up.{i}"),
        };
        fixture.agrees(&name, map, 1.0);
        Ok(())
    };
    let y = unet.forward_seen(&x, &levels, &condition, see).unwrap();
    fixture.agrees("y", &y, 1.0);

    let clean = tensor(&numbers(2, &pictures), &pictures);
    let loss = (y - clean).unwrap().sqr().unwrap().mean_all().unwrap();
    fixture.agrees("loss", &loss, 1.0);
    let mut gradients = Gradients::default();
    let store = loss.backward().unwrap();
    gradients.add(&parameters, store).unwrap();
    for ((name, _), gradient) in parameters.iter().zip(gradients.tensors()) {
        fixture.agrees(&format!("gradient.{name}"), gradient, 0.01);
    }

    let adamw = AdamWConfig {
        epsilon: 1e-3,
        ..AdamWConfig::default()
    };
    let mut optimizer = AdamW::new(&parameters, adamw).unwrap();
    let norm = optimizer.step(&gradients, 1e-2).unwrap();
    fixture.agrees("norm", &tensor(&[norm], &[1]), 1.0);
    for (name, var) in parameters.iter() {
        fixture.agrees(&format!("stepped.{name}"), var, 1.0);
    }
}
