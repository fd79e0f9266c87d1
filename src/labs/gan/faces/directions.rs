//! What the numbers of `z` mean, found by asking.
//!
//! Thousands of faces are drawn and read by the judge. For each answer, "glasses", the direction in
//! which its probability rises most is the slope of the best linear prediction of p from z. For
//! normal z that is the mean of z · (p − p̄): no equations are to be solved (Stein 1981).

use super::{Faces, new_z};
use crate::labs::judge::Judge;
use crate::refusal::Result;
use std::ops::ControlFlow;

/// Faces that are drawn between two questions whether to go on.
const AT_ONCE: usize = 64;

/// The way to go in `z` for more of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// Which question of the judge, and which of its answers.
    pub question: usize,
    /// The answer's place among the question's.
    pub answer: usize,
    /// "eyewear".
    pub question_name: String,
    /// "glasses".
    pub answer_name: String,
    /// A vector of length 1 in `z`, of which [`super::moved`] goes some standard deviations.
    pub unit: Vec<f32>,
    /// The share of faces with this answer, by the judge's mean probability.
    pub share: f64,
    /// The part of the probability's variance that this one direction explains, 0..=1: the rest
    /// depends on `z` in ways that are no straight line.
    pub explained: f64,
    /// For every number of `z` its correlation with the probability, −1..=1.
    pub correlations: Vec<f32>,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// One for every answer to every question, in the judge's order.
    pub all: Vec<Direction>,
    /// Faces that were asked about.
    pub n_faces: usize,
}

/// What a number of `z` does to one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning<'a> {
    /// The answer.
    pub direction: &'a Direction,
    /// How much its probability goes with the number, −1..=1; a negative one falls as the number grows.
    pub correlation: f32,
}

impl Directions {
    /// What number `i` of `z` changes most, the strongest first. A correlation below 0.05 is left out:
    /// with a few thousand faces it may be chance.
    #[must_use]
    pub fn meanings(&self, i: usize) -> Vec<Meaning<'_>> {
        let all = self.all.iter().filter_map(|direction| {
            let correlation = *direction.correlations.get(i)?;
            (correlation.abs() >= 0.05).then_some(Meaning {
                direction,
                correlation,
            })
        });
        let mut meanings: Vec<Meaning<'_>> = all.collect();
        meanings.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
        meanings
    }

    /// The direction of an answer.
    #[must_use]
    pub fn of(&self, question: &str, answer: &str) -> Option<&Direction> {
        self.all
            .iter()
            .find(|d| d.question_name == question && d.answer_name == answer)
    }
}

/// Draws `n_faces` faces from `seed` on, has them read, and finds the direction of every answer.
/// `emit` hears the part that is done, 0..=1; `None` when it breaks. Some 2,000 faces are enough to
/// tell directions from chance.
///
/// # Errors
/// A generator whose pictures the judge does not know.
pub fn directions(
    faces: &Faces,
    judge: &Judge,
    seed: u64,
    n_faces: usize,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Directions>> {
    let d_z = faces.about().d_z;
    // A seed for each face, apart from those that people count up.
    let z_of = |i: usize| new_z(d_z, seed ^ (0x5eed_0000_0000 + i as u64));
    let zs: Vec<Vec<f32>> = (0..n_faces).map(z_of).collect();
    let mut readings = Vec::with_capacity(n_faces);
    let go_on = &mut || ControlFlow::Continue(());
    for part in zs.chunks(AT_ONCE) {
        let looked = judge.look(&faces.draw(part)?, go_on)?.unwrap_or_default();
        readings.extend(looked.readings);
        if emit(readings.len() as f32 / n_faces.max(1) as f32).is_break() {
            return Ok(None);
        }
    }
    let mut all = Vec::new();
    for (question, asked) in judge.questions().iter().enumerate() {
        for (answer, answer_name) in asked.answers.iter().enumerate() {
            let probs = readings
                .iter()
                .map(|reading| f64::from(reading.probs[question][answer]));
            let (share, variance, slope) = slope(&zs, &probs.collect::<Vec<_>>(), d_z);
            let steepness = slope.iter().map(|s| s * s).sum::<f64>().sqrt();
            // The slope of chance alone: each of its numbers has the variance σ²/n.
            let by_chance = d_z as f64 * variance / n_faces.max(1) as f64;
            let explained = (steepness.powi(2) - by_chance).max(0.0) / variance.max(1e-12);
            let scaled = |by: f64| slope.iter().map(move |s| (s / by.max(1e-12)) as f32);
            all.push(Direction {
                question,
                answer,
                question_name: asked.name.clone(),
                answer_name: answer_name.clone(),
                unit: scaled(steepness).collect(),
                share,
                explained: explained.min(1.0),
                correlations: scaled(variance.sqrt()).collect(),
            });
        }
    }
    Ok(Some(Directions { all, n_faces }))
}

/// Mean and variance of the probabilities, and the mean of z · (p − p̄).
fn slope(zs: &[Vec<f32>], probs: &[f64], d_z: usize) -> (f64, f64, Vec<f64>) {
    let n = probs.len().max(1) as f64;
    let mean = probs.iter().sum::<f64>() / n;
    let variance = probs.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n;
    let mut slope = vec![0.0; d_z];
    for (z, p) in zs.iter().zip(probs) {
        for (sum, x) in slope.iter_mut().zip(z) {
            *sum += f64::from(*x) * (p - mean) / n;
        }
    }
    (mean, variance, slope)
}
