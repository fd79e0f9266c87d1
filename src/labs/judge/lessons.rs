//! What a judge learns from: pictures whose answers are known.

use super::Question;
use super::jitter::May;
use crate::files::atlas::Pictures;
use crate::files::faces::{ATTRIBUTES, Faces};
use crate::files::{digits as files_digits, faces as files_faces};
use crate::labs::sound::phrases::{self, Collection};
use crate::models::judge::Config;
use crate::refusal::Result;
use std::path::Path;

/// Pictures, questions, and the right answers.
#[derive(Debug, Clone)]
pub struct Lessons {
    pub(super) config: Config,
    pub(super) pictures: Pictures,
    /// For each picture the right answer to each question.
    pub(super) answers: Vec<Vec<u8>>,
    pub(super) may: May,
    /// What they are, for the judge's file.
    pub(super) source: String,
    pub(super) license: &'static str,
}

/// The 4,000 faces inside the program, at 32 × 32.
///
/// # Errors
/// None in a program that passed its tests.
pub fn faces() -> Result<Lessons> {
    Ok(of_faces(
        &files_faces::bundled()?,
        "4,000 faces of assets/faces",
    ))
}

/// The faces of a folder that `draw_faces.mjs` drew, at 32 × 32.
///
/// # Errors
/// A folder without them.
pub fn faces_of(folder: &Path) -> Result<Lessons> {
    let faces = files_faces::open(folder)?;
    let source = format!("{} faces drawn by assets/faces", faces.faces.len());
    Ok(of_faces(&faces, &source))
}

fn of_faces(faces: &Faces, source: &str) -> Lessons {
    let questions = ATTRIBUTES.map(|attribute| Question {
        name: attribute.name.to_owned(),
        answers: attribute.values.iter().map(|v| (*v).to_owned()).collect(),
    });
    Lessons {
        config: Config {
            side: 32,
            n_channels: 3,
            width: 24,
            questions: questions.into(),
        },
        pictures: faces.pictures.halved(),
        answers: faces.faces.iter().map(|face| face.values.into()).collect(),
        may: May {
            mirror: true,
            rise: true,
        },
        source: source.to_owned(),
        license: "MIT OR Apache-2.0",
    }
}

/// The 8,000 digits inside the program.
///
/// # Errors
/// None in a program that passed its tests.
pub fn digits() -> Result<Lessons> {
    let pictures = files_digits::bundled()?;
    let names = (0..10).map(|digit| digit.to_string());
    Ok(Lessons {
        config: Config {
            side: files_digits::SIDE,
            n_channels: 1,
            width: 32,
            questions: vec![Question {
                name: "digit".to_owned(),
                answers: names.collect(),
            }],
        },
        answers: (0..pictures.len())
            .map(|i| vec![files_digits::label(i) as u8])
            .collect(),
        pictures,
        may: May {
            mirror: false,
            rise: true,
        },
        source: "8,000 digits of assets/digits".to_owned(),
        license: "MIT OR Apache-2.0",
    })
}

/// The spectrograms of phrases in a file that `glassbox train sound` made.
///
/// # Errors
/// A file without them.
pub fn phrases_of(file: &Path) -> Result<Lessons> {
    let Collection { pictures, rows } = Collection::open(file)?;
    let mut questions = Vec::new();
    let mut first_row = Vec::new();
    for attribute in phrases::attributes() {
        // Drums have no mood: that is an answer as well.
        let may_be_none = attribute.name == phrases::MOOD;
        let none = may_be_none.then(|| "none".to_owned());
        first_row.push(u8::from(!may_be_none));
        questions.push(Question {
            name: attribute.name,
            answers: none.into_iter().chain(attribute.values).collect(),
        });
    }
    let answers = rows.iter().map(|row| {
        let pairs = row.iter().zip(&first_row);
        pairs
            .map(|(&row, first)| row.saturating_sub(*first))
            .collect()
    });
    Ok(Lessons {
        config: Config {
            side: phrases::SIDE,
            n_channels: 1,
            width: 4,
            questions,
        },
        answers: answers.collect(),
        source: format!("{} phrases played from a soundfont", rows.len()),
        pictures,
        may: May {
            mirror: false,
            rise: false,
        },
        license: "MIT OR Apache-2.0",
    })
}
