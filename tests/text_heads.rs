//! Attention, lens and surgery in the chapter of text, driven as a person would: by label, with a model
//! made in the test.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/bench.rs"]
mod support;
mod tiny;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::tabs::text::TextTab;
use glassbox::theme::Theme;
use support::{click, labels, says, until, wait_for};

type Bench = support::Bench<TextTab>;

/// A view of the chapter with the tiny model in it: two blocks of four heads.
fn view(name: &str) -> Harness<'static, Bench> {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny::write(folder.path());
    let mut bench = Bench::new(TextTab::new());
    bench.kept = Some(folder);
    bench.with_context(|tab, cx| glassbox::tabs::Tab::open(tab, model, cx));
    let mut harness = bench.window(Theme::Light, [1280.0, 1400.0]);
    until(&mut harness, |harness| {
        glassbox::tabs::Tab::loaded_model(&harness.state().tab).is_some_and(|m| m.name != "stories")
    });
    click(&mut harness, name);
    harness
}

/// Clicks the middle of a picture.
fn click_picture(harness: &mut Harness<'_, Bench>, part: &str) {
    harness.get_by_label_contains(part).click();
    harness.run_steps(3);
}

#[test]
fn every_head_is_seen_one_is_opened_and_a_pair_is_worked_out() {
    let mut harness = view("Attention");
    wait_for(&mut harness, "Patterns of all heads: 2 blocks of 4 heads");
    click_picture(&mut harness, "Patterns of all heads");
    wait_for(&mut harness, "Map of Pattern");
    wait_for(&mut harness, "Map of Query, key and their product: 3 × 16");
    assert!(says(&harness, "after the softmax"));
    click(&mut harness, "Scores");
    wait_for(&mut harness, "Map of Scores");
    // A click on a number opens its equation.
    click_picture(&mut harness, "Map of Scores");
    until(&mut harness, |harness| {
        glassbox::tabs::Tab::has_explain(&harness.state().tab)
    });
    click(&mut harness, "Lines");
    wait_for(&mut harness, "as lines");
    click(&mut harness, "One token");
    wait_for(&mut harness, "looks at in every head: 8 ×");
}

#[test]
fn a_habit_is_looked_for_by_measuring_and_its_heads_can_be_opened() {
    let mut harness = view("Attention");
    wait_for(&mut harness, "Patterns of all heads");
    click(&mut harness, "Induction");
    // Its preset is a text that says something twice.
    let text = "The blue door opened slowly. The blue door opened";
    wait_for(&mut harness, &format!("{} tokens", text.len()));
    until(&mut harness, |harness| {
        says(harness, "No head of this model")
            || !labels(harness, "Head 0.").is_empty()
            || !labels(harness, "Head 1.").is_empty()
    });
}

#[test]
fn every_block_says_what_it_would_and_a_score_adds_up() {
    let mut harness = view("Lens");
    let table = wait_for(&mut harness, "Logit lens: ");
    assert!(table.contains("3 layers"), "{table}");
    click(&mut harness, "One token");
    wait_for(&mut harness, "through the depth: rank 1 of 259 at the end");
    wait_for(&mut harness, "Rank of ");
    let total: f64 = number(&wait_for(&mut harness, "in all: "));
    let score: f64 = number(&wait_for(&mut harness, "Its score "));
    assert!((total - score).abs() < 1e-3, "{total} {score}");
    click(&mut harness, "As the pass goes");
    wait_for(&mut harness, "heads of block 1: ");
    click(&mut harness, "against the best other token");
    wait_for(&mut harness, "it is ahead of");
    // A part leads to what it wrote.
    click_picture(&mut harness, "MLP 1: ");
    until(&mut harness, |harness| {
        glassbox::tabs::Tab::has_explain(&harness.state().tab)
    });
}

/// The first number with a point in it.
fn number(words: &str) -> f64 {
    let parts = words.split(|c: char| !(c.is_ascii_digit() || "+-.−".contains(c)));
    let mut numbers = parts.filter_map(|part| part.trim_matches('.').parse().ok());
    numbers.find(|x: &f64| x.fract() != 0.0).unwrap()
}

#[test]
fn a_part_is_cut_and_made_whole_again_and_the_next_token_follows() {
    let mut harness = view("Surgery");
    wait_for(&mut harness, "Next token: ");
    click_picture(
        &mut harness,
        "Parts of the model: 2 blocks of 4 heads and an MLP",
    );
    wait_for(
        &mut harness,
        "outlined as the model is, filled after surgery",
    );
    let done = labels(&harness, "off  ×").pop().unwrap();
    click(&mut harness, "Operate");
    wait_for(&mut harness, "neuron 0.0 off  ×");
    click(&mut harness, "Undo all");
    wait_for(&mut harness, "Nothing: the model is whole.");
    wait_for(&mut harness, "Next token: ");
    assert!(!says(&harness, &done));
    click(&mut harness, "Patch");
    click_picture(&mut harness, "Parts of the model");
    wait_for(&mut harness, "from the other text  ×");
    wait_for(&mut harness, "they ");
}

#[test]
fn every_part_is_switched_off_in_turn_and_coloured_by_what_it_is_needed_for() {
    let mut harness = view("Surgery");
    wait_for(&mut harness, "Next token: ");
    click(&mut harness, "Switch each off in turn");
    wait_for(&mut harness, "Red: without this part alone");
    click(&mut harness, "Hide the colours");
    assert!(!says(&harness, "Red: without this part alone"));
}
