//! “The missing half” and “Pictures to sound” of the chapter of sound, driven as a person would: by label.

#[path = "support/bench.rs"]
mod support;

use egui_kittest::Harness;
use glassbox::command::Command;
use glassbox::labs::sound::made::Made;
use glassbox::labs::sound::pictures::{self, Params};
use glassbox::tabs::Tab;
use glassbox::tabs::sound::SoundTab;
use glassbox::theme::Theme;
use support::{click, labels, says, until, wait_for};

type Bench = support::Bench<SoundTab>;

fn view(name: &str) -> Harness<'static, Bench> {
    let mut harness = Bench::new(SoundTab::new()).window(Theme::Light, [1280.0, 1600.0]);
    harness.run_steps(2);
    click(&mut harness, name);
    harness.run_steps(2);
    harness
}

#[test]
fn every_phase_is_tried_and_can_be_put_beside_the_truth() {
    let mut harness = view("The missing half");
    click(&mut harness, "Try: Bell");
    wait_for(&mut harness, "Show: After 100 steps");
    until(&mut harness, |harness| harness.state().progress().is_none());
    // Zero, random, and after 1, 8, 32 and 100 steps, with the truth first.
    assert_eq!(labels(&harness, "Show: ").len(), 7);
    click(&mut harness, "Show: Random phase");
    wait_for(&mut harness, "Its spectrogram: random phase");
    assert!(says(&harness, "cancel one another"));
    click(&mut harness, "Show: True phase");
    wait_for(&mut harness, "convergence 0.0000");
}

#[test]
fn a_convergence_is_computed_again_when_it_is_asked_about() {
    let mut harness = view("The missing half");
    click(&mut harness, "Try: Two near tones");
    wait_for(&mut harness, "Show: After 100 steps");
    until(&mut harness, |harness| harness.state().progress().is_none());
    let number = labels(&harness, "convergence 0.").remove(0);
    click(&mut harness, &number);
    wait_for(&mut harness, "Where this number comes from");
    assert!(says(&harness, "Computed again from the samples"));
    assert!(says(&harness, "The cells that are furthest off"));
    click(&mut harness, "Close the equation");
    harness.run_steps(2);
    assert!(!says(&harness, "Computed again from the samples"));
}

#[test]
fn a_shape_is_heard_and_a_pixel_of_it_says_what_it_means() {
    let mut harness = view("Pictures to sound");
    click(&mut harness, "Try: Stairs");
    wait_for(&mut harness, "32 steps");
    until(&mut harness, |harness| harness.state().progress().is_none());
    assert_eq!(harness.state().title(), "Stairs, heard");
    assert!(says(&harness, "400 × 512 pixels: 3.99 s of sound"));
    click(&mut harness, "Pixels of the sound’s own picture");
    wait_for(&mut harness, "What this pixel means");
    assert!(says(&harness, "mel filter"));
    assert!(says(&harness, "What was found"));
}

#[test]
fn a_search_that_is_stopped_ends_at_once_and_does_not_begin_again() {
    for (name, trial, begun) in [
        ("The missing half", "Try: Bell", "Show: Zero phase"),
        ("Pictures to sound", "Try: Stairs", "Stop the search"),
    ] {
        let mut harness = view(name);
        click(&mut harness, trial);
        wait_for(&mut harness, begun);
        let bench = harness.state_mut();
        bench.with_context(|tab, cx| tab.command(Command::Stop, cx));
        assert!(bench.progress().is_none());
        harness.run_steps(4);
        assert!(harness.state().progress().is_none());
        assert!(!harness.state().can(Command::Stop));
    }
}

#[test]
fn a_picture_of_riffusions_format_is_read_as_its_tags_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bell.png");
    let of = pictures::of_sound(&Made::Bell.sound(0), 0.0..0.5, &Params::default()).unwrap();
    std::fs::write(&path, pictures::to_png(&of, &[]).unwrap()).unwrap();
    let mut harness = view("Pictures to sound");
    let state = harness.state_mut();
    state.with_context(|tab, cx| tab.open(path, cx));
    state.kept = Some(folder);
    wait_for(
        &mut harness,
        "It says that it is a spectrogram in Riffusion's format",
    );
    until(&mut harness, |harness| harness.state().progress().is_none());
    assert!(says(&harness, "51 × 512 pixels"));
}
