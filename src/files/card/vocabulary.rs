//! What the card says of a vocabulary.

use crate::files::shown::{count, shortened, shown};
use crate::files::vocabulary::sentence_piece::Method;
use crate::files::vocabulary::{Vocabulary, hexadecimal};

/// What is said of a vocabulary, in a sentence.
pub(super) fn note(vocabulary: &Vocabulary) -> String {
    let tokens = vocabulary.tokens.iter().filter(|token| !token.is_empty());
    let n = count(tokens.count() as u64);
    let n_special = vocabulary.special_tokens.len();
    let how = match &vocabulary.sentence_piece {
        Some(spec) if spec.method == Method::Bpe => {
            "merges across spaces, as SentencePiece's BPE does".to_owned()
        }
        Some(_) => "takes the likeliest pieces, as SentencePiece's unigram model does".to_owned(),
        None => format!("splits text as {} does", vocabulary.split),
    };
    format!("Its vocabulary has {n} tokens, {n_special} of them special, and {how}.")
}

/// What a vocabulary has, for the table of its card.
pub(super) fn numbers(vocabulary: &Vocabulary) -> Vec<(String, String)> {
    let spec = vocabulary.sentence_piece.as_ref();
    let kind = match spec.map(|spec| spec.method) {
        None => "byte-level BPE",
        Some(Method::Bpe) => "SentencePiece, BPE",
        Some(Method::Unigram | Method::UnigramInF64) => "SentencePiece, unigram",
    };
    let merges = match (spec, vocabulary.merges.len()) {
        (Some(spec), _) if spec.method != Method::Bpe => "none: pieces are chosen by scores".into(),
        (Some(_), 0) => "by the scores of pieces".into(),
        (None, 0) => "in the order of the ids".into(),
        (_, n) => n.to_string(),
    };
    let names = vocabulary
        .special_tokens
        .iter()
        .map(|(_, name)| shown(name));
    let first: Vec<String> = names.take(8).collect();
    let n_special = vocabulary.special_tokens.len();
    let special = match n_special {
        0 => "0".to_owned(),
        n if n > first.len() => format!("{n}: {} …", first.join(" ")),
        n => format!("{n}: {}", first.join(" ")),
    };
    let missing = vocabulary.missing_bytes();
    let missing = match missing.len() {
        0 => "none".to_owned(),
        256 => "all: it has characters, not bytes".to_owned(),
        n => format!("{n}: {}", hexadecimal(&missing)),
    };
    [
        ("kind", kind.to_owned()),
        ("tokens", vocabulary.tokens.len().to_string()),
        ("merges", merges),
        ("special tokens", shortened(&special, 240)),
        ("split", vocabulary.split.clone()),
        ("bytes without a token", missing),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}
