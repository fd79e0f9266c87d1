//! The training itself: steps, and between them snapshots, exams and checkpoints.

use super::checkpoint::save;
use super::data::{self, Data};
use super::learner::Learner;
use super::{Controls, Event, Outcome, Prepared, Recipe, Snapshot, State};
use crate::labs::diffusion::agreement::{Agreement, agreement};
use crate::labs::diffusion::{Drawing, draw};
use crate::labs::training::{Files, Halt, Pace, Work, another_shape, ran_away};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// What a training that goes on must keep.
const KEPT: &str = "the side, the widths and the kind of pictures";
/// What to do where its numbers ran away.
const CALM: &str = "Go back to an earlier snapshot and go on with a smaller learning rate.";
/// Steps of DDIM that a snapshot is drawn in, and how strongly its words count.
const SHOWN_STEPS: usize = 10;
const SHOWN_GUIDANCE: f64 = 3.0;
/// The learning rate ends at this share of its height.
const COOLED: f64 = 0.02;
/// How often the judge is asked in a training that has an end.
const N_EXAMS: f64 = 10.0;

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
    let config = recipe.config(data.pictures.n_channels, &data.attributes)?;
    let math = |error: candle_core::Error| math_refusal(&error);
    let learner = match from {
        None => Learner::new(
            config,
            recipe.schedule.clone(),
            recipe.prediction,
            data.attributes.clone(),
            recipe.seed,
        ),
        Some(state) if state.config == config && state.attributes == data.attributes => {
            Learner::from_state(state, recipe.seed)
        }
        Some(state) => return Err(another_shape(&config, &state.config, KEPT)),
    };
    let learner = learner.map_err(math)?;
    let prepared = Prepared {
        reals: Arc::clone(&data.pictures),
        attributes: data.attributes.clone(),
        left_out: data.left_out.clone(),
        n_weights: learner.network.n_weights(),
        layers: learner.layers(),
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
        snapshot_secs: None,
        snapshot_step: None,
        saved_secs: learner.secs,
        saved_step: None,
        n_exams: 0,
        judged: Vec::new(),
        trouble: None,
        ran_away: false,
        learner,
        data,
        files,
    };
    training.n_exams = training.exams_due();
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
    snapshot_secs: Option<f64>,
    snapshot_step: Option<usize>,
    saved_secs: f64,
    saved_step: Option<usize>,
    n_exams: usize,
    judged: Vec<(usize, Agreement)>,
    trouble: Option<Refusal>,
    ran_away: bool,
}

impl Training<'_> {
    fn turns(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        // Where it goes on from a state, the snapshot of that moment is there already.
        if self.learner.step == 0 && self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.snapshot_secs = Some(self.learner.secs);
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
        let late = self
            .snapshot_secs
            .is_none_or(|before| secs - before >= self.recipe.snapshot_every_secs);
        let early = self.learner.step.is_power_of_two();
        if (late || early) && self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let unsaved_secs = secs - self.saved_secs;
        if unsaved_secs >= self.recipe.checkpoint_every_secs && self.save(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let due = self.exams_due();
        if due > self.n_exams {
            self.n_exams = due;
            return self.examine(emit);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// How many tenths of the training are done.
    fn exams_due(&self) -> usize {
        (N_EXAMS * self.pace.done(self.now()).unwrap_or(0.0) + 1e-9) as usize
    }

    /// Has the judge look at what the average of the weights draws.
    fn examine(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        let Some(exam) = &self.recipe.exam else {
            return Ok(ControlFlow::Continue(()));
        };
        let denoiser = self
            .learner
            .denoiser()
            .map_err(|error| math_refusal(&error))?;
        let Some(agreement) = agreement(&denoiser, exam, &mut || emit(Event::Working))? else {
            return Ok(ControlFlow::Break(()));
        };
        let step = self.learner.step;
        self.judged.push((step, agreement.clone()));
        Ok(emit(Event::Judged { step, agreement }))
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

    /// Draws the pictures of the fixed noise.
    fn snapshot(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        self.snapshot_secs = Some(self.learner.secs);
        self.snapshot_step = Some(self.learner.step);
        if self.recipe.n_shown == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let math = |error: candle_core::Error| math_refusal(&error);
        let denoiser = self.learner.denoiser().map_err(math)?;
        let mut rng = Rng::new(self.recipe.seed, "what the snapshots show");
        let shown = (0..self.recipe.n_shown).map(|_| rng.below(self.data.rows.len()));
        let drawing = Drawing {
            rows: shown.map(|i| self.data.rows[i].clone()).collect(),
            seed: self.recipe.seed,
            n_steps: SHOWN_STEPS,
            guidance: SHOWN_GUIDANCE,
        };
        let Some(pictures) = draw(&denoiser, &drawing, &mut || emit(Event::Working))? else {
            return Ok(ControlFlow::Break(()));
        };
        let state = if self.recipe.keeps_states {
            Some(Arc::new(self.learner.state().map_err(math)?))
        } else {
            None
        };
        Ok(emit(Event::Snapshot(Snapshot {
            step: self.learner.step,
            secs: self.learner.secs,
            pictures: Arc::new(pictures),
            rows: drawing.rows,
            state,
        })))
    }

    /// Writes everything. A disk that is full is told, and training goes on.
    fn save(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        self.saved_secs = self.learner.secs;
        let Some(files) = &self.files else {
            return Ok(ControlFlow::Continue(()));
        };
        let state = self.learner.state().map_err(|error| math_refusal(&error))?;
        let settings = self.controls.settings();
        match save(files, self.recipe, &settings, &state) {
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
        // Trained to its end before: what is asked for is the exam alone.
        if !new && !stopped && self.recipe.exam.is_some() {
            let _ = self.examine(emit)?;
        }
        let now = self.now();
        let saved = self.saved_step.and(self.files.as_ref());
        let state = self.learner.state().map_err(|error| math_refusal(&error))?;
        Ok(Outcome {
            n_steps: self.learner.step,
            millis_per_step: self.pace.millis_per_step(now),
            files: saved.map(Files::all).unwrap_or_default(),
            losses: self.learner.losses,
            stopped,
            trouble: self.trouble,
            judged: self.judged,
            state: Arc::new(state),
        })
    }
}
