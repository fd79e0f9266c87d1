//! The job that trains: it sends what the window shows, no oftener than the window can show it, and
//! stands still at a closed gate while a person pauses.

use super::lesson::{Ended, Lesson, News};
use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::gan::pictures::{Variety, Watch};
use crate::labs::training::Controls;
use crate::refusal::{Refusal, Result};
use crate::tabs::images::gate::Gate;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two reports of steps: twenty a second look alive, and leave the time to the training.
const REPORT_EVERY: Duration = Duration::from_millis(50);

/// What the job sends.
pub(super) enum Message<L: Lesson> {
    Prepared(L::Prepared),
    /// The steps since the last report.
    Turns(Vec<L::Turn>),
    Snapshot(L::Snapshot, Option<Variety>),
    Trouble(Refusal),
    Ended(Result<Ended<L::State>>),
}

/// A training at work. Dropping it ends it.
pub(super) struct Training<L: Lesson> {
    pub(super) job: Job<Message<L>>,
    pub(super) controls: Arc<Controls<L::Settings>>,
    gate: Arc<Gate>,
    paused: bool,
}

impl<L: Lesson> Training<L> {
    /// Starts as `recipe` says, from nothing or from a state.
    pub(super) fn start(
        recipe: L::Recipe,
        from: Option<Arc<L::State>>,
        compute: Compute,
        wake: Wake,
    ) -> Result<Self> {
        let controls = Arc::new(Controls::new(L::first_settings(&recipe)));
        let gate = Arc::new(Gate::new());
        let (knobs, way) = (Arc::clone(&controls), Arc::clone(&gate));
        let job = Job::spawn(L::WORDS.job, wake, move |emit| {
            compute.set_threads();
            let mut report = Report::<L> {
                emit,
                gate: &way,
                turns: Vec::new(),
                sent: None,
                watch: None,
            };
            let ended = L::run(&recipe, from.as_deref(), &knobs, &mut |event| {
                report.hear(event, &recipe)
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

impl<L: Lesson> Drop for Training<L> {
    fn drop(&mut self) {
        self.gate.end();
    }
}

/// What was heard and is not sent yet.
struct Report<'a, 'b, L: Lesson> {
    emit: Emit<'b, Message<L>>,
    gate: &'a Gate,
    turns: Vec<L::Turn>,
    sent: Option<Instant>,
    /// Who looks at what is made.
    watch: Option<Watch>,
}

impl<L: Lesson> Report<'_, '_, L> {
    fn hear(&mut self, event: L::Event, recipe: &L::Recipe) -> ControlFlow<()> {
        match L::news(event) {
            News::Working => {}
            News::Turn(turn) => {
                self.turns.push(turn);
                if self.sent.is_none_or(|sent| sent.elapsed() >= REPORT_EVERY) {
                    self.flush()?;
                }
                return self.wait();
            }
            News::Prepared(prepared) => {
                self.watch = L::watch(recipe, &prepared);
                (self.emit)(Message::Prepared(prepared))?;
            }
            News::Snapshot(snapshot) => {
                self.flush()?;
                let watch = self.watch.as_ref();
                let variety = watch.and_then(|watch| L::look(watch, &snapshot));
                (self.emit)(Message::Snapshot(snapshot, variety))?;
            }
            News::Trouble(refusal) => (self.emit)(Message::Trouble(refusal))?,
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
