//! Pre-tokenization: cutting a text into the pieces that BPE never merges across.
//!
//! Each vocabulary was learned with one split pattern, and ids agree with the original only if the
//! pattern is followed to the letter, lookahead and backtracking included. The patterns are regular
//! expressions; here each is a scanner written by hand, its pattern beside it. No scanner looks at a
//! character more than a few times, so the cost is linear in the text.
//!
//! Letters and numbers are Unicode's categories L and N, white space its property `White_Space`.

mod classes;
mod patterns;

use std::ops::Range;

/// A split pattern, by the name vocabularies give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// GPT-2's (and tiktoken's r50k and p50k).
    Gpt2,
    /// `SmolLM2`'s: every digit alone, then GPT-2's on what is between.
    Smollm,
    /// GPT-4's.
    Cl100k,
    /// Llama 3's: GPT-4's as Hugging Face writes it, which ends a text's last white space otherwise.
    Llama3,
    /// Qwen2's: the same with each digit alone.
    Qwen2,
    /// GPT-4o's.
    O200k,
}

impl Split {
    /// Every pattern.
    pub const ALL: [Self; 6] = [
        Self::Gpt2,
        Self::Smollm,
        Self::Cl100k,
        Self::Llama3,
        Self::Qwen2,
        Self::O200k,
    ];

    /// The pattern of that name, as [`Self::name`] gives it.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == name)
    }

    /// "gpt2", "smollm", "cl100k", "llama3", "qwen2" or "o200k".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gpt2 => "gpt2",
            Self::Smollm => "smollm",
            Self::Cl100k => "cl100k",
            Self::Llama3 => "llama3",
            Self::Qwen2 => "qwen2",
            Self::O200k => "o200k",
        }
    }

    /// The pattern as a regular expression, for people to read.
    #[must_use]
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Gpt2 => patterns::GPT2,
            Self::Smollm => patterns::SMOLLM,
            Self::Cl100k => patterns::CL100K,
            Self::Llama3 => patterns::LLAMA3,
            Self::Qwen2 => patterns::QWEN2,
            Self::O200k => patterns::O200K,
        }
    }

    /// The pieces of `text` as byte ranges: they touch, and together they are the whole text.
    #[must_use]
    pub fn pieces(self, text: &str) -> Pieces<'_> {
        Pieces {
            split: self,
            text,
            at: 0,
            limit: 0,
        }
    }
}

/// The pieces of one text, in order.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    split: Split,
    text: &'a str,
    at: usize,
    /// Where the stretch without digits ends that [`Split::Smollm`] is in.
    limit: usize,
}

impl Iterator for Pieces<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        self.at = match self.split {
            Split::Gpt2 => patterns::gpt2(self.text, start),
            Split::Cl100k => patterns::cl100k(self.text, start),
            Split::Llama3 => patterns::llama3(self.text, start),
            Split::Qwen2 => patterns::qwen2(self.text, start),
            Split::O200k => patterns::o200k(self.text, start),
            Split::Smollm => {
                if start >= self.limit {
                    self.limit = patterns::next_digit(self.text, start);
                }
                match self.text[start..].chars().next() {
                    Some(digit) if start == self.limit => start + digit.len_utf8(),
                    _ => patterns::gpt2(&self.text[..self.limit], start),
                }
            }
        };
        Some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(split: Split, text: &str) -> Vec<&str> {
        split.pieces(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn gpt2_leaves_the_last_space_to_the_word() {
        assert_eq!(
            pieces(Split::Gpt2, "I'll  see\n\n you2!  "),
            ["I", "'ll", " ", " see", "\n\n", " you", "2", "!", "  "]
        );
        assert_eq!(pieces(Split::Gpt2, "I'LL"), ["I", "'", "LL"]);
        assert_eq!(pieces(Split::Gpt2, "a\nb"), ["a", "\n", "b"]);
    }

    #[test]
    fn smollm_splits_digits_first_so_spaces_before_them_stay_together() {
        assert_eq!(
            pieces(Split::Smollm, "a  12 b"),
            ["a", "  ", "1", "2", " b"]
        );
        assert_eq!(pieces(Split::Smollm, "x½¾"), ["x", "½", "¾"]);
        assert_eq!(pieces(Split::Gpt2, "a  12"), ["a", " ", " 12"]);
    }

    #[test]
    fn cl100k_ignores_case_in_contractions_and_counts_digits_by_threes() {
        assert_eq!(
            pieces(Split::Cl100k, "I'LL 12345\tx"),
            ["I", "'LL", " ", "123", "45", "\tx"]
        );
        assert_eq!(pieces(Split::Llama3, " 12345"), [" ", "123", "45"]);
        assert_eq!(pieces(Split::Qwen2, "a 123"), ["a", " ", "1", "2", "3"]);
        // The long s folds to s.
        assert_eq!(pieces(Split::Cl100k, "it'ſx"), ["it", "'ſ", "x"]);
    }

    #[test]
    fn line_breaks_end_a_piece_except_where_white_space_ends_the_text() {
        assert_eq!(
            pieces(Split::Cl100k, "a!\n\n \n  b"),
            ["a", "!\n\n", " \n", " ", " b"]
        );
        assert_eq!(pieces(Split::Cl100k, "a \n "), ["a", " \n "]);
        for split in [Split::Llama3, Split::Qwen2, Split::O200k] {
            assert_eq!(pieces(split, "a \n "), ["a", " \n", " "]);
        }
        assert_eq!(pieces(Split::O200k, "a!\n/b"), ["a", "!\n/", "b"]);
    }

    #[test]
    fn o200k_splits_camel_case_and_keeps_contractions() {
        assert_eq!(
            pieces(Split::O200k, "camelCaseHTTPx I'm"),
            ["camel", "Case", "HTTPx", " I'm"]
        );
        assert_eq!(pieces(Split::O200k, "\u{301}ABC"), ["\u{301}", "ABC"]);
    }

    #[test]
    fn every_name_finds_its_pattern() {
        for split in Split::ALL {
            assert_eq!(Split::by_name(split.name()), Some(split));
        }
        assert_eq!(Split::by_name("llama"), None);
    }
}
