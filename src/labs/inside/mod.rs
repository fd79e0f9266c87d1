//! The inside of one forward pass, as plain data.

pub mod kv_cache;
pub mod surgery;
pub mod surprise;
mod watched;
