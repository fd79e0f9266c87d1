//! The proof of playback: a sound card that is a file (ALSA's `file` plugin, tests/audio/asound.conf)
//! holds exactly the samples that were sent; and a machine without any output says so.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

#[path = "support/command.rs"]
mod support;

use glassbox::labs::sound::{Depth, wav_bytes};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Samples that are never zero, so that silence can be told from them.
fn samples(n: usize) -> Vec<f32> {
    let value = |i: usize| ((i * 7919) % 20_011 + 1) as f32 / 20_012.0;
    (0..n)
        .map(|i| if i % 3 == 0 { -value(i) } else { value(i) })
        .collect()
}

fn written(folder: &Path, samples: &[f32], n_channels: usize, rate: u32) -> PathBuf {
    let path = folder.join("sound.wav");
    let bytes = wav_bytes(samples, rate, n_channels, Depth::Float32).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// `glassbox sound play` on the card that is a file; gives what the card got, too.
fn play(folder: &Path, arguments: &[&str]) -> (Output, Vec<f32>) {
    let raw = folder.join("card.raw");
    _ = std::fs::remove_file(&raw);
    let conf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audio/asound.conf");
    let output = Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .args(["sound", "play", "--json"])
        .args(arguments)
        .current_dir(folder)
        .env("ALSA_CONFIG_PATH", conf)
        .env("GLASSBOX_RAW", &raw)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let bytes = std::fs::read(&raw).unwrap_or_default();
    let floats = bytes.chunks_exact(4);
    let floats = floats.map(|it| f32::from_le_bytes(it.try_into().unwrap()));
    (output, floats.collect())
}

fn document(output: &Output) -> Value {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_card_gets_exactly_the_samples_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for (n_channels, rate) in [(2, 44_100), (2, 48_000), (2, 22_050)] {
        // Less than the speaker holds ready, so that a card that does not keep time never waits.
        let sent = samples(rate as usize / 2 * n_channels);
        let path = written(folder.path(), &sent, n_channels, rate);
        let (output, card) = play(folder.path(), &[path.to_str().unwrap()]);
        let document = document(&output);
        assert_eq!(document["output"]["sample_rate_hz"], rate);
        assert_eq!(document["resampled"], false);
        assert_eq!(document["stopped"], false);
        assert_eq!(document["heard_until_secs"], document["secs"]);
        assert_eq!(card[..sent.len()], sent[..], "at {rate} Hz");
        assert!(card[sent.len()..].iter().all(|it| *it == 0.0));
    }
}

#[test]
fn a_long_sound_comes_whole_and_in_order_through_the_ring() {
    let folder = tempfile::tempdir().unwrap();
    let sent = samples(44_100 * 4);
    let path = written(folder.path(), &sent, 1, 44_100);
    let (output, card) = play(folder.path(), &[path.to_str().unwrap()]);
    document(&output);
    // This card takes samples faster than time passes: where it ran ahead there is silence between.
    let heard: Vec<f32> = card.iter().copied().filter(|it| *it != 0.0).collect();
    let both_sides: Vec<f32> = sent.iter().flat_map(|it| [*it; 2]).collect();
    assert_eq!(heard.len(), both_sides.len());
    assert!(heard == both_sides);
}

#[test]
fn it_begins_where_it_is_told_to_and_half_the_volume_is_half_of_every_sample() {
    let folder = tempfile::tempdir().unwrap();
    let sent = samples(20_000);
    let path = written(folder.path(), &sent, 2, 8000);
    let path = path.to_str().unwrap();
    let (output, card) = play(folder.path(), &[path, "--from", "0.5", "--volume", "0.5"]);
    document(&output);
    let expected: Vec<f32> = sent[8000..].iter().map(|it| it * 0.5).collect();
    assert_eq!(card[..expected.len()], expected[..]);
}

#[test]
fn without_any_output_it_is_refused_in_four_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), &samples(800), 1, 8000);
    let empty = folder.path().join("none.conf");
    std::fs::write(&empty, "").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .args(["sound", "play", "--json"])
        .arg(&path)
        .env("ALSA_CONFIG_PATH", &empty)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let evidence = support::refused(&output);
    assert!(!evidence.contains(".."), "{evidence}");
}

#[test]
fn a_file_that_is_no_sound_is_refused_before_anything_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no.wav");
    std::fs::write(&path, "RIFF of nothing").unwrap();
    let (output, card) = play(folder.path(), &[path.to_str().unwrap()]);
    support::refused(&output);
    assert!(card.is_empty());
}
