//! What is drawn from plain slices: no state of its own beyond what egui keeps.

pub mod icon;
