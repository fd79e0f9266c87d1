//! Facts that hold by arithmetic alone.

use super::*;
use crate::rng::Rng;
use std::convert::Infallible;

/// One step with a prediction that is right whatever is asked.
fn step(sampler: Sampler, ends: [&Level; 2], x_t: &[f32], x0: &[f32], noise: &[f32]) -> Vec<f32> {
    let mut predict = |_: &[f32], _: &Level| Ok::<_, Infallible>(x0.to_vec());
    match sampler.step(ends, x_t, x0, noise, &mut predict) {
        Ok(x) => x,
        Err(never) => match never {},
    }
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn between_the_same_levels_euler_is_ddim_and_ancestral_euler_is_ddpm() {
    let mut rng = Rng::new(1, "test");
    let mut draw = || rng.normals(64, 0.0, 1.0);
    let (x_t, x0, noise) = (draw(), draw(), draw());
    for schedule in [Schedule::LINEAR, Schedule::Cosine] {
        let levels = schedule.levels();
        for (from, to) in [(900.0, 860.0), (500.0, 300.0), (40.0, 3.0)] {
            let ends = [&levels.at(from), &levels.at(to)];
            let by = |sampler| step(sampler, ends, &x_t, &x0, &noise);
            assert!(furthest(&by(Sampler::Euler), &by(Sampler::DDIM)) < 2e-6);
            let ancestral = by(Sampler::EulerAncestral);
            assert!(furthest(&ancestral, &by(Sampler::Ddpm)) < 2e-6);
            assert!(furthest(&ancestral, &by(Sampler::Ddim { eta: 1.0 })) < 2e-6);
        }
    }
}

#[test]
fn a_right_prediction_leads_every_sampler_to_the_picture_in_any_number_of_steps() {
    let x0 = Rng::new(2, "test").normals(64, 0.0, 0.5);
    let levels = Schedule::Cosine.levels();
    for sampler in Sampler::ALL {
        for n_steps in [1, 2, 7, 25, 1000] {
            let stops = plan(&levels, sampler.spacing(), n_steps).unwrap();
            let mut rng = Rng::new(3, "test");
            let mut x = rng.normals(64, 0.0, 1.0);
            for pair in stops.windows(2) {
                let noise = rng.normals(64, 0.0, 1.0);
                x = step(sampler, [&pair[0], &pair[1]], &x, &x0, &noise);
            }
            assert!(furthest(&x, &x0) < 1e-5, "{sampler:?} {n_steps}");
        }
    }
}

#[test]
fn what_one_kind_of_prediction_says_the_others_say_too() {
    let mut rng = Rng::new(4, "test");
    let (x0, noise) = (rng.normals(64, 0.0, 0.5), rng.normals(64, 0.0, 1.0));
    let levels = Schedule::LINEAR.levels();
    for t in [10.0, 333.0, 800.0] {
        let level = levels.at(t);
        let x_t = level.noised(&x0, &noise);
        for prediction in Prediction::ALL {
            let output = prediction.target(&x0, &noise, &level);
            assert!(furthest(&prediction.x0(&output, &x_t, &level), &x0) < 1e-5);
            assert!(furthest(&prediction.epsilon(&output, &x_t, &level), &noise) < 2e-5);
        }
    }
}

#[test]
fn noise_and_picture_are_equally_strong_at_0_decibels() {
    let level = Schedule::Cosine.levels().at_sigma(1.0);
    assert!(level.snr_db().abs() < 1e-9);
    // cos² is a half in the middle, but for the offset of 0.008.
    assert!((490.0..510.0).contains(&level.t), "{}", level.t);
}

#[test]
fn a_drawn_schedule_never_takes_noise_away() {
    let drawn = |points: &[[f64; 2]]| Schedule::Drawn(points.to_vec()).levels();
    let rising = drawn(&[[0.0, 1.0], [0.3, 0.2], [0.6, 0.9], [1.0, 0.0]]);
    let falls = |pair: &[f64]| pair[1] < pair[0] && pair[1] > 0.0;
    assert!(rising.alphas_cumprod().windows(2).all(falls));
    assert!((rising.alphas_cumprod()[299] - 0.2).abs() < 1e-9);
    for wild in [&[] as &[_], &[[f64::NAN, 0.5]], &[[0.5, 7.0], [0.5, -3.0]]] {
        let levels = drawn(wild);
        assert!(levels.alphas_cumprod().windows(2).all(falls), "{wild:?}");
    }
}

#[test]
fn steps_are_1_to_1000_and_a_refusal_says_so() {
    let levels = Schedule::Cosine.levels();
    for n in [0, 1001, 100_000] {
        let refusal = plan(&levels, Spacing::Trailing, n).unwrap_err();
        assert!(refusal.what.contains(&n.to_string()), "{refusal}");
        assert!(refusal.next.contains("1 to 1000"), "{refusal}");
    }
    for spacing in [Spacing::Trailing, Spacing::Leading, Spacing::Karras] {
        for n in [1, 3, 999, 1000] {
            let stops = plan(&levels, spacing, n).unwrap();
            assert_eq!(stops.len(), n + 1);
            assert!(
                stops
                    .windows(2)
                    .all(|pair| pair[0].sigma() > pair[1].sigma())
            );
        }
    }
}
