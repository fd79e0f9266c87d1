//! What is asked of a space, and what it answers.

use super::plane::Plane;
use super::{Metric, Mistake};
use crate::refusal::Refusal;
use std::ops::Range;

/// How long a word's vector is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Every vector is brought to length 1 first, so every word has the same say; as word2vec and
    /// gensim do. Cosine, dot product and distance then agree about who is nearest.
    #[default]
    Unit,
    /// As the file has them.
    Raw,
}

/// How an expression is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What “near” means.
    pub metric: Metric,
    /// How long the vectors are taken to be.
    pub scale: Scale,
    /// How many words that are no inputs to find.
    pub top: usize,
    /// A word whose rank is wanted.
    pub expected: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            metric: Metric::Cosine,
            scale: Scale::Unit,
            top: 10,
            expected: None,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The expression has a mistake, here.
    Mistake(Mistake),
    /// The vectors are no longer what was checked, as when a mapped file was changed.
    Refused(Refusal),
    /// It was stopped.
    Stopped,
}

impl Wrong {
    /// For where a place in the text cannot be shown.
    #[must_use]
    pub fn refusal(&self, expression: &str) -> Refusal {
        let mistake = match self {
            Self::Mistake(mistake) => mistake,
            Self::Refused(refusal) => return refusal.clone(),
            Self::Stopped => {
                return Refusal::unchanged(
                    "The search was stopped",
                    "Not every word was looked at, so the nearest are not known.",
                    "Ask again.",
                );
            }
        };
        let column = expression[..mistake.at.start].chars().count() + 1;
        let shown: String = expression[mistake.at.clone()].chars().take(60).collect();
        Refusal::new(
            mistake.what.trim_end_matches('.'),
            if shown.trim().is_empty() {
                "The expression is empty.".to_owned()
            } else {
                format!("It is at character {column} of the expression: {shown}")
            },
            "There is no answer yet; the vectors are still there.",
            "Write words with + and -, for example \"king - man + woman\"; numbers and brackets \
             weigh them: \"(paris - france) * 0.8 + italy\".",
        )
    }
}

/// A word of the expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// As the set has it.
    pub word: String,
    /// Its place in the set.
    pub index: usize,
    /// What it is multiplied by.
    pub weight: f64,
    /// The length of its vector in the file.
    pub length: f64,
    /// Where it is written.
    pub at: Vec<Range<usize>>,
}

/// A word that the set does not have; it was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// As it is written.
    pub word: String,
    /// Where.
    pub at: Vec<Range<usize>>,
    /// Words that are spelled like it.
    pub suggestions: Vec<String>,
}

/// A word near the answer. All three numbers are of the vectors as [`Options::scale`] takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// Its place in the set.
    pub index: usize,
    /// The word.
    pub word: String,
    /// −1 to 1; not a number where one of the two has no direction.
    pub cosine: f64,
    /// The dot product.
    pub dot: f64,
    /// The distance.
    pub euclid: f64,
    /// The length of its vector in the file.
    pub length: f64,
    /// Whether it is a word of the expression.
    pub is_input: bool,
}

impl Near {
    /// The number that the metric orders by.
    #[must_use]
    pub fn score(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Cosine => self.cosine,
            Metric::Dot => self.dot,
            Metric::Euclid => self.euclid,
        }
    }
}

/// The rank of a word; 1 is the nearest.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The word and its scores.
    pub near: Near,
    /// Its rank with the inputs struck out; `None` where it is one.
    pub rank: Option<usize>,
    /// Its rank among all words.
    pub rank_with_inputs: usize,
}

/// What became of the word that was expected.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Where it stands.
    Ranked(Ranked),
    /// The set does not have it.
    Unknown(Unknown),
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The words, in the order in which they are written.
    pub terms: Vec<Term>,
    /// Words that were left out.
    pub unknown: Vec<Unknown>,
    /// The sum.
    pub vector: Vec<f32>,
    /// Its length.
    pub length: f64,
    /// The nearest words, nearest first: as many as were asked for, and between them the inputs that
    /// are as near.
    pub nearest: Vec<Near>,
    /// The word that was expected.
    pub expected: Option<Expected>,
    /// The words, the sum and the answer drawn on a plane; `None` for very long expressions.
    pub plane: Option<Plane>,
    /// How many words were looked at: all.
    pub n_searched: usize,
}
