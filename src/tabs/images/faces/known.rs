//! What is known of faces: the generator and its judge, what the judge says, which training pictures
//! are near, and a survey of many faces.

use crate::labs::gan::faces::{self, About, Directions, Faces, Nearest, Survey};
use crate::labs::gan::pictures::Pictures;
use crate::labs::judge::{Judge, Question};
use crate::refusal::Result;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// What the judge answers to one question about a face.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// "`hair_color`".
    pub(super) question: String,
    /// Every answer with its probability.
    pub(super) answers: Vec<(String, f32)>,
}

impl Reading {
    /// The likeliest answer.
    pub(super) fn best(&self) -> (&str, f32) {
        let best = self.answers.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(("", 0.0), |(answer, p)| (answer.as_str(), *p))
    }
}

/// The training pictures nearest to a face.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) nearest: Nearest,
    /// The nearest by pixels, then the nearest by what the judge sees.
    pub(super) pictures: Pictures,
    pub(super) captions: [String; 2],
    /// How many were compared with.
    pub(super) n_searched: usize,
}

/// The generator, and the judge if it knows such pictures.
#[derive(Debug)]
pub(super) struct FaceLab {
    faces: Arc<Faces>,
    judge: Option<Arc<Judge>>,
}

impl FaceLab {
    /// The generator that ships, or one from a file.
    pub(super) fn open(file: Option<PathBuf>) -> Result<Self> {
        let faces = match file {
            None => Faces::bundled()?,
            Some(path) => Arc::new(Faces::open(&path)?),
        };
        let knows = faces.draws_faces();
        let judge = if knows { Some(Judge::faces()?) } else { None };
        Ok(Self { faces, judge })
    }

    /// The generator.
    pub(super) fn faces(&self) -> &Faces {
        &self.faces
    }

    /// What the generator's file says.
    pub(super) fn about(&self) -> &About {
        self.faces.about()
    }

    /// The z of a seed.
    pub(super) fn z(&self, seed: u64) -> Vec<f32> {
        faces::new_z(self.about().d_z, seed)
    }

    /// The judge, where it knows such pictures.
    pub(super) fn judge(&self) -> Option<&Arc<Judge>> {
        self.judge.as_ref()
    }

    /// The picture of each z.
    pub(super) fn draw(&self, zs: &[Vec<f32>]) -> Result<Pictures> {
        self.faces.draw(zs)
    }

    /// What the judge is asked; nothing where there is no judge.
    pub(super) fn questions(&self) -> &[Question] {
        self.judge.as_ref().map_or(&[], |judge| judge.questions())
    }

    /// What the judge sees in each picture.
    pub(super) fn read(&self, pictures: &Pictures) -> Result<Vec<Vec<Reading>>> {
        let Some(judge) = &self.judge else {
            return Ok(vec![Vec::new(); pictures.len()]);
        };
        let go_on = &mut || ControlFlow::Continue(());
        let looked = judge.look(pictures, go_on)?.unwrap_or_default();
        let named = |probs: &Vec<Vec<f32>>| {
            let questions = judge.questions().iter().zip(probs);
            let readings = questions.map(|(question, probs)| Reading {
                question: question.name.clone(),
                answers: question
                    .answers
                    .iter()
                    .cloned()
                    .zip(probs.iter().copied())
                    .collect(),
            });
            readings.collect()
        };
        Ok(looked
            .readings
            .iter()
            .map(|reading| named(&reading.probs))
            .collect())
    }
}

/// Many faces, what the judge sees in each, and which way of z leads to each answer.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) survey: Survey,
    pub(super) directions: Directions,
}

/// "glasses", "red hair".
pub(super) fn named(question: &str, answer: &str) -> String {
    match (question, answer) {
        ("mood" | "eyewear", word) if word != "none" => word.to_owned(),
        (name, "yes") => name.to_owned(),
        (name, "no" | "none") => format!("no {name}"),
        ("hair_color", word) => format!("{word} hair"),
        ("hair", word @ ("bun" | "bob" | "mohawk" | "bald")) => word.to_owned(),
        (name, word) => format!("{word} {name}"),
    }
}

/// The same, by the places of question and answer.
pub(super) fn mean_name(questions: &[Question], i: usize, value: usize) -> String {
    let Some(question) = questions.get(i) else {
        return String::new();
    };
    let word = question.answers.get(value).map_or("", String::as_str);
    named(&question.name, word)
}

/// The places of an attribute's value.
pub(super) fn find(questions: &[Question], name: &str, value: &str) -> Option<(usize, usize)> {
    let i = questions
        .iter()
        .position(|question| question.name == name)?;
    let value = questions[i]
        .answers
        .iter()
        .position(|answer| answer == value)?;
    Some((i, value))
}
