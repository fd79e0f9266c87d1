//! The answer to the newest question: a job finds it, and a question that is no longer asked is
//! stopped. The window never waits, and what it gets is never out of order.

use crate::jobs::Job;
use crate::tabs::{Notice, TabContext};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Work that takes longer than this is shown with its progress.
const SOON: Duration = Duration::from_millis(150);

#[derive(Debug)]
enum Event<A> {
    Progress(f32),
    Answer(A),
}

#[derive(Debug)]
struct Running<Q, A> {
    question: Q,
    job: Job<Event<A>>,
    fraction: f32,
    since: Instant,
}

/// The newest question and what is known of it.
#[derive(Debug)]
pub(super) struct Latest<Q, A> {
    running: Option<Running<Q, A>>,
    /// The last question that needs no job: it was answered, or the person stopped it.
    settled: Option<Q>,
}

impl<Q, A> Default for Latest<Q, A> {
    fn default() -> Self {
        Self {
            running: None,
            settled: None,
        }
    }
}

impl<Q: PartialEq + Clone + Send + 'static, A: Send + 'static> Latest<Q, A> {
    /// Takes what a job found and sees to it that `wanted` is being answered: by `work`, which may
    /// tell how far it is and ends without an answer when it is told to. Returns a new answer.
    pub(super) fn follow<W>(
        &mut self,
        wanted: Option<Q>,
        cx: &mut TabContext<'_>,
        work: W,
    ) -> Option<(Q, A)>
    where
        W: FnOnce(&Q, &mut dyn FnMut(f32) -> ControlFlow<()>) -> Option<A> + Send + 'static,
    {
        let arrived = self.poll(cx);
        if let Some(running) = &self.running {
            if wanted.as_ref() != Some(&running.question) {
                running.job.stop();
            }
            return arrived;
        }
        let Some(question) = wanted.filter(|wanted| self.settled.as_ref() != Some(wanted)) else {
            return arrived;
        };
        let asked = question.clone();
        let job = Job::spawn("answer a question", cx.wake.clone(), move |emit| {
            let answer = work(&asked, &mut |part| emit(Event::Progress(part)));
            if let Some(answer) = answer {
                _ = emit(Event::Answer(answer));
            }
        });
        match job {
            Ok(job) => {
                self.running = Some(Running {
                    question,
                    job,
                    fraction: 0.0,
                    since: Instant::now(),
                });
            }
            Err(refusal) => {
                cx.notices.push(Notice::Refused(refusal));
                self.settled = Some(question);
            }
        }
        arrived
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) -> Option<(Q, A)> {
        let running = self.running.as_mut()?;
        let mut arrived = None;
        for event in running.job.poll() {
            match event {
                Event::Progress(fraction) => running.fraction = fraction,
                Event::Answer(answer) => arrived = Some(answer),
            }
        }
        if running.job.is_running() && arrived.is_none() {
            return None;
        }
        if let Some(refusal) = running.job.take_failure() {
            cx.notices.push(Notice::Refused(refusal));
            self.settled = Some(running.question.clone());
        }
        let question = self.running.take()?.question;
        let answer = arrived?;
        self.settled = Some(question.clone());
        Some((question, answer))
    }

    /// Whether a question waits for its answer.
    pub(super) fn is_working(&self) -> bool {
        self.running.is_some()
    }

    /// How far it is, once that takes long enough to be looked at.
    pub(super) fn fraction(&self) -> Option<f32> {
        let running = self.running.as_ref()?;
        (running.since.elapsed() > SOON).then_some(running.fraction)
    }

    /// Gives the question up: it is not asked again until another one was.
    pub(super) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.job.stop();
            self.settled = Some(running.question);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::compute::Compute;
    use std::sync::Arc;

    fn with_context<T>(act: impl FnOnce(&mut TabContext<'_>) -> T) -> T {
        let mut notices = Vec::new();
        act(&mut TabContext {
            wake: Arc::new(|| {}),
            notices: &mut notices,
            model_folders: &[],
            compute: Compute::default(),
            motion: false,
        })
    }

    #[test]
    fn the_newest_question_is_answered_and_each_only_once() {
        with_context(|cx| {
            let mut latest = Latest::default();
            let mut answers = Vec::new();
            for question in [1, 2, 3, 3, 3] {
                let work = |q: &i32, _: &mut dyn FnMut(f32) -> ControlFlow<()>| Some(q * 10);
                answers.extend(latest.follow(Some(question), cx, work));
            }
            while latest.is_working() || answers.last() != Some(&(3, 30)) {
                answers.extend(latest.follow(Some(3), cx, |q, _| Some(q * 10)));
                std::thread::yield_now();
            }
            assert!(latest.follow(Some(3), cx, |_, _| Some(0)).is_none());
            assert!(!latest.is_working());
            assert_eq!(answers.iter().filter(|answer| answer.0 == 3).count(), 1);
        });
    }

    #[test]
    fn a_question_that_is_stopped_ends_at_the_next_progress_and_is_not_asked_again() {
        with_context(|cx| {
            let mut latest: Latest<i32, i32> = Latest::default();
            let endless = |_: &i32, emit: &mut dyn FnMut(f32) -> ControlFlow<()>| {
                while emit(0.5).is_continue() {
                    std::thread::yield_now();
                }
                None
            };
            latest.follow(Some(1), cx, endless);
            assert!(latest.is_working());
            latest.stop();
            assert!(latest.follow(Some(1), cx, endless).is_none() && !latest.is_working());
            latest.follow(Some(2), cx, endless);
            // Another question ends the one before.
            let mut answer = None;
            while answer.is_none() {
                answer = latest.follow(Some(4), cx, |q, _| Some(*q));
                std::thread::yield_now();
            }
            assert_eq!(answer, Some((4, 4)));
        });
    }
}
