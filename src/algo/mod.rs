//! Algorithms over slices: no tensor, no thread, no screen.

pub mod bpe;
pub mod bpe_learn;
pub mod expression;
mod hash;
pub mod nearest;
pub mod pca;
pub mod sampling;
pub mod sentence_piece;
pub mod split;
pub mod spread;
pub mod svd;
pub mod unicode_names;
