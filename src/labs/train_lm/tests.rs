//! Training held to its promises.

use super::*;
use crate::files::{embedded, weights::WeightFile};
use crate::labs::story_grammar::StoryGrammar;
use candle_core::Device;
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::Path;
use tempfile::TempDir;
use vocabulary::Encoder;

/// A model of a few thousand weights.
fn tiny(folder: &Path, name: &str, n_steps: usize) -> Recipe {
    Recipe {
        n_steps: Some(n_steps),
        vocab_size: 300,
        n_ctx: 32,
        d_model: 16,
        n_heads: 2,
        n_layers: 2,
        n_texts: 2,
        learning_rate: 1e-2,
        report_every: 10,
        ..Recipe::stories(3, folder.join(name))
    }
}

fn train(
    recipe: Recipe,
    resume: Option<&Checkpoint>,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Outcome {
    let training = Training::prepare(recipe, resume, &Device::Cpu).unwrap();
    training.run(emit).unwrap()
}

fn refused(recipe: Recipe, resume: Option<&Checkpoint>) -> crate::refusal::Refusal {
    Training::prepare(recipe, resume, &Device::Cpu).unwrap_err()
}

fn bytes(folder: &TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn the_loss_falls_and_the_files_are_a_model_and_its_vocabulary() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let outcome = train(tiny(folder.path(), "a", 40), None, &mut |event| {
        let kind = match event {
            Event::Prepared { .. } => "prepared",
            Event::Working => "working",
            Event::Step { .. } => "step",
            Event::HeldOut { .. } => "held out",
            Event::Sample { .. } => "sample",
            Event::Saved { .. } => "saved",
        };
        *seen.entry(kind).or_default() += 1;
        Continue(())
    });
    assert_eq!(outcome.n_steps, 40);
    // It begins by knowing nothing: ln 300.
    assert!((outcome.losses[0] - 300f32.ln()).abs() < 0.3);
    assert!(outcome.held_out_loss.unwrap() < outcome.losses[0] - 0.8);
    assert_eq!((seen["prepared"], seen["step"]), (1, 40));
    assert_eq!((seen["held out"], seen["sample"], seen["saved"]), (4, 4, 4));
    let file = WeightFile::open(&outcome.files[0]).unwrap();
    assert_eq!(file.config.as_ref().unwrap()["n_head"], 2);
    assert!(crate::models::load(&file, &Device::Cpu, &mut |_| Continue(())).is_ok());
    let vocabulary = crate::files::vocabulary::Vocabulary::of_model(&file).unwrap();
    assert_eq!(vocabulary.unwrap().tokens.len(), 300);
}

#[test]
fn the_same_seed_gives_the_same_weights_and_another_others() {
    let folder = tempfile::tempdir().unwrap();
    for (name, seed) in [("a", 3), ("b", 3), ("c", 4)] {
        let mut recipe = tiny(folder.path(), name, 5);
        recipe.seed = seed;
        train(recipe, None, &mut |_| Continue(()));
    }
    let model = |name| bytes(&folder, name);
    assert!(model("a.safetensors") == model("b.safetensors"));
    assert!(model("a.safetensors") != model("c.safetensors"));
}

#[test]
fn stopped_in_the_midst_of_a_step_and_resumed_it_ends_as_if_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let whole = train(tiny(folder.path(), "whole", 9), None, &mut |_| Continue(()));
    let mut n_parts = 0;
    let part = train(tiny(folder.path(), "part", 9), None, &mut |event| {
        n_parts += usize::from(event == Event::Working);
        if n_parts == 9 {
            Break(())
        } else {
            Continue(())
        }
    });
    assert!(part.stopped);
    assert_eq!(part.n_steps, 4);
    let checkpoint = Checkpoint::read(&folder.path().join("part.checkpoint")).unwrap();
    let mut recipe = tiny(folder.path(), "rest", 9);
    recipe.seed = 77; // the checkpoint's counts
    let rest = train(recipe, Some(&checkpoint), &mut |_| Continue(()));
    assert_eq!(rest.losses, whole.losses);
    assert_eq!(rest.held_out_loss, whole.held_out_loss);
    assert!(bytes(&folder, "rest.safetensors") == bytes(&folder, "whole.safetensors"));
    assert!(bytes(&folder, "rest.tokenizer.json") == bytes(&folder, "whole.tokenizer.json"));
}

#[test]
fn stopped_before_its_first_step_it_leaves_the_model_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.safetensors"), "a finished model").unwrap();
    let outcome = train(tiny(folder.path(), "a", 9), None, &mut |_| Break(()));
    assert!(outcome.stopped && outcome.files.is_empty());
    assert_eq!(bytes(&folder, "a.safetensors"), b"a finished model");
}

#[test]
fn a_persons_text_is_learned_and_needed_again_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let verse = "Twinkle, twinkle, little star, how I wonder what you are. ";
    let recipe = |name| Recipe {
        text: Some(verse.repeat(80)),
        source: "star.txt".into(),
        ..tiny(folder.path(), name, 30)
    };
    let outcome = train(recipe("star"), None, &mut |_| Continue(()));
    assert!(outcome.held_out_loss.unwrap() < 0.6 * outcome.losses[0]);
    let checkpoint = Checkpoint::read(&outcome.files[2]).unwrap();
    let refusal = refused(tiny(folder.path(), "on", 40), Some(&checkpoint));
    assert!(refusal.evidence.contains("star.txt"));
    let more = Recipe {
        n_steps: Some(31),
        ..recipe("on")
    };
    assert_eq!(
        train(more, Some(&checkpoint), &mut |_| Continue(())).n_steps,
        31
    );
}

#[test]
fn texts_without_anything_to_learn_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", " \n", "One line.", "<|endoftext|><|endoftext|>"] {
        let recipe = Recipe {
            text: Some(text.into()),
            ..tiny(folder.path(), "a", 2)
        };
        assert!(refused(recipe, None).what.contains("too short"), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_megabyte_without_a_space_is_learned_from_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = Recipe {
        text: Some("ab".repeat(1 << 19)),
        ..tiny(folder.path(), "a", 1)
    };
    assert_eq!(train(recipe, None, &mut |_| Continue(())).n_steps, 1);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_first_step() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        refused(tiny(folder.path(), "", 2), None)
            .what
            .contains("folder")
    );
    fs::write(folder.path().join("file"), "").unwrap();
    let refusal = refused(tiny(folder.path(), "file/model", 2), None);
    assert!(refusal.next.contains("-o"), "{refusal:?}");
}

#[test]
fn what_is_not_a_sound_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = train(tiny(folder.path(), "a", 2), None, &mut |_| Continue(()));
    let path = folder.path().join("broken");
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Checkpoint::read(&path)
    };
    let whole = fs::read(&outcome.files[2]).unwrap();
    assert!(read(&whole).is_ok());
    for end in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
    // A model is no checkpoint, and neither is anything that is not a weight file.
    assert!(Checkpoint::read(&outcome.files[0]).is_err());
    assert!(Checkpoint::read(&outcome.files[1]).is_err());
    assert!(Checkpoint::read(Path::new("/dev/zero")).is_err());
    assert!(Checkpoint::read(folder.path()).is_err());
    // The same length, so that the file stays whole around the lie.
    let text = String::from_utf8_lossy(&whole[..4000]).into_owned();
    for (is, lie) in [
        (r#"\"d_model\":16"#, r#"\"d_model\":99"#),
        (r#"\"n_heads\":2"#, r#"\"n_heads\":0"#),
        (r#"\"n_heads\":2"#, r#"\"n_heads\":3"#),
        (r#"\"n_layers\":2"#, r#"\"n_layers\":9"#),
        (r#"\"n_ctx\":32"#, r#"\"n_ctx\":99"#),
        (r#"\"vocab_size\":300"#, r#"\"vocab_size\":999"#),
        (r#"\"n_steps\":2"#, r#"\"n_steps\":7"#),
    ] {
        let at = text.find(is).unwrap();
        let mut changed = whole.clone();
        changed[at..at + lie.len()].copy_from_slice(lie.as_bytes());
        assert!(read(&changed).is_err(), "{lie}");
    }
}

#[test]
fn the_shipped_vocabulary_is_what_the_grammar_teaches() {
    let stories = corpus::vocabulary_stories(&StoryGrammar::default(), 0);
    let encoder = Encoder::learn(stories.iter().map(String::as_str), 1024).unwrap();
    let shipped = embedded::vocabulary().unwrap();
    let learned: Vec<(u32, u32)> = encoder.pairs().collect();
    let pairs: Vec<(u32, u32)> = shipped.merges.iter().map(|&(l, r, _)| (l, r)).collect();
    assert_eq!(learned, pairs);
}
