//! An autoencoder trained in front of you, and what can be asked of it: a picture becomes k numbers, and
//! the numbers become a picture again (Hinton & Salakhutdinov 2006).
//!
//! [`run`] is the training: a [`Recipe`], the settings that may be changed while it works, and `emit`.
//! Each [`Event::Turn`] is a step on one batch; each [`Event::Snapshot`] holds the network of that moment
//! as a [`Squeezer`], its error on pictures that it never learns from, and the state from which training
//! goes on, bit for bit. With a squeezer there are [`map`] (all codes on a plane), [`mixing`] (between
//! two pictures), [`compressed`] (bytes against those of JPEG) and [`explain`] (where a number comes from).
//!
//! The codes of a squeezer are measured in their own spread: over the training pictures each number has
//! the mean 0 and the standard deviation 1. The network takes that in: it is the same function.

mod checkpoint;
pub mod compressed;
mod data;
pub mod explain;
mod learner;
pub mod map;
pub mod mixing;
mod opening;
mod run;
mod settings;
mod squeezer;
#[cfg(test)]
mod tests;

pub use crate::files::atlas::Pictures;
pub use crate::labs::diffusion::captions::Attribute;
pub use crate::labs::training::{KIND_KEY, Numbers, Source};
pub use crate::models::autoencoder::MAX_CODE;
pub use checkpoint::{Checkpoint, KIND, TRAINING_KIND};
pub use opening::{Opened, open, own_picture};
pub use run::run;
pub use settings::{Controls, Settings};
pub use squeezer::{About, Fault, Squeezed, Squeezer, fault};

use crate::models::autoencoder::Config;
use crate::refusal::{Refusal, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// The numbers of a code that the window offers.
pub const CODES: [usize; 6] = [2, 4, 8, 16, 32, 64];
/// One picture in so many is never learned from: on those the error is measured.
pub const HELD_OUT_EVERY: usize = 10;

/// What to train, on what, for how long.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What is learned from.
    pub source: Source,
    /// Numbers of a code.
    pub d_code: usize,
    /// Pixels along a side: 16, 32 or 64.
    pub side: usize,
    /// Channels of the maps next to the picture; each further one has twice as many, up to 4 times this.
    pub width: usize,
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
    /// Held-out pictures that a snapshot shows.
    pub n_shown: usize,
    /// Seconds of work between two snapshots, once the first ones (after 0, 1, 2, 4, 8, … steps) are
    /// further apart than that.
    pub snapshot_every_secs: f64,
}

impl Recipe {
    /// What works on such pictures: the faces at 32 × 32, the digits at 16 × 16.
    #[must_use]
    pub fn new(source: Source) -> Self {
        let side = match source {
            Source::Digits => 16,
            _ => 32,
        };
        Self {
            source,
            d_code: 32,
            side,
            width: 24,
            settings: Settings::default(),
            seed: 0,
            n_steps: None,
            minutes: None,
            cools: true,
            checkpoint: None,
            checkpoint_every_secs: 60.0,
            n_shown: 8,
            snapshot_every_secs: 3.0,
        }
    }

    /// The network for pictures of so many channels.
    fn config(&self, n_channels: usize) -> Result<Config> {
        let config = Config {
            d_code: self.d_code,
            side: self.side,
            n_channels,
            width: self.width,
        };
        if config.is_sound() {
            return Ok(config);
        }
        Err(Refusal::unchanged(
            "There is no network of that size",
            format!(
                "The side is {}, the code has {} numbers, the maps begin with {} channels.",
                self.side, self.d_code, self.width
            ),
            "Choose a side of 16, 32 or 64, a code of 1 to 1024 numbers, and 1 to 256 channels.",
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
    /// The network as it is now.
    Snapshot(Snapshot),
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
    /// All pictures, as the network sees them.
    pub pictures: Arc<Pictures>,
    /// What is known of them; empty where nothing is.
    pub attributes: Vec<Attribute>,
    /// Of each picture, for each attribute, which value it has.
    pub values: Arc<Vec<Vec<usize>>>,
    /// Which pictures are never learned from.
    pub held_out: Arc<Vec<usize>>,
    /// Files of a folder that could not be used, by reason: "3 broken or cut short (`cat.png` …)".
    pub left_out: Vec<String>,
    /// Numbers to learn.
    pub n_weights: usize,
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
    /// What was lowered: the mean squared error of the batch's pixels, from −1 to 1.
    pub loss: f32,
    /// Length of the whole gradient.
    pub gradient: f32,
    /// How far the weights moved: the learning rate after warm-up and cooling.
    pub learning_rate: f64,
    /// Pictures seen in a second.
    pub pictures_per_sec: f32,
    /// The part of the whole training that is done, 0..=1; `None` where it has no end.
    pub progress: Option<f64>,
    /// Seconds that are left; `None` where it has no end.
    pub secs_left: Option<f64>,
}

/// The network at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// After this step.
    pub step: usize,
    /// After so many seconds of work.
    pub secs: f64,
    /// The average of the weights, ready for use.
    pub squeezer: Arc<Squeezer>,
    /// The error on held-out pictures.
    pub fault: Fault,
    /// The first of the held-out pictures, squeezed and unfolded again.
    pub pictures: Arc<Pictures>,
    /// From here training goes on as if nothing had been in between.
    pub state: Arc<State>,
}

/// All that going on needs: weights, moments, averages, counts. Plain numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The shape of the network.
    pub config: Config,
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
    /// The error on held-out pictures at the end.
    pub fault: Fault,
    /// What was written: nothing where it was stopped before its first step.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
    /// What went wrong last, if anything did: it was told as [`Event::Trouble`] too.
    pub trouble: Option<Refusal>,
    /// Where it ended; from here it goes on as if it had not.
    pub state: Arc<State>,
}
