//! The same through the program: what `glassbox inspect` prints and how it ends.

use super::build::{Gguf, with_u32};
use super::tiny;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn inspect(arguments: &[&str], file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .arg("inspect")
        .args(arguments)
        .arg(file)
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "one document: {text}");
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_bad_file_is_status_1_with_the_refusal_on_stderr_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.gguf");
    std::fs::write(&path, &tiny::bytes()[..5000]).unwrap();
    let output = inspect(&[], &path);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("`bad.gguf` is incomplete."), "{said}");
    assert_eq!(said.lines().count(), 4, "{said}");

    let output = inspect(&["--json"], &path);
    assert_eq!(output.status.code(), Some(1));
    let document = json(&output);
    for part in ["what", "evidence", "meaning", "next"] {
        assert!(
            document["refusal"][part]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
}

#[test]
fn an_unknown_architecture_names_those_that_run_and_still_shows_its_card() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.gguf");
    let gguf = Gguf::new()
        .text("general.architecture", "mamba")
        .u32("mamba.block_count", 1)
        .tensor("blk.0.ssm_in.weight", &[32, 4], 0, 0)
        .data(512);
    std::fs::write(&path, gguf.bytes()).unwrap();
    let output = inspect(&["--json"], &path);
    assert_eq!(output.status.code(), Some(0));
    let card = json(&output);
    assert_eq!(card["architecture"], "mamba");
    assert_eq!(card["n_parameters"], 128);
    assert_eq!(card["dtype_counts"]["F32"], 1);
    assert_eq!(card["metadata"]["mamba.block_count"], "1");
    assert_eq!(card["usable_as"], serde_json::json!([]));
    let notes = card["notes"].to_string();
    assert!(
        notes.contains("mamba") && notes.contains("gpt2, llama"),
        "{notes}"
    );
    let words = String::from_utf8(inspect(&[], &path).stdout).unwrap();
    assert!(
        words.contains("gpt2, llama") && words.contains("mamba.block_count"),
        "{words}"
    );
}

#[test]
fn the_card_has_every_key_that_the_command_line_promises() {
    let folder = tempfile::tempdir().unwrap();
    let card = json(&inspect(&["--json"], &tiny::write(folder.path())));
    for key in [
        "kind",
        "format",
        "architecture",
        "n_parameters",
        "dtype_counts",
        "n_tensors",
        "metadata",
        "memory_bytes",
        "usable_as",
        "notes",
    ] {
        assert!(!card[key].is_null(), "{key} is not in {card}");
    }
    assert_eq!(card["kind"], "language model");
    assert_eq!(card["usable_as"], serde_json::json!(["text", "tokenizer"]));
}

#[test]
fn of_several_files_the_bad_ones_are_refused_in_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = tiny::write(folder.path());
    let bad = folder.path().join("bad.gguf");
    std::fs::write(&bad, with_u32(&tiny::bytes(), "general.name", 0xffff)).unwrap();
    let output = inspect(&["--json", bad.to_str().unwrap()], &good);
    let cards = json(&output);
    assert!(cards[0]["refusal"]["what"].is_string(), "{cards}");
    assert_eq!(cards[1]["architecture"], "llama");
}
