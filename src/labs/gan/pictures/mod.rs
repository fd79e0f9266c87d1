//! The fight on pictures: a DCGAN (Radford et al. 2016) trained in front of you, on faces, digits or
//! a folder of your own pictures.
//!
//! [`run`] is the experiment: a [`Recipe`], the settings that may be changed while it works, and
//! `emit`. Each [`Event::Turn`] is D's steps and G's step; each [`Event::Snapshot`] holds the pictures
//! made from the same `z` as all others, so that they show one face becoming a face, and the state
//! from which training goes on or branches, bit for bit.

mod augment;
mod checkpoint;
mod data;
mod explain;
mod fight;
mod layers;
mod run;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod thinning;
mod turn;
mod variety;

pub use checkpoint::{Checkpoint, KIND, TRAINING_KIND};
pub use explain::{Term, Verdict, explain};
pub use run::run;
pub use settings::{Controls, Settings};
pub use thinning::thin;
pub use variety::{Variety, Watch};

pub use crate::files::atlas::Pictures;
pub use crate::labs::training::{KIND_KEY, Numbers, Source};
use crate::models::dcgan::{Config, SIDES};
use crate::refusal::{Refusal, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows and columns of the maps that the last layer judges by.
pub const LAST_SIDE: usize = 4;
/// Real pictures of a snapshot, at most.
const N_REALS_SHOWN: usize = 32;

/// What to train, on what, for how long.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What is learned from.
    pub source: Source,
    /// Pixels along a side: 16, 32 or 64.
    pub side: usize,
    /// Channels of the feature maps next to the picture; each further one has twice as many, up to
    /// six times this.
    pub width: usize,
    /// Numbers of `z`.
    pub d_z: usize,
    /// What the training starts with; [`Controls`] change it later.
    pub settings: Settings,
    /// The start of everything random.
    pub seed: u64,
    /// Stop after this many turns in all.
    pub n_steps: Option<usize>,
    /// Stop after this many minutes of work in all. With neither it goes on until it is stopped.
    pub minutes: Option<f64>,
    /// Whether both learning rates fall to a tenth over the last third of a training that has an end:
    /// the pictures become cleaner by it.
    pub cools: bool,
    /// Where the files go: the generator as PATH.safetensors, and PATH.checkpoint to go on from.
    /// Nothing is written without.
    pub checkpoint: Option<PathBuf>,
    /// Seconds of work between two checkpoints.
    pub checkpoint_every_secs: f64,
    /// Pictures of a snapshot.
    pub n_shown: usize,
    /// Seconds of work between two snapshots, once the first ones (after 0, 1, 2, 4, 8, … turns) are
    /// further apart than that.
    pub snapshot_every_secs: f64,
    /// Bytes that the snapshots' states may take together: [`thin`] keeps to them.
    pub state_bytes: usize,
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
            side,
            width: 32,
            d_z: 64,
            settings: Settings::default(),
            seed: 0,
            n_steps: None,
            minutes: None,
            cools: true,
            checkpoint: None,
            checkpoint_every_secs: 60.0,
            n_shown: 64,
            snapshot_every_secs: 2.0,
            state_bytes: 512 << 20,
        }
    }

    /// Whether there can be such networks.
    fn check(&self) -> Result<()> {
        let config = Config {
            d_z: self.d_z,
            side: self.side,
            n_channels: 3,
            width: self.width,
        };
        if config.is_sound() {
            return Ok(());
        }
        Err(Refusal::unchanged(
            "There are no networks of that size",
            format!(
                "The side is {}, the width {}, z has {} numbers.",
                self.side, self.width, self.d_z
            ),
            format!("Choose a side of {SIDES:?}, a width up to 256, and up to 1,024 numbers."),
        ))
    }
}

/// What training reports while it works.
#[derive(Debug, Clone)]
pub enum Event {
    /// Part of a turn was done: the moment to stop.
    Working,
    /// The pictures are read and both networks are there.
    Prepared(Prepared),
    /// A turn was done.
    Turn(Turn),
    /// Pictures from the fixed `z`, and the state they came from.
    Snapshot(Snapshot),
    /// Everything was written to disk.
    Saved {
        /// After this turn.
        step: usize,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Something went wrong. Where the networks' numbers ran away, training ends with the last good
    /// state; where a disk is full, training goes on.
    Trouble(Refusal),
}

/// What a training begins with.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The pictures that are learned from, as the networks see them.
    pub reals: Arc<Pictures>,
    /// Files of a folder that could not be used, by reason: "3 broken or cut short (`cat.png` …)".
    pub left_out: Vec<String>,
    /// Numbers to learn of the generator.
    pub n_weights_g: usize,
    /// Numbers to learn of the discriminator.
    pub n_weights_d: usize,
    /// The generator's layers with weights, from `z` to the picture, by name; as [`Turn::gradient_g`].
    pub layers_g: Vec<String>,
    /// The discriminator's, from the picture to the verdict; as [`Turn::gradient_d`].
    pub layers_d: Vec<String>,
    /// Turns that lie behind it, when it goes on.
    pub n_steps_before: usize,
}

/// One turn: D's steps, then G's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Turn {
    /// Its number, from 1.
    pub step: usize,
    /// Seconds of work so far.
    pub secs: f64,
    /// The discriminator's loss, in nats where the loss is a logarithm.
    pub loss_d: f32,
    /// The generator's.
    pub loss_g: f32,
    /// Mean probability (σ of the logit) that D gave the real pictures of this turn.
    pub p_real: f32,
    /// Mean probability that D gave the made ones.
    pub p_fake: f32,
    /// Length of the gradient of every layer's weights, in the order of [`Prepared::layers_g`].
    pub gradient_g: Vec<f32>,
    /// The same of the discriminator.
    pub gradient_d: Vec<f32>,
    /// Real pictures seen in a second.
    pub pictures_per_sec: f32,
    /// The part of the whole training that is done, 0..=1; `None` where it has no end.
    pub progress: Option<f64>,
    /// Seconds that are left; `None` where it has no end.
    pub secs_left: Option<f64>,
}

/// What the generator draws at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// After this turn.
    pub step: usize,
    /// After so many seconds of work.
    pub secs: f64,
    /// Pictures from `z`s that are the same in every snapshot of a seed.
    pub fakes: Arc<Pictures>,
    /// D's logit for each of them; above 0 it says "real".
    pub fake_logits: Vec<f32>,
    /// Which pictures of [`Prepared::reals`] were judged too: the same in every snapshot.
    pub reals: Vec<usize>,
    /// D's logit for each of those.
    pub real_logits: Vec<f32>,
    /// From here training goes on or branches as if nothing had been in between; `None` once its
    /// memory was needed for later ones.
    pub state: Option<Arc<State>>,
}

/// All that going on needs: weights, moments, running statistics, counts. Plain numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The shape of both networks.
    pub config: Config,
    /// Whether D's weights are divided by their spectral norm.
    pub spectral_norm: bool,
    /// Turns taken.
    pub step: usize,
    /// Steps that D took in them.
    pub n_steps_d: usize,
    /// Seconds of work behind them.
    pub secs: f64,
    /// D's loss and G's of every turn.
    pub losses: Vec<[f32; 2]>,
    /// Every tensor with its name and shape.
    pub tensors: Vec<Numbers>,
}

/// How a training ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Turns in all, those before it went on included.
    pub n_steps: usize,
    /// D's loss and G's of every one of them.
    pub losses: Vec<[f32; 2]>,
    /// Mean time of this run's turns.
    pub millis_per_step: f64,
    /// What was written: nothing where it was stopped before its first turn.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
    /// What went wrong last, if anything did: it was told as [`Event::Trouble`] too.
    pub trouble: Option<Refusal>,
    /// Where it ended; from here it goes on as if it had not.
    pub state: Arc<State>,
}
