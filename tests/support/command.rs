//! The command line as a person or a script runs it.

#![allow(dead_code, reason = "not every test asks for all of it")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// `glassbox ARGUMENTS` with `folder` as the working directory and nothing to read.
pub fn glassbox(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbox"));
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).output().unwrap()
}

/// The document that a run with --json printed; it must have ended well.
pub fn document(output: &Output) -> Value {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Holds that it was refused with status 1 and in four parts; gives the evidence.
pub fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    for part in ["what", "evidence", "meaning", "next"] {
        let words = json["refusal"][part].as_str().unwrap();
        assert!(!words.is_empty(), "{json}");
    }
    json["refusal"]["evidence"].as_str().unwrap().to_owned()
}
