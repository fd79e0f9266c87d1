//! The training of a diffusion model held to its promises.

use super::batch::{error_of_clean, parts};
use super::learner::Learner;
use super::*;
use crate::algo::diffusion::{Level, N_LEVELS};
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::sampling::Denoise as _;
use crate::labs::training::Halt;
use crate::rng::Rng;
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::Path;

/// A network of a few thousand weights on the digits that ship.
fn tiny(n_steps: usize) -> Recipe {
    Recipe {
        patch: 2,
        widths: [8, 8, 8],
        settings: Settings {
            batch: 10,
            learning_rate: 3e-3,
            ..Settings::default()
        },
        seed: 3,
        n_steps: Some(n_steps),
        n_shown: 2,
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

fn learner(recipe: &Recipe) -> (Learner, data::Data) {
    let data = data::load(&recipe.source, recipe.side, &mut |_| Continue(())).unwrap();
    let config = recipe.config(1, &data.attributes).unwrap();
    let attributes = data.attributes.clone();
    let learner = Learner::new(config, Schedule::Cosine, recipe.prediction, attributes, 3);
    (learner.unwrap(), data)
}

#[test]
fn every_weight_learns_whatever_is_predicted() {
    for prediction in Prediction::ALL {
        let recipe = Recipe {
            prediction,
            ..tiny(1)
        };
        let (mut learner, data) = learner(&recipe);
        // The first step moves only what begins as zero; behind it everything does.
        let mut turn = Turn::default();
        for _ in 0..4 {
            let step = learner.turn(&data, &recipe.settings, 1.0, &mut || Continue(()));
            turn = step.unwrap();
        }
        assert!(turn.loss.is_finite() && turn.gradient > 0.0);
        assert_eq!(turn.gradients.len(), learner.layers().len());
        for (layer, gradient) in learner.layers().iter().zip(&turn.gradients) {
            assert!(
                gradient.is_finite() && *gradient > 0.0,
                "{prediction:?} {layer}"
            );
        }
        assert!(turn.bands.iter().flatten().all(|error| *error >= 0.0));
        assert_eq!(
            turn.bands.iter().flatten().count(),
            N_BANDS,
            "each tenth is in ten pictures"
        );
    }
}

#[test]
fn a_network_that_says_nothing_loses_as_much_as_the_pictures_are_bright() {
    // At its beginning the network's output is 0, so the loss of one that predicts noise is the mean of
    // its squares: 1, whatever the pictures are.
    let recipe = Recipe {
        prediction: Prediction::Epsilon,
        ..tiny(1)
    };
    let (mut learner, data) = learner(&recipe);
    let settings = Settings {
        batch: 40,
        ..recipe.settings
    };
    let turn = learner.turn(&data, &settings, 1.0, &mut || Continue(()));
    let loss = turn.unwrap().loss;
    let standard_error = (2.0_f32 / (40.0 * 256.0)).sqrt();
    assert!((loss - 1.0).abs() < 4.0 * standard_error, "{loss}");
}

#[test]
fn a_step_sees_every_noise_level_and_forgets_conditions_as_often_as_it_should() {
    let recipe = tiny(1);
    let (learner, data) = learner(&recipe);
    let settings = Settings {
        batch: 1000,
        ..recipe.settings
    };
    let mut rng = Rng::new(0, "test");
    let all = parts(
        &data,
        &learner.levels,
        recipe.prediction,
        &settings,
        64,
        &mut rng,
    )
    .unwrap();
    let mut t: Vec<usize> = all
        .iter()
        .flat_map(|p| &p.levels)
        .map(|l| l.t as usize)
        .collect();
    t.sort_unstable();
    assert_eq!(t, (0..N_LEVELS).collect::<Vec<_>>());
    let told = all.iter().flat_map(|part| &part.rows);
    let n_told = told.filter(|row| row[0] > 0).count() as f64;
    // 0.8 · 0.88 of 1,000, within four standard deviations.
    assert!(
        (n_told - 704.0).abs() < 4.0 * (1000.0_f64 * 0.704 * 0.296).sqrt(),
        "{n_told}"
    );
}

#[test]
fn an_error_of_noise_or_v_is_worth_what_it_does_to_the_clean_picture() {
    let level = Level {
        t: 500.0,
        alpha_cumprod: 0.36,
    };
    let (clean, noise) = ([0.3_f32, -0.7], [-1.4_f32, 0.2]);
    let x_t = level.noised(&clean, &noise);
    for prediction in Prediction::ALL {
        let mut output = prediction.target(&clean, &noise, &level);
        output[0] += 0.1;
        let wrong = prediction.x0(&output, &x_t, &level)[0] - clean[0];
        let worth = error_of_clean(prediction, 0.01, &level);
        assert!(
            (f64::from(wrong).powi(2) - worth).abs() < 1e-6,
            "{prediction:?}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_network_and_another_another() {
    let mut recipe = tiny(4);
    let first = train(&recipe, None, &mut |_| Continue(()));
    let second = train(&recipe, None, &mut |_| Continue(()));
    assert!(timeless(&first.state) == timeless(&second.state));
    recipe.seed = 4;
    let third = train(&recipe, None, &mut |_| Continue(()));
    assert!(timeless(&first.state) != timeless(&third.state));
}

#[test]
fn stopped_in_the_midst_of_a_step_and_resumed_it_ends_as_if_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let whole = train(&tiny(9), None, &mut |_| Continue(()));
    let mut recipe = tiny(9);
    recipe.checkpoint = Some(folder.path().join("part"));
    for n_moments in [37, 38, 54] {
        let mut n_seen = 0;
        let part = train(&recipe, None, &mut |event| {
            n_seen += usize::from(matches!(event, Event::Working));
            if n_seen == n_moments {
                Break(())
            } else {
                Continue(())
            }
        });
        assert!(
            part.stopped && part.n_steps > 0 && part.n_steps < 9,
            "{}",
            part.n_steps
        );
        let path = folder.path().join("part.checkpoint");
        let Checkpoint { recipe, state } = Checkpoint::read(&path).unwrap();
        let rest = Recipe {
            n_steps: Some(9),
            n_shown: 2,
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
    let mut again = None;
    let branch = train(&tiny(8), snapshots[3].state.as_deref(), &mut |event| {
        if let Event::Snapshot(snapshot) = event {
            again = Some(snapshot);
        }
        Continue(())
    });
    assert!(timeless(&branch.state) == timeless(&whole.state));
    let (again, last) = (again.unwrap(), &snapshots[4]);
    assert_eq!((again.step, &again.pictures), (8, &last.pictures));
    assert_eq!(again.rows, last.rows);
}

#[test]
fn the_model_on_disk_draws_what_the_training_draws() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = tiny(3);
    recipe.checkpoint = Some(folder.path().join("a"));
    let outcome = train(&recipe, None, &mut |_| Continue(()));
    let opened = Denoiser::open(&outcome.files[0]).unwrap();
    assert_eq!(opened.about().steps, Some(3));
    assert_eq!(opened.about().attributes, outcome.state.attributes);
    let ours = Learner::from_state(&outcome.state, 3)
        .unwrap()
        .denoiser()
        .unwrap();
    let x_t = Rng::new(0, "test").normals(256, 0.0, 1.0);
    let level = opened.levels().at(700.0);
    let condition = opened.condition(&[8]).unwrap();
    for guidance in [0.0, 1.0, 3.0] {
        let [a, b] = [&opened, &ours].map(|denoiser| {
            denoiser
                .predict(&x_t, &level, &condition, guidance)
                .unwrap()
        });
        let furthest = a.x0.iter().zip(&b.x0).map(|(a, b)| (a - b).abs());
        // The file keeps weights in half precision.
        assert!(furthest.fold(0.0, f32::max) < 0.02);
    }
    // Guidance 2 is once more what the words change.
    let guided = |guidance| opened.predict(&x_t, &level, &condition, guidance).unwrap();
    let (plain, twice) = (guided(1.0), guided(2.0));
    for ((one, two), change) in plain.x0.iter().zip(&twice.x0).zip(&twice.difference) {
        assert!((two - one - change).abs() < 1e-5);
    }
    assert!(opened.predict(&x_t[1..], &level, &condition, 1.0).is_err());
    assert!(opened.predict(&x_t, &level, &condition, f32::NAN).is_err());
    assert!(opened.condition(&[11]).is_err() && opened.condition(&[]).is_err());
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
            controls.set(Settings {
                learning_rate: 1e38,
                ..controls.settings()
            });
        }
        if let Event::Trouble(refusal) = event {
            told.push(refusal);
        }
        Continue(())
    });
    let outcome = outcome.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(!outcome.stopped && outcome.n_steps < 20);
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
    let mut recipe = tiny(1);
    recipe.widths = [8, 12, 8];
    assert!(refused(&recipe).evidence.contains("12"));
    let mut recipe = tiny(1);
    recipe.patch = 8;
    assert!(refused(&recipe).next.contains("patches"));
    let mut recipe = tiny(1);
    recipe.checkpoint = Some(folder.path().to_owned());
    assert!(refused(&recipe).what.contains("is a folder"));
    let other = train(&tiny(1), None, &mut |_| Continue(()));
    let mut recipe = tiny(2);
    recipe.widths = [16, 8, 8];
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
    // The model is no checkpoint, nor is a checkpoint a model.
    assert!(Checkpoint::read(&outcome.files[0]).is_err());
    assert!(Denoiser::open(&outcome.files[1]).is_err());
    let bytes = std::fs::read(&outcome.files[1]).unwrap();
    let path = folder.path().join("b.checkpoint");
    for (from, to) in [
        ("n_steps\\\":2", "n_steps\\\":3"),
        ("conditions\\\":[11", "conditions\\\":[12"),
        ("widths\\\":[8,8", "widths\\\":[8,7"),
    ] {
        let text = String::from_utf8_lossy(&bytes[..4096]).into_owned();
        let at = text.find(from).unwrap();
        let mut broken = bytes.clone();
        broken[at..at + to.len()].copy_from_slice(to.as_bytes());
        std::fs::write(&path, &broken).unwrap();
        assert!(Checkpoint::read(&path).is_err(), "{to}");
    }
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(Checkpoint::read(&path).is_err());
}

#[test]
fn a_step_that_is_stopped_moves_nothing() {
    let recipe = tiny(1);
    let (mut learner, data) = learner(&recipe);
    let before = learner.state().unwrap();
    let halt = learner.turn(&data, &recipe.settings, 1.0, &mut || Break(()));
    assert!(matches!(halt, Err(Halt::Stopped)));
    assert!(learner.state().unwrap() == before);
}
