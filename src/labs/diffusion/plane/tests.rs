//! Facts of training on the plane.

use super::*;
use crate::algo::diffusion::{Prediction, Sampler};
use crate::rng::Rng;
use std::ops::ControlFlow;

fn small(shape: Shape, method: Method) -> Settings {
    Settings {
        shape,
        method,
        width: 32,
        n_layers: 2,
        batch: 128,
        learning_rate: 4e-3,
    }
}

fn trained(settings: &Settings, n_steps: usize) -> Session {
    let mut session = Session::new(settings, 1);
    for _ in 0..n_steps {
        session.step().unwrap();
    }
    session
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    let mut rng = Rng::new(0, "test");
    let mut network = Network::new(8, 2, &mut rng);
    for weight in network.weights() {
        *weight += 0.3 * rng.normal() as f32;
    }
    let (points, targets) = (rng.normals(12, 0.0, 1.0), rng.normals(12, 0.0, 1.0));
    let times: Vec<f64> = (0..6).map(|i| f64::from(i) / 6.0).collect();
    let weights = [1.0, 2.0, 0.5, 1.0, 1.0, 3.0];
    let loss = |network: &Network| network.gradient(&points, &times, &targets, &weights).0;
    let (_, gradient) = network.gradient(&points, &times, &targets, &weights);
    assert_eq!(gradient.len(), network.weights().len());
    for i in (0..gradient.len()).step_by(7) {
        let h = 1e-2;
        let mut at = |by: f32| {
            *network.weights()[i] += by;
            let loss = loss(&network);
            *network.weights()[i] -= by;
            loss
        };
        let slope = (at(h) - at(-h)) / (2.0 * f64::from(h));
        let gap = (slope - f64::from(gradient[i])).abs();
        assert!(
            gap < 2e-3 * (1.0 + slope.abs()),
            "{i}: {slope} {}",
            gradient[i]
        );
    }
}

#[test]
fn of_one_gaussian_a_network_learns_what_the_closed_form_says() {
    // N(c, σ²) under noise: E[x₀ | x] = c + a σ² (x − a c) / (a² σ² + b²) (Bishop 2006, eq. 2.116).
    let ([cx, cy], sd) = ([0.4, -0.2], 0.05);
    for method in Method::all() {
        let session = trained(&small(dot(), method), 1500);
        let mut worst = 0.0_f64;
        for s in [0.3, 0.5, 0.8] {
            let [a, b] = method.parts(s);
            let points = [[0.2, 0.1], [-0.3, -0.6], [0.9, 0.0]].as_flattened();
            let said = session.x0_pred(points, s);
            for (i, (&x, said)) in points.iter().zip(said).enumerate() {
                let c = [cx, cy][i % 2];
                let gain = a * sd * sd / (a * a * sd * sd + b * b);
                let right = c + gain * (f64::from(x) - a * c);
                worst = worst.max((f64::from(said) - right).abs());
            }
        }
        assert!(worst < 0.15, "{method:?}: {worst}");
    }
}

#[test]
fn noise_is_led_to_both_gaussians_by_diffusion_and_by_flow() {
    let methods = [
        Method::Diffusion(Prediction::V, Sampler::Ddpm),
        Method::Diffusion(Prediction::Epsilon, Sampler::Heun),
        Method::Flow,
    ];
    for method in methods {
        let settings = small(Shape::TwoGaussians, method);
        let before = Session::new(&settings, 1).measure(25);
        let after = trained(&settings, 1000);
        let (best, after) = (after.best_measure(), after.measure(25));
        assert!(best.divergence.kl < 0.1, "{best:?}");
        assert!(
            after.divergence.js < 0.2,
            "{method:?}: {:?}",
            after.divergence
        );
        assert!(
            after.divergence.js < 0.4 * before.divergence.js,
            "{method:?}"
        );
        assert_eq!(after.n_covered, 2);
        assert!(
            after.shares.iter().all(|share| (0.6..1.4).contains(share)),
            "{method:?}: {:?}",
            after.shares
        );
    }
}

#[test]
fn a_step_of_flow_goes_straight_and_one_step_lands_on_the_mean() {
    // At s = 1 nothing is known but the mean of the data: one step of either method ends there.
    for method in [Method::default(), Method::Flow] {
        let session = trained(&small(Shape::TwoGaussians, method), 1000);
        let ends = session.paths(session.noise(512), 1).pop().unwrap();
        let spread = ends.iter().map(|x| x * x).sum::<f32>() / ends.len() as f32;
        // The data's own mean square is 0.45² + 0.15² = 0.225.
        assert!(spread < 0.05, "{method:?}: {spread}");
    }
}

#[test]
fn going_on_equals_not_having_stopped_and_a_seed_repeats() {
    let settings = small(moons(), Method::Flow);
    let whole = trained(&settings, 20);
    let mut halves = Session::from(&settings, trained(&settings, 10).into_state());
    for _ in 0..10 {
        halves.step().unwrap();
    }
    assert_eq!(halves.state(), whole.state());
    assert_eq!(halves.measure(5), whole.measure(5));
    let controls = Controls::default();
    controls.steps_left(Some(20));
    let mut last = None;
    let start = Session::new(&settings, 1).into_state();
    let end = run(&settings, start, &controls, &mut |event| {
        if let Event::Turn { state, .. } = event {
            last = Some(*state);
        }
        ControlFlow::Continue(())
    });
    assert_eq!(&end, whole.state());
    assert_eq!(last.as_ref(), Some(whole.state()));
}

#[test]
fn a_learning_rate_that_is_too_high_is_trouble_said_and_nothing_is_lost() {
    let mut session = Session::new(&small(spiral(), Method::default()), 1);
    session.state_mut().network.layers[0].weight[0] = f32::NAN;
    let before = format!("{:?}", session.state());
    assert!(session.step().is_err());
    assert_eq!(format!("{:?}", session.state()), before);
    let wild = Settings {
        width: 0,
        n_layers: 99,
        batch: usize::MAX,
        learning_rate: f64::NAN,
        ..Settings::default()
    };
    let checked = Session::new(&wild, 0).settings().clone();
    assert_eq!(
        (checked.width, checked.n_layers, checked.batch),
        (4, 6, 4096)
    );
}

#[test]
fn the_spiral_and_the_moons_lie_in_sight() {
    for (shape, n_parts) in [(spiral(), 8), (moons(), 8), (dot(), 8)] {
        let distribution = Distribution::of(&shape);
        let mut rng = Rng::new(2, "test");
        let points: Vec<[f32; 2]> = (0..2000).map(|_| distribution.sample(&mut rng)).collect();
        assert!(points.iter().flatten().all(|x| x.abs() < 1.2));
        assert_eq!(distribution.n_parts(), n_parts);
    }
}
