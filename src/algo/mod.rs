//! Algorithms over slices: no tensor, no thread, no screen.

pub mod beam;
pub mod bpe;
pub mod bpe_learn;
pub mod cooccurrence;
pub mod diffusion;
pub mod expression;
pub mod frechet;
pub mod glove;
pub mod graph;
mod hash;
pub mod nearest;
pub mod neighbours;
pub mod ngram;
#[cfg(test)]
mod oracle;
pub mod pca;
pub mod sampling;
pub mod sentence_piece;
pub mod split;
pub mod spread;
pub mod svd;
pub mod trustworthiness;
pub mod tsne;
pub mod umap;
pub mod unicode_names;
pub mod words;
