//! A judge of made pictures: what does each show, is nothing missing, how far are they from real ones?
//!
//! The judge is a small network that learned the attributes of real pictures, where they are known
//! ([`Training`]). On made pictures it counts which values occur ([`coverage`]: a generator that lost
//! its blond hair cannot hide it), and compares features ([`fid`]). Its answers are those of a network
//! that knows nothing but faces, or digits: shown a cat it will name a hair colour.

mod checkpoint;
mod jitter;
mod lessons;
mod loading;
mod recipe;
#[cfg(test)]
mod tests;
mod training;

pub use crate::models::judge::{N_FEATURES, Question};
pub use checkpoint::Checkpoint;
pub use lessons::{Lessons, digits, faces, faces_of, phrases_of};
pub use recipe::{Event, Outcome, Recipe, is_held_out};
pub use training::Training;

use crate::algo::frechet::{Gaussian, distance_squared};
use crate::files::atlas::Pictures;
use crate::files::embedded;
use crate::files::weights::WeightFile;
use crate::models::judge::Judge as Network;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{D, Device, Tensor};
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Pictures that go through the judge at once: small, so that Stop acts between two such parts.
const AT_ONCE: usize = 64;

/// A judge that has learned.
#[derive(Debug)]
pub struct Judge {
    network: Network,
    held_out: Vec<Right>,
}

/// How often a judge was right about one question, on pictures that it never learned from.
#[derive(Debug, Clone, PartialEq)]
pub struct Right {
    /// "`hair_color`".
    pub question: String,
    /// Of all pictures asked about, 0..=1.
    pub share: f64,
}

/// What a judge made of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// For every question the probability of every answer, 0..=1; each question's add up to 1.
    pub probs: Vec<Vec<f32>>,
}

impl Reading {
    /// The likeliest answer to a question and its probability; `None` past the last question.
    #[must_use]
    pub fn best(&self, question: usize) -> Option<(usize, f32)> {
        let probs = self.probs.get(question)?.iter().copied().enumerate();
        probs.max_by(|(_, a), (_, b)| a.total_cmp(b))
    }
}

/// What describes each of several pictures: [`N_FEATURES`] numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Features {
    /// Row-major, a row for each picture.
    pub values: Vec<f32>,
}

impl Features {
    /// How many pictures are described.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / N_FEATURES
    }

    /// Whether no picture is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Forgets all but the first `n` pictures.
    pub fn keep(&mut self, n: usize) {
        self.values.truncate(n * N_FEATURES);
    }

    /// The numbers of picture `i`; `None` past the last.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&[f32]> {
        self.values.chunks_exact(N_FEATURES).nth(i)
    }
}

/// What a judge made of several pictures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Looked {
    /// One for each picture.
    pub readings: Vec<Reading>,
    /// One row for each picture.
    pub features: Features,
}

impl Judge {
    /// The judge of faces inside the program: 8 attributes at 32 × 32.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn faces() -> Result<Arc<Self>> {
        static JUDGE: OnceLock<Arc<Judge>> = OnceLock::new();
        built_in(&JUDGE, embedded::judge_of_faces)
    }

    /// The judge of digits inside the program, at 16 × 16.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn digits() -> Result<Arc<Self>> {
        static JUDGE: OnceLock<Arc<Judge>> = OnceLock::new();
        built_in(&JUDGE, embedded::judge_of_digits)
    }

    /// The judge of phrases of music inside the program: their spectrograms, 128 × 128.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn phrases() -> Result<Arc<Self>> {
        static JUDGE: OnceLock<Arc<Judge>> = OnceLock::new();
        built_in(&JUDGE, embedded::judge_of_phrases)
    }

    /// A judge that `glassbox train judge` wrote.
    ///
    /// # Errors
    /// When the file is not one.
    pub fn open(path: &Path) -> Result<Self> {
        loading::judge(&WeightFile::open(path)?)
    }

    /// What it is asked, in the order of [`Reading::probs`].
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.network.config().questions
    }

    /// How often it was right, as its file says; empty where that says nothing.
    #[must_use]
    pub fn held_out(&self) -> &[Right] {
        &self.held_out
    }

    /// Pixels along a side of the pictures that it sees; larger ones are halved.
    #[must_use]
    pub fn side(&self) -> usize {
        self.network.config().side
    }

    /// Reads every picture. `go_on` is asked between parts; `None` when it says no.
    ///
    /// # Errors
    /// Pictures that are smaller than the judge wants, or grey where it wants colours.
    pub fn look(
        &self,
        pictures: &Pictures,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Option<Looked>> {
        let pictures = self.fitted(pictures)?;
        let mut looked = Looked::default();
        for part in pictures.pixels.chunks(AT_ONCE * pixels_of(&pictures)) {
            let seen = self.look_at_some(part, pictures.side, pictures.n_channels);
            let (readings, features) = seen.map_err(|error| math_refusal(&error))?;
            looked.readings.extend(readings);
            looked.features.values.extend(features);
            if go_on().is_break() {
                return Ok(None);
            }
        }
        Ok(Some(looked))
    }

    fn look_at_some(
        &self,
        pixels: &[u8],
        side: usize,
        n_channels: usize,
    ) -> candle_core::Result<(Vec<Reading>, Vec<f32>)> {
        let pixels: Vec<f32> = pixels.iter().map(|&p| f32::from(p) / 127.5 - 1.0).collect();
        let pictures = Tensor::from_vec(pixels, ((), side, side, n_channels), &Device::Cpu)?;
        let features = self.network.features(&pictures)?;
        let logits = self.network.answers(&features)?;
        let mut readings = vec![Reading { probs: Vec::new() }; features.dim(0)?];
        for logits in self.network.config().by_question(&logits)? {
            let probs = candle_nn::ops::softmax(&logits.contiguous()?, D::Minus1)?;
            for (reading, probs) in readings.iter_mut().zip(probs.to_vec2::<f32>()?) {
                reading.probs.push(probs);
            }
        }
        Ok((readings, features.flatten_all()?.to_vec1()?))
    }

    /// The pictures at the judge's size.
    fn fitted<'a>(&self, pictures: &'a Pictures) -> Result<Cow<'a, Pictures>> {
        let config = self.network.config();
        let mut fitted = Cow::Borrowed(pictures);
        while fitted.side > config.side {
            fitted = Cow::Owned(fitted.halved());
        }
        if fitted.side == config.side && fitted.n_channels == config.n_channels {
            return Ok(fitted);
        }
        let colors = |n| if n == 1 { "grey" } else { "colour" };
        Err(Refusal::unchanged(
            "The judge does not know such pictures",
            format!(
                "They have {0} × {0} pixels in {1}; it reads {2} × {2} in {3}.",
                pictures.side,
                colors(pictures.n_channels),
                config.side,
                colors(config.n_channels)
            ),
            "Show it pictures like those that it learned from.",
        ))
    }
}

fn built_in(
    place: &OnceLock<Arc<Judge>>,
    weights: fn() -> Result<WeightFile>,
) -> Result<Arc<Judge>> {
    if let Some(judge) = place.get() {
        return Ok(Arc::clone(judge));
    }
    let judge = Arc::new(loading::judge(&weights()?)?);
    Ok(Arc::clone(place.get_or_init(|| judge)))
}

fn pixels_of(pictures: &Pictures) -> usize {
    (pictures.side * pictures.side * pictures.n_channels).max(1)
}

/// The Fréchet distance (squared, as always when it is called FID) between two sets of pictures in the
/// judge's features. Its size depends on the judge and falls with the number of pictures, so it is to
/// be compared with that of as many real pictures against real ones. `None` with fewer than two
/// pictures in either set.
#[must_use]
pub fn fid(a: &Features, b: &Features) -> Option<f64> {
    let a = Gaussian::fit(&a.values, N_FEATURES)?;
    let b = Gaussian::fit(&b.values, N_FEATURES)?;
    Some(distance_squared(&a, &b))
}

/// How often each answer to one question is the likeliest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// "`hair_color`".
    pub question: String,
    /// Each answer and how many pictures have it.
    pub counts: Vec<(String, usize)>,
}

impl Coverage {
    /// The answers that no picture has.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.counts.iter().filter(|(_, n)| *n == 0);
        missing.map(|(answer, _)| answer.as_str())
    }
}

/// Which answers occur among the readings, for every question.
#[must_use]
pub fn coverage(questions: &[Question], readings: &[Reading]) -> Vec<Coverage> {
    let count = |(i, question): (usize, &Question)| {
        let mut counts: Vec<(String, usize)> = question
            .answers
            .iter()
            .map(|answer| (answer.clone(), 0))
            .collect();
        for (best, _) in readings.iter().filter_map(|reading| reading.best(i)) {
            if let Some((_, n)) = counts.get_mut(best) {
                *n += 1;
            }
        }
        Coverage {
            question: question.name.clone(),
            counts,
        }
    };
    questions.iter().enumerate().map(count).collect()
}
