//! What is asked: the expression, the word expected of it, and how "near" is meant.

use crate::labs::embeddings::{Metric, Options, Scale};
use crate::tabs::embeddings::explain_panel::Measure;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// How many words are shown.
pub(super) const N_SHOWN: RangeInclusive<usize> = 1..=100;

/// Everything that a person can choose, and take back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    /// "king - man + woman".
    pub(super) expression: String,
    /// The word that the person expects, or nothing.
    pub(super) expected: String,
    /// What the words are ordered by.
    pub(super) measure: Measure,
    /// Whether the vectors keep the lengths that the file gives them.
    pub(super) raw: bool,
    /// How many words to show.
    pub(super) top: usize,
    /// Whether the words of the expression are out of the running.
    pub(super) strike: bool,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            expression: PRESETS[0].expression.into(),
            expected: PRESETS[0].expected.into(),
            measure: Measure::Cosine,
            raw: false,
            top: 10,
            strike: true,
        }
    }
}

impl Question {
    /// As the lab takes it.
    pub(super) fn options(&self) -> Options {
        let expected = self.expected.trim();
        Options {
            metric: match self.measure {
                Measure::Cosine => Metric::Cosine,
                Measure::Dot => Metric::Dot,
                Measure::Distance => Metric::Euclid,
            },
            scale: self.scale(),
            top: self.top.clamp(*N_SHOWN.start(), *N_SHOWN.end()),
            expected: (!expected.is_empty()).then(|| expected.to_owned()),
        }
    }

    /// How long the vectors are taken to be.
    pub(super) fn scale(&self) -> Scale {
        if self.raw { Scale::Raw } else { Scale::Unit }
    }
}

/// Something to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preset {
    /// What the button says.
    pub(super) name: &'static str,
    /// What there is to see.
    pub(super) hint: &'static str,
    pub(super) expression: &'static str,
    pub(super) expected: &'static str,
}

/// What lectures show, hits and misses.
pub(super) const PRESETS: [Preset; 11] = [
    Preset {
        name: "queen",
        hint: "The one everybody knows: what is to woman as king is to man?",
        expression: "king - man + woman",
        expected: "queen",
    },
    Preset {
        name: "father",
        hint: "Mother, with woman taken out and man put in.",
        expression: "mother + man - woman",
        expected: "father",
    },
    Preset {
        name: "boy",
        hint: "The same step, from girl.",
        expression: "girl + man - woman",
        expected: "boy",
    },
    Preset {
        name: "your",
        hint: "Grammar too is a direction: he is to his as you is to your.",
        expression: "you + his - he",
        expected: "your",
    },
    Preset {
        name: "Rome",
        hint: "Paris without France, with Italy: a capital is a direction.",
        expression: "paris - france + italy",
        expected: "rome",
    },
    Preset {
        name: "Tokyo",
        hint: "The same step on the other side of the world.",
        expression: "paris - france + japan",
        expected: "tokyo",
    },
    Preset {
        name: "bratwurst",
        hint: "What is to Germany as sushi is to Japan?",
        expression: "sushi - japan + germany",
        expected: "bratwurst",
    },
    Preset {
        name: "steam",
        hint: "Ice and steam, after the paper that introduced GloVe: take what is solid out of ice, put gas in.",
        expression: "ice - solid + gas",
        expected: "steam",
    },
    Preset {
        name: "weights",
        hint: "Words may have weights and stand in brackets: here a little less than all of the step.",
        expression: "(paris - france) * 0.8 + italy",
        expected: "rome",
    },
    Preset {
        name: "plural",
        hint: "One more of the same: mouse is to mice as cat is to what?",
        expression: "mice - mouse + cat",
        expected: "cats",
    },
    Preset {
        name: "a prejudice",
        hint: "Nobody taught the vectors this: it is how the texts speak that they were learned from. What the nearest words are says as much about us as about words.",
        expression: "doctor - man + woman",
        expected: "nurse",
    },
];

impl Preset {
    /// The question that shows it, other choices of `question` kept.
    pub(super) fn on(self, question: &Question) -> Question {
        Question {
            expression: self.expression.into(),
            expected: self.expected.into(),
            ..question.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_without_an_expected_word_expects_none() {
        let mut question = Question {
            expected: "  ".into(),
            top: 100_000,
            ..Question::default()
        };
        assert_eq!(question.options().expected, None);
        assert_eq!(question.options().top, 100);
        question.raw = true;
        assert_eq!(question.options().scale, Scale::Raw);
    }
}
