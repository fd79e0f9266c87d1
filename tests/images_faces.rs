//! “Faces that do not exist” of the chapter of images, driven as a person would: by label.

#[path = "support/bench.rs"]
mod support;

use eframe::egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use support::{click, labels, says, until, wait_for};

type Bench = support::Bench<ImagesTab>;

/// The view with a face on the stage.
fn view() -> Harness<'static, Bench> {
    let mut harness = Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 1600.0]);
    harness.run_steps(2);
    click(&mut harness, "Faces that do not exist");
    wait_for(&mut harness, "The face of seed 24");
    harness
}

#[test]
fn one_press_is_a_new_face_and_its_seed_is_told() {
    let mut harness = view();
    click(&mut harness, "New face");
    assert!(harness.state().title().ends_with("seed 25"));
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
    wait_for(&mut harness, "The face of seed 26");
}

#[test]
fn the_judge_reads_the_face_and_the_nearest_training_picture_stands_beside_it() {
    let mut harness = view();
    wait_for(&mut harness, "hair color: ");
    wait_for(&mut harness, "mood: ");
    wait_for(&mut harness, "Nearest training picture by pixels");
    assert!(says(&harness, "training pictures are usually"));
    // What the generator draws is no training picture.
    assert!(says(&harness, "copy") || says(&harness, "Close to"));
}

#[test]
fn a_number_of_z_can_be_changed_with_the_keys_and_the_face_is_another() {
    let mut harness = view();
    let bars = labels(&harness, "z, 64 numbers").pop().unwrap();
    harness.get_by_label(&bars).focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(2);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(2);
    wait_for(&mut harness, "The face of the z below");
    assert_eq!(harness.state().title(), "A face that you made");
    assert!(says(&harness, "number 2"));
}

#[test]
fn a_walk_goes_from_one_face_to_the_other_and_its_steps_can_be_kept() {
    let mut harness = view();
    click(&mut harness, "A walk");
    wait_for(&mut harness, "The face 50 % of the way");
    assert_eq!(labels(&harness, "Step ").len(), 9);
    click(&mut harness, "Step 3");
    wait_for(&mut harness, "The face 25 % of the way");
    let n = labels(&harness, "Kept face").len();
    click(&mut harness, "Keep this face");
    until(&mut harness, |harness| {
        labels(harness, "Kept face").len() == n + 1
    });
    click(&mut harness, "Kept face 4");
    wait_for(&mut harness, "From: seed 27");
}

#[test]
fn glasses_are_put_on_by_arithmetic_and_the_judge_says_so() {
    let mut harness = view();
    click(&mut harness, "Arithmetic");
    wait_for(&mut harness, "A: glasses, mean of");
    wait_for(&mut harness, "B: no eyewear, mean of");
    wait_for(&mut harness, "The judge: ");
    click(&mut harness, "Kept face 5");
    wait_for(&mut harness, "C: seed 29");
}

#[test]
fn a_face_is_saved_as_a_png_eight_times_as_large() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("face.png");
    let mut harness = view();
    // It can be saved once it is drawn; then the judge reads it.
    wait_for(&mut harness, "mood: ");
    click(&mut harness, "Save as PNG…");
    harness.state_mut().set_save_path(&path.to_string_lossy());
    harness.run_steps(2);
    click(&mut harness, "Save");
    until(&mut harness, |_| path.is_file());
    let saved = image::open(&path).unwrap();
    assert_eq!(saved.width() % 8, 0);
    assert_eq!(saved.width(), saved.height());
}

#[test]
fn a_face_is_pushed_towards_sunglasses_and_back() {
    let mut harness = view();
    click(&mut harness, "Push it");
    wait_for(&mut harness, "From −6 to +6: sunglasses");
    assert_eq!(labels(&harness, "Pushed face ").len(), 9);
    assert!(says(&harness, "of 2,048 faces have it"));
    click(&mut harness, "Pushed face 9");
    click(&mut harness, "Keep this face");
    until(&mut harness, |harness| {
        labels(harness, "Kept face").len() == 9
    });
    click(&mut harness, "Take the pushes back");
    click(&mut harness, "One face");
    wait_for(&mut harness, "goes with ");
}
