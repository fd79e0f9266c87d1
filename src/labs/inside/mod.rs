//! Inside the transformer: every number of a pass, and where it comes from.
//!
//! [`Trace::of`] reads a text once and keeps of the pass what a budget allows; [`Trace::values`] gives
//! any table of it, derived again where it was not kept. [`explain`](explain::explain) says of one
//! number how it was made of others.

pub mod compare;
pub mod contributions;
pub mod explain;
pub mod heads;
mod keeping;
pub mod kv_cache;
pub mod lens;
mod sites;
pub mod surgery;
pub mod surprise;
pub mod sweep;
mod trace;
mod watched;

pub use crate::models::DecoderConfig;
use sites::subscript;
pub use sites::{At, Place, SiteName};
pub use trace::{Table, Trace};

/// What a trace may keep unless told otherwise: all of a page of text in a small model, and of a
/// long one what the rest is quickly derived from.
pub const BUDGET_BYTES: usize = 256 << 20;
