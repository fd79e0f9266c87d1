//! `glassbox ngram`, as a person runs it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what it skips, and fails loudly"
)]

#[path = "support/command.rs"]
mod support;

use serde_json::{Value, json};
use std::path::Path;
use support::{document, glassbox, refused};

const ALPHA: &str =
    "I have a dog whose name is Alpha. I have two cats, they like playing with Alpha";

fn ngram(folder: &Path, arguments: &[&str]) -> Value {
    document(&glassbox(
        folder,
        &[&["ngram", "--json"], arguments].concat(),
    ))
}

/// How often `symbol` comes next, and its probability.
fn of(document: &Value, symbol: &str) -> (u64, f64) {
    let rows = document["next"].as_array().unwrap().iter();
    rows.filter(|row| row["symbol"] == symbol)
        .map(|row| (row["count"].as_u64().unwrap(), row["p"].as_f64().unwrap()))
        .next()
        .unwrap_or_default()
}

#[test]
fn the_sentence_of_the_lecture_gives_its_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alpha.txt"), ALPHA).unwrap();
    let word = |n: &str, context: &str| {
        let arguments = [
            "alpha.txt",
            "--unit",
            "word",
            "--n",
            n,
            "--context",
            context,
        ];
        ngram(folder.path(), &arguments)
    };
    let one = word("1", "");
    assert_eq!(one["total"], 17);
    assert_eq!(of(&one, "alpha"), (2, 2.0 / 17.0));
    assert_eq!(of(&one, "cats"), (1, 1.0 / 17.0));
    assert_eq!(of(&word("2", "I"), "have"), (2, 1.0));
    assert_eq!(of(&word("2", "have"), "two"), (1, 0.5));
    assert_eq!(of(&word("3", "I have"), "a"), (1, 0.5));
    assert_eq!(of(&word("2", "have"), "eating"), (0, 0.0));
}

#[test]
fn the_text_that_ships_writes_the_same_with_the_same_seed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |seed: &str| {
        let arguments = ["moby-dick", "--n", "5", "--generate", "60", "--seed", seed];
        ngram(folder.path(), &arguments)
    };
    let first = write("1");
    assert_eq!(first["n_possible"], "14348907");
    assert_eq!(first["n_distinct"], 84_275);
    assert_eq!(first["text"].as_str().unwrap().len(), 60);
    assert_eq!(first["text"], write("1")["text"]);
    assert_ne!(first["text"], write("2")["text"]);
    let smooth = ["moby-dick", "--context", " q", "--add-k", "1"];
    let smooth = ngram(folder.path(), &smooth);
    assert_eq!(of(&smooth, "u"), (716, 717.0 / 743.0));
    assert_eq!(of(&smooth, " "), (0, 1.0 / 743.0));
    assert_eq!(
        (&smooth["n_unseen"], &smooth["whole"]),
        (&json!(26), &json!(true))
    );
}

/// The other copy of the book, Project Gutenberg's 2701, counted by a few lines of Python.
#[test]
fn the_copy_of_project_gutenberg_gives_the_counts_of_a_plain_count() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/text/moby_dick.txt");
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
        return;
    }
    let path = path.to_str().unwrap();
    let after = |context: &str| ngram(Path::new("."), &[path, "--context", context]);
    assert_eq!(of(&after(" q"), "u").0, 727);
    let qu = after("qu");
    assert_eq!(
        ["e", "i", "a", "o"].map(|next| of(&qu, next).0),
        [785, 312, 266, 206]
    );
    assert_eq!(qu["total"], 1569);
    let aa = after("aa");
    assert_eq!(["l", "m", "n"].map(|next| of(&aa, next).0), [1, 2, 2]);
}

#[test]
fn what_cannot_be_counted_is_refused_in_four_parts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zip.txt"), b"PK\0\x01").unwrap();
    std::fs::write(folder.path().join("empty.txt"), b"").unwrap();
    for (file, evidence) in [
        ("zip.txt", "zero bytes"),
        ("empty.txt", "no letter"),
        ("nowhere.txt", "No such file"),
        (".", "folder"),
    ] {
        let said = refused(&glassbox(folder.path(), &["ngram", "--json", file]));
        assert!(said.contains(evidence), "{said}");
    }
    for wrong in [
        &["--n", "8"][..],
        &["--n", "0"],
        &["--add-k", "0"],
        &["--back-off", "1"],
    ] {
        let output = glassbox(folder.path(), &[&["ngram", "moby-dick"], wrong].concat());
        assert_eq!(output.status.code(), Some(2));
    }
}
