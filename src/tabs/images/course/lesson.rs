//! What is trained: the names, the numbers and the words in which one training differs from another.

use crate::labs::gan::pictures::{Variety, Watch};
use crate::labs::training::Controls;
use crate::refusal::{Refusal, Result};
use crate::tabs::images::learned_from::From;
use crate::tabs::images::ways::Shot;
use std::fmt::Debug;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// The film's part of a lesson: the numbers of one way.
pub(in crate::tabs::images) type Trace<L> = <<L as Lesson>::Snapshot as Shot>::Trace;

/// What a lab tells while it trains, in the words of every lab.
#[derive(Debug)]
pub(in crate::tabs::images) enum News<L: Lesson> {
    /// A moment to stop, or something that the window does not show.
    Working,
    Prepared(L::Prepared),
    Turn(L::Turn),
    Snapshot(L::Snapshot),
    Trouble(Refusal),
}

/// What is told of a step on every stage.
#[derive(Debug, Clone, Copy)]
pub(in crate::tabs::images) struct Told {
    pub(in crate::tabs::images) step: usize,
    /// Seconds of work so far.
    pub(in crate::tabs::images) secs: f64,
    /// Seconds that are left; `None` where it has no end.
    pub(in crate::tabs::images) secs_left: Option<f64>,
    /// The part that is done, 0..=1; `None` where it has no end.
    pub(in crate::tabs::images) progress: Option<f64>,
    pub(in crate::tabs::images) pictures_per_sec: f32,
}

/// How a training ended.
#[derive(Debug)]
pub(in crate::tabs::images) struct Ended<State> {
    pub(in crate::tabs::images) state: Arc<State>,
    pub(in crate::tabs::images) n_steps: usize,
    pub(in crate::tabs::images) trouble: Option<Refusal>,
}

/// The words that differ.
#[derive(Debug)]
pub(in crate::tabs::images) struct Words {
    /// What one step is called: "step".
    pub(in crate::tabs::images) step: &'static str,
    /// What trains: "train a GAN".
    pub(in crate::tabs::images) job: &'static str,
    /// What starts it, and what that does.
    pub(in crate::tabs::images) start: [&'static str; 2],
    /// What it trains: "this network".
    pub(in crate::tabs::images) this: &'static str,
    /// What it trains, of which a snapshot may keep none: "The network of this snapshot is".
    pub(in crate::tabs::images) gone: &'static str,
    /// What dropping a folder does.
    pub(in crate::tabs::images) folder: &'static str,
    /// What the checkpoint is called.
    pub(in crate::tabs::images) file_name: &'static str,
    /// What is written beside it: "the generator alone".
    pub(in crate::tabs::images) beside: &'static str,
    /// How it is opened another day.
    pub(in crate::tabs::images) tomorrow: &'static str,
}

/// Something that is trained on pictures.
pub(in crate::tabs::images) trait Lesson: Sized + 'static {
    /// What a person chose on the bench.
    type Setup: Clone;
    /// What the lab is asked to do.
    type Recipe: Clone + Send + Sync;
    /// What may be changed meanwhile.
    type Settings: Clone + PartialEq + Send;
    /// All that going on needs.
    type State: Clone + Send + Sync;
    /// What the lab tells.
    type Event;
    /// What the training begins with.
    type Prepared: Send;
    /// One step.
    type Turn: Send;
    /// What it makes at one moment.
    type Snapshot: Shot<State = Self::State> + Send;

    /// In which it differs from others.
    const WORDS: Words;
    /// What its checkpoint says it is.
    const KIND: &'static str;

    /// What the bench asks for; `None` while there is nothing to learn from.
    fn recipe(setup: &Self::Setup) -> Option<Self::Recipe>;
    /// What the bench asks of a training that goes on: what it learns from and how large the network is
    /// was settled when it began.
    fn resumed(setup: &Self::Setup, begun: Self::Recipe) -> Self::Recipe;
    /// What the bench would say of a training of another day.
    fn chosen(recipe: &Self::Recipe, before: &Self::Setup) -> Self::Setup;
    /// The settings of the bench.
    fn settings(setup: &Self::Setup) -> &Self::Settings;
    /// The settings that a training begins with.
    fn first_settings(recipe: &Self::Recipe) -> Self::Settings;
    /// The minutes of work after which it ends.
    fn minutes(recipe: &mut Self::Recipe) -> &mut Option<f64>;
    /// What is learned from, and the folder, on the bench.
    fn learned_from(setup: &mut Self::Setup) -> (&mut From, &mut String);
    /// Whether what was changed on the bench needs a new training.
    fn is_another(started: &Self::Setup, setup: &Self::Setup) -> bool;
    /// Seconds of work behind a state.
    fn secs(state: &Self::State) -> f64;

    /// Trains.
    fn run(
        recipe: &Self::Recipe,
        from: Option<&Self::State>,
        controls: &Controls<Self::Settings>,
        emit: &mut dyn FnMut(Self::Event) -> ControlFlow<()>,
    ) -> Result<Ended<Self::State>>;
    /// What it tells.
    fn news(event: Self::Event) -> News<Self>;
    /// What is told of a step on every stage.
    fn told(turn: &Self::Turn) -> Told;
    /// Adds a step to the numbers of a way.
    fn trace(trace: &mut Trace<Self>, turn: &Self::Turn);
    /// Who looks at how much of what there is the snapshots show.
    fn watch(_recipe: &Self::Recipe, _prepared: &Self::Prepared) -> Option<Watch> {
        None
    }
    /// What they see.
    fn look(_watch: &Watch, _snapshot: &Self::Snapshot) -> Option<Variety> {
        None
    }

    /// Reads a checkpoint.
    fn read(path: &Path) -> Result<(Self::Recipe, Self::State)>;
    /// Writes one, and beside it the network for use: `out` is the place of both without endings.
    fn write(recipe: &Self::Recipe, state: &Self::State, out: &Path) -> Result<()>;
}
