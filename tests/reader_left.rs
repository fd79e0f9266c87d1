//! `glassbox … | head`: whoever reads the output goes away.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

#[test]
fn a_reader_that_goes_away_ends_the_verb_in_silence() {
    for json in [false, true] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glassbox"));
        command
            .args(["tokenize", "-"])
            .args(json.then_some("--json"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut verb = command.spawn().unwrap();
        let mut stdin = verb.stdin.take().unwrap();
        stdin
            .write_all("a few words and more\n".repeat(40_000).as_bytes())
            .unwrap();
        drop(stdin);
        // The first bytes, then no more, as `head` does.
        let mut reader = BufReader::with_capacity(64, verb.stdout.take().unwrap());
        assert!(!reader.fill_buf().unwrap().is_empty());
        drop(reader);
        let output = verb.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.success());
    }
}
