//! SentencePiece vocabularies that do not hold: `.model` files written field by field, the same in
//! GGUF and in `tokenizer.json`.

use super::build::{Gguf, array};
use super::{memory, refusal, refused_for};
use glassbox::files::card::Card;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::labs::tokenizer::{Before, Specials, Tokenizer};
use glassbox::refusal::Result;
use glassbox::rng::Rng;
use serde_json::{Value, json};

/// A field of a protocol buffer: a varint.
fn number(field: u64, n: u64) -> Vec<u8> {
    [varint(field << 3), varint(n)].concat()
}

/// A field of a protocol buffer: bytes, a text or a message.
fn bytes(field: u64, bytes: &[u8]) -> Vec<u8> {
    [
        &varint(field << 3 | 2)[..],
        &varint(bytes.len() as u64),
        bytes,
    ]
    .concat()
}

fn float(field: u64, x: f32) -> Vec<u8> {
    [&varint(field << 3 | 5)[..], &x.to_le_bytes()].concat()
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

fn piece(text: &str, score: f32, kind: u64) -> Vec<u8> {
    let parts = [bytes(1, text.as_bytes()), float(2, score), number(3, kind)];
    bytes(1, &parts.concat())
}

const BPE: u64 = 2;
const PIECES: [(&str, f32, u64); 8] = [
    ("<unk>", 0.0, 2),
    ("<s>", 0.0, 3),
    ("</s>", 0.0, 3),
    ("▁", -2.0, 1),
    ("a", -3.0, 1),
    ("b", -4.0, 1),
    ("▁a", 0.0, 1),
    ("▁ab", -1.0, 1),
];

/// A `.model` of these pieces, then `more`.
fn model(pieces: &[(&str, f32, u64)], kind: u64, more: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = pieces
        .iter()
        .flat_map(|&(t, s, k)| piece(t, s, k))
        .collect();
    out.extend(bytes(2, &number(3, kind)));
    out.extend(bytes(3, &number(4, 0)));
    out.extend(more);
    out
}

fn open(model: Vec<u8>) -> Result<Tokenizer> {
    Tokenizer::new(Vocabulary::from_bytes("a.model", model)?)
}

#[test]
fn a_model_written_by_hand_encodes() {
    for (kind, ids) in [(BPE, [7, 6, 0, 3]), (1, [7, 6, 0, 3])] {
        let tokenizer = open(model(&PIECES, kind, &[])).unwrap();
        assert_eq!(tokenizer.encode("ab a後後 ", Specials::AsText), ids);
        assert!(tokenizer.encode("", Specials::AsText).is_empty());
        assert_eq!(tokenizer.decode(&[7, 6]).unwrap(), b"ab a");
        let ids = tokenizer.encode("<s>ab</s>", Specials::Parse);
        assert_eq!(ids, [1, 7, 2]);
        assert_eq!(tokenizer.decode(&ids).unwrap(), b"<s>ab</s>");
    }
    let tokenizer = open(model(&PIECES, BPE, &[])).unwrap();
    let steps = tokenizer.steps("ab", Before::Nothing);
    let made: Vec<u32> = steps.iter().map(|step| step.new).collect();
    assert_eq!(made, [6, 7]);
    assert_eq!(
        tokenizer.words("ab a  b", Specials::AsText),
        [0..2, 2..4, 4..7]
    );
    assert_eq!(tokenizer.vocabulary().eos, [2]);
}

#[test]
fn models_that_contradict_themselves_are_refused() {
    let with = |text: &str, score: f32, kind: u64| {
        let mut pieces = PIECES.to_vec();
        pieces.push((text, score, kind));
        model(&pieces, BPE, &[])
    };
    for byte in ["<0x-1>", "<0x+1>", "<0x100>", "<0xGG>", "0x0A"] {
        refused_for("stands for no bytes", || open(with(byte, 0.0, 6)));
    }
    refused_for("there twice", || open(with("a", 0.0, 1)));
    refused_for("is no number", || open(with("c", f32::NAN, 1)));
    refused_for("is no number", || open(with("c", f32::INFINITY, 1)));
    refused_for("of the type 7", || open(with("c", 0.0, 7)));
    refused_for("no text", || open(with("", 0.0, 1)));
    refused_for("too much", || open(with(&"x".repeat(5000), 0.0, 1)));
    refused_for("not valid UTF-8", || {
        open(model(&PIECES, BPE, &bytes(1, &bytes(1, b"\xff\xfe"))))
    });
    for (kind, words) in [
        (3, "whole words"),
        (4, "of characters"),
        (0, "kind is 0"),
        (9, "kind is 9"),
    ] {
        refused_for(words, || open(model(&PIECES, kind, &[])));
    }
    refused_for("after a word", || {
        open(model(&PIECES, BPE, &bytes(2, &number(24, 1))))
    });
    refused_for("spaces as ▁", || {
        open(model(&PIECES, BPE, &bytes(3, &number(5, 0))))
    });
    let charsmap = |map: &[u8]| model(&PIECES, BPE, &bytes(3, &bytes(2, map)));
    refused_for("table of characters", || open(charsmap(b"\x10\0\0\0abcd")));
    refused_for("table of characters", || open(charsmap(&vec![0; 5 << 20])));
    // Fields of the wrong kind; lengths that promise what is not there.
    for more in [
        number(1, 5),
        bytes(1, &number(1, 5)),
        bytes(1, &bytes(2, b"abcd")),
        varint(1 << 3 | 2),
        [varint(1 << 3 | 2), varint(u64::MAX)].concat(),
        [varint(1 << 3 | 2), varint(1 << 40)].concat(),
        [varint(9 << 3 | 3)].concat(),
        vec![0xff; 11],
    ] {
        refusal(|| open(model(&PIECES, BPE, &more)));
    }
}

#[test]
fn a_model_cut_anywhere_or_with_bytes_changed_is_read_or_refused_in_little_memory() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/sentence_piece_bpe.model"
    );
    let sound = std::fs::read(path).unwrap();
    let look = |bytes: Vec<u8>| {
        let (result, peak_bytes) = memory::peak(|| open(bytes));
        assert!(peak_bytes < 20_000_000, "{peak_bytes}");
        match result {
            Ok(tokenizer) => drop(tokenizer.encode("It is a whale, 後 \u{1}!", Specials::AsText)),
            Err(refusal) => super::fit_for_a_person(&refusal),
        }
    };
    for n in (1..sound.len()).step_by(97) {
        look(sound[..n].to_vec());
    }
    for seed in 0..2000 {
        look(super::chance::broken(
            &sound,
            sound.len(),
            &mut Rng::new(seed, "model"),
        ));
    }
}

#[test]
fn a_model_of_too_many_pieces_or_bytes_is_refused_in_little_memory() {
    let mut many = Vec::new();
    for i in 0..1_100_000 {
        many.extend(piece(&i.to_string(), 0.0, 1));
    }
    refused_for("more than makes sense", || open(many));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.model");
    std::fs::write(&path, model(&PIECES, BPE, &[])).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(500_000_000).unwrap(); // sparse: it takes no room on the disk
    refused_for("500 MB", || Vocabulary::open(&path));
    refused_for("500 MB", || Card::of(&path));
}

/// The same pieces in a GGUF file.
fn gguf() -> Gguf {
    let texts: Vec<&str> = PIECES.iter().map(|piece| piece.0).collect();
    let types: Vec<i32> = PIECES.iter().map(|piece| piece.2 as i32).collect();
    Gguf::new()
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", &texts)
        .i32s("tokenizer.ggml.token_type", &types)
}

fn scores() -> Vec<u8> {
    let scores: Vec<u8> = PIECES
        .iter()
        .flat_map(|piece| piece.1.to_le_bytes())
        .collect();
    array(6, PIECES.len() as u64, &scores)
}

fn open_gguf(gguf: &Gguf) -> Result<Tokenizer> {
    Tokenizer::new(Vocabulary::from_bytes("a.gguf", gguf.bytes())?)
}

#[test]
fn a_gguf_with_sentencepiece_scores_encodes_and_one_without_is_refused() {
    let sound = || gguf().key("tokenizer.ggml.scores", 9, &scores());
    let tokenizer = open_gguf(&sound()).unwrap();
    assert_eq!(tokenizer.encode("ab a", Specials::AsText), [7, 6]);
    assert!(tokenizer.vocabulary().add_bos); // as llama.cpp does, unless the file says otherwise
    let no_prefix = sound().key("tokenizer.ggml.add_space_prefix", 7, &[0]);
    let tokenizer = open_gguf(&no_prefix).unwrap();
    assert_eq!(tokenizer.encode("ab a", Specials::AsText), [4, 5, 6]);
    refused_for("no scores", || open_gguf(&gguf()));
    let key = "tokenizer.ggml.scores";
    refused_for("scores should be 8", || {
        open_gguf(&gguf().key(key, 9, &array(0, 8, &[0; 8])))
    });
    let nan: Vec<u8> = f32::NAN.to_le_bytes().repeat(8);
    refused_for("is no number", || {
        open_gguf(&gguf().key(key, 9, &array(6, 8, &nan)))
    });
    refused_for("true or false", || {
        open_gguf(&sound().u32("tokenizer.ggml.add_space_prefix", 1))
    });
    let other = Gguf::new()
        .text("tokenizer.ggml.model", "bert")
        .texts("tokenizer.ggml.tokens", &["a"]);
    refused_for("is bert", || open_gguf(&other));
}

/// Pieces in a `tokenizer.json`, as converters of Llama 2 write it.
fn tokenizer_json() -> Value {
    json!({
        "version": "1.0",
        "added_tokens": [{ "id": 0, "content": "<unk>" }, { "id": 1, "content": "<s>" }],
        "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "Prepend", "prepend": "▁" },
            { "type": "Replace", "pattern": { "String": " " }, "content": "▁" },
        ] },
        "pre_tokenizer": null,
        "model": {
            "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
            "vocab": { "<unk>": 0, "<s>": 1, "▁": 2, "a": 3, "▁a": 4, "<0x0A>": 5 },
            "merges": ["▁ a"],
        },
    })
}

fn open_json(json: &Value) -> Result<Tokenizer> {
    let bytes = json.to_string().into_bytes();
    Tokenizer::new(Vocabulary::from_bytes("tokenizer.json", bytes)?)
}

#[test]
fn a_tokenizer_json_of_pieces_that_does_not_hold_is_refused() {
    let sound = open_json(&tokenizer_json()).unwrap();
    assert_eq!(sound.encode("a a\nb", Specials::AsText), [4, 4, 5, 0]);
    let missing = &sound.vocabulary().assumed[0];
    assert!(
        missing.contains("0x00") && missing.contains("and 247 more are missing"),
        "{missing}"
    );
    let unigram = json!([["<unk>", 0.0], ["▁a", -1.0], ["a", -2.5]]);
    let mut json = tokenizer_json();
    json["normalizer"] = json!(null);
    json["added_tokens"] = json!([]);
    json["pre_tokenizer"] = json!({ "type": "Metaspace", "replacement": "▁" });
    json["model"] = json!({ "type": "Unigram", "unk_id": 0, "vocab": unigram });
    assert_eq!(
        open_json(&json).unwrap().encode("aa b", Specials::AsText),
        [1, 2, 0]
    );

    let broken = [
        (
            "/model/type",
            json!("WordPiece"),
            "WordPiece; BPE and Unigram work",
        ),
        (
            "/model/type",
            json!("WordLevel"),
            "WordLevel; BPE and Unigram work",
        ),
        ("/model/type", json!("Unigram"), "no ids or scores"),
        ("/model/merges", json!(["▁ b"]), "are not all tokens"),
        ("/model/merges", json!([]), "no merges"),
        ("/model/vocab/a", json!(2), "there twice"),
        (
            "/model/vocab/a",
            json!(3_000_000),
            "more tokens than make sense",
        ),
        ("/model/ignore_merges", json!(true), "ignore_merges"),
        ("/normalizer/normalizers/0/type", json!("NFKC"), "NFKC"),
        ("/normalizer/normalizers/0/prepend", json!("x"), "Prepend"),
        (
            "/pre_tokenizer",
            json!({ "type": "BertPreTokenizer" }),
            "BertPreTokenizer",
        ),
        ("/normalizer", json!(null), "spaces as ▁"),
        ("/added_tokens/0/id", json!(4_000_000), "makes no sense"),
    ];
    for (place, value, words) in broken {
        let mut json = tokenizer_json();
        match json.pointer_mut(place) {
            Some(there) => *there = value,
            None => json["model"]["ignore_merges"] = value,
        }
        refused_for(words, || open_json(&json));
    }
    let mut no_charsmap = tokenizer_json();
    no_charsmap["normalizer"]["normalizers"][0] =
        json!({ "type": "Precompiled", "precompiled_charsmap": "!!!" });
    refused_for("not base64", || open_json(&no_charsmap));
    for unk in [json!(9), json!(-1)] {
        let mut wrong = json.clone();
        wrong["model"]["unk_id"] = unk;
        refusal(|| open_json(&wrong));
    }
    json["model"]["vocab"][1][1] = json!("x");
    refusal(|| open_json(&json));
}
