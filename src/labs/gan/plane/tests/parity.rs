//! Both networks' steps against PyTorch's.

use super::super::batch::Batch;
use super::super::network::{Mlp, no_moments, step};
use super::super::session::{Slope, discriminator_slope, generator_slope};
use super::super::{Layer, Network, Optimizer, Settings};
use crate::labs::gan::Loss;

#[derive(serde::Deserialize)]
struct Fixture {
    label_smoothing: f64,
    penalty: f64,
    learning_rate: f64,
    d: Vec<Layer>,
    g: Vec<Layer>,
    real: Vec<[f32; 2]>,
    z: Vec<[f32; 2]>,
    real_noise: Vec<[f32; 2]>,
    fake_noise: Vec<[f32; 2]>,
    mix: Vec<f32>,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    loss: Loss,
    optimizer: Optimizer,
    d: Vec<Step>,
    g: Vec<Step>,
}

#[derive(serde::Deserialize)]
struct Step {
    loss: f64,
    gradients: Vec<f64>,
    weights: Vec<f64>,
}

fn network(layers: &[Layer], optimizer: Optimizer) -> Network {
    let mut network = Network {
        layers: layers.to_vec(),
        moments: no_moments(optimizer, 0),
        n_steps: 0,
    };
    network.moments = no_moments(optimizer, network.n_weights());
    network
}

fn near(ours: &[f32], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len());
    for (i, (&ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let gap = (f64::from(ours) - theirs).abs() / theirs.abs().max(1.0);
        assert!(gap < 1e-5, "{what}, number {i}: {ours}, PyTorch {theirs}");
    }
}

/// Two steps, each compared.
fn follow(
    mut network: Network,
    theirs: &[Step],
    rate: f64,
    what: &str,
    slope: impl Fn(&Network) -> Slope,
) {
    for (i, theirs) in theirs.iter().enumerate() {
        let what = format!("{what}, step {}", i + 1);
        let ours = slope(&network);
        near(&[ours.loss], &[theirs.loss], &format!("{what}, loss"));
        near(
            &ours.gradients,
            &theirs.gradients,
            &format!("{what}, gradients"),
        );
        let mut weights: Vec<f32> = network.weights().collect();
        step(&mut weights, &ours.gradients, &mut network.moments, rate);
        let mut expected = theirs.weights.clone();
        for (i, gradient) in theirs.gradients.iter().enumerate() {
            // Where a gradient is 0 but for rounding, Adam makes a whole step of the rounding's sign.
            if gradient.abs() < 1e-7 {
                (weights[i], expected[i]) = (0.0, 0.0);
            }
        }
        near(&weights, &expected, &format!("{what}, weights"));
        // The next step starts from PyTorch's weights, so that each is compared by itself.
        let weights: Vec<f32> = theirs.weights.iter().map(|&w| w as f32).collect();
        network.set_weights(&weights);
    }
}

#[test]
fn every_loss_with_every_optimizer_takes_pytorchs_steps() {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/gan_plane.json"
    ));
    let fixture: Fixture = serde_json::from_str(text).unwrap();
    assert_eq!(fixture.cases.len(), 10);
    let batch = Batch {
        real: fixture.real,
        z: fixture.z,
        real_noise: fixture.real_noise,
        fake_noise: fixture.fake_noise,
        mix: fixture.mix,
    };
    for case in &fixture.cases {
        let settings = Settings {
            loss: case.loss,
            penalty: fixture.penalty,
            label_smoothing: fixture.label_smoothing,
            ..Settings::default()
        };
        let (d, g) = (
            network(&fixture.d, case.optimizer),
            network(&fixture.g, case.optimizer),
        );
        let what = format!("{:?} with {:?}", case.loss, case.optimizer);
        let fake = Mlp::held(&g).unwrap().forward(&batch.z().unwrap()).unwrap();
        let rate = fixture.learning_rate;
        follow(d.clone(), &case.d, rate, &format!("D, {what}"), |d| {
            discriminator_slope(&Mlp::new(d).unwrap(), &batch, &fake, &settings).unwrap()
        });
        follow(g, &case.g, rate, &format!("G, {what}"), |g| {
            generator_slope(g, &d, &batch, &settings).unwrap()
        });
    }
}
