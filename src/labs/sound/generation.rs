//! Phrases of music out of noise: a diffusion model paints a spectrogram, and Griffin and Lim find the
//! sound that has it.
//!
//! A [`Wish`] says what is to be made. [`make`] goes the way from noise to the spectrogram and reports
//! every step; [`hear`] gives the sound of any spectrogram on that way. A part of a phrase can be made
//! anew ([`Kept`]), and [`continued`] shifts a phrase so that its end is the beginning of another.
//! Spectrograms are numbers −1..=1, row by row, the highest pitch on top.

pub mod parameters;

use super::phrases::{RANGE_DB, SIDE, Sounding, Spectrograph, TEMPOS};
use crate::dsp::Run as Threads;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::captions::{Parsed, parse};
use crate::labs::diffusion::sampling::{Event, Repaint, Run, Settings, Start, run};
use crate::refusal::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::ops::{ControlFlow, Range};

/// Iterations of Griffin-Lim that a sound gets unless it is said otherwise.
pub const USUAL_ITERATIONS: usize = 32;
/// Columns over which what is kept fades into what is made anew.
const FADE: usize = 2;

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// In words: "slow minor piano chords".
    pub caption: String,
    /// A second caption, and how far from the first to it, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toward: Option<(String, f64)>,
    /// The start of everything random.
    pub seed: u64,
    /// Sampler, steps, guidance.
    #[serde(flatten)]
    pub settings: Settings,
    /// Iterations of Griffin-Lim.
    pub n_iterations: usize,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            caption: "slow minor piano chords".to_owned(),
            toward: None,
            seed: 1,
            settings: Settings::default(),
            n_iterations: USUAL_ITERATIONS,
        }
    }
}

/// What stays of a phrase while the rest is made anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its spectrogram.
    pub levels: Vec<f32>,
    /// The columns that are made anew.
    pub anew: Range<usize>,
}

/// How the words of a wish were understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The caption.
    pub caption: Parsed,
    /// The second caption.
    pub toward: Option<Parsed>,
}

/// Reads the captions of a wish as the model understands them.
#[must_use]
pub fn understand(denoiser: &Denoiser, wish: &Wish) -> Understood {
    let attributes = &denoiser.about().attributes;
    let toward = wish.toward.as_ref();
    Understood {
        caption: parse(&wish.caption, attributes),
        toward: toward.map(|(caption, _)| parse(caption, attributes)),
    }
}

/// Makes the spectrogram; `None` when `emit` says no.
///
/// # Errors
/// A model that is none of sounds, numbers that make no sense.
pub fn make(
    denoiser: &Denoiser,
    wish: &Wish,
    kept: Option<&Kept>,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Option<Vec<f32>>> {
    must_be_of_sounds(denoiser)?;
    let understood = understand(denoiser, wish);
    let mut condition = denoiser.condition(&understood.caption.rows)?;
    if let (Some(parsed), Some((_, part))) = (&understood.toward, &wish.toward) {
        let other = denoiser.condition(&parsed.rows)?;
        let part = part.clamp(0.0, 1.0) as f32;
        for (number, other) in condition.iter_mut().zip(other) {
            *number += part * (other - *number);
        }
    }
    let asked = Run {
        seed: wish.seed,
        condition,
        settings: wish.settings,
        start: Start::Noise,
        repaint: kept.map(Kept::repaint).transpose()?,
    };
    run(denoiser, &asked, emit)
}

/// The sound of a spectrogram, of which several may stand side by side; `None` when `go_on` says no.
/// The same spectrogram, iterations and seed give the same sound, sample by sample.
///
/// # Errors
/// Numbers that are no spectrogram.
pub fn hear(
    levels: &[f32],
    n_iterations: usize,
    seed: u64,
    threads: Threads,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Sounding>> {
    let whole = !levels.is_empty() && levels.len().is_multiple_of(SIDE);
    if !whole || !levels.iter().all(|level| level.is_finite()) {
        return Err(Refusal::unchanged(
            "There is no sound of that",
            format!(
                "A spectrogram has {SIDE} rows of numbers; {} came.",
                levels.len()
            ),
            "Make a phrase first.",
        ));
    }
    let spectrograph = Spectrograph::new()?;
    Ok(spectrograph.sound(levels, n_iterations, seed, threads, go_on))
}

/// A level −1..=1 in decibels below the loudest that there can be.
#[must_use]
pub fn decibels(level: f32) -> f32 {
    (level.clamp(-1.0, 1.0) - 1.0) / 2.0 * RANGE_DB
}

impl Kept {
    fn repaint(&self) -> Result<Repaint> {
        let fits = self.levels.len() == SIDE * SIDE && self.anew.end <= SIDE;
        if !fits || self.anew.is_empty() {
            return Err(Refusal::unchanged(
                "There is no such part to be made anew",
                format!(
                    "The phrase has {SIDE} columns; {:?} were asked for.",
                    self.anew
                ),
                "Mark a part of the phrase.",
            ));
        }
        let row: Vec<f32> = (0..SIDE).map(|column| self.share(column)).collect();
        Ok(Repaint {
            picture: self.levels.clone(),
            mask: row.repeat(SIDE),
        })
    }

    /// How much of a column is made anew, 0..=1: within the part all of it, beside it less and less.
    fn share(&self, column: usize) -> f32 {
        let outside = if column < self.anew.start {
            self.anew.start - column
        } else {
            (column + 1).saturating_sub(self.anew.end)
        };
        let left = (FADE + 1).saturating_sub(outside);
        left as f32 / (FADE + 1) as f32
    }
}

/// A phrase whose end is the beginning of the next: the beats that are kept move to the front, and
/// the rest is to be made. `tempo` is the number of the tempo that the phrase has, if one was asked for;
/// else half of it is kept.
#[must_use]
pub fn continued(levels: &[f32], tempo: Option<usize>) -> Kept {
    // 1 beat of 3, 2 of 5, 3 of 8.
    let beats = tempo
        .and_then(|tempo| TEMPOS.get(tempo))
        .map(|tempo| tempo.n_beats());
    let n_kept = beats.map_or(SIDE / 2, |beats| {
        let kept = (2 * beats / 5).max(1);
        (SIDE * kept + beats / 2) / beats
    });
    let mut moved = vec![-1.0; SIDE * SIDE];
    for (to, from) in moved.chunks_exact_mut(SIDE).zip(levels.chunks_exact(SIDE)) {
        to[..n_kept].copy_from_slice(&from[SIDE - n_kept..]);
    }
    Kept {
        levels: moved,
        anew: n_kept..SIDE,
    }
}

/// The phrase-wide window of a spectrogram around some of its columns, which are to be made anew: where it
/// begins, and what stays.
#[must_use]
pub fn part_of(whole: &[f32], columns: Range<usize>) -> (usize, Kept) {
    let width = whole.len() / SIDE;
    let around = SIDE.saturating_sub(columns.len()) / 2;
    let start = columns
        .start
        .saturating_sub(around)
        .min(width.saturating_sub(SIDE));
    let rows = whole.chunks_exact(width.max(1));
    let kept = Kept {
        levels: rows
            .flat_map(|row| &row[start..start + SIDE])
            .copied()
            .collect(),
        anew: columns.start - start..columns.end - start,
    };
    (start, kept)
}

/// A spectrogram with another window from column `start` on.
#[must_use]
pub fn with_part(whole: &[f32], part: &[f32], start: usize) -> Vec<f32> {
    let mut put = whole.to_vec();
    let rows = put.chunks_exact_mut((whole.len() / SIDE).max(1));
    for (row, part) in rows.zip(part.chunks_exact(SIDE)) {
        row[start..start + SIDE].copy_from_slice(part);
    }
    put
}

/// Two spectrograms side by side: `first`, and of `second` (made after [`continued`]) what is new.
#[must_use]
pub fn joined(first: &[f32], second: &[f32], anew: Range<usize>) -> Vec<f32> {
    let width = first.len() / SIDE;
    let rows = first
        .chunks_exact(width.max(1))
        .zip(second.chunks_exact(SIDE));
    rows.flat_map(|(first, second)| first.iter().chain(&second[anew.clone()]))
        .copied()
        .collect()
}

/// The parts of a walk in `n` steps from one caption to another: 0 first, 1 last.
pub fn walk(n: usize) -> impl Iterator<Item = f64> {
    let last = n.saturating_sub(1).max(1) as f64;
    (0..n).map(move |i| i as f64 / last)
}

fn must_be_of_sounds(denoiser: &Denoiser) -> Result<()> {
    let about = denoiser.about();
    if (about.side, about.n_channels) == (SIDE, 1) {
        return Ok(());
    }
    Err(Refusal::unchanged(
        format!("`{}` makes no sounds", about.name),
        format!(
            "Its pictures are {0} × {0} with {1} channels; spectrograms of phrases are {SIDE} × {SIDE} with one.",
            about.side, about.n_channels
        ),
        "Choose a model that `glassbox train sound` wrote.",
    ))
}

#[cfg(test)]
mod tests;
