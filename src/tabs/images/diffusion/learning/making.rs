//! The job that trains: it sends what the window shows, no oftener than the window can show it, and
//! stands still at a closed gate while a person pauses.

use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::diffusion::training::{
    self, Controls, Event, Outcome, Prepared, Recipe, Snapshot, State, Turn,
};
use crate::refusal::{Refusal, Result};
use crate::tabs::images::gate::Gate;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two reports of steps.
const REPORT_EVERY: Duration = Duration::from_millis(50);

/// What the job sends.
#[derive(Debug)]
pub(super) enum Message {
    Prepared(Prepared),
    /// The steps since the last report.
    Turns(Vec<Turn>),
    Snapshot(Snapshot),
    Trouble(Refusal),
    Ended(Result<Outcome>),
}

/// A training at work. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) job: Job<Message>,
    pub(super) controls: Arc<Controls>,
    gate: Arc<Gate>,
    paused: bool,
}

impl Training {
    /// Starts as `recipe` says, from nothing or from a state.
    pub(super) fn start(
        recipe: Recipe,
        from: Option<Arc<State>>,
        compute: Compute,
        wake: Wake,
    ) -> Result<Self> {
        let controls = Arc::new(Controls::new(recipe.settings.clone()));
        let gate = Arc::new(Gate::new());
        let (knobs, way) = (Arc::clone(&controls), Arc::clone(&gate));
        let job = Job::spawn("train a diffusion model", wake, move |emit| {
            compute.set_threads();
            let mut report = Report {
                emit,
                gate: &way,
                turns: Vec::new(),
                sent: None,
            };
            let ended = training::run(&recipe, from.as_deref(), &knobs, &mut |event| {
                report.hear(event)
            });
            _ = report.flush();
            _ = emit(Message::Ended(ended));
        })?;
        Ok(Self {
            job,
            controls,
            gate,
            paused: false,
        })
    }

    /// Waits after the current step, or goes on.
    pub(super) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
        if paused {
            self.gate.close();
        } else {
            self.gate.open();
        }
    }

    /// Whether it waits.
    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        self.gate.end();
    }
}

/// What was heard and is not sent yet.
struct Report<'a, 'b> {
    emit: Emit<'b, Message>,
    gate: &'a Gate,
    turns: Vec<Turn>,
    sent: Option<Instant>,
}

impl Report<'_, '_> {
    fn hear(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Working | Event::Judged { .. } | Event::Saved { .. } => {}
            Event::Turn(turn) => {
                self.turns.push(turn);
                if self.sent.is_none_or(|sent| sent.elapsed() >= REPORT_EVERY) {
                    self.flush()?;
                }
                return self.wait();
            }
            Event::Prepared(prepared) => (self.emit)(Message::Prepared(prepared))?,
            Event::Snapshot(snapshot) => {
                self.flush()?;
                (self.emit)(Message::Snapshot(snapshot))?;
            }
            Event::Trouble(refusal) => (self.emit)(Message::Trouble(refusal))?,
        }
        self.gate.glance()
    }

    /// Between two steps nothing is half done: here it can stand still.
    fn wait(&mut self) -> ControlFlow<()> {
        if self.gate.is_closed() {
            self.flush()?;
        }
        self.gate.pass()
    }

    fn flush(&mut self) -> ControlFlow<()> {
        self.sent = Some(Instant::now());
        if self.turns.is_empty() {
            return ControlFlow::Continue(());
        }
        (self.emit)(Message::Turns(std::mem::take(&mut self.turns)))
    }
}
