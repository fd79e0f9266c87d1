//! Learn, the small corpus: every merge in view.

use super::*;
use eframe::egui::Key;

/// The tab at its half of learning.
pub fn learn_bench() -> Harness<'static, Bench> {
    let bench = Bench::new(TokenizerTab::new());
    let mut harness = bench.window(Theme::Light, [1280.0, 900.0]);
    click(&mut harness, "Learn");
    harness
}

/// The labels that begin so, in the order of the screen.
pub fn beginning(harness: &Harness<'_, Bench>, beginning: &str) -> Vec<String> {
    let mut labels = labels(harness, beginning);
    labels.retain(|label| label.starts_with(beginning));
    labels
}

pub fn write_corpus(harness: &mut Harness<'_, Bench>, text: &str) {
    let editor = harness.get_by_label("Corpus");
    editor.focus();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.get_by_label("Corpus").type_text(text);
    harness.step();
    harness.step();
}

#[test]
fn the_papers_first_merges_appear_one_by_one_with_their_ties_and_go_back() {
    let mut harness = learn_bench();
    assert_eq!(
        beginning(&harness, "Word ")[2],
        "Word n e w e s t </w>, 6 times"
    );
    assert_eq!(
        beginning(&harness, "Pair ")[..2],
        [
            "Pair 1 e + s, 9 times, merged next",
            "Pair 2 s + t, 9 times, as common"
        ]
    );
    harness.get_by_label_contains("As common: s + t, t + </w>. The rule: of equally common pairs");
    for (merges, token) in ["es", "est", "est</w>", "lo", "low"].iter().enumerate() {
        click(&mut harness, "Step");
        let newest = &beginning(&harness, "Token ")[0];
        assert!(
            newest.starts_with(&format!("Token {} {token}, made of ", 257 + merges)),
            "{newest}"
        );
    }
    assert_eq!(
        beginning(&harness, "Word ")[2],
        "Word n e w est</w>, 6 times"
    );
    harness.get_by_label_contains("Merge 5 made low: the corpus went from 61 to 54 tokens.");
    harness.get_by_label_contains("Tokens against merges: from 95 to 54 in 5 merges");
    click(&mut harness, "Back");
    assert_eq!(beginning(&harness, "Token ").len(), 4);
    harness.get_by_label_contains("Merges, by count, 5 steps");
    click(&mut harness, "Restart");
    assert_eq!(beginning(&harness, "Word ")[0], "Word l o w </w>, 5 times");
}

#[test]
fn run_goes_to_the_number_of_merges_and_play_goes_on_to_the_end() {
    let mut harness = learn_bench();
    click(&mut harness, "Run to 10 merges");
    until(&mut harness, |harness| {
        harness.query_by_label("Stop").is_none()
    });
    assert!(harness.state().title().ends_with("10 merges"));
    click(&mut harness, "Play");
    click(&mut harness, "Pause");
    let paused = harness.state().title();
    harness.run_steps(200);
    assert_eq!(harness.state().title(), paused);
    click(&mut harness, "Play");
    until(&mut harness, |harness| {
        harness.query_by_label("Learning is over").is_some()
    });
    assert!(beginning(&harness, "Word ").contains(&"Word widest</w>, 3 times".into()));
}

#[test]
fn the_end_of_a_word_and_the_rule_of_ties_can_be_switched() {
    let mut harness = learn_bench();
    click(&mut harness, "smaller ids");
    click(&mut harness, "Step");
    click(&mut harness, "Step");
    // By ids, t </w> comes before es t.
    assert!(beginning(&harness, "Token ")[0].contains(" t</w>, made of t + </w>"));
    click(&mut harness, "Words end in </w>");
    assert_eq!(beginning(&harness, "Word ")[0], "Word l o w, 5 times");
    assert!(beginning(&harness, "Token ").is_empty());
}

#[test]
fn ones_own_corpus_is_learned_from_and_a_bad_line_is_named() {
    let mut harness = learn_bench();
    write_corpus(&mut harness, "abab 3");
    assert_eq!(beginning(&harness, "Word "), ["Word a b a b </w>, 3 times"]);
    write_corpus(&mut harness, "abab three");
    assert!(!beginning(&harness, "Line 1 is not a word and its count").is_empty());
    click(&mut harness, "A text");
    write_corpus(&mut harness, "to be or not to be");
    assert!(beginning(&harness, "Word ").contains(&"Word · b e, twice".into()));
}

#[test]
fn every_preset_shows_its_corpus() {
    let mut harness = learn_bench();
    for (name, word) in [
        ("strawberry six ways", "Word · S T R A W B E R R Y, once"),
        ("reindeer, reinjury", "Word r e i n j u r y </w>, twice"),
        ("digits", "Word 2 0 2 4 </w>, 9 times"),
        ("code indentation", "Word ⏎ · · ·, 5 times"),
        ("Who'd use…", "Word ⟨E5⟩ ⟨90⟩ ⟨8E⟩, once"),
        ("The paper's corpus", "Word l o w e r </w>, twice"),
    ] {
        click(&mut harness, name);
        let words = beginning(&harness, "Word ");
        assert!(words.contains(&word.to_owned()), "{name}: {words:?}");
        click(&mut harness, "Step");
        assert!(!beginning(&harness, "Token ").is_empty(), "{name}");
    }
}
