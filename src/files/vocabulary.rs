//! Vocabularies of byte-level BPE and of SentencePiece, whichever way they were saved: inside a GGUF
//! model, as `tokenizer.json`, as tiktoken ranks, as GPT-2's `vocab.bpe` with `encoder.json`, or as
//! SentencePiece's `.model`.
//!
//! All become the same thing: the bytes of every token, the merges or scores by which text becomes
//! tokens, and the special tokens that no text can spell by accident.

pub mod builtin;
mod byte_letters;
mod gguf;
mod merges;
mod protobuf;
pub mod sentence_piece;
pub mod tiktoken;
mod tokenizer_json;

use super::source::Source;
use super::weights::{Format, WeightFile};
use super::{shown, sniff};
use crate::refusal::{Refusal, Result};
use sentence_piece::{Role, SentencePiece};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

/// Tokens in a vocabulary; the largest published have 262,144.
const MAX_TOKENS: usize = 1 << 20;
/// Merges in a vocabulary.
const MAX_MERGES: usize = 1 << 20;
/// Bytes of a vocabulary file; the largest published take 33 MB.
const MAX_FILE_BYTES: u64 = 48 << 20;
/// Bytes of one token; the longest published are 128 spaces, special tokens aside.
const MAX_TOKEN_BYTES: usize = 1 << 12;

/// A vocabulary of byte-level BPE, or of SentencePiece.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vocabulary {
    /// What people call it: the model's or the file's name.
    pub name: String,
    /// The bytes of each token; the index is its id. An id that means nothing has no bytes.
    pub tokens: Vec<Vec<u8>>,
    /// Left token, right token, what they become; the index is the rank. Empty where the id itself
    /// is the rank, as in tiktoken's files.
    pub merges: Vec<(u32, u32, u32)>,
    /// Tokens with a meaning of their own, such as `<|endoftext|>`, by rising id.
    pub special_tokens: Vec<(u32, String)>,
    /// How text is cut before BPE: by a pattern of `algo::split`, such as "gpt2" or "cl100k", or
    /// "sentencepiece", which cuts nothing.
    pub split: String,
    /// Whether a piece of text that is a token becomes that token even where no merges lead to it
    /// (`ignore_merges`). Without merges it always does.
    pub takes_whole_pieces: bool,
    /// How text becomes pieces, in a SentencePiece vocabulary; `None` for byte-level BPE.
    pub sentence_piece: Option<SentencePiece>,
    /// The token that begins a text.
    pub bos: Option<u32>,
    /// Tokens that end one.
    pub eos: Vec<u32>,
    /// Whether the model wants `bos` before every prompt.
    pub add_bos: bool,
    /// The Jinja template that turns a conversation into a prompt.
    pub chat_template: Option<String>,
    /// What the file does not say and was assumed, in sentences.
    pub assumed: Vec<String>,
}

impl Vocabulary {
    /// Reads the vocabulary at `path`, known by its first bytes; GPT-2's two files are found beside
    /// each other.
    ///
    /// # Errors
    /// It is no vocabulary of a kind that works here, or contradicts itself.
    pub fn open(path: &Path) -> Result<Self> {
        let source = Source::open(path)?;
        match sniff::sniff(&source)? {
            sniff::Kind::Gguf => {
                let file = WeightFile::open(path)?;
                gguf::read(&file)?.ok_or_else(|| none_inside(&file))
            }
            sniff::Kind::Safetensors | sniff::Kind::ShardIndex => {
                let file = WeightFile::open(path)?;
                Self::beside(&file)?.ok_or_else(|| none_inside(&file))
            }
            kind => Self::of_source(&source, kind),
        }
    }

    /// As [`Vocabulary::open`], from the bytes of one file.
    ///
    /// # Errors
    /// As [`Vocabulary::open`].
    pub fn from_bytes(name: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self> {
        let source = Source::from_bytes(name, bytes);
        let kind = sniff::sniff(&source)?;
        if kind == sniff::Kind::Gguf {
            let file = WeightFile::open_source(source)?;
            return gguf::read(&file)?.ok_or_else(|| none_inside(&file));
        }
        Self::of_source(&source, kind)
    }

    /// The vocabulary of a model: inside its file, or in a file beside it. `None` where there is
    /// none (the model then takes ids only).
    ///
    /// # Errors
    /// It is there and does not hold, or is of a kind that Glassbox does not know.
    pub fn of_model(file: &WeightFile) -> Result<Option<Self>> {
        match file.format {
            Format::Gguf(_) => gguf::read(file),
            Format::Safetensors => Self::beside(file),
        }
    }

    fn of_source(source: &Source, kind: sniff::Kind) -> Result<Self> {
        if source.len() > MAX_FILE_BYTES {
            return Err(source.damaged(
                "vocabulary",
                format!(
                    "It has {}; {} is the most that makes sense.",
                    shown::size(source.len()),
                    shown::size(MAX_FILE_BYTES)
                ),
            ));
        }
        match kind {
            sniff::Kind::TiktokenRanks => {
                tiktoken::read(source.name(), &source.read(0, source.len())?)
            }
            sniff::Kind::Merges => merges::read(source),
            sniff::Kind::IdsByToken => merges::read_beside_ids(source),
            sniff::Kind::SentencePiece => sentence_piece::read(source),
            // In a JSON file, a long vocabulary may come before the keys that tell what it is.
            sniff::Kind::TokenizerJson | sniff::Kind::Json => tokenizer_json::read(source),
            _ => Err(kind.refusal(source.name(), "a vocabulary")),
        }
    }

    /// `NAME.tokenizer.json`, `tokenizer.json`, or GPT-2's two files, beside `file`.
    fn beside(file: &WeightFile) -> Result<Option<Self>> {
        if !file.is_on_disk() {
            return Ok(None);
        }
        let own = file.path().with_extension("tokenizer.json");
        let names = ["tokenizer.json", "merges.txt", "vocab.bpe"];
        let others = names.iter().map(|name| file.path().with_file_name(name));
        match std::iter::once(own)
            .chain(others)
            .find(|path| path.is_file())
        {
            Some(path) => Self::open(&path).map(Some),
            None => Ok(None),
        }
    }

    /// The token that `text` is the name of, among the special ones.
    #[must_use]
    pub fn special(&self, text: &str) -> Option<u32> {
        let found = self.special_tokens.iter().find(|(_, name)| name == text);
        found.map(|&(id, _)| id)
    }

    /// Bytes that no token holds alone: text with one of them cannot be written whole. A
    /// SentencePiece vocabulary without pieces for bytes lacks all 256.
    #[must_use]
    pub fn missing_bytes(&self) -> Vec<u8> {
        let mut is_there = [false; 256];
        for (id, token) in self.tokens.iter().enumerate() {
            let &[byte] = &token[..] else { continue };
            is_there[usize::from(byte)] |= match &self.sentence_piece {
                Some(spec) => spec.roles.get(id) == Some(&Role::Byte),
                None => (self.special_tokens)
                    .binary_search_by_key(&(id as u32), |&(id, _)| id)
                    .is_err(),
            };
        }
        (0..=255)
            .filter(|&byte| !is_there[usize::from(byte)])
            .collect()
    }

    /// What every reader does last: ids exist, special tokens are in order, ends are known.
    fn checked(mut self, source_name: &str) -> Result<Self> {
        self.special_tokens.sort_by_key(|&(id, _)| id);
        self.special_tokens.dedup_by_key(|&mut (id, _)| id);
        for name in COMMON_ENDS {
            if let Some(id) = self.special(name)
                && !self.eos.contains(&id)
            {
                self.eos.push(id);
            }
        }
        let named = self.bos.iter().chain(&self.eos);
        let specials = self.special_tokens.iter().map(|(id, _)| id);
        if let Some(id) = named
            .chain(specials)
            .find(|&&id| id as usize >= self.tokens.len())
        {
            return Err(contradiction(
                source_name,
                format!("It names token {id}, and has only {}.", self.tokens.len()),
            ));
        }
        if self.tokens.iter().all(Vec::is_empty) {
            return Err(contradiction(source_name, "It has no tokens.".to_owned()));
        }
        Ok(self)
    }
}

/// Special tokens that end a text or a turn in the models people have (as llama.cpp knows them).
const COMMON_ENDS: [&str; 7] = [
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endofprompt|>",
];

/// Merges by the names of their parts → merges by id.
fn resolve_merges<'a>(
    source_name: &str,
    ids: &HashMap<&str, u32>,
    merges: impl Iterator<Item = Option<(&'a str, &'a str)>>,
) -> Result<Vec<(u32, u32, u32)>> {
    let mut resolved = Vec::new();
    let mut whole = String::new();
    for (rank, parts) in merges.enumerate() {
        let refuse = |evidence: String| Err(contradiction(source_name, evidence));
        let Some((left, right)) = parts.filter(|(l, r)| !l.is_empty() && !r.is_empty()) else {
            return refuse(format!(
                "Merge {rank} is not two pieces with a space between."
            ));
        };
        if rank >= MAX_MERGES || left.len() + right.len() > MAX_TOKEN_BYTES {
            return refuse(format!(
                "Merge {rank} is one too many, or makes too long a token."
            ));
        }
        whole.clear();
        whole.push_str(left);
        whole.push_str(right);
        let find = |piece: &str| ids.get(piece).copied();
        match (find(left), find(right), find(&whole)) {
            (Some(left), Some(right), Some(new)) => resolved.push((left, right, new)),
            _ => {
                return refuse(format!(
                    "Merge {rank} makes `{}` of `{}` and `{}`, and these are not all tokens.",
                    shown::shown(&whole),
                    shown::shown(left),
                    shown::shown(right)
                ));
            }
        }
    }
    Ok(resolved)
}

fn contradiction(name: &str, evidence: String) -> Refusal {
    Refusal::unchanged(
        format!("The vocabulary in `{name}` contradicts itself."),
        evidence,
        "Download it again from where it was published, or choose another.",
    )
}

fn unsupported(name: &str, evidence: String) -> Refusal {
    Refusal::unchanged(
        format!("The vocabulary in `{name}` is of a kind that Glassbox does not read."),
        evidence,
        "Glassbox reads byte-level BPE (GPT-2's, SmolLM2's, tiktoken's and vocabularies like them) and \
         SentencePiece (Llama 2's, Mistral's, T5's).",
    )
}

/// `0x00, 0x07 and 12 more`.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let first: Vec<String> = bytes
        .iter()
        .take(8)
        .map(|byte| format!("0x{byte:02X}"))
        .collect();
    let more = match bytes.len().saturating_sub(8) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    first.join(", ") + &more
}

fn none_inside(file: &WeightFile) -> Refusal {
    Refusal::unchanged(
        format!("`{}` has no vocabulary.", file.name()),
        "There is none inside it, and no tokenizer.json beside it.",
        "Put the model's tokenizer.json beside it; without one, it takes token ids only.",
    )
}
