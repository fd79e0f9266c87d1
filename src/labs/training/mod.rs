//! What all trainings have in common, whatever they train: what is learned from, the settings that may
//! be changed meanwhile, when they end, and what they leave on disk.
//!
//! A training leaves two [`Files`]: the model for use, in f16, and a checkpoint in f32, with all that
//! going on needs. A checkpoint's metadata is an account of the training ([`Progress`]); its tensors are
//! the weights, their moments and the loss of every step.
//!
//! ```text
//! PATH.safetensors   glassbox.kind = "diffusion"            config, source, seed, steps, license
//! PATH.checkpoint    glassbox.kind = "diffusion training"   progress = {"seed": …, "n_steps": …, …}
//! ```

mod checkpoint;
mod controls;
mod files;
mod numbers;
mod pace;
mod pictures;
mod source;

pub use checkpoint::{CheckpointFile, LOSSES, Progress, cannot_describe};
pub use controls::Controls;
pub use files::Files;
pub use numbers::{Numbers, find, has, learned, packed, restore, tensor, wanted};
pub use pace::{Halt, Pace, Work, another_shape, first_broken, halted, ran_away};
pub use pictures::{Known, load, shrunk};
pub use source::Source;

/// The key under which a file of weights says what it is.
pub const KIND_KEY: &str = "glassbox.kind";
