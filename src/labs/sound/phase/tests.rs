//! Half a second of vowels without its phase.

use super::*;
use crate::labs::sound::made::Made;

fn tried(settings: &Settings) -> (Vec<Trial>, Vec<f64>) {
    let sound = Made::Vowels.sound(0);
    let (mut trials, mut curve) = (Vec::new(), Vec::new());
    run(&sound, 0.0..0.5, settings, &mut |event| {
        match event {
            Event::Trial(trial) => trials.push(*trial),
            Event::Convergence { n_steps, value } => {
                assert_eq!(n_steps, curve.len());
                curve.push(value);
            }
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (trials, curve)
}

#[test]
fn the_strip_goes_from_the_truth_over_nothing_to_what_was_found() {
    let settings = Settings {
        marks: vec![1, 4, 12],
        ..Settings::default()
    };
    let (trials, curve) = tried(&settings);
    let phases: Vec<Phase> = trials.iter().map(|trial| trial.phase).collect();
    let after = Phase::After;
    assert_eq!(
        phases,
        [
            Phase::True,
            Phase::Zero,
            Phase::Random,
            after(1),
            after(4),
            after(12)
        ]
    );
    assert_eq!(curve.len(), 13);
    assert!(trials[0].convergence < 1e-5);
    assert!(
        trials[5].convergence < trials[2].convergence / 2.0,
        "{curve:?}"
    );
    assert_eq!(trials[4].convergence, curve[4]);
    for trial in &trials {
        let again = trial.evidence.convergence();
        assert!(
            (again - trial.convergence).abs() < 1e-5,
            "{again} {}",
            trial.convergence
        );
        let off = |i: usize| {
            let off = trial.evidence.furthest[i];
            (off.found - off.given).abs()
        };
        assert!(off(0) >= off(11));
        assert_eq!(trial.sound.len(), 22_050);
        assert!(trial.picture.n_columns > 40);
    }
}

#[test]
fn the_true_phase_gives_the_stretch_itself() {
    let (trials, _) = tried(&Settings {
        marks: vec![],
        ..Settings::default()
    });
    let truth = Made::Vowels.sound(0).mono(0..22_050).unwrap();
    let back = trials[0].sound.mono(0..22_050).unwrap();
    let off = truth.iter().zip(&back).map(|(a, b)| (a - b).abs());
    assert!(off.fold(0.0, f32::max) < 1e-6);
}

#[test]
fn it_stops_when_asked_and_refuses_what_is_too_long() {
    let sound = Sound::from_samples("long", 8000, 1, vec![0.1; 200_000]);
    let mut n = 0;
    let settings = Settings::default();
    let stopped = run(&sound, 0.0..1.0, &settings, &mut |_| {
        n += 1;
        ControlFlow::Break(())
    });
    assert!(stopped.is_ok());
    assert_eq!(n, 1);
    for secs in [0.0..20.0, 1.0..1.0, 90.0..91.0] {
        let refusal = run(&sound, secs, &settings, &mut |_| ControlFlow::Continue(()));
        assert!(refusal.unwrap_err().next.contains("12 s"));
    }
}
