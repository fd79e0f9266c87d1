//! Algorithms over slices: no tensor, no thread, no screen.

pub mod bpe;
pub mod bpe_learn;
pub mod sampling;
pub mod split;
