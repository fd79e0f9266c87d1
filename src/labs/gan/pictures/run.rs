//! The training itself: turns, and between them snapshots and checkpoints.

use super::checkpoint::Files;
use super::data::{self, Real, bytes, some};
use super::fight::{Fight, noise};
use super::turn::Halt;
use super::{Controls, Event, Outcome, Prepared, Recipe, Settings, Snapshot, State, Turn};
use crate::files::atlas::Pictures;
use crate::models::dcgan::Config;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use candle_core::Device;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

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
    let files = recipe
        .checkpoint
        .as_deref()
        .map(Files::beside)
        .transpose()?;
    if let Some(files) = &files {
        files.try_writing()?;
    }
    let Real { pictures, left_out } = data::load(&recipe.source, recipe.side, emit)?;
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
        Some(state) => return Err(another_shape(&config, &state.config)),
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
        n_steps_before: fight.step,
        secs_before: fight.secs,
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
    n_steps_before: usize,
    secs_before: f64,
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
        while self.done().is_none_or(|done| done < 1.0) {
            let started = Instant::now();
            let settings = self.cooled(self.controls.settings());
            let mut go_on = || emit(Event::Working);
            let mut turn = match self.fight.turn(&self.reals, &settings, &mut go_on) {
                Ok(turn) => turn,
                Err(Halt::Stopped) => return Ok(ControlFlow::Break(())),
                Err(Halt::RanAway(layer)) => {
                    let refusal = ran_away(&layer, self.fight.step + 1, self.files.is_some());
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
            self.say_what_is_left(&mut turn);
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

    /// The part of the training that is done, by turns or by minutes, whichever is further.
    fn done(&self) -> Option<f64> {
        let by_steps = |n: usize| self.fight.step as f64 / n.max(1) as f64;
        let by_minutes = |minutes: f64| self.fight.secs / (60.0 * minutes).max(1e-9);
        let steps = self.recipe.n_steps.map(by_steps);
        let minutes = self.recipe.minutes.map(by_minutes);
        let done = steps.into_iter().chain(minutes).reduce(f64::max);
        done.map(|done| done.min(1.0))
    }

    /// The settings with learning rates that fall to a tenth at the end.
    fn cooled(&self, mut settings: Settings) -> Settings {
        let done = self.done().filter(|_| self.recipe.cools).unwrap_or(0.0);
        let fallen = (3.0 * done - 2.0).clamp(0.0, 1.0);
        settings.learning_rate_d *= 1.0 - 0.9 * fallen;
        settings.learning_rate_g *= 1.0 - 0.9 * fallen;
        settings
    }

    fn say_what_is_left(&self, turn: &mut Turn) {
        turn.progress = self.done();
        let n_now = (self.fight.step - self.n_steps_before).max(1) as f64;
        let secs_per_step = (self.fight.secs - self.secs_before) / n_now;
        let by_steps = self
            .recipe
            .n_steps
            .map(|n| n.saturating_sub(self.fight.step) as f64 * secs_per_step);
        let by_minutes = self
            .recipe
            .minutes
            .map(|minutes| (60.0 * minutes - self.fight.secs).max(0.0));
        turn.secs_left = by_steps.into_iter().chain(by_minutes).reduce(f64::min);
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
        match files.save(self.recipe, &settings, &state) {
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
        let new = self.fight.step > self.n_steps_before;
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
        let n_now = (self.fight.step - self.n_steps_before).max(1) as f64;
        let saved = self.saved_step.and(self.files.as_ref());
        let state = self.fight.state().map_err(|error| math_refusal(&error))?;
        Ok(Outcome {
            n_steps: self.fight.step,
            millis_per_step: (self.fight.secs - self.secs_before) * 1000.0 / n_now,
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

fn another_shape(wanted: &Config, found: &Config) -> Refusal {
    Refusal::unchanged(
        "The training that is to go on has networks of another shape",
        format!("They are made for {found:?}; this asks for {wanted:?}."),
        "Go on with the side and the width it began with, or begin a new training.",
    )
}

fn ran_away(layer: &str, step: usize, saves: bool) -> Refusal {
    let kept = if saves {
        "The networks of the turn before are kept, and so is the checkpoint."
    } else {
        "The networks of the turn before are kept."
    };
    Refusal::new(
        "The training ran away",
        format!("In turn {step}, {layer} held numbers that are infinite or none at all."),
        kept,
        "Go back to an earlier snapshot and go on with smaller learning rates.",
    )
}
