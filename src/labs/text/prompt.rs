//! From what a person wrote to what the model really sees.

use super::LoadedText;
use crate::labs::chat::{self, Message};
use crate::labs::tokenizer::{Specials, Tokenizer};
use crate::refusal::{Refusal, Result};

/// What the model really sees of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// The text, the template filled in and control tokens written out.
    pub text: String,
    /// The same as tokens.
    pub ids: Vec<u32>,
    /// What a person should know about how it came about.
    pub notes: Vec<String>,
}

/// A text as it is. A control token written out (`<|im_end|>`) becomes that token, as it would for
/// any program that feeds the model; the view colours it. An empty text becomes the token that
/// starts one, where the model has it.
///
/// # Errors
/// Without a tokenizer, when the text is not a list of ids.
pub fn read_raw(loaded: &LoadedText, text: &str) -> Result<Seen> {
    let Some(tokenizer) = &loaded.tokenizer else {
        return read_ids(loaded, &parse_ids(text)?);
    };
    let mut seen = Seen {
        text: text.to_owned(),
        ids: tokenizer.encode(text, Specials::Parse),
        notes: Vec::new(),
    };
    let vocabulary = tokenizer.vocabulary();
    let bos = vocabulary.bos.filter(|bos| seen.ids.first() != Some(bos));
    if vocabulary.add_bos
        && let Some(bos) = bos
    {
        prepend(&mut seen, tokenizer, bos);
        seen.notes
            .push("This model's texts begin with its start token; it was added.".into());
    } else if seen.ids.is_empty()
        && let Some(start) = vocabulary.bos.or_else(|| vocabulary.eos.first().copied())
    {
        prepend(&mut seen, tokenizer, start);
        seen.notes
            .push("The prompt is empty, so the model starts from its start token.".into());
    }
    Ok(seen)
}

/// A conversation, through the model's own chat template; the model's turn is next.
///
/// # Errors
/// Without a tokenizer, or when neither the template nor its fallback can be filled in.
pub fn read_chat(loaded: &LoadedText, messages: &[Message]) -> Result<Seen> {
    let Some(tokenizer) = &loaded.tokenizer else {
        return Err(Refusal::unchanged(
            "This model cannot chat",
            "It came without a tokenizer, so it knows ids and no words.",
            "Write a list of ids as the prompt, or load a model with a tokenizer.",
        ));
    };
    let vocabulary = tokenizer.vocabulary();
    let name = |id: Option<u32>| {
        id.map_or_else(String::new, |id| {
            String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned()
        })
    };
    let rendered = chat::render(
        vocabulary.chat_template.as_deref(),
        messages,
        &name(vocabulary.bos),
        &name(vocabulary.eos.first().copied()),
    )?;
    Ok(Seen {
        ids: tokenizer.encode(&rendered.text, Specials::Parse),
        text: rendered.text,
        notes: rendered.fell_back.into_iter().collect(),
    })
}

/// Ids as they are, for a model without a tokenizer or a person who wants exactly these.
///
/// # Errors
/// Never so far; an id outside the vocabulary is refused when generating.
pub fn read_ids(loaded: &LoadedText, ids: &[u32]) -> Result<Seen> {
    let known = |id: u32| (id as usize) < loaded.config.vocab_size;
    let bytes: Vec<u8> = ids
        .iter()
        .filter(|&&id| known(id))
        .flat_map(|&id| loaded.token_bytes(id))
        .collect();
    Ok(Seen {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        ids: ids.to_vec(),
        notes: Vec::new(),
    })
}

fn prepend(seen: &mut Seen, tokenizer: &Tokenizer, id: u32) {
    seen.ids.insert(0, id);
    let name = String::from_utf8_lossy(tokenizer.token_bytes(id));
    seen.text.insert_str(0, &name);
}

/// `0,1,2` or `0 1 2`.
fn parse_ids(text: &str) -> Result<Vec<u32>> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace());
    words
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.parse().map_err(|_| {
                Refusal::unchanged(
                    "This model came without a tokenizer, so its prompt is a list of ids",
                    format!("“{word}” is not a token id."),
                    "Write whole numbers with commas or spaces between them: 0, 1, 2.",
                )
            })
        })
        .collect()
}
