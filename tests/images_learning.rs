//! The training of a diffusion model driven as a person would: by label. Everything is trained on the
//! digits in small batches, and a test needs a few steps only.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/bench.rs"]
mod support;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use support::{click, labels, open, refusal, says, until, wait_for};

type Bench = support::Bench<ImagesTab>;

/// The view with nothing trained yet.
fn view() -> Harness<'static, Bench> {
    let mut tab = ImagesTab::new();
    let settings = serde_json::json!({ "batch": 4 });
    tab.restore(&serde_json::json!({ "shown": "learning", "learning": { "settings": settings } }));
    let mut harness = Bench::new(tab).window(Theme::Light, [1600.0, 1600.0]);
    harness.run_steps(2);
    harness
}

/// Digits are being learned, and the first steps are over.
fn training() -> Harness<'static, Bench> {
    let mut harness = view();
    let start = harness.get_all_by_label("Start training").next().unwrap();
    start.click();
    until(&mut harness, |harness| step(harness) >= 2);
    harness
}

/// The step that the title tells.
fn step(harness: &Harness<'_, Bench>) -> usize {
    let title = harness.state().title();
    let digits = title.rsplit("step ").next().unwrap_or_default();
    digits.replace(',', "").parse().unwrap_or(0)
}

/// Pauses, and waits until it stands still.
fn pause(harness: &mut Harness<'_, Bench>) {
    click(harness, "Pause");
    until(harness, |harness| says(harness, "paused"));
    harness.run_steps(5);
}

#[test]
fn what_will_be_seen_is_told_and_one_press_begins() {
    let mut harness = view();
    assert!(says(&harness, "Learn to see through noise"));
    let start = harness.get_all_by_label("Start training").next().unwrap();
    start.click();
    wait_for(&mut harness, "Diffusion learns digits");
    assert!(harness.state().tab.can(Command::Stop));
}

#[test]
fn a_click_on_the_loss_or_on_a_noise_level_shows_the_terms_it_is_made_of() {
    let mut harness = training();
    pause(&mut harness);
    click(&mut harness, "Where the loss comes from");
    wait_for(&mut harness, "Added up");
    assert!(says(&harness, "Σ w(t)/w̄"));
    assert!(says(&harness, "it adds ") && says(&harness, "difference "));
    click(&mut harness, "Where the error at t 900–999 comes from");
    wait_for(&mut harness, "The error at t 900–999");
    click(&mut harness, "Close the loss");
    assert!(!says(&harness, "Added up"));
}

#[test]
fn sixteen_pictures_come_out_of_noise_with_the_error_at_every_noise_level() {
    let mut harness = training();
    assert_eq!(labels(&harness, "Made picture").len(), 16);
    wait_for(&mut harness, "Loss, now loss");
    let bands = wait_for(&mut harness, "Error by noise level now: t 0–99");
    assert!(bands.contains("t 900–999"), "{bands}");
    assert!(says(&harness, "Error by noise level, now"));
    assert!(says(&harness, "8,000 pictures of 16 × 16"));
    assert!(says(&harness, "pictures/s"));
}

#[test]
fn an_earlier_snapshot_is_gone_back_to_and_gone_on_from_as_another_way() {
    let mut harness = training();
    until(&mut harness, |harness| step(harness) >= 5);
    pause(&mut harness);
    click(&mut harness, "One picture back");
    wait_for(&mut harness, "back at step");
    let back = step(&harness);
    click(&mut harness, &format!("Go on from step {back}"));
    wait_for(&mut harness, &format!("Way 2: from step {back}"));
    until(&mut harness, |harness| step(harness) > back);
    assert!(says(&harness, "Ways taken"));
}

#[test]
fn settings_change_while_it_trains() {
    let mut harness = training();
    harness
        .get_by_label("Half of the pictures mirrored")
        .click_accesskit();
    harness.run_steps(3);
    let before = step(&harness);
    until(&mut harness, |harness| step(harness) > before + 1);
    let saved = harness.state().tab.save();
    assert_eq!(saved["learning"]["settings"]["mirror"], true);
}

#[test]
fn a_training_is_saved_and_goes_on_another_day() {
    let mut harness = training();
    pause(&mut harness);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.checkpoint");
    harness.get_by_label("Save the training…").click_accesskit();
    harness.run_steps(2);
    let tab = &mut harness.state_mut().tab;
    tab.set_save_path(&path.to_string_lossy());
    harness.run_steps(1);
    harness.get_all_by_label("Save").last().unwrap().click();
    until(&mut harness, |_| {
        path.is_file() && path.with_extension("safetensors").is_file()
    });
    drop(harness);
    let mut another = view();
    open(&mut another, &path);
    wait_for(&mut another, "Diffusion learns digits");
    until(&mut another, |another| step(another) >= 1);
}

#[test]
fn a_folder_with_too_few_pictures_is_refused_in_words() {
    let mut harness = view();
    let folder = tempfile::tempdir().unwrap();
    let picture = image::RgbImage::from_pixel(20, 20, image::Rgb([9, 99, 199]));
    picture.save(folder.path().join("one.png")).unwrap();
    open(&mut harness, folder.path());
    refusal(&mut harness);
}
