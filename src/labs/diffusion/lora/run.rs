//! The learning itself: pictures, the model's own, then steps with snapshots between.

use super::learner::Learner;
use super::showing::{asked, shown};
use super::source;
use super::{
    Asked, Event, MAX_PICTURES, Outcome, Prepared, Prior, RANKS, Recipe, Snapshot, State, Turn,
    new_word,
};
use crate::files::atlas::Pictures;
use crate::labs::diffusion::agreement::{Exam, questions};
use crate::labs::diffusion::captions::{of_digits, of_faces};
use crate::labs::diffusion::training::data::Data;
use crate::labs::diffusion::{Denoiser, Drawing, draw};
use crate::labs::judge::Judge;
use crate::labs::training::Halt;
use crate::nn::math_refusal;
use crate::refusal::{NOTHING_CHANGED, Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// Steps of DDIM that the model's own pictures are drawn in, and how strongly their words count: less
/// than for show, as what it learned from was.
const PRIOR_STEPS: usize = 12;
const PRIOR_GUIDANCE: f64 = 2.0;
/// The model's own pictures that are drawn between two reports.
const PRIOR_AT_ONCE: usize = 8;
/// The judge's word counts when it is as sure as this.
const SURE: f32 = 0.8;
/// More steps than this are not taken.
const MAX_STEPS: usize = 100_000;

type Emit<'a> = &'a mut dyn FnMut(Event) -> ControlFlow<()>;

/// Teaches `base` a word as `recipe` says, from nothing or from a state, until its last step or until
/// `emit` says stop. `base` itself stays as it is.
///
/// # Errors
/// Pictures that cannot be read, a word that cannot be taught, numbers that make no sense, a state that
/// is not one of this model and this recipe.
pub fn run(
    base: &Denoiser,
    recipe: &Recipe,
    from: Option<&State>,
    emit: Emit<'_>,
) -> Result<Outcome> {
    check(base, recipe, from)?;
    let math = |error: candle_core::Error| math_refusal(&error);
    let about = base.about();
    let found = source::load(&recipe.source, about, emit)?;
    let pictures = Arc::new(found.pictures);
    let rows = if recipe.is_described {
        described(base, &pictures)?
    } else {
        vec![vec![0; about.attributes.len()]; pictures.len()]
    };
    let own = data(&pictures, rows.clone());
    let mut learner = Learner::new(base, recipe).map_err(math)?;
    if let Some(state) = from {
        learner.restore(state).map_err(math)?;
    }
    let asked = asked(base, recipe);
    let prepared = Prepared {
        pictures: Arc::clone(&pictures),
        rows,
        left_out: found.left_out,
        asked: asked.clone(),
        n_weights: learner.parameters.n_weights(),
        n_steps_before: learner.step,
    };
    let mut learning = Learning {
        base,
        recipe,
        own,
        prior: None,
        asked,
        n_steps_before: learner.step,
        secs_before: learner.secs,
        learner,
        trouble: None,
    };
    let flow = emit(Event::Prepared(prepared));
    let stopped = flow.is_break()
        || learning.draws_prior(from, emit)?.is_break()
        || learning.turns(emit)?.is_break();
    let n_now = (learning.learner.step - learning.n_steps_before).max(1) as f64;
    let secs = learning.learner.secs - learning.secs_before;
    Ok(Outcome {
        state: Arc::new(learning.state()?),
        millis_per_step: secs * 1000.0 / n_now,
        stopped,
        trouble: learning.trouble,
    })
}

/// A word being learned.
struct Learning<'a> {
    base: &'a Denoiser,
    recipe: &'a Recipe,
    own: Data,
    prior: Option<(Prior, Data)>,
    asked: Vec<Asked>,
    learner: Learner<'a>,
    n_steps_before: usize,
    secs_before: f64,
    trouble: Option<Refusal>,
}

impl Learning<'_> {
    /// What the model draws before it learns anything, of captions drawn at random.
    fn draws_prior(&mut self, from: Option<&State>, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        if !self.recipe.keeps_prior {
            return Ok(ControlFlow::Continue(()));
        }
        let kept = from.and_then(|state| state.prior.clone());
        let prior = match kept {
            Some(prior) => prior,
            None => match self.drawn(emit)? {
                Some(prior) => prior,
                None => return Ok(ControlFlow::Break(())),
            },
        };
        let flow = emit(Event::Prior(Arc::clone(&prior.pictures)));
        let data = data(&prior.pictures, prior.rows.clone());
        self.prior = Some((prior, data));
        Ok(flow)
    }

    fn drawn(&self, emit: Emit<'_>) -> Result<Option<Prior>> {
        let about = self.base.about();
        let n = self.recipe.n_prior;
        let exam = Exam {
            n_captions: n,
            seed: self.recipe.seed,
            ..Exam::default()
        };
        let rows = questions(&about.attributes, &exam);
        let mut pictures = Pictures {
            side: about.side,
            n_channels: about.n_channels,
            pixels: Vec::new(),
        };
        for (i, rows) in rows.chunks(PRIOR_AT_ONCE).enumerate() {
            if emit(Event::Drawing(i * PRIOR_AT_ONCE, n)).is_break() {
                return Ok(None);
            }
            let drawing = Drawing {
                rows: rows.to_vec(),
                seed: self.recipe.seed.wrapping_add((i * PRIOR_AT_ONCE) as u64),
                n_steps: PRIOR_STEPS,
                guidance: PRIOR_GUIDANCE,
            };
            match draw(self.base, &drawing, &mut || emit(Event::Working))? {
                Some(drawn) => pictures.pixels.extend(drawn.pixels),
                None => return Ok(None),
            }
        }
        Ok(Some(Prior {
            pictures: Arc::new(pictures),
            rows,
        }))
    }

    fn turns(&mut self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        // Where it goes on from a state, the snapshot of that moment is there already.
        if self.learner.step == 0 && self.snapshot(emit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        while self.learner.step < self.recipe.n_steps {
            let started = Instant::now();
            let prior = self.prior.as_ref().map(|(_, data)| data);
            let mut go_on = || emit(Event::Working);
            let (loss, prior_loss) = match self.learner.turn(&self.own, prior, &mut go_on) {
                Ok(losses) => losses,
                Err(Halt::Stopped) => return Ok(ControlFlow::Break(())),
                Err(Halt::RanAway(place)) => {
                    self.trouble = Some(ran_away(&place, self.learner.step + 1));
                    return Ok(ControlFlow::Continue(()));
                }
                Err(Halt::Math(error)) => return Err(math_refusal(&error)),
            };
            self.learner.secs += started.elapsed().as_secs_f64();
            let (step, n_steps) = (self.learner.step, self.recipe.n_steps);
            let secs_a_step =
                (self.learner.secs - self.secs_before) / (step - self.n_steps_before).max(1) as f64;
            let turn = Turn {
                step,
                secs: self.learner.secs,
                loss,
                prior_loss,
                progress: step as f64 / n_steps as f64,
                secs_left: secs_a_step * (n_steps - step) as f64,
            };
            if emit(Event::Turn(turn)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            let is_due = step.is_multiple_of(self.recipe.every.max(1)) || step == n_steps;
            if is_due && self.snapshot(emit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn state(&self) -> Result<State> {
        let prior = self.prior.as_ref().map(|(prior, _)| prior);
        let state = self.learner.state(prior);
        state.map_err(|error| math_refusal(&error))
    }

    fn snapshot(&self, emit: Emit<'_>) -> Result<ControlFlow<()>> {
        let state = Arc::new(self.state()?);
        let denoiser = state.adapter.applied(self.base, 1.0)?;
        let Some(pictures) = shown(&denoiser, &self.asked, &mut || emit(Event::Working))? else {
            return Ok(ControlFlow::Break(()));
        };
        Ok(emit(Event::Snapshot(Snapshot {
            step: self.learner.step,
            pictures: Arc::new(pictures),
            state,
        })))
    }
}

/// What the judge is sure of on each picture, as rows of the model; nothing where there is no judge.
fn described(base: &Denoiser, pictures: &Pictures) -> Result<Vec<Vec<u32>>> {
    let attributes = &base.about().attributes;
    let nothing = vec![vec![0; attributes.len()]; pictures.len()];
    let (judge, n_known) = if attributes.starts_with(&of_faces()) {
        (Judge::faces()?, of_faces().len())
    } else if attributes.starts_with(&of_digits()) {
        (Judge::digits()?, 1)
    } else {
        return Ok(nothing);
    };
    if pictures.side < judge.side() {
        return Ok(nothing);
    }
    let looked = judge.look(pictures, &mut || ControlFlow::Continue(()))?;
    let readings = looked.unwrap_or_default().readings;
    let rows = readings.iter().map(|reading| {
        let row = |at: usize| match reading.best(at) {
            Some((value, p)) if at < n_known && p >= SURE => value as u32 + 1,
            _ => 0,
        };
        (0..attributes.len()).map(row).collect()
    });
    Ok(rows.collect())
}

fn data(pictures: &Arc<Pictures>, rows: Vec<Vec<u32>>) -> Data {
    Data {
        pictures: Arc::clone(pictures),
        attributes: Vec::new(),
        rows,
        left_out: Vec::new(),
    }
}

/// Whether everything makes sense, before any of it is used.
fn check(base: &Denoiser, recipe: &Recipe, from: Option<&State>) -> Result<()> {
    let word = new_word(&recipe.word, &base.about().attributes)?;
    let refuse = |evidence: String, next: &str| {
        Err(Refusal::unchanged(
            "The word cannot be taught so",
            evidence,
            next,
        ))
    };
    if word != recipe.word {
        let evidence = format!("“{}” is not in small letters.", recipe.word);
        return refuse(evidence, "Write the word in small letters.");
    }
    let Recipe {
        rank,
        n_steps,
        batch,
        n_prior,
        learning_rate,
        ..
    } = *recipe;
    let sound = RANKS.contains(&rank)
        && n_steps <= MAX_STEPS
        && (1..=256).contains(&batch)
        && (1..=MAX_PICTURES).contains(&n_prior)
        && learning_rate.is_finite()
        && learning_rate > 0.0;
    if !sound {
        let evidence = format!(
            "Rank {rank}, {n_steps} steps of {batch} pictures, {n_prior} pictures of the model's own, learning rate {learning_rate}."
        );
        return refuse(
            evidence,
            "Choose a rank of 1 to 32, up to 100,000 steps of 1 to 256 pictures, up to 200 of the model's own, and a learning rate above 0.",
        );
    }
    let Some(state) = from else { return Ok(()) };
    state.adapter.check(base)?;
    if (state.adapter.rank, &state.adapter.word) != (rank, &recipe.word) {
        let evidence = format!(
            "It knows “{}” with rank {}; asked for are “{}” and {rank}.",
            state.adapter.word, state.adapter.rank, recipe.word
        );
        return refuse(
            evidence,
            "Go on with the same word and rank, or begin anew.",
        );
    }
    Ok(())
}

fn ran_away(place: &str, step: usize) -> Refusal {
    Refusal::new(
        "The numbers ran away",
        format!("In step {step}, {place} was infinite or no number at all."),
        NOTHING_CHANGED,
        "Go on from an earlier snapshot with a smaller learning rate.",
    )
}
