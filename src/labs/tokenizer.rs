//! A vocabulary at work: text to token ids and back.

mod compare;
mod dropped;
mod encoded;
mod languages;
mod merge_tree;

pub use compare::lone_cuts;
pub use dropped::{Dropped, open_dropped};
pub use encoded::Encoded;
pub use languages::{LANGUAGES, Language};
pub use merge_tree::{MAX_TREE_BYTES, MergeTree, Moment, Node};

use crate::algo::bpe::Bpe;
pub use crate::algo::bpe::MergeStep;
use crate::algo::split::Split;
use crate::files::vocabulary::{Vocabulary, builtin};
use crate::files::{embedded, manifest};
use crate::refusal::{Refusal, Result};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

/// What to do with the text of a special token, such as `<|endoftext|>`, inside a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Specials {
    /// It is text like any other: what a person's own words should be.
    AsText,
    /// It becomes the special token.
    Parse,
}

/// One token and the bytes of the text it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its id.
    pub id: u32,
    /// Where it starts in the text, in bytes. A token may start inside a character.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Text to ids and back, with one vocabulary.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    vocabulary: Vocabulary,
    split: Split,
    bpe: Bpe,
    special_ids: HashSet<u32>,
    /// Special tokens by their text, longest first.
    specials: Vec<(Vec<u8>, u32)>,
    /// By id, made when first asked for.
    merge_ranks: OnceLock<Vec<u32>>,
}

impl Tokenizer {
    /// Prepares `vocabulary` for encoding.
    ///
    /// # Errors
    /// A split pattern Glassbox does not know, or merges that contradict the tokens.
    pub fn new(vocabulary: Vocabulary) -> Result<Self> {
        let split = Split::by_name(&vocabulary.split).ok_or_else(|| {
            let known: Vec<_> = Split::ALL.iter().map(|split| split.name()).collect();
            Refusal::unchanged(
                format!(
                    "The vocabulary “{}” splits text in a way that Glassbox does not know",
                    vocabulary.name
                ),
                format!(
                    "Its pattern is “{}”; known are {}.",
                    vocabulary.split,
                    known.join(", ")
                ),
                "Choose another vocabulary or model.",
            )
        })?;
        let special_ids: HashSet<u32> = vocabulary
            .special_tokens
            .iter()
            .map(|(id, _)| *id)
            .collect();
        let with_id = vocabulary.tokens.iter().zip(0_u32..);
        let ordinary: Vec<&[u8]> = with_id
            .map(|(token, id)| {
                if special_ids.contains(&id) {
                    &[]
                } else {
                    &token[..]
                }
            })
            .collect();
        let bpe = if vocabulary.merges.is_empty() {
            Bpe::from_ranks(&ordinary)
        } else {
            let bpe = Bpe::new(&ordinary, &vocabulary.merges)?;
            match split {
                Split::Gpt2 | Split::Smollm => bpe,
                Split::Cl100k | Split::O200k => bpe.with_whole_pieces(&ordinary),
            }
        };
        let by_text = vocabulary.special_tokens.iter();
        let mut specials: Vec<_> = by_text
            .filter(|(_, text)| !text.is_empty())
            .map(|(id, text)| (text.as_bytes().to_vec(), *id))
            .collect();
        specials.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Ok(Self {
            vocabulary,
            split,
            bpe,
            special_ids,
            specials,
            merge_ranks: OnceLock::new(),
        })
    }

    /// A built-in vocabulary: "gpt2", "cl100k" or "o200k".
    #[must_use]
    pub fn built_in(name: &str) -> Option<Result<Self>> {
        Some(builtin::open(name)?.and_then(Self::new))
    }

    /// A built-in vocabulary by name, that of a model of the manifest, or a file: a model or a
    /// vocabulary.
    ///
    /// # Errors
    /// No such name or file, or what the file holds is no vocabulary.
    pub fn open(name_or_path: &str) -> Result<Self> {
        if let Some(built_in) = Self::built_in(name_or_path) {
            return built_in;
        }
        if name_or_path == embedded::NAME {
            return Self::new(embedded::vocabulary()?);
        }
        let path = manifest::resolve(name_or_path, &manifest::folders())?;
        let is_name = path.extension().is_none() && path.components().count() == 1;
        if is_name && !path.exists() {
            return Err(Refusal::unchanged(
                format!("There is no vocabulary “{name_or_path}”"),
                "It is none of gpt2, cl100k and o200k, no model known by name, and no file.",
                "Choose one of these, smollm2, stories, or the path of a model or vocabulary file.",
            ));
        }
        Self::new(Vocabulary::open(&path)?)
    }

    /// The ids of `text`.
    #[must_use]
    pub fn encode(&self, text: &str, specials: Specials) -> Vec<u32> {
        let mut ids = Vec::with_capacity(text.len() / 4 + 1);
        let mut encoder = self.bpe.encoder(text.len());
        self.each_stretch(text, specials, |stretch, special| {
            if let Some(id) = special {
                ids.push(id);
                return;
            }
            let stretch = &text[stretch];
            for piece in self.split.pieces(stretch) {
                encoder.encode(stretch.as_bytes(), piece, &mut ids);
            }
        });
        ids
    }

    /// The ids of `text` with the bytes each came from. Together they cover the text, but for bytes
    /// the vocabulary has no token for.
    #[must_use]
    pub fn pieces(&self, text: &str, specials: Specials) -> Vec<Piece> {
        let mut at = 0;
        let ids = self.encode(text, specials).into_iter();
        ids.map(|id| self.place(text, id, &mut at)).collect()
    }

    /// Where token `id` stands in `text` from byte `at` on, which moves to its end. Bytes that no
    /// token has are passed over.
    fn place(&self, text: &str, id: u32, at: &mut usize) -> Piece {
        let mut left = self.token_bytes(id).len();
        while left > 0 && *at < text.len() && !self.bpe.knows(text.as_bytes()[*at]) {
            *at += 1;
        }
        let start = *at;
        while left > 0 && *at < text.len() {
            left -= usize::from(self.bpe.knows(text.as_bytes()[*at]));
            *at += 1;
        }
        Piece {
            id,
            start,
            end: *at,
        }
    }

    /// The words BPE worked on, as byte ranges of `text`, special tokens left out.
    #[must_use]
    pub fn words(&self, text: &str, specials: Specials) -> Vec<Range<usize>> {
        let mut words = Vec::new();
        self.each_stretch(text, specials, |stretch, special| {
            if special.is_none() {
                let pieces = self.split.pieces(&text[stretch.clone()]);
                words.extend(pieces.map(|p| stretch.start + p.start..stretch.start + p.end));
            }
        });
        words
    }

    /// Every merge that made `word` (one of [`Self::words`]) into tokens, from single bytes on.
    #[must_use]
    pub fn steps(&self, word: &str) -> Vec<MergeStep> {
        self.bpe.steps(word.as_bytes())
    }

    /// The bytes that `ids` stand for. They need not be UTF-8: a character may be cut.
    ///
    /// # Errors
    /// An id that the vocabulary does not have.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for &id in ids {
            let token = self.token_bytes(id);
            if token.is_empty() {
                return Err(self.refuse_id(id));
            }
            bytes.extend_from_slice(token);
        }
        Ok(bytes)
    }

    /// The bytes of one token; empty for an id that the vocabulary does not have.
    #[must_use]
    pub fn token_bytes(&self, id: u32) -> &[u8] {
        self.vocabulary
            .tokens
            .get(id as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// Whether `id` is a special token.
    #[must_use]
    pub fn is_special(&self, id: u32) -> bool {
        self.special_ids.contains(&id)
    }

    /// What it was made from.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Bytes of `text` that the vocabulary has no token for: encoding leaves them out, as the
    /// `tokenizers` crate does. Empty for most vocabularies; `SmolLM2` lacks some control characters.
    #[must_use]
    pub fn unknown_bytes(&self, text: &str) -> Vec<u8> {
        let unknown = text.bytes().filter(|&byte| !self.bpe.knows(byte));
        let mut unknown: Vec<u8> = unknown.collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// Calls `each` with the stretches between special tokens and with the special tokens.
    fn each_stretch(
        &self,
        text: &str,
        specials: Specials,
        mut each: impl FnMut(Range<usize>, Option<u32>),
    ) {
        let mut from = 0;
        while specials == Specials::Parse
            && let Some((special, id)) = self.next_special(text, from)
        {
            if from < special.start {
                each(from..special.start, None);
            }
            from = special.end;
            each(special, Some(id));
        }
        if from < text.len() {
            each(from..text.len(), None);
        }
    }

    /// The first special token of `text` from byte `from` on; the longest where several begin.
    fn next_special(&self, text: &str, from: usize) -> Option<(Range<usize>, u32)> {
        let mut is_first = [false; 256];
        for (special, _) in &self.specials {
            is_first[usize::from(special[0])] = true;
        }
        let bytes = text.as_bytes();
        let mut begins = (from..bytes.len()).filter(|&at| is_first[usize::from(bytes[at])]);
        begins.find_map(|at| {
            let mut specials = self.specials.iter();
            let (special, id) = specials.find(|(special, _)| bytes[at..].starts_with(special))?;
            Some((at..at + special.len(), *id))
        })
    }

    /// When the merge was learned that makes token `id`: 0 is the first. `None` for single bytes and
    /// special tokens.
    #[must_use]
    pub fn merge_rank(&self, id: u32) -> Option<u32> {
        let ranks = self.merge_ranks.get_or_init(|| {
            let mut ranks = vec![u32::MAX; self.vocabulary.tokens.len()];
            for (&(_, _, new), rank) in self.bpe.merges().iter().zip(0_u32..) {
                if let Some(slot) = ranks.get_mut(new as usize) {
                    *slot = rank.min(*slot);
                }
            }
            ranks
        });
        let rank = ranks.get(id as usize).copied();
        rank.filter(|&rank| rank != u32::MAX)
    }

    /// The pattern that cuts text before merging, as a regular expression for people to read.
    #[must_use]
    pub fn split_pattern(&self) -> &'static str {
        self.split.pattern()
    }

    fn refuse_id(&self, id: u32) -> Refusal {
        Refusal::unchanged(
            format!(
                "The vocabulary “{}” has no token {id}",
                self.vocabulary.name
            ),
            format!(
                "Its ids are 0 to {}, and some may be unused.",
                self.vocabulary.tokens.len().saturating_sub(1)
            ),
            "Check that the ids were made with this vocabulary.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpt2() -> Tokenizer {
        Tokenizer::built_in("gpt2").unwrap().unwrap()
    }

    #[test]
    fn known_texts_have_the_ids_people_have_published() {
        let known: [(&str, &[u32]); 5] = [
            (" is", &[318]),
            (" quickly", &[2952]),
            (
                "Data visualization empowers users to",
                &[6601, 32704, 795, 30132, 2985, 284],
            ),
            (
                "Artificial Intelligence is transforming the",
                &[8001, 9542, 9345, 318, 25449, 262],
            ),
            (
                "As the spaceship was approaching the",
                &[1722, 262, 40663, 373, 13885, 262],
            ),
        ];
        let tokenizer = gpt2();
        for (text, ids) in known {
            assert_eq!(tokenizer.encode(text, Specials::AsText), ids, "{text}");
            assert_eq!(tokenizer.decode(ids).unwrap(), text.as_bytes());
        }
        let cl100k = Tokenizer::built_in("cl100k").unwrap().unwrap();
        assert_eq!(
            cl100k.encode("hello123!!!? (안녕하세요!) 😉", Specials::AsText),
            [
                15339, 4513, 12340, 30, 320, 31495, 230, 75265, 243, 92245, 16715, 57037
            ]
        );
    }

    #[test]
    fn pieces_touch_and_cover_the_text_even_inside_characters() {
        let text = "naïve 안녕 😉";
        let pieces = gpt2().pieces(text, Specials::AsText);
        assert_eq!(pieces.first().unwrap().start, 0);
        assert_eq!(pieces.last().unwrap().end, text.len());
        assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(
            pieces
                .iter()
                .any(|piece| !text.is_char_boundary(piece.start))
        );
    }

    #[test]
    fn special_tokens_are_text_unless_asked_for() {
        let tokenizer = gpt2();
        let text = "a<|endoftext|>b<|endoftext|";
        let ids = tokenizer.encode(text, Specials::Parse);
        assert_eq!(ids[..3], [64, 50256, 65]);
        assert!(!tokenizer.encode(text, Specials::AsText).contains(&50256));
        assert!(tokenizer.is_special(50256) && !tokenizer.is_special(64));
        assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
        assert_eq!(tokenizer.words(text, Specials::Parse)[..2], [0..1, 14..15]);
        let cl100k = Tokenizer::built_in("cl100k").unwrap().unwrap();
        assert_eq!(
            cl100k.encode("<|im_start|><|im_end|>", Specials::Parse),
            [100_264, 100_265]
        );
    }

    #[test]
    fn ids_outside_the_vocabulary_are_refused() {
        assert!(gpt2().decode(&[50256]).is_ok());
        let refusal = gpt2().decode(&[318, 50257]).unwrap_err();
        assert_eq!(refusal.what, "The vocabulary “gpt2” has no token 50257");
    }

    #[test]
    fn an_unknown_split_is_refused_by_name() {
        let mut vocabulary = gpt2().vocabulary().clone();
        vocabulary.split = "llama-bpe".into();
        let refusal = Tokenizer::new(vocabulary).unwrap_err();
        assert!(refusal.evidence.contains("llama-bpe"));
    }

    #[test]
    fn a_name_that_nothing_has_is_refused_with_those_there_are() {
        let refusal = Tokenizer::open("gpt5").unwrap_err();
        assert_eq!(refusal.what, "There is no vocabulary “gpt5”");
        assert!(refusal.evidence.contains("cl100k"));
        assert!(Tokenizer::open("a/tokenizer.json").is_err());
    }

    #[test]
    fn a_word_comes_with_its_merges() {
        let steps = gpt2().steps(" is");
        let made: Vec<_> = steps.iter().map(|step| step.new).collect();
        assert_eq!(made, [271, 318]);
    }
}
