//! Training on pictures held to its promises.

use super::fight::Fight;
use super::layers::is_weight;
use super::*;
use crate::files::weights::WeightFile;
use crate::labs::gan::Loss;
use crate::labs::training::{Halt, load};
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::Path;

/// Networks of a few thousand weights on the digits that ship.
fn tiny(n_steps: usize) -> Recipe {
    Recipe {
        width: 4,
        d_z: 8,
        settings: Settings {
            batch: 4,
            learning_rate_g: 1e-3,
            ..Settings::default()
        },
        seed: 3,
        n_steps: Some(n_steps),
        n_shown: 4,
        snapshot_every_secs: f64::INFINITY,
        ..Recipe::new(Source::Digits)
    }
}

fn train(
    recipe: &Recipe,
    from: Option<&State>,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Outcome {
    let controls = Controls::new(recipe.settings.clone());
    run(recipe, from, &controls, emit).unwrap()
}

/// A state without the time it took, which no two runs share.
fn timeless(state: &State) -> State {
    State {
        secs: 0.0,
        ..state.clone()
    }
}

fn fixture() -> WeightFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gan_step.safetensors");
    WeightFile::open(&path).unwrap()
}

/// A tensor that `PyTorch` computed.
fn theirs(file: &WeightFile, name: &str) -> Tensor {
    let entry = file.get(name).unwrap();
    let values = file.f32s(entry).unwrap();
    Tensor::from_vec(values, entry.shape.as_slice(), &Device::Cpu).unwrap()
}

fn furthest(a: &Tensor, b: &Tensor) -> f32 {
    let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
    difference.max(0).unwrap().to_scalar().unwrap()
}

#[test]
fn losses_and_a_step_of_both_networks_are_those_of_pytorch() {
    let file = fixture();
    let config = Config {
        d_z: 8,
        side: 16,
        n_channels: 3,
        width: 4,
    };
    let settings = Settings {
        loss: Loss::NonSaturating,
        learning_rate_d: 2e-4,
        learning_rate_g: 2e-4,
        label_smoothing: 0.1,
        spectral_norm: false,
        ..Settings::default()
    };
    let mut fight = Fight::new(config, &settings, 0).unwrap();
    for (network, parameters) in [("g", &fight.g), ("d", &fight.d)] {
        for (name, var) in parameters.iter() {
            let before = theirs(&file, &format!("before.{network}.{name}"));
            var.set(&before).unwrap();
        }
    }
    let (mut turn, mut rng) = (Turn::default(), Rng::new(0, "test"));
    let [real, z_d, z_g] = ["real", "z_d", "z_g"].map(|name| theirs(&file, name));
    let mut go_on = || Continue(());
    fight
        .discriminator_learns(&real, &z_d, &settings, &mut rng, &mut turn, &mut go_on)
        .unwrap();
    fight
        .generator_learns(&z_g, &settings, &mut rng, &mut turn, &mut go_on)
        .unwrap();
    let losses = theirs(&file, "losses").to_vec1::<f32>().unwrap();
    assert!((turn.loss_d - losses[0]).abs() < 1e-5, "{turn:?}");
    assert!((turn.loss_g - losses[1]).abs() < 1e-5, "{turn:?}");
    for (network, parameters, norms) in [
        ("g", &fight.g, &turn.gradient_g),
        ("d", &fight.d, &turn.gradient_d),
    ] {
        for (name, var) in parameters.iter() {
            let after = theirs(&file, &format!("after.{network}.{name}"));
            let distance = furthest(var.as_tensor(), &after);
            assert!(distance < 1e-5, "{network}.{name}: {distance}");
        }
        let weights = parameters.iter().filter(|(name, _)| is_weight(name));
        for ((name, _), norm) in weights.zip(norms) {
            let gradient = theirs(&file, &format!("gradient.{network}.{name}"));
            let squares = gradient.sqr().unwrap().sum_all().unwrap();
            let theirs = squares.to_scalar::<f32>().unwrap().sqrt();
            assert!((norm - theirs).abs() < 1e-5 * theirs.max(1.0), "{name}");
        }
    }
}

#[test]
fn every_weight_has_a_finite_gradient_under_every_setting() {
    let recipe = tiny(1);
    let real = load(&recipe.source, 16, &mut || Continue(())).unwrap();
    let config = Config {
        d_z: 8,
        side: 16,
        n_channels: 1,
        width: 4,
    };
    for loss in Loss::PICTURES {
        for harder in [false, true] {
            let settings = Settings {
                loss,
                spectral_norm: harder,
                augment: harder,
                input_noise: if harder { 0.2 } else { 0.0 },
                label_smoothing: if harder { 0.1 } else { 0.0 },
                d_steps: 1 + usize::from(harder),
                ..recipe.settings.clone()
            };
            let mut fight = Fight::new(config, &settings, 1).unwrap();
            // A parameter without a gradient would be an error, and one that is no number another.
            for _ in 0..3 {
                let turn = fight.turn(&real.pictures, &settings, &mut || Continue(()));
                let turn = turn.unwrap();
                let norms = turn.gradient_g.iter().chain(&turn.gradient_d);
                assert!(norms.clone().all(|&norm| norm > 0.0), "{loss:?}: {turn:?}");
                assert_eq!(norms.count(), 3 + 3);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_networks_and_another_others() {
    let mut recipe = tiny(5);
    let first = train(&recipe, None, &mut |_| Continue(()));
    let second = train(&recipe, None, &mut |_| Continue(()));
    assert!(timeless(&first.state) == timeless(&second.state));
    recipe.seed = 4;
    let third = train(&recipe, None, &mut |_| Continue(()));
    assert!(timeless(&first.state) != timeless(&third.state));
}

#[test]
fn stopped_in_the_midst_of_a_turn_and_resumed_it_ends_as_if_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let whole = train(&tiny(9), None, &mut |_| Continue(()));
    let mut recipe = tiny(9);
    recipe.checkpoint = Some(folder.path().join("part"));
    for n_moments in [21, 23, 25] {
        let mut n_seen = 0;
        let part = train(&recipe, None, &mut |event| {
            n_seen += usize::from(matches!(event, Event::Working));
            if n_seen == n_moments {
                Break(())
            } else {
                Continue(())
            }
        });
        assert!(part.stopped && part.n_steps > 0 && part.n_steps < 9);
        let path = folder.path().join("part.checkpoint");
        let Checkpoint { recipe, state } = Checkpoint::read(&path).unwrap();
        let rest = Recipe {
            n_steps: Some(9),
            n_shown: 4,
            ..recipe
        };
        let rest = train(&rest, Some(&state), &mut |_| Continue(()));
        assert_eq!(rest.losses, whole.losses);
        assert!(timeless(&rest.state) == timeless(&whole.state));
    }
}

#[test]
fn a_branch_from_a_snapshot_goes_on_as_if_nothing_had_been_in_between() {
    let mut snapshots = Vec::new();
    let whole = train(&tiny(8), None, &mut |event| {
        if let Event::Snapshot(snapshot) = event {
            snapshots.push(snapshot);
        }
        Continue(())
    });
    let steps: Vec<usize> = snapshots.iter().map(|s| s.step).collect();
    assert_eq!(steps, [0, 1, 2, 4, 8]);
    let (fourth, last) = (&snapshots[3], &snapshots[4]);
    let mut again = None;
    let branch = train(&tiny(8), fourth.state.as_deref(), &mut |event| {
        if let Event::Snapshot(snapshot) = event {
            again = Some(snapshot);
        }
        Continue(())
    });
    assert!(timeless(&branch.state) == timeless(&whole.state));
    let again = again.unwrap();
    assert_eq!((again.step, &again.fakes), (8, &last.fakes));
    assert_eq!(again.fake_logits, last.fake_logits);
    assert_eq!(again.reals, last.reals);
}

#[test]
fn numbers_that_run_away_stop_the_training_and_the_last_good_checkpoint_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = tiny(20);
    recipe.checkpoint = Some(folder.path().join("a"));
    recipe.checkpoint_every_secs = 0.0;
    let controls = Controls::new(recipe.settings.clone());
    let mut told = Vec::new();
    let outcome = run(&recipe, None, &controls, &mut |event| {
        if let Event::Turn(turn) = &event
            && turn.step == 5
        {
            let mut settings = controls.settings();
            settings.spectral_norm = false;
            settings.learning_rate_g = 1e38;
            controls.set(settings);
        }
        if let Event::Trouble(refusal) = event {
            told.push(refusal);
        }
        Continue(())
    });
    let outcome = outcome.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(!outcome.stopped && outcome.n_steps < 20);
    let evidence = &outcome.trouble.unwrap().evidence;
    assert!(
        evidence.contains("generator") || evidence.contains("discriminator"),
        "{evidence}"
    );
    assert_eq!(outcome.files.len(), 2);
    let kept = Checkpoint::read(&outcome.files[1]).unwrap().state;
    let numbers = kept.tensors.iter().flat_map(|(_, _, values)| values);
    assert!(kept.step >= 5 && numbers.clone().all(|x| x.is_finite()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_training_goes_on() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join("a.checkpoint")).unwrap();
    let mut recipe = tiny(4);
    recipe.checkpoint = Some(folder.path().join("a"));
    recipe.checkpoint_every_secs = 0.0;
    let mut told = Vec::new();
    let outcome = train(&recipe, None, &mut |event| {
        if let Event::Trouble(refusal) = event {
            told.push(refusal);
        }
        Continue(())
    });
    assert_eq!(outcome.n_steps, 4);
    assert!(told.len() >= 4, "{told:?}");
    assert!(told[0].evidence.contains("no room"), "{}", told[0]);
    assert!(told[0].meaning.contains("Training goes on"), "{}", told[0]);
}

#[test]
fn what_can_be_no_training_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |recipe: &Recipe| {
        let controls = Controls::new(recipe.settings.clone());
        run(recipe, None, &controls, &mut |_| Continue(())).unwrap_err()
    };
    let mut recipe = tiny(1);
    recipe.source = Source::Folder(folder.path().to_owned());
    assert!(refused(&recipe).to_string().contains("64"));
    let mut recipe = tiny(1);
    recipe.side = 32;
    assert!(refused(&recipe).evidence.contains("16 × 16"));
    recipe.side = 17;
    assert!(refused(&recipe).evidence.contains("17"));
    let mut recipe = tiny(1);
    recipe.checkpoint = Some(folder.path().to_owned());
    assert!(refused(&recipe).what.contains("is a folder"));
    let other = train(&tiny(1), None, &mut |_| Continue(()));
    let mut recipe = tiny(2);
    recipe.width = 5;
    let controls = Controls::new(recipe.settings.clone());
    let refusal = run(
        &recipe,
        Some(&other.state),
        &controls,
        &mut |_| Continue(()),
    );
    assert!(refusal.unwrap_err().what.contains("another shape"));
}

#[test]
fn a_broken_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = tiny(2);
    recipe.checkpoint = Some(folder.path().join("a.safetensors"));
    let outcome = train(&recipe, None, &mut |_| Continue(()));
    // The generator is no checkpoint.
    assert!(Checkpoint::read(&outcome.files[0]).is_err());
    let bytes = std::fs::read(&outcome.files[1]).unwrap();
    let path = folder.path().join("b.checkpoint");
    for (from, to) in [
        ("\"n_steps\\\":2", "\"n_steps\\\":3"),
        ("\"width\\\":4", "\"width\\\":8"),
    ] {
        let text = String::from_utf8_lossy(&bytes[..4096]).into_owned();
        let at = text.find(&from[1..]).unwrap();
        let mut broken = bytes.clone();
        broken[at..at + to.len() - 1].copy_from_slice(&to.as_bytes()[1..]);
        std::fs::write(&path, &broken).unwrap();
        assert!(Checkpoint::read(&path).is_err(), "{to}");
    }
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(Checkpoint::read(&path).is_err());
}

#[test]
fn a_discriminator_freed_of_its_spectral_norm_judges_on_as_before() {
    let outcome = train(&tiny(6), None, &mut |_| Continue(()));
    let mut fight = Fight::from_state(&outcome.state, 3).unwrap();
    let z = Tensor::from_vec(
        Rng::new(0, "test").normals(16 * 16, 0.0, 1.0),
        (1, 16, 16, 1),
        &Device::Cpu,
    );
    let picture = z.unwrap();
    let before = fight.judge().unwrap().forward(&picture).unwrap();
    let settings = Settings {
        spectral_norm: false,
        ..Settings::default()
    };
    // A turn that is stopped at once: only the switch is made.
    let pictures = load(&Source::Digits, 16, &mut || Continue(())).unwrap();
    let halt = fight.turn(&pictures.pictures, &settings, &mut || Break(()));
    assert!(matches!(halt, Err(Halt::Stopped)));
    let after = fight.judge().unwrap().forward(&picture).unwrap();
    assert!(furthest(&before, &after) < 1e-5);
}

#[test]
fn a_verdict_is_the_sum_of_what_the_last_layer_read() {
    let outcome = train(&tiny(4), None, &mut |_| Continue(()));
    let picture: Vec<u8> = (0..=255).collect();
    let verdict = explain(&outcome.state, &picture).unwrap();
    assert!((verdict.logit - f64::from(verdict.network)).abs() < 1e-5);
    assert_eq!(verdict.terms.len(), 4 * 4 * 8);
    let sizes: Vec<f64> = verdict
        .terms
        .iter()
        .map(|term| term.product().abs())
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b));
    assert!(
        verdict
            .terms
            .iter()
            .all(|t| t.row < 4 && t.column < 4 && t.channel < 8)
    );
}
