//! One of the two models: the text as its tokens, and its numbers at the block that is looked at.

use crate::labs::inside::compare::{self, Positions};
use crate::labs::text::{LoadedText, read_raw};
use crate::refusal::{Refusal, Result};
use crate::tabs::latest::Latest;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::{Notice, Progress, TabContext};
use std::sync::Arc;

/// What is wished for: a model, a text, a block.
#[derive(Debug, Clone)]
struct Wish {
    loaded: Arc<LoadedText>,
    text: String,
    block: usize,
}

impl Wish {
    fn is(&self, loaded: &Arc<LoadedText>, text: &str, block: usize) -> bool {
        Arc::ptr_eq(&self.loaded, loaded) && self.text == text && self.block == block
    }
}

/// What the worker found.
#[derive(Debug)]
struct Found {
    pieces: Vec<Piece>,
    positions: Positions,
    numbers: compare::Side,
}

/// One model.
#[derive(Debug, Default)]
pub(super) struct Side {
    worker: Option<Latest<(), Wish, Result<Found>>>,
    asked: Option<Wish>,
    is_reading: bool,
    /// The tokens of the text.
    pub(super) pieces: Vec<Piece>,
    pub(super) positions: Option<Positions>,
    pub(super) numbers: Option<compare::Side>,
    pub(super) refused: Option<Refusal>,
    /// Another number whenever the numbers are others.
    pub(super) version: u64,
}

impl Side {
    /// Looks at this model, text and block, unless that was done.
    pub(super) fn wish(
        &mut self,
        loaded: &Arc<LoadedText>,
        text: &str,
        block: usize,
        cx: &mut TabContext<'_>,
    ) {
        let asked = self.asked.as_ref();
        if text.is_empty() || asked.is_some_and(|asked| asked.is(loaded, text, block)) {
            return;
        }
        if self.worker.is_none() {
            match Latest::spawn("look into two models", cx, |(), wish: Wish, _, emit| {
                emit(find(&wish))
            }) {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        let wish = Wish {
            loaded: Arc::clone(loaded),
            text: text.into(),
            block,
        };
        let is_same = asked.is_some_and(|asked| Arc::ptr_eq(&asked.loaded, loaded));
        if !is_same {
            self.positions = None;
            self.numbers = None;
            self.pieces.clear();
        }
        if let Some(worker) = &self.worker {
            worker.wish((), wish.clone());
            self.is_reading = true;
        }
        self.asked = Some(wish);
    }

    /// Takes what the worker found.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        for found in worker.job.poll() {
            self.version += 1;
            match found {
                Ok(found) => {
                    let asked = self.asked.as_ref();
                    self.is_reading &= asked.is_none_or(|a| a.block != found.numbers.block);
                    self.refused = None;
                    self.pieces = found.pieces;
                    self.positions = Some(found.positions);
                    self.numbers = Some(found.numbers);
                }
                Err(refusal) => {
                    self.is_reading = false;
                    self.numbers = None;
                    self.refused = Some(refusal);
                }
            }
        }
        if let Some(refusal) = worker.job.take_failure() {
            cx.notices.push(Notice::Refused(refusal));
            self.worker = None;
            self.is_reading = false;
        }
    }

    /// Whether it reads.
    pub(super) fn progress(&self) -> Option<Progress> {
        let asked = self.asked.as_ref().filter(|_| self.is_reading)?;
        Some(Progress {
            label: format!("{} reads the text", asked.loaded.name),
            fraction: None,
        })
    }
}

fn find(wish: &Wish) -> Result<Found> {
    let seen = read_raw(&wish.loaded, &wish.text)?;
    Ok(Found {
        pieces: Piece::of(&wish.loaded, &seen.ids),
        positions: Positions::of(&wish.loaded)?,
        numbers: compare::look(&wish.loaded, &seen.ids, wish.block)?,
    })
}
