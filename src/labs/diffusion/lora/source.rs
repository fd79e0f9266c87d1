//! The pictures that a word is learned from.

use super::examples::Example;
use super::{Event, MAX_PICTURES};
use crate::files::atlas::Pictures;
use crate::files::picture_folder::{self, LeftOut};
use crate::labs::diffusion::About;
use crate::refusal::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Where pictures come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Ten faces that ship, with something that no face of the model's had.
    Example(Example),
    /// A person's own: files and folders of them.
    Files(Vec<PathBuf>),
}

impl Default for Source {
    fn default() -> Self {
        Self::Example(Example::default())
    }
}

/// What was read, and what was not, in words.
#[derive(Debug)]
pub(super) struct Found {
    pub pictures: Pictures,
    pub left_out: Vec<String>,
}

/// The pictures of `source`, as the model sees pictures.
///
/// # Errors
/// None can be used, there are too many, or they do not come in the model's size.
pub(super) fn load(
    source: &Source,
    about: &About,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Found> {
    let files = match source {
        Source::Example(example) => {
            return Ok(Found {
                pictures: example.pictures(about.side, about.n_channels)?,
                left_out: Vec::new(),
            });
        }
        Source::Files(files) => files,
    };
    let (side, n_channels) = (about.side, about.n_channels);
    let mut found = Found {
        pictures: Pictures {
            side,
            n_channels,
            pixels: Vec::new(),
        },
        left_out: Vec::new(),
    };
    let mut first = None;
    for path in files {
        let read = if path.is_dir() {
            let mut progress = |_| emit(Event::Working);
            picture_folder::read_at_least(1, path, (side, n_channels), &mut progress).map(|read| {
                let words = read.left_out.iter().map(LeftOut::words);
                found.left_out.extend(words);
                read.pictures
            })
        } else {
            picture_folder::square(path, side, n_channels)
        };
        match read {
            Ok(pictures) => found.pictures.pixels.extend(pictures.pixels),
            Err(refusal) => {
                found.left_out.push(refusal.what.clone());
                first.get_or_insert(refusal);
            }
        }
        if found.pictures.len() > MAX_PICTURES {
            return Err(too_many());
        }
        if emit(Event::Working).is_break() {
            break;
        }
    }
    if found.pictures.is_empty() {
        return Err(first.unwrap_or_else(none));
    }
    Ok(found)
}

fn none() -> Refusal {
    Refusal::unchanged(
        "There are no pictures to learn the word from",
        "None was chosen.",
        "Drop five to twenty pictures, or a folder of them, or take an example.",
    )
}

fn too_many() -> Refusal {
    Refusal::unchanged(
        "These are more pictures than a word is learned from",
        format!("There are more than {MAX_PICTURES}; five to twenty are enough."),
        "Choose fewer, or train a model of your own on them: that is the view “Training”.",
    )
}
