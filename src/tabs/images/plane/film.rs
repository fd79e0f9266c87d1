//! What came before: the turns of every branch, to go back to, and their numbers for the curves. When
//! there are too many, every other one is left out; where a branch begins is always kept.

use crate::labs::gan::plane::{Player, Settings, Turn};
use std::sync::Arc;

/// Turns kept of a branch, at most.
const MOST_FRAMES: usize = 240;

/// Bytes of states and pictures kept of a branch, at most.
const MOST_BYTES: usize = 48 << 20;

/// Numbers kept of a curve, at most.
const MOST_NUMBERS: usize = 900;

/// Branches kept, at most: the oldest but the one shown goes.
const MOST_BRANCHES: usize = 6;

/// The quantities that are drawn over time, in the order of [`Curves::values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    LossD,
    LossG,
    AccuracyReal,
    AccuracyFake,
    Kl,
    Js,
    Covered,
    GradientD,
    GradientG,
}

const N_QUANTITIES: usize = 9;

impl Quantity {
    fn of(self, turn: &Turn) -> f32 {
        match self {
            Self::LossD => turn.loss_d,
            Self::LossG => turn.loss_g,
            Self::AccuracyReal => turn.accuracy_real * 100.0,
            Self::AccuracyFake => turn.accuracy_fake * 100.0,
            Self::Kl => turn.divergence.kl as f32,
            Self::Js => turn.divergence.js as f32,
            Self::Covered => turn.coverage.n_covered as f32,
            Self::GradientD => turn.gradient_norm(Player::Discriminator),
            Self::GradientG => turn.gradient_norm(Player::Generator),
        }
    }

    const ALL: [Self; N_QUANTITIES] = [
        Self::LossD,
        Self::LossG,
        Self::AccuracyReal,
        Self::AccuracyFake,
        Self::Kl,
        Self::Js,
        Self::Covered,
        Self::GradientD,
        Self::GradientG,
    ];
}

/// The numbers of a branch over its turns.
#[derive(Debug, Clone, Default)]
pub(super) struct Curves {
    pub(super) turns: Vec<f32>,
    values: [Vec<f32>; N_QUANTITIES],
    /// Every how manyth turn that arrived is kept, and how many arrived since the last.
    every: usize,
    since: usize,
}

impl Curves {
    pub(super) fn get(&self, quantity: Quantity) -> &[f32] {
        &self.values[quantity as usize]
    }

    /// The newest stands at the end, and stays there when it is its turn to.
    fn push(&mut self, turn: &Turn) {
        if !self.since.is_multiple_of(self.every.max(1)) {
            self.pop();
        }
        self.since += 1;
        self.put(turn);
        if self.turns.len() > MOST_NUMBERS {
            let halve = |numbers: &mut Vec<f32>| {
                let mut i = 0;
                numbers.retain(|_| {
                    i += 1;
                    i % 2 == 1
                });
            };
            halve(&mut self.turns);
            self.values.iter_mut().for_each(halve);
            self.every = self.every.max(1) * 2;
        }
    }

    fn put(&mut self, turn: &Turn) {
        self.turns.push(turn.turn as f32);
        for quantity in Quantity::ALL {
            self.values[quantity as usize].push(quantity.of(turn));
        }
    }

    fn pop(&mut self) {
        self.turns.pop();
        for values in &mut self.values {
            values.pop();
        }
    }

    /// Only what was before a turn, and it.
    fn until(&self, turn: u64) -> Self {
        let n = self.turns.partition_point(|&at| at <= turn as f32);
        let mut curves = self.clone();
        curves.turns.truncate(n);
        for values in &mut curves.values {
            values.truncate(n);
        }
        curves.since = 0;
        curves
    }
}

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
    fn push(&mut self, frame: Frame) {
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
        if provisional && self.frames.last().is_some_and(|last| !last.is_fork) {
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
                i % 2 == 1 || frame.is_fork
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
            branch.push(frame);
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
