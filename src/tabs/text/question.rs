//! One question at a time to a lab, asked of a job: the newest counts, and its answer stays until
//! there is another.

use crate::jobs::Job;
use crate::refusal::{Refusal, Result};
use crate::tabs::{Progress, TabContext};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How a lab says how far it is, from 0 to 1, and hears whether to go on.
pub(super) type Go<'a> = &'a mut dyn FnMut(f32) -> ControlFlow<()>;

enum Said<T> {
    Progress(f32),
    Done(Result<Option<T>>),
}

/// A question with key `K` whose answer is a `T`.
pub(super) struct Question<K, T> {
    name: &'static str,
    answered: Option<(K, Result<Arc<T>>)>,
    running: Option<(K, Job<Said<T>>)>,
    fraction: f32,
    n_answers: u64,
}

impl<K: PartialEq + Clone, T: Send + 'static> Question<K, T> {
    /// Questions to be named so while they are under way: "Measuring heads".
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            answered: None,
            running: None,
            fraction: 0.0,
            n_answers: 0,
        }
    }

    /// The newest answer; while another question is under way, that to the one before.
    pub(super) fn answer(&self) -> Option<&Arc<T>> {
        let (_, answer) = self.answered.as_ref()?;
        answer.as_ref().ok()
    }

    /// The answer to this very question.
    pub(super) fn answer_to(&self, key: &K) -> Option<&Arc<T>> {
        let (of, answer) = self.answered.as_ref()?;
        answer.as_ref().ok().filter(|_| of == key)
    }

    /// Why there is no answer.
    pub(super) fn refused(&self) -> Option<&Refusal> {
        let (_, answer) = self.answered.as_ref()?;
        answer.as_ref().err()
    }

    /// Another number for every answer.
    pub(super) fn version(&self) -> u64 {
        self.n_answers
    }

    /// How far it is, while it is under way.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.running.as_ref().map(|_| Progress {
            label: self.name.into(),
            fraction: Some(self.fraction),
        })
    }

    /// Ends what is under way and forgets what was answered.
    pub(super) fn forget(&mut self) {
        self.running = None;
        self.answered = None;
    }

    /// Ends what is under way; whether anything was.
    pub(super) fn stop(&mut self) -> bool {
        self.running.take().is_some()
    }

    /// Takes what arrived. Call it every frame.
    pub(super) fn poll(&mut self) {
        let Some((key, job)) = &mut self.running else {
            return;
        };
        let mut ended = None;
        for said in job.poll() {
            match said {
                Said::Progress(fraction) => self.fraction = fraction,
                Said::Done(answer) => ended = Some(answer),
            }
        }
        let failure = job.take_failure();
        if ended.is_none() && failure.is_none() && job.is_running() {
            return;
        }
        let key = key.clone();
        self.running = None;
        let answer = match (ended, failure) {
            (Some(Ok(Some(answer))), _) => Ok(Arc::new(answer)),
            (Some(Err(refusal)), _) | (None, Some(refusal)) => Err(refusal),
            (Some(Ok(None)) | None, _) => return,
        };
        self.n_answers += 1;
        self.answered = Some((key, answer));
    }

    /// Asks, unless this is being answered or was. What was asked before is given up.
    pub(super) fn ask(
        &mut self,
        key: K,
        cx: &TabContext<'_>,
        work: impl FnOnce(Go<'_>) -> Result<Option<T>> + Send + 'static,
    ) {
        let is = |asked: &Option<(K, _)>| asked.as_ref().is_some_and(|(of, ())| *of == key);
        let running = self.running.as_ref().map(|(of, _)| (of.clone(), ()));
        let answered = self.answered.as_ref().map(|(of, _)| (of.clone(), ()));
        if is(&running) {
            return;
        }
        if is(&answered) {
            self.running = None;
            return;
        }
        let compute = cx.compute;
        let job = Job::spawn(self.name, Arc::clone(&cx.wake), move |emit| {
            compute.set_threads();
            let answer = work(&mut |fraction| emit(Said::Progress(fraction)));
            _ = emit(Said::Done(answer));
        });
        self.fraction = 0.0;
        match job {
            Ok(job) => self.running = Some((key, job)),
            Err(refusal) => self.answered = Some((key, Err(refusal))),
        }
    }
}

impl<K, T> std::fmt::Debug for Question<K, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
