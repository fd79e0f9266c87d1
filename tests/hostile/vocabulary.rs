//! Vocabularies that contradict themselves.

use super::build::{Gguf, array};
use super::{refusal, refused_for};
use glassbox::files::card::Card;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::refusal::Result;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;

const NORMAL: i32 = 1;
const BYTE: i32 = 6;

/// A vocabulary in a GGUF file: `a`, `b`, `ab` and `extra` of the type `kind`.
fn gguf(extra: &str, kind: i32, merges: &[&str]) -> Gguf {
    Gguf::new()
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", &["a", "b", "ab", extra])
        .i32s("tokenizer.ggml.token_type", &[NORMAL, NORMAL, NORMAL, kind])
        .texts("tokenizer.ggml.merges", merges)
}

fn open(gguf: &Gguf) -> Result<Vocabulary> {
    Vocabulary::from_bytes("vocabulary.gguf", gguf.bytes())
}

#[track_caller]
fn refused(words: &str, gguf: &Gguf) {
    refused_for(words, || open(gguf));
}

#[test]
fn a_byte_token_names_a_byte() {
    assert_eq!(
        open(&gguf("<0x0A>", BYTE, &["a b"])).unwrap().tokens[3],
        b"\n"
    );
    for text in ["<0x-1>", "<0x+1>", "<0x100>", "<0x>", "<0xGG>", "0x0A"] {
        refused("stands for no bytes", &gguf(text, BYTE, &["a b"]));
    }
    refused("stands for no bytes", &gguf("a b", NORMAL, &["a b"])); // a bare space is no letter
    refused("stands for no bytes", &gguf("c", 77, &["a b"]));
}

#[test]
fn scores_and_types_are_lists_of_the_right_kind_and_length() {
    let sound = || gguf("c", NORMAL, &["a b"]);
    let scores = |kind, n, size: usize| array(kind, n, &vec![0; n as usize * size]);
    let key = "tokenizer.ggml.scores";
    assert!(open(&sound().key(key, 9, &scores(6, 4, 4))).is_ok());
    refused("scores should be 4", &sound().key(key, 9, &scores(0, 4, 1)));
    refused("scores should be 4", &sound().key(key, 9, &scores(6, 3, 4)));
    refused("scores should be 4", &sound().text(key, "none"));
    let types = Gguf::new()
        .text("tokenizer.ggml.model", "gpt2")
        .texts("tokenizer.ggml.tokens", &["a", "b"])
        .i32s("tokenizer.ggml.token_type", &[NORMAL])
        .texts("tokenizer.ggml.merges", &["a b"]);
    refused("token_type should be 2", &types);
}

#[test]
fn a_merge_joins_two_tokens_into_a_third() {
    for merge in ["a c", "a x", "b a", "ab ab"] {
        refused("are not all tokens", &gguf("c", NORMAL, &["a b", merge]));
    }
    for merge in ["ab", "", " ", "a ", " b"] {
        refused("two pieces", &gguf("c", NORMAL, &["a b", merge]));
    }
}

#[test]
fn ids_beyond_the_vocabulary_are_refused() {
    let sound = || gguf("c", NORMAL, &["a b"]);
    for key in ["bos_token_id", "eos_token_id", "eot_token_id"] {
        let key = format!("tokenizer.ggml.{key}");
        refused("token 4", &sound().u32(&key, 4));
        refused("token 4294967295", &sound().u32(&key, u32::MAX));
        refused("should be a token's id", &sound().text(&key, "4"));
    }
}

#[test]
fn merges_that_go_round_in_a_circle_are_refused() {
    // a + b → a: each time it is used it makes the piece it needs.
    let circle = |merges| Vocabulary {
        name: "circle".into(),
        tokens: vec![b"a".to_vec(), b"b".to_vec(), b"ab".to_vec()],
        merges,
        split: "gpt2".into(),
        ..Vocabulary::default()
    };
    refusal(|| Tokenizer::new(circle(vec![(0, 1, 0)])));
    refusal(|| Tokenizer::new(circle(vec![(0, 1, 2), (2, 1, 2)])));
    refusal(|| Tokenizer::new(circle(vec![(0, 1, 9)])));
    refusal(|| Tokenizer::new(circle(vec![(9, 9, 2)])));
    let sound = Tokenizer::new(circle(vec![(0, 1, 2)])).unwrap();
    assert_eq!(sound.encode("abab", Specials::AsText), [2, 2]);
}

/// A `tokenizer.json` that holds, for tests to break.
fn tokenizer_json() -> Value {
    json!({
        "version": "1.0",
        "added_tokens": [{ "id": 3, "content": "<|end|>", "special": true }],
        "normalizer": null,
        "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true },
        "model": { "type": "BPE", "vocab": { "a": 0, "b": 1, "ab": 2 }, "merges": ["a b"] },
    })
}

fn read_json(json: &Value) -> Result<Vocabulary> {
    Vocabulary::from_bytes("tokenizer.json", json.to_string().into_bytes())
}

#[test]
fn a_tokenizer_json_that_contradicts_itself_or_is_of_another_kind_is_refused() {
    assert_eq!(read_json(&tokenizer_json()).unwrap().tokens.len(), 4);
    let broken = [
        ("/model/merges", json!(["a c"])),
        ("/model/merges", json!(["a b", "ab"])),
        ("/model/merges", json!([["", "a"]])),
        ("/model/merges", json!([["a", "b", "c"]])),
        ("/model/merges", json!([1])),
        ("/model/vocab", json!({ "a": 0, "b": 0, "ab": 2 })),
        ("/model/vocab", json!({ "a": -1, "b": 1, "ab": 2 })),
        (
            "/model/vocab",
            json!({ "a": 4_000_000_000_u32, "b": 1, "ab": 2 }),
        ),
        ("/model/vocab", json!({ "a": 0, "b": 1, "ab": 1_500_000 })),
        (
            "/model/vocab",
            json!({ "a": 0, "b": 1, "ab": 2, "x".repeat(5000): 4 }),
        ),
        ("/model/type", json!("WordPiece")),
        ("/model/type", json!("Unigram")),
        (
            "/added_tokens",
            json!([{ "id": 3_000_000_000_u32, "content": "x" }]),
        ),
        ("/added_tokens", json!([{ "id": 3, "content": "" }])),
        ("/normalizer", json!({ "type": "NFKC" })),
        ("/pre_tokenizer", json!({ "type": "Whitespace" })),
        ("/pre_tokenizer", json!(null)),
        (
            "/pre_tokenizer",
            json!({ "type": "Sequence", "pretokenizers": [] }),
        ),
    ];
    for (place, value) in broken {
        let mut json = tokenizer_json();
        *json.pointer_mut(place).unwrap() = value;
        refusal(|| read_json(&json));
    }
}

#[test]
fn a_pre_tokenizer_in_itself_a_hundred_thousand_times_is_refused() {
    let deep = r#"{"type":"Sequence","pretokenizers":["#.repeat(100_000);
    let text = tokenizer_json().to_string();
    let text = text.replace(
        r#"{"type":"ByteLevel""#,
        &format!("{deep}{{\"type\":\"ByteLevel\""),
    );
    refusal(|| Vocabulary::from_bytes("tokenizer.json", text.clone().into_bytes()));
}

#[test]
fn a_tokenizer_json_of_half_a_gigabyte_is_refused_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    let mut file = File::create(&path).unwrap();
    file.write_all(br#"{"version": "1.0", "added_tokens": [], "model": {"vocab": {"#)
        .unwrap();
    file.write_all(&[b' '; 8192]).unwrap();
    file.set_len(500_000_000).unwrap(); // sparse: it takes no room on the disk
    refused_for("500 MB", || Vocabulary::open(&path));
    refused_for("500 MB", || Card::of(&path));
}

#[test]
fn a_list_that_is_longer_than_makes_sense_is_refused_while_it_is_read() {
    let mut json = tokenizer_json();
    json["added_tokens"] = json!(vec![json!({ "id": 3, "content": "x" }); 70_000]);
    let text = json.to_string();
    refused_for("more than 65536", || {
        Vocabulary::from_bytes("tokenizer.json", text.into_bytes())
    });
    // Two million merges in 8 MB.
    let merges = "\"a b\",".repeat(2_000_000);
    let text = tokenizer_json()
        .to_string()
        .replace("\"a b\"", merges.trim_end_matches(','));
    refused_for("more than 1048576", || {
        Vocabulary::from_bytes("tokenizer.json", text.into_bytes())
    });
}

#[test]
fn files_of_ranks_and_merges_that_do_not_hold_are_refused() {
    for text in [
        "IQ== 0\nIg== 1\nIg= 2\n",
        "IQ== 0\nIg== 0\n",
        "IQ== 0\nIg== 4294967295\nIw== 1\n",
        "IQ== 0\nIg== 1\n#### 2\n",
    ] {
        refusal(|| Vocabulary::from_bytes("x.tiktoken", text.as_bytes()));
    }
    for text in [
        "#version: 0.2\na b\nab\n",
        "#version: 0.2\na b\nzz z\n",
        "#version: 0.2\n\u{1F4A9} b\n",
    ] {
        refusal(|| Vocabulary::from_bytes("merges.txt", text.as_bytes()));
    }
    refusal(|| Vocabulary::from_bytes("merges.txt", &b"#version: 0.2\n\xff\xfe a\n"[..]));
}
