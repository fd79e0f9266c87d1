//! The snapshots of a training as films: one for each way that was taken. A way that goes on from an
//! earlier snapshot has the same pictures up to there; no way is ever thrown away.

use crate::labs::gan::pictures::Pictures;
use crate::labs::gan::pictures::Variety;
use crate::widgets::film_strip::FilmState;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Pictures along a side of a thumbnail.
const THUMB: usize = 2;
/// Memory for the states that training can go on from; the pictures of all snapshots are kept.
const STATE_BYTES: usize = 512 << 20;

/// A snapshot of a training.
pub(in crate::tabs::images) trait Shot {
    /// What training goes on from.
    type State;
    /// The numbers of a way.
    type Trace: Default;

    /// What a step of this training is called.
    const STEP: &'static str;

    /// The step that it was taken after.
    fn step(&self) -> usize;

    /// Seconds of work behind it.
    fn secs(&self) -> f64;

    /// What it shows.
    fn pictures(&self) -> &Pictures;

    /// Its state, which is kept apart.
    fn take_state(&mut self) -> Option<Arc<Self::State>>;

    /// Lets go of states until the others need no more than so many bytes.
    fn thin(states: &mut [&mut Option<Arc<Self::State>>], n_bytes: usize);

    /// What was known by the end of a turn.
    fn until(trace: &Self::Trace, step: usize) -> Self::Trace;
}

/// A snapshot, and what is known of it.
#[derive(Debug)]
pub(in crate::tabs::images) struct Frame<S> {
    /// Differs from that of every other frame.
    pub(in crate::tabs::images) id: u64,
    /// Without its state: see [`Film::state_of`].
    pub(in crate::tabs::images) snapshot: S,
    /// How much of what there is the made pictures show.
    pub(in crate::tabs::images) variety: Option<Variety>,
}

/// One way that training took.
pub(in crate::tabs::images) struct Way<S: Shot> {
    /// All snapshots from the first, also those of the ways that it goes on from.
    pub(in crate::tabs::images) frames: Vec<Arc<Frame<S>>>,
    pub(in crate::tabs::images) trace: S::Trace,
    /// The turn at which it left another way.
    pub(in crate::tabs::images) began_at: Option<usize>,
}

/// All ways.
pub(in crate::tabs::images) struct Film<S: Shot> {
    ways: Vec<Way<S>>,
    /// The way on the stage.
    shown: usize,
    /// The frame on the stage; the newest where there is none.
    selected: Option<usize>,
    pub(in crate::tabs::images) strip: FilmState,
    /// Frames from which a second way goes on.
    forks: BTreeSet<u64>,
    /// The states that are kept, by frame: from each training goes on as if nothing had been between.
    states: BTreeMap<u64, Option<Arc<S::State>>>,
    n_frames: u64,
    thumbs: BTreeMap<u64, PictureSheet>,
}

impl<S: Shot> Default for Way<S> {
    fn default() -> Self {
        Self {
            frames: Vec::new(),
            trace: S::Trace::default(),
            began_at: None,
        }
    }
}

impl<S: Shot> Default for Film<S> {
    fn default() -> Self {
        Self {
            ways: Vec::new(),
            shown: 0,
            selected: None,
            strip: FilmState::default(),
            forks: BTreeSet::new(),
            states: BTreeMap::new(),
            n_frames: 0,
            thumbs: BTreeMap::new(),
        }
    }
}

impl<S: Shot> std::fmt::Debug for Film<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Film").finish_non_exhaustive()
    }
}

impl<S: Shot> Film<S> {
    /// Forgets everything: another training begins.
    pub(in crate::tabs::images) fn clear(&mut self) {
        *self = Self {
            n_frames: self.n_frames,
            ways: vec![Way::default()],
            ..Self::default()
        };
    }

    /// The way on the stage.
    pub(in crate::tabs::images) fn way(&self) -> Option<&Way<S>> {
        self.ways.get(self.shown)
    }

    /// The newest way: the one that training is on.
    pub(in crate::tabs::images) fn newest_mut(&mut self) -> Option<&mut Way<S>> {
        self.ways.last_mut()
    }

    /// The newest snapshot of the newest way.
    pub(in crate::tabs::images) fn newest(&self) -> Option<&Arc<Frame<S>>> {
        self.ways.last()?.frames.last()
    }

    /// Adds a snapshot to the newest way. One of the same turn takes the place of the one before.
    pub(in crate::tabs::images) fn push(&mut self, mut snapshot: S, variety: Option<Variety>) {
        self.n_frames += 1;
        let id = self.n_frames;
        self.states.insert(id, snapshot.take_state());
        let mut states: Vec<_> = self.states.values_mut().collect();
        S::thin(&mut states, STATE_BYTES);
        self.states.retain(|_, state| state.is_some());
        let frame = Arc::new(Frame {
            id,
            snapshot,
            variety,
        });
        if self.ways.is_empty() {
            self.ways.push(Way::default());
        }
        let Some(way) = self.ways.last_mut() else {
            return;
        };
        let step = frame.snapshot.step();
        match way.frames.last_mut() {
            Some(last) if last.snapshot.step() == step => *last = frame,
            _ => way.frames.push(frame),
        }
    }

    /// The snapshots of the way on the stage.
    pub(in crate::tabs::images) fn frames(&self) -> &[Arc<Frame<S>>] {
        self.way().map_or(&[], |way| &way.frames)
    }

    /// The frame on the stage, by its place.
    pub(in crate::tabs::images) fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// Puts a frame on the stage, or follows the newest.
    pub(in crate::tabs::images) fn select(&mut self, frame: Option<usize>) {
        self.selected = frame;
    }

    /// The frame on the stage.
    pub(in crate::tabs::images) fn here(&self) -> Option<&Arc<Frame<S>>> {
        let frames = self.frames();
        match self.selected {
            Some(i) => frames.get(i).or(frames.last()),
            None => frames.last(),
        }
    }

    /// Begins a way at the frame on the stage, if training can go on from there: all that came before
    /// is its past too. Where that is the end of the newest way, the way simply goes on.
    pub(in crate::tabs::images) fn go_on_from_here(&mut self) -> Option<Arc<S::State>> {
        let here = Arc::clone(self.here()?);
        let state = self.state_of(&here)?;
        let is_end = self.newest().is_some_and(|newest| newest.id == here.id);
        if !is_end {
            let way = self.way()?;
            let n = way.frames.iter().position(|frame| frame.id == here.id)? + 1;
            let branch = Way {
                frames: way.frames[..n].to_vec(),
                trace: S::until(&way.trace, here.snapshot.step()),
                began_at: Some(here.snapshot.step()),
            };
            self.forks.insert(here.id);
            self.ways.push(branch);
            self.shown = self.ways.len() - 1;
        }
        self.selected = None;
        Some(state)
    }

    /// From where training can go on, if it is still kept.
    pub(in crate::tabs::images) fn state_of(&self, frame: &Frame<S>) -> Option<Arc<S::State>> {
        self.states.get(&frame.id).cloned().flatten()
    }

    /// Whether training can go on from the frame on the stage.
    pub(in crate::tabs::images) fn can_go_on_from_here(&self) -> bool {
        self.here()
            .is_some_and(|here| self.state_of(here).is_some())
    }

    /// Whether a second way goes on from a frame of the way on the stage.
    pub(in crate::tabs::images) fn is_fork(&self, frame: usize) -> bool {
        let frames = self.frames();
        frames
            .get(frame)
            .is_some_and(|f| self.forks.contains(&f.id))
    }

    /// The ways, as they are called, and which is on the stage; empty while there is only one.
    pub(in crate::tabs::images) fn ways(&self) -> (Vec<String>, usize) {
        let names = self.ways.iter().enumerate().map(|(i, way)| {
            let last = way.frames.last().map_or(0, |frame| frame.snapshot.step());
            match way.began_at {
                None => format!("Way {}: to {} {last}", i + 1, S::STEP),
                Some(at) => format!("Way {}: from {} {at} to {last}", i + 1, S::STEP),
            }
        });
        let names: Vec<String> = names.collect();
        let names = if names.len() > 1 { names } else { Vec::new() };
        (names, self.shown)
    }

    /// Puts the way on the stage that training is on.
    pub(in crate::tabs::images) fn show_newest_way(&mut self) {
        self.show_way(self.ways.len().saturating_sub(1));
    }

    /// Puts a way on the stage.
    pub(in crate::tabs::images) fn show_way(&mut self, way: usize) {
        self.shown = way.min(self.ways.len().saturating_sub(1));
        self.selected = None;
    }

    /// A few pictures of a frame of the way on the stage, as a texture of their own.
    pub(in crate::tabs::images) fn thumb(
        &mut self,
        ctx: &eframe::egui::Context,
        frame: usize,
    ) -> Option<&PictureSheet> {
        let frame = Arc::clone(self.frames().get(frame)?);
        let sheet = self.thumbs.entry(frame.id).or_default();
        let shown = frame.snapshot.pictures();
        let n_bytes = shown.side * shown.side * shown.n_channels * THUMB * THUMB;
        let pixels = Pixels {
            side: shown.side,
            n_channels: shown.n_channels,
            bytes: shown.pixels.get(..n_bytes).unwrap_or(&shown.pixels),
        };
        sheet.update(ctx, frame.id, pixels, false);
        Some(sheet)
    }

    /// Pictures along a side of a thumbnail.
    pub(in crate::tabs::images) const fn thumb_columns() -> usize {
        THUMB
    }
}
