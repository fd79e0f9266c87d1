//! A real picture's own noise: DDIM without noise is a way that can be gone in both directions.

use super::{Denoise, Event, Guided, Settings, start_noise};
use crate::algo::diffusion::{Level, Sampler, Spacing, plan};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;

/// How a picture is led back to its noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Inversion {
    /// The picture.
    pub picture: Vec<f32>,
    /// What it shows, as the model's own numbers.
    pub condition: Vec<f32>,
    /// 1..=1000. The way down goes through the same levels ([`Inversion::settings`]).
    pub n_steps: usize,
    /// As on the way down; 1 is the surest.
    pub guidance: f64,
    /// How often each step is computed again with what the model says at its end. 0 is the usual
    /// inversion, which takes the noise to be the same at both ends (Song et al. 2021, §4.3); with a few
    /// the way down meets the way up (Pan et al. 2023).
    pub n_refinements: usize,
    /// The seed of a breath of noise (σ of [`BREATH`]) that the picture gets before it is led on. A network sees
    /// noise only where it has learned that there is some: of a clean picture it takes its own small
    /// errors for noise and divides them by next to nothing, so that they come out many times as wide as noise is.
    pub breath: Option<u64>,
}

/// σ of the breath of noise, at least.
pub const BREATH: f64 = 0.1;

impl Inversion {
    /// What leads back down the same way.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            sampler: Sampler::DDIM,
            spacing: Spacing::Leading,
            n_steps: self.n_steps,
            guidance: self.guidance,
            is_clamped: false,
        }
    }
}

/// The noise of a picture, and the level that it belongs to; `None` when `emit` says no.
///
/// # Errors
/// A picture that is not the model's size, and those of the model.
pub fn invert(
    denoiser: &impl Denoise,
    inversion: &Inversion,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Option<(Vec<f32>, Level)>> {
    if inversion.picture.len() != denoiser.n_numbers() {
        return Err(Refusal::unchanged(
            "The picture does not fit the model",
            format!(
                "It has {} numbers; a picture of this model has {}.",
                inversion.picture.len(),
                denoiser.n_numbers()
            ),
            "Choose a picture of the model's size.",
        ));
    }
    let settings = inversion.settings();
    let mut stops = plan(denoiser.levels(), settings.spacing, inversion.n_steps)?;
    stops.reverse();
    let mut x = inversion.picture.clone();
    if let Some(seed) = inversion.breath {
        let thinner = stops
            .iter()
            .take_while(|stop| stop.sigma() < BREATH)
            .count();
        stops.drain(..thinner.min(stops.len() - 1));
        x = stops[0].noised(&x, &start_noise(seed, x.len()));
    }
    if emit(Event::Planned(stops.clone())).is_break() {
        return Ok(None);
    }
    let ask =
        |x: &[f32], level: &Level| Guided::ask(denoiser, x, level, &inversion.condition, &settings);
    for (i, ends) in stops.windows(2).enumerate() {
        let (from, to) = (ends[0], ends[1]);
        // A clean picture has no noise to ask about: what is taken for it lies at the first level.
        let asked = if from.is_clean() { to } else { from };
        let mut guided = ask(&x, &asked)?;
        let mut noise = asked.noise_in(&x, &guided.x0);
        let mut after = risen(&x, &from, &to, &noise);
        for _ in 0..inversion.n_refinements {
            guided = ask(&after, &to)?;
            noise = to.noise_in(&after, &guided.x0);
            after = risen(&x, &from, &to, &noise);
        }
        let mut step = guided.step(i, &stops, std::mem::replace(&mut x, after));
        step.noise_pred = noise;
        if emit(Event::Step(step)).is_break() {
            return Ok(None);
        }
    }
    Ok(stops.last().map(|&level| (x, level)))
}

/// `x` with more of the same noise: x / √ᾱ grows by ε times what σ grows by.
fn risen(x: &[f32], from: &Level, to: &Level, noise: &[f32]) -> Vec<f32> {
    let scale = to.signal() / from.signal();
    let more = to.signal() * (to.sigma() - from.sigma());
    let pairs = x.iter().zip(noise);
    pairs
        .map(|(&x, &noise)| (scale * f64::from(x) + more * f64::from(noise)) as f32)
        .collect()
}
