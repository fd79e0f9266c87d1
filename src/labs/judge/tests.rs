//! Judges held to their promises.

use super::jitter::May;
use super::*;
use crate::files::{digits as digit_files, faces as face_files};
use std::fs;
use std::ops::ControlFlow::{Break, Continue};
use tempfile::TempDir;

/// Small greys: a question that can be learned in no time, is the upper or the lower half lighter?
fn lessons() -> Lessons {
    let mut pixels = Vec::new();
    for i in 0..220 {
        let light = |y: usize| if (y < 4) == (i % 2 == 0) { 200 } else { 40 };
        pixels.extend((0..64).map(|p| (light(p / 8) + i % 40) as u8));
    }
    let question = Question {
        name: "half".to_owned(),
        answers: vec!["upper".to_owned(), "lower".to_owned()],
    };
    Lessons {
        config: crate::models::judge::Config {
            side: 8,
            n_channels: 1,
            width: 4,
            questions: vec![question],
        },
        pictures: Pictures {
            side: 8,
            n_channels: 1,
            pixels,
        },
        answers: (0..220).map(|i| vec![i % 2]).collect(),
        may: May {
            mirror: false,
            rise: true,
        },
        source: "halves".to_owned(),
        license: "CC0-1.0",
    }
}

fn recipe(folder: &TempDir, name: &str, n_steps: usize) -> Recipe {
    Recipe {
        n_steps: Some(n_steps),
        batch: 8,
        report_every: 10,
        ..Recipe::new(3, folder.path().join(name))
    }
}

fn train(
    recipe: Recipe,
    resume: Option<&Checkpoint>,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Outcome {
    let training = Training::prepare(recipe, lessons(), resume, &Device::Cpu).unwrap();
    training.run(emit).unwrap()
}

fn bytes(folder: &TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn a_judge_that_was_trained_is_read_again_and_answers_what_it_learned() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = train(recipe(&folder, "a", 40), None, &mut |_| Continue(()));
    // It begins by knowing nothing: near ln 2 = 0.69, for so few pictures.
    assert!(
        outcome.losses[0] > 0.3 && outcome.losses[39] < 0.1,
        "{:?}",
        outcome.losses
    );
    assert_eq!(outcome.held_out[0].share, 1.0);
    let judge = Judge::open(&outcome.files[0]).unwrap();
    assert_eq!(judge.held_out(), outcome.held_out);
    let looked = judge
        .look(&lessons().pictures, &mut || Continue(()))
        .unwrap()
        .unwrap();
    assert_eq!((looked.readings.len(), looked.features.len()), (220, 220));
    for (i, reading) in looked.readings.iter().enumerate() {
        assert!((reading.probs[0].iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(reading.best(0).unwrap().0, i % 2);
        assert_eq!(reading.best(1), None);
    }
    let counts = &coverage(judge.questions(), &looked.readings[..100])[0];
    assert_eq!(counts.counts[1], ("lower".to_owned(), 50));
    let upper: Vec<Reading> = looked.readings.iter().step_by(2).cloned().collect();
    let counts = &coverage(judge.questions(), &upper)[0];
    assert_eq!(counts.missing().collect::<Vec<_>>(), ["lower"]);
}

#[test]
fn stopped_in_the_midst_of_a_step_and_resumed_it_ends_as_if_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let whole = train(recipe(&folder, "whole", 12), None, &mut |_| Continue(()));
    let mut n_parts = 0;
    let part = train(recipe(&folder, "part", 12), None, &mut |event| {
        n_parts += usize::from(event == Event::Working);
        if n_parts == 10 {
            Break(())
        } else {
            Continue(())
        }
    });
    assert!(part.stopped);
    assert_eq!(part.n_steps, 4);
    let checkpoint = Checkpoint::read(&folder.path().join("part.checkpoint")).unwrap();
    let mut recipe = recipe(&folder, "rest", 12);
    recipe.seed = 77; // the checkpoint's counts
    let rest = train(recipe, Some(&checkpoint), &mut |_| Continue(()));
    assert_eq!((rest.losses, rest.held_out), (whole.losses, whole.held_out));
    assert!(bytes(&folder, "rest.safetensors") == bytes(&folder, "whole.safetensors"));
}

#[test]
fn stopped_before_its_first_step_it_leaves_the_judge_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.safetensors"), "a finished judge").unwrap();
    let outcome = train(recipe(&folder, "a", 9), None, &mut |_| Break(()));
    assert!(outcome.stopped && outcome.files.is_empty());
    assert_eq!(bytes(&folder, "a.safetensors"), b"a finished judge");
}

#[test]
fn another_model_or_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    train(recipe(&folder, "a", 2), None, &mut |_| Continue(()));
    let (judge, checkpoint) = ("a.safetensors", "a.checkpoint");
    let path = |name: &str| folder.path().join(name);
    assert!(Checkpoint::read(&path(judge)).is_err());
    assert!(Judge::open(&path(checkpoint)).is_err());
    assert!(Judge::open(folder.path()).is_err());
    let checkpoint = Checkpoint::read(&path(checkpoint)).unwrap();
    let of_digits = digits().unwrap();
    let recipe = recipe(&folder, "b", 2);
    let refused = Training::prepare(recipe, of_digits, Some(&checkpoint), &Device::Cpu);
    assert!(refused.unwrap_err().evidence.contains("halves"));
    let mut cut = bytes(&folder, judge);
    cut.truncate(cut.len() - 2);
    fs::write(path("cut.safetensors"), cut).unwrap();
    assert!(Judge::open(&path("cut.safetensors")).is_err());
}

/// The share of held-out pictures that the judge is right about, for the question that is.
fn worst(judge: &Judge, pictures: &Pictures, right: &dyn Fn(usize, usize) -> usize) -> f64 {
    let held_out: Vec<usize> = (0..pictures.len()).filter(|&i| is_held_out(i)).collect();
    let pixels = held_out.iter().filter_map(|&i| pictures.get(i)).flatten();
    let asked = Pictures {
        pixels: pixels.copied().collect(),
        ..*pictures
    };
    let looked = judge.look(&asked, &mut || Continue(())).unwrap().unwrap();
    let share = |question: usize| {
        let pairs = held_out.iter().zip(&looked.readings);
        let n = pairs.filter(|(i, reading)| {
            reading.best(question).map(|(best, _)| best) == Some(right(**i, question))
        });
        n.count() as f64 / held_out.len() as f64
    };
    (0..judge.questions().len()).map(share).fold(1.0, f64::min)
}

#[test]
fn the_judges_that_ship_are_right_about_pictures_that_they_never_learned_from() {
    let judge = Judge::faces().unwrap();
    assert_eq!(judge.questions().len(), 8);
    assert!(
        judge.held_out().iter().all(|right| right.share >= 0.97),
        "{:?}",
        judge.held_out()
    );
    let faces = face_files::bundled().unwrap();
    let right = |i: usize, question: usize| usize::from(faces.faces[i].values[question]);
    let share = worst(&judge, &faces.pictures, &right);
    assert!(share >= 0.97, "{share}");
    let judge = Judge::digits().unwrap();
    let share = worst(&judge, &digit_files::bundled().unwrap(), &|i, _| {
        digit_files::label(i)
    });
    assert!(share >= 0.97, "{share}");
}

#[test]
fn real_faces_are_as_good_as_no_distance_from_real_faces_and_digits_of_one_kind_are_far() {
    let judge = Judge::digits().unwrap();
    let digits = digit_files::bundled().unwrap();
    let features = |which: &dyn Fn(usize) -> bool| {
        let chosen = (0..digits.len()).filter(|&i| which(i)).take(700);
        let pixels = chosen
            .filter_map(|i| digits.get(i))
            .flatten()
            .copied()
            .collect();
        let some = Pictures { pixels, ..digits };
        judge
            .look(&some, &mut || Continue(()))
            .unwrap()
            .unwrap()
            .features
    };
    let (some, others) = (
        features(&|i| i / 10 % 2 == 0),
        features(&|i| i / 10 % 2 == 1),
    );
    let sevens = features(&|i| i % 10 == 7);
    let (near, far) = (fid(&some, &others).unwrap(), fid(&some, &sevens).unwrap());
    assert!(20.0 * near < far, "{near} {far}");
    assert_eq!(fid(&some, &Features::default()), None);
}

#[test]
fn pictures_that_a_judge_does_not_know_are_refused_and_larger_ones_are_halved() {
    let judge = Judge::faces().unwrap();
    let grey = digit_files::bundled().unwrap();
    assert!(
        judge
            .look(&grey, &mut || Continue(()))
            .unwrap_err()
            .evidence
            .contains("grey")
    );
    let mut face = face_files::bundled().unwrap().pictures;
    face.pixels.truncate(64 * 64 * 3);
    let large = judge.look(&face, &mut || Continue(())).unwrap().unwrap();
    let small = judge
        .look(&face.halved(), &mut || Continue(()))
        .unwrap()
        .unwrap();
    assert_eq!(large, small);
    assert!(
        judge
            .look(&face.halved().halved(), &mut || Continue(()))
            .is_err()
    );
    assert_eq!(judge.look(&face, &mut || Break(())), Ok(None));
}
