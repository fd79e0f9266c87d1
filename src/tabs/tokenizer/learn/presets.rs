//! The corpora that classes begin with.

use super::small::{Setup, Way};

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preset {
    /// What the button says.
    pub name: &'static str,
    /// What there is to see.
    pub hint: &'static str,
    way: Way,
    corpus: &'static str,
    end_of_word: bool,
    n_merges: usize,
}

/// The example of Sennrich et al. 2016, with the counts it has in every course since.
pub(super) const PAPER: &str = "low 5\nlower 2\nnewest 6\nwidest 3";

pub(super) const PRESETS: [Preset; 6] = [
    Preset {
        name: "The paper's corpus",
        hint: "Four words. The ending est becomes one token before any whole word does, because newest and widest share it.",
        way: Way::Words,
        corpus: PAPER,
        end_of_word: true,
        n_merges: 10,
    },
    Preset {
        name: "strawberry six ways",
        hint: "To a reader one word; to the learner six. A capital, a plural, a hyphen or a quotation mark before it changes its tokens.",
        way: Way::Text,
        corpus: "strawberry Strawberry STRAWBERRY strawberries straw-berry \"strawberry\"",
        end_of_word: false,
        n_merges: 11,
    },
    Preset {
        name: "reindeer, reinjury",
        hint: "re-injury has a prefix, reindeer has none; the counts know nothing of it and make rein a token of both.",
        way: Way::Words,
        corpus: "reindeer 6\nrein 5\nreins 4\nreinjury 2\ninjury 5\nreturn 3\nrerun 2\ndeer 4",
        end_of_word: true,
        n_merges: 16,
    },
    Preset {
        name: "digits",
        hint: "Common numbers become one token, others are cut anywhere: one reason why language models stumble over arithmetic.",
        way: Way::Words,
        corpus: "2024 9\n2025 8\n2026 3\n1999 5\n1000 7\n100 9\n10 9\n12 4\n123 3\n1234 2\n3072 1",
        end_of_word: true,
        n_merges: 14,
    },
    Preset {
        name: "code indentation",
        hint: "A line end and the spaces after it become one token, so that indented code costs fewer.",
        way: Way::Text,
        corpus: "def total(prices):\n    result = 0\n    for price in prices:\n        if price > 0:\n            result += price\n    return result\n\ndef mean(prices):\n    if not prices:\n        return 0\n    return total(prices) / len(prices)\n",
        end_of_word: false,
        n_merges: 20,
    },
    Preset {
        name: "Who'd use…",
        hint: "Each of the two characters is three bytes, and the first byte is the same: what is learned are bytes, and some tokens are no whole character.",
        way: Way::Text,
        corpus: "Who'd use \"后\" vs. \"後\"?\n皇后 王后 太后 后妃\n以後 然後 最後 後來 今後\n",
        end_of_word: false,
        n_merges: 7,
    },
];

impl Preset {
    /// The settings that show it, other choices of `setup` kept.
    pub(super) fn on(self, setup: &Setup) -> Setup {
        let mut setup = Setup {
            way: self.way,
            end_of_word: self.end_of_word,
            n_merges: self.n_merges,
            ..setup.clone()
        };
        match self.way {
            Way::Words => self.corpus.clone_into(&mut setup.lines),
            Way::Text => self.corpus.clone_into(&mut setup.text),
        }
        setup
    }
}
