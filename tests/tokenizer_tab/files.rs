//! Files of one's own: vocabularies and texts.

use super::*;

#[test]
fn a_file_of_ones_own_takes_over_and_a_broken_one_leaves_what_was() {
    let mut harness = bench(Theme::Light, "Ben likes to play.");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/models/stories.tokenizer.json");
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(own.into(), cx));
    harness.run_steps(2);
    settle(&mut harness);
    let expected = ids("stories", "Ben likes to play.");
    assert_eq!(harness.state().tab.ids().unwrap(), expected);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("tokenizer.json");
    std::fs::write(
        &broken,
        "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}",
    )
    .unwrap();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(broken, cx));
    loop {
        harness.step();
        if let Some(Notice::Refused(refusal)) = harness.state_mut().notices.pop() {
            assert!(!refusal.next.is_empty());
            break;
        }
        std::thread::yield_now();
    }
    harness.run_steps(4);
    assert_eq!(harness.state().tab.ids().unwrap(), expected);
    let text = folder.path().join("a.txt");
    std::fs::write(
        &text,
        "A text of one's own, long enough to be known as text.",
    )
    .unwrap();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(text, cx));
    harness.run_steps(2);
    let opened = |bench: &Bench| bench.tab.ids() != Some(expected.clone());
    while !opened(harness.state()) {
        harness.step();
    }
    settle(&mut harness);
    let expected = ids(
        "stories",
        "A text of one's own, long enough to be known as text.",
    );
    assert_eq!(harness.state().tab.ids().unwrap(), expected);
}

/// Opens a text of a line and waits until it is known what it is.
fn open_text(harness: &mut Harness<'_, Bench>, folder: &tempfile::TempDir) -> String {
    let line = "A text of one's own, long enough to be known as text.";
    let path = folder.path().join("own.txt");
    std::fs::write(&path, line).unwrap();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(path, cx));
    line.to_owned()
}

#[test]
fn a_dropped_text_goes_where_the_person_is_to_encode_or_to_learn() {
    let folder = tempfile::tempdir().unwrap();
    let text_card = |harness: &Harness<'_, Bench>| {
        let card = glassbox::files::card::Card::of(&folder.path().join("own.txt")).unwrap();
        harness.state().tab.accepts(&card).unwrap()
    };
    let mut harness = bench(Theme::Light, "before");
    let line = open_text(&mut harness, &folder);
    assert_eq!(text_card(&harness), "show it as tokens");
    let expected = ids("gpt2", &line);
    while harness.state().tab.ids() != Some(expected.clone()) {
        harness.step();
    }
    harness.state_mut().tab.set_text("before");
    harness.get_by_label("Learn").click();
    harness.run_steps(2);
    assert_eq!(text_card(&harness), "train a vocabulary on it");
    open_text(&mut harness, &folder);
    while !says(&harness, "Ready to learn from own.txt") {
        harness.step();
    }
    harness.get_by_label("Encode").click();
    harness.run_steps(2);
    settle(&mut harness);
    assert_eq!(harness.state().tab.ids().unwrap(), ids("gpt2", "before"));
}
