//! One network on the plane: its training, what is seen of it, and its numbers.

use crate::jobs::Job;
use crate::labs::diffusion::plane::{
    Controls, Event, Look, Measure, Session, Settings, State, Wanted, look, run,
};
use crate::tabs::{Notice, TabContext};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Numbers of steps that what comes out is measured by.
pub(super) const MEASURED_STEPS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Between two looks at a network that learns.
const LOOK_EVERY: Duration = Duration::from_millis(120);
/// Points of a curve, at most.
const MOST: usize = 600;

/// What the training sends.
#[derive(Debug)]
enum Message {
    Lab(Event),
    /// How far real points are from what is real.
    Best(Measure),
}

/// Numbers over the steps of training.
#[derive(Debug, Default)]
pub(super) struct Curves {
    pub(super) steps: Vec<f32>,
    pub(super) loss: Vec<f32>,
    /// The steps that the next two stand at.
    pub(super) measured: Vec<f32>,
    pub(super) js: Vec<f32>,
    pub(super) covered: Vec<f32>,
}

impl Curves {
    fn push_loss(&mut self, step: f32, loss: f32) {
        self.steps.push(step);
        self.loss.push(loss);
        if self.steps.len() > MOST {
            halve(&mut self.steps);
            halve(&mut self.loss);
        }
    }

    fn push_measure(&mut self, step: f32, measure: &Measure) {
        self.measured.push(step);
        self.js.push(measure.divergence.js as f32);
        self.covered.push(measure.n_covered as f32);
        if self.measured.len() > MOST {
            halve(&mut self.measured);
            halve(&mut self.js);
            halve(&mut self.covered);
        }
    }
}

/// Every other value, the last one among them.
fn halve(values: &mut Vec<f32>) {
    let n = values.len();
    let mut i = 0;
    values.retain(|_| {
        i += 1;
        (n - i).is_multiple_of(2)
    });
}

/// What was seen, and of what.
#[derive(Debug)]
struct Seen {
    number: u64,
    wanted: Wanted,
    state: Arc<State>,
    look: Arc<Look>,
}

/// A look on its way: of this state.
#[derive(Debug)]
struct Looking {
    /// Sends nothing now and then, to hear whether it is still wanted.
    job: Job<Option<Look>>,
    number: u64,
    wanted: Wanted,
    state: Arc<State>,
}

/// One network.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// What it is trained by, and from which seed.
    of: Option<(Settings, u64)>,
    training: Option<(Job<Message>, Controls)>,
    state: Option<Arc<State>>,
    /// Differs for every state that was ever on this side.
    number: u64,
    looking: Option<Looking>,
    looked: Option<Instant>,
    seen: Option<Seen>,
    measuring: Option<Job<Measure>>,
    /// How far what comes out in [`MEASURED_STEPS`] is from what is real, as far as is known.
    pub(super) by_steps: Vec<Measure>,
    /// After so many steps of training.
    pub(super) by_steps_at: u64,
    /// The newest measure.
    pub(super) measure: Option<Measure>,
    /// What the best network could reach.
    pub(super) best: Option<Measure>,
    pub(super) curves: Curves,
    pub(super) steps_per_sec: f64,
}

impl Side {
    pub(super) fn state(&self) -> Option<&Arc<State>> {
        self.state.as_ref()
    }

    /// Differs for every look.
    pub(super) fn number(&self) -> u64 {
        self.seen.as_ref().map_or(0, |seen| seen.number)
    }

    pub(super) fn look(&self) -> Option<Arc<Look>> {
        self.seen.as_ref().map(|seen| Arc::clone(&seen.look))
    }

    /// The network that was looked at: while it learns, a moment older than [`Self::state`].
    pub(super) fn seen_state(&self) -> Option<Arc<State>> {
        self.seen.as_ref().map(|seen| Arc::clone(&seen.state))
    }

    /// Another network, from the seed, in the place of this one.
    pub(super) fn start_anew(&mut self) {
        *self = Self {
            number: self.number,
            seen: self.seen.take(),
            ..Self::default()
        };
    }

    /// Not shown: nothing is done.
    pub(super) fn rest(&mut self) {
        self.training = None;
        self.looking = None;
        self.measuring = None;
    }

    pub(super) fn is_measuring(&self) -> bool {
        self.measuring.is_some()
    }

    /// The part of the measures that is done.
    pub(super) fn measured_part(&self) -> f32 {
        self.by_steps.len() as f32 / MEASURED_STEPS.len() as f32
    }

    pub(super) fn stop_measuring(&mut self) {
        self.measuring = None;
    }

    /// Takes what came, and starts what is to be done. `false` where training came to its end.
    pub(super) fn poll(
        &mut self,
        settings: &Settings,
        seed: u64,
        trains: bool,
        wanted: Wanted,
        cx: &mut TabContext<'_>,
    ) -> bool {
        self.take_settings(settings, seed);
        let goes_on = self.poll_training(settings, trains, cx);
        self.poll_measuring(cx);
        self.poll_looking(settings, wanted, cx);
        goes_on
    }

    /// What needs another network begins anew; the learning rate changes at once.
    fn take_settings(&mut self, settings: &Settings, seed: u64) {
        let same = |(old, old_seed): &(Settings, u64)| {
            let rate = old.learning_rate;
            let as_before = Settings {
                learning_rate: rate,
                ..settings.clone()
            };
            *old == as_before && *old_seed == seed
        };
        if self.of.as_ref().is_some_and(same) {
            if let (Some((_, controls)), Some((old, _))) = (&self.training, &self.of)
                && (old.learning_rate - settings.learning_rate).abs() > 0.0
            {
                controls.learning_rate(settings.learning_rate);
            }
        } else {
            *self = Self {
                number: self.number + 1,
                seen: self.seen.take(),
                state: Some(Arc::new(State::new(settings, seed))),
                ..Self::default()
            };
        }
        self.of = Some((settings.clone(), seed));
    }

    fn poll_training(
        &mut self,
        settings: &Settings,
        trains: bool,
        cx: &mut TabContext<'_>,
    ) -> bool {
        let messages = match &mut self.training {
            Some((job, _)) => job.poll(),
            None => Vec::new(),
        };
        let mut goes_on = true;
        for message in messages {
            match message {
                Message::Best(measure) => self.best = Some(measure),
                Message::Lab(Event::Working) => {}
                Message::Lab(Event::Turn {
                    state,
                    steps_per_sec,
                }) => {
                    self.curves
                        .push_loss(state.n_steps as f32, state.loss as f32);
                    self.state = Some(Arc::new(*state));
                    self.steps_per_sec = steps_per_sec;
                    self.number += 1;
                }
                Message::Lab(Event::Measured { n_steps, measure }) => {
                    self.curves.push_measure(n_steps as f32, &measure);
                    self.measure = Some(measure);
                }
                Message::Lab(Event::Trouble(refusal)) => {
                    cx.notices.push(Notice::Refused(refusal));
                    goes_on = false;
                }
            }
        }
        if let Some((job, _)) = &mut self.training {
            if !job.is_running() {
                let failure = job.take_failure();
                goes_on &= failure.is_none();
                cx.notices.extend(failure.map(Notice::Refused));
                self.training = None;
            } else if !trains {
                job.stop();
            }
        }
        if trains && goes_on && self.training.is_none() {
            goes_on = self.train(settings, cx);
        }
        goes_on
    }

    /// Trains on from where it stands.
    fn train(&mut self, settings: &Settings, cx: &mut TabContext<'_>) -> bool {
        let Some(state) = self.state.clone() else {
            return true;
        };
        let controls = Controls::default();
        let (settings, knobs) = (settings.clone(), controls.clone());
        let knows_best = self.best.is_some();
        let wake = Arc::clone(&cx.wake);
        let job = Job::spawn("diffusion on the plane", wake, move |emit| {
            if !knows_best {
                let session = Session::from(&settings, State::clone(&state));
                if emit(Message::Best(session.best_measure())).is_break() {
                    return;
                }
            }
            let state = State::clone(&state);
            run(&settings, state, &knobs, &mut |event| {
                emit(Message::Lab(event))
            });
        });
        match job {
            Ok(job) => self.training = Some((job, controls)),
            Err(refusal) => {
                cx.notices.push(Notice::Refused(refusal));
                return false;
            }
        }
        true
    }

    /// One look at a time, always at the newest.
    fn poll_looking(&mut self, settings: &Settings, wanted: Wanted, cx: &mut TabContext<'_>) {
        if let Some(mut looking) = self.looking.take() {
            let arrived = looking.job.poll().into_iter().flatten().last();
            cx.notices
                .extend(looking.job.take_failure().map(Notice::Refused));
            if let Some(look) = arrived {
                self.seen = Some(Seen {
                    number: looking.number,
                    wanted: looking.wanted,
                    state: looking.state,
                    look: Arc::new(look),
                });
            } else if looking.job.is_running() && looking.wanted == wanted {
                self.looking = Some(looking);
                return;
            }
        }
        let is_seen = |seen: &Seen| seen.number == self.number && seen.wanted == wanted;
        if self.seen.as_ref().is_some_and(is_seen) {
            return;
        }
        // While it learns there is always a newer state: some time is left to the training.
        let early = |at: Instant| at.elapsed() < LOOK_EVERY;
        if self.training.is_some() && self.looked.is_some_and(early) {
            return;
        }
        let Some(state) = self.state.clone() else {
            return;
        };
        let (method, seen) = (settings.method, Arc::clone(&state));
        let wake = Arc::clone(&cx.wake);
        let job = Job::spawn("look at the plane", wake, move |emit| {
            let found = look(&seen, method, wanted, &mut || emit(None));
            _ = found.map(|look| emit(Some(look)));
        });
        self.looked = Some(Instant::now());
        match job {
            Ok(job) => {
                self.looking = Some(Looking {
                    job,
                    number: self.number,
                    wanted,
                    state,
                });
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Measures what comes out in few steps and in many.
    pub(super) fn measure_by_steps(&mut self, cx: &mut TabContext<'_>) {
        let (Some((settings, _)), Some(state)) = (self.of.clone(), self.state.clone()) else {
            return;
        };
        self.by_steps.clear();
        self.by_steps_at = state.n_steps;
        let wake = Arc::clone(&cx.wake);
        let job = Job::spawn("measure the plane", wake, move |emit| {
            let session = Session::from(&settings, State::clone(&state));
            for n in MEASURED_STEPS {
                if emit(session.measure(n)).is_break() {
                    return;
                }
            }
        });
        match job {
            Ok(job) => self.measuring = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn poll_measuring(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.measuring else {
            return;
        };
        self.by_steps.extend(job.poll());
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.measuring = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_last_point() {
        let mut curves = Curves::default();
        for step in 0..5000 {
            curves.push_loss(step as f32, 1.0);
        }
        assert!(curves.steps.len() <= MOST && curves.steps.is_sorted());
        assert_eq!(curves.steps.last(), Some(&4999.0));
        assert_eq!(curves.steps.len(), curves.loss.len());
    }
}
