//! The training itself: turns, and between them snapshots and checkpoints.

use super::checkpoint::save;
use super::data::{bytes, some};
use super::fight::{Fight, noise};
use super::{Controls, Event, Outcome, Prepared, Recipe, Settings, Snapshot, State};
use crate::files::atlas::Pictures;
use crate::labs::training::{Files, Halt, Pace, Work, another_shape, load, ran_away};
use crate::models::dcgan::Config;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use candle_core::Device;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// What a training that goes on must keep.
const KEPT: &str = "the side and the width";
/// What to do where its numbers ran away.
const CALM: &str = "Go back to an earlier snapshot and go on with smaller learning rates.";
/// Pictures of a snapshot that are made at once: few enough that Stop acts in between.
const SHOWN_AT_ONCE: usize = 32;

/// Trains as `recipe` says, from nothing or from a state, with the settings that `controls` hold at
/// each turn, until its end or until `emit` says stop. Then a last checkpoint is written.
///
/// # Errors
/// When the pictures cannot be read or are too few, or the state is not one of this recipe's. What
/// goes wrong later is told as [`Event::Trouble`], and in the outcome.
pub fn run(
    recipe: &Recipe,
    from: Option<&State>,
    controls: &Controls,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    recipe.check()?;
    let files = Files::prepared(recipe.checkpoint.as_deref(), "generator")?;
    let known = load(&recipe.source, recipe.side, &mut || emit(Event::Working))?;
    let (pictures, left_out) = (known.pictures, known.left_out);
    let config = Config {
        d_z: recipe.d_z,
        side: recipe.side,
        n_channels: pictures.n_channels,
        width: recipe.width,
    };
    let math = |error: candle_core::Error| math_refusal(&error);
    let fight = match from {
        None => Fight::new(config, &controls.settings(), recipe.seed).map_err(math)?,
        Some(state) if state.config == config => {
            Fight::from_state(state, recipe.seed).map_err(math)?
        }
        Some(state) => return Err(another_shape(&config, &state.config, KEPT)),
    };
    let [layers_g, layers_d] = fight.layers();
    let reals = Arc::new(pictures);
    let prepared = Prepared {
        reals: Arc::clone(&reals),
        left_out,
        n_weights_g: fight.g.n_weights(),
        n_weights_d: fight.d.n_weights(),
        layers_g,
        layers_d,
        n_steps_before: fight.step,
    };
    let mut training = Training {
        recipe,
        controls,
        pace: Pace {
            n_steps: recipe.n_steps,
            minutes: recipe.minutes,
            before: Work {
                steps: fight.step,
                secs: fight.secs,
            },
        },
        snapshot_secs: None,
        snapshot_step: None,
        saved_secs: fight.secs,
        saved_step: None,
        trouble: None,
        ran_away: false,
        fight,
        reals,
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
    fight: Fight,
    reals: Arc<Pictures>,
    files: Option<Files>,
    pace: Pace,
    snapshot_secs: Option<f64>,
    snapshot_step: Option<usize>,
    saved_secs: f64,
    saved_step: Option<usize>,
    trouble: Option<Refusal>,
    ran_away: bool,
}

type Emit<'a> = &'a mut dyn FnMut(Event) -> ControlFlow<()>;

impl Training<'_> {
    fn turns(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        // Where it goes on from a state, the snapshot of that moment is there already.
        if self.fight.step == 0 && self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.snapshot_secs = Some(self.fight.secs);
        while self.pace.goes_on(self.now()) {
            let started = Instant::now();
            let settings = self.cooled(self.controls.settings());
            let mut go_on = || emit(Event::Working);
            let mut turn = match self.fight.turn(&self.reals, &settings, &mut go_on) {
                Ok(turn) => turn,
                Err(Halt::Stopped) => return Ok(ControlFlow::Break(())),
                Err(Halt::RanAway(layer)) => {
                    let refusal = ran_away(&layer, self.fight.step + 1, self.files.is_some(), CALM);
                    self.ran_away = true;
                    self.trouble = Some(refusal.clone());
                    let _ = emit(Event::Trouble(refusal));
                    return Ok(ControlFlow::Continue(()));
                }
                Err(Halt::Math(error)) => return Err(math_refusal(&error)),
            };
            let secs = started.elapsed().as_secs_f64();
            self.fight.secs += secs;
            turn.secs = self.fight.secs;
            let n_seen = settings.d_steps.max(1) * settings.batch.max(2);
            turn.pictures_per_sec = (n_seen as f64 / secs) as f32;
            turn.progress = self.pace.done(self.now());
            turn.secs_left = self.pace.secs_left(self.now());
            if emit(Event::Turn(turn)).is_break() || self.between(emit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What is due between two turns.
    fn between(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        let since = |before: f64| self.fight.secs - before;
        let late = self
            .snapshot_secs
            .is_none_or(|before| since(before) >= self.recipe.snapshot_every_secs);
        if (late || self.fight.step.is_power_of_two()) && self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if self.fight.secs - self.saved_secs >= self.recipe.checkpoint_every_secs {
            return self.save(emit);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What lies behind it now.
    fn now(&self) -> Work {
        Work {
            steps: self.fight.step,
            secs: self.fight.secs,
        }
    }

    /// The settings with learning rates that fall to a tenth at the end.
    fn cooled(&self, mut settings: Settings) -> Settings {
        let done = self
            .pace
            .done(self.now())
            .filter(|_| self.recipe.cools)
            .unwrap_or(0.0);
        let fallen = (3.0 * done - 2.0).clamp(0.0, 1.0);
        settings.learning_rate_d *= 1.0 - 0.9 * fallen;
        settings.learning_rate_g *= 1.0 - 0.9 * fallen;
        settings
    }

    fn snapshot(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        self.snapshot_secs = Some(self.fight.secs);
        self.snapshot_step = Some(self.fight.step);
        let mut go_on = || emit(Event::Working);
        let snapshot = snapshot(&mut self.fight, self.recipe, &self.reals, &mut go_on);
        match snapshot.map_err(|error| math_refusal(&error))? {
            Some(snapshot) => Ok(emit(Event::Snapshot(snapshot))),
            None => Ok(ControlFlow::Break(())),
        }
    }

    /// Writes everything. A disk that is full is told, and training goes on.
    fn save(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        self.saved_secs = self.fight.secs;
        let Some(files) = &self.files else {
            return Ok(ControlFlow::Continue(()));
        };
        let state = self.fight.state().map_err(|error| math_refusal(&error))?;
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
        // A training stopped before its first turn must not take the place of a finished model.
        let new = self.fight.step > self.pace.before.steps;
        if new && !self.ran_away {
            if self.snapshot_step != Some(self.fight.step) {
                let _ = self.snapshot(&mut |event| match event {
                    Event::Working => ControlFlow::Continue(()), // it is short: Stop waits for it
                    event => emit(event),
                })?;
            }
            if self.saved_step != Some(self.fight.step) {
                let _ = self.save(emit)?;
            }
        }
        let now = self.now();
        let saved = self.saved_step.and(self.files.as_ref());
        let state = self.fight.state().map_err(|error| math_refusal(&error))?;
        Ok(Outcome {
            n_steps: self.fight.step,
            millis_per_step: self.pace.millis_per_step(now),
            files: saved.map(Files::all).unwrap_or_default(),
            losses: self.fight.losses,
            stopped,
            trouble: self.trouble,
            state: Arc::new(state),
        })
    }
}

/// Pictures of the fixed `z`, D's verdicts on them and on some real ones; `None` when told to stop.
fn snapshot(
    fight: &mut Fight,
    recipe: &Recipe,
    reals: &Pictures,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> candle_core::Result<Option<Snapshot>> {
    let device = Device::Cpu;
    let (generator, judge) = (fight.average()?, fight.judge()?);
    let mut rng = Rng::new(recipe.seed, "the z of the snapshots");
    let (mut pixels, mut fake_logits) = (Vec::new(), Vec::new());
    let mut left = recipe.n_shown;
    while left > 0 {
        let n = left.min(SHOWN_AT_ONCE);
        let fakes = generator.forward(&noise(n, recipe.d_z, &mut rng, &device)?)?;
        pixels.extend(bytes(&fakes)?);
        if go_on().is_break() {
            return Ok(None);
        }
        fake_logits.extend(judge.forward(&fakes)?.to_vec1::<f32>()?);
        if go_on().is_break() {
            return Ok(None);
        }
        left -= n;
    }
    let mut rng = Rng::new(recipe.seed, "the real pictures of the snapshots");
    let chosen: Vec<usize> = (0..recipe.n_shown.min(super::N_REALS_SHOWN))
        .map(|_| rng.below(reals.len()))
        .collect();
    let real_logits = judge.forward(&some(reals, &chosen, &device)?)?.to_vec1()?;
    Ok(Some(Snapshot {
        step: fight.step,
        secs: fight.secs,
        fakes: Arc::new(Pictures {
            side: recipe.side,
            n_channels: reals.n_channels,
            pixels,
        }),
        fake_logits,
        reals: chosen,
        real_logits,
        state: Some(Arc::new(fight.state()?)),
    }))
}
