//! Training a small GPT-2 from nothing: on stories of our grammar, or on a person's own text.
//!
//! It learns a vocabulary, then the weights; it reports every step, measures on text it never learns
//! from, writes a sample now and then, and can be stopped at any moment and go on later with the
//! same losses as if it had not been.

mod checkpoint;
mod corpus;
mod sample;
pub mod sorting;
#[cfg(test)]
mod tests;
mod training;
mod vocabulary;

pub use checkpoint::Checkpoint;
pub use training::Training;

use std::path::PathBuf;

/// What to train, on what, for how long.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The text to learn from; the grammar's stories when none.
    pub text: Option<String>,
    /// What the text is, in a word or a path, for the model's metadata.
    pub source: String,
    /// Stop after this many steps in all.
    pub n_steps: Option<usize>,
    /// Stop after this many minutes of work in all.
    pub minutes: Option<f64>,
    /// The start of everything random.
    pub seed: u64,
    /// Tokens to learn, 258 or more.
    pub vocab_size: usize,
    /// Positions of a text.
    pub n_ctx: usize,
    /// Width of the stream.
    pub d_model: usize,
    /// Attention heads a block.
    pub n_heads: usize,
    /// Blocks.
    pub n_layers: usize,
    /// Texts of one step.
    pub n_texts: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Measure, write a sample and save after every so many steps.
    pub report_every: usize,
    /// Where the files go.
    pub out: PathBuf,
}

impl Recipe {
    /// The shipped model's recipe: 1.4 million weights.
    #[must_use]
    pub fn stories(seed: u64, out: PathBuf) -> Self {
        Self {
            text: None,
            source: "stories of Glassbox's own grammar".to_owned(),
            n_steps: None,
            minutes: None,
            seed,
            vocab_size: 1024,
            n_ctx: 256,
            d_model: 160,
            n_heads: 5,
            n_layers: 4,
            n_texts: 8,
            learning_rate: 2.5e-3,
            report_every: 200,
            out,
        }
    }

    /// The stories are ours, and so is what is learned from them; a person's text stays theirs.
    fn license(&self) -> &'static str {
        match self.text {
            None => "MIT OR Apache-2.0",
            Some(_) => "as the text it was trained on",
        }
    }
}

/// What training reports while it works.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The vocabulary is learned and the model is there.
    Prepared {
        /// Numbers to learn.
        n_weights: usize,
        /// Tokens of the vocabulary.
        vocab_size: usize,
        /// Tokens to learn from; `None` when there is no end of them.
        n_tokens: Option<usize>,
        /// Steps a resumed training has behind it.
        n_steps_before: usize,
    },
    /// Part of a step was done.
    Working,
    /// A step was done.
    Step {
        /// Its number, from 1.
        step: usize,
        /// Mean of −ln p of the right token, in nats.
        loss: f32,
        /// The learning rate it used.
        learning_rate: f64,
        /// How long it took.
        millis_per_step: f64,
        /// Tokens learned from in a second.
        tokens_per_sec: f64,
        /// The part of the whole training that is done, 0..=1.
        progress: f64,
    },
    /// The loss on text that is never learned from.
    HeldOut {
        /// After this step.
        step: usize,
        /// In nats per token.
        loss: f32,
    },
    /// What the model writes by now.
    Sample {
        /// After this step.
        step: usize,
        /// The prompt and what follows it.
        text: String,
    },
    /// Everything was written to disk.
    Saved {
        /// After this step.
        step: usize,
        /// The files.
        files: Vec<PathBuf>,
    },
}

/// How training ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Steps in all, those before a resume included.
    pub n_steps: usize,
    /// The loss of every one of them.
    pub losses: Vec<f32>,
    /// The loss on held-out text at the end, when it was reached.
    pub held_out_loss: Option<f32>,
    /// Mean time of this run's steps.
    pub millis_per_step: f64,
    /// What was written: nothing where it was stopped before its first step.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
}
