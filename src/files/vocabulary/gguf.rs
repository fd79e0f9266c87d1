//! The vocabulary inside a GGUF model: `tokenizer.ggml.*`.

use super::byte_letters::ByteLetters;
use super::sentence_piece::{AddsSpace, Pieces, Role, byte_of};
use super::{MAX_TOKEN_BYTES, MAX_TOKENS, Vocabulary, contradiction, resolve_merges, unsupported};
use crate::files::metadata::{MetaArray, MetaValue};
use crate::files::shown::shown;
use crate::files::weights::WeightFile;
use crate::refusal::Result;
use std::collections::HashMap;

/// `tokenizer.ggml.token_type`, as llama.cpp numbers them.
const NORMAL: i64 = 1;
const UNKNOWN: i64 = 2;
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;
const UNUSED: i64 = 5;
const BYTE: i64 = 6;

/// Reads it; `None` where the file has none.
pub(super) fn read(file: &WeightFile) -> Result<Option<Vocabulary>> {
    let Some(tokens) = file.meta("tokenizer.ggml.tokens") else {
        return Ok(None);
    };
    let name = file.name();
    let kind = text(file, "tokenizer.ggml.model").unwrap_or("(unnamed)");
    if !["gpt2", "llama"].contains(&kind) {
        return Err(unsupported(
            name,
            format!(
                "Its tokenizer.ggml.model is {}; gpt2 and llama work.",
                shown(kind)
            ),
        ));
    }
    let Some(texts) = tokens.as_texts() else {
        return Err(contradiction(
            name,
            format!(
                "tokenizer.ggml.tokens should be a list of texts and is {}.",
                tokens.kind()
            ),
        ));
    };
    if texts.len() > MAX_TOKENS {
        return Err(contradiction(
            name,
            format!("It has {} tokens.", texts.len()),
        ));
    }
    let types = token_types(file, texts.len())?;
    let scores = scores(file, texts.len())?;
    if kind == "llama" {
        let vocabulary = sentence_piece(file, texts, scores, types)?;
        return described(file, vocabulary, true).map(Some);
    }
    let letters = ByteLetters::new();
    let mut bytes = Vec::with_capacity(texts.len());
    let mut special_tokens = Vec::new();
    let mut ids = HashMap::with_capacity(texts.len());
    for (id, text) in texts.iter().enumerate() {
        let token_type = types.map_or(NORMAL, |types| types[id]);
        let token = token_bytes(&letters, text, token_type).filter(|b| b.len() <= MAX_TOKEN_BYTES);
        let Some(token) = token else {
            return Err(contradiction(
                name,
                format!(
                    "Token {id} is `{}`, which stands for no bytes.",
                    shown(text)
                ),
            ));
        };
        bytes.push(token);
        match token_type {
            CONTROL | USER_DEFINED | UNKNOWN => special_tokens.push((id as u32, text.to_string())),
            UNUSED => {}
            _ => {
                ids.entry(&**text).or_insert(id as u32);
            }
        }
    }
    let merges = file.meta("tokenizer.ggml.merges");
    let Some(merges) = merges.and_then(MetaValue::as_texts) else {
        return Err(contradiction(
            name,
            "It has no list of merges (tokenizer.ggml.merges).".to_owned(),
        ));
    };
    let merges = resolve_merges(name, &ids, merges.iter().map(|merge| merge.split_once(' ')))?;
    let pre = text(file, "tokenizer.ggml.pre").unwrap_or("default");
    let (split, assumed) = split_of(name, pre)?;
    let vocabulary = Vocabulary {
        tokens: bytes,
        merges,
        special_tokens,
        split: split.to_owned(),
        // As llama.cpp has it.
        takes_whole_pieces: ["llama-bpe", "llama3", "llama-v3", "falcon3"].contains(&pre),
        assumed,
        ..Vocabulary::default()
    };
    described(file, vocabulary, pre == "llama-bpe").map(Some)
}

/// What the file says beside the tokens: its name, begin and end, the chat template.
fn described(
    file: &WeightFile,
    mut vocabulary: Vocabulary,
    usually_adds_bos: bool,
) -> Result<Vocabulary> {
    let name = file.name();
    vocabulary.name = text(file, "general.name").map_or_else(|| name.to_owned(), shown);
    vocabulary.bos = token_id(file, "tokenizer.ggml.bos_token_id")?;
    for key in ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"] {
        let id = token_id(file, key)?;
        vocabulary
            .eos
            .extend(id.filter(|id| !vocabulary.eos.contains(id)));
    }
    vocabulary.add_bos = flag(file, "tokenizer.ggml.add_bos_token")?.unwrap_or(usually_adds_bos);
    vocabulary.chat_template = text(file, "tokenizer.chat_template").map(str::to_owned);
    vocabulary.checked(name)
}

/// The vocabulary of Llama 2 and Mistral: pieces, joined by their scores.
fn sentence_piece(
    file: &WeightFile,
    texts: &[Box<str>],
    scores: Option<&[f32]>,
    types: Option<&[i64]>,
) -> Result<Vocabulary> {
    let name = file.name();
    let (Some(scores), Some(types)) = (scores, types) else {
        let evidence = "Its pieces have no scores (tokenizer.ggml.scores) or no types.";
        return Err(contradiction(name, evidence.to_owned()));
    };
    let mut pieces = Pieces::default();
    pieces.spec.fuse_unknown = true;
    if flag(file, "tokenizer.ggml.add_space_prefix")? == Some(false) {
        pieces.spec.adds_space = AddsSpace::Never;
    }
    for (id, text) in texts.iter().enumerate() {
        let Some(role) = Role::of(types[id]) else {
            let evidence = format!("Token {id} is of the type {}.", types[id]);
            return Err(contradiction(name, evidence));
        };
        pieces.push(name, text, f64::from(scores[id]), role)?;
    }
    pieces.finish(name)
}

fn flag(file: &WeightFile, key: &str) -> Result<Option<bool>> {
    match file.meta(key) {
        None => Ok(None),
        Some(MetaValue::Bool(flag)) => Ok(Some(*flag)),
        Some(other) => Err(contradiction(
            file.name(),
            format!("{key} should be true or false and is {other}."),
        )),
    }
}

fn text<'a>(file: &'a WeightFile, key: &str) -> Option<&'a str> {
    file.meta(key).and_then(MetaValue::as_str)
}

fn token_id(file: &WeightFile, key: &str) -> Result<Option<u32>> {
    let Some(value) = file.meta(key) else {
        return Ok(None);
    };
    match value.as_u64().and_then(|id| u32::try_from(id).ok()) {
        Some(id) => Ok(Some(id)),
        None => Err(contradiction(
            file.name(),
            format!("{key} should be a token's id and is {value}."),
        )),
    }
}

fn token_types(file: &WeightFile, n_tokens: usize) -> Result<Option<&[i64]>> {
    match file.meta("tokenizer.ggml.token_type") {
        None => Ok(None),
        Some(MetaValue::Array(MetaArray::Signed(types))) if types.len() == n_tokens => {
            Ok(Some(types))
        }
        Some(other) => Err(contradiction(
            file.name(),
            format!(
                "tokenizer.ggml.token_type should be {n_tokens} signed whole numbers and is {}: {other}.",
                other.kind()
            ),
        )),
    }
}

/// Byte-level BPE does not use them; a file whose scores are wrong is wrong elsewhere too.
fn scores(file: &WeightFile, n_tokens: usize) -> Result<Option<&[f32]>> {
    match file.meta("tokenizer.ggml.scores") {
        None => Ok(None),
        Some(MetaValue::Array(MetaArray::Float(scores))) if scores.len() == n_tokens => {
            Ok(Some(scores))
        }
        Some(other) => Err(contradiction(
            file.name(),
            format!(
                "tokenizer.ggml.scores should be {n_tokens} decimal numbers and is {}.",
                other.kind()
            ),
        )),
    }
}

/// What a token's text stands for: letters of GPT-2's alphabet, itself, or `<0x0A>`.
fn token_bytes(letters: &ByteLetters, text: &str, token_type: i64) -> Option<Vec<u8>> {
    match token_type {
        NORMAL => letters.decode(text).filter(|bytes| !bytes.is_empty()),
        BYTE => Some(vec![byte_of(text)?]),
        UNKNOWN | CONTROL | USER_DEFINED => Some(text.as_bytes().to_vec()),
        UNUSED => Some(Vec::new()),
        _ => None,
    }
}

/// llama.cpp's name of a split pattern → ours. Several names share a pattern.
fn split_of(name: &str, pre: &str) -> Result<(&'static str, Vec<String>)> {
    Ok(match pre {
        "gpt-2" | "gpt2" | "phi-2" | "olmo" | "mpt" | "jais" | "trillion" | "jina-es"
        | "jina-de" | "roberta-bpe" => ("gpt2", vec![]),
        "smollm" | "starcoder" | "codeshell" | "refact" | "command-r" | "exaone" | "minerva-7b" => {
            ("smollm", vec![])
        }
        "cl100k" => ("cl100k", vec![]),
        "llama-bpe" | "llama3" | "llama-v3" | "falcon3" | "dbrx" | "smaug-bpe" => {
            ("llama3", vec![])
        }
        "qwen2" | "deepseek-r1-qwen" | "stablelm2" | "hunyuan" => ("qwen2", vec![]),
        "gpt-4o" | "o200k" | "llama4" => ("o200k", vec![]),
        "default" => (
            "gpt2",
            vec![
                "The file does not say how text is split before BPE; GPT-2's way is assumed."
                    .into(),
            ],
        ),
        other => {
            return Err(unsupported(
                name,
                format!(
                    "Its text is split before BPE as {} does it; Glassbox knows the ways of gpt-2, \
                     smollm, llama-bpe, qwen2, cl100k and gpt-4o (o200k).",
                    shown(other)
                ),
            ));
        }
    })
}
