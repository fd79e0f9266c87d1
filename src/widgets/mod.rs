//! What is drawn from plain slices: no state of its own beyond what egui keeps.

pub mod arrows;
pub mod cosine_bars;
pub mod count;
pub mod count_bars;
pub mod curve;
pub mod fall;
pub mod film_strip;
pub mod heat_map;
pub mod icon;
pub mod id_strip;
pub mod layer_lines;
pub mod merge_tree;
pub mod meter;
pub mod pair_bars;
pub mod plane;
pub mod probability_bars;
pub mod row_strip;
pub mod run_button;
pub mod scatter;
pub mod text_editor;
pub mod timeline;
pub mod token_strip;
pub mod token_tag;
pub mod token_text;
