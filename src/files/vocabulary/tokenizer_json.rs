//! `tokenizer.json` of Hugging Face's `tokenizers`, where it describes byte-level BPE, or
//! SentencePiece's BPE or unigram model (`pieces`).

mod pieces;

use super::merges::{by_text, ids_by_token, tokens_of};
use super::{
    MAX_MERGES, MAX_TOKEN_BYTES, MAX_TOKENS, Vocabulary, contradiction, resolve_merges, unsupported,
};
use crate::files::limited;
use crate::files::shown::{shortened, shown};
use crate::files::source::Source;
use crate::refusal::Result;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

const MAX_CONFIG_BYTES: u64 = 2 << 20;

// What is not named here is skipped without being kept.
#[derive(Deserialize)]
struct File {
    #[serde(default, deserialize_with = "limited::list::<65536, _, _>")]
    added_tokens: Vec<Added>,
    normalizer: Option<Step>,
    pre_tokenizer: Option<Step>,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
}

/// A step before BPE: a normalizer or a pre-tokenizer.
#[derive(Deserialize)]
struct Step {
    #[serde(rename = "type", default)]
    kind: String,
    pattern: Option<Pattern>,
    behavior: Option<String>,
    invert: Option<bool>,
    use_regex: Option<bool>,
    add_prefix_space: Option<bool>,
    individual_digits: Option<bool>,
    #[serde(default, deserialize_with = "limited::list::<16, _, _>")]
    pretokenizers: Vec<Step>,
    #[serde(default, deserialize_with = "limited::list::<16, _, _>")]
    normalizers: Vec<Step>,
    prepend: Option<String>,
    content: Option<String>,
    precompiled_charsmap: Option<String>,
    replacement: Option<String>,
    prepend_scheme: Option<String>,
    split: Option<bool>,
}

impl Step {
    /// Whether this split makes of a text, all of which the pattern matches, the matches.
    fn keeps_all(&self) -> bool {
        matches!(
            (self.behavior.as_deref(), self.invert),
            (Some("Isolated"), None | Some(false)) | (Some("Removed"), Some(true))
        )
    }

    /// The steps of a sequence, or this one alone.
    fn flat(step: Option<&Self>) -> &[Self] {
        match step {
            Some(step) if step.kind != "Sequence" => std::slice::from_ref(step),
            Some(step) if step.normalizers.is_empty() => &step.pretokenizers,
            Some(step) => &step.normalizers,
            None => &[],
        }
    }
}

#[derive(Deserialize)]
struct Pattern {
    #[serde(rename = "Regex")]
    regex: Option<String>,
    #[serde(rename = "String")]
    text: Option<String>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    vocab: Vocab,
    unk_id: Option<u32>,
    unk_token: Option<String>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    ignore_merges: bool,
    #[serde(default, deserialize_with = "limited::list::<MAX_MERGES, _, _>")]
    merges: Vec<Merge>,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    continuing_subword_prefix: Option<String>,
    #[serde(default)]
    end_of_word_suffix: Option<String>,
}

/// Ids by token in BPE, and scores in the order of the ids in the unigram model.
#[derive(Default)]
enum Vocab {
    #[default]
    Missing,
    Ids(Vec<(String, u32)>),
    Scores(Vec<(String, f64)>),
}

impl<'de> Deserialize<'de> for Vocab {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vocab;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of ids, or a list of pieces and scores")
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> std::result::Result<Vocab, M::Error> {
                ids_by_token(MapAccessDeserializer::new(map)).map(Vocab::Ids)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> std::result::Result<Vocab, S::Error> {
                let list = SeqAccessDeserializer::new(seq);
                limited::list::<MAX_TOKENS, _, _>(list).map(Vocab::Scores)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// `"Ġ t"` in older files, `["Ġ", "t"]` in newer ones.
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Line(Box<str>),
    Pair(Box<str>, Box<str>),
}

impl Merge {
    fn parts(&self) -> Option<(&str, &str)> {
        match self {
            Self::Line(line) => line.split_once(' '),
            Self::Pair(left, right) => Some((left, right)),
        }
    }
}

/// Reads it, and the `tokenizer_config.json` beside it where there is one.
pub(super) fn read(source: &Source) -> Result<Vocabulary> {
    let name = source.name();
    let file: File = {
        let json = source.read(0, source.len())?;
        serde_json::from_slice(&json)
            .map_err(|e| source.damaged("tokenizer.json", format!("It does not hold: {e}.")))?
    };
    let mut vocabulary = if pieces::is_of_pieces(&file) {
        pieces::read(name, file)?
    } else {
        of_bytes(name, file)?
    };
    read_config(source, &mut vocabulary)?;
    vocabulary.checked(name)
}

/// Byte-level BPE.
fn of_bytes(name: &str, file: File) -> Result<Vocabulary> {
    check_model(name, &file)?;
    let split = split_of(name, file.pre_tokenizer.as_ref())?;
    let Vocab::Ids(mut ids) = file.model.vocab else {
        return Err(contradiction(name, "Its tokens have no ids.".to_owned()));
    };
    let merges = resolve_merges(
        name,
        &by_text(name, &ids)?,
        file.model.merges.iter().map(Merge::parts),
    )?;
    // An added token may be in the vocabulary already; it is special either way.
    let (mut tokens, mut special_tokens) = {
        let added: std::collections::HashSet<u32> =
            file.added_tokens.iter().map(|a| a.id).collect();
        ids.retain(|(_, id)| !added.contains(id));
        tokens_of(name, &ids)?
    };
    special_tokens.clear();
    for Added { id, content } in file.added_tokens {
        if id as usize >= MAX_TOKENS || content.is_empty() || content.len() > MAX_TOKEN_BYTES {
            return Err(contradiction(
                name,
                format!(
                    "The added token {id}, `{}`, makes no sense.",
                    shown(&content)
                ),
            ));
        }
        if tokens.len() <= id as usize {
            tokens.resize(id as usize + 1, Vec::new());
        }
        tokens[id as usize] = content.as_bytes().to_vec();
        special_tokens.push((id, content));
    }
    Ok(Vocabulary {
        name: name.to_owned(),
        tokens,
        merges,
        special_tokens,
        split: split.to_owned(),
        takes_whole_pieces: file.model.ignore_merges,
        ..Vocabulary::default()
    })
}

fn check_model(name: &str, file: &File) -> Result<()> {
    let model = &file.model;
    // Old files do not name the model; only BPE has merges.
    let is_bpe = model.kind == "BPE" || model.kind.is_empty() && !model.merges.is_empty();
    if !is_bpe {
        return Err(unsupported(
            name,
            format!(
                "Its model is {}; BPE and Unigram work.",
                shown(if model.kind.is_empty() {
                    "not named"
                } else {
                    &model.kind
                })
            ),
        ));
    }
    let affix = |affix: &Option<String>| affix.as_ref().is_some_and(|a| !a.is_empty());
    if affix(&model.continuing_subword_prefix) || affix(&model.end_of_word_suffix) {
        return Err(unsupported(
            name,
            "Its BPE marks the parts of words.".to_owned(),
        ));
    }
    if let Some(normalizer) = &file.normalizer {
        return Err(unsupported(
            name,
            format!(
                "It changes the text before encoding it ({}).",
                shown(&normalizer.kind)
            ),
        ));
    }
    Ok(())
}

/// Which split pattern the pre-tokenizer stands for.
fn split_of(name: &str, pre_tokenizer: Option<&Step>) -> Result<&'static str> {
    let steps = Step::flat(pre_tokenizer);
    let kinds: Vec<&str> = steps.iter().map(|step| &*step.kind).collect();
    let unknown = || {
        let how = if kinds.is_empty() {
            "nothing".into()
        } else {
            shown(&kinds.join(" and "))
        };
        unsupported(name, format!("Before BPE it splits text by {how}."))
    };
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return Err(unknown());
    };
    if last.kind != "ByteLevel" || last.add_prefix_space == Some(true) {
        return Err(unknown());
    }
    let by_gpt2 = last.use_regex != Some(false);
    match kinds[..] {
        ["ByteLevel"] if by_gpt2 => Ok("gpt2"),
        ["Digits", "ByteLevel"] if by_gpt2 && first.individual_digits == Some(true) => Ok("smollm"),
        ["Split", "ByteLevel"] if !by_gpt2 && first.keeps_all() => {
            let regex = first
                .pattern
                .as_ref()
                .and_then(|p| p.regex.as_deref())
                .unwrap_or("");
            let known = PATTERNS.iter().find(|(pattern, _)| *pattern == regex);
            known.map(|&(_, split)| split).ok_or_else(|| {
                let regex = shortened(regex, 160);
                unsupported(
                    name,
                    format!("It splits text by a pattern of its own: {regex}"),
                )
            })
        }
        _ => Err(unknown()),
    }
}

/// Split patterns as `tokenizer.json` files spell them.
const PATTERNS: [(&str, &str); 6] = [
    // As Glassbox saves it: tiktoken's own.
    (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+\z|\s*[\r\n]|\s+(?!\S)|\s",
        "cl100k",
    ),
    (
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        "gpt2",
    ),
    (
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        "gpt2",
    ),
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "llama3",
    ),
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "qwen2",
    ),
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "o200k",
    ),
];

/// Begin, end and chat template are in a second file.
pub(super) fn read_config(source: &Source, vocabulary: &mut Vocabulary) -> Result<()> {
    let path = source.path().with_file_name("tokenizer_config.json");
    // A file named for one model (`stories.tokenizer.json`) has no share in its folder's config.
    if !source.is_file()
        || !["tokenizer.json", "tokenizer.model"]
            .iter()
            .any(|name| source.path().file_name() == Some(name.as_ref()))
        || !path.is_file()
    {
        return Ok(());
    }
    let config = Source::open(&path)?;
    if config.len() > MAX_CONFIG_BYTES {
        return Err(config.damaged("tokenizer_config.json", "It has more than 2 MB."));
    }
    let json: Value = serde_json::from_slice(&config.read(0, config.len())?)
        .map_err(|e| config.damaged("tokenizer_config.json", format!("It does not hold: {e}.")))?;
    let token = |key: &str| {
        let text = json[key].as_str().or(json[key]["content"].as_str())?;
        vocabulary.special(text)
    };
    let (bos, eos) = (token("bos_token"), token("eos_token"));
    vocabulary.bos = bos.or(vocabulary.bos);
    vocabulary
        .eos
        .extend(eos.filter(|id| !vocabulary.eos.contains(id)));
    vocabulary.add_bos = json["add_bos_token"].as_bool().unwrap_or(false);
    vocabulary.chat_template = json["chat_template"].as_str().map(str::to_owned);
    Ok(())
}
