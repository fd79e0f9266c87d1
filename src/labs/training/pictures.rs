//! The pictures that are learned from, as small as the network wants them, and what is known of each.

use super::Source;
use crate::files::atlas::Pictures;
use crate::files::faces::Faces;
use crate::files::{digits, faces, picture_folder};
use crate::labs::diffusion::captions::{Attribute, of_digits, of_faces};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;

/// What was read, and what was not.
#[derive(Debug)]
pub struct Known {
    /// The pictures.
    pub pictures: Pictures,
    /// What is known of a picture; empty where nothing is.
    pub attributes: Vec<Attribute>,
    /// Of each picture, for each attribute, which value it has.
    pub values: Vec<Vec<usize>>,
    /// Each a reason with its number, in words.
    pub left_out: Vec<String>,
}

/// The pictures of `source`, `side` pixels along a side; `go_on` is asked while a folder is read.
///
/// # Errors
/// They cannot be read, there are too few, or they cannot have that side.
pub fn load(
    source: &Source,
    side: usize,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Known> {
    match source {
        Source::Faces => of_drawn(faces::bundled()?, side),
        Source::FacesFolder(folder) => of_drawn(faces::open(folder)?, side),
        Source::Digits => {
            let pictures = shrunk(digits::bundled()?, side)?;
            let values = (0..pictures.len()).map(|i| vec![digits::label(i)]);
            Ok(Known {
                values: values.collect(),
                attributes: of_digits(),
                pictures,
                left_out: Vec::new(),
            })
        }
        Source::Folder(folder) => {
            let found = picture_folder::read(folder, side, 3, &mut |_| go_on())?;
            let left_out = found.left_out.iter();
            Ok(Known {
                attributes: Vec::new(),
                values: vec![Vec::new(); found.pictures.len()],
                left_out: left_out.map(picture_folder::LeftOut::words).collect(),
                pictures: found.pictures,
            })
        }
    }
}

fn of_drawn(faces: Faces, side: usize) -> Result<Known> {
    let values = faces.faces.iter();
    let values = values.map(|face| face.values.map(usize::from).to_vec());
    Ok(Known {
        values: values.collect(),
        attributes: of_faces(),
        pictures: shrunk(faces.pictures, side)?,
        left_out: Vec::new(),
    })
}

/// Halved until they have that side.
///
/// # Errors
/// When that never comes out.
pub fn shrunk(mut pictures: Pictures, side: usize) -> Result<Pictures> {
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
