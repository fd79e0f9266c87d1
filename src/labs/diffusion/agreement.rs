//! Whether a model draws what it is told: the judge looks at pictures of random captions.

use super::captions::{Attribute, in_words, of_faces, parse};
use super::{Denoiser, Drawing, draw};
use crate::files::atlas::Pictures;
use crate::files::{digits, faces};
use crate::labs::judge::{Judge, Right, fid};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use std::ops::ControlFlow;

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Exam {
    /// Captions, a picture each.
    pub n_captions: usize,
    /// Steps of DDIM.
    pub n_steps: usize,
    /// How strongly the captions count.
    pub guidance: f64,
    /// The captions, and the noise that each picture begins with.
    pub seed: u64,
}

impl Default for Exam {
    /// As the figures in models/README.md are measured.
    fn default() -> Self {
        Self {
            n_captions: 500,
            n_steps: 25,
            guidance: 3.0,
            seed: 0,
        }
    }
}

/// How a model passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Pictures that were looked at.
    pub n_pictures: usize,
    /// For each attribute the share of pictures where the judge sees what the caption says.
    pub right: Vec<Right>,
    /// Fréchet distance between the pictures and as many real ones, in the judge's features.
    pub fid: Option<f64>,
    /// The same between two sets of so many real ones: what the best model could reach.
    pub fid_real: Option<f64>,
    /// Pictures in each set that was compared.
    pub n_compared: usize,
}

/// The captions of an exam as rows, each attribute drawn by itself as `assets/faces/grammar.mjs` draws
/// it: a beard and flowers on one face in four, all else evenly.
#[must_use]
pub fn questions(attributes: &[Attribute], exam: &Exam) -> Vec<Vec<u32>> {
    let mut rng = Rng::new(exam.seed, "the captions of an exam");
    let is_face = attributes.starts_with(&of_faces());
    let mut rows = |_| -> Vec<u32> {
        let value = |a: &Attribute| match a.values.len() {
            2 if is_face => u8::from(rng.below(4) == 0),
            n => rng.below(n) as u8,
        };
        let asked = if is_face {
            of_faces().len()
        } else {
            attributes.len()
        };
        let values: Vec<u8> = attributes.iter().take(asked).map(value).collect();
        if is_face {
            // Through the words, as a person would ask.
            return parse(&in_words(&values), attributes).rows;
        }
        let rows = values.iter().map(|&value| u32::from(value) + 1);
        rows.collect()
    };
    (0..exam.n_captions).map(&mut rows).collect()
}

/// Draws the pictures of an exam and has the judge look at them. `go_on` is asked between parts; `None`
/// when it says no.
///
/// # Errors
/// A model of whose attributes there is no judge.
pub fn agreement(
    denoiser: &Denoiser,
    exam: &Exam,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Agreement>> {
    let attributes = &denoiser.about().attributes;
    let is_face = attributes.starts_with(&of_faces());
    let judge = if is_face {
        Judge::faces()?
    } else {
        Judge::digits()?
    };
    let names = judge.questions().iter().map(|q| &q.name);
    // A word that a person taught the model is nothing that the judge knows.
    let judged = names.len();
    if !names.eq(attributes.iter().take(judged).map(|a| &a.name)) {
        return Err(no_judge(attributes));
    }
    let drawing = Drawing {
        rows: questions(attributes, exam),
        seed: exam.seed,
        n_steps: exam.n_steps,
        guidance: exam.guidance,
    };
    let Some(pictures) = draw(denoiser, &drawing, go_on)? else {
        return Ok(None);
    };
    let real = if is_face {
        faces::bundled()?.pictures
    } else {
        digits::bundled()?
    };
    let n_compared = pictures.len().min(real.len() / 2);
    let mut looked = Vec::new();
    for set in [
        &pictures,
        &every_other(&real, 0, n_compared),
        &every_other(&real, 1, n_compared),
    ] {
        match judge.look(set, go_on)? {
            Some(seen) => looked.push(seen),
            None => return Ok(None),
        }
    }
    let right = attributes.iter().take(judged).enumerate();
    let right = right.map(|(at, attribute)| {
        let asked = drawing.rows.iter().map(|rows| rows[at]);
        let seen = looked[0].readings.iter().map(|reading| reading.best(at));
        let agree = asked
            .zip(seen)
            .filter(|(row, best)| best.is_some_and(|(value, _)| value as u32 + 1 == *row));
        Right {
            question: attribute.name.clone(),
            share: agree.count() as f64 / pictures.len().max(1) as f64,
        }
    });
    let right = right.collect();
    let mut made = std::mem::take(&mut looked[0].features);
    made.keep(n_compared);
    Ok(Some(Agreement {
        n_pictures: pictures.len(),
        right,
        fid: fid(&made, &looked[1].features),
        fid_real: fid(&looked[2].features, &looked[1].features),
        n_compared,
    }))
}

impl Agreement {
    /// "mood 98.2 %, hair 97.0 %, …; distance 0.41 (real ones 0.05)".
    #[must_use]
    pub fn in_words(&self) -> String {
        let each = self.right.iter();
        let each = each.map(|r| format!("{} {:.1} %", r.question, 100.0 * r.share));
        let each: Vec<String> = each.collect();
        let number =
            |fid: Option<f64>| fid.map_or("not known".to_owned(), |fid| format!("{fid:.2}"));
        format!(
            "the judge agrees on {}; distance {} (real ones {}) over {} pictures",
            each.join(", "),
            number(self.fid),
            number(self.fid_real),
            self.n_pictures
        )
    }
}

/// `n` of the pictures, each second one from `from` on.
fn every_other(pictures: &Pictures, from: usize, n: usize) -> Pictures {
    let chosen = (0..n).filter_map(|i| pictures.get(2 * i + from)).flatten();
    Pictures {
        pixels: chosen.copied().collect(),
        ..*pictures
    }
}

fn no_judge(attributes: &[Attribute]) -> Refusal {
    let names: Vec<&str> = attributes.iter().map(|a| a.name.as_str()).collect();
    let evidence = if names.is_empty() {
        "The model takes no captions.".to_owned()
    } else {
        format!("The model's captions are about {}.", names.join(", "))
    };
    Refusal::unchanged(
        "There is no judge of such pictures",
        evidence,
        "Ask for a judgement of faces or of digits.",
    )
}
