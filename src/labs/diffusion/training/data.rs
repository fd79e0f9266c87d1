//! The pictures that are learned from, and what is known of each.

use super::{Event, Source};
use crate::files::atlas::Pictures;
use crate::files::faces::Faces;
use crate::files::{digits, faces, picture_folder};
use crate::labs::diffusion::captions::{Attribute, of_digits, of_faces};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What was read, and what was not.
#[derive(Debug)]
pub(in crate::labs::diffusion) struct Data {
    pub pictures: Arc<Pictures>,
    /// What is known of a picture; empty where nothing is.
    pub attributes: Vec<Attribute>,
    /// Of each picture, for each attribute, the value's index + 1.
    pub rows: Vec<Vec<u32>>,
    /// Each a reason with its number, in words.
    pub left_out: Vec<String>,
}

/// The pictures of `source`, `side` pixels along a side.
///
/// # Errors
/// They cannot be read, there are too few, or they cannot have that side.
pub(super) fn load(
    source: &Source,
    side: usize,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Data> {
    match source {
        Source::Faces => of(faces::bundled()?, side),
        Source::FacesFolder(folder) => of(faces::open(folder)?, side),
        Source::Digits => {
            let pictures = shrunk(digits::bundled()?, side)?;
            Ok(Data {
                rows: (0..pictures.len())
                    .map(|i| vec![digits::label(i) as u32 + 1])
                    .collect(),
                pictures: Arc::new(pictures),
                attributes: of_digits(),
                left_out: Vec::new(),
            })
        }
        Source::Folder(folder) => {
            let mut progress = |_| emit(Event::Working);
            let found = picture_folder::read(folder, side, 3, &mut progress)?;
            let left_out = found.left_out.iter();
            Ok(Data {
                attributes: Vec::new(),
                rows: vec![Vec::new(); found.pictures.len()],
                left_out: left_out.map(picture_folder::LeftOut::words).collect(),
                pictures: Arc::new(found.pictures),
            })
        }
    }
}

fn of(faces: Faces, side: usize) -> Result<Data> {
    let row = |values: &[u8]| values.iter().map(|&value| u32::from(value) + 1).collect();
    Ok(Data {
        attributes: of_faces(),
        rows: faces.faces.iter().map(|face| row(&face.values)).collect(),
        pictures: Arc::new(shrunk(faces.pictures, side)?),
        left_out: Vec::new(),
    })
}

/// Halved until they have that side.
fn shrunk(mut pictures: Pictures, side: usize) -> Result<Pictures> {
    let has = pictures.side;
    while pictures.side > side {
        pictures = pictures.halved();
    }
    if pictures.side == side {
        return Ok(pictures);
    }
    Err(Refusal::unchanged(
        format!("These pictures cannot be {side} pixels wide"),
        format!("They are drawn {has} × {has}."),
        format!("Choose a side of {has} or less."),
    ))
}
