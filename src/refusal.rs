//! The one error people read.
//!
//! Whatever goes wrong below the window arrives here as four plain sentences: what happened, the
//! evidence, what it means for the person's work, and what to do next. The window shows it, the
//! command line prints it, `--json` carries it. Never a source line, never a bare error code.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A refusal in four parts, each a sentence a first-year student can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What happened: "`cat.gguf` is incomplete".
    pub what: String,
    /// How we know: "tensor `blk.17.ffn_up` ends at 4.21 GB; the file has 3.90 GB".
    pub evidence: String,
    /// What it means: "nothing was loaded; your model is still active".
    pub meaning: String,
    /// What to do: "download it again, or choose another file".
    pub next: String,
}

/// The result of everything that reads a file, loads a model or runs a lab.
pub type Result<T> = std::result::Result<T, Refusal>;

/// What a refusal means unless its maker knows better.
pub const NOTHING_CHANGED: &str = "Nothing was loaded or changed; what was open before still is.";

impl Refusal {
    /// All four parts, in the order they are read.
    pub fn new(
        what: impl Into<String>,
        evidence: impl Into<String>,
        meaning: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            evidence: evidence.into(),
            meaning: meaning.into(),
            next: next.into(),
        }
    }

    /// The commonest case: nothing was changed by what was refused.
    pub fn unchanged(
        what: impl Into<String>,
        evidence: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(what, evidence, NOTHING_CHANGED, next)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n  {}\n  {}\n  {}",
            self.what, self.evidence, self.meaning, self.next
        )
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_prints_its_four_parts_in_the_order_they_are_read() {
        let refusal = Refusal::new("a", "b", "c", "d");
        assert_eq!(refusal.to_string(), "a\n  b\n  c\n  d");
    }
}
