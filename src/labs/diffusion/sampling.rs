//! The whole way from noise to a picture, with everything that is known at each step.
//!
//! A [`Run`] is fixed by its seed: the noise that it begins with and the noise of each level are drawn
//! from streams of their own, so that a run repeats exactly, and a run that branches off
//! ([`Start::At`]) with nothing changed ends in the same picture. Pictures are numbers in −1..=1.

mod denoise;
mod inversion;
#[cfg(test)]
mod tests;

pub use denoise::{Answer, Denoise};
pub use inversion::{BREATH, Inversion, invert};

use crate::algo::diffusion::{Level, Sampler, Spacing, plan, stops_of_strength};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Beyond this no model makes sense of a guidance, in either direction.
pub const MOST_GUIDANCE: f64 = 100.0;

/// How a picture is made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What computes each step.
    pub sampler: Sampler,
    /// The levels that it stops at.
    pub spacing: Spacing,
    /// 1..=1000.
    pub n_steps: usize,
    /// How strongly the words count: 0 not at all, 1 as they were learned (Ho & Salimans 2022).
    pub guidance: f64,
    /// Whether what the model takes for the clean picture is kept within −1..=1 before each step.
    pub is_clamped: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(Sampler::DDIM)
    }
}

impl Settings {
    /// 25 steps of a sampler at the levels that suit it.
    #[must_use]
    pub fn of(sampler: Sampler) -> Self {
        Self {
            sampler,
            spacing: sampler.spacing(),
            n_steps: 25,
            guidance: 3.0,
            is_clamped: true,
        }
    }
}

/// One way from noise to a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The start of everything random.
    pub seed: u64,
    /// What is asked for, as the model's own numbers.
    pub condition: Vec<f32>,
    /// How.
    pub settings: Settings,
    /// Where it begins.
    pub start: Start,
    /// What of a picture is to stay.
    pub repaint: Option<Repaint>,
}

/// Where a run begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// The noise of the seed.
    Noise,
    /// Noise on the way from that of the seed (`part` 0) to that of another (1), along the sphere on
    /// which noise lies.
    Between {
        /// The other seed.
        other: u64,
        /// 0..=1.
        part: f64,
    },
    /// A picture with noise on it (Meng et al. 2022): `strength` 1 leaves nothing of it, 0 all.
    Picture {
        /// The picture.
        picture: Vec<f32>,
        /// 0..=1.
        strength: f64,
    },
    /// In the middle of another run, or after [`invert`].
    At {
        /// The picture with the noise it has.
        x_t: Vec<f32>,
        /// The level of that.
        level: Level,
    },
}

/// What stays as it is: after each step the part outside the mask is the picture at that level again
/// (Lugmayr et al. 2022, eq. 8, without going back).
#[derive(Debug, Clone, PartialEq)]
pub struct Repaint {
    /// The picture.
    pub picture: Vec<f32>,
    /// For each pixel 1 where it is painted anew, 0 where it stays; between, both are mixed.
    pub mask: Vec<f32>,
}

/// What a run says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The levels that will be stopped at, noisiest first, the clean one last.
    Planned(Vec<Level>),
    /// A step is known.
    Step(Step),
}

/// One step: what was there, and what the model says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// 0..`n_steps`.
    pub i: usize,
    /// How many there are in this run.
    pub n_steps: usize,
    /// The level of `x_t`.
    pub from: Level,
    /// The level that the step goes to.
    pub to: Level,
    /// The picture with the noise it has.
    pub x_t: Vec<f32>,
    /// The noise that the model sees in it.
    pub noise_pred: Vec<f32>,
    /// The clean picture that it sees under the noise, guided, and within limits if they are asked for.
    pub x0_pred: Vec<f32>,
    /// What the words change: the clean picture with them minus the one without. Empty at guidance 0
    /// and 1, where only one of the two is asked for.
    pub difference: Vec<f32>,
    /// The share of numbers in the clean picture that were beyond −1..=1, 0..=1.
    pub beyond: f64,
    /// The largest number in it, by absolute value, before limits.
    pub largest: f64,
}

/// Goes the whole way and gives the picture; `None` when `emit` says no.
///
/// # Errors
/// Numbers that do not fit the model or make no sense, and those of the model.
pub fn run(
    denoiser: &impl Denoise,
    run: &Run,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Option<Vec<f32>>> {
    check(denoiser, run)?;
    let settings = &run.settings;
    let (stops, mut x_t) = begin(denoiser, run)?;
    if emit(Event::Planned(stops.clone())).is_break() {
        return Ok(None);
    }
    let first_noise = start_noise(run.seed, x_t.len());
    for (i, ends) in stops.windows(2).enumerate() {
        let (from, to) = (ends[0], ends[1]);
        let guided = Guided::ask(denoiser, &x_t, &from, &run.condition, settings)?;
        let noise = if settings.sampler.added_noise(&from, &to) > 0.0 {
            step_noise(run.seed, &from, x_t.len())
        } else {
            Vec::new()
        };
        let mut again = |x: &[f32], level: &Level| {
            Guided::ask(denoiser, x, level, &run.condition, settings).map(|guided| guided.x0)
        };
        let ends = [&from, &to];
        let sampler = settings.sampler;
        let mut after = sampler.step(ends, &x_t, &guided.x0, &noise, &mut again)?;
        if let Some(repaint) = &run.repaint {
            repaint.put_back(&mut after, &to, &first_noise);
        }
        let step = guided.step(i, &stops, std::mem::replace(&mut x_t, after));
        if emit(Event::Step(step)).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(x_t))
}

/// The standard normal noise that a picture of this seed begins with.
#[must_use]
pub fn start_noise(seed: u64, n_numbers: usize) -> Vec<f32> {
    noise_of(seed).normals(n_numbers, 0.0, 1.0)
}

/// The standard normal noise that a run of this seed adds in its step from a level.
#[must_use]
pub fn step_noise(seed: u64, from: &Level, n_numbers: usize) -> Vec<f32> {
    let name = format!("the noise of a step from {:.3}", from.t);
    Rng::new(seed, &name).normals(n_numbers, 0.0, 1.0)
}

/// Where that comes from, number by number.
pub(super) fn noise_of(seed: u64) -> Rng {
    Rng::new(seed, "the noise of a picture")
}

/// The levels of a run and what lies on the first of them.
fn begin(denoiser: &impl Denoise, run: &Run) -> Result<(Vec<Level>, Vec<f32>)> {
    let n_steps = run.settings.n_steps;
    let mut stops = plan(denoiser.levels(), run.settings.spacing, n_steps)?;
    let noise = || start_noise(run.seed, denoiser.n_numbers());
    let x_t = match &run.start {
        Start::Noise => noise(),
        Start::Between { other, part } => {
            let other = start_noise(*other, denoiser.n_numbers());
            between(&noise(), &other, *part)
        }
        Start::Picture { picture, strength } => {
            stops.drain(..stops_of_strength(n_steps, *strength));
            stops[0].noised(picture, &noise())
        }
        Start::At { x_t, level } => {
            stops.retain(|stop| stop.alpha_cumprod > level.alpha_cumprod);
            stops.insert(0, *level);
            x_t.clone()
        }
    };
    Ok((stops, x_t))
}

/// From `a` (part 0) to `b` (1) along the sphere (Shoemake 1985): noise in between is as long as noise.
fn between(a: &[f32], b: &[f32], part: f64) -> Vec<f32> {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        let pairs = x.iter().zip(y);
        pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    let angle = (dot(a, b) / lengths).clamp(-1.0, 1.0).acos();
    let (of_a, of_b) = if angle < 1e-6 {
        (1.0 - part, part)
    } else {
        let share = |part: f64| (part * angle).sin() / angle.sin();
        (share(1.0 - part), share(part))
    };
    let pairs = a.iter().zip(b);
    pairs
        .map(|(&a, &b)| (of_a * f64::from(a) + of_b * f64::from(b)) as f32)
        .collect()
}

impl Repaint {
    fn put_back(&self, x: &mut [f32], level: &Level, noise: &[f32]) {
        let n_channels = x.len() / self.mask.len().max(1);
        let known = level.noised(&self.picture, noise);
        for (i, (x, known)) in x.iter_mut().zip(known).enumerate() {
            let anew = self.mask[i / n_channels];
            *x = if anew <= 0.0 {
                known
            } else {
                anew * *x + (1.0 - anew) * known
            };
        }
    }
}

/// What the model says, guided and within limits.
struct Guided {
    x0: Vec<f32>,
    difference: Vec<f32>,
    beyond: f64,
    largest: f64,
}

impl Guided {
    fn ask(
        denoiser: &impl Denoise,
        x_t: &[f32],
        level: &Level,
        condition: &[f32],
        settings: &Settings,
    ) -> Result<Self> {
        let guidance = settings.guidance as f32;
        let Answer { mut x0, difference } = denoiser.predict(x_t, level, condition, guidance)?;
        let n_beyond = x0.iter().filter(|x| x.abs() > 1.0).count();
        let largest = x0.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
        if settings.is_clamped {
            for x in &mut x0 {
                *x = x.clamp(-1.0, 1.0);
            }
        }
        Ok(Self {
            beyond: n_beyond as f64 / x0.len().max(1) as f64,
            largest: largest.into(),
            x0,
            difference,
        })
    }

    fn step(self, i: usize, stops: &[Level], x_t: Vec<f32>) -> Step {
        let [from, to] = [stops[i], stops[i + 1]];
        Step {
            i,
            n_steps: stops.len() - 1,
            from,
            to,
            noise_pred: from.noise_in(&x_t, &self.x0),
            x_t,
            x0_pred: self.x0,
            difference: self.difference,
            beyond: self.beyond,
            largest: self.largest,
        }
    }
}

/// Whether everything fits the model, before any of it is used.
fn check(denoiser: &impl Denoise, run: &Run) -> Result<()> {
    let refuse = |what: &str, evidence: String, next: &str| -> Result<()> {
        Err(Refusal::unchanged(what, evidence, next))
    };
    let guidance = run.settings.guidance;
    if !(-MOST_GUIDANCE..=MOST_GUIDANCE).contains(&guidance) {
        let evidence = format!("It is {guidance}; what makes sense lies between 0 and 15.");
        return refuse("The guidance is out of bounds", evidence, "Choose 1 to 5.");
    }
    if let Sampler::Ddim { eta } = run.settings.sampler
        && !(0.0..=1.0).contains(&eta)
    {
        let evidence = format!("η is {eta}; 0 adds no noise, 1 as much as DDPM.");
        return refuse("DDIM cannot add so much noise", evidence, "Choose 0 to 1.");
    }
    let part = match &run.start {
        Start::Between { part, .. } => *part,
        Start::Picture { strength, .. } => *strength,
        _ => 0.0,
    };
    if !(0.0..=1.0).contains(&part) {
        let evidence = format!("{part} was asked for; it goes from 0 to 1.");
        return refuse("There is no such strength", evidence, "Choose 0 to 1.");
    }
    let n = denoiser.n_numbers();
    let fits = |numbers: &[f32]| numbers.len() == n && numbers.iter().all(|x| x.is_finite());
    let start_fits = match &run.start {
        Start::Noise | Start::Between { .. } => true,
        Start::Picture { picture, .. } => fits(picture),
        Start::At { x_t, level } => fits(x_t) && !level.is_clean(),
    };
    let repaint_fits = run.repaint.as_ref().is_none_or(|repaint| {
        let mask = &repaint.mask;
        let whole = !mask.is_empty() && n.is_multiple_of(mask.len());
        let in_range = mask.iter().all(|part| (0.0..=1.0).contains(part));
        fits(&repaint.picture) && whole && in_range
    });
    if start_fits && repaint_fits {
        return Ok(());
    }
    let evidence =
        format!("A picture of this model has {n} numbers, and a mask one for each pixel.");
    refuse(
        "The picture does not fit the model",
        evidence,
        "Choose a picture of the model's size.",
    )
}
