//! What is learned from: stories told on the fly, or a person's own text.

use super::vocabulary::Encoder;
use crate::labs::story_grammar::StoryGrammar;
use crate::rng::Rng;

/// Stories that the vocabulary is learned from.
const VOCABULARY_STORIES: usize = 6000;
/// The part of a person's text that is kept aside to measure on.
const HELD_OUT: f64 = 0.05;
/// A window begins inside a story instead of at its start this often.
const INSIDE: f64 = 0.2;

/// A source of windows of tokens.
#[derive(Debug)]
pub enum Corpus {
    /// The grammar, which never runs out.
    Stories(StoryGrammar),
    /// The ids of a text, and how many of them, from the start, are learned from.
    Text {
        /// All of it.
        ids: Vec<u32>,
        /// Behind this is what is only measured on.
        n_learned: usize,
    },
}

/// Which part a window comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To learn from.
    Learned,
    /// Never learned from.
    HeldOut,
}

/// The texts of the vocabulary when the stories are told by the grammar.
pub fn vocabulary_stories(grammar: &StoryGrammar, seed: u64) -> Vec<String> {
    let mut rng = Rng::new(seed, "stories for the vocabulary");
    (0..VOCABULARY_STORIES)
        .map(|_| grammar.story(&mut rng))
        .collect()
}

impl Corpus {
    /// A person's text, already cut into documents by [`super::vocabulary::END_OF_TEXT`] or whole.
    pub fn text(text: &str, encoder: &mut Encoder) -> Self {
        let mut ids = Vec::new();
        for document in text.split(super::vocabulary::END_OF_TEXT) {
            let document = document.trim();
            if !document.is_empty() {
                encoder.encode(document, &mut ids);
                ids.push(encoder.end_of_text());
            }
        }
        let n_held_out = (ids.len() as f64 * HELD_OUT).ceil() as usize;
        let n_learned = ids.len() - n_held_out;
        Self::Text { ids, n_learned }
    }

    /// Tokens that can be learned from; `None` where there is no end of them.
    pub fn n_tokens(&self) -> Option<usize> {
        match self {
            Self::Stories(_) => None,
            Self::Text { n_learned, .. } => Some(*n_learned),
        }
    }

    /// Appends `len` consecutive tokens. The same `rng` gives the same window.
    pub fn window(
        &self,
        part: Part,
        len: usize,
        encoder: &mut Encoder,
        rng: &mut Rng,
        out: &mut Vec<u32>,
    ) {
        let end = out.len() + len;
        match self {
            Self::Stories(grammar) => {
                let start = out.len();
                let mut skip = rng.uniform() < INSIDE;
                while out.len() < end {
                    encoder.encode(&grammar.story(rng), out);
                    out.push(encoder.end_of_text());
                    if skip {
                        let n = rng.below(out.len() - start);
                        out.drain(start..start + n);
                        skip = false;
                    }
                }
                out.truncate(end);
            }
            Self::Text { ids, n_learned } => {
                let part = match part {
                    Part::Learned => &ids[..*n_learned],
                    Part::HeldOut => &ids[*n_learned..],
                };
                let start = rng.below(part.len().saturating_sub(len) + 1);
                // What is shorter than a window begins again.
                out.extend(part.iter().cycle().skip(start).take(len));
            }
        }
    }
}
