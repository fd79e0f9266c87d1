//! SentencePiece vocabularies as `tokenizer.json` has them: pieces with their spaces as `▁`, joined
//! by merges (Llama 2, Mistral, Gemma) or chosen by their scores (T5).
//!
//! What SentencePiece does by itself, these files spell out in steps before the model: put a space
//! first, write spaces as `▁`, apply rules to characters. The steps that are known are those that
//! converters write; any other is refused by its name.

use super::super::sentence_piece::{AddsSpace, Method, Pieces, Role, SentencePiece, byte_of};
use super::super::tiktoken::base64;
use super::{File, Step, Vocab};
use crate::files::shown::shown;
use crate::files::vocabulary::merges::by_text;
use crate::files::vocabulary::{
    MAX_TOKENS, Vocabulary, contradiction, resolve_merges, unsupported,
};
use crate::refusal::Result;

/// A space as files write it.
const SPACE: &str = "\u{2581}";

/// Whether the file is of this family rather than byte-level BPE.
pub(super) fn is_of_pieces(file: &File) -> bool {
    let model = &file.model;
    let writes_spaces = |step: &Step| {
        let texts = [&step.prepend, &step.content, &step.replacement];
        texts.iter().any(|text| text.as_deref() == Some(SPACE))
    };
    let steps = [&file.normalizer, &file.pre_tokenizer];
    let mut steps = steps.iter().flat_map(|step| Step::flat(step.as_ref()));
    match model.kind.as_str() {
        "Unigram" => true,
        "BPE" | "" => model.byte_fallback || steps.any(writes_spaces),
        _ => false,
    }
}

pub(super) fn read(name: &str, file: File) -> Result<Vocabulary> {
    let mut spec = style(name, &file)?;
    let model = file.model;
    if model.ignore_merges {
        let why = "Its BPE takes whole words first (ignore_merges).";
        return Err(unsupported(name, why.to_owned()));
    }
    let mut merges = Vec::new();
    let entries: Vec<(String, f64, u32)> = match model.vocab {
        Vocab::Scores(scores) => {
            spec.method = Method::UnigramInF64;
            spec.fuse_unknown = true;
            spec.unknown = model.unk_id;
            let with_id = scores.into_iter().zip(0..);
            with_id
                .map(|((text, score), id)| (text, score, id))
                .collect()
        }
        Vocab::Ids(ids) if model.kind != "Unigram" => {
            spec.fuse_unknown = model.fuse_unk;
            let by_text = by_text(name, &ids)?;
            let parts = model.merges.iter().map(super::Merge::parts);
            merges = resolve_merges(name, &by_text, parts)?;
            if merges.is_empty() {
                return Err(contradiction(name, "It has no merges.".to_owned()));
            }
            spec.unknown = model
                .unk_token
                .as_deref()
                .and_then(|text| by_text.get(text).copied());
            ids.into_iter().map(|(text, id)| (text, 0.0, id)).collect()
        }
        _ => {
            return Err(contradiction(
                name,
                "Its pieces have no ids or scores.".to_owned(),
            ));
        }
    };
    let unknown = spec.unknown;
    let added = file.added_tokens.into_iter();
    let mut by_id: Vec<Option<(String, f64, Role)>> = Vec::new();
    let mut put = |id: u32, entry: (String, f64, Role)| {
        let id = id as usize;
        if id >= MAX_TOKENS {
            let evidence = format!("Its token {id}, `{}`, makes no sense.", shown(&entry.0));
            return Err(contradiction(name, evidence));
        }
        if by_id.len() <= id {
            by_id.resize(id + 1, None);
        }
        by_id[id] = Some(entry);
        Ok(())
    };
    for (text, score, id) in entries {
        let role = if Some(id) == unknown {
            Role::Unknown
        } else if model.byte_fallback && byte_of(&text).is_some() {
            Role::Byte
        } else {
            Role::Text
        };
        put(id, (text, score, role))?;
    }
    for token in added.filter(|token| Some(token.id) != unknown) {
        put(token.id, (token.content, 0.0, Role::Control))?;
    }
    let mut pieces = Pieces {
        spec,
        ..Pieces::default()
    };
    for entry in by_id {
        let (text, score, role) = entry.unwrap_or((String::new(), 0.0, Role::Unused));
        pieces.push(name, &text, score, role)?;
    }
    let mut vocabulary = pieces.finish(name)?;
    vocabulary.merges = merges;
    Ok(vocabulary)
}

/// What the steps before the model do to a text.
fn style(name: &str, file: &File) -> Result<SentencePiece> {
    let refuse = |step: &Step| {
        let what = format!(
            "Before encoding it changes the text by {}.",
            shown(&step.kind)
        );
        Err(unsupported(name, what))
    };
    let mut spec = SentencePiece {
        adds_space: AddsSpace::Never,
        ..SentencePiece::default()
    };
    let (mut writes_spaces, mut strips, mut joins_spaces) = (false, false, false);
    for step in Step::flat(file.normalizer.as_ref()) {
        let pattern = step.pattern.as_ref();
        let text = pattern.and_then(|p| p.text.as_deref());
        let regex = pattern.and_then(|p| p.regex.as_deref());
        let content = step.content.as_deref();
        match step.kind.as_str() {
            "Prepend" if step.prepend.as_deref() == Some(SPACE) => {
                spec.adds_space = AddsSpace::Always;
            }
            "Replace" if text == Some(" ") && content == Some(SPACE) => writes_spaces = true,
            "Replace" if regex == Some(" {2,}") && matches!(content, Some(" " | SPACE)) => {
                joins_spaces = true;
            }
            "Strip" => strips = true,
            "Precompiled" => {
                let charsmap = step.precompiled_charsmap.as_deref().unwrap_or("");
                spec.charsmap = base64(charsmap.as_bytes()).ok_or_else(|| {
                    contradiction(name, "Its table of characters is not base64.".to_owned())
                })?;
            }
            _ => return refuse(step),
        }
    }
    let mut splits_words = false;
    for step in Step::flat(file.pre_tokenizer.as_ref()) {
        let text = step.pattern.as_ref().and_then(|p| p.text.as_deref());
        match step.kind.as_str() {
            "Metaspace" if step.replacement.as_deref() == Some(SPACE) => {
                writes_spaces = true;
                spec.splits_spaces = step.split != Some(false);
                spec.adds_space = match step.prepend_scheme.as_deref() {
                    _ if step.add_prefix_space == Some(false) => AddsSpace::Never,
                    Some("never") => AddsSpace::Never,
                    Some("first") => AddsSpace::AtStartUnlessThere,
                    _ => AddsSpace::UnlessThere,
                };
            }
            "WhitespaceSplit" if !spec.charsmap.is_empty() => splits_words = true,
            // There is no space left to split at.
            "Split" if text == Some(" ") && writes_spaces => {}
            _ => return refuse(step),
        }
    }
    if !writes_spaces {
        let why = "It does not write spaces as ▁.";
        return Err(unsupported(name, why.to_owned()));
    }
    if strips != joins_spaces {
        let why = "It drops some of the spaces.";
        return Err(unsupported(name, why.to_owned()));
    }
    spec.removes_extra_spaces = strips || splits_words;
    Ok(spec)
}
