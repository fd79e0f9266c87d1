//! Vocabularies: which bytes each token id stands for, and how text becomes tokens.

pub mod builtin;
pub mod tiktoken;

/// A vocabulary as read from a file, checked: every id named here has a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// What to call it: "gpt2", or the file's own name.
    pub name: String,
    /// The bytes of each id; empty where an id is not used. A special token's are its text.
    pub tokens: Vec<Vec<u8>>,
    /// Left, right and what they become, in the order they were learned. Empty where the id itself is
    /// the rank, as in tiktoken's files.
    pub merges: Vec<(u32, u32, u32)>,
    /// Tokens that no ordinary text becomes, and their text: `<|endoftext|>`.
    pub special_tokens: Vec<(u32, String)>,
    /// The split pattern by name: "gpt2", "smollm", "cl100k" or "o200k".
    pub split: String,
    /// The token that starts a text, where there is one.
    pub bos: Option<u32>,
    /// The tokens that end a text or a turn.
    pub eos: Vec<u32>,
    /// Whether the model expects `bos` before every text.
    pub add_bos: bool,
    /// How a conversation is written for the model, in Jinja.
    pub chat_template: Option<String>,
}
