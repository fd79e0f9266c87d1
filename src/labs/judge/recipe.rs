//! How a judge is trained, what that reports, and how it ends: plain data.

use super::Right;
use std::path::PathBuf;

/// One picture in so many is held out: no divisor of 10, so that every digit is among them.
const ONE_HELD_OUT_IN: usize = 11;

/// Whether a judge that ships never learned from picture `i` of those that ship.
#[must_use]
pub fn is_held_out(i: usize) -> bool {
    i % ONE_HELD_OUT_IN == ONE_HELD_OUT_IN - 1
}

/// How a judge is trained.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Stop after this many steps in all.
    pub n_steps: Option<usize>,
    /// Stop after this many minutes of work in all.
    pub minutes: Option<f64>,
    /// The start of everything random.
    pub seed: u64,
    /// Pictures of one step.
    pub batch: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Measure and save after every so many steps.
    pub report_every: usize,
    /// Where the files go.
    pub out: PathBuf,
}

impl Recipe {
    /// That of the judges that ship.
    #[must_use]
    pub fn new(seed: u64, out: PathBuf) -> Self {
        Self {
            n_steps: None,
            minutes: None,
            seed,
            batch: 64,
            learning_rate: 2e-3,
            report_every: 250,
            out,
        }
    }
}

/// What training reports while it works.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The network is there.
    Prepared {
        /// Numbers to learn.
        n_weights: usize,
        /// Pictures to learn from.
        n_pictures: usize,
        /// Pictures that are kept for measuring.
        n_held_out: usize,
        /// Steps a resumed training has behind it.
        n_steps_before: usize,
    },
    /// Part of a step was done.
    Working,
    /// A step was done.
    Step {
        /// Its number, from 1.
        step: usize,
        /// Mean of −ln p of the right answers, in nats.
        loss: f32,
        /// Pictures learned from in a second.
        pictures_per_sec: f64,
        /// The part of the whole training that is done, 0..=1.
        progress: f64,
    },
    /// How often it is right about held-out pictures.
    HeldOut {
        /// After this step.
        step: usize,
        /// For each question.
        right: Vec<Right>,
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
    /// The loss of every one of them, in nats.
    pub losses: Vec<f32>,
    /// How often it is right about held-out pictures; empty where it was stopped before that was asked.
    pub held_out: Vec<Right>,
    /// Mean time of this run's steps.
    pub millis_per_step: f64,
    /// What was written: nothing where it was stopped before its first step.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
}
