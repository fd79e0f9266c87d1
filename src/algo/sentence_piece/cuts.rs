//! Where a text can be cut into words that are encoded each by itself.

use std::ops::Range;

/// A space as files write it, and as a text may have it.
const SPACE: &[u8] = "\u{2581}".as_bytes();

/// Where a text can be cut without changing any piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Before every space.
    EachSpace,
    /// Before every run of spaces: no piece goes across.
    Runs,
    /// Nowhere.
    None,
}

/// A text cut before spaces.
#[derive(Debug, Clone)]
pub struct Cuts<'a> {
    text: &'a [u8],
    words: Words,
    at: usize,
}

impl<'a> Cuts<'a> {
    pub(super) fn new(text: &'a [u8], words: Words) -> Self {
        Self { text, words, at: 0 }
    }

    /// Whether a space is at byte `i`, as itself or as `▁`.
    fn is_space(&self, i: usize) -> bool {
        self.text[i] == b' ' || self.text[i..].starts_with(SPACE)
    }

    fn is_cut(&self, i: usize) -> bool {
        let after_space = || {
            let long = i.checked_sub(SPACE.len());
            self.text[i - 1] == b' ' || long.is_some_and(|i| self.text[i..].starts_with(SPACE))
        };
        self.is_space(i)
            && match self.words {
                Words::EachSpace => true,
                Words::Runs => !after_space(),
                Words::None => false,
            }
    }
}

impl Iterator for Cuts<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.text.len() {
            return None;
        }
        let start = self.at;
        let mut rest = start + 1..self.text.len();
        self.at = if self.words == Words::None {
            self.text.len()
        } else {
            rest.find(|&i| self.is_cut(i)).unwrap_or(self.text.len())
        };
        Some(start..self.at)
    }
}
