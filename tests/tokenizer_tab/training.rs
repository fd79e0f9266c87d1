//! Learn, the whole text: trained, compared, saved.

use super::learning::{beginning, learn_bench};
use super::*;
use std::path::Path;

/// A book of a kind, in a folder of its own.
fn book(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("book.txt");
    let line = |i: u32| {
        let n = i * 7919;
        format!("Chapter {i}. The newest strawberry is the widest; caf\u{e9} {n}!")
    };
    let lines: Vec<String> = (0..20_000).map(line).collect();
    let text = lines.join("\n");
    std::fs::write(&path, text).unwrap();
    path
}

fn drop_book(harness: &mut Harness<'_, Bench>, folder: &Path) {
    let path = book(folder);
    open(harness, &path);
    until(harness, |harness| {
        harness
            .query_by_label_contains("Ready to learn from")
            .is_some()
    });
}

fn is_at_work(harness: &Harness<'_, Bench>) -> bool {
    harness.state().progress().is_some()
}

#[test]
fn a_dropped_text_is_trained_on_compared_and_saved_so_that_tokenizers_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = learn_bench();
    drop_book(&mut harness, folder.path());
    assert!(!beginning(&harness, "Ready to learn from book.txt").is_empty());
    click(&mut harness, "1,000");
    click(&mut harness, "Train 1,000 merges");
    until(&mut harness, |harness| !is_at_work(harness));
    assert_eq!(beginning(&harness, "Learned: ").len(), 1);
    let gpt2 = beginning(&harness, "GPT-2: ");
    assert!(gpt2[0].contains("characters per token"), "{gpt2:?}");
    assert!(beginning(&harness, "·strawberry").len() == 1);

    let path = folder.path().join("tokenizer.json");
    click(&mut harness, "Save tokenizer.json…");
    harness.state_mut().set_save_path(path.to_str().unwrap());
    harness.step();
    click(&mut harness, "Save");
    until(&mut harness, |_| path.exists());
    let theirs = tokenizers::Tokenizer::from_file(&path).unwrap();
    let encoding = theirs.encode("The newest strawberry", false).unwrap();
    assert!(encoding.get_tokens().contains(&"Ġstrawberry".to_owned()));

    until(&mut harness, |harness| {
        harness.query_by_label("Cancel").is_none()
    });
    let path = folder.path().join("vocabulary.tiktoken");
    click(&mut harness, "Save ranks…");
    harness.state_mut().set_save_path(path.to_str().unwrap());
    harness.step();
    click(&mut harness, "Save");
    until(&mut harness, |_| path.exists());
    let ranks = std::fs::read_to_string(&path).unwrap();
    // RFC 4648: byte 0 is AA==.
    assert!(ranks.starts_with("AA== 0\n"));
    assert_eq!(
        ranks.lines().count(),
        theirs.get_vocab_size(false),
        "both files hold the same vocabulary"
    );
}

#[test]
fn stop_keeps_what_was_learned() {
    let mut harness = learn_bench();
    click(&mut harness, "Whole text");
    harness
        .get_all_by_label("Little stories")
        .next()
        .unwrap()
        .click();
    harness.step();
    click(&mut harness, "32,000");
    click(&mut harness, "Train 32,000 merges");
    until(&mut harness, |harness| {
        !is_at_work(harness) || !beginning(harness, "Tokens against merges").is_empty()
    });
    until(&mut harness, |harness| {
        !is_at_work(harness) || !beginning(harness, "The last pair stood").is_empty()
    });
    if let Some(stop) = harness.query_by_label("Stop") {
        stop.click();
    }
    until(&mut harness, |harness| !is_at_work(harness));
    assert_eq!(beginning(&harness, "Learned: ").len(), 1);
    harness.get_by_label("Encode with it");
}

#[test]
fn a_file_that_is_no_text_is_refused_and_what_was_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.txt");
    // "é" in Latin-1, far behind what tells a text from other files.
    let text = [&b"a word ".repeat(1000)[..], b"caf\xe9"].concat();
    std::fs::write(&path, text).unwrap();
    let mut harness = learn_bench();
    open(&mut harness, &path);
    until(&mut harness, |harness| {
        harness
            .query_by_label_contains("Ready to learn from")
            .is_some()
    });
    click(&mut harness, "Train 8,000 merges");
    let refusal = refusal(&mut harness);
    assert!(refusal.what.contains("latin.txt"), "{refusal}");
    until(&mut harness, |harness| !is_at_work(harness));
}
