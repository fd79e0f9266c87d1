//! Merges are gone over with the keys alone, as where the bench is folded away.

use super::learning::learn_bench;
use super::*;
use eframe::egui::Key;

fn press(harness: &mut Harness<'_, Bench>, key: Key) {
    harness.key_press(key);
    harness.step();
    harness.step();
}

#[test]
fn arrows_step_over_the_merges_of_a_word_and_space_plays_them() {
    let mut harness = bench(Theme::Light, "it is");
    harness.get_by_label("GPT-2, token 2 ·is, id 318").click();
    harness.run_steps(4);
    press(&mut harness, Key::ArrowLeft);
    harness.get_by_label("merge 1 of 2");
    press(&mut harness, Key::ArrowLeft);
    press(&mut harness, Key::ArrowLeft);
    harness.get_by_label("merge 0 of 2");
    press(&mut harness, Key::ArrowRight);
    harness.get_by_label("merge 1 of 2");
    press(&mut harness, Key::Space);
    harness.get_by_label("Pause");
    press(&mut harness, Key::Space);
    harness.get_by_label("Play");
}

#[test]
fn arrows_step_over_what_the_small_corpus_teaches_and_a_text_keeps_its_keys() {
    let mut harness = learn_bench();
    for _ in 0..3 {
        press(&mut harness, Key::ArrowRight);
    }
    press(&mut harness, Key::ArrowLeft);
    assert!(harness.state().title().ends_with("2 merges"));
    press(&mut harness, Key::Space);
    until(&mut harness, |harness| {
        !harness.state().title().ends_with("2 merges")
    });
    press(&mut harness, Key::Space);
    let title = harness.state().title();
    harness.get_by_label("Corpus").focus();
    harness.step();
    press(&mut harness, Key::ArrowRight);
    assert_eq!(harness.state().title(), title);
    click(&mut harness, "Restart");
    assert!(harness.state().title().ends_with("0 merges"));
}
