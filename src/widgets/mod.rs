//! What is drawn from plain slices: no state of its own beyond what egui keeps.

pub mod icon;
pub mod meter;
pub mod probability_bars;
pub mod run_button;
pub mod timeline;
pub mod token_strip;
pub mod token_text;
