//! A SentencePiece vocabulary: what all three of its containers (`.model`, GGUF, `tokenizer.json`)
//! say of it, checked once, and the reader of `.model` files.
//!
//! A `.model` is a protocol buffer: fields, each a number, a kind and a value (`protobuf`). Fields
//! that are not named here are passed over, as the format asks.

use super::protobuf::{Fields, Value};
use super::{MAX_TOKEN_BYTES, MAX_TOKENS, Vocabulary, contradiction, unsupported};
use crate::files::shown::shown;
use crate::files::source::Source;
use crate::refusal::Result;
use std::collections::HashSet;

/// A character table beyond this is none; the largest published has 300 kB.
const MAX_CHARSMAP_BYTES: usize = 4 << 20;

/// A space as files write it.
const SPACE: &str = "\u{2581}";

/// How a SentencePiece vocabulary cuts a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SentencePiece {
    /// Joining by scores or merges, or the likeliest pieces.
    pub method: Method,
    /// The score of each id; empty where merges say the order.
    pub scores: Vec<f64>,
    /// What each id is for.
    pub roles: Vec<Role>,
    /// The id of what no other piece holds.
    pub unknown: Option<u32>,
    /// Whether unknown pieces side by side become one.
    pub fuse_unknown: bool,
    /// A compiled table of character rules; empty for none.
    pub charsmap: Vec<u8>,
    /// When a space is put before a text.
    pub adds_space: AddsSpace,
    /// Whether spaces before, after and beside a space are dropped.
    pub removes_extra_spaces: bool,
    /// Whether each space begins a word, across which nothing is joined.
    pub splits_spaces: bool,
}

/// How pieces are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// By joining neighbours, the best score first (or by the vocabulary's merges).
    #[default]
    Bpe,
    /// By the sum of scores, kept in f32 as the sentencepiece library does.
    Unigram,
    /// By the sum of scores, kept in f64 as the tokenizers library does.
    UnigramInF64,
}

/// When a space is put before a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddsSpace {
    /// Never.
    Never,
    /// Always.
    #[default]
    Always,
    /// Unless the text begins with one.
    UnlessThere,
    /// At the very start, not after special tokens, unless the text begins with one.
    AtStartUnlessThere,
}

/// What an id is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Text like any other.
    #[default]
    Text,
    /// What no other piece holds.
    Unknown,
    /// A token with a meaning of its own.
    Control,
    /// Text that always stays one piece.
    Whole,
    /// In no text.
    Unused,
    /// One byte.
    Byte,
}

impl Role {
    /// From the number that `.model` and GGUF files share.
    pub(super) fn of(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Text,
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::Whole,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => return None,
        })
    }
}

/// Pieces as files spell them: text, score, role.
#[derive(Default)]
pub(super) struct Pieces {
    pub tokens: Vec<Vec<u8>>,
    pub special_tokens: Vec<(u32, String)>,
    pub spec: SentencePiece,
}

impl Pieces {
    /// Appends a piece. A byte is spelled `<0x0A>`, a space `▁`.
    pub fn push(&mut self, name: &str, text: &str, score: f64, role: Role) -> Result<()> {
        let id = self.tokens.len();
        let wrong = |why: &str| {
            let evidence = format!("Piece {id}, `{}`, {why}.", shown(text));
            Err(contradiction(name, evidence))
        };
        if id >= MAX_TOKENS {
            return wrong("is one more than makes sense");
        }
        if text.is_empty() && role != Role::Unused || text.len() > MAX_TOKEN_BYTES {
            return wrong("has no text, or too much");
        }
        if !score.is_finite() {
            return wrong("has a score that is no number");
        }
        self.tokens.push(match role {
            Role::Byte => match byte_of(text) {
                Some(byte) => vec![byte],
                None => return wrong("stands for no bytes"),
            },
            Role::Control | Role::Unknown => {
                self.special_tokens.push((id as u32, text.to_owned()));
                text.as_bytes().to_vec()
            }
            Role::Text | Role::Whole | Role::Unused => text.replace(SPACE, " ").into_bytes(),
        });
        if role == Role::Unknown && self.spec.unknown.is_none() {
            self.spec.unknown = Some(id as u32);
        }
        self.spec.scores.push(score);
        self.spec.roles.push(role);
        Ok(())
    }

    /// The vocabulary they make.
    pub fn finish(self, name: &str) -> Result<Vocabulary> {
        if self.spec.charsmap.len() > MAX_CHARSMAP_BYTES {
            return Err(contradiction(
                name,
                "Its table of characters is larger than makes sense.".to_owned(),
            ));
        }
        let mut vocabulary = Vocabulary {
            name: name.to_owned(),
            tokens: self.tokens,
            special_tokens: self.special_tokens,
            split: "sentencepiece".to_owned(),
            ..Vocabulary::default()
        };
        vocabulary.sentence_piece = Some(self.spec);
        let missing = vocabulary.missing_bytes();
        if !missing.is_empty() && missing.len() < 256 {
            vocabulary.assumed.push(format!(
                "It has pieces for single bytes, but not for all: {} are missing. Characters with \
                 these bytes become the unknown piece.",
                super::hexadecimal(&missing)
            ));
        }
        Ok(vocabulary)
    }
}

/// `<0x0A>` → 10.
pub(super) fn byte_of(text: &str) -> Option<u8> {
    let hex = text.strip_prefix("<0x")?.strip_suffix('>')?;
    let is_hex = hex.len() == 2 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    u8::from_str_radix(hex, 16).ok().filter(|_| is_hex)
}

/// Reads a `.model` file, and the `tokenizer_config.json` beside it where there is one.
pub(super) fn read(source: &Source) -> Result<Vocabulary> {
    let name = source.name();
    let bytes = source.read(0, source.len())?;
    let model = Fields::new(&bytes);
    let damaged = |why: String| source.damaged("SentencePiece", why);
    let mut pieces = Pieces::default();
    let mut trainer = Trainer::default();
    let mut seen = HashSet::new();
    let mut writes_spaces = true;
    pieces.spec.fuse_unknown = true;
    pieces.spec.removes_extra_spaces = true;
    for field in model {
        match field.map_err(&damaged)? {
            (1, Value::Bytes(piece)) => {
                let (text, score, role) = read_piece(piece).map_err(&damaged)?;
                if !seen.insert(text) {
                    let evidence = format!("Piece `{}` is there twice.", shown(text));
                    return Err(contradiction(name, evidence));
                }
                pieces.push(name, text, score, role)?;
            }
            (2, Value::Bytes(spec)) => trainer.read(spec).map_err(&damaged)?,
            (3, Value::Bytes(spec)) => {
                let escapes = read_normalizer(spec, &mut pieces.spec).map_err(&damaged)?;
                writes_spaces &= escapes;
            }
            (1..=3, _) => return Err(damaged("A field is not of its kind.".to_owned())),
            _ => {}
        }
    }
    pieces.spec.method = match trainer.model_type {
        1 => Method::Unigram,
        2 => Method::Bpe,
        3 => {
            return Err(unsupported(
                name,
                "It is a SentencePiece model of whole words.".into(),
            ));
        }
        4 => {
            return Err(unsupported(
                name,
                "It is a SentencePiece model of characters.".into(),
            ));
        }
        other => return Err(damaged(format!("Its kind is {other}; there are 1 to 4."))),
    };
    if !writes_spaces {
        let why = "It does not write spaces as ▁.";
        return Err(unsupported(name, why.to_owned()));
    }
    if trainer.space_is_suffix {
        let why = "It writes a space after a word, not before.";
        return Err(unsupported(name, why.to_owned()));
    }
    let mut vocabulary = pieces.finish(name)?;
    let n = vocabulary.tokens.len();
    let id = |id: i64| u32::try_from(id).ok().filter(|&id| (id as usize) < n);
    vocabulary.bos = id(trainer.bos).filter(|id| is_control(&vocabulary, *id));
    let eos = id(trainer.eos).filter(|id| is_control(&vocabulary, *id));
    vocabulary.eos.extend(eos);
    super::tokenizer_json::read_config(source, &mut vocabulary)?;
    vocabulary.checked(name)
}

fn is_control(vocabulary: &Vocabulary, id: u32) -> bool {
    let roles = vocabulary.sentence_piece.as_ref().map(|spec| &spec.roles);
    roles.is_some_and(|roles| roles.get(id as usize) == Some(&Role::Control))
}

fn read_piece(bytes: &[u8]) -> std::result::Result<(&str, f64, Role), String> {
    let (mut text, mut score, mut role) = ("", 0.0, Role::Text);
    for field in Fields::new(bytes) {
        match field? {
            (1, Value::Bytes(piece)) => {
                text = std::str::from_utf8(piece).map_err(|_| "A piece is not valid UTF-8.")?;
            }
            (2, Value::Four(bits)) => score = f64::from(f32::from_bits(bits)),
            (3, Value::Number(n)) => {
                role = Role::of(n as i64).ok_or(format!("A piece is of the type {n}."))?;
            }
            (1..=3, _) => return Err("A field of a piece is not of its kind.".to_owned()),
            _ => {}
        }
    }
    Ok((text, score, role))
}

/// What training left in the file.
struct Trainer {
    model_type: u64,
    space_is_suffix: bool,
    bos: i64,
    eos: i64,
}

impl Default for Trainer {
    fn default() -> Self {
        Self {
            model_type: 1,
            space_is_suffix: false,
            bos: 1,
            eos: 2,
        }
    }
}

impl Trainer {
    fn read(&mut self, bytes: &[u8]) -> std::result::Result<(), String> {
        for field in Fields::new(bytes) {
            match field? {
                (3, Value::Number(n)) => self.model_type = n,
                (24, Value::Number(n)) => self.space_is_suffix = n != 0,
                (41, Value::Number(n)) => self.bos = n as i64,
                (42, Value::Number(n)) => self.eos = n as i64,
                _ => {}
            }
        }
        Ok(())
    }
}

/// False where spaces are not written as `▁`.
fn read_normalizer(bytes: &[u8], spec: &mut SentencePiece) -> std::result::Result<bool, String> {
    let mut escapes = true;
    for field in Fields::new(bytes) {
        match field? {
            (2, Value::Bytes(charsmap)) => spec.charsmap = charsmap.to_vec(),
            (3, Value::Number(0)) => spec.adds_space = AddsSpace::Never,
            (3, Value::Number(_)) => spec.adds_space = AddsSpace::Always,
            (4, Value::Number(n)) => spec.removes_extra_spaces = n != 0,
            (5, Value::Number(n)) => escapes = n != 0,
            (2..=5, _) => return Err("A field of the normalizer is not of its kind.".to_owned()),
            _ => {}
        }
    }
    Ok(escapes)
}
