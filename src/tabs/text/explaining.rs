//! Where a number comes from: the cell that was clicked, those it was come to from, and the explanation,
//! which a job finds.

use super::tracing::Traced;
use crate::jobs::Job;
use crate::labs::inside::explain::{Explanation, explain};
use crate::labs::inside::{At, Place};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, TabContext};
use crate::widgets::tensor_map::Marked;
use std::sync::Arc;

/// Which pass, and which of its numbers.
type Key = (u64, Place);

/// The number that is explained.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    place: Option<Place>,
    before: Vec<Place>,
    found: Option<(Key, Result<Arc<Explanation>>)>,
    job: Option<(Key, Job<Result<Explanation>>)>,
}

impl Explaining {
    /// The number that is explained; none while the drawer is closed.
    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    /// Explains another number; the one before it is a step back.
    pub(super) fn open(&mut self, place: Place) {
        if self.place == Some(place) {
            return;
        }
        self.before.extend(self.place);
        self.place = Some(place);
    }

    /// Whether a number was explained before this one.
    pub(super) fn can_go_back(&self) -> bool {
        !self.before.is_empty()
    }

    /// Explains the number before this one again.
    pub(super) fn back(&mut self) {
        if let Some(place) = self.before.pop() {
            self.place = Some(place);
        }
    }

    /// Closes the drawer.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// The explanation, once it was found. While another is sought, the one before it.
    pub(super) fn explanation(&self) -> Option<&Arc<Explanation>> {
        let (_, found) = self.found.as_ref()?;
        found.as_ref().ok()
    }

    /// Why there is none.
    pub(super) fn refused(&self) -> Option<&Refusal> {
        let (_, found) = self.found.as_ref()?;
        found.as_ref().err()
    }

    /// The cells of a table that went into the number: they are lit up.
    pub(super) fn lit(&self, at: At) -> Vec<Marked> {
        let Some(explanation) = self.explanation().filter(|_| self.place.is_some()) else {
            return Vec::new();
        };
        let inputs = explanation.inputs.iter();
        let here = inputs.filter(|region| region.at == at);
        here.map(|region| Marked {
            rows: region.rows.clone(),
            columns: region.columns.clone(),
        })
        .collect()
    }

    /// Takes what was found, and seeks what is not.
    pub(super) fn poll(&mut self, traced: Option<&Traced>, cx: &mut TabContext<'_>) {
        if let Some((key, job)) = &mut self.job {
            let key = *key;
            let found = job.poll().pop();
            let failure = job.take_failure().map(Err);
            let is_running = job.is_running();
            if let Some(found) = found.or(failure) {
                self.found = Some((key, found.map(Arc::new)));
                self.job = None;
            } else if !is_running {
                self.job = None;
            }
        }
        let (Some(place), Some(traced)) = (self.place, traced) else {
            return;
        };
        let key = (traced.version, place);
        let is_found = self.found.as_ref().is_some_and(|(of, _)| *of == key);
        let is_sought = self.job.as_ref().is_some_and(|(of, _)| *of == key);
        if is_found || is_sought {
            return;
        }
        let trace = Arc::clone(&traced.trace);
        let job = Job::spawn("explain a number", cx.wake.clone(), move |emit| {
            _ = emit(explain(&trace, place));
        });
        match job {
            Ok(job) => self.job = Some((key, job)),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
}
