//! A learned vocabulary in files that other software reads: `tokenizer.json` of Hugging Face's
//! `tokenizers`, and ranks as tiktoken has them.

use crate::algo::bpe_learn::Learned;
use crate::algo::split::Split;
use crate::labs::writing::write_whole;
use crate::refusal::{Refusal, Result};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Writes the vocabulary to `path`: ranks if it ends in `.tiktoken`, else `tokenizer.json`. All of it
/// is written, or what was there stays.
///
/// # Errors
/// A place that cannot be written.
pub fn save(learned: &Learned, split: Split, path: &Path) -> Result<()> {
    let content = if path.extension().is_some_and(|e| e == "tiktoken") {
        tiktoken_ranks(learned)
    } else {
        let pairs = learned.merges.iter().map(|&(left, right, _)| (left, right));
        format!("{:#}\n", tokenizer_json(&learned.tokens, pairs, split, &[]))
    };
    write_whole(path, content.as_bytes()).map_err(|refusal| Refusal {
        meaning:
            "The vocabulary was learned but is in no file; what was at that place before still is."
                .into(),
        ..refusal
    })
}

/// The vocabulary as `tokenizer.json`. `specials` get the ids after the last token.
#[must_use]
pub fn tokenizer_json(
    tokens: &[Vec<u8>],
    pairs: impl Iterator<Item = (u32, u32)>,
    split: Split,
    specials: &[&str],
) -> Value {
    let letters: Vec<char> = (0..=255).map(letter_of).collect();
    let names: Vec<String> = tokens
        .iter()
        .map(|bytes| bytes.iter().map(|&b| letters[usize::from(b)]).collect())
        .collect();
    let name = |id: u32| names.get(id as usize).map_or("", String::as_str);
    let ordinary = names.iter().map(String::as_str);
    let all = ordinary.chain(specials.iter().copied()).zip(0_u32..);
    let vocab: Map<String, Value> = all.map(|(name, id)| (name.to_owned(), json!(id))).collect();
    let merges: Vec<Value> = pairs.map(|(l, r)| json!([name(l), name(r)])).collect();
    let added: Vec<Value> = specials
        .iter()
        .zip(tokens.len()..)
        .map(|(text, id)| {
            json!({
                "id": id, "content": text, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true
            })
        })
        .collect();
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": null,
        "pre_tokenizer": pre_tokenizer(split),
        "post_processor": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true },
        "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true },
        "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": false, "vocab": vocab, "merges": merges
        }
    })
}

/// The vocabulary as tiktoken's ranks: each token in base64 and its id, which is its rank. The way of
/// splitting is not in such a file; whoever opens it must name it.
#[must_use]
pub fn tiktoken_ranks(learned: &Learned) -> String {
    let mut lines = String::new();
    for (id, token) in learned.tokens.iter().enumerate() {
        lines += &base64(token);
        lines.push(' ');
        lines += &id.to_string();
        lines.push('\n');
    }
    lines
}

/// How `tokenizers` is told to split. `\z` is the end of the text in every dialect; `$` is not.
fn pre_tokenizer(split: Split) -> Value {
    let byte_level = |use_regex: bool| {
        json!({
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
            "use_regex": use_regex
        })
    };
    let by_regex = |regex: &str| {
        let first = json!({
            "type": "Split", "pattern": { "Regex": regex }, "behavior": "Isolated", "invert": false
        });
        json!({ "type": "Sequence", "pretokenizers": [first, byte_level(false)] })
    };
    match split {
        Split::Gpt2 => byte_level(true),
        Split::Smollm => json!({
            "type": "Sequence",
            "pretokenizers": [{ "type": "Digits", "individual_digits": true }, byte_level(true)]
        }),
        Split::Cl100k => by_regex(
            r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+\z|\s*[\r\n]|\s+(?!\S)|\s",
        ),
        Split::Llama3 | Split::Qwen2 | Split::O200k => by_regex(split.pattern()),
    }
}

/// GPT-2's visible letter for a byte: itself where Latin-1 shows it, else the next free one from
/// U+0100 on.
fn letter_of(byte: u8) -> char {
    let is_itself = |b: u8| matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if is_itself(byte) {
        return char::from(byte);
    }
    let nth = (0..byte).filter(|&b| !is_itself(b)).count() as u32;
    char::from_u32(0x100 + nth).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |three: &[u8]| {
        let bits = (0..3).fold(0, |bits, i| {
            bits << 8 | u32::from(three.get(i).copied().unwrap_or(0))
        });
        let letter = move |i: usize| char::from(LETTERS[(bits >> (18 - 6 * i)) as usize & 63]);
        let n = three.len();
        (0..4).map(move |i| if i <= n { letter(i) } else { '=' })
    };
    bytes.chunks(3).flat_map(four).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::some_text;
    use super::super::{Recipe, train};
    use super::*;
    use crate::files::vocabulary::Vocabulary;
    use crate::labs::tokenizer::{Specials, Tokenizer};
    use std::ops::ControlFlow;

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        let known = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        for (n, expected) in known.iter().enumerate() {
            assert_eq!(base64(&b"foobar"[..n]), *expected);
        }
    }

    #[test]
    fn what_is_saved_reads_back_and_gives_the_ids_that_tokenizers_gives() {
        let folder = tempfile::tempdir().unwrap();
        let text = some_text(200);
        let more = [
            "a \n ",
            "x\r\n\r\n  y",
            "I'LL it's",
            "\u{301}e 1234567 ½",
            "  ",
            "camelCaseHTTP/\n/",
        ];
        for split in Split::ALL {
            let recipe = Recipe {
                n_merges: 700,
                split: split.name().into(),
                ties_as_tokenizers: true,
            };
            let outcome = train(&text, &recipe, &mut |_| ControlFlow::Continue(())).unwrap();
            let json = folder.path().join("tokenizer.json");
            save(&outcome.learned, split, &json).unwrap();
            let theirs = tokenizers::Tokenizer::from_file(&json).unwrap();
            let ours = Tokenizer::new(Vocabulary::open(&json).unwrap()).unwrap();
            assert_eq!(ours.vocabulary().split, split.name());
            let lines = text
                .lines()
                .step_by(17)
                .chain(more)
                .chain([&text[..20_000]]);
            for line in lines {
                let ids = ours.encode(line, Specials::AsText);
                assert_eq!(
                    ids,
                    theirs.encode(line, false).unwrap().get_ids(),
                    "{line:?}"
                );
            }
            let ranks = folder.path().join("a.tiktoken");
            save(&outcome.learned, split, &ranks).unwrap();
            let read = Vocabulary::open(&ranks).unwrap();
            assert_eq!(read.tokens, outcome.learned.tokens);
        }
        let nowhere = folder.path().join("none").join("a.json");
        let learned = crate::algo::bpe_learn::learn([&b"aa aa"[..]], 1);
        assert!(save(&learned, Split::Gpt2, &nowhere).is_err());
    }
}
