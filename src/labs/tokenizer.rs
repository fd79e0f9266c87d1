//! A vocabulary at work: text to token ids and back.

mod code_points;
mod compare;
mod dropped;
mod encoded;
mod engine;
mod languages;
mod merge_tree;
mod neighbours;

pub use code_points::{code_point, name_of};
pub use compare::lone_cuts;
pub use dropped::{Dropped, open_dropped};
pub use encoded::Encoded;
pub use languages::{LANGUAGES, Language};
pub use merge_tree::{MAX_TREE_BYTES, MergeTree, Moment, Node};
pub(in crate::labs) use neighbours::embedding_rows;
pub use neighbours::{EmbeddingTable, Neighbour};

pub use crate::algo::bpe::MergeStep;
use crate::files::vocabulary::{Vocabulary, builtin};
use crate::files::{embedded, manifest};
use crate::refusal::{Refusal, Result};
pub use engine::Before;
use engine::Engine;
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
    engine: Engine,
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
        let special_ids: HashSet<u32> = vocabulary
            .special_tokens
            .iter()
            .map(|(id, _)| *id)
            .collect();
        let engine = Engine::new(&vocabulary, &special_ids)?;
        let by_text = vocabulary.special_tokens.iter();
        let mut specials: Vec<_> = by_text
            .filter(|(_, text)| !text.is_empty())
            .map(|(id, text)| (text.as_bytes().to_vec(), *id))
            .collect();
        specials.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Ok(Self {
            vocabulary,
            engine,
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
        if let Some((_, vocabulary)) = embedded::language_model(name_or_path)? {
            return Self::new(vocabulary);
        }
        let path = manifest::resolve(name_or_path, &manifest::folders())?;
        let is_name = path.extension().is_none() && path.components().count() == 1;
        if is_name && !path.exists() {
            return Err(Refusal::unchanged(
                format!("There is no vocabulary “{name_or_path}”"),
                "It is none of gpt2, cl100k and o200k, no model known by name, and no file.",
                "Choose one of these, smollm2, stories, sort, or the path of a model or vocabulary file.",
            ));
        }
        Self::new(Vocabulary::open(&path)?)
    }

    /// The ids of `text`.
    #[must_use]
    pub fn encode(&self, text: &str, specials: Specials) -> Vec<u32> {
        let mut ids = Vec::with_capacity(text.len() / 4 + 1);
        self.each_stretch(text, specials, |stretch, special| match special {
            Some(id) => ids.push(id),
            None => (self.engine).encode(&text[stretch.clone()], Before::at(&stretch), &mut ids),
        });
        ids
    }

    /// The ids of `text` with the bytes each came from. Together they cover the text, but for bytes
    /// the vocabulary has no token for, and spaces it drops.
    #[must_use]
    pub fn pieces(&self, text: &str, specials: Specials) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(text.len() / 4 + 1);
        self.each_stretch(text, specials, |stretch, special| {
            let Range { start, end } = stretch;
            if let Some(id) = special {
                pieces.push(Piece { id, start, end });
            } else {
                let before = Before::at(&(start..end));
                self.engine
                    .pieces(self, text, start..end, before, &mut pieces);
            }
        });
        pieces
    }

    /// The words that become tokens each by itself, as byte ranges of `text`, special tokens left
    /// out.
    #[must_use]
    pub fn words(&self, text: &str, specials: Specials) -> Vec<Range<usize>> {
        let mut words = Vec::new();
        self.each_stretch(text, specials, |stretch, special| {
            if special.is_none() {
                let cut = self.engine.words(&text[stretch.clone()]);
                words.extend(cut.map(|w| stretch.start + w.start..stretch.start + w.end));
            }
        });
        words
    }

    /// Every merge that made `word` (one of [`Self::words`]) into tokens, from single bytes on, or
    /// from characters in a SentencePiece vocabulary, which may put a space first: what comes `before`
    /// the word decides.
    #[must_use]
    pub fn steps(&self, word: &str, before: Before) -> Vec<MergeStep> {
        self.engine.steps(word, before)
    }

    /// The bytes that `ids` stand for. They need not be UTF-8: a character may be cut. The space that
    /// a SentencePiece vocabulary puts before a text is taken away.
    ///
    /// # Errors
    /// An id that the vocabulary does not have.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        let mut has_space_put = self.engine.puts_space(Before::Nothing);
        for &id in ids {
            let token = self.token_bytes(id);
            if token.is_empty() {
                return Err(self.refuse_id(id));
            }
            let is_special = self.is_special(id);
            let put = has_space_put && !is_special && token.starts_with(b" ");
            bytes.extend_from_slice(&token[usize::from(put)..]);
            // Of spaces at the start none is kept where encoding drops them.
            let all = put && token.len() == 1 && self.engine.drops_spaces();
            has_space_put = all || is_special && self.engine.puts_space(Before::Special);
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
        let unknown = text.bytes().filter(|&byte| !self.engine.knows(byte));
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
            self.engine.each_merge(|new, rank| {
                if let Some(slot) = ranks.get_mut(new as usize) {
                    *slot = rank.min(*slot);
                }
            });
            ranks
        });
        let rank = ranks.get(id as usize).copied();
        rank.filter(|&rank| rank != u32::MAX)
    }

    /// The score of token `id` where scores decide, as SentencePiece has it: the pair whose piece has the
    /// highest is merged first. `None` where merges have ranks.
    #[must_use]
    pub fn score(&self, id: u32) -> Option<f64> {
        let spec = self.vocabulary.sentence_piece.as_ref()?;
        let decide = self.merges() && self.vocabulary.merges.is_empty();
        spec.scores.get(id as usize).copied().filter(|_| decide)
    }

    /// Whether it merges: the unigram models of SentencePiece do not.
    #[must_use]
    pub fn merges(&self) -> bool {
        self.engine.merges()
    }

    /// The pattern that cuts text before merging, as a regular expression for people to read.
    #[must_use]
    pub fn split_pattern(&self) -> &'static str {
        self.engine.split_pattern()
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
mod tests;
