//! The view "Paint", driven as a person would: by label, and with a hand on the canvas.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

#[path = "support/bench.rs"]
mod support;

use eframe::egui::{Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::sound::SoundTab;
use glassbox::theme::Theme;
use std::path::Path;
use support::{click, says, until, wait_for};

type Window = Harness<'static, support::Bench<SoundTab>>;

/// The view with the vowels on its canvas.
fn view() -> Window {
    let mut window = support::Bench::new(SoundTab::new()).window(Theme::Light, [1280.0, 1400.0]);
    until(&mut window, |window| window.state().title() == "Vowels");
    click(&mut window, "Paint");
    wait_for(&mut window, "The canvas");
    assert_eq!(window.state().title(), "Paint on Vowels");
    window
}

/// The middle of the canvas.
fn canvas(window: &Window) -> Rect {
    window.get_by_label("The canvas").rect()
}

/// Draws a line on the canvas.
fn stroke(window: &mut Window, from: Pos2, to: Pos2) {
    window.drag_at(from);
    window.run_steps(1);
    for i in 1..=8 {
        window.hover_at(from + (to - from) * (i as f32 / 8.0));
        window.run_steps(1);
    }
    window.drop_at(to);
    window.run_steps(2);
}

/// The samples on the desk, as they are saved.
fn saved(window: &mut Window, folder: &Path) -> Vec<f32> {
    let path = folder.join("painted.wav");
    _ = std::fs::remove_file(&path);
    click(window, "Save as WAV…");
    window.state_mut().set_save_path(&path.to_string_lossy());
    window.run_steps(2);
    click(window, "Save");
    until(window, |_| path.is_file());
    until(window, |window| !says(window, "Save it as"));
    let bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|it| it == b"data").unwrap() + 8;
    let floats = bytes[at..].chunks_exact(4);
    floats
        .map(|it| f32::from_le_bytes(it.try_into().unwrap()))
        .collect()
}

fn idle(window: &mut Window) {
    until(window, |window| window.state().progress().is_none());
}

#[test]
fn every_tool_changes_the_sound_and_undo_brings_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = view();
    let before = saved(&mut window, folder.path());
    for tool in ["Brush", "Eraser", "Noise", "Notch", "Melody"] {
        click(&mut window, tool);
        let middle = canvas(&window).center();
        stroke(&mut window, middle, middle + vec2(120.0, -60.0));
        until(&mut window, |window| window.state().can(Command::Undo));
        idle(&mut window);
        let painted = saved(&mut window, folder.path());
        assert_eq!(painted.len(), before.len());
        let off = |a: &[f32], b: &[f32]| {
            let off = a.iter().zip(b).map(|(a, b)| (a - b).abs());
            off.fold(0.0, f32::max)
        };
        assert!(off(&painted, &before) > 1e-3, "{tool}");
        click(&mut window, "Undo");
        until(&mut window, |window| !window.state().can(Command::Undo));
        let undone = saved(&mut window, folder.path());
        assert!(off(&undone, &before) < 1e-5, "{tool}");
    }
}

#[test]
fn a_rectangle_is_moved_and_all_of_it_is_stretched_and_shifted() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = view();
    let n = saved(&mut window, folder.path()).len();
    click(&mut window, "Select");
    let middle = canvas(&window).center();
    stroke(&mut window, middle, middle + vec2(100.0, 80.0));
    wait_for(&mut window, " Hz");
    click(&mut window, "Move");
    until(&mut window, |window| window.state().can(Command::Undo));
    idle(&mut window);
    click(&mut window, "Stretch");
    // One and a half times as long.
    until(&mut window, |window| says(window, "of 6.00 s"));
    idle(&mut window);
    assert_eq!(saved(&mut window, folder.path()).len(), n * 3 / 2);
    click(&mut window, "Shift pitch");
    idle(&mut window);
    click(&mut window, "Undo");
    click(&mut window, "Undo");
    until(&mut window, |window| says(window, "of 4.00 s"));
    idle(&mut window);
    assert_eq!(saved(&mut window, folder.path()).len(), n);
}

#[test]
fn what_was_painted_is_what_the_other_view_shows_and_another_sound_is_a_fresh_canvas() {
    let mut window = view();
    let middle = canvas(&window).center();
    stroke(&mut window, middle, middle + vec2(60.0, 0.0));
    until(&mut window, |window| window.state().can(Command::Undo));
    idle(&mut window);
    click(&mut window, "See and hear");
    wait_for(&mut window, "The spectrogram");
    click(&mut window, "Clicks");
    until(&mut window, |window| window.state().title() == "Clicks");
    click(&mut window, "Paint");
    wait_for(&mut window, "The canvas");
    window.run_steps(2);
    assert!(!window.state().can(Command::Undo));
}
