//! `glassbox models` where the folder of models is not as it should be.

use serde_json::Value;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};

const SMOLLM2: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const SMOLLM2_BYTES: u64 = 98_362_432;

/// Runs `glassbox models` where only `folder` can hold models, and nothing may be fetched.
fn models(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .arg("models")
        .args(arguments)
        .env("GLASSBOX_MODELS", folder)
        .env("GLASSBOX_NO_FETCH", "1")
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_list_names_every_model_with_all_that_is_promised() {
    let folder = tempfile::tempdir().unwrap();
    let output = models(&["--json"], folder.path());
    assert!(output.status.success());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = document["models"].as_array().unwrap();
    assert!(list.iter().any(|model| model["name"] == "smollm2"));
    for model in list {
        for key in ["name", "kind", "path", "bytes", "sha256", "present"] {
            assert!(model.get(key).is_some(), "{key} is not in {model}");
        }
    }
    let built_in = list.iter().find(|model| model["name"] == "stories");
    assert_eq!(built_in.unwrap()["present"], true);
}

#[test]
fn a_file_of_the_right_name_that_is_not_the_published_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join(SMOLLM2)).unwrap();
    // Cut short, and of the right size with other contents (sparse: it takes no room on the disk).
    for (n_bytes, words) in [(5000, "5000 bytes"), (SMOLLM2_BYTES, "SHA-256")] {
        file.set_len(n_bytes).unwrap();
        let output = models(&["verify", "--json"], folder.path());
        assert_eq!(output.status.code(), Some(1));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let evidence = document["refusal"]["evidence"].as_str().unwrap();
        assert!(evidence.contains(words), "{evidence}");
    }
    file.set_len(5000).unwrap();
    let list = String::from_utf8(models(&[], folder.path()).stdout).unwrap();
    // Unless the checkout has a whole one, which is then the one in use.
    let mut lines = list.lines();
    let in_use = lines.any(|line| line.starts_with("smollm2 ") && line.contains("98.4 MB  here: "));
    assert!(list.contains("not whole (5.00 kB)") || in_use, "{list}");
}

#[test]
fn an_unknown_name_is_refused_with_the_names_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let output = models(&["get", "gpt5"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("smollm2, stories"), "{said}");
    assert!(models(&["get", "stories"], folder.path()).status.success());
}

#[cfg(unix)]
#[test]
fn where_nothing_may_be_fetched_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output = models(&["get", "smollm2", "--json"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        document["refusal"]["next"]
            .as_str()
            .unwrap()
            .contains(SMOLLM2)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
