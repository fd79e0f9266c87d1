//! Sessions: repeated, resumed, branched, and run away.

mod parity;

use super::*;
use crate::labs::gan::Loss;
use std::ops::ControlFlow;

/// What a run leaves behind.
fn played(settings: &Settings, n_turns: usize) -> Session {
    let mut session = Session::new(settings);
    for _ in 0..n_turns {
        session.turn().unwrap();
    }
    session
}

fn every_loss() -> impl Iterator<Item = Settings> {
    Loss::PLANE.into_iter().map(|loss| Settings {
        loss,
        input_noise: 0.05,
        label_smoothing: 0.1,
        ..Settings::default()
    })
}

#[test]
fn the_same_seed_gives_the_same_turn_to_the_last_bit_and_another_does_not() {
    for settings in every_loss() {
        let (a, b) = (played(&settings, 20), played(&settings, 20));
        assert_eq!(a.look(&a.state()).unwrap(), b.look(&b.state()).unwrap());
        let other = played(
            &Settings {
                seed: 9,
                ..settings
            },
            20,
        );
        assert_ne!(other.state(), a.state());
    }
}

#[test]
fn going_on_from_a_state_equals_not_having_stopped() {
    for settings in every_loss() {
        let half = played(&settings, 10);
        let text = serde_json::to_string(&*half.state()).unwrap();
        let state: State = serde_json::from_str(&text).unwrap();
        let (mut resumed, anew) = Session::from_state(&settings, Arc::new(state));
        assert!(anew.is_empty());
        for _ in 0..10 {
            resumed.turn().unwrap();
        }
        assert_eq!(resumed.state(), played(&settings, 20).state());
    }
}

#[test]
fn a_branch_leaves_what_it_branched_from_as_it_was() {
    let settings = Settings::default();
    let mut trunk = played(&settings, 10);
    let fork = trunk.state();
    let other = Settings {
        loss: Loss::LeastSquares,
        ..settings.clone()
    };
    let (mut branch, anew) = Session::from_state(&other, Arc::clone(&fork));
    assert!(anew.is_empty());
    branch.turn().unwrap();
    trunk.turn().unwrap();
    assert_ne!(branch.state().d, trunk.state().d);
    assert_eq!(fork, played(&settings, 10).state());
    branch.go_to(fork);
    branch.set(&settings);
    branch.turn().unwrap();
    assert_eq!(branch.state(), trunk.state());
}

#[test]
fn every_weight_of_both_networks_has_a_finite_gradient_under_every_loss() {
    for settings in every_loss() {
        let mut session = Session::new(&settings);
        session.turn().unwrap();
        for step in session.last_steps().into_iter().flatten() {
            let network = step.before.of(step.player);
            assert_eq!(step.gradients.len(), network.n_weights());
            assert!(
                step.gradients.iter().all(|g| g.is_finite()),
                "{:?}",
                settings.loss
            );
            // Whole layers, biases of the critic's last one apart, are moved.
            let turn = session.look(&step.before).unwrap();
            let norms = [turn.gradient_d, turn.gradient_g].concat();
            assert!(norms.iter().all(|&norm| norm > 0.0), "{norms:?}");
        }
    }
}

#[test]
fn another_width_starts_that_network_anew_and_says_so_and_another_optimizer_keeps_the_weights() {
    let settings = Settings::default();
    let mut session = played(&settings, 3);
    let before = session.state();
    let mut wider = settings.clone();
    wider.g.width = 16;
    wider.d.optimizer = Optimizer::Sgd;
    let anew = session.set(&wider);
    let players: Vec<_> = anew.iter().map(|(player, _)| *player).collect();
    assert_eq!(players, [Player::Discriminator, Player::Generator]);
    let after = session.state();
    assert_eq!(after.d.layers, before.d.layers);
    assert_eq!(after.d.moments.optimizer, Optimizer::Sgd);
    assert_eq!(after.g.layers[0].n_out, 16);
    session.turn().unwrap();
}

#[test]
fn a_typed_weight_is_the_weight_and_nonsense_is_refused() {
    let mut session = Session::new(&Settings::default());
    let at = WeightAt {
        player: Player::Generator,
        layer: 1,
        input: Some(3),
        neuron: 4,
    };
    session.edit(at, 0.75).unwrap();
    assert_eq!(session.state().weight(at), Some(0.75));
    let bias = WeightAt { input: None, ..at };
    session.edit(bias, -2.0).unwrap();
    assert_eq!(session.state().weight(bias), Some(-2.0));
    assert_eq!(session.state().weight(at), Some(0.75));
    let state = session.state();
    assert!(session.edit(at, f32::NAN).is_err());
    assert!(session.edit(WeightAt { layer: 9, ..at }, 1.0).is_err());
    assert!(session.edit(WeightAt { neuron: 99, ..at }, 1.0).is_err());
    assert_eq!(session.state(), state);
}

#[test]
fn numbers_that_run_away_stop_it_name_the_layer_and_leave_the_last_good_state() {
    let mut settings = Settings {
        loss: Loss::LeastSquares,
        ..Settings::default()
    };
    settings.d.optimizer = Optimizer::Sgd;
    settings.d.learning_rate = 1.0;
    let controls = Controls::new(settings);
    controls.play(true);
    controls.set_speed(Speed::AsFastAsItCan);
    let (mut trouble, mut shown) = (None, None);
    let state = run(None, &controls, &mut |event| {
        match event {
            Event::Trouble(refusal) => trouble = Some(refusal),
            Event::Turn { turn, .. } => shown = Some(turn.state),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    let refusal = trouble.expect("a learning rate of 1 on squares runs away");
    assert!(refusal.what.contains("the discriminator"), "{refusal}");
    assert!(refusal.evidence.contains("layer"), "{refusal}");
    assert!(!controls.is_playing());
    assert!(state.d.weights().all(f32::is_finite) && state.g.weights().all(f32::is_finite));
    assert_eq!(shown, Some(state));
}

#[test]
fn what_is_out_of_range_is_brought_into_it() {
    let mut wild = Settings {
        batch: 0,
        penalty: f64::NAN,
        label_smoothing: 9.0,
        ..Settings::default()
    };
    wild.d.width = 0;
    wild.g.n_layers = 99;
    wild.g.learning_rate = f64::INFINITY;
    let checked = wild.checked();
    assert_eq!(
        (checked.batch, checked.d.width, checked.g.n_layers),
        (1, 1, 5)
    );
    assert_eq!((checked.penalty, checked.label_smoothing), (0.0, 0.5));
    assert_eq!(checked.g.learning_rate, 1.0);
    played(&wild, 1);
}

#[test]
fn presses_are_done_in_order_and_settings_hold_from_the_next_turn() {
    let mut settings = Settings::default();
    (settings.d.n_steps, settings.g.n_steps) = (3, 2);
    let controls = Controls::new(settings);
    assert!(controls.has_work());
    controls.press(Press::Turn);
    controls.press(Press::Step(Player::Discriminator));
    let mut events = Vec::new();
    let state = run(None, &controls, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    });
    assert_eq!((state.turn, state.d.n_steps, state.g.n_steps), (1, 4, 2));
    assert!(!controls.has_work());
    assert!(matches!(events.last(), Some(Event::Turn { turn, .. }) if turn.state == state));

    controls.set(Settings {
        loss: Loss::WassersteinPenalty,
        ..controls.settings()
    });
    assert!(controls.has_work());
    let mut reading = None;
    let same = run(Some(Arc::clone(&state)), &controls, &mut |event| {
        if let Event::Turn { turn, .. } = event {
            reading = Some(turn.reading);
        }
        ControlFlow::Continue(())
    });
    assert_eq!(same, state);
    assert_eq!(reading, Some(Reading::Score));
}

#[test]
fn playing_stops_where_emit_says_so() {
    let controls = Controls::new(Settings::default());
    controls.play(true);
    controls.set_speed(Speed::AsFastAsItCan);
    let mut n_shown = 0;
    run(None, &controls, &mut |event| {
        n_shown += usize::from(matches!(event, Event::Turn { .. }));
        if n_shown == 5 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(n_shown, 5);
    assert!(controls.is_playing());
}

#[test]
fn what_is_explained_is_what_is_shown() {
    for settings in every_loss() {
        let session = played(&settings, 15);
        let turn = session.look(&session.state()).unwrap();
        let state = &*turn.state;
        let small = |explanation: &explain::Explanation, what: &str| {
            let result = explanation.result().and_then(explain::Line::difference);
            assert!(result.is_some(), "{what} has no shown number");
            let size = explanation
                .lines
                .iter()
                .filter_map(|l| l.shown)
                .fold(1.0, |a: f64, b| a.max(b.abs()));
            let gap = explanation.greatest_difference();
            assert!(
                gap < 2e-5 * size,
                "{what} under {:?}: {explanation:#?}",
                settings.loss
            );
        };
        for i in [0, 100, 255] {
            let point = explain::output(state, settings.loss, turn.reals[i], turn.real_outputs[i]);
            small(&point, "D at a point");
            for axis in 0..2 {
                let arrow = explain::arrow(&turn, &settings, i, axis).unwrap();
                small(&arrow, "an arrow");
            }
        }
        for player in [Player::Discriminator, Player::Generator] {
            small(&explain::loss(&turn, &settings, player), "a loss");
        }
        let [d, g] = session.last_steps().map(Option::unwrap);
        for step in [d, g] {
            for layer in 0..3 {
                for input in [Some(1), None] {
                    let at = WeightAt {
                        player: step.player,
                        layer,
                        input,
                        neuron: 0,
                    };
                    let weight = explain::weight(&step, at).unwrap();
                    small(&weight, "a weight's step");
                }
            }
        }
    }
}
