//! The walk through a pass, driven as a person would: by label, with the model that is built in.

#[path = "support/bench.rs"]
mod support;

use eframe::egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::text::TextTab;
use glassbox::theme::Theme;
use support::{click, labels, says, until, wait_for};

type Bench = support::Bench<TextTab>;

/// The walk over the first text of the model that is built in.
fn walk() -> Harness<'static, Bench> {
    // High enough for all that can be clicked.
    let mut harness = Bench::new(TextTab::new()).window(Theme::Light, [1280.0, 1080.0]);
    until(&mut harness, |harness| harness.state().progress().is_none());
    click(&mut harness, "Walk");
    wait_for(&mut harness, "Stage 1: Tokens");
    harness
}

#[test]
fn space_goes_through_every_stage_and_the_arrows_go_back() {
    let mut harness = walk();
    for name in [
        "Embedding",
        "Position",
        "Stream",
        "Norm",
        "Queries",
        "Keys",
        "Values",
        "Scores",
        "Mask",
        "Softmax",
        "Weighted values",
        "Heads joined",
        "Output",
        "Added",
        "Norm",
        "MLP in",
        "Activation",
        "MLP out",
        "Added",
        "Final norm",
        "Logits",
        "Probabilities",
    ] {
        harness.key_press(Key::Space);
        harness.run_steps(2);
        wait_for(&mut harness, &format!("Map of {name}"));
    }
    harness.key_press(Key::Space);
    harness.run_steps(2);
    assert!(says(&harness, "Map of Probabilities"));
    harness.key_press(Key::ArrowLeft);
    wait_for(&mut harness, "Map of Logits");
}

#[test]
fn every_stage_has_the_shape_that_the_model_says() {
    let mut harness = walk();
    for (stage, shape) in [
        ("Embedding", "× 160 numbers"),
        ("Queries", "× 32 numbers"),
        ("Heads joined", "× 160 numbers"),
        ("MLP in", "× 640 numbers"),
        ("Logits", "× 1024 numbers"),
    ] {
        let label = labels(&harness, "Stage ")
            .into_iter()
            .find(|label| label.ends_with(&format!(": {stage}")));
        click(&mut harness, &label.unwrap());
        wait_for(&mut harness, &format!("Map of {stage}"));
        assert!(says(&harness, shape), "{stage}");
    }
}

#[test]
fn a_number_that_is_clicked_is_explained_and_its_inputs_are_lit_up() {
    let mut harness = walk();
    let stage = labels(&harness, ": Softmax").pop().unwrap();
    click(&mut harness, &stage);
    wait_for(&mut harness, "Softmax, 3 ");
    let cell = labels(&harness, "Softmax, 3 ").remove(0);
    click(&mut harness, &cell);
    until(&mut harness, |harness| harness.state().has_explain());
    click(&mut harness, "Close");
    harness.run_steps(2);
    assert!(!harness.state().has_explain());
}

#[test]
fn run_is_a_step_and_another_block_is_a_click_away() {
    let mut harness = walk();
    let bench = harness.state_mut();
    assert!(bench.can(Command::Run));
    bench.with_context(|tab, cx| tab.command(Command::Run, cx));
    wait_for(&mut harness, "Map of Embedding");
    click(&mut harness, "Block 2");
    wait_for(&mut harness, "Map of Stream");
    assert!(harness.state().title().contains("block 2"));
    click(&mut harness, "Block 0");
    harness.run_steps(2);
    assert!(harness.state().title().contains("block 0"));
}

#[test]
fn a_text_typed_once_is_looked_into_and_an_empty_one_begins_with_the_start_token() {
    let mut harness = walk();
    click(&mut harness, "Once upon a");
    wait_for(&mut harness, "3 tokens");
    click(&mut harness, "Stage 2: Embedding");
    wait_for(&mut harness, "Map of Embedding: 3 × 160 numbers");
    let editor = harness.get_by_label("Text to look into");
    editor.focus();
    editor.type_text(" time");
    harness.run_steps(2);
    wait_for(&mut harness, "Map of Embedding: 4 × 160 numbers");
}

#[test]
fn what_was_written_is_what_is_looked_into() {
    let mut harness = walk();
    click(&mut harness, "Write");
    let prompt = harness.get_by_label("Prompt");
    prompt.focus();
    prompt.type_text("Once upon a time");
    harness.run_steps(3);
    click(&mut harness, "Walk");
    click(&mut harness, "Stage 2: Embedding");
    wait_for(&mut harness, "Map of Embedding: 4 × 160 numbers");
}

#[test]
fn the_smallest_model_sorts_letters_and_is_seen_whole() {
    let mut harness = walk();
    click(&mut harness, "sort");
    wait_for(&mut harness, "6 tokens");
    let stage = wait_for(&mut harness, ": Probabilities");
    click(&mut harness, &stage);
    wait_for(&mut harness, "Map of Probabilities: 6 × 3 numbers");
    wait_for(&mut harness, "Probabilities, 5 C, ");
    let best = labels(&harness, "Probabilities, 5 C, ").remove(0);
    assert!(best.contains("5 C, A: 0.99"), "{best}");
    click(&mut harness, "Half sorted");
    wait_for(&mut harness, "Map of Probabilities: 9 × 3 numbers");
    wait_for(&mut harness, "Probabilities, 8 B, ");
    let best = labels(&harness, "Probabilities, 8 B, ").remove(0);
    assert!(best.contains("8 B, B: 0.99"), "{best}");
}
