//! The small corpus: what it is, how far learning has gone, and what moves it on.

mod keep;

use super::presets::{PAPER, PRESETS};
use super::words::counted;
use crate::labs::bpe_learning::stepwise::{Look, Stepwise};
use crate::labs::bpe_learning::{Pair, Ties};
use crate::labs::tokenizer::Tokenizer;
use crate::refusal::Result;
use crate::widgets::text_editor::EditorState;
use crate::widgets::token_text::visible;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows of the table of pairs.
pub(super) const N_PAIRS: usize = 20;

/// How many merges Run goes to.
pub(super) const N_MERGES: RangeInclusive<usize> = 1..=1000;

/// Merges a second while playing.
pub(super) const SPEED: RangeInclusive<f64> = 0.5..=10.0;

/// Of a frame, what running may take.
const MOST_OF_A_FRAME: Duration = Duration::from_millis(6);

/// How the corpus is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    /// A word and its count on each line.
    #[default]
    Words,
    /// A text, cut into pieces and counted.
    Text,
}

/// What is learned from, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub way: Way,
    /// The corpus as words and counts.
    pub lines: String,
    /// The corpus as a text.
    pub text: String,
    /// How a text is cut.
    pub split: String,
    /// Whether words end in the paper's mark.
    pub end_of_word: bool,
    /// Whether the pair that comes first in the corpus wins a tie; otherwise the smaller ids do.
    pub first_wins: bool,
    /// How many merges Run goes to.
    pub n_merges: usize,
    /// Merges a second while playing.
    pub speed: f64,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            way: Way::Words,
            lines: PAPER.into(),
            text: String::new(),
            split: "gpt2".into(),
            end_of_word: true,
            first_wins: true,
            n_merges: 10,
            speed: 1.5,
        }
    }
}

impl Setup {
    /// Who wins a tie.
    pub(super) fn ties(&self) -> Ties {
        if self.first_wins {
            Ties::FirstInCorpus
        } else {
            Ties::SmallerIds
        }
    }

    fn begin(&self) -> Result<Stepwise> {
        match self.way {
            Way::Words => Stepwise::from_words(&self.lines, self.end_of_word, self.ties()),
            Way::Text => Stepwise::from_text(&self.text, &self.split, self.ties()),
        }
    }
}

/// What moves by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moving {
    No,
    /// One merge after the other; the next one at this time.
    Playing(f64),
    /// As fast as it goes.
    Running,
}

/// The small corpus in the middle of learning.
#[derive(Debug)]
pub(super) struct Small {
    pub setup: Setup,
    pub editors: [EditorState; 2],
    stepwise: Result<Stepwise>,
    look: Look,
    moving: Moving,
    /// Seconds since the window opened, as of the last frame.
    now: f64,
    /// The pair under the pointer.
    pub pointed: Option<Pair>,
    /// What was learned, to be encoded with.
    wanted: Option<Arc<Tokenizer>>,
}

impl Default for Small {
    fn default() -> Self {
        let mut text = PRESETS[1].on(&Setup::default()).text;
        let setup = Setup {
            text: std::mem::take(&mut text),
            ..Setup::default()
        };
        let mut small = Self {
            stepwise: setup.begin(),
            editors: Default::default(),
            setup,
            look: Look::default(),
            moving: Moving::No,
            now: 0.0,
            pointed: None,
            wanted: None,
        };
        small.look_again();
        small
    }
}

impl Small {
    /// Begins anew with other settings, unless they only change how it is shown.
    pub(super) fn set_up(&mut self, mut setup: Setup) {
        setup.n_merges = setup.n_merges.clamp(*N_MERGES.start(), *N_MERGES.end());
        setup.speed = setup.speed.clamp(*SPEED.start(), *SPEED.end());
        let same = Setup {
            n_merges: self.setup.n_merges,
            speed: self.setup.speed,
            ..setup.clone()
        } == self.setup;
        self.setup = setup;
        if !same {
            self.moving = Moving::No;
            self.stepwise = self.setup.begin();
            self.look_again();
        }
    }

    /// Moves on what plays or runs.
    pub(super) fn poll(&mut self) {
        let target = self.setup.n_merges;
        match self.moving {
            Moving::No => {}
            Moving::Playing(at) if self.now < at => {}
            Moving::Playing(at) => {
                self.merge_once();
                let next = at.max(self.now - 1.0) + 1.0 / self.setup.speed;
                if self.can_step() {
                    self.moving = Moving::Playing(next);
                }
            }
            Moving::Running => {
                let begun = Instant::now();
                if let Ok(stepwise) = &mut self.stepwise {
                    while stepwise.n_merges() < target && begun.elapsed() < MOST_OF_A_FRAME {
                        if !stepwise.step() {
                            break;
                        }
                    }
                }
                self.look_again();
                if !self.can_run() {
                    self.moving = Moving::No;
                }
            }
        }
    }

    /// Tells it the time; returns after how many seconds it wants the next frame.
    pub(super) fn tick(&mut self, now: f64) -> Option<f64> {
        self.now = now;
        match self.moving {
            Moving::No => None,
            Moving::Running => Some(0.0),
            Moving::Playing(at) => Some((at - now).max(0.0)),
        }
    }

    /// One merge.
    pub(super) fn step(&mut self) {
        self.moving = Moving::No;
        self.merge_once();
    }

    fn merge_once(&mut self) {
        if let Ok(stepwise) = &mut self.stepwise {
            stepwise.step();
        }
        self.look_again();
        if self.look.next.is_none() {
            self.moving = Moving::No;
        }
    }

    /// Takes the last merge back.
    pub(super) fn back(&mut self) {
        self.go_to(self.n_merges().saturating_sub(1));
    }

    /// The moment after so many merges.
    pub(super) fn go_to(&mut self, n_merges: usize) {
        self.moving = Moving::No;
        if let Ok(stepwise) = &mut self.stepwise {
            stepwise.go_to(n_merges);
        }
        self.look_again();
    }

    /// One merge after the other, slowly.
    pub(super) fn play(&mut self) {
        self.moving = Moving::Playing(self.now);
    }

    /// To as many merges as are asked for, at once.
    pub(super) fn run(&mut self) {
        self.moving = Moving::Running;
    }

    /// Stays where it is.
    pub(super) fn stop(&mut self) {
        self.moving = Moving::No;
    }

    fn look_again(&mut self) {
        self.pointed = None;
        self.look = match &mut self.stepwise {
            Ok(stepwise) => stepwise.look(N_PAIRS),
            Err(_) => Look::default(),
        };
    }

    /// What is on show.
    pub(super) fn look(&self) -> &Look {
        &self.look
    }

    /// The corpus in the middle of learning, or why it cannot be learned from.
    pub(super) fn stepwise(&self) -> &Result<Stepwise> {
        &self.stepwise
    }

    /// A token's visible text.
    pub(super) fn text(&self, id: u32) -> String {
        let tokens = self.stepwise.as_ref().map(|s| s.learner().tokens());
        let bytes = tokens.ok().and_then(|tokens| tokens.get(id as usize));
        bytes.map_or_else(String::new, |bytes| visible(bytes))
    }

    /// Merges so far.
    pub(super) fn n_merges(&self) -> usize {
        self.stepwise.as_ref().map_or(0, Stepwise::n_merges)
    }

    /// Whether a pair stands twice.
    pub(super) fn can_step(&self) -> bool {
        self.look.next.is_some()
    }

    /// Whether there is a merge to take back.
    pub(super) fn can_go_back(&self) -> bool {
        self.n_merges() > 0
    }

    /// Whether Run would do something.
    pub(super) fn can_run(&self) -> bool {
        self.can_step() && self.n_merges() < self.setup.n_merges
    }

    /// Whether it moves by itself.
    pub(super) fn is_moving(&self) -> bool {
        self.moving != Moving::No
    }

    /// Whether it moves slowly.
    pub(super) fn is_playing(&self) -> bool {
        matches!(self.moving, Moving::Playing(_))
    }

    /// Whether any merge was ever made.
    pub(super) fn has_steps(&self) -> bool {
        let reached = self.stepwise.as_ref().map(|s| s.reached().next().is_some());
        reached.unwrap_or(false)
    }

    /// What you are looking at.
    pub(super) fn title(&self) -> String {
        let merges = counted(self.n_merges() as u64, "merge");
        format!("Learning a vocabulary: {merges}")
    }
}

#[cfg(test)]
mod tests;
