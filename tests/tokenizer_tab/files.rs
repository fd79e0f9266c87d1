//! Files of one's own: vocabularies and texts.

use super::*;

#[test]
fn a_file_of_ones_own_takes_over_and_a_broken_one_leaves_what_was() {
    let mut harness = bench(Theme::Light, "Ben likes to play.");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/models/stories.tokenizer.json");
    open(&mut harness, own.as_ref());
    harness.run_steps(2);
    settle(&mut harness);
    let expected = ids("stories", "Ben likes to play.");
    assert_eq!(harness.state().ids().unwrap(), expected);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("tokenizer.json");
    std::fs::write(
        &broken,
        "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}",
    )
    .unwrap();
    open(&mut harness, &broken);
    refusal(&mut harness);
    harness.run_steps(4);
    assert_eq!(harness.state().ids().unwrap(), expected);
    let text = folder.path().join("a.txt");
    std::fs::write(
        &text,
        "A text of one's own, long enough to be known as text.",
    )
    .unwrap();
    open(&mut harness, &text);
    harness.run_steps(2);
    until(&mut harness, |harness| {
        harness.state().ids() != Some(expected.clone())
    });
    settle(&mut harness);
    let expected = ids(
        "stories",
        "A text of one's own, long enough to be known as text.",
    );
    assert_eq!(harness.state().ids().unwrap(), expected);
}

/// Opens a text of a line and waits until it is known what it is.
fn open_text(harness: &mut Harness<'_, Bench>, folder: &tempfile::TempDir) -> String {
    let line = "A text of one's own, long enough to be known as text.";
    let path = folder.path().join("own.txt");
    std::fs::write(&path, line).unwrap();
    open(harness, &path);
    line.to_owned()
}

#[test]
fn a_dropped_text_goes_where_the_person_is_to_encode_or_to_learn() {
    let folder = tempfile::tempdir().unwrap();
    let text_card = |harness: &Harness<'_, Bench>| {
        let card = glassbox::files::card::Card::of(&folder.path().join("own.txt")).unwrap();
        harness.state().accepts(&card).unwrap()
    };
    let mut harness = bench(Theme::Light, "before");
    let line = open_text(&mut harness, &folder);
    assert_eq!(text_card(&harness), "show it as tokens");
    let expected = ids("gpt2", &line);
    until(&mut harness, |harness| {
        harness.state().ids() == Some(expected.clone())
    });
    harness.state_mut().set_text("before");
    harness.get_by_label("Learn").click();
    harness.run_steps(2);
    assert_eq!(text_card(&harness), "train a vocabulary on it");
    open_text(&mut harness, &folder);
    until(&mut harness, |harness| {
        says(harness, "Ready to learn from own.txt")
    });
    harness.get_by_label("Encode").click();
    harness.run_steps(2);
    settle(&mut harness);
    assert_eq!(harness.state().ids().unwrap(), ids("gpt2", "before"));
}
