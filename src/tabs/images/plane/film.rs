//! What came before: the turns of every branch, to go back to, and their numbers for the curves. When
//! there are too many, every other one is left out; where a branch begins is always kept.

mod over_turns;

pub(super) use over_turns::{Curves, Quantity};

use crate::labs::gan::plane::{Settings, Turn};
use std::sync::Arc;

/// Turns kept of a branch, at most.
const MOST_FRAMES: usize = 240;

/// Bytes of states and pictures kept of a branch, at most.
const MOST_BYTES: usize = 48 << 20;

/// Branches kept, at most: the oldest but the one shown goes.
const MOST_BRANCHES: usize = 6;

/// A turn that can be gone back to.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Differs from that of every other turn.
    pub(super) number: u64,
    pub(super) turn: Arc<Turn>,
    /// What was set when it was made.
    pub(super) settings: Arc<Settings>,
    /// Whether a branch begins after it.
    pub(super) is_fork: bool,
}

/// One way the training went.
#[derive(Debug, Clone, Default)]
pub(super) struct Branch {
    /// From 1.
    pub(super) number: usize,
    /// The turn of another branch that it goes on from.
    pub(super) from: Option<(usize, u64)>,
    /// The oldest first.
    pub(super) frames: Vec<Frame>,
    pub(super) curves: Curves,
    every: usize,
    since: usize,
}

impl Branch {
    /// Takes a frame; the one that is looked at is never left out.
    fn push(&mut self, frame: Frame, looked_at: Option<u64>) {
        let again = |last: &mut Frame| Arc::ptr_eq(&last.turn.state, &frame.turn.state);
        if self.frames.last_mut().is_some_and(again) {
            // The same networks, looked at under other settings.
            self.curves.pop();
            self.curves.put(&frame.turn);
            let is_fork = self.frames.pop().is_some_and(|last| last.is_fork);
            self.frames.push(Frame { is_fork, ..frame });
            return;
        }
        self.curves.push(&frame.turn);
        let provisional = !self.since.is_multiple_of(self.every.max(1));
        let is_kept = |last: &Frame| last.is_fork || Some(last.number) == looked_at;
        if provisional && !self.frames.last().is_some_and(is_kept) {
            self.frames.pop();
        }
        self.since += 1;
        self.frames.push(frame);
        let bytes = |frame: &Frame| frame.turn.state.n_bytes() + n_bytes(&frame.turn);
        let in_all = self.frames.last().map_or(0, bytes) * self.frames.len();
        if self.frames.len() > MOST_FRAMES || (in_all > MOST_BYTES && self.frames.len() > 8) {
            let mut i = 0;
            self.frames.retain(|frame| {
                i += 1;
                i % 2 == 1 || frame.is_fork || Some(frame.number) == looked_at
            });
            self.every = self.every.max(1) * 2;
        }
    }
}

/// About how much memory a turn takes without its state.
fn n_bytes(turn: &Turn) -> usize {
    let numbers = turn.heat.len() + turn.real_outputs.len() + turn.fake_outputs.len();
    let pairs = turn.reals.len() + turn.fakes.len() + turn.arrows.len() + turn.grid.len();
    (numbers + 2 * pairs) * size_of::<f32>() + 512
}

/// All branches, and the place that is looked at.
#[derive(Debug, Default)]
pub(super) struct Film {
    branches: Vec<Branch>,
    /// Which branch is on the stage: its place.
    shown: usize,
    /// The number of the frame that is looked at; `None` follows the newest.
    looked_at: Option<u64>,
    n_frames_ever: u64,
    n_branches_ever: usize,
}

impl Film {
    pub(super) fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The branch on the stage.
    pub(super) fn branch(&self) -> Option<&Branch> {
        self.branches.get(self.shown)
    }

    /// The frames of the branch on the stage.
    pub(super) fn frames(&self) -> &[Frame] {
        self.branch().map_or(&[], |branch| &branch.frames)
    }

    /// The place of the frame that is looked at; `None` where the newest is followed.
    pub(super) fn selected(&self) -> Option<usize> {
        let looked_at = self.looked_at?;
        let frames = self.frames();
        // What was left out is stood in for by the one before it.
        let after = frames.partition_point(|frame| frame.number <= looked_at);
        Some(after.saturating_sub(1))
    }

    /// The frame on the stage.
    pub(super) fn here(&self) -> Option<&Frame> {
        match self.selected() {
            Some(place) => self.frames().get(place),
            None => self.newest(),
        }
    }

    pub(super) fn newest(&self) -> Option<&Frame> {
        self.frames().last()
    }

    /// Takes a turn that the branch on the stage came to.
    pub(super) fn push(&mut self, turn: Arc<Turn>, settings: Arc<Settings>) {
        self.n_frames_ever += 1;
        let frame = Frame {
            number: self.n_frames_ever,
            turn,
            settings,
            is_fork: false,
        };
        if self.branches.is_empty() {
            self.begin(None, Vec::new(), Curves::default());
        }
        if let Some(branch) = self.branches.get_mut(self.shown) {
            branch.push(frame, self.looked_at);
        }
    }

    /// Begins a new branch with nothing before it.
    pub(super) fn start_anew(&mut self) {
        if self.branch().is_none_or(|branch| branch.frames.is_empty()) {
            self.looked_at = None;
            return;
        }
        self.begin(None, Vec::new(), Curves::default());
    }

    /// Begins a branch after the frame on the stage, unless that is the newest: then its own branch
    /// goes on. Returns the frame to go on from.
    pub(super) fn fork(&mut self) -> Option<Frame> {
        let place = self.selected();
        let frame = self.here()?.clone();
        let Some(place) = place.filter(|&place| place + 1 < self.frames().len()) else {
            self.looked_at = None;
            return Some(frame);
        };
        let branch = self.branches.get_mut(self.shown)?;
        let marked = branch.frames.get_mut(place)?;
        marked.is_fork = true;
        let frames = branch.frames.get(..=place)?.to_vec();
        let curves = branch.curves.until(frame.turn.turn);
        let from = Some((branch.number, frame.turn.turn));
        self.begin(from, frames, curves);
        Some(frame)
    }

    fn begin(&mut self, from: Option<(usize, u64)>, frames: Vec<Frame>, curves: Curves) {
        if self.branches.len() >= MOST_BRANCHES {
            let oldest = usize::from(self.shown == 0);
            self.branches.remove(oldest);
        }
        self.n_branches_ever += 1;
        self.branches.push(Branch {
            number: self.n_branches_ever,
            from,
            every: 1,
            since: 0,
            frames,
            curves,
        });
        self.shown = self.branches.len() - 1;
        self.looked_at = None;
    }

    /// Puts another branch on the stage.
    pub(super) fn show_branch(&mut self, place: usize) {
        if place < self.branches.len() {
            self.shown = place;
            self.looked_at = None;
        }
    }

    /// The place of the branch on the stage.
    pub(super) fn shown(&self) -> usize {
        self.shown
    }

    /// Looks at a frame of the branch on the stage.
    pub(super) fn go_to(&mut self, place: usize) {
        self.looked_at = self.frames().get(place).map(|frame| frame.number);
    }

    pub(super) fn follow(&mut self) {
        self.looked_at = None;
    }
}

#[cfg(test)]
mod tests;
