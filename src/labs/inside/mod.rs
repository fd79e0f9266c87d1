//! The inside of one forward pass, as plain data.

pub mod surgery;
pub mod surprise;
mod watched;
