//! The editor, the chips, what is shown of them, and what is to try.

use super::*;

#[test]
fn chips_appear_while_a_person_types() {
    let mut harness = bench(Theme::Light, "");
    let editor = harness.get_by_label("Text");
    editor.focus();
    editor.type_text("Hello world");
    harness.run_steps(4);
    assert_eq!(harness.state().ids().unwrap(), [15496, 995]);
    harness.get_by_label("GPT-2, token 1 Hello, id 15496");
    harness.get_by_label("GPT-2, token 2 ·world, id 995");
}

#[test]
fn half_a_character_is_shown_as_its_bytes() {
    let harness = bench(Theme::Light, "🍓");
    let chips = labels(&harness, "GPT-2, token ");
    assert_eq!(chips[0], "GPT-2, token 1 ⟨F0 9F⟩, id 8582");
    assert!(chips.iter().all(|chip| !chip.contains('\u{fffd}')));
}

#[test]
fn every_vocabulary_reads_the_text_as_itself() {
    let text = "strawberry 1234";
    let mut harness = bench(Theme::Light, text);
    for (label, name) in [
        ("cl100k", "cl100k"),
        ("stories", "stories"),
        ("o200k", "o200k"),
    ] {
        harness.get_by_label(&format!("Read with {label}")).click();
        harness.run_steps(2);
        settle(&mut harness);
        assert_eq!(harness.state().ids().unwrap(), ids(name, text), "{name}");
        assert!(!labels(&harness, &format!("{label}, token 1 ")).is_empty());
    }
}

#[test]
fn each_preset_fills_the_editor() {
    let mut harness = bench(Theme::Light, "a");
    let mut seen = Vec::new();
    for name in [
        "strawberry six ways",
        "reindeer, reinjury",
        "digits",
        "code indentation",
        "Who'd use…",
        "emoji",
        "eight languages",
    ] {
        harness.get_by_label(name).click();
        harness.run_steps(2);
        settle(&mut harness);
        let ids = harness.state().ids().unwrap();
        assert!(!seen.contains(&ids), "{name}");
        seen.push(ids);
    }
}

#[test]
fn bytes_ids_and_white_space_are_shown_as_asked() {
    let mut harness = bench(Theme::Light, "naïve 🍓");
    for name in ["Show ids", "Show bytes", "Show spaces and line ends"] {
        for _ in 0..2 {
            harness.get_by_label(name).click();
            harness.run_steps(4);
            assert!(!labels(&harness, "GPT-2, token 1 ").is_empty());
        }
    }
}

#[test]
fn a_letter_typed_into_a_long_text_has_little_encoded_again() {
    let text = "It was a bright cold day in April, and the clocks were striking.\n".repeat(3000);
    let mut harness = bench(Theme::Light, &text);
    assert!(text.len() > 190_000);
    let editor = harness.get_by_label("Text");
    editor.focus();
    editor.type_text("x");
    harness.run_steps(2);
    settle(&mut harness);
    assert!(harness.state().n_bytes_encoded_last() < 200);
    let n = labels(&harness, "GPT-2, token ").len();
    assert!((10..1000).contains(&n), "{n} chips are drawn");
}

#[test]
fn what_was_chosen_comes_back_at_the_next_start() {
    let mut harness = bench(Theme::Light, "digits 123");
    harness.get_by_label("Read with cl100k").click();
    harness.run_steps(2);
    settle(&mut harness);
    let saved = harness.state().save();
    let mut again = TokenizerTab::new();
    again.restore(&saved);
    assert_eq!(again.save(), saved);
    assert_eq!(saved["encode"]["vocabulary"], "cl100k");
    again.restore(&serde_json::json!({ "encode": 7 }));
    assert_eq!(again.save(), saved);
}
