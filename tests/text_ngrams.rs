//! The views of the chapter of text that need no look inside: n-grams beside a transformer, and the ways
//! to choose on one tree. Driven by label, with the model that is built in.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it did not expect"
)]

#[path = "support/bench.rs"]
mod bench;

use bench::{Bench, click, labels, open, refusal, says, until, wait_for};
use egui_kittest::Harness;
use glassbox::command::Command;
use glassbox::files::card::Card;
use glassbox::tabs::Tab;
use glassbox::tabs::text::TextTab;
use glassbox::theme::Theme;

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

fn until_idle(harness: &mut Window) {
    until(harness, |harness| harness.state().progress().is_none());
}

#[test]
fn moby_dick_is_counted_and_a_click_asks_what_follows() {
    let mut harness = window("N-grams");
    wait_for(&mut harness, "1,146,626 letters; 5,249 different 3-grams");
    assert!(says(&harness, "Letter against letter, 27 by 27"));
    assert!(says(&harness, "Commonest: ␣th, 2.2 %, counted 25673 times"));
    click(&mut harness, "After q");
    wait_for(&mut harness, "P(u | ␣q) = 716 / 716 = 100 %");
    assert!(says(
        &harness,
        "26 letters never follow: their probability is 0."
    ));
    let row = wait_for(&mut harness, "After “␣q”: u,");
    click(&mut harness, &row);
    wait_for(&mut harness, "P(e | qu) = 775 / 1,543");
    assert!(says(&harness, "After “qu”: i, 19.9 %, counted 307 times"));
    // Smoothing: as if everything had been seen once more.
    click(&mut harness, "Add k");
    wait_for(&mut harness, "P(e | qu) = (775 + 1) / (1,543 + 1·27)");
}

#[test]
fn the_lectures_sentence_is_counted_by_words() {
    let mut harness = window("N-grams");
    wait_for(&mut harness, "3-grams");
    click(&mut harness, "A dog named Alpha");
    wait_for(&mut harness, "P(a | have) = 1 / 2 = 50.0 %");
    assert!(says(&harness, "After “have”: two, 50.0 %, counted 1 times"));
    click(&mut harness, "Never seen");
    wait_for(&mut harness, "So the shorter context speaks.");
}

#[test]
fn writing_draws_symbol_after_symbol_and_shows_what_each_was_drawn_from() {
    let mut harness = window("N-grams");
    wait_for(&mut harness, "3-grams");
    click(&mut harness, "3  Write");
    assert!(says(&harness, "draw one by its probability"));
    assert!(harness.state().can(Command::Run));
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
    wait_for(&mut harness, "Drawn, surprise, 200 steps");
    assert!(harness.state().has_timeline());
    click(&mut harness, "Symbol 1: u");
    wait_for(&mut harness, "P(u | ␣q) = 100 %   counted 716 of 716");
    click(&mut harness, "Step");
    wait_for(&mut harness, "Drawn, surprise, 201 steps");
    click(&mut harness, "4  Size and zeros");
    wait_for(&mut harness, "14,348,907");
}

#[test]
fn the_transformer_reads_the_same_text() {
    let mut harness = window("N-grams");
    wait_for(&mut harness, "3-grams");
    click(&mut harness, "After qu");
    click(&mut harness, "5  And a transformer?");
    wait_for(&mut harness, ", read just now");
    assert!(says(
        &harness,
        "The n-gram expects: e, 50.2 %, counted 775 times"
    ));
    assert_eq!(labels(&harness, "The transformer expects: ").len(), 12);
}

#[test]
fn a_dropped_text_is_counted_and_one_that_cannot_be_leaves_what_was() {
    let mut harness = window("N-grams");
    wait_for(&mut harness, "1,146,626 letters");
    let folder = tempfile::tempdir().unwrap();
    let drop = |harness: &mut Window, name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let card = Card::of(&path).unwrap();
        let phrase = harness.state().accepts(&card);
        assert_eq!(phrase.as_deref(), Some("count what follows what in it"));
        open(harness, &path);
    };
    drop(&mut harness, "letters.txt", "aab aab aab");
    wait_for(&mut harness, "11 letters; ");
    assert!(says(&harness, "Commonest: aab, 33.3 %, counted 3 times"));
    drop(&mut harness, "russian.txt", "Зовите меня Измаил.");
    let refused = refusal(&mut harness);
    assert!(refused.next.contains("words instead"), "{refused}");
    harness.run_steps(2);
    assert!(says(&harness, "11 letters; "));
}

#[test]
fn all_ways_to_choose_stand_on_one_tree_and_a_click_adds_a_path_up() {
    let mut harness = window("Choosing");
    click(&mut harness, "Greedy is short-sighted");
    wait_for(&mut harness, "Greedy is short-sighted here: ");
    until_idle(&mut harness);
    for path in [
        "Greedy: ",
        "Beam, best: ",
        "Beam, 4: ",
        "Drawn 1: ",
        "Drawn 2: ",
    ] {
        assert!(says(&harness, path), "{path}");
    }
    let tokens = labels(&harness, "Token ");
    assert!(tokens.len() > 12, "{tokens:?}");
    let greedy = labels(&harness, "Greedy: ");
    let greedy = greedy.iter().find(|label| label.contains(", sum −"));
    let greedy = greedy.unwrap().clone();
    let sum = greedy.rsplit(' ').next().unwrap().to_owned();
    click(&mut harness, &greedy);
    wait_for(&mut harness, &format!("= {sum}"));
    click(&mut harness, "Show what beam search dropped");
    harness.run_steps(2);
    assert!(labels(&harness, "Token ").len() > tokens.len());
}
