//! `glassbox train diffusion` run as a person or a script runs it.

#[path = "support/command.rs"]
mod support;

use glassbox::files::weights::WeightFile;
use std::process::Output;
use support::{document, glassbox, refused};
use tempfile::TempDir;

fn train(folder: &TempDir, arguments: &[&str]) -> Output {
    let common = ["--json", "--threads", "1"];
    let command = [&["train", "diffusion"], arguments, &common].concat();
    glassbox(folder.path(), &command)
}

/// A small network on the digits that ship.
const DIGITS: [&str; 6] = ["--data", "digits", "--widths", "8,8,8", "--batch", "8"];

#[test]
fn the_document_has_the_keys_scripts_rely_on_and_the_model_draws() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&DIGITS[..], &["--steps", "3", "-o", "a"]].concat();
    let json = document(&train(&folder, &arguments));
    assert_eq!(
        (&json["steps"], &json["stopped"]),
        (&3.into(), &false.into())
    );
    let losses = json["losses"].as_array().unwrap();
    assert_eq!(losses.len(), 3);
    assert!(losses.iter().all(|loss| loss.as_f64().unwrap().is_finite()));
    assert!(json["millis_per_step"].as_f64().unwrap() > 0.0);
    let files = json["files"].as_array().unwrap();
    assert_eq!(files, &["a.safetensors", "a.checkpoint"]);
    let model = WeightFile::open(&folder.path().join("a.safetensors")).unwrap();
    let said = |key: &str| model.meta(key).unwrap().as_str().unwrap().to_owned();
    assert_eq!(
        (said("glassbox.kind"), said("steps")),
        ("diffusion".into(), "3".into())
    );
    let draw = ["image", "diffusion", "--model", "a.safetensors", "--json"];
    let draw = [&draw[..], &["--steps", "2", "-o", "a.png"]].concat();
    document(&glassbox(folder.path(), &draw));
    let picture = image::open(folder.path().join("a.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (16, 16));
}

#[test]
fn a_training_goes_on_from_its_checkpoint_and_the_same_seed_repeats_itself() {
    let folder = tempfile::tempdir().unwrap();
    let begin = |steps: &str, seed: &str, name: &str| {
        let more = ["--steps", steps, "--seed", seed, "-o", name];
        document(&train(&folder, &[&DIGITS[..], &more].concat()))
    };
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let whole = begin("4", "9", "a")["losses"].clone();
    begin("4", "9", "b");
    begin("4", "10", "c");
    assert!(bytes("a.safetensors") == bytes("b.safetensors"));
    assert!(bytes("a.safetensors") != bytes("c.safetensors"));
    let on = ["--resume", "a.checkpoint", "--steps", "6", "-o"];
    let first = document(&train(&folder, &[&on[..], &["d"]].concat()));
    let second = document(&train(&folder, &[&on[..], &["e"]].concat()));
    assert_eq!(first["losses"], second["losses"]);
    assert_eq!(
        first["losses"].as_array().unwrap()[..4],
        whole.as_array().unwrap()[..]
    );
    assert!(bytes("d.safetensors") == bytes("e.safetensors"));
}

#[test]
fn pictures_and_checkpoints_that_are_none_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pictures")).unwrap();
    std::fs::write(folder.path().join("pictures/a.png"), "no picture").unwrap();
    for wrong in [
        &["--data", "absent", "-o", "a"][..],
        &["--data", "pictures", "-o", "a"],
        &["--resume", "absent.checkpoint", "-o", "a"],
        &["--resume", "pictures/a.png", "-o", "a"],
    ] {
        refused(&train(&folder, wrong));
    }
    assert!(!folder.path().join("a.safetensors").exists());
    for wrong in [
        &["--side", "48", "-o", "a"][..],
        &["--widths", "80,144", "-o", "a"],
        &["--prediction", "score", "-o", "a"],
        &["--steps", "0", "-o", "a"],
        &["--resume", "a.checkpoint", "--side", "32", "-o", "a"],
        &["--data", "digits"],
    ] {
        assert_eq!(train(&folder, wrong).status.code(), Some(2), "{wrong:?}");
    }
}
