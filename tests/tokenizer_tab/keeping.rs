//! What the small corpus taught is saved, and encoded with.

use super::learning::learn_bench;
use super::*;
use egui_kittest::kittest::NodeT;

#[test]
fn a_small_vocabulary_without_marks_is_saved_so_that_tokenizers_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    let mut harness = learn_bench();
    let can_save = |harness: &Harness<'_, Bench>| {
        let button = harness.get_by_label("Save tokenizer.json…");
        !button.accesskit_node().is_disabled()
    };
    click(&mut harness, "Step");
    assert!(!can_save(&harness), "words end in </w>");
    click(&mut harness, "Words end in </w>");
    assert!(!can_save(&harness), "nothing is learned yet");
    for _ in 0..2 {
        click(&mut harness, "Step");
    }
    assert!(can_save(&harness));
    click(&mut harness, "Save tokenizer.json…");
    let tab = &mut harness.state_mut().tab;
    tab.set_save_path(path.to_str().unwrap());
    harness.step();
    click(&mut harness, "Save");
    until(&mut harness, |_| path.exists());
    let theirs = tokenizers::Tokenizer::from_file(&path).unwrap();
    let encoding = theirs.encode("newest", false).unwrap();
    assert_eq!(encoding.get_tokens(), ["n", "e", "w", "est"]);
}

#[test]
fn a_text_is_encoded_with_what_was_just_learned() {
    let mut harness = learn_bench();
    harness.state_mut().set_text("newest");
    click(&mut harness, "Words end in </w>");
    for _ in 0..2 {
        click(&mut harness, "Step");
    }
    click(&mut harness, "Encode with it");
    settle(&mut harness);
    let n = i64::from(b'n');
    assert_eq!(harness.state().ids().unwrap().len(), 4);
    assert_eq!(i64::from(harness.state().ids().unwrap()[0]), n);
    assert!(says(
        &harness,
        "learned from the small corpus, token 4 est, id 257"
    ));
}
