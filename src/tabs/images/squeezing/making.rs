//! The job that trains, and the networks that it has made: one for each number of numbers, so that
//! they can be compared.

use super::setup::Which;
use crate::jobs::{Job, Wake};
use crate::labs::autoencoder::{
    self, Controls, Event, Fault, Opened, Outcome, Pictures, Prepared, Recipe, Snapshot, Squeezer,
    State, Turn,
};
use crate::labs::compute::Compute;
use crate::refusal::{Refusal, Result};
use crate::widgets::film_strip::FilmState;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::Context;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two reports of turns.
const REPORT_EVERY: Duration = Duration::from_millis(100);
/// Pictures of a film's frame, in two rows.
const THUMBS: usize = 4;

/// What the job sends.
#[derive(Debug)]
pub(super) enum Message {
    Prepared(Prepared),
    Turn(Turn),
    Snapshot(Snapshot),
    Trouble(Refusal),
    Ended(Result<Outcome>),
}

/// A training at work. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) job: Job<Message>,
    pub(super) controls: Arc<Controls>,
    /// The network that it trains.
    pub(super) which: Which,
    /// It should end at the next occasion.
    ends: Arc<AtomicBool>,
}

impl Training {
    /// Starts as `recipe` says, from nothing or from a state.
    pub(super) fn start(
        recipe: Recipe,
        which: Which,
        from: Option<Arc<State>>,
        compute: Compute,
        wake: Wake,
    ) -> Result<Self> {
        let controls = Arc::new(Controls::new(recipe.settings.clone()));
        let ends = Arc::new(AtomicBool::new(false));
        let (knobs, seen) = (Arc::clone(&controls), Arc::clone(&ends));
        let job = Job::spawn("train an autoencoder", wake, move |emit| {
            compute.set_threads();
            let mut told: Option<Instant> = None;
            let ended = autoencoder::run(&recipe, from.as_deref(), &knobs, &mut |event| {
                match event {
                    Event::Working | Event::Saved { .. } => {}
                    Event::Turn(turn) => {
                        if told.is_none_or(|told| told.elapsed() >= REPORT_EVERY) {
                            told = Some(Instant::now());
                            emit(Message::Turn(turn))?;
                        }
                    }
                    Event::Prepared(prepared) => emit(Message::Prepared(prepared))?,
                    Event::Snapshot(snapshot) => emit(Message::Snapshot(snapshot))?,
                    Event::Trouble(refusal) => emit(Message::Trouble(refusal))?,
                }
                if seen.load(Ordering::Relaxed) {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            _ = emit(Message::Ended(ended));
        })?;
        Ok(Self {
            job,
            controls,
            which,
            ends,
        })
    }

    /// Ends it after its step; where it stands arrives as [`Message::Ended`].
    pub(super) fn pause(&self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        self.pause();
    }
}

/// One moment of a training.
#[derive(Debug)]
pub(super) struct Frame {
    /// Differs from that of every other frame of every network.
    pub(super) id: u64,
    pub(super) step: usize,
    pub(super) secs: f64,
    pub(super) fault: Fault,
    pub(super) squeezer: Arc<Squeezer>,
    pictures: Arc<Pictures>,
    thumb: PictureSheet,
}

/// One network, from its first step on.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) recipe: Recipe,
    pub(super) prepared: Option<Prepared>,
    pub(super) frames: Vec<Frame>,
    /// The frame on the stage; the newest where there is none.
    pub(super) selected: Option<usize>,
    pub(super) strip: FilmState,
    pub(super) turn: Option<Turn>,
    /// Where training goes on from.
    pub(super) state: Option<Arc<State>>,
    /// How it ended, in a sentence.
    pub(super) ended: Option<String>,
    /// Where the picture of one's own stands among the pictures.
    pub(super) own: Option<usize>,
    /// Whether it was opened as it is, so that nobody knows here what it learned from.
    pub(super) is_opened: bool,
}

impl Made {
    pub(super) fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            prepared: None,
            frames: Vec::new(),
            selected: None,
            strip: FilmState::default(),
            turn: None,
            state: None,
            ended: None,
            own: None,
            is_opened: false,
        }
    }

    /// A network of another day, with `words` about it.
    pub(super) fn opened(recipe: Recipe, opened: Opened, id: u64, words: String) -> Self {
        let frame = Frame {
            id,
            step: opened.squeezer.about().step,
            secs: 0.0,
            fault: opened.fault,
            squeezer: opened.squeezer,
            pictures: opened.pictures,
            thumb: PictureSheet::default(),
        };
        Self {
            prepared: Some(opened.prepared),
            frames: vec![frame],
            ended: Some(words),
            is_opened: true,
            ..Self::new(recipe)
        }
    }

    /// Adds a picture of one's own behind those there are; returns where it stands.
    pub(super) fn join(&mut self, picture: &Pictures) -> Option<usize> {
        let prepared = self.prepared.as_mut()?;
        let (n, side) = (prepared.pictures.len(), prepared.pictures.side);
        if (picture.side, picture.n_channels) != (side, prepared.pictures.n_channels) {
            return None;
        }
        Arc::make_mut(&mut prepared.pictures)
            .pixels
            .extend(&picture.pixels);
        self.own = Some(n);
        Some(n)
    }

    /// Takes that picture away again: another one was chosen.
    pub(super) fn forget_own(&mut self) {
        if let (Some(n), Some(prepared)) = (self.own.take(), &mut self.prepared) {
            let pictures = Arc::make_mut(&mut prepared.pictures);
            let n_bytes = pictures.side * pictures.side * pictures.n_channels;
            pictures.pixels.truncate(n * n_bytes);
        }
    }

    /// Adds a moment. One of the same step takes the place of the one before.
    pub(super) fn push(&mut self, id: u64, snapshot: Snapshot) {
        self.state = Some(snapshot.state);
        let frame = Frame {
            id,
            step: snapshot.step,
            secs: snapshot.secs,
            fault: snapshot.fault,
            squeezer: snapshot.squeezer,
            pictures: snapshot.pictures,
            thumb: PictureSheet::default(),
        };
        match self.frames.last_mut() {
            Some(last) if last.step == frame.step => *last = frame,
            _ => self.frames.push(frame),
        }
    }

    /// The moment on the stage.
    pub(super) fn here(&self) -> Option<&Frame> {
        match self.selected {
            Some(i) => self.frames.get(i).or(self.frames.last()),
            None => self.frames.last(),
        }
    }

    /// The best that it can do now.
    pub(super) fn newest(&self) -> Option<&Frame> {
        self.frames.last()
    }
}

impl Frame {
    /// A few of its pictures, as a texture.
    pub(super) fn thumb(&mut self, ctx: &Context) -> &PictureSheet {
        let pictures = &self.pictures;
        let n_bytes = pictures.side * pictures.side * pictures.n_channels * THUMBS;
        let pixels = Pixels {
            side: pictures.side,
            n_channels: pictures.n_channels,
            bytes: pictures.pixels.get(..n_bytes).unwrap_or(&pictures.pixels),
        };
        self.thumb.update(ctx, self.id, pixels, false);
        &self.thumb
    }
}
