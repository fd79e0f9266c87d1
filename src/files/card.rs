//! The inspect card: what a file is and what it can do here, from its headers alone.

use serde::Serialize;
use std::path::PathBuf;

/// What is known of a file without reading its weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Where it is.
    pub path: PathBuf,
    /// In plain words: "language model", "vocabulary", "not a file Glassbox knows".
    pub kind: String,
    /// The container: "GGUF 3", "safetensors", …
    pub format: String,
    /// "llama", "gpt2", …, as the file says it.
    pub architecture: Option<String>,
    /// Numbers in all weights.
    pub n_parameters: u64,
    /// How many tensors have each number format, most frequent first.
    pub dtype_counts: Vec<(String, usize)>,
    /// How many tensors there are.
    pub n_tensors: usize,
    /// The file's own keys and their values, shortened, in file order.
    pub metadata: Vec<(String, String)>,
    /// Memory needed to run it here, in bytes, KV cache for the default context included.
    pub memory_bytes: u64,
    /// Names of the tabs that can use it.
    pub usable_as: Vec<String>,
    /// What a person should know: why it cannot be used, what will be converted, …
    pub notes: Vec<String>,
}
