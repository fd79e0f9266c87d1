//! How one word became its tokens: which word, and which moment of its merges is looked at.

use super::side::Side;
use crate::labs::tokenizer::{MergeTree, Moment};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long each merge is looked at while it plays.
pub(super) const STEP: Duration = Duration::from_millis(900);

/// The word looked at.
#[derive(Debug)]
pub(super) struct Story {
    /// Which strip it is of: 0 is the vocabulary, 1 the one beside it.
    pub(super) side: usize,
    /// The token that was clicked.
    pub(super) id: u32,
    pub(super) word_idx: usize,
    pub(super) range: Range<usize>,
    pub(super) word: String,
    pub(super) is_special: bool,
    /// `None` for a special token, and for a word too long to read.
    pub(super) tree: Option<MergeTree>,
    pub(super) step: usize,
    playing: Option<Instant>,
}

impl Story {
    /// Of the word that `token` belongs to; at its end, when all merges are made.
    pub(super) fn of(side_idx: usize, side: &Side, token: usize) -> Option<Self> {
        let encoded = side.encoded()?;
        let id = encoded.tokens().get(token)?.id;
        let word_idx = encoded.word_of_token(token);
        let range = encoded.word(word_idx);
        let word = encoded.text().get(range.clone())?.to_owned();
        let is_special = encoded.word_is_special(word_idx);
        let tree = if is_special {
            None
        } else {
            side.tokenizer.merge_tree(&word, encoded.before(word_idx))
        };
        let step = tree.as_ref().map_or(0, |tree| tree.moments.len() - 1);
        Some(Self {
            side: side_idx,
            id,
            word_idx,
            range,
            word,
            is_special,
            tree,
            step,
            playing: None,
        })
    }

    /// Whether the word still stands where it was.
    pub(super) fn holds(&self, side: &Side) -> bool {
        side.encoded().is_some_and(|encoded| {
            encoded.word(self.word_idx) == self.range
                && encoded.text().get(self.range.clone()) == Some(&self.word)
                && encoded.word_is_special(self.word_idx) == self.is_special
        })
    }

    pub(super) fn has_steps(&self) -> bool {
        self.n_merges() > 0
    }

    pub(super) fn n_merges(&self) -> usize {
        self.tree.as_ref().map_or(0, |tree| tree.moments.len() - 1)
    }

    pub(super) fn moment(&self) -> Option<&Moment> {
        self.tree.as_ref()?.moments.get(self.step)
    }

    pub(super) fn go_to(&mut self, step: usize) {
        self.step = step.min(self.n_merges());
        self.playing = None;
    }

    /// One merge on, or one back.
    pub(super) fn step_on(&mut self) {
        self.go_to(self.step + 1);
    }

    pub(super) fn step_back(&mut self) {
        self.go_to(self.step.saturating_sub(1));
    }

    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Plays from here, or from the beginning where it is at its end; pauses while it plays.
    pub(super) fn toggle_play(&mut self) {
        if self.playing.take().is_some() {
            return;
        }
        if self.step == self.n_merges() {
            self.step = 0;
        }
        self.playing = Some(Instant::now());
    }

    /// Takes the next step while it plays and its time has come. True while it plays on.
    pub(super) fn play_on(&mut self) -> bool {
        let Some(since) = self.playing else {
            return false;
        };
        if since.elapsed() >= STEP {
            self.step += 1;
            self.playing = (self.step < self.n_merges()).then(Instant::now);
        }
        self.playing.is_some()
    }
}
