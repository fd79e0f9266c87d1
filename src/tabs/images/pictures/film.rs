//! The snapshots of a training as films: one for each way that was taken. A way that goes on from an
//! earlier snapshot has the same pictures up to there; no way is ever thrown away.

use super::trace::Trace;
use crate::labs::gan::pictures::{Snapshot, State, Variety, thin};
use crate::widgets::film_strip::FilmState;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Pictures along a side of a thumbnail.
const THUMB: usize = 2;
/// Memory for the states that training can go on from; the pictures of all snapshots are kept.
const STATE_BYTES: usize = 512 << 20;

/// A snapshot, and what is known of it.
#[derive(Debug)]
pub(super) struct Frame {
    /// Differs from that of every other frame.
    pub(super) id: u64,
    /// Without its state: see [`Film::state_of`].
    pub(super) snapshot: Snapshot,
    /// How much of what there is the made pictures show.
    pub(super) variety: Option<Variety>,
}

/// One way that training took.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// All snapshots from the first, also those of the ways that it goes on from.
    pub(super) frames: Vec<Arc<Frame>>,
    pub(super) trace: Trace,
    /// The turn at which it left another way.
    pub(super) began_at: Option<usize>,
}

/// All ways.
#[derive(Debug, Default)]
pub(super) struct Film {
    ways: Vec<Way>,
    /// The way on the stage.
    shown: usize,
    /// The frame on the stage; the newest where there is none.
    selected: Option<usize>,
    pub(super) strip: FilmState,
    /// Frames from which a second way goes on.
    forks: BTreeSet<u64>,
    /// The states that are kept, by frame: from each training goes on as if nothing had been between.
    states: BTreeMap<u64, Option<Arc<State>>>,
    n_frames: u64,
    thumbs: BTreeMap<u64, PictureSheet>,
}

impl Film {
    /// Forgets everything: another training begins.
    pub(super) fn clear(&mut self) {
        *self = Self {
            n_frames: self.n_frames,
            ways: vec![Way::default()],
            ..Self::default()
        };
    }

    /// The way on the stage.
    pub(super) fn way(&self) -> Option<&Way> {
        self.ways.get(self.shown)
    }

    /// The newest way: the one that training is on.
    pub(super) fn newest_mut(&mut self) -> Option<&mut Way> {
        self.ways.last_mut()
    }

    /// The newest snapshot of the newest way.
    pub(super) fn newest(&self) -> Option<&Arc<Frame>> {
        self.ways.last()?.frames.last()
    }

    /// Adds a snapshot to the newest way. One of the same turn takes the place of the one before.
    pub(super) fn push(&mut self, mut snapshot: Snapshot, variety: Option<Variety>) {
        self.n_frames += 1;
        let id = self.n_frames;
        self.states.insert(id, snapshot.state.take());
        let mut states: Vec<_> = self.states.values_mut().collect();
        thin(&mut states, STATE_BYTES);
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
        let step = frame.snapshot.step;
        match way.frames.last_mut() {
            Some(last) if last.snapshot.step == step => *last = frame,
            _ => way.frames.push(frame),
        }
    }

    /// The snapshots of the way on the stage.
    pub(super) fn frames(&self) -> &[Arc<Frame>] {
        self.way().map_or(&[], |way| &way.frames)
    }

    /// The frame on the stage, by its place.
    pub(super) fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// Puts a frame on the stage, or follows the newest.
    pub(super) fn select(&mut self, frame: Option<usize>) {
        self.selected = frame;
    }

    /// The frame on the stage.
    pub(super) fn here(&self) -> Option<&Arc<Frame>> {
        let frames = self.frames();
        match self.selected {
            Some(i) => frames.get(i).or(frames.last()),
            None => frames.last(),
        }
    }

    /// Begins a way at the frame on the stage, if training can go on from there: all that came before
    /// is its past too. Where that is the end of the newest way, the way simply goes on.
    pub(super) fn go_on_from_here(&mut self) -> Option<Arc<State>> {
        let here = Arc::clone(self.here()?);
        let state = self.state_of(&here)?;
        let is_end = self.newest().is_some_and(|newest| newest.id == here.id);
        if !is_end {
            let way = self.way()?;
            let n = way.frames.iter().position(|frame| frame.id == here.id)? + 1;
            let branch = Way {
                frames: way.frames[..n].to_vec(),
                trace: way.trace.until(here.snapshot.step),
                began_at: Some(here.snapshot.step),
            };
            self.forks.insert(here.id);
            self.ways.push(branch);
            self.shown = self.ways.len() - 1;
        }
        self.selected = None;
        Some(state)
    }

    /// From where training can go on, if it is still kept.
    pub(super) fn state_of(&self, frame: &Frame) -> Option<Arc<State>> {
        self.states.get(&frame.id).cloned().flatten()
    }

    /// Whether training can go on from the frame on the stage.
    pub(super) fn can_go_on_from_here(&self) -> bool {
        self.here()
            .is_some_and(|here| self.state_of(here).is_some())
    }

    /// Whether a second way goes on from a frame of the way on the stage.
    pub(super) fn is_fork(&self, frame: usize) -> bool {
        let frames = self.frames();
        frames
            .get(frame)
            .is_some_and(|f| self.forks.contains(&f.id))
    }

    /// The ways, as they are called, and which is on the stage; empty while there is only one.
    pub(super) fn ways(&self) -> (Vec<String>, usize) {
        let names = self.ways.iter().enumerate().map(|(i, way)| {
            let last = way.frames.last().map_or(0, |frame| frame.snapshot.step);
            match way.began_at {
                None => format!("Way {}: to turn {last}", i + 1),
                Some(at) => format!("Way {}: from turn {at} to {last}", i + 1),
            }
        });
        let names: Vec<String> = names.collect();
        let names = if names.len() > 1 { names } else { Vec::new() };
        (names, self.shown)
    }

    /// Puts the way on the stage that training is on.
    pub(super) fn show_newest_way(&mut self) {
        self.show_way(self.ways.len().saturating_sub(1));
    }

    /// Puts a way on the stage.
    pub(super) fn show_way(&mut self, way: usize) {
        self.shown = way.min(self.ways.len().saturating_sub(1));
        self.selected = None;
    }

    /// A few pictures of a frame of the way on the stage, as a texture of their own.
    pub(super) fn thumb(
        &mut self,
        ctx: &eframe::egui::Context,
        frame: usize,
    ) -> Option<&PictureSheet> {
        let frame = Arc::clone(self.frames().get(frame)?);
        let sheet = self.thumbs.entry(frame.id).or_default();
        let fakes = &frame.snapshot.fakes;
        let n_bytes = fakes.side * fakes.side * fakes.n_channels * THUMB * THUMB;
        let pixels = Pixels {
            side: fakes.side,
            n_channels: fakes.n_channels,
            bytes: fakes.pixels.get(..n_bytes).unwrap_or(&fakes.pixels),
        };
        sheet.update(ctx, frame.id, pixels, false);
        Some(sheet)
    }

    /// Pictures along a side of a thumbnail.
    pub(super) const fn thumb_columns() -> usize {
        THUMB
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::gan::pictures::Pictures;

    fn snapshot(step: usize) -> Snapshot {
        Snapshot {
            step,
            secs: step as f64,
            fakes: Arc::new(Pictures {
                side: 1,
                n_channels: 1,
                pixels: vec![0; 64],
            }),
            fake_logits: vec![0.0; 64],
            reals: Vec::new(),
            real_logits: Vec::new(),
            state: Some(Arc::new(State {
                step,
                ..State::default()
            })),
        }
    }

    fn film() -> Film {
        let mut film = Film::default();
        film.clear();
        for step in [0, 1, 2, 4, 8] {
            film.push(snapshot(step), None);
        }
        film
    }

    fn steps(film: &Film) -> Vec<usize> {
        film.frames()
            .iter()
            .map(|frame| frame.snapshot.step)
            .collect()
    }

    #[test]
    fn going_on_from_an_earlier_snapshot_keeps_both_ways() {
        let mut film = film();
        film.select(Some(2));
        let state = film.go_on_from_here().unwrap();
        assert_eq!(state.step, 2);
        film.push(snapshot(3), None);
        assert_eq!(steps(&film), [0, 1, 2, 3]);
        assert!(film.is_fork(2));
        let (ways, shown) = film.ways();
        assert_eq!(ways, ["Way 1: to turn 8", "Way 2: from turn 2 to 3"]);
        assert_eq!(shown, 1);
        film.show_way(0);
        assert_eq!(steps(&film), [0, 1, 2, 4, 8]);
    }

    #[test]
    fn going_on_from_the_end_is_no_second_way() {
        let mut film = film();
        assert_eq!(film.go_on_from_here().unwrap().step, 8);
        film.push(snapshot(9), None);
        assert!(film.ways().0.is_empty());
        assert_eq!(steps(&film), [0, 1, 2, 4, 8, 9]);
    }

    #[test]
    fn a_turn_has_one_snapshot() {
        let mut film = film();
        let variety = Variety {
            spread: 0.5,
            kinds: Vec::new(),
        };
        film.push(snapshot(8), Some(variety.clone()));
        assert_eq!(steps(&film), [0, 1, 2, 4, 8]);
        assert_eq!(film.newest().unwrap().variety, Some(variety));
    }
}
