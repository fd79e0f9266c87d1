//! What a person chose: the text, the unit, N, the context and what is done about zeros.

use crate::labs::ngrams::{MAX_ORDER, Smoothing, Source, Unit};
use serde::{Deserialize, Serialize};

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Page {
    #[default]
    Count,
    Predict,
    Write,
    Size,
    Beside,
}

impl Page {
    pub(super) const ALL: [Self; 5] = [
        Self::Count,
        Self::Predict,
        Self::Write,
        Self::Size,
        Self::Beside,
    ];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Count => "1  Count",
            Self::Predict => "2  Predict",
            Self::Write => "3  Write",
            Self::Size => "4  Size and zeros",
            Self::Beside => "5  And a transformer?",
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Count => "How often each sequence of N letters or words stands in the text.",
            Self::Predict => "The counts after a context, divided by their sum: P(next | context).",
            Self::Write => "Draw what comes next by its probability, move on by one, draw again.",
            Self::Size => {
                "How many sequences there could be, and how few of them ever stand there."
            }
            Self::Beside => "What a transformer expects after the whole text, not its last N − 1.",
        }
    }
}

/// What is done about a count of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Zeros {
    #[default]
    Stay,
    AddK,
    BackOff,
}

/// All that can be chosen here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub(super) page: Page,
    #[serde(skip, default = "shipped")]
    pub(super) source: Source,
    #[serde(with = "UnitName")]
    pub(super) unit: Unit,
    pub(super) n: usize,
    pub(super) context: String,
    pub(super) zeros: Zeros,
    /// What add-k adds.
    pub(super) k: f64,
    /// What back-off takes away.
    pub(super) discount: f64,
    pub(super) seed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Unit", rename_all = "snake_case")]
enum UnitName {
    Letters,
    Words,
}

fn shipped() -> Source {
    Source::MobyDick
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            page: Page::Count,
            source: shipped(),
            unit: Unit::Letters,
            n: 3,
            context: " q".into(),
            zeros: Zeros::Stay,
            k: 1.0,
            discount: 0.75,
            seed: 0,
        }
    }
}

impl Setup {
    /// As it was kept, with what cannot be put right.
    pub(super) fn checked(mut self) -> Self {
        self.n = self.n.clamp(1, MAX_ORDER);
        self.k = if self.k.is_finite() {
            self.k.clamp(0.001, 10.0)
        } else {
            1.0
        };
        self.discount = if self.discount.is_finite() {
            self.discount.clamp(0.05, 0.95)
        } else {
            0.75
        };
        self.context
            .truncate(self.context.floor_char_boundary(2000));
        self
    }

    pub(super) fn smoothing(&self) -> Smoothing {
        match self.zeros {
            Zeros::Stay => Smoothing::None,
            Zeros::AddK => Smoothing::AddK(self.k),
            Zeros::BackOff => Smoothing::BackOff(self.discount),
        }
    }

    /// Writes a symbol behind the context.
    pub(super) fn push(&mut self, name: &str) {
        let needs_gap = self.unit == Unit::Words
            && !self.context.is_empty()
            && !self.context.ends_with(char::is_whitespace);
        if needs_gap {
            self.context.push(' ');
        }
        self.context.push_str(name);
    }

    /// One letter or word, several of them.
    pub(super) fn unit_words(&self) -> [&'static str; 2] {
        match self.unit {
            Unit::Letters => ["letter", "letters"],
            Unit::Words => ["word", "words"],
        }
    }
}

/// The sentence that every lecture begins with.
pub(super) const ALPHA: &str =
    "I have a dog whose name is Alpha. I have two cats, they like playing with Alpha";

/// Something to try.
pub(super) struct Preset {
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    is_sentence: bool,
    unit: Unit,
    n: usize,
    context: &'static str,
    page: Page,
    zeros: Zeros,
}

impl Preset {
    /// What it makes of what was chosen.
    pub(super) fn apply(&self, setup: &mut Setup) {
        if self.is_sentence {
            setup.source = Source::Text(ALPHA.into());
        } else if matches!(setup.source, Source::Text(_)) {
            setup.source = Source::MobyDick;
        }
        (setup.unit, setup.n, setup.page) = (self.unit, self.n, self.page);
        (setup.context, setup.zeros) = (self.context.into(), self.zeros);
    }
}

/// What there is to try.
pub(super) const PRESETS: [Preset; 6] = [
    Preset {
        label: "After q",
        hint: "Which letters follow a q at the start of a word? Count, then divide.",
        is_sentence: false,
        unit: Unit::Letters,
        n: 3,
        context: " q",
        page: Page::Predict,
        zeros: Zeros::Stay,
    },
    Preset {
        label: "After qu",
        hint: "Four letters share everything, and 23 have nothing.",
        is_sentence: false,
        unit: Unit::Letters,
        n: 3,
        context: "qu",
        page: Page::Predict,
        zeros: Zeros::Stay,
    },
    Preset {
        label: "A dog named Alpha",
        hint: "Seventeen words, small enough to count by hand: P(two | have) = 1/2.",
        is_sentence: true,
        unit: Unit::Words,
        n: 2,
        context: "have",
        page: Page::Predict,
        zeros: Zeros::Stay,
    },
    Preset {
        label: "the white …",
        hint: "Two words before, one after.",
        is_sentence: false,
        unit: Unit::Words,
        n: 3,
        context: "the white",
        page: Page::Predict,
        zeros: Zeros::Stay,
    },
    Preset {
        label: "Never seen",
        hint: "The book never says “the electric”. What then? Back off to the shorter context.",
        is_sentence: false,
        unit: Unit::Words,
        n: 3,
        context: "the electric",
        page: Page::Predict,
        zeros: Zeros::BackOff,
    },
    Preset {
        label: "Long memory",
        hint: "The word that decides stands far back. N − 1 words cannot see it; a transformer can.",
        is_sentence: false,
        unit: Unit::Words,
        n: 3,
        context: "My dog's name is Ben. He is a big dog with large paws. Everybody likes my dog, whose name is",
        page: Page::Beside,
        zeros: Zeros::BackOff,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_nonsense_is_put_right() {
        let setup = Setup {
            unit: Unit::Words,
            n: 5,
            zeros: Zeros::BackOff,
            ..Setup::default()
        };
        let kept = serde_json::to_value(&setup).unwrap();
        assert_eq!(serde_json::from_value::<Setup>(kept).unwrap(), setup);
        let odd = serde_json::json!({ "n": 99, "k": -3.0, "discount": 7.0 });
        let odd = serde_json::from_value::<Setup>(odd).unwrap().checked();
        assert_eq!((odd.n, odd.k, odd.discount), (7, 0.001, 0.95));
    }

    #[test]
    fn a_word_is_written_behind_a_gap_and_a_letter_is_not() {
        let mut setup = Setup::default();
        setup.push("u");
        assert_eq!(setup.context, " qu");
        (setup.unit, setup.context) = (Unit::Words, "the white".into());
        setup.push("whale");
        assert_eq!(setup.context, "the white whale");
    }
}
