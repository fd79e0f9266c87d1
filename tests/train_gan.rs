//! `glassbox train gan` run as a person or a script runs it.

#[path = "support/command.rs"]
mod support;

use glassbox::files::weights::WeightFile;
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use support::{document, glassbox, refused};
use tempfile::TempDir;

fn train(folder: &TempDir, arguments: &[&str]) -> Output {
    let common = ["--json", "--threads", "1"];
    glassbox(
        folder.path(),
        &[&["train", "gan"], arguments, &common].concat(),
    )
}

/// Small networks on the digits that ship.
const DIGITS: [&str; 4] = ["--data", "digits", "--width", "4"];

#[test]
fn the_document_has_the_keys_scripts_rely_on_and_the_files_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&DIGITS[..], &["--steps", "3", "-o", "a"]].concat();
    let json = document(&train(&folder, &arguments));
    assert_eq!(json["steps"], 3);
    for network in ["d", "g"] {
        let losses = json["losses"][network].as_array().unwrap();
        assert_eq!(losses.len(), 3);
        assert!(losses.iter().all(|loss| loss.as_f64().unwrap().is_finite()));
    }
    assert!(json["millis_per_step"].as_f64().unwrap() > 0.0);
    assert_eq!(json["stopped"], false);
    let files = json["files"].as_array().unwrap();
    assert_eq!(files, &["a.safetensors", "a.checkpoint"]);
    let generator = WeightFile::open(&folder.path().join("a.safetensors")).unwrap();
    let said = |key: &str| generator.meta(key).unwrap().as_str().unwrap().to_owned();
    assert_eq!(said("glassbox.kind"), "gan");
    assert_eq!(said("steps"), "3");
    let config: Value = serde_json::from_str(&said("config")).unwrap();
    assert_eq!(
        (&config["side"], &config["n_channels"]),
        (&16.into(), &1.into())
    );
}

#[test]
fn a_training_goes_on_from_its_checkpoint_and_the_same_seed_repeats_itself() {
    let folder = tempfile::tempdir().unwrap();
    let first = [&DIGITS[..], &["--steps", "2", "--seed", "9", "-o"]].concat();
    document(&train(&folder, &[&first[..], &["a"]].concat()));
    document(&train(&folder, &[&first[..], &["b"]].concat()));
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("a.safetensors") == bytes("b.safetensors"));
    let on = ["--resume", "a.checkpoint", "--steps", "5", "-o"];
    let losses = |name: &str| {
        let json = document(&train(&folder, &[&on[..], &[name]].concat()));
        assert_eq!(json["steps"], 5);
        json["losses"].clone()
    };
    assert_eq!(losses("c"), losses("d"));
    assert!(bytes("c.safetensors") == bytes("d.safetensors"));
}

#[test]
fn what_cannot_be_learned_from_or_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    std::fs::write(pictures.join("a.png"), b"not a picture").unwrap();
    let few = train(&folder, &["--data", "pictures", "-o", "a"]);
    assert!(!refused(&few).is_empty());
    refused(&train(&folder, &["--data", "absent", "-o", "a"]));
    let large = [&DIGITS[..], &["--side", "64", "-o", "a"]].concat();
    assert!(refused(&train(&folder, &large)).contains("16 × 16"));
    let onto_a_folder = [&DIGITS[..], &["--steps", "1", "-o", "pictures"]].concat();
    refused(&train(&folder, &onto_a_folder));
    refused(&train(&folder, &["--resume", "pictures/a.png", "-o", "a"]));
    assert!(!Path::new(&folder.path().join("a.safetensors")).exists());
}

#[test]
fn wrong_usage_is_status_two() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in [
        &["--side", "48", "-o", "a"][..],
        &["--steps", "0", "-o", "a"],
        &["--minutes", "nan", "-o", "a"],
        &["--width", "0", "-o", "a"],
        &["--d-steps", "0", "-o", "a"],
        &["--resume", "a.checkpoint", "--side", "32", "-o", "a"],
        &["--data", "digits"],
    ] {
        assert_eq!(train(&folder, wrong).status.code(), Some(2), "{wrong:?}");
    }
}
