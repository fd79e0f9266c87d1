//! Files of the `tokenizers` crate: the ways of splitting that published models use give the pieces
//! that the crate gives, or are refused by name.

use crate::texts::{ATOMS, random_text};
use glassbox::algo::split::Split;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::refusal::Result;
use glassbox::rng::Rng;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::LazyLock;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};

const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

fn by_bytes(use_regex: bool) -> Value {
    json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex })
}

fn by_pattern(regex: &str, behavior: &str, invert: bool) -> Value {
    json!({
        "type": "Split", "pattern": { "Regex": regex }, "behavior": behavior, "invert": invert
    })
}

fn sequence(steps: &[Value]) -> Value {
    json!({ "type": "Sequence", "pretokenizers": steps })
}

/// The `pre_tokenizer` of published files, and our name of it.
fn published() -> Vec<(&'static str, Value, &'static str)> {
    let digits = json!({ "type": "Digits", "individual_digits": true });
    vec![
        ("GPT-2, RoBERTa, Phi-2", by_bytes(true), "gpt2"),
        (
            "SmolLM, StarCoder",
            sequence(&[digits, by_bytes(true)]),
            "smollm",
        ),
        (
            "Llama 3, Phi-4",
            sequence(&[by_pattern(LLAMA3, "Isolated", false), by_bytes(false)]),
            "llama3",
        ),
        (
            "GPT-4, by Xenova",
            sequence(&[by_pattern(LLAMA3, "Removed", true), by_bytes(false)]),
            "llama3",
        ),
        (
            "Qwen2",
            sequence(&[by_pattern(QWEN2, "Isolated", false), by_bytes(false)]),
            "qwen2",
        ),
        (
            "gpt-oss, GPT-4o",
            sequence(&[by_pattern(GPT4O, "Isolated", false), by_bytes(false)]),
            "o200k",
        ),
    ]
}

/// A file with the 256 bytes as its vocabulary.
fn read(pre_tokenizer: &Value, normalizer: &Value) -> Result<Vocabulary> {
    let mut letters: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    letters.sort_unstable();
    let vocab: serde_json::Map<String, Value> = letters
        .iter()
        .zip(0..)
        .map(|(letter, id)| (letter.to_string(), json!(id)))
        .collect();
    let file = json!({
        "version": "1.0", "added_tokens": [], "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer, "model": { "type": "BPE", "vocab": vocab, "merges": [] }
    });
    Vocabulary::from_bytes("tokenizer.json", file.to_string().into_bytes())
}

struct Pair {
    name: &'static str,
    ours: Split,
    theirs: PreTokenizerWrapper,
}

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let pairs = published().into_iter().map(|(name, json, expected)| {
        let split = read(&json, &Value::Null).unwrap().split;
        assert_eq!(split, expected, "{name}");
        Pair {
            name,
            ours: Split::by_name(&split).unwrap(),
            theirs: serde_json::from_value(json).unwrap(),
        }
    });
    pairs.collect()
});

fn compare(text: &str) {
    for Pair { name, ours, theirs } in &*PAIRS {
        let mut cut = PreTokenizedString::from(text);
        theirs.pre_tokenize(&mut cut).unwrap();
        let expected = cut.get_splits(OffsetReferential::Original, OffsetType::Byte);
        let expected: Vec<Range<usize>> = expected.iter().map(|(_, (a, b), _)| *a..*b).collect();
        let pieces: Vec<Range<usize>> = ours.pieces(text).collect();
        assert_eq!(pieces, expected, "{name}: {text:?}");
    }
}

#[test]
fn published_ways_of_splitting_give_the_pieces_of_the_tokenizers_crate() {
    for text in [
        "",
        "a \n ",
        "a\n \n",
        " \r\n\t",
        "a\u{85}\u{feff} \u{301}x",
        "12345 \u{664}\u{665}6",
    ] {
        compare(text);
    }
    for atom in ATOMS {
        for other in ATOMS {
            compare(&format!("{atom}{other}"));
        }
    }
    let mut rng = Rng::new(0, "splits");
    for _ in 0..20 {
        compare(&random_text(&mut rng, 1000));
    }
}

#[test]
fn a_way_of_splitting_that_is_not_known_is_refused_by_name() {
    let refused = |pre_tokenizer: &Value, normalizer: &Value| {
        read(pre_tokenizer, normalizer).unwrap_err().evidence
    };
    let nothing = Value::Null;
    let qwen2 = sequence(&[by_pattern(QWEN2, "Isolated", false), by_bytes(false)]);
    let normalized = refused(&qwen2, &json!({ "type": "NFC" }));
    assert!(normalized.contains("NFC"), "{normalized}");
    let deepseek = sequence(&[
        by_pattern(r"\p{N}{1,3}", "Isolated", false),
        by_pattern("[一-龥぀-ゟ゠-ヿ]+", "Isolated", false),
        by_bytes(false),
    ]);
    let several = refused(&deepseek, &nothing);
    assert!(
        several.contains("Split and Split and ByteLevel"),
        "{several}"
    );
    let falcon = sequence(&[
        json!({ "type": "Punctuation", "behavior": "Contiguous" }),
        by_bytes(true),
        json!({ "type": "Digits", "individual_digits": false }),
    ]);
    assert!(refused(&falcon, &nothing).contains("Punctuation"));
    let other = sequence(&[by_pattern(r"\w+|\s+", "Isolated", false), by_bytes(false)]);
    assert!(refused(&other, &nothing).contains(r"\w+|\s+"));
    for (behavior, invert) in [
        ("MergedWithNext", false),
        ("Removed", false),
        ("Isolated", true),
    ] {
        let merged = sequence(&[by_pattern(LLAMA3, behavior, invert), by_bytes(false)]);
        assert!(refused(&merged, &nothing).contains("Split and ByteLevel"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_text_is_cut_as_the_tokenizers_crate_cuts_it(text in any::<String>()) {
        compare(&text);
    }

    #[test]
    fn any_mixture_is_cut_as_the_tokenizers_crate_cuts_it(atoms in proptest::collection::vec(proptest::sample::select(ATOMS), 0..8)) {
        compare(&atoms.concat());
    }
}
