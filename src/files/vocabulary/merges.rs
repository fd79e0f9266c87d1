//! GPT-2's two files: `vocab.bpe` (or `merges.txt`), one merge a line, and `encoder.json` (or
//! `vocab.json`), the id of each token.

use super::byte_letters::{ByteLetters, bytes_in_order, letter_of};
use super::{
    MAX_FILE_BYTES, MAX_MERGES, MAX_TOKEN_BYTES, MAX_TOKENS, Vocabulary, contradiction,
    resolve_merges,
};
use crate::files::shown::{shown, size};
use crate::files::source::Source;
use crate::refusal::{Refusal, Result};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use std::collections::HashMap;
use std::fmt;

/// Reads merges; ids are those of the file beside it or, where there is none, those GPT-2's own rule
/// gives: the 256 bytes, then what each merge makes, then `<|endoftext|>`.
pub(super) fn read(source: &Source) -> Result<Vocabulary> {
    let text = read_text(source)?;
    let merges = merge_lines(&text);
    let ids = match beside(source, &["encoder.json", "vocab.json"])? {
        Some(ids) => parse_ids(&ids)?,
        None => ids_by_rule(merges.iter().flatten()),
    };
    assemble(source.name(), &ids, &merges)
}

/// Reads ids, and the merges beside them.
pub(super) fn read_beside_ids(source: &Source) -> Result<Vocabulary> {
    let Some(merges) = beside(source, &["vocab.bpe", "merges.txt"])? else {
        return Err(Refusal::unchanged(
            format!("`{}` is half a vocabulary.", source.name()),
            "It holds the tokens' ids; the merges (vocab.bpe or merges.txt) are not beside it.",
            "Put the file of merges into the same folder, then open either of the two.",
        ));
    };
    let text = read_text(&merges)?;
    assemble(source.name(), &parse_ids(source)?, &merge_lines(&text))
}

fn beside(source: &Source, names: &[&str]) -> Result<Option<Source>> {
    if !source.is_file() {
        return Ok(None);
    }
    let mut paths = names.iter().map(|name| source.path().with_file_name(name));
    let found = paths
        .find(|path| path.is_file())
        .map(|path| Source::open(&path));
    match found.transpose()? {
        Some(other) if other.len() > MAX_FILE_BYTES => {
            Err(other.damaged("vocabulary", format!("It has {}.", size(other.len()))))
        }
        other => Ok(other),
    }
}

fn read_text(source: &Source) -> Result<String> {
    let bytes = source.read(0, source.len())?.into_owned();
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        source.damaged("merges", format!("Byte {at} is not valid UTF-8."))
    })
}

fn merge_lines(text: &str) -> Vec<Option<(&str, &str)>> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("#version"));
    lines
        .map(|line| line.split_once(' '))
        .take(MAX_MERGES + 1)
        .collect()
}

fn parse_ids(source: &Source) -> Result<Vec<(String, u32)>> {
    let json = source.read(0, source.len())?;
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    let ids = ids_by_token(&mut deserializer).and_then(|ids| deserializer.end().map(|()| ids));
    ids.map_err(|e| source.damaged("vocabulary", format!("It does not hold: {e}.")))
}

/// `{"token": id, …}` in file order; a second id for a token is an error, as is a third million.
pub(super) fn ids_by_token<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Vec<(String, u32)>, D::Error> {
    struct Ids;
    impl<'de> Visitor<'de> for Ids {
        type Value = Vec<(String, u32)>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of token ids")
        }
        fn visit_map<M: MapAccess<'de>>(
            self,
            mut map: M,
        ) -> std::result::Result<Self::Value, M::Error> {
            let mut ids = Vec::new();
            while let Some(entry) = map.next_entry::<String, u32>()? {
                if ids.len() >= MAX_TOKENS || entry.1 as usize >= MAX_TOKENS {
                    return Err(M::Error::custom("more tokens than make sense"));
                }
                ids.push(entry);
            }
            Ok(ids)
        }
    }
    deserializer.deserialize_map(Ids)
}

fn ids_by_rule<'a>(merges: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Vec<(String, u32)> {
    let bytes = bytes_in_order().map(|byte| letter_of(byte).to_string());
    let made = merges.map(|(left, right)| format!("{left}{right}"));
    let end = std::iter::once("<|endoftext|>".to_owned());
    (bytes.chain(made).chain(end))
        .zip(0..)
        .take(MAX_TOKENS)
        .collect()
}

fn assemble(
    name: &str,
    ids: &[(String, u32)],
    merges: &[Option<(&str, &str)>],
) -> Result<Vocabulary> {
    let merged = resolve_merges(name, &by_text(name, ids)?, merges.iter().copied())?;
    let (tokens, special_tokens) = tokens_of(name, ids)?;
    let vocabulary = Vocabulary {
        name: if tokens.len() == 50_257 { "gpt2" } else { name }.to_owned(),
        tokens,
        merges: merged,
        special_tokens,
        split: "gpt2".to_owned(),
        ..Vocabulary::default()
    };
    vocabulary.checked(name)
}

/// The id of each token; a token or an id that is there twice is refused.
pub(super) fn by_text<'a>(name: &str, ids: &'a [(String, u32)]) -> Result<HashMap<&'a str, u32>> {
    let mut by_text = HashMap::with_capacity(ids.len());
    let mut seen = std::collections::HashSet::with_capacity(ids.len());
    for (text, id) in ids {
        if by_text.insert(&**text, *id).is_some() || !seen.insert(*id) {
            return Err(contradiction(
                name,
                format!("Token `{}` or its id {id} is there twice.", shown(text)),
            ));
        }
    }
    Ok(by_text)
}

/// The bytes of each id, and the tokens that are not spelled in GPT-2's alphabet.
#[expect(clippy::type_complexity, reason = "the two lists of a Vocabulary")]
pub(super) fn tokens_of(
    name: &str,
    ids: &[(String, u32)],
) -> Result<(Vec<Vec<u8>>, Vec<(u32, String)>)> {
    let letters = ByteLetters::new();
    let n = ids
        .iter()
        .map(|&(_, id)| id as usize + 1)
        .max()
        .unwrap_or(0);
    let mut tokens = vec![Vec::new(); n];
    let mut special = Vec::new();
    for (text, id) in ids {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(contradiction(
                name,
                format!("Token {id} has {} bytes.", text.len()),
            ));
        }
        let is_special = text.starts_with("<|") && text.ends_with("|>");
        if let Some(bytes) = letters.decode(text).filter(|_| !is_special) {
            tokens[*id as usize] = bytes;
        } else {
            tokens[*id as usize] = text.as_bytes().to_vec();
            special.push((*id, text.clone()));
        }
    }
    Ok((tokens, special))
}
