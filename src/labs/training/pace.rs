//! How far a training is, what is left of it, and what ends it.

use crate::nn::layers::Parameters;
use crate::refusal::Refusal;
use candle_core::Error;
use std::fmt::Debug;
use std::ops::ControlFlow;

/// How much work lies behind a training.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Work {
    /// Steps taken.
    pub steps: usize,
    /// Seconds they took.
    pub secs: f64,
}

/// Where a training ends, and where this run of it began.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// It ends after so many steps in all,
    pub n_steps: Option<usize>,
    /// or after so many minutes of work in all. With neither it goes on until it is stopped.
    pub minutes: Option<f64>,
    /// What lay behind it when this run began.
    pub before: Work,
}

impl Pace {
    /// The part of the training that is done, 0..=1, by steps or by minutes, whichever is further;
    /// `None` where it has no end.
    #[must_use]
    pub fn done(&self, now: Work) -> Option<f64> {
        let by_steps = |n: usize| now.steps as f64 / n.max(1) as f64;
        let by_minutes = |minutes: f64| now.secs / (60.0 * minutes).max(1e-9);
        let steps = self.n_steps.map(by_steps);
        let minutes = self.minutes.map(by_minutes);
        let done = steps.into_iter().chain(minutes).reduce(f64::max);
        done.map(|done| done.min(1.0))
    }

    /// Whether there are steps left to take.
    #[must_use]
    pub fn goes_on(&self, now: Work) -> bool {
        self.done(now).is_none_or(|done| done < 1.0)
    }

    /// Seconds that are left; `None` where it has no end.
    #[must_use]
    pub fn secs_left(&self, now: Work) -> Option<f64> {
        let secs_per_step = self.millis_per_step(now) / 1000.0;
        let by_steps = |n: usize| n.saturating_sub(now.steps) as f64 * secs_per_step;
        let by_minutes = |minutes: f64| (60.0 * minutes - now.secs).max(0.0);
        let steps = self.n_steps.map(by_steps);
        let minutes = self.minutes.map(by_minutes);
        steps.into_iter().chain(minutes).reduce(f64::min)
    }

    /// Mean time of this run's steps.
    #[must_use]
    pub fn millis_per_step(&self, now: Work) -> f64 {
        let n_now = now.steps.saturating_sub(self.before.steps).max(1) as f64;
        (now.secs - self.before.secs) * 1000.0 / n_now
    }
}

/// What ended a step before it was done. Nothing has moved then.
#[derive(Debug)]
pub enum Halt {
    /// The person said stop.
    Stopped,
    /// A number ran away here.
    RanAway(String),
    /// Candle refused.
    Math(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Math(error)
    }
}

/// A step ends where the person says stop.
///
/// # Errors
/// [`Halt::Stopped`].
pub fn halted(flow: ControlFlow<()>) -> Result<(), Halt> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Halt::Stopped),
    }
}

/// Where the numbers ran away, in words: the first layer whose weights are no numbers; else the first
/// whose gradient is none; else the loss itself.
///
/// # Errors
/// When a weight is not in f32.
pub fn first_broken(parameters: &Parameters, norms: &[f64]) -> candle_core::Result<String> {
    for (name, var) in parameters.iter() {
        let sum = var.as_detached_tensor().sqr()?.sum_all()?;
        if !sum.to_scalar::<f32>()?.is_finite() {
            return Ok(format!("the weights of {name}"));
        }
    }
    let mut named = parameters.iter().zip(norms);
    Ok(match named.find(|(_, norm)| !norm.is_finite()) {
        Some(((name, _), _)) => format!("the gradient of {name}"),
        None => "the loss".to_owned(),
    })
}

/// The refusal of a state that belongs to another network; `kept` is what must stay as it was ("the side
/// and the width").
#[must_use]
pub fn another_shape(wanted: &dyn Debug, found: &dyn Debug, kept: &str) -> Refusal {
    Refusal::unchanged(
        "The training that is to go on has a network of another shape",
        format!("It is made for {found:?}; this asks for {wanted:?}."),
        format!("Go on with {kept} it began with, or begin a new training."),
    )
}

/// The refusal where in step number `step` the numbers of `place` ran away.
#[must_use]
pub fn ran_away(place: &str, step: usize, saves: bool, next: &str) -> Refusal {
    let kept = if saves {
        "What was learned up to the step before is kept, and so is the checkpoint."
    } else {
        "What was learned up to the step before is kept."
    };
    Refusal::new(
        "The training ran away",
        format!("In step {step}, {place} held numbers that are infinite or none at all."),
        kept,
        next,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_ends_by_steps_or_by_minutes_whichever_comes_first() {
        let before = Work {
            steps: 100,
            secs: 50.0,
        };
        let now = Work {
            steps: 200,
            secs: 60.0,
        };
        let pace = |n_steps, minutes| Pace {
            n_steps,
            minutes,
            before,
        };
        assert_eq!(pace(None, None).done(now), None);
        assert_eq!(pace(Some(400), None).done(now), Some(0.5));
        assert_eq!(pace(Some(400), Some(1.25)).done(now), Some(0.8));
        assert_eq!(pace(Some(100), None).done(now), Some(1.0));
        assert!(!pace(Some(200), None).goes_on(now) && pace(None, None).goes_on(now));
        // 100 steps took 10 s: 200 more take 20; of 75 s, 15 are left.
        let left = pace(Some(400), None).secs_left(now).unwrap();
        assert!((left - 20.0).abs() < 1e-9, "{left}");
        let left = pace(Some(400), Some(1.25)).secs_left(now).unwrap();
        assert!((left - 15.0).abs() < 1e-9, "{left}");
        assert_eq!(pace(None, None).secs_left(now), None);
    }
}
