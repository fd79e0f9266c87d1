//! How a word got there.

use super::*;
use eframe::egui::Key;

#[test]
fn a_click_on_a_chip_tells_how_its_word_got_there_forward_and_back() {
    let mut harness = bench(Theme::Light, "it is");
    harness.get_by_label("GPT-2, token 2 ·is, id 318").click();
    harness.run_steps(4);
    harness.get_by_label("merge 2 of 2");
    assert!(says(&harness, "After 2 merges: one token."));
    for _ in 0..2 {
        harness.get_by_label("Step back").click();
        harness.run_steps(4);
    }
    harness.get_by_label("merge 0 of 2");
    // "i s" has rank 15 in GPT-2's vocab.bpe, "Ġ i" rank 72.
    assert!(!labels(&harness, "“i” + “s” has the lowest rank, 15").is_empty());
    harness.get_by_label("Step forward").click();
    harness.run_steps(4);
    harness.get_by_label("merge 1 of 2");
    harness.get_by_label_contains("Merges, by rank").focus();
    harness.run_steps(4);
    harness.key_press(Key::Home);
    harness.run_steps(4);
    harness.get_by_label("merge 0 of 2");
    harness.get_by_label("Play").click();
    harness.run_steps(2);
    harness.get_by_label("Pause").click();
    harness.run_steps(2);
    harness.get_by_label("Close").click();
    harness.run_steps(4);
    assert!(!harness.state().has_timeline());
}

#[test]
fn in_sentence_piece_the_highest_score_wins_and_the_space_put_first_is_there() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/sentence_piece_bpe.model"
    );
    let mut harness = bench(Theme::Light, "the whale");
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(path.into(), cx));
    harness.run_steps(2);
    settle(&mut harness);
    harness
        .get_by_label_contains("sentence_piece_bpe.model, token 1 ")
        .click();
    harness.run_steps(4);
    assert!(says(&harness, "Merges, by place of their score"));
    harness.get_by_label("Step back").click();
    harness.run_steps(4);
    assert!(says(&harness, "has the highest score, "));
    assert!(
        says(&harness, "“·"),
        "the space that was put before the text"
    );
    assert!(!says(&harness, "rank"));
}
