//! A diffusion model trained in front of you, on faces, digits or a folder of your own pictures.
//!
//! A picture is mixed with noise of a random strength, and the network learns to say what was under
//! it (Ho et al. 2020). What the picture shows is told to it, and now and then held back, so that it
//! can do without (Ho & Salimans 2022). [`run`] is the experiment: a [`Recipe`], the settings that may
//! be changed while it works, and `emit`. Each [`Event::Turn`] is a step on one batch; each
//! [`Event::Snapshot`] holds pictures that begin with the same noise as all others, drawn by the
//! average of the weights, and the state from which training goes on or branches, bit for bit.

pub(in crate::labs::diffusion) mod batch;
mod checkpoint;
pub(in crate::labs::diffusion) mod data;
mod explain;
mod learner;
mod run;
mod settings;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod turn;

pub use crate::labs::training::Numbers;
pub use checkpoint::{Checkpoint, TRAINING_KIND};
pub use explain::{Explained, Look, Number, explain};
pub use run::run;
pub use settings::{Controls, Settings};
pub use source::Source;

use super::agreement::{Agreement, Exam};
use super::captions::Attribute;
use crate::algo::diffusion::{Prediction, Schedule};
use crate::files::atlas::Pictures;
use crate::labs::sound::phrases;
use crate::models::unet::Config;
use crate::refusal::{Refusal, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// Kinds of noise levels that the loss is told by, from next to none to next to nothing else: 100
/// levels each.
pub const N_BANDS: usize = 10;
/// Side of the widest map: the network sees patches, so that larger pictures cost no more.
const TRUNK_SIDE: usize = 16;

/// What to train, on what, for how long.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What is learned from.
    pub source: Source,
    /// Pixels along a side: 16, 32 or 64; 128 where spectrograms are learned.
    pub side: usize,
    /// Pixels along a side of the network's patches: 1, 2, 4 or 8.
    pub patch: usize,
    /// Channels of the network's maps, from the widest map to the smallest.
    pub widths: [usize; 3],
    /// The noise levels.
    pub schedule: Schedule,
    /// What the network's output means.
    pub prediction: Prediction,
    /// What the training starts with; [`Controls`] change it later.
    pub settings: Settings,
    /// The start of everything random.
    pub seed: u64,
    /// Stop after this many steps in all.
    pub n_steps: Option<usize>,
    /// Stop after this many minutes of work in all. With neither it goes on until it is stopped.
    pub minutes: Option<f64>,
    /// Whether the learning rate falls evenly to nearly nothing by the end of a training that has one.
    pub cools: bool,
    /// Where the files go: the model as PATH.safetensors, and PATH.checkpoint to go on from. Nothing
    /// is written without.
    pub checkpoint: Option<PathBuf>,
    /// Seconds of work between two checkpoints.
    pub checkpoint_every_secs: f64,
    /// Pictures of a snapshot.
    pub n_shown: usize,
    /// Seconds of work between two snapshots, once the first ones (after 0, 1, 2, 4, 8, … steps) are
    /// further apart than that.
    pub snapshot_every_secs: f64,
    /// Whether a snapshot keeps the state, to branch from: 16 bytes for every weight.
    pub keeps_states: bool,
    /// What the judge is asked at every tenth of a training that has an end, and at its end.
    pub exam: Option<Exam>,
}

impl Recipe {
    /// What works on such pictures: the faces at 32 × 32, the digits at 16 × 16.
    #[must_use]
    pub fn new(source: Source) -> Self {
        let side = match source {
            Source::Digits => 16,
            Source::Phrases(_) => phrases::SIDE,
            _ => 32,
        };
        let widths = match source {
            // Each of its pixels is a patch of 8 × 8 numbers.
            Source::Phrases(_) => [96, 128, 128],
            _ => [48, 96, 96],
        };
        let mirror = matches!(source, Source::Folder(_));
        Self {
            source,
            side,
            patch: side / TRUNK_SIDE,
            widths,
            schedule: Schedule::Cosine,
            prediction: Prediction::X0,
            settings: Settings {
                mirror,
                ..Settings::default()
            },
            seed: 0,
            n_steps: None,
            minutes: None,
            cools: true,
            checkpoint: None,
            checkpoint_every_secs: 60.0,
            n_shown: 16,
            snapshot_every_secs: 20.0,
            keeps_states: true,
            exam: None,
        }
    }

    /// The same for pictures of another side, with a network as large as such pictures need.
    #[must_use]
    pub fn of_side(mut self, side: usize) -> Self {
        self.side = side;
        self.patch = (side / TRUNK_SIDE).max(1);
        if side > 32 {
            self.widths = Config::default().widths;
        }
        self
    }

    /// The network for pictures of so many channels whose attributes are these.
    fn config(&self, n_channels: usize, attributes: &[Attribute]) -> Result<Config> {
        let config = Config {
            side: self.side,
            patch: self.patch,
            n_channels,
            widths: self.widths,
            conditions: attributes.iter().map(|a| a.values.len() + 1).collect(),
            ..Config::default()
        };
        if config.is_sound() {
            return Ok(config);
        }
        let [w0, w1, w2] = self.widths;
        Err(Refusal::unchanged(
            "There is no network of that size",
            format!(
                "The side is {}, the patches {}, the widths {w0}, {w1} and {w2}.",
                self.side, self.patch
            ),
            "Choose a side of 16, 32 or 64, patches of 1, 2, 4 or 8 with at least 4 of them along a side, and widths up to 512 that 8 divides.",
        ))
    }
}

/// What training reports while it works.
#[derive(Debug, Clone)]
pub enum Event {
    /// Part of a step was done: the moment to stop.
    Working,
    /// The pictures are read and the network is there.
    Prepared(Prepared),
    /// A step was taken.
    Turn(Turn),
    /// Pictures from the fixed noise, and the state they came from.
    Snapshot(Snapshot),
    /// The judge looked at what the average of the weights draws.
    Judged {
        /// After this step.
        step: usize,
        /// How often it saw what was asked for.
        agreement: Agreement,
    },
    /// Everything was written to disk.
    Saved {
        /// After this step.
        step: usize,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Something went wrong. Where the network's numbers ran away, training ends with the last good
    /// state; where a disk is full, training goes on.
    Trouble(Refusal),
}

/// What a training begins with.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The pictures that are learned from, as the network sees them.
    pub reals: Arc<Pictures>,
    /// What is known of them; empty where nothing is.
    pub attributes: Vec<Attribute>,
    /// Files of a folder that could not be used, by reason: "3 broken or cut short (`cat.png` …)".
    pub left_out: Vec<String>,
    /// Numbers to learn.
    pub n_weights: usize,
    /// The network's layers with weights, by name; as [`Turn::gradients`].
    pub layers: Vec<String>,
    /// Steps that lie behind it, when it goes on.
    pub n_steps_before: usize,
}

/// One step on one batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Turn {
    /// Its number, from 1.
    pub step: usize,
    /// Seconds of work so far.
    pub secs: f64,
    /// What was lowered: the mean squared error of what is predicted, each noise level with its weight.
    pub loss: f32,
    /// The mean squared error of the clean picture at levels 0–99, 100–199, …; `None` where the batch
    /// had no such level.
    pub bands: [Option<f32>; N_BANDS],
    /// Length of the whole gradient, before it was clipped.
    pub gradient: f32,
    /// Length of the gradient of every layer's weights, in the order of [`Prepared::layers`].
    pub gradients: Vec<f32>,
    /// How far the weights moved: the learning rate after warm-up and cooling.
    pub learning_rate: f64,
    /// Pictures seen in a second.
    pub pictures_per_sec: f32,
    /// The part of the whole training that is done, 0..=1; `None` where it has no end.
    pub progress: Option<f64>,
    /// Seconds that are left; `None` where it has no end.
    pub secs_left: Option<f64>,
}

/// What the model draws at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// After this step.
    pub step: usize,
    /// After so many seconds of work.
    pub secs: f64,
    /// Pictures from noise that is the same in every snapshot of a seed.
    pub pictures: Arc<Pictures>,
    /// What each was asked to show; the same in every snapshot of a seed.
    pub rows: Vec<Vec<u32>>,
    /// From here training goes on or branches as if nothing had been in between.
    pub state: Option<Arc<State>>,
}

/// All that going on needs: weights, moments, averages, counts. Plain numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The shape of the network.
    pub config: Config,
    /// The noise levels.
    pub schedule: Schedule,
    /// What its output means.
    pub prediction: Prediction,
    /// What its conditions mean.
    pub attributes: Vec<Attribute>,
    /// Steps taken.
    pub step: usize,
    /// Seconds of work behind them.
    pub secs: f64,
    /// The loss of every step.
    pub losses: Vec<f32>,
    /// Every tensor with its name and shape.
    pub tensors: Vec<Numbers>,
}

/// How a training ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Steps in all, those before it went on included.
    pub n_steps: usize,
    /// The loss of every one of them.
    pub losses: Vec<f32>,
    /// Mean time of this run's steps.
    pub millis_per_step: f64,
    /// What was written: nothing where it was stopped before its first step.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
    /// What went wrong last, if anything did: it was told as [`Event::Trouble`] too.
    pub trouble: Option<Refusal>,
    /// The judge's answers, with the step that each was asked after.
    pub judged: Vec<(usize, Agreement)>,
    /// Where it ended; from here it goes on as if it had not.
    pub state: Arc<State>,
}
