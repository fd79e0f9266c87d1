//! “From noise” of the chapter of sound, driven as a person would: by label.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it did not expect"
)]

#[path = "support/bench.rs"]
mod support;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::labs::diffusion::Denoiser;
use glassbox::labs::sound::generation::parameters::{Parameters, of_file, to_png};
use glassbox::labs::sound::generation::{Wish, make};
use glassbox::tabs::Tab;
use glassbox::tabs::sound::SoundTab;
use glassbox::theme::Theme;
use serde_json::json;
use std::ops::ControlFlow;
use support::{click, labels, open, says, until, wait_for};

type Window = Harness<'static, support::Bench<SoundTab>>;

/// A wish that is made within a moment.
fn quick() -> Wish {
    let mut wish = Wish::default();
    wish.settings.n_steps = 4;
    wish.n_iterations = 2;
    wish
}

/// The view, in which everything takes a moment.
fn view() -> Window {
    let mut tab = SoundTab::new();
    tab.restore(&json!({ "shown": "from_noise", "from_noise": { "wish": quick() } }));
    let mut window = support::Bench::new(tab).window(Theme::Light, [1280.0, 1500.0]);
    wait_for(&mut window, "Understood: piano · minor · slow · chords.");
    window
}

fn made(window: &mut Window) {
    until(window, |window| {
        says(window, "spectral convergence") && says(window, "the phrase")
    });
}

#[test]
fn words_become_a_phrase_step_by_step_and_every_step_is_on_the_film() {
    let mut window = view();
    click(&mut window, "Make");
    made(&mut window);
    assert_eq!(window.state().title(), "“slow minor piano chords”");
    assert!(says(&window, "0.00 s of 2.97 s"));
    // Four steps, and the phrase.
    for name in ["step 4 of 4", "step 3 of 4", "step 2 of 4"] {
        click(&mut window, "One picture back");
        wait_for(&mut window, name);
    }
    click(&mut window, "Newest");
    wait_for(&mut window, "the phrase");
}

#[test]
fn unknown_words_are_named_and_known_ones_told() {
    let mut tab = SoundTab::new();
    let mut wish = quick();
    wish.caption = "fast bagpipes melody".to_owned();
    tab.restore(&json!({ "shown": "from_noise", "from_noise": { "wish": wish } }));
    let mut window = support::Bench::new(tab).window(Theme::Light, [1280.0, 1500.0]);
    wait_for(&mut window, "Means nothing here: “bagpipes”.");
    assert!(says(
        &window,
        "Understood: any instrument · any mood · fast · melody."
    ));
}

#[test]
fn a_phrase_goes_on_and_what_there_was_stays() {
    let mut window = view();
    click(&mut window, "Make");
    made(&mut window);
    click(&mut window, "Go on");
    // 43 of 128 columns are kept: 85 more are 1.97 s.
    wait_for(&mut window, "0.00 s of 4.95 s");
    made(&mut window);
    assert!(says(&window, "its words alone do not make it again"));
}

#[test]
fn a_walk_has_five_phrases_from_the_first_words_to_the_second() {
    let mut tab = SoundTab::new();
    tab.restore(&json!({
        "shown": "from_noise",
        "from_noise": { "wish": quick(), "toward": "fast drums" },
    }));
    let mut window = support::Bench::new(tab).window(Theme::Light, [1280.0, 1500.0]);
    wait_for(&mut window, "Understood:");
    click(&mut window, "Walk");
    wait_for(&mut window, "100 % of the way");
    for name in ["75 %", "50 %", "25 %", "0 % of the way"] {
        click(&mut window, "One picture back");
        wait_for(&mut window, name);
    }
}

#[test]
fn a_picture_that_was_kept_brings_everything_back() {
    let denoiser = Denoiser::of_sounds().unwrap();
    let mut wish = quick();
    wish.caption = "fast rock drums".to_owned();
    wish.seed = 77;
    let mut go_on = |_| ControlFlow::Continue(());
    let levels = make(&denoiser, &wish, None, &mut go_on).unwrap().unwrap();
    let parameters = Parameters {
        model: denoiser.about().name.clone(),
        wish,
        is_pieced: false,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phrase.png");
    std::fs::write(&path, to_png(&levels, &parameters).unwrap()).unwrap();
    assert_eq!(of_file(&path).unwrap().unwrap().parameters, parameters);

    let mut window = view();
    open(&mut window, &path);
    wait_for(&mut window, "Understood: drums · any mood · fast · rock.");
    assert_eq!(window.state().title(), "“fast rock drums”");
    assert!(!labels(&window, "The phrase as a spectrogram").is_empty());
    // Made again it is the same, to a byte of the picture.
    let again = make(&denoiser, &parameters.wish, None, &mut go_on)
        .unwrap()
        .unwrap();
    assert_eq!(again, levels);
}

#[test]
fn a_tab_that_was_closed_opens_with_the_same_words() {
    let mut window = view();
    let saved = window.state_mut().with_context(|tab, _| tab.save());
    let mut tab = SoundTab::new();
    tab.restore(&saved);
    assert_eq!(tab.save(), saved);
    assert!(window.query_by_label("Make").is_some());
}
