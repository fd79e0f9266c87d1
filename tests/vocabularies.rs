//! SentencePiece vocabularies against the sentencepiece library 0.2.3 (what it made of some strings
//! lies in tests/data, written by `make_sentence_piece_fixtures.py`) and against Hugging Face's
//! tokenizers 0.23.2.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what it skips, and fails loudly"
)]

use glassbox::files::vocabulary::Vocabulary;
use glassbox::files::vocabulary::sentence_piece::{Method, Role};
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::rng::Rng;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The models of tests/data.
fn models() -> Vec<PathBuf> {
    let folder = std::env::var_os("GLASSBOX_SENTENCE_PIECE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"),
        PathBuf::from,
    );
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == "model"))
        .collect()
}

/// What the sentencepiece library made of a string: its ids, and a string of them again.
type Made = (String, Vec<u32>, String);

#[test]
fn ids_and_texts_are_those_of_the_sentencepiece_library() {
    let models = models();
    assert!(models.len() >= 3);
    for path in models {
        let name = path.file_stem().unwrap().display();
        let tokenizer = Tokenizer::new(Vocabulary::open(&path).unwrap()).unwrap();
        let made = std::fs::read(path.with_extension("json")).unwrap();
        let made: Vec<Made> = serde_json::from_slice(&made).unwrap();
        for (text, ids, again) in &made {
            let ours = tokenizer.encode(text, Specials::AsText);
            assert_eq!(&ours, ids, "{name}: {text:?}");
            // sentencepiece writes ⁇ for the unknown piece.
            if !again.contains('\u{2047}') {
                let decoded = tokenizer.decode(ids).unwrap();
                assert_eq!(
                    String::from_utf8_lossy(&decoded),
                    *again,
                    "{name}: {text:?}"
                );
            }
            let pieces = tokenizer.pieces(text, Specials::AsText);
            assert!(pieces.iter().map(|piece| piece.id).eq(ours));
            assert!(pieces.windows(2).all(|pair| pair[0].end <= pair[1].start));
            assert!(
                pieces
                    .iter()
                    .all(|piece| piece.start <= piece.end && piece.end <= text.len())
            );
        }
        println!("{name}: {} strings", made.len());
    }
}

/// A model of tests/data as converters write its `tokenizer.json`: `before` are the normalizer and
/// the pre-tokenizer.
fn tokenizer_json(name: &str, before: &(Value, Value)) -> Vec<u8> {
    let path = format!(
        "{}/tests/data/sentence_piece_{name}.model",
        env!("CARGO_MANIFEST_DIR")
    );
    let vocabulary = Vocabulary::open(Path::new(&path)).unwrap();
    let spec = vocabulary.sentence_piece.as_ref().unwrap();
    let spelled = |id: usize| {
        let token = &vocabulary.tokens[id];
        match spec.roles[id] {
            Role::Byte => format!("<0x{:02X}>", token[0]),
            _ => String::from_utf8(token.clone()).unwrap().replace(' ', "▁"),
        }
    };
    let pieces: Vec<String> = (0..vocabulary.tokens.len()).map(spelled).collect();
    let added = (0..pieces.len())
        .filter(|&id| matches!(spec.roles[id], Role::Control | Role::Unknown | Role::Whole))
        .map(|id| {
            json!({
                "id": id, "content": pieces[id], "special": true, "normalized": false,
                "single_word": false, "lstrip": false, "rstrip": false,
            })
        });
    let scored = pieces.iter().zip(&spec.scores);
    let byte_fallback = spec.roles.contains(&Role::Byte);
    let model = if spec.method == Method::Bpe {
        let ids: HashMap<&str, usize> = pieces.iter().zip(0..).map(|(p, id)| (&**p, id)).collect();
        let mut merges = Vec::new();
        for (piece, score) in scored {
            for (at, _) in piece.char_indices().skip(1) {
                let (left, right) = piece.split_at(at);
                if let (Some(l), Some(r)) = (ids.get(left), ids.get(right)) {
                    merges.push((score, l, r, json!([left, right])));
                }
            }
        }
        merges.sort_by(|a, b| b.0.total_cmp(a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let merges: Vec<Value> = merges.into_iter().map(|merge| merge.3).collect();
        json!({
            "type": "BPE", "dropout": null, "unk_token": "<unk>", "fuse_unk": true,
            "byte_fallback": byte_fallback, "vocab": ids, "merges": merges,
        })
    } else {
        let vocab: Vec<_> = scored.collect();
        json!({ "type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": byte_fallback })
    };
    let json = json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": added.collect::<Vec<_>>(),
        "normalizer": before.0, "pre_tokenizer": before.1,
        "post_processor": null, "decoder": null, "model": model,
    });
    json.to_string().into_bytes()
}

#[test]
fn a_tokenizer_json_of_pieces_gives_the_ids_of_the_tokenizers_crate() {
    let replace = || json!({ "type": "Replace", "pattern": { "String": " " }, "content": "▁" });
    let sequence = |steps: Value| json!({ "type": "Sequence", "normalizers": steps });
    let metaspace = |scheme: &str, split: bool| {
        json!({
            "type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split,
        })
    };
    let prepend = json!({ "type": "Prepend", "prepend": "▁" });
    let at_spaces = json!({
        "type": "Split", "pattern": { "String": " " }, "behavior": "MergedWithPrevious",
        "invert": false,
    });
    let charsmap = json!({
        "type": "Precompiled", "precompiled_charsmap": base64(&charsmap_of("unigram")),
    });
    let drop_spaces = json!([
        charsmap,
        { "type": "Strip", "strip_left": false, "strip_right": true },
        { "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": "▁" },
    ]);
    let kinds = [
        ("bpe", sequence(json!([prepend, replace()])), Value::Null), // Llama 2
        ("bpe", Value::Null, metaspace("first", false)),             // newer converters
        ("bpe", Value::Null, metaspace("never", false)),
        ("bpe", Value::Null, metaspace("always", true)),
        ("bpe", replace(), at_spaces), // Gemma
        ("unigram", Value::Null, metaspace("always", true)),
        ("unigram", Value::Null, metaspace("first", false)),
        ("unigram_bytes", Value::Null, metaspace("never", false)),
        ("unigram", sequence(drop_spaces), metaspace("always", true)), // T5
    ];
    for (name, normalizer, pre_tokenizer) in kinds {
        let kind = normalizer.to_string();
        let file = tokenizer_json(name, &(normalizer, pre_tokenizer));
        let drops_spaces = kind.contains("Precompiled");
        let oracle = tokenizers::Tokenizer::from_bytes(&file).unwrap();
        let ours = Vocabulary::from_bytes("tokenizer.json", file).unwrap();
        let ours = Tokenizer::new(ours).unwrap();
        for seed in 0..2000 {
            let text = random_text(&mut Rng::new(seed, "pieces"));
            // tokenizers takes the letters `<0x41>` for the byte piece in unigram models, which
            // sentencepiece does not.
            let mut text = text.replace("<0x41>", "<0x");
            // sentencepiece drops a `▁` at the end as a space, tokenizers keeps it; and NFKC's rules,
            // which these few stand for, leave no white space but the space.
            if drops_spaces {
                text = text.replace(['▁', '\u{a0}', '\u{7f}', '\0'], "");
            }
            let expected = oracle.encode_fast(text.as_str(), false).unwrap();
            let ids = ours.encode(&text, Specials::Parse);
            assert_eq!(ids, expected.get_ids(), "{name}: {text:?}");
        }
    }
}

/// What has made tokenizers disagree, put together by chance.
fn random_text(rng: &mut Rng) -> String {
    const ATOMS: &[&str] = &[
        " ", " ", " ", "  ", "   ", "\n", "\t", "\u{a0}", "\u{3000}", "a", "aaaaa", "the", "The",
        "ing", "whale", "whales", "ship", "<s>", "</s>", "<unk>", "<0x41>", "▁", "▁▁", "0",
        "12345", "é", "ﬁ", "①", "½", "ß", "后", "안녕", "😉", "'s", "--", "...", "\"", "\0",
        "\u{7f}", "tion", "zzz", "Ａ", "harpoon", "sea", "Ishmael",
    ];
    let n = 1 + rng.below(20);
    (0..n).map(|_| ATOMS[rng.below(ATOMS.len())]).collect()
}

fn charsmap_of(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/tests/data/sentence_piece_{name}.model",
        env!("CARGO_MANIFEST_DIR")
    );
    Vocabulary::open(Path::new(&path))
        .unwrap()
        .sentence_piece
        .unwrap()
        .charsmap
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .enumerate()
            .fold(0, |bits, (i, &b)| bits | u32::from(b) << (16 - 8 * i));
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[test]
fn a_long_text_or_word_costs_its_length() {
    for name in ["bpe", "unigram"] {
        let path = format!(
            "{}/tests/data/sentence_piece_{name}.model",
            env!("CARGO_MANIFEST_DIR")
        );
        let tokenizer = Tokenizer::open(&path).unwrap();
        for text in [
            "a".repeat(1 << 20),
            " ".repeat(100_000),
            "\u{1}".repeat(1 << 20),
            "the whale ".repeat(100_000),
        ] {
            let ids = tokenizer.encode(&text, Specials::AsText);
            assert!(ids.len() <= text.len() + 1);
            if name == "bpe" {
                assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
            }
        }
    }
}
