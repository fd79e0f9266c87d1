//! A training in front of a person: begun, paused, gone on from any of its snapshots, kept for another
//! day.
//!
//! What is trained is a [`Lesson`]. [`making`] is the job, [`keeping`] writes and opens trainings,
//! [`bench`] and [`strip`] draw what all lessons show alike.

mod bench;
mod keeping;
mod lesson;
mod making;
mod strip;

pub(in crate::tabs::images) use lesson::{Ended, Lesson, News, Told, Words};

use crate::command::Command;
use crate::tabs::images::ways::{Film, Shot};
use crate::tabs::{Notice, Progress, TabContext};
use crate::widgets::count::grouped;
use keeping::Keeping;
use making::{Message, Training};
use std::sync::Arc;

/// The training on the stage.
pub(in crate::tabs::images) struct Course<L: Lesson> {
    /// What it was started with.
    started: Option<L::Setup>,
    training: Option<Training<L>>,
    pub(in crate::tabs::images) prepared: Option<L::Prepared>,
    /// The newest step.
    pub(in crate::tabs::images) turn: Option<L::Turn>,
    /// How the last training ended, in a sentence.
    pub(in crate::tabs::images) ended: Option<String>,
    /// What was asked for when it began.
    pub(in crate::tabs::images) recipe: Option<L::Recipe>,
    /// Where it ended.
    last: Option<Arc<L::State>>,
    pub(in crate::tabs::images) film: Film<L::Snapshot>,
    keeping: Keeping<L>,
    /// How often everything was let go of.
    n_forgotten: u64,
}

impl<L: Lesson> Default for Course<L> {
    fn default() -> Self {
        Self {
            started: None,
            training: None,
            prepared: None,
            turn: None,
            ended: None,
            recipe: None,
            last: None,
            film: Film::default(),
            keeping: Keeping::default(),
            n_forgotten: 0,
        }
    }
}

impl<L: Lesson> std::fmt::Debug for Course<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Course").finish_non_exhaustive()
    }
}

impl<L: Lesson> Course<L> {
    /// Begins a training from nothing. What was on the stage is let go of.
    pub(in crate::tabs::images) fn start_anew(
        &mut self,
        setup: &L::Setup,
        cx: &mut TabContext<'_>,
    ) {
        self.forget();
        self.start(None, setup, cx);
    }

    /// Lets go of what is on the stage.
    fn forget(&mut self) {
        self.training = None;
        self.film.clear();
        self.turn = None;
        self.prepared = None;
        self.last = None;
        self.recipe = None;
        self.n_forgotten += 1;
    }

    /// Trains as the bench says, from nothing or from a state.
    fn start(&mut self, from: Option<Arc<L::State>>, setup: &L::Setup, cx: &mut TabContext<'_>) {
        self.training = None;
        self.ended = None;
        let begun = from.as_ref().and(self.recipe.clone());
        let recipe = match begun {
            Some(begun) => Some(L::resumed(setup, begun)),
            None => L::recipe(setup),
        };
        let Some(mut recipe) = recipe else { return };
        self.recipe = Some(recipe.clone());
        let is_new = from.is_none() || self.started.is_none();
        if let (Some(state), Some(minutes)) = (&from, L::minutes(&mut recipe)) {
            let behind = L::secs(state) / 60.0;
            if behind >= *minutes * 0.999 {
                // It had come to its end: as long again.
                *minutes += behind;
            }
        }
        match Training::start(recipe, from, cx.compute, Arc::clone(&cx.wake)) {
            Ok(training) => {
                self.training = Some(training);
                if is_new {
                    self.started = Some(setup.clone());
                }
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// What the run button does: start, pause, or go on.
    pub(in crate::tabs::images) fn press_run(&mut self, setup: &L::Setup, cx: &mut TabContext<'_>) {
        if let Some(training) = &mut self.training {
            let paused = training.is_paused();
            training.set_paused(!paused);
        } else if let Some(state) = self.last.clone() {
            self.film.show_newest_way();
            self.start(Some(state), setup, cx);
        } else {
            self.start_anew(setup, cx);
        }
    }

    /// Goes on from the snapshot on the stage: as another way, if it is not the newest.
    fn go_on_from_here(&mut self, setup: &L::Setup, cx: &mut TabContext<'_>) {
        // The training at work ends: its snapshots belong to the way before.
        self.training = None;
        if let Some(state) = self.film.go_on_from_here() {
            self.turn = None;
            self.last = None;
            self.start(Some(state), setup, cx);
        }
    }

    /// Whether a training is at work.
    pub(in crate::tabs::images) fn is_training(&self) -> bool {
        let training = self.training.as_ref();
        training.is_some_and(|training| !training.is_paused())
    }

    /// Whether there is something to go on with.
    pub(in crate::tabs::images) fn is_paused(&self) -> bool {
        let training = self.training.as_ref();
        training.map_or(self.last.is_some(), Training::is_paused)
    }

    /// Whether a training waits until a person goes on.
    pub(in crate::tabs::images) fn is_held(&self) -> bool {
        self.training.is_some() && self.is_paused()
    }

    /// Whether pictures are on their way to an empty stage.
    pub(in crate::tabs::images) fn is_coming(&self) -> bool {
        self.training.is_some() || self.keeping.is_opening()
    }

    /// How often everything was let go of: what belonged to it is gone.
    pub(in crate::tabs::images) fn n_forgotten(&self) -> u64 {
        self.n_forgotten
    }

    /// What the training on the stage was started with, once there is something of it.
    pub(in crate::tabs::images) fn started(&self) -> Option<&L::Setup> {
        self.started.as_ref().filter(|_| self.prepared.is_some())
    }

    /// Takes what arrived, from the training and from the disk, and hands it changed settings.
    pub(in crate::tabs::images) fn poll(&mut self, setup: &mut L::Setup, cx: &mut TabContext<'_>) {
        self.poll_training(cx);
        self.poll_keeping(setup, cx);
        if let Some(training) = &self.training {
            let settings = L::settings(setup);
            if training.controls.settings() != *settings {
                training.controls.set(settings.clone());
            }
        }
    }

    fn poll_training(&mut self, cx: &mut TabContext<'_>) {
        let Some(training) = &mut self.training else {
            return;
        };
        for message in training.job.poll() {
            match message {
                Message::Prepared(prepared) => self.prepared = Some(prepared),
                Message::Turns(turns) => {
                    if let Some(way) = self.film.newest_mut() {
                        for turn in &turns {
                            L::trace(&mut way.trace, turn);
                        }
                    }
                    self.turn = turns.into_iter().last().or(self.turn.take());
                }
                Message::Snapshot(snapshot, variety) => self.film.push(snapshot, variety),
                Message::Ended(Ok(ended)) => {
                    self.last = Some(ended.state);
                    let n = grouped(ended.n_steps);
                    let done = format!("Done after {n} {}s.", L::WORDS.step);
                    let trouble = ended.trouble;
                    let trouble = trouble.map(|trouble| format!("Ended: {}.", trouble.what));
                    self.ended = Some(trouble.unwrap_or(done));
                }
                Message::Trouble(refusal) | Message::Ended(Err(refusal)) => {
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
        }
        if !training.job.is_running() {
            let failure = training.job.take_failure();
            cx.notices.extend(failure.map(Notice::Refused));
            self.training = None;
        }
    }

    /// What is told of the newest step.
    pub(in crate::tabs::images) fn told(&self) -> Option<Told> {
        self.turn.as_ref().map(L::told)
    }

    /// What the status line shows of it.
    pub(in crate::tabs::images) fn progress(&self, label: &str) -> Option<Progress> {
        let done = self.told().and_then(|told| told.progress);
        self.is_training().then(|| Progress {
            label: label.into(),
            fraction: done.map(|done| done as f32),
        })
    }

    /// Where it is, for a title: "step 128", or "back at step 16".
    pub(in crate::tabs::images) fn place(&self) -> String {
        let step = L::WORDS.step;
        match self.film.selected().and(self.film.here()) {
            Some(frame) => format!("back at {step} {}", grouped(frame.snapshot.step())),
            None => format!(
                "{step} {}",
                grouped(self.told().map_or(0, |told| told.step))
            ),
        }
    }

    /// What the run button says, and what it does.
    pub(in crate::tabs::images) fn run_words(&self) -> [&'static str; 2] {
        if self.is_paused() {
            ["Go on", "Train on from where it stands."]
        } else {
            L::WORDS.start
        }
    }

    /// Whether a command means something now.
    pub(in crate::tabs::images) fn can(&self, command: Command, setup: &L::Setup) -> bool {
        match command {
            Command::Run => !self.is_training() && L::recipe(setup).is_some(),
            Command::Stop => self.is_training(),
            _ => false,
        }
    }

    /// Does it.
    pub(in crate::tabs::images) fn command(
        &mut self,
        command: Command,
        setup: &L::Setup,
        cx: &mut TabContext<'_>,
    ) {
        if matches!(command, Command::Run | Command::Stop) {
            self.press_run(setup, cx);
        }
    }
}
