//! `glassbox generate` run as a person or a script runs it, with a model made in the test.

use super::tiny;
use serde_json::Value;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with the tiny model in it.
struct Bench {
    folder: TempDir,
    model: PathBuf,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny::write(folder.path());
    Bench { folder, model }
}

impl Bench {
    /// A model file that differs from the tiny one.
    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, model: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glassbox"));
        command.arg("generate").arg("--model").arg(model);
        command.args(arguments).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(&self.model, arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn run_with_stdin(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(&self.model, arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Holds that it was refused with status 1, in four parts on stderr and by name on stdout.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", stderr(output));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    for part in ["what", "evidence", "meaning", "next"] {
        let sentence = json["refusal"][part].as_str().unwrap();
        assert!(!sentence.is_empty(), "{json}");
        assert!(stderr(output).contains(sentence.lines().next().unwrap()));
    }
    json["refusal"]["what"].as_str().unwrap().to_owned()
}

#[test]
fn the_document_has_the_keys_scripts_rely_on() {
    let json = bench().json(&[
        "--prompt", "Ben", "--tokens", "5", "--top", "3", "--seed", "7",
    ]);
    for key in [
        "model",
        "prompt_ids",
        "prompt_text",
        "text",
        "tokens",
        "stop",
        "n_prompt",
        "prompt_tok_per_sec",
        "decode_tok_per_sec",
        "first_token_millis",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!(json["prompt_ids"], serde_json::json!([66, 101, 110]));
    assert_eq!(json["seed"], 7);
    let tokens = json["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 5);
    for token in tokens {
        let top = token["top"].as_array().unwrap();
        assert_eq!(top.len(), 3);
        assert!(top[0]["p"].as_f64().unwrap() >= token["p_raw"].as_f64().unwrap());
        assert!(token["nucleus_size"].as_u64().unwrap() >= 1);
        assert!(token.get("logits").is_none());
    }
}

#[test]
fn all_logits_give_the_probabilities_listed() {
    let json = bench().json(&["--ids", "1,2,3", "--tokens", "2", "--logits"]);
    for token in json["tokens"].as_array().unwrap() {
        let logits = token["logits"].as_array().unwrap();
        assert_eq!(logits.len(), tiny::VOCAB_SIZE);
        let logits: Vec<f64> = logits.iter().map(|l| l.as_f64().unwrap()).collect();
        // The softmax, Bridle 1990.
        let sum: f64 = logits.iter().map(|l| l.exp()).sum();
        let id = token["id"].as_u64().unwrap() as usize;
        let p = logits[id].exp() / sum;
        assert!((p - token["p_raw"].as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn what_is_streamed_is_the_text_of_the_document_at_any_number_of_threads() {
    let bench = bench();
    let arguments = ["--prompt", "Ben", "--tokens", "40", "--temperature", "0.4"];
    let document = bench.json(&arguments);
    for threads in ["1", "2", "3"] {
        let output = bench.run(&[&arguments[..], &["--threads", threads]].concat());
        // A piece of a character that never became whole is shown as U+FFFD in both.
        let streamed = stdout(&output);
        let streamed = streamed.strip_suffix('\n').unwrap();
        assert_eq!(streamed.replace('\u{FFFD}', ""), text_of(&document));
        assert!(stderr(&output).contains("the number of tokens you asked for"));
    }
    let other = bench.json(&[&arguments[..], &["--seed", "1"]].concat());
    assert_ne!(other["text"], document["text"]);
}

fn text_of(document: &Value) -> String {
    document["text"].as_str().unwrap().replace('\u{FFFD}', "")
}

#[test]
fn a_stop_string_ends_the_text_before_itself_and_is_named() {
    let bench = bench();
    let greedy = ["--prompt", "Ben", "--tokens", "30", "--temperature", "0"];
    let whole = bench.json(&greedy);
    let text: String = whole["text"].as_str().unwrap().to_owned();
    let letter = text
        .chars()
        .rfind(char::is_ascii_graphic)
        .unwrap()
        .to_string();
    let before = &text[..text.find(&letter).unwrap()];
    let stopping = [&greedy[..], &["--stop", &letter]].concat();
    let json = bench.json(&stopping);
    assert_eq!(json["stop"], "stop string");
    assert_eq!(json["text"], before);
    let output = bench.run(&stopping);
    assert!(stderr(&output).contains(&format!("the stop string “{letter}”")));
}

#[test]
fn a_prompt_comes_from_stdin_and_a_conversation_through_the_template() {
    let bench = bench();
    let output = bench.run_with_stdin(
        &["--prompt", "-", "--tokens", "1", "--json"],
        "héé".as_bytes(),
    );
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["prompt_text"], "héé");
    assert_eq!(json["n_prompt"], 5);
    let json = bench.json(&["--chat", "Hi", "--system", "Be brief.", "--tokens", "1"]);
    assert_eq!(
        json["prompt_text"],
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    );
    assert_eq!(json["prompt_ids"][0], 257);
}

#[test]
fn a_broken_chat_template_is_replaced_and_that_is_said() {
    let bench = bench();
    let mut bytes = tiny::bytes();
    let place = tiny::CHAT_TEMPLATE.find("endfor").unwrap();
    let template = tiny::CHAT_TEMPLATE.as_bytes();
    let at = bytes
        .windows(template.len())
        .position(|w| w == template)
        .unwrap()
        + place;
    bytes[at..at + 6].copy_from_slice(b"endfur");
    let model = bench.write("broken.gguf", &bytes);
    let mut command = bench.command(&model, &["--chat", "Hi", "--tokens", "1", "--json"]);
    let output = command.output().unwrap();
    assert!(stderr(&output).contains("ChatML was used instead"));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        json["prompt_text"],
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    );
    assert!(json["notes"][0].as_str().unwrap().contains("does not work"));
}

#[test]
fn what_cannot_be_done_is_refused_in_four_parts() {
    let bench = bench();
    let long = "word ".repeat(tiny::N_CTX);
    for arguments in [
        &["--prompt", "a", "--temperature=-1"][..],
        &["--prompt", "a", "--temperature", "nan"],
        &["--prompt", "a", "--top-p", "2"],
        &["--prompt", "a", "--repeat-penalty", "0"],
        &["--prompt", "a", "--tokens", "0"],
        &["--prompt", &long],
        &["--ids", "1,99999"],
        &["--ids", "1", "--logits", "--tokens", "100000000"],
        &["--batch", "no such file"],
    ] {
        refused(&bench.run(&[arguments, &["--json"]].concat()));
    }
    let megabyte = "\u{1}\u{7}\u{1b} \u{202e}".repeat(200_000);
    let what = refused(&bench.run_with_stdin(&["--prompt", "-", "--json"], megabyte.as_bytes()));
    assert!(what.contains("longer than the model can see"), "{what}");
    let what = refused(&bench.run_with_stdin(&["--prompt", "-", "--json"], b"ab\xff"));
    assert!(what.contains("not text"), "{what}");
}

#[test]
fn what_is_no_model_is_refused_in_four_parts() {
    let bench = bench();
    let page = bench.write("model.gguf", b"<!DOCTYPE html><html>Please log in</html>");
    let folder = bench.folder.path().join("empty");
    std::fs::create_dir(&folder).unwrap();
    let absent = PathBuf::from("no/such.gguf");
    for model in [&page, &folder, &absent, &PathBuf::from("smolm2")] {
        let mut command = bench.command(model, &["--prompt", "a", "--json"]);
        refused(&command.output().unwrap());
    }
    let mut bytes = tiny::bytes();
    let end = bytes.len();
    // The weights of the last norm.
    bytes[end - 256..].copy_from_slice(&f32::NAN.to_le_bytes().repeat(64));
    let damaged = bench.write("damaged.gguf", &bytes);
    let mut command = bench.command(&damaged, &["--prompt", "a", "--json"]);
    let what = refused(&command.output().unwrap());
    assert!(what.contains("not numbers"), "{what}");
}

#[test]
fn wrong_usage_is_status_two_and_says_what_is_known() {
    let bench = bench();
    for arguments in [
        &[][..],
        &["--prompt", "a", "--chat", "b"],
        &["--prompt", "a", "--system", "b"],
        &["--prompt", "a", "--order", "top-q"],
        &["--prompt", "a", "--overflow", "forget"],
        &["--prompt", "a", "--tokens=-1"],
        &["--ids", "one"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    let output = bench.run(&["--prompt", "a", "--order", "top-q"]);
    assert!(stderr(&output).contains("penalties, top-k, typical, top-p, min-p, temperature"));
}

#[test]
fn an_empty_prompt_starts_from_the_start_token_and_says_so() {
    let json = bench().json(&["--prompt", "", "--tokens", "2"]);
    assert_eq!(json["prompt_ids"], serde_json::json!([257]));
    assert!(json["notes"][0].as_str().unwrap().contains("start token"));
}

#[test]
fn a_batch_answers_every_line_and_a_refused_one_is_no_end() {
    let lines = "\"Ben\"\n7\n{\"chat\":\"Hi\"}\n\n\"cut off\n\"Ben\"";
    let arguments = ["--batch", "-", "--tokens", "3", "--top", "0"];
    let output = bench().run_with_stdin(&arguments, lines.as_bytes());
    assert!(output.status.success());
    let all = stdout(&output);
    let answers: Vec<Value> = all
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(answers.len(), 5);
    assert!(
        answers[1]["refusal"]["evidence"]
            .as_str()
            .unwrap()
            .contains("chat")
    );
    assert!(
        answers[2]["prompt_text"]
            .as_str()
            .unwrap()
            .contains("<|im_start|>user")
    );
    assert!(answers[3]["refusal"].is_object());
    assert_eq!(answers[0]["text"], answers[4]["text"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_written_and_says_who_stopped() {
    let bench = bench();
    let endless = [
        "--ids",
        "66,101,110",
        "--tokens",
        "1000000000",
        "--temperature",
        "0",
        "--overflow",
        "drop-oldest",
        "--threads",
        "1",
    ];
    let mut command = bench.command(&bench.model, &endless);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    let id = child.id().to_string();
    let mut kill = Command::new("kill").args(["-INT", &id]).spawn().unwrap();
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).unwrap();
    kill.wait().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(rest.ends_with(b"\n"));
    assert!(stderr(&output).contains("Stopped: you stopped it."));
}
