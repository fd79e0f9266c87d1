//! “Squeezing” of the chapter of images, driven as a person would: by label.

#[path = "support/bench.rs"]
mod support;

use eframe::egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use support::{click, labels, open, says, until, wait_for};

type Bench = support::Bench<ImagesTab>;

/// The view, digits chosen, nothing trained.
fn empty() -> Harness<'static, Bench> {
    let mut harness = Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 1600.0]);
    harness.run_steps(2);
    click(&mut harness, "Autoencoder");
    click(&mut harness, "Digits");
    harness
}

/// The view with a network that begins to learn digits, paused.
fn view() -> Harness<'static, Bench> {
    let mut harness = empty();
    click(&mut harness, "Train it now");
    wait_for(&mut harness, "The picture that comes back");
    click(&mut harness, "Pause");
    wait_for(&mut harness, "Paused after");
    wait_for(&mut harness, "What is lost: ");
    harness
}

#[test]
fn an_empty_stage_says_what_will_appear_and_one_button_makes_it_appear() {
    let mut harness = empty();
    assert!(says(&harness, "narrowing to 32 numbers"));
    assert_eq!(harness.state().title(), "A digit as 32 numbers");
    click(&mut harness, "8");
    assert!(says(&harness, "narrowing to 8 numbers"));
    click(&mut harness, "Train it now");
    wait_for(&mut harness, "In: 256 numbers");
    wait_for(&mut harness, "Back, from 8 numbers");
    wait_for(&mut harness, "dB on pictures that it never learns from");
    assert!(says(&harness, "it never learns from this one"));
    assert!(
        harness
            .state()
            .title()
            .starts_with("A digit as 8 numbers: step")
    );
    // Another number of numbers is another network; the first one is kept.
    click(&mut harness, "32");
    assert!(says(&harness, "narrowing to 32 numbers"));
    click(&mut harness, "8");
    wait_for(&mut harness, "Back, from 8 numbers");
}

#[test]
fn a_paused_training_goes_on_and_its_moments_stand_on_the_film() {
    let mut harness = view();
    assert!(says(&harness, "Moments of the training"));
    assert!(says(&harness, "Start anew"));
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
    until(&mut harness, |harness| !says(harness, "Paused after"));
    wait_for(&mut harness, "Pause");
}

#[test]
fn a_number_changed_with_the_keys_unfolds_at_once_into_another_picture() {
    let mut harness = view();
    let bars = labels(&harness, "number, 32 numbers").pop().unwrap();
    harness.get_by_label(&bars).focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(2);
    wait_for(&mut harness, "You changed a number");
    click(&mut harness, "Back to the picture's own");
    wait_for(&mut harness, "The decoder saw nothing but");
}

#[test]
fn a_number_and_a_pixel_are_explained_by_the_terms_of_their_sums() {
    let mut harness = view();
    click(&mut harness, "Where does it come from?");
    wait_for(&mut harness, "number = Σ map · weight + bias");
    assert!(says(&harness, "bits differ") || says(&harness, "differ by"));
    click(&mut harness, "Close");
    click(&mut harness, "The picture that comes back");
    wait_for(&mut harness, "pixel = Σ map · kernel + bias");
    assert!(says(&harness, "As a byte: ("));
    assert!(says(&harness, "It should be "));
}

#[test]
fn the_map_the_way_between_two_and_the_bytes_are_shown() {
    let mut harness = view();
    click(&mut harness, "Map of the codes");
    wait_for(&mut harness, "Map of the codes: ");
    assert!(says(
        &harness,
        "the two directions in which the codes differ most"
    ));
    assert!(says(&harness, "The picture at the ring"));
    click(&mut harness, "Between two");
    wait_for(&mut harness, "In the pixels, 50 % of the way");
    assert_eq!(labels(&harness, " of the way in the numbers").len(), 9);
    click(&mut harness, "25 % of the way in the pixels");
    wait_for(&mut harness, "In the numbers, 25 % of the way");
    click(&mut harness, "Bytes");
    wait_for(&mut harness, "32 bytes for a digit; ");
    assert!(says(&harness, "Error against bytes"));
    assert!(says(&harness, "As a JPEG of quality"));
}

#[test]
fn a_training_is_saved_and_goes_on_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digits.checkpoint");
    let mut harness = view();
    click(&mut harness, "Save the training…");
    harness.state_mut().set_save_path(&path.to_string_lossy());
    harness.run_steps(2);
    click(&mut harness, "Save");
    until(&mut harness, |_| path.is_file());
    assert!(folder.path().join("digits.safetensors").is_file());
    let mut harness = Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 1600.0]);
    harness.run_steps(2);
    open(&mut harness, &path);
    wait_for(&mut harness, "Back, from 32 numbers");
}

#[test]
fn a_saved_network_and_a_picture_of_ones_own_are_opened_and_squeezed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digits.checkpoint");
    let picture = folder.path().join("my cat.png");
    let stripes = image::RgbImage::from_fn(40, 30, |x, _| image::Rgb([(x * 6) as u8; 3]));
    stripes.save(&picture).unwrap();
    let mut harness = view();
    click(&mut harness, "Save the training…");
    harness.state_mut().set_save_path(&path.to_string_lossy());
    harness.run_steps(2);
    click(&mut harness, "Save");
    until(&mut harness, |_| path.is_file());
    let mut harness = Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 1600.0]);
    harness.run_steps(2);
    open(&mut harness, &folder.path().join("digits.safetensors"));
    wait_for(&mut harness, "Back, from 32 numbers");
    assert!(says(&harness, "trained by `glassbox train autoencoder`"));
    open(&mut harness, &picture);
    wait_for(&mut harness, "your own picture: it never learned from it");
    wait_for(&mut harness, "The picture that goes in: my cat.png");
    wait_for(&mut harness, "Back, from 32 numbers");
}
