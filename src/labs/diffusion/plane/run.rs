//! Training in front of a person: turns of a few milliseconds, as fast as they come.

use super::{Measure, Session, Settings, State};
use crate::refusal::Refusal;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A turn takes about so long.
const TURN: Duration = Duration::from_millis(8);
/// Turns are told of so often at most.
const TOLD_EVERY: Duration = Duration::from_millis(50);
/// Between two measures of what comes out.
const MEASURED_EVERY: Duration = Duration::from_secs(1);
/// Steps of what is measured.
const MEASURED_STEPS: usize = 25;

/// What a person changes while it learns, shared with the window.
#[derive(Debug, Clone, Default)]
pub struct Controls(Arc<Mutex<Wishes>>);

#[derive(Debug, Clone, Default)]
struct Wishes {
    learning_rate: Option<f64>,
    steps_left: Option<u64>,
}

impl Controls {
    /// Another learning rate from the next step on.
    pub fn learning_rate(&self, rate: f64) {
        self.wishes(|wishes| wishes.learning_rate = Some(rate));
    }

    /// Stop after so many more steps; `None` for as long as nobody says stop.
    pub fn steps_left(&self, n: Option<u64>) {
        self.wishes(|wishes| wishes.steps_left = n);
    }

    fn wishes<T>(&self, look: impl FnOnce(&mut Wishes) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What training says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Nothing new; work goes on.
    Working,
    /// Where it stands.
    Turn {
        /// All of it, to look at and to go on from.
        state: Box<State>,
        /// Steps in a second lately.
        steps_per_sec: f64,
    },
    /// How far what comes out in 25 steps is from what is real.
    Measured {
        /// After so many steps of training.
        n_steps: u64,
        /// How far.
        measure: Measure,
    },
    /// Numbers ran away; training has stopped before that step.
    Trouble(Refusal),
}

/// Trains from a state until `emit` says stop, or the steps that were asked for are done; gives the last
/// state. What goes wrong is said as [`Event::Trouble`].
pub fn run(
    settings: &Settings,
    state: State,
    controls: &Controls,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> State {
    let mut session = Session::from(settings, state);
    let (mut told, mut measured) = (Instant::now(), None::<Instant>);
    let mut n_since = 0_u64;
    let mut is_over = false;
    while !is_over {
        let turn = Instant::now();
        while turn.elapsed() < TURN && !is_over {
            let wishes = controls.wishes(|wishes| {
                let now = wishes.clone();
                wishes.steps_left = now.steps_left.map(|n| n.saturating_sub(1));
                now
            });
            if wishes.steps_left == Some(0) {
                is_over = true;
                break;
            }
            if let Some(rate) = wishes.learning_rate {
                session.change_learning_rate(rate);
            }
            if let Err(refusal) = session.step() {
                let _ = emit(Event::Trouble(refusal));
                return session.into_state();
            }
            n_since += 1;
        }
        let mut flow = emit(Event::Working);
        if flow.is_continue() && (is_over || told.elapsed() >= TOLD_EVERY) {
            let steps_per_sec = n_since as f64 / told.elapsed().as_secs_f64().max(1e-9);
            (told, n_since) = (Instant::now(), 0);
            flow = emit(Event::Turn {
                state: Box::new(session.state().clone()),
                steps_per_sec,
            });
        }
        if flow.is_continue()
            && (is_over || measured.is_none_or(|at| at.elapsed() >= MEASURED_EVERY))
        {
            let measure = session.measure(MEASURED_STEPS);
            let n_steps = session.state().n_steps;
            flow = emit(Event::Measured { n_steps, measure });
            measured = Some(Instant::now());
        }
        is_over |= flow.is_break();
    }
    session.into_state()
}
