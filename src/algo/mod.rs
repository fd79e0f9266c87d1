//! Algorithms over slices: no tensor, no thread, no screen.

pub mod bpe;
pub mod bpe_learn;
mod hash;
pub mod sampling;
pub mod sentence_piece;
pub mod split;
