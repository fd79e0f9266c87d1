//! The view "See and hear", driven as a person would: by label.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

#[path = "support/bench.rs"]
mod support;

use eframe::egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::files::png_text;
use glassbox::labs::sound::{Depth, drawn, wav_bytes};
use glassbox::tabs::Tab;
use glassbox::tabs::sound::SoundTab;
use glassbox::theme::Theme;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::{click, labels, open, refusal, says, until, wait_for};

type Window = Harness<'static, support::Bench<SoundTab>>;

/// The view with the sound that it begins with.
fn view() -> Window {
    let mut window = support::Bench::new(SoundTab::new()).window(Theme::Light, [1280.0, 1400.0]);
    until(&mut window, |window| {
        window.state().title() == "Vowels" && says(window, "The wave")
    });
    window
}

/// A sound whose samples are never zero.
fn written(folder: &Path) -> (PathBuf, Vec<f32>) {
    let samples: Vec<f32> = (0..8000)
        .map(|i| ((i * 7919) % 9973 + 1) as f32 / 10_000.0)
        .collect();
    let path = folder.join("half a second.wav");
    std::fs::write(
        &path,
        wav_bytes(&samples, 16_000, 1, Depth::Float32).unwrap(),
    )
    .unwrap();
    (path, samples)
}

#[test]
fn a_click_on_a_cell_shows_the_sum_that_makes_it() {
    let mut window = view();
    let view = window.get_by_label("The spectrogram");
    view.click();
    window.run_steps(3);
    wait_for(&mut window, "Where this level comes from");
    // Computed again in f64 from the samples, it is what the picture shows.
    let told = labels(&window, "In the picture").pop().unwrap();
    let off = told.split("difference ").nth(1).unwrap();
    let off = off.trim_end_matches(" dB.").replace('−', "-");
    assert!(off.parse::<f64>().unwrap() < 0.01, "{told}");
    assert!(says(&window, "X = Σ w[n]·x[n]"));
    assert!(says(&window, "imaginary"));
    click(&mut window, "Close the equation");
    assert!(!window.state().has_explain());
}

#[test]
fn the_settings_are_told_with_their_units_and_change_the_picture() {
    let mut window = view();
    // 2048 samples at 44.1 kHz.
    assert!(says(&window, "= 46.4 ms; a frequency every 21.5 Hz"));
    assert!(says(&window, "= 5.8 ms; 8 of them to a window's length"));
    for scale in ["Linear", "Mel", "Log"] {
        click(&mut window, scale);
    }
    for label in ["Blackman", "Magma"] {
        click(&mut window, label);
    }
    assert!(!says(&window, "Mel bands"));
    click(&mut window, "Mel");
    assert!(says(&window, "Mel bands"));
    let kept = window.state().save();
    let mut other = SoundTab::new();
    other.restore(&kept);
    assert_eq!(other.save(), kept);
    assert_eq!(kept["see"]["chosen"]["window"], "Blackman");
    // What no hand could have set is not taken.
    let mut odd = kept.clone();
    odd["see"]["chosen"]["win_length"] = 3.into();
    odd["see"]["range_db"] = (-1.0).into();
    other.restore(&odd);
    assert_eq!(other.save()["see"]["chosen"]["win_length"], 2048);
}

#[test]
fn the_keys_zoom_and_move_the_cursor() {
    let mut window = view();
    window.get_by_label("The wave").focus();
    window.run_steps(2);
    let here = |window: &Window| labels(window, " of 4").pop();
    let before = here(&window);
    window.key_press(Key::ArrowRight);
    window.run_steps(2);
    assert_ne!(here(&window), before);
    click(&mut window, "Zoom in");
    click(&mut window, "All of it");
}

#[test]
fn every_sound_that_needs_no_file_can_be_looked_at() {
    let mut window = view();
    for name in [
        "Rising tone",
        "Two near tones",
        "Clicks",
        "Noise",
        "Bell",
        "Vowels",
    ] {
        click(&mut window, name);
        until(&mut window, |window| window.state().title() == name);
        until(&mut window, |window| says(window, "The wave"));
    }
}

#[test]
fn a_file_is_seen_and_what_is_no_sound_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = written(folder.path());
    let mut window = view();
    open(&mut window, &path);
    until(&mut window, |window| {
        window.state().title() == "half a second.wav"
    });
    wait_for(&mut window, "of 0.50 s");
    let broken = folder.path().join("broken.wav");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[24..28].fill(0);
    std::fs::write(&broken, bytes).unwrap();
    open(&mut window, &broken);
    refusal(&mut window);
    assert_eq!(window.state().title(), "half a second.wav");
}

#[test]
fn the_sound_and_its_picture_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (path, samples) = written(folder.path());
    let mut window = view();
    open(&mut window, &path);
    until(&mut window, |window| {
        window.state().title() == "half a second.wav" && says(window, "The wave")
    });
    let save = |window: &mut Window, button: &str, to: &Path| {
        click(window, button);
        window.state_mut().set_save_path(&to.to_string_lossy());
        window.run_steps(2);
        click(window, "Save");
        until(window, |_| to.is_file());
        until(window, |window| !says(window, "Save it as"));
    };
    let wav = folder.path().join("again.wav");
    save(&mut window, "Save as WAV…", &wav);
    let saved = std::fs::read(&wav).unwrap();
    let data = saved.len() - samples.len() * 4;
    let floats = saved[data..].chunks_exact(4);
    let floats: Vec<f32> = floats
        .map(|it| f32::from_le_bytes(it.try_into().unwrap()))
        .collect();
    assert_eq!(floats, samples);
    let png = folder.path().join("picture.png");
    save(&mut window, "Save the picture…", &png);
    let picture = image::open(&png).unwrap();
    assert!(picture.width() > 20 && picture.height() > 100);
    let texts = png_text::of_file(&png).unwrap();
    let told: Value = serde_json::from_str(texts.get(drawn::KEY).unwrap()).unwrap();
    assert_eq!(told["sound"], "half a second.wav");
    assert_eq!(
        (&told["n_fft"], &told["range_db"]),
        (&json!(2048), &json!(90.0))
    );
}

/// Runs a test again in a process whose sound card is a file, or that has none: `true` there.
#[cfg(target_os = "linux")]
fn on_card(test: &str, conf: &Path, raw: &Path, heard: &Path) -> bool {
    if std::env::var_os("GLASSBOX_RAW").is_some() {
        return true;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env("ALSA_CONFIG_PATH", conf)
        .env("GLASSBOX_RAW", raw)
        .env("GLASSBOX_HEARD", heard)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    false
}

#[cfg(target_os = "linux")]
fn card_conf() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audio/asound.conf")
}

#[cfg(target_os = "linux")]
#[test]
fn play_sends_the_very_samples_and_ends_where_the_sound_does() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    let test = "play_sends_the_very_samples_and_ends_where_the_sound_does";
    let raw = std::env::var_os("GLASSBOX_RAW").map_or(raw, PathBuf::from);
    if !on_card(test, &card_conf(), &raw, Path::new("/dev/zero")) {
        let (_, samples) = written(folder.path());
        let bytes = std::fs::read(&raw).unwrap();
        let card = bytes.chunks_exact(8);
        let left = card.map(|it| f32::from_le_bytes(it[..4].try_into().unwrap()));
        let left: Vec<f32> = left.collect();
        assert_eq!(left[..samples.len()], samples[..]);
        return;
    }
    let (path, _) = written(folder.path());
    let mut window = view();
    open(&mut window, &path);
    until(&mut window, |window| {
        window.state().title() == "half a second.wav" && window.state().can(Command::Run)
    });
    let play = |window: &mut Window| {
        let state = window.state_mut();
        state.with_context(|tab, cx| tab.command(Command::Run, cx));
    };
    play(&mut window);
    wait_for(&mut window, "16000 Hz, sample for sample");
    // Both sides of 8000 frames, four bytes each.
    until(&mut window, |_| {
        std::fs::metadata(&raw).is_ok_and(|raw| raw.len() >= 64_000)
    });
    until(&mut window, |window| {
        window.query_by_label("Pause").is_none()
    });
}

#[cfg(target_os = "linux")]
#[test]
fn record_listens_until_stop_and_shows_what_it_heard() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let loud: Vec<u8> = (0..400_000).flat_map(|_| 0.25_f32.to_le_bytes()).collect();
    std::fs::write(&heard, loud).unwrap();
    let test = "record_listens_until_stop_and_shows_what_it_heard";
    if !on_card(test, &card_conf(), &folder.path().join("raw"), &heard) {
        return;
    }
    let mut window = view();
    click(&mut window, "Record");
    // A quarter of full scale.
    wait_for(&mut window, "−12 dB of full scale");
    click(&mut window, "Stop recording");
    until(&mut window, |window| {
        window.state().title() == "Recording 1"
    });
    wait_for(&mut window, "The wave");
}

#[cfg(target_os = "linux")]
#[test]
fn without_an_output_everything_but_playing_works_and_the_reason_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("none.conf");
    std::fs::write(&conf, "").unwrap();
    let test = "without_an_output_everything_but_playing_works_and_the_reason_is_told";
    if !on_card(
        test,
        &conf,
        &folder.path().join("raw"),
        Path::new("/dev/zero"),
    ) {
        return;
    }
    let mut window = view();
    wait_for(&mut window, "Nothing can be heard");
    assert!(!window.state().can(Command::Run));
    click(&mut window, "Record");
    let refusal = refusal(&mut window);
    assert_eq!(refusal.what, "Nothing was recorded");
    click(&mut window, "Mel");
    wait_for(&mut window, "Mel bands");
}
