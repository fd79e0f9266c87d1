//! One experiment, one file: inputs, a seed and `emit` in, plain data out.

pub mod autoencoder;
pub mod bpe_learning;
pub mod chat;
pub mod choosing;
pub mod compute;
pub mod diffusion;
pub mod embeddings;
pub mod gan;
pub mod inside;
pub mod judge;
pub mod ngrams;
pub mod sound;
pub mod story_grammar;
pub mod text;
pub mod text_export;
pub mod text_tree;
pub mod tokenizer;
pub mod train_lm;
pub mod training;
pub mod writing;
