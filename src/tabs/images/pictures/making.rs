//! The job that trains: it sends what the window shows, no oftener than the window can show it, and
//! stands still at a closed gate while a person pauses.

use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::gan::pictures::{self, Controls, Event, Outcome, Prepared, Recipe, Snapshot};
use crate::labs::gan::pictures::{Source, State, Turn, Variety, Watch};
use crate::refusal::{Refusal, Result};
use crate::tabs::images::gate::Gate;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two reports of turns: twenty a second look alive, and leave the time to the training.
const REPORT_EVERY: Duration = Duration::from_millis(50);

/// What the job sends.
#[derive(Debug)]
pub(super) enum Message {
    Prepared(Prepared),
    /// The turns since the last report.
    Turns(Vec<Turn>),
    Snapshot {
        snapshot: Snapshot,
        variety: Option<Variety>,
    },
    Saved {
        step: usize,
        files: Vec<PathBuf>,
    },
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
        let job = Job::spawn("train a GAN", wake, move |emit| {
            compute.set_threads();
            let mut report = Report::new(emit, &way, recipe.source.clone());
            let ended = pictures::run(&recipe, from.as_deref(), &knobs, &mut |event| {
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

    /// Waits after the current turn, or goes on.
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
    /// Where the pictures come from, and who looks at what is made of them.
    source: Source,
    watch: Option<Watch>,
}

impl<'a, 'b> Report<'a, 'b> {
    fn new(emit: Emit<'b, Message>, gate: &'a Gate, source: Source) -> Self {
        Self {
            emit,
            gate,
            turns: Vec::new(),
            sent: None,
            source,
            watch: None,
        }
    }

    fn hear(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Working => return self.gate.glance(),
            Event::Turn(turn) => {
                self.turns.push(turn);
                if self.sent.is_none_or(|sent| sent.elapsed() >= REPORT_EVERY) {
                    self.flush()?;
                }
                return self.wait();
            }
            Event::Prepared(prepared) => {
                self.watch = Some(Watch::new(&self.source, &prepared.reals));
                (self.emit)(Message::Prepared(prepared))?;
            }
            Event::Snapshot(snapshot) => {
                self.flush()?;
                let watch = self.watch.as_ref();
                let variety = watch.and_then(|watch| watch.look(&snapshot.fakes));
                (self.emit)(Message::Snapshot { snapshot, variety })?;
            }
            Event::Saved { step, files } => (self.emit)(Message::Saved { step, files })?,
            Event::Trouble(refusal) => (self.emit)(Message::Trouble(refusal))?,
        }
        self.gate.glance()
    }

    /// Between two turns nothing is half done: here it can stand still.
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
