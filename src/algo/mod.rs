//! Algorithms over slices: no tensor, no thread, no screen.

pub mod sampling;
