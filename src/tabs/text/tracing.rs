//! The pass over the text at hand, with everything in it: made by a job when a view that is shown wants it.

use super::tables::Tables;
use super::text_at_hand::Piece;
use crate::jobs::Job;
use crate::labs::inside::{BUDGET_BYTES, Trace};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use crate::tabs::{Progress, TabContext};
use std::sync::Arc;
use std::time::Instant;

/// What the job says.
enum Event {
    Progress(f32),
    Done(Result<Option<Trace>>, f64),
}

/// What a pass is over.
#[derive(Clone)]
struct Key {
    loaded: Arc<LoadedText>,
    ids: Vec<u32>,
}

impl Key {
    fn is(&self, loaded: &Arc<LoadedText>, ids: &[u32]) -> bool {
        Arc::ptr_eq(&self.loaded, loaded) && self.ids == ids
    }
}

/// A pass that was made.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// The pass.
    pub(super) trace: Arc<Trace>,
    /// The tokens it read.
    pub(super) pieces: Arc<[Piece]>,
    /// Another number for every pass.
    pub(super) version: u64,
    /// How long it took.
    pub(super) millis: f64,
}

/// The newest pass, and the one on its way.
#[derive(Default)]
pub(super) struct Tracing {
    is_wanted: bool,
    traced: Option<Traced>,
    running: Option<(Key, Job<Event>)>,
    /// What was tried last, and why it was refused.
    refused: Option<(Key, Refusal)>,
    fraction: f32,
    n_made: u64,
    /// Its tables.
    pub(super) tables: Tables,
}

impl Tracing {
    /// A view that is shown needs it: called while drawing, every frame.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// The newest pass. While another is on its way, it is over the text of a moment ago.
    pub(super) fn traced(&self) -> Option<&Traced> {
        self.traced.as_ref()
    }

    /// Why there is none over the text as it is now.
    pub(super) fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref().map(|(_, refusal)| refusal)
    }

    /// How far it is, while it is under way.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.running.as_ref().map(|(key, _)| Progress {
            label: format!("Reading {} tokens", key.ids.len()),
            fraction: Some(self.fraction),
        })
    }

    /// Takes what the job sent, and begins anew where the text or the model has changed.
    pub(super) fn poll(
        &mut self,
        loaded: &Arc<LoadedText>,
        ids: Option<&[u32]>,
        cx: &mut TabContext<'_>,
    ) {
        self.take_arrived(loaded);
        if let Some(traced) = &self.traced {
            self.tables.poll(traced, cx);
        }
        let Some(ids) = ids.filter(|_| std::mem::take(&mut self.is_wanted)) else {
            return;
        };
        let is_made = self.traced.as_ref().is_some_and(|traced| {
            Arc::ptr_eq(traced.trace.loaded(), loaded) && **traced.trace.ids() == *ids
        });
        let is_tried = self
            .refused
            .as_ref()
            .is_some_and(|(key, _)| key.is(loaded, ids));
        let is_running = self
            .running
            .as_ref()
            .is_some_and(|(key, _)| key.is(loaded, ids));
        if is_made {
            self.refused = None;
            self.running = None;
        }
        if !(is_made || is_tried || is_running) {
            self.begin(loaded, ids, cx);
        }
    }

    fn take_arrived(&mut self, loaded: &Arc<LoadedText>) {
        let is_other = |traced: &Traced| !Arc::ptr_eq(traced.trace.loaded(), loaded);
        if self.traced.as_ref().is_some_and(is_other) {
            self.traced = None;
            self.tables = Tables::default();
        }
        let Some((key, job)) = &mut self.running else {
            return;
        };
        let mut ended = None;
        for event in job.poll() {
            match event {
                Event::Progress(fraction) => self.fraction = fraction,
                Event::Done(trace, millis) => ended = Some((trace, millis)),
            }
        }
        let failure = job.take_failure();
        if ended.is_none() && failure.is_none() && job.is_running() {
            return;
        }
        let key = key.clone();
        self.running = None;
        match (ended, failure) {
            (Some((Ok(Some(trace)), millis)), _) => {
                self.n_made += 1;
                self.refused = None;
                self.tables = Tables::default();
                self.traced = Some(Traced {
                    pieces: Piece::of(&key.loaded, &key.ids).into(),
                    trace: Arc::new(trace),
                    version: self.n_made,
                    millis,
                });
            }
            (Some((Err(refusal), _)), _) | (None, Some(refusal)) => {
                self.refused = Some((key, refusal));
            }
            (Some((Ok(None), _)) | None, _) => {}
        }
    }

    fn begin(&mut self, loaded: &Arc<LoadedText>, ids: &[u32], cx: &mut TabContext<'_>) {
        let key = Key {
            loaded: Arc::clone(loaded),
            ids: ids.to_vec(),
        };
        let (wanted, compute) = (key.clone(), cx.compute);
        let job = Job::spawn("look inside", cx.wake.clone(), move |emit| {
            compute.set_threads();
            let started = Instant::now();
            let mut progress = |fraction| emit(Event::Progress(fraction));
            let trace = Trace::of(&wanted.loaded, &wanted.ids, BUDGET_BYTES, &mut progress);
            let millis = started.elapsed().as_secs_f64() * 1e3;
            _ = emit(Event::Done(trace, millis));
        });
        self.fraction = 0.0;
        match job {
            Ok(job) => self.running = Some((key, job)),
            Err(refusal) => self.refused = Some((key, refusal)),
        }
    }
}

impl std::fmt::Debug for Tracing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracing")
            .field("traced", &self.traced)
            .finish_non_exhaustive()
    }
}
