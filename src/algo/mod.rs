//! Algorithms over slices: no tensor, no thread, no screen.

pub mod bpe;
pub mod bpe_learn;
pub mod cooccurrence;
pub mod expression;
pub mod glove;
mod hash;
pub mod nearest;
pub mod pca;
pub mod sampling;
pub mod sentence_piece;
pub mod split;
pub mod spread;
pub mod svd;
pub mod unicode_names;
pub mod words;
