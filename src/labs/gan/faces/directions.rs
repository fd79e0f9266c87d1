//! What the numbers of `z` mean, found by asking.
//!
//! Thousands of faces are drawn and read by the judge. For each answer, "glasses", the direction in
//! which its probability rises most is the slope of the best linear prediction of p from z. For
//! normal z that is the mean of z · (p − p̄): no equations are to be solved (Stein 1981).

use super::{Faces, new_z};
use crate::labs::judge::{Judge, Question, Reading};
use crate::refusal::Result;
use std::ops::ControlFlow;

/// Faces of a survey that are drawn between two questions whether to go on.
const AT_ONCE: usize = 16;
/// The seeds of a survey begin where nobody types one.
const FIRST_SEED: u64 = 1 << 40;

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

/// Many faces, and what the judge sees in each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Survey {
    /// The numbers of each face.
    pub zs: Vec<Vec<f32>>,
    /// What the judge said of each.
    pub readings: Vec<Reading>,
}

/// Draws `n_faces` faces and has them read. `emit` hears the part that is done, 0..=1; `None` when it
/// breaks. Some 2,000 faces are enough to tell directions from chance.
///
/// # Errors
/// A generator whose pictures the judge does not know.
pub fn survey(
    faces: &Faces,
    judge: &Judge,
    n_faces: usize,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Survey>> {
    let d_z = faces.about().d_z;
    let z_of = |i: usize| new_z(d_z, FIRST_SEED + i as u64);
    let mut found = Survey {
        zs: (0..n_faces).map(z_of).collect(),
        readings: Vec::with_capacity(n_faces),
    };
    let go_on = &mut || ControlFlow::Continue(());
    for part in found.zs.chunks(AT_ONCE) {
        let looked = judge.look(&faces.draw(part)?, go_on)?.unwrap_or_default();
        found.readings.extend(looked.readings);
        if emit(found.readings.len() as f32 / n_faces.max(1) as f32).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

impl Survey {
    /// The mean z of all faces for which this answer is the likeliest, and how many there are; `None`
    /// where there is none.
    #[must_use]
    pub fn mean(&self, question: usize, answer: usize) -> Option<(Vec<f32>, usize)> {
        let of = self.zs.iter().zip(&self.readings);
        let have = of.filter(|(_, reading)| {
            let best = reading.best(question);
            best.is_some_and(|(best, _)| best == answer)
        });
        let zs: Vec<&Vec<f32>> = have.map(|(z, _)| z).collect();
        let mut mean = vec![0.0; zs.first()?.len()];
        for z in &zs {
            for (mean, x) in mean.iter_mut().zip(z.iter()) {
                *mean += x / zs.len() as f32;
            }
        }
        Some((mean, zs.len()))
    }

    /// The direction of every answer to every question that the faces were read for.
    #[must_use]
    pub fn directions(&self, questions: &[Question]) -> Directions {
        let n_faces = self.readings.len();
        let d_z = self.zs.first().map_or(0, Vec::len);
        let mut all = Vec::new();
        for (question, asked) in questions.iter().enumerate() {
            for (answer, answer_name) in asked.answers.iter().enumerate() {
                let prob = |reading: &Reading| {
                    let probs = reading.probs.get(question);
                    probs.and_then(|probs| probs.get(answer)).copied()
                };
                let probs = self.readings.iter().map(prob);
                let probs: Vec<f64> = probs.map(|p| f64::from(p.unwrap_or(0.0))).collect();
                let (share, variance, slope) = slope(&self.zs, &probs, d_z);
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
        Directions { all, n_faces }
    }
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
