//! The training itself: steps, and between them snapshots and checkpoints.

use super::checkpoint::save;
use super::data::{self, Data};
use super::learner::Learner;
use super::squeezer::{Fault, Squeezer, fault};
use super::{Controls, Event, Outcome, Pictures, Prepared, Recipe, Snapshot, State};
use crate::labs::training::{Files, Halt, Pace, Work, another_shape, ran_away};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// What a training that goes on must keep.
const KEPT: &str = "the side, the code and the kind of pictures";
/// What to do where its numbers ran away.
const CALM: &str = "Start anew with a smaller learning rate.";
/// The learning rate ends at this share of its height.
const COOLED: f64 = 0.02;
/// Held-out pictures that the error of a snapshot is measured on; at the end it is measured on all.
const N_EXAMINED: usize = 128;

type Emit<'a> = &'a mut dyn FnMut(Event) -> ControlFlow<()>;

/// Trains as `recipe` says, from nothing or from a state, with the settings that `controls` hold at
/// each step, until its end or until `emit` says stop. Then a last checkpoint is written.
///
/// # Errors
/// When the pictures cannot be read or are too few, or the state is not one of this recipe's. What
/// goes wrong later is told as [`Event::Trouble`], and in the outcome.
pub fn run(
    recipe: &Recipe,
    from: Option<&State>,
    controls: &Controls,
    emit: Emit<'_>,
) -> Result<Outcome> {
    let files = Files::prepared(recipe.checkpoint.as_deref(), "model")?;
    let data = data::load(&recipe.source, recipe.side, emit)?;
    let config = recipe.config(data.pictures.n_channels)?;
    let learner = match from {
        None => Learner::new(config, recipe.seed),
        Some(state) if state.config == config => Learner::from_state(state, recipe.seed),
        Some(state) => return Err(another_shape(&config, &state.config, KEPT)),
    };
    let learner = learner.map_err(|error| math_refusal(&error))?;
    let prepared = Prepared {
        pictures: Arc::clone(&data.pictures),
        attributes: data.attributes.clone(),
        values: Arc::clone(&data.values),
        held_out: Arc::clone(&data.held_out),
        left_out: data.left_out.clone(),
        n_weights: config.n_weights(),
        n_steps_before: learner.step,
    };
    let mut training = Training {
        recipe,
        controls,
        pace: Pace {
            n_steps: recipe.n_steps,
            minutes: recipe.minutes,
            before: Work {
                steps: learner.step,
                secs: learner.secs,
            },
        },
        snapshot_secs: learner.secs,
        snapshot_step: None,
        saved_secs: learner.secs,
        saved_step: None,
        trouble: None,
        ran_away: false,
        learner,
        data,
        files,
    };
    let flow = emit(Event::Prepared(prepared));
    let stopped = flow.is_break() || training.turns(emit)?.is_break();
    training.finish(stopped, emit)
}

/// One training at work.
struct Training<'a> {
    recipe: &'a Recipe,
    controls: &'a Controls,
    learner: Learner,
    data: Data,
    files: Option<Files>,
    pace: Pace,
    snapshot_secs: f64,
    snapshot_step: Option<usize>,
    saved_secs: f64,
    saved_step: Option<usize>,
    trouble: Option<Refusal>,
    ran_away: bool,
}

impl Training<'_> {
    fn turns(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        // Also where it goes on from a state: whoever asks wants to see what is there.
        if self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        while self.pace.goes_on(self.now()) {
            let started = Instant::now();
            let settings = self.controls.settings();
            let cooled = self.cooled();
            let mut go_on = || emit(Event::Working);
            let turn = self.learner.turn(&self.data, &settings, cooled, &mut go_on);
            let mut turn = match turn {
                Ok(turn) => turn,
                Err(Halt::Stopped) => return Ok(ControlFlow::Break(())),
                Err(Halt::RanAway(place)) => {
                    let refusal =
                        ran_away(&place, self.learner.step + 1, self.files.is_some(), CALM);
                    self.ran_away = true;
                    self.trouble = Some(refusal.clone());
                    let _ = emit(Event::Trouble(refusal));
                    return Ok(ControlFlow::Continue(()));
                }
                Err(Halt::Math(error)) => return Err(math_refusal(&error)),
            };
            let secs = started.elapsed().as_secs_f64();
            self.learner.secs += secs;
            turn.secs = self.learner.secs;
            turn.pictures_per_sec = (settings.batch.max(1) as f64 / secs) as f32;
            turn.progress = self.pace.done(self.now());
            turn.secs_left = self.pace.secs_left(self.now());
            if emit(Event::Turn(turn)).is_break() || self.between(emit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What is due between two steps.
    fn between(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        let secs = self.learner.secs;
        let late = secs - self.snapshot_secs >= self.recipe.snapshot_every_secs;
        let early = self.learner.step.is_power_of_two();
        if (late || early) && self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let unsaved_secs = secs - self.saved_secs;
        if unsaved_secs >= self.recipe.checkpoint_every_secs && self.save(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What lies behind it now.
    fn now(&self) -> Work {
        Work {
            steps: self.learner.step,
            secs: self.learner.secs,
        }
    }

    /// What the learning rate is multiplied with: it falls evenly from the beginning to the end.
    fn cooled(&self) -> f64 {
        let done = self
            .pace
            .done(self.now())
            .filter(|_| self.recipe.cools)
            .unwrap_or(0.0);
        (1.0 - done).max(COOLED)
    }

    /// The network as it is, and how well it does on pictures that it never learns from.
    fn snapshot(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        self.snapshot_secs = self.learner.secs;
        self.snapshot_step = Some(self.learner.step);
        if self.recipe.n_shown == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let math = |error: candle_core::Error| math_refusal(&error);
        let squeezer = self.learner.squeezer(&self.data).map_err(math)?;
        if emit(Event::Working).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let (fault, pictures) = self.examine(&squeezer, N_EXAMINED)?;
        let state = self.learner.state().map_err(math)?;
        Ok(emit(Event::Snapshot(Snapshot {
            step: self.learner.step,
            secs: self.learner.secs,
            squeezer: Arc::new(squeezer),
            fault,
            pictures: Arc::new(pictures),
            state: Arc::new(state),
        })))
    }

    /// The error on the first `n` held-out pictures, and how the first of them come back.
    fn examine(&self, squeezer: &Squeezer, n: usize) -> Result<(Fault, Pictures)> {
        let all = &self.data.pictures;
        let chosen = self.data.held_out.iter().take(n);
        let pixels = chosen.filter_map(|&i| all.get(i)).flatten();
        let truth = Pictures {
            side: all.side,
            n_channels: all.n_channels,
            pixels: pixels.copied().collect(),
        };
        let mut made = squeezer.squeeze(&truth)?.pictures;
        let fault = fault(&truth.pixels, &made.pixels);
        let n_shown = self.recipe.n_shown.min(made.len());
        made.pixels
            .truncate(n_shown * all.side * all.side * all.n_channels);
        Ok((fault, made))
    }

    /// Writes everything. A disk that is full is told, and training goes on.
    fn save(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        self.saved_secs = self.learner.secs;
        let Some(files) = &self.files else {
            return Ok(ControlFlow::Continue(()));
        };
        let math = |error: candle_core::Error| math_refusal(&error);
        let state = self.learner.state().map_err(math)?;
        let squeezer = self.learner.squeezer(&self.data).map_err(math)?;
        let settings = self.controls.settings();
        match save(files, self.recipe, &settings, &state, &squeezer) {
            Ok(()) => {
                self.saved_step = Some(state.step);
                let (step, files) = (state.step, files.all());
                Ok(emit(Event::Saved { step, files }))
            }
            Err(refusal) => {
                self.trouble = Some(refusal.clone());
                Ok(emit(Event::Trouble(refusal)))
            }
        }
    }

    /// The last snapshot and the last checkpoint. Where numbers ran away, what was saved before stays.
    fn finish(mut self, stopped: bool, emit: Emit<'_>) -> Result<Outcome> {
        // A training stopped before its first step must not take the place of a finished model.
        let new = self.learner.step > self.pace.before.steps;
        if new && !self.ran_away {
            if self.saved_step != Some(self.learner.step) {
                let _ = self.save(emit)?;
            }
            if !stopped && self.snapshot_step != Some(self.learner.step) {
                let _ = self.snapshot(emit)?;
            }
        }
        let math = |error: candle_core::Error| math_refusal(&error);
        let squeezer = self.learner.squeezer(&self.data).map_err(math)?;
        let n = if stopped { N_EXAMINED } else { usize::MAX };
        let (fault, _) = self.examine(&squeezer, n)?;
        let now = self.now();
        let saved = self.saved_step.and(self.files.as_ref());
        let state = self.learner.state().map_err(math)?;
        Ok(Outcome {
            n_steps: self.learner.step,
            millis_per_step: self.pace.millis_per_step(now),
            fault,
            files: saved.map(Files::all).unwrap_or_default(),
            losses: self.learner.losses,
            stopped,
            trouble: self.trouble,
            state: Arc::new(state),
        })
    }
}
