//! What a diffusion model can be trained on: pictures, and sounds as pictures.

use crate::labs::training;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The 4,000 faces inside the program.
    Faces,
    /// The faces of a folder that `assets/faces/draw_faces.mjs` drew.
    FacesFolder(PathBuf),
    /// The 8,000 digits inside the program, 16 × 16.
    Digits,
    /// All pictures of a folder, cut square and made small.
    Folder(PathBuf),
    /// Spectrograms of phrases, 128 × 128, that `glassbox train sound` rendered into a file.
    Phrases(PathBuf),
}

impl From<training::Source> for Source {
    fn from(source: training::Source) -> Self {
        match source {
            training::Source::Faces => Self::Faces,
            training::Source::FacesFolder(folder) => Self::FacesFolder(folder),
            training::Source::Digits => Self::Digits,
            training::Source::Folder(folder) => Self::Folder(folder),
        }
    }
}

impl Source {
    /// The pictures that any training can learn from; else the file of phrases.
    ///
    /// # Errors
    /// Gives the file of phrases.
    pub fn pictures(&self) -> Result<training::Source, &PathBuf> {
        match self {
            Self::Faces => Ok(training::Source::Faces),
            Self::FacesFolder(folder) => Ok(training::Source::FacesFolder(folder.clone())),
            Self::Digits => Ok(training::Source::Digits),
            Self::Folder(folder) => Ok(training::Source::Folder(folder.clone())),
            Self::Phrases(file) => Err(file),
        }
    }

    /// Where a model came from, for its metadata: with no path of anybody's.
    pub(super) fn words(&self) -> String {
        match self.pictures() {
            Ok(pictures) => pictures.words("diffusion"),
            Err(_) => "trained by `glassbox train sound` on phrases of music made by rule and played from a soundfont".to_owned(),
        }
    }

    /// What a model of it may be used for.
    pub(super) fn license(&self) -> &'static str {
        self.pictures()
            .map_or("MIT OR Apache-2.0", |pictures| pictures.license())
    }
}
