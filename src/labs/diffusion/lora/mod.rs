//! Make it yours: a model learns a new word from a handful of pictures.
//!
//! The weights of the model stay as they are. Beside its convolutions and its attention an [`Adapter`]
//! of low rank is learned (Hu et al. 2022), and the new word is one more row that is added to the
//! condition. Half of each step can be pictures that the model itself drew before, without the word, so
//! that it does not forget what it knew (prior preservation, Ruiz et al. 2023). [`run`] is the
//! experiment; each [`Event::Snapshot`] holds pictures that begin with the same noise as all others.
//! [`Adapter::applied`] gives an ordinary [`Denoiser`](super::Denoiser) that knows the word, with as much of what was learned as
//! one likes.

mod adapter;
mod examples;
mod file;
mod learner;
mod run;
mod showing;
mod source;
#[cfg(test)]
mod tests;

pub use adapter::{Adapter, Change, Entry, Pair};
pub use examples::Example;
pub use file::KIND as ADAPTER_KIND;
pub use run::run;
pub use showing::{asked, shown};
pub use source::Source;

use super::captions::{Attribute, of_faces, parse};
use crate::files::atlas::Pictures;
use crate::files::shown::shown as safe;
use crate::refusal::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the attribute is named whose one value is the new word.
pub const ATTRIBUTE: &str = "yours";
/// Letters of a word, at most.
pub const MAX_WORD: usize = 24;
/// Pictures that are learned from, at most.
pub const MAX_PICTURES: usize = 200;
/// Ranks that make sense of a network this small.
pub const RANKS: std::ops::RangeInclusive<usize> = 1..=32;

/// What to learn, from what, for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// The pictures.
    pub source: Source,
    /// The new word, in small letters.
    pub word: String,
    /// r: columns of A, rows of B.
    pub rank: usize,
    /// Steps in all.
    pub n_steps: usize,
    /// Steps between two snapshots.
    pub every: usize,
    /// How far the numbers move in a step.
    pub learning_rate: f64,
    /// Pictures of the word in a step; as many of the model's own beside them.
    pub batch: usize,
    /// Whether the model goes on drawing what it drew before.
    pub keeps_prior: bool,
    /// Pictures that the model draws for that.
    pub n_prior: usize,
    /// Whether what the judge sees on a picture is told with the word, so that the word comes to mean
    /// only what is new.
    pub is_described: bool,
    /// Whether half of the pictures are seen as in a mirror.
    pub mirror: bool,
    /// The start of everything random.
    pub seed: u64,
    /// Captions that each snapshot shows; those with a `*` are drawn with the word in its place, and
    /// then once more from the same noise without it.
    pub asked: Vec<String>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            source: Source::default(),
            word: "zork".to_owned(),
            rank: 4,
            n_steps: 1000,
            every: 200,
            learning_rate: 8e-3,
            batch: 8,
            keeps_prior: true,
            n_prior: 32,
            is_described: true,
            mirror: false,
            seed: 0,
            asked: Vec::new(),
        }
    }
}

/// One picture of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is asked for, in words.
    pub caption: String,
    /// The same as rows of the model that knows the word.
    pub rows: Vec<u32>,
    /// The noise that it begins with.
    pub seed: u64,
    /// Whether the word is in it.
    pub has_word: bool,
}

/// What learning reports while it works.
#[derive(Debug, Clone)]
pub enum Event {
    /// Part of a step was done: the moment to stop.
    Working,
    /// The pictures are read.
    Prepared(Prepared),
    /// So many of the model's own pictures are drawn, of so many.
    Drawing(usize, usize),
    /// What the model drew before it learned anything: what it is to keep.
    Prior(Arc<Pictures>),
    /// A step was taken.
    Turn(Turn),
    /// Pictures from the fixed noise.
    Snapshot(Snapshot),
}

/// What learning begins with.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The pictures, as the network sees them.
    pub pictures: Arc<Pictures>,
    /// What is told of each beside the word: rows of the model before it knew the word.
    pub rows: Vec<Vec<u32>>,
    /// Files that could not be used, by reason.
    pub left_out: Vec<String>,
    /// What each snapshot shows.
    pub asked: Vec<Asked>,
    /// Numbers to learn.
    pub n_weights: usize,
    /// Steps that lie behind it, when it goes on.
    pub n_steps_before: usize,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Turn {
    /// Its number, from 1.
    pub step: usize,
    /// Seconds of work so far.
    pub secs: f64,
    /// The mean squared error on pictures of the word, each noise level with its weight.
    pub loss: f32,
    /// The same on the model's own pictures, where it keeps them.
    pub prior_loss: Option<f32>,
    /// The part of all steps that is done, 0..=1.
    pub progress: f64,
    /// Seconds that are left.
    pub secs_left: f64,
}

/// What the model draws at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// After this step.
    pub step: usize,
    /// A picture for each of [`Prepared::asked`].
    pub pictures: Arc<Pictures>,
    /// From here learning goes on as if nothing had been in between.
    pub state: Arc<State>,
}

/// All that going on needs. Plain numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What was learned.
    pub adapter: Adapter,
    /// Seconds of work behind it.
    pub secs: f64,
    /// The loss of every step.
    pub losses: Vec<f32>,
    /// The same of the model's own pictures, where they were kept.
    pub prior_losses: Vec<f32>,
    /// The optimizer's moments by name, with their shapes.
    moments: Vec<(String, Vec<usize>, Vec<f32>)>,
    /// What the model drew before it learned anything.
    prior: Option<Prior>,
}

/// The model's own pictures, and what each was asked to show.
#[derive(Debug, Clone, PartialEq)]
struct Prior {
    pictures: Arc<Pictures>,
    rows: Vec<Vec<u32>>,
}

/// How it ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where it stands; from here it goes on as if it had not ended.
    pub state: Arc<State>,
    /// Mean time of this run's steps.
    pub millis_per_step: f64,
    /// Whether the person stopped it.
    pub stopped: bool,
    /// What went wrong, if anything did: then the state is that of the step before.
    pub trouble: Option<Refusal>,
}

/// `word` in small letters, if it can be taught to a model that knows these attributes.
///
/// # Errors
/// No word, several, too long a one, or one that the model knows.
pub fn new_word(word: &str, attributes: &[Attribute]) -> Result<String> {
    let small = word.trim().to_lowercase();
    let refuse = |evidence: String| {
        Refusal::unchanged(
            "This cannot be the new word",
            evidence,
            "Choose one word of letters that the model does not know yet, such as “zork”.",
        )
    };
    let n_letters = small.chars().count();
    if n_letters == 0 || n_letters > MAX_WORD || !small.chars().all(char::is_alphanumeric) {
        let evidence = format!(
            "“{}” is not one word of up to {MAX_WORD} letters and digits.",
            safe(&small.chars().take(MAX_WORD).collect::<String>())
        );
        return Err(refuse(evidence));
    }
    // A model without words of its own still reads a caption by the grammar of faces.
    let parsed = parse(&small, attributes);
    let parsed_as_face = parse(&small, &of_faces());
    if parsed.unknown.is_empty() || parsed_as_face.unknown.is_empty() {
        return Err(refuse(format!("“{small}” is a word that captions know.")));
    }
    Ok(small)
}

/// The attributes of a model that has learned `word`.
fn with_word(attributes: &[Attribute], word: &str) -> Vec<Attribute> {
    let taught = Attribute {
        name: ATTRIBUTE.to_owned(),
        values: vec![word.to_owned()],
    };
    attributes.iter().cloned().chain([taught]).collect()
}

/// What a snapshot shows where nothing else is asked for.
#[must_use]
pub fn usual_captions(attributes: &[Attribute]) -> Vec<String> {
    let asked: &[&str] = if attributes.starts_with(&of_faces()) {
        &[
            "*",
            "*",
            "*, smiling, long blue hair",
            "*, sad, a beard and glasses",
        ]
    } else if attributes.len() == 1 && attributes[0].values.len() == 10 {
        &["*", "*", "* 3", "* 7"]
    } else {
        &["*", "*", "*", "*"]
    };
    asked.iter().map(|&caption| caption.to_owned()).collect()
}
