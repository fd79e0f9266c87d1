//! The views of the chapter of text that compare: two models' surprise at one text, two architectures
//! stage by stage, and a model with its cache and without it. Driven by label, with the model that is
//! built in.

#[path = "support/bench.rs"]
mod bench;

use bench::{Bench, click, labels, open, says, until, wait_for};
use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::files::card::Card;
use glassbox::tabs::Tab;
use glassbox::tabs::text::TextTab;
use glassbox::theme::Theme;
use std::path::{Path, PathBuf};

type Window = Harness<'static, Bench<TextTab>>;

/// The chapter in a small window, showing a view. No folder to look in: only the built-in model is there.
fn window(view: &str) -> Window {
    let mut harness = Bench::new(TextTab::new()).window(Theme::Light, [1280.0, 720.0]);
    until(&mut harness, |harness| {
        harness.state().tab.loaded_model().is_some()
    });
    click(&mut harness, view);
    harness
}

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    folder.join(name)
}

/// Draws frames until no job is at work.
fn until_idle(harness: &mut Window) {
    until(harness, |harness| harness.state().progress().is_none());
}

#[test]
fn a_text_is_coloured_by_surprise_and_a_click_tells_what_was_expected_instead() {
    let mut harness = window("Surprise");
    click(&mut harness, "One");
    click(&mut harness, "Once upon a");
    wait_for(&mut harness, "stories: token 2");
    until_idle(&mut harness);
    let tokens = labels(&harness, "stories: token ");
    assert!(tokens.len() > 1, "{tokens:?}");
    assert!(
        tokens.iter().all(|token| token.ends_with(" bits")),
        "{tokens:?}"
    );
    assert!(says(&harness, "Most surprising to stories"));
    click(&mut harness, &tokens[1]);
    assert!(says(&harness, "What stories expected as token 2"));
    assert!(says(&harness, "tokens seemed more likely"));
    assert!(!harness.state().can(Command::Stop));
}

#[test]
fn a_dropped_model_reads_the_same_text_beside_the_first() {
    let mut harness = window("Surprise");
    let path = fixture("gpt2_untied.safetensors");
    let card = Card::of(&path).unwrap();
    let phrase = harness.state().accepts(&card);
    assert_eq!(phrase.as_deref(), Some("compare it as the second model"));
    open(&mut harness, &path);
    // It came without a tokenizer: a list of ids is what it reads.
    wait_for(&mut harness, "its prompt is a list of ids");
    assert_eq!(harness.state().loaded_model().unwrap().name, "stories");
    wait_for(&mut harness, "stories: token 2");
}

#[test]
fn a_race_writes_the_same_tokens_with_the_cache_and_without_and_can_be_run_again() {
    let mut harness = window("KV cache");
    wait_for(&mut harness, "Keys of block 0, head 0");
    assert!(says(&harness, "key and value"));
    assert!(says(&harness, "Press Race"));
    for _ in 0..2 {
        assert!(harness.state().can(Command::Run));
        harness
            .state_mut()
            .with_context(|tab, cx| tab.command(Command::Run, cx));
        harness.step();
        assert!(!harness.state().can(Command::Run) || says(&harness, "tokens are the same"));
        until_idle(&mut harness);
        assert!(says(&harness, "All 32 tokens are the same either way."));
    }
}

#[test]
fn two_models_stand_beside_each_other_at_every_stage() {
    let mut harness = window("Two models");
    open(&mut harness, &fixture("gpt2_tied.safetensors"));
    wait_for(&mut harness, "2 blocks, 28 numbers wide");
    for stage in ["Positions", "Norm", "Heads", "MLP", "Next token", "Tokens"] {
        click(&mut harness, stage);
    }
    assert!(says(&harness, "of a vocabulary of 1,024"));
    click(&mut harness, "Heads");
    assert!(says(&harness, "Heads of stories: 5 heads ask 5"));
    assert!(says(&harness, ": 4 heads ask 4"));
    click(&mut harness, "Positions");
    wait_for(&mut harness, "Map of Learned positions: 256 × 160 numbers");
}

#[test]
fn space_goes_through_the_stages_and_the_arrow_goes_back() {
    let mut harness = window("Two models");
    wait_for(&mut harness, "tokens of a vocabulary of 1,024");
    let stages = [
        "where a token stands",
        "the norm",
        "heads and what they share",
    ];
    for stage in stages {
        harness.key_press(egui::Key::Space);
        harness.run_steps(2);
        assert!(says(&harness, stage), "{stage}");
    }
    harness.key_press(egui::Key::ArrowLeft);
    harness.run_steps(2);
    assert!(says(&harness, "the norm"));
    wait_for(&mut harness, "The norm: 160 values");
    click(&mut harness, "MLP");
    wait_for(&mut harness, "The activation: 640 values");
    until(&mut harness, |harness| harness.state().can(Command::Run));
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
    wait_for(&mut harness, "As a text to go on with");
    wait_for(&mut harness, "Stopped: ");
    until_idle(&mut harness);
}

#[test]
fn a_long_text_is_read_in_windows_and_can_be_stopped_and_read_again() {
    let mut harness = window("Surprise");
    click(&mut harness, "One");
    until_idle(&mut harness);
    // More than the job may tell before the window takes it: it cannot be at its end.
    let text = "The cat sat on the mat. ".repeat(3000);
    let editor = harness.get_by_label("Text to look into");
    editor.focus();
    editor.type_text(&text);
    wait_for(&mut harness, "window ");
    assert!(harness.state().can(Command::Stop));
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Stop, cx));
    wait_for(&mut harness, "stopped window");
    assert!(!harness.state().can(Command::Stop));
    harness.run_steps(3);
    assert!(says(&harness, "stopped window"), "nothing begins by itself");
    assert!(harness.state().can(Command::Run));
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
    until(&mut harness, |harness| !says(harness, "stopped"));
    assert!(harness.state().can(Command::Stop));
}
