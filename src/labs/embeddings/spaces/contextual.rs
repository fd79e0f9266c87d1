//! One word in two sentences, layer by layer: at the bottom of a language model its vector is the same
//! in both; with every block the sentence shapes it further.
//!
//! What is compared is the residual stream at the word's last token, which has read the whole word.

use crate::labs::embeddings::cosine;
use crate::labs::text::LoadedText;
use crate::labs::tokenizer::{Specials, Tokenizer};
use crate::models::LogitsFor;
use crate::nn::hooks::{Capture, Site};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::ops::{ControlFlow, Range};

/// A word and two sentences it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// The word.
    pub word: String,
    /// The sentences.
    pub sentences: [String; 2],
}

/// A sentence as the model read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The text of each token, after the start token where one was put before it.
    pub tokens: Vec<String>,
    /// Which of them are the word.
    pub word: Range<usize>,
}

/// The word's vector in both sentences, from the embedding up.
#[derive(Debug, Clone, PartialEq)]
pub struct Contextual {
    /// The sentences as they were read.
    pub read: [Read; 2],
    /// The names of the places: "embedding", "after block 1", ….
    pub places: Vec<String>,
    /// The cosine between the word's two vectors at each place.
    pub cosine: Vec<f64>,
    /// The mean cosine at each place between the word in one sentence and all other words of the other:
    /// what any two words have in common there.
    pub others: Vec<f64>,
    /// The lengths of the two vectors at each place.
    pub lengths: Vec<[f64; 2]>,
}

/// Reads both sentences and holds the word's vectors against each other.
///
/// # Errors
/// The model has no tokenizer, the word is not in both sentences, or a sentence is too long.
pub fn compare(
    loaded: &LoadedText,
    question: &Question,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Contextual>> {
    let Some(tokenizer) = &loaded.tokenizer else {
        return Err(Refusal::unchanged(
            "This model came without a tokenizer",
            "It knows ids and no words, so no word can be found in a sentence.",
            "Put its tokenizer.json beside it, or choose another model.",
        ));
    };
    let n_layers = loaded.config.n_layers;
    let mut read = Vec::new();
    let mut streams = Vec::new();
    for (i, sentence) in question.sentences.iter().enumerate() {
        let (ids, tokens, word) = find(tokenizer, sentence, &question.word)?;
        if ids.len() > loaded.n_ctx {
            return Err(too_long(ids.len(), loaded.n_ctx));
        }
        let blocks = (0..n_layers).map(Site::ResidPost);
        let mut capture = Capture::of([Site::Embed].into_iter().chain(blocks));
        loaded.look_inside(&ids, LogitsFor::Last, &mut capture)?;
        streams.push(stream(&capture, n_layers)?);
        read.push(Read { tokens, word });
        if emit((i + 1) as f32 * 0.5).is_break() {
            return Ok(None);
        }
    }
    let (Ok([first, second]), Ok([a, b])) = (
        <[Read; 2]>::try_from(read),
        <[Vec<Vec<Vec<f32>>>; 2]>::try_from(streams),
    ) else {
        return Ok(None);
    };
    let at = [first.word.end - 1, second.word.end - 1];
    let places = a.iter().zip(&b);
    let length = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let held = |(a, b): (&Vec<Vec<f32>>, &Vec<Vec<f32>>)| {
        let (x, y) = (&a[at[0]], &b[at[1]]);
        let others = others(x, b, &second.word).chain(others(y, a, &first.word));
        let others: Vec<f64> = others.collect();
        let mean = others.iter().sum::<f64>() / others.len().max(1) as f64;
        (cosine(x, y), mean, [length(x), length(y)])
    };
    let held: Vec<_> = places.map(held).collect();
    let names = (1..=n_layers).map(|block| format!("after block {block}"));
    Ok(Some(Contextual {
        read: [first, second],
        places: ["embedding".to_owned()].into_iter().chain(names).collect(),
        cosine: held.iter().map(|(cosine, ..)| *cosine).collect(),
        others: held.iter().map(|(_, others, _)| *others).collect(),
        lengths: held.iter().map(|(.., lengths)| *lengths).collect(),
    }))
}

/// The cosines to the other tokens of a sentence; its first is left out, because models use the first
/// position as a place to rest and give it a vector unlike all others.
fn others<'a>(
    x: &'a [f32],
    stream: &'a [Vec<f32>],
    word: &'a Range<usize>,
) -> impl Iterator<Item = f64> + 'a {
    let tokens = stream.iter().enumerate().skip(1);
    let others = tokens.filter(|(i, _)| !word.contains(i));
    others.map(|(_, y)| cosine(x, y))
}

/// Place by place, token by token.
fn stream(capture: &Capture, n_layers: usize) -> Result<Vec<Vec<Vec<f32>>>> {
    let sites = [Site::Embed]
        .into_iter()
        .chain((0..n_layers).map(Site::ResidPost));
    let rows = |site: Site| {
        let Some(x) = capture.get(site) else {
            return Err(Refusal::unchanged(
                "The model did not pass a place that was asked for",
                format!("It is `{site}`."),
                "Choose another model.",
            ));
        };
        x.to_vec2::<f32>().map_err(|error| math_refusal(&error))
    };
    sites.map(rows).collect()
}

/// A sentence as ids and as tokens, behind the model's start token where it has one, and the tokens of
/// the word.
fn find(
    tokenizer: &Tokenizer,
    sentence: &str,
    word: &str,
) -> Result<(Vec<u32>, Vec<String>, Range<usize>)> {
    let Some(bytes) = whole_word(sentence, word) else {
        return Err(Refusal::unchanged(
            format!("“{word}” is not in the sentence"),
            format!("The sentence is “{sentence}”."),
            "Write a word that stands in both sentences.",
        ));
    };
    let pieces = tokenizer.pieces(sentence, Specials::AsText);
    let vocabulary = tokenizer.vocabulary();
    let start = vocabulary.bos.or_else(|| vocabulary.eos.first().copied());
    let mut ids: Vec<u32> = start.into_iter().collect();
    let mut tokens: Vec<String> = ids.iter().map(|_| "start".to_owned()).collect();
    let mut inside: Option<Range<usize>> = None;
    for piece in pieces {
        if piece.start < bytes.end && piece.end > bytes.start {
            let start = inside.map_or(ids.len(), |inside| inside.start);
            inside = Some(start..ids.len() + 1);
        }
        ids.push(piece.id);
        let text = String::from_utf8_lossy(&sentence.as_bytes()[piece.start..piece.end]);
        tokens.push(text.into_owned());
    }
    let inside = inside.ok_or_else(|| {
        Refusal::unchanged(
            format!("The model has no tokens for “{word}”"),
            "Its vocabulary lacks the word's letters.",
            "Choose another word or another model.",
        )
    })?;
    Ok((ids, tokens, inside))
}

/// Where a word stands by itself in a sentence, large and small letters alike.
fn whole_word(sentence: &str, word: &str) -> Option<Range<usize>> {
    let wanted = word.trim().to_lowercase();
    let is_letter = |c: char| c.is_alphanumeric() || c == '\'';
    let mut starts = sentence
        .char_indices()
        .filter(|&(at, c)| {
            let before = sentence[..at].chars().next_back();
            is_letter(c) && !before.is_some_and(is_letter)
        })
        .map(|(at, _)| at);
    if wanted.is_empty() {
        return None;
    }
    starts.find_map(|at| {
        let rest = &sentence[at..];
        let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        (rest[..end].to_lowercase() == wanted).then(|| at..at + end)
    })
}

fn too_long(n_tokens: usize, n_ctx: usize) -> Refusal {
    Refusal::unchanged(
        "The sentence is longer than the model can see at once",
        format!("It has {n_tokens} tokens; the context holds {n_ctx}."),
        "Shorten it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::compute::Compute;
    use crate::labs::text::{EMBEDDED, Source, load};

    #[test]
    fn a_word_is_found_as_a_whole() {
        assert_eq!(
            whole_word("The river bank, the bank.", "bank"),
            Some(10..14)
        );
        assert_eq!(whole_word("Bankers like banks", "bank"), None);
        assert_eq!(whole_word("A BANK", "bank"), Some(2..6));
        assert_eq!(whole_word("a", ""), None);
    }

    #[test]
    fn one_word_is_the_same_at_the_bottom_and_differs_at_the_top() {
        let source = Source::Named(EMBEDDED.into());
        let mut go_on = |_| ControlFlow::Continue(());
        let loaded = load(&source, &[], Compute::default(), &mut go_on).unwrap();
        let question = Question {
            word: "ball".into(),
            sentences: ["Tim threw the ball.", "Anna went to see the big ball."].map(String::from),
        };
        let mut go_on = |_| ControlFlow::Continue(());
        let found = compare(&loaded, &question, &mut go_on).unwrap().unwrap();
        assert_eq!(found.places.len(), loaded.config.n_layers + 1);
        assert!((found.cosine[0] - 1.0).abs() < 1e-6, "{:?}", found.cosine);
        let top = found.cosine.last().unwrap();
        assert!(*top < 0.9999 && *top > -1.0, "{:?}", found.cosine);
        assert!(found.others[0] < 0.9);
        let word = &found.read[1];
        assert_eq!(word.tokens[word.word.clone()].concat().trim(), "ball");
        // The same sentence twice is the same all the way up.
        let same = Question {
            sentences: [question.sentences[0].clone(), question.sentences[0].clone()],
            ..question.clone()
        };
        let same = compare(&loaded, &same, &mut go_on).unwrap().unwrap();
        assert!(same.cosine.iter().all(|c| (c - 1.0).abs() < 1e-6));
        let missing = Question {
            word: "moon".into(),
            ..question
        };
        assert!(compare(&loaded, &missing, &mut go_on).is_err());
    }
}
