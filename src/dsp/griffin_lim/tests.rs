//! A search that falls, stops and repeats itself exactly.

use super::*;
use crate::dsp::one_by_one;
use crate::dsp::stft::Shape;

/// A quarter of a second of three gliding tones.
fn sound() -> Vec<f32> {
    (0..5512)
        .map(|i| {
            let t = f64::from(i) / 22_050.0;
            let tone = |hz: f64, glide: f64| (TAU * (hz + glide * t) * t).sin();
            (0.2 * (tone(300.0, 400.0) + tone(700.0, -200.0) + tone(2000.0, 3000.0))) as f32
        })
        .collect()
}

fn after(start: Start, momentum: f32, n_steps: usize, run: Run) -> (Vec<f32>, f64) {
    let sound = sound();
    let stft = Stft::new(Shape::of(512)).unwrap();
    let magnitudes = stft.forward(&sound).magnitudes();
    let mut search = GriffinLim::new(&stft, magnitudes, sound.len(), start, momentum, run);
    for _ in 0..n_steps {
        search.step(run);
    }
    let convergence = search.convergence(run);
    (search.samples().to_vec(), convergence)
}

#[test]
fn the_true_phase_is_perfect_from_the_start() {
    let sound = sound();
    let spectrum = Stft::new(Shape::of(512)).unwrap().forward(&sound);
    let (back, convergence) = after(Start::Of(&spectrum.values), 0.0, 0, &one_by_one);
    assert!(convergence < 1e-5, "{convergence}");
    let off = back.iter().zip(&sound).map(|(a, b)| (a - b).abs());
    assert!(off.fold(0.0, f32::max) < 1e-5);
}

#[test]
fn without_momentum_the_error_never_grows() {
    // Griffin and Lim's theorem (1984, section III).
    let sound = sound();
    let stft = Stft::new(Shape::of(512)).unwrap();
    let magnitudes = stft.forward(&sound).magnitudes();
    let start = Start::Random(3);
    let mut search = GriffinLim::new(&stft, magnitudes, sound.len(), start, 0.0, &one_by_one);
    let steps: Vec<f64> = (0..30).map(|_| search.step(&one_by_one)).collect();
    assert!(
        steps.windows(2).all(|pair| pair[1] <= pair[0] + 1e-6),
        "{steps:?}"
    );
    assert!(steps[29] < steps[0] / 2.0, "{steps:?}");
}

#[test]
fn momentum_gets_further_in_as_many_steps() {
    let (_, plain) = after(Start::Random(0), 0.0, 32, &one_by_one);
    let (_, fast) = after(Start::Random(0), USUAL_MOMENTUM, 32, &one_by_one);
    assert!(fast < plain, "{fast} {plain}");
}

#[test]
fn the_order_of_the_work_changes_no_bit() {
    let backwards: Run = &|n, work| (0..n).rev().for_each(work);
    assert_eq!(
        after(Start::Random(1), 0.99, 3, backwards),
        after(Start::Random(1), 0.99, 3, &one_by_one)
    );
}

#[test]
fn silence_stays_silence() {
    let stft = Stft::new(Shape::of(64)).unwrap();
    let run: Run = &one_by_one;
    let mut search = GriffinLim::new(&stft, vec![0.0; 33 * 9], 128, Start::Random(0), 0.99, run);
    assert_eq!(search.step(run), 0.0);
    assert!(search.samples().iter().all(|&sample| sample == 0.0));
    let mut nothing = GriffinLim::new(&stft, vec![], 0, Start::Zero, 0.99, run);
    assert_eq!(nothing.step(run), 0.0);
}
