//! The settings of an answer: what survives a restart, and what a request is made of.

use crate::labs::text::{Overflow, Request, Sampling};
use crate::labs::text_tree::Settings;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Everything on the bench.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Controls {
    pub(super) sampling: Sampling,
    pub(super) seed: u64,
    pub(super) max_tokens: usize,
    /// One stop string a line; `\n` stands for a line end.
    pub(super) stop: String,
    pub(super) overflow: Overflow,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            sampling: Sampling::default(),
            seed: 0,
            max_tokens: 64,
            stop: String::new(),
            overflow: Overflow::Stop,
        }
    }
}

impl Controls {
    /// A request to write after `ids`, of which the last `n_written` were written before.
    pub(super) fn request(&self, ids: Vec<u32>, n_written: usize, n_dropped: usize) -> Request {
        Request {
            n_written,
            n_dropped,
            sampling: self.sampling.clone(),
            seed: self.seed,
            stop: self.stop_strings(),
            overflow: self.overflow,
            ..Request::new(ids, self.max_tokens)
        }
    }

    /// The settings every token of an answer remembers.
    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::new(Settings {
            sampling: self.sampling.clone(),
            seed: self.seed,
        })
    }

    fn stop_strings(&self) -> Vec<String> {
        let lines = self.stop.lines().filter(|line| !line.is_empty());
        lines
            .map(|line| line.replace("\\n", "\n").replace("\\t", "\t"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_strings_are_lines_and_can_hold_a_line_end() {
        let controls = Controls {
            stop: "END\n\n\\n\\n".into(),
            ..Controls::default()
        };
        assert_eq!(controls.stop_strings(), ["END", "\n\n"]);
    }
}
