//! Disk → checked values. Every file is looked at here first, and whatever does not hold is refused
//! in four parts; nothing below this layer trusts a number it has not seen checked.

pub mod atlas;
pub mod card;
mod cursor;
mod dequantize;
pub mod digits;
pub mod embedded;
pub mod faces;
mod gguf;
pub mod hyperparameters;
mod limited;
pub mod manifest;
pub mod mapped;
pub mod metadata;
pub mod picture_folder;
pub mod png_text;
mod safetensors;
mod shards;
pub mod shown;
pub mod sniff;
pub mod sound;
pub mod source;
pub mod vocabulary;
pub mod weight_type;
pub mod weights;
pub mod word_vectors;
