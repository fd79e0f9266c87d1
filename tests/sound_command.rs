//! `glassbox sound spectrogram` and `glassbox sound invert`, as a person runs them.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/command.rs"]
mod support;

use glassbox::files::sound::wav::{Depth, to_bytes};
use std::f64::consts::TAU;
use std::fs;
use std::path::Path;
use std::process::Output;
use support::{document, glassbox, refused};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    glassbox(folder, &[&["sound"], arguments].concat())
}

/// Half a second of 440 Hz with its first overtone.
fn save_tone(folder: &Path, sample_rate_hz: u32) {
    let at = |i: u32| f64::from(i) / f64::from(sample_rate_hz);
    let tone = |t: f64| 0.4 * (TAU * 440.0 * t).sin() + 0.2 * (TAU * 880.0 * t).sin();
    let samples: Vec<f32> = (0..sample_rate_hz / 2)
        .map(|i| tone(at(i)) as f32)
        .collect();
    let wav = to_bytes(&samples, sample_rate_hz, 1, Depth::Int16).unwrap();
    fs::write(folder.join("in.wav"), wav).unwrap();
}

#[test]
fn a_sound_becomes_a_picture_and_the_picture_a_sound_of_the_same_pitch() {
    let folder = tempfile::tempdir().unwrap();
    save_tone(folder.path(), 44_100);
    let drawn = run(
        folder.path(),
        &["spectrogram", "in.wav", "-o", "a.png", "--json"],
    );
    let drawn = document(&drawn);
    // 0.5 s in steps of 10 ms, both ends included; the format's own numbers.
    assert_eq!(
        (&drawn["n_frames"], &drawn["n_mels"]),
        (&51.into(), &512.into())
    );
    assert_eq!(
        (&drawn["n_fft"], &drawn["hop_length"]),
        (&17_640.into(), &441.into())
    );
    let invert = [
        "invert",
        "a.png",
        "--iterations",
        "4",
        "-o",
        "b.wav",
        "--json",
    ];
    let found = document(&run(folder.path(), &invert));
    assert_eq!(
        found["picture"]["read_as"],
        "Riffusion's format, as its tags say"
    );
    assert_eq!(found["sample_rate_hz"], 44_100);
    assert!((found["secs"].as_f64().unwrap() - 0.5).abs() < 1e-9);
    let again = run(
        folder.path(),
        &["spectrogram", "b.wav", "-o", "c.png", "--json"],
    );
    document(&again);
    let darkest = |name: &str| {
        let picture = image::open(folder.path().join(name)).unwrap().into_luma8();
        (0..512)
            .min_by_key(|&row| picture.get_pixel(25, row).0[0])
            .unwrap()
    };
    assert!(darkest("a.png").abs_diff(darkest("c.png")) <= 2);
}

#[test]
fn the_phase_of_a_sound_is_found_again_and_the_same_seed_finds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    save_tone(folder.path(), 8000);
    let found = |seed: &str, out: &str| {
        let arguments = [
            "invert",
            "in.wav",
            "--iterations",
            "16",
            "--n-fft",
            "512",
            "--seed",
            seed,
            "-o",
            out,
            "--json",
        ];
        document(&run(folder.path(), &arguments))
    };
    let first = found("1", "a.wav");
    let convergences = first["convergences"].as_array().unwrap();
    assert_eq!(convergences.len(), 17);
    let end = first["spectral_convergence"].as_f64().unwrap();
    assert!(end < convergences[0].as_f64().unwrap() / 2.0, "{first}");
    found("1", "b.wav");
    found("2", "c.wav");
    let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(bytes("a.wav"), bytes("b.wav"));
    assert_ne!(bytes("a.wav"), bytes("c.wav"));
}

#[test]
fn what_is_neither_sound_nor_picture_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "no sound, no picture").unwrap();
    for verb in ["spectrogram", "invert"] {
        let output = run(folder.path(), &[verb, "notes.txt", "-o", "out", "--json"]);
        assert!(refused(&output).contains("text"));
        assert!(!folder.path().join("out").exists());
    }
}
