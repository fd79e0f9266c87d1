//! What a training on pictures learns from.

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
}

impl Source {
    /// Where a model came from, for its metadata: which command made it ("gan") and from what, with no
    /// path of anybody's.
    #[must_use]
    pub fn words(&self, command: &str) -> String {
        let what = match self {
            Self::Faces => "the 4,000 faces that Glassbox ships",
            Self::FacesFolder(_) => "faces drawn by Glassbox's assets/faces/draw_faces.mjs",
            Self::Digits => "the 8,000 digits that Glassbox ships",
            Self::Folder(_) => "a person's own pictures",
        };
        format!("trained by `glassbox train {command}` on {what}")
    }

    /// Ours where the pictures are ours; a person's own stay theirs.
    #[must_use]
    pub fn license(&self) -> &'static str {
        match self {
            Self::Folder(_) => "as the pictures it was trained on",
            _ => "MIT OR Apache-2.0",
        }
    }
}
