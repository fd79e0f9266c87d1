//! `glassbox sound make` and `glassbox train sound`, as a person or a script runs them.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it did not expect"
)]

#[path = "support/command.rs"]
mod support;

use glassbox::files::atlas::Pictures;
use glassbox::files::weights::WeightFile;
use glassbox::labs::sound::phrases::{Collection, SIDE};
use std::path::Path;
use support::{document, glassbox, refused};

fn sound(folder: &Path, arguments: &[&str]) -> std::process::Output {
    glassbox(folder, &[&["sound", "make", "--json"], arguments].concat())
}

/// What is made within a moment.
const QUICK: [&str; 4] = ["--steps", "2", "--iterations", "2"];

#[test]
fn a_caption_becomes_a_sound_and_the_same_seed_the_same_samples() {
    let folder = tempfile::tempdir().unwrap();
    let make = |caption: &str, seed: &str, out: &str| {
        let asked = ["--caption", caption, "--seed", seed, "-o", out];
        document(&sound(folder.path(), &[&QUICK[..], &asked].concat()))
    };
    let json = make("slow minor piano chords", "5", "a.wav");
    assert_eq!(json["sample_rate_hz"], 44_100);
    assert_eq!(
        (&json["n_frames"], &json["n_mels"]),
        (&128.into(), &128.into())
    );
    assert_eq!(json["n_steps"], 2);
    assert!((json["secs"].as_f64().unwrap() - 2.972).abs() < 1e-3);
    assert!(json["spectral_convergence"].as_f64().unwrap().is_finite());
    assert_eq!(json["notes"].as_array().unwrap().len(), 0);
    make("slow minor piano chords", "5", "b.wav");
    make("slow minor piano chords", "6", "c.wav");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("a.wav") == bytes("b.wav") && bytes("a.wav") != bytes("c.wav"));
    let notes = make("slow bagpipes", "5", "d.wav")["notes"].to_string();
    assert!(notes.contains("“bagpipes”"), "{notes}");
}

#[test]
fn a_phrase_goes_on_as_often_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let asked = ["--caption", "fast drums", "--go-on", "2", "-o", "a.wav"];
    let json = document(&sound(folder.path(), &[&QUICK[..], &asked].concat()));
    // Of 128 columns 48 are kept, three beats of eight.
    assert_eq!(json["n_frames"], 128 + 2 * 80);
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |asked: &[&str]| {
        let out = sound(folder.path(), &[asked, &["-o", "a.wav"]].concat());
        refused(&out)
    };
    ask(&["--steps", "100000"]);
    let evidence = ask(&["--model", "diffusion-faces"]);
    assert!(evidence.contains("64 × 64"), "{evidence}");
    ask(&["--soundfont", "nowhere.sf2"]);
    assert!(!folder.path().join("a.wav").exists());
}

#[test]
fn a_model_of_phrases_is_trained_from_a_file_goes_on_and_makes_sounds() {
    let folder = tempfile::tempdir().unwrap();
    let n = 64;
    let phrases = Collection {
        pictures: Pictures {
            side: SIDE,
            n_channels: 1,
            pixels: (0..n * SIDE * SIDE).map(|i| (i / 7 % 256) as u8).collect(),
        },
        rows: (0..n).map(|i| [(i % 12) as u8 + 1, 1, 1, 1]).collect(),
    };
    phrases.write(&folder.path().join("few.phrases")).unwrap();
    let train = |asked: &[&str]| {
        let begin = ["train", "sound", "--json", "--threads", "1", "-o", "m"];
        document(&glassbox(folder.path(), &[&begin, asked].concat()))
    };
    let json = train(&["--data", "few.phrases", "--steps", "1"]);
    assert_eq!(
        json["files"],
        serde_json::json!(["m.safetensors", "m.checkpoint"])
    );
    let json = train(&["--resume", "m.checkpoint", "--steps", "2"]);
    assert_eq!(
        (&json["steps"], json["losses"].as_array().unwrap().len()),
        (&2.into(), 2)
    );
    let path = folder.path().join("m.safetensors");
    assert!(path.metadata().unwrap().len() < 3_400_000);
    let file = WeightFile::open(&path).unwrap();
    let source = file.meta("source").unwrap().as_str().unwrap();
    assert!(source.contains("`glassbox train sound`"), "{source}");
    let asked = ["--model", "m.safetensors", "-o", "m.wav"];
    let json = document(&sound(folder.path(), &[&QUICK[..], &asked].concat()));
    assert_eq!(json["n_frames"], 128);
}
