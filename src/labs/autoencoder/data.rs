//! The pictures that are learned from, those that are not, and what is known of each.

use super::{Event, HELD_OUT_EVERY, Source};
use crate::files::atlas::Pictures;
use crate::files::faces::Faces;
use crate::files::{digits, faces, picture_folder};
use crate::labs::diffusion::captions::{Attribute, of_digits, of_faces};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What was read, and what was not.
#[derive(Debug)]
pub(super) struct Data {
    pub pictures: Arc<Pictures>,
    pub attributes: Vec<Attribute>,
    /// Of each picture, for each attribute, which value it has.
    pub values: Arc<Vec<Vec<usize>>>,
    pub learned: Vec<usize>,
    pub held_out: Arc<Vec<usize>>,
    /// Each a reason with its number, in words.
    pub left_out: Vec<String>,
}

impl Data {
    fn new(pictures: Pictures, attributes: Vec<Attribute>, values: Vec<Vec<usize>>) -> Self {
        let is_held_out = |i: &usize| i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1;
        let (held_out, learned) = (0..pictures.len()).partition(is_held_out);
        Self {
            pictures: Arc::new(pictures),
            attributes,
            values: Arc::new(values),
            learned,
            held_out: Arc::new(held_out),
            left_out: Vec::new(),
        }
    }
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
        Source::Faces => of_drawn(faces::bundled()?, side),
        Source::FacesFolder(folder) => of_drawn(faces::open(folder)?, side),
        Source::Digits => {
            let pictures = shrunk(digits::bundled()?, side)?;
            let values = (0..pictures.len()).map(|i| vec![digits::label(i)]);
            let values = values.collect();
            Ok(Data::new(pictures, of_digits(), values))
        }
        Source::Folder(folder) => {
            let mut progress = |_| emit(Event::Working);
            let found = picture_folder::read(folder, side, 3, &mut progress)?;
            let values = vec![Vec::new(); found.pictures.len()];
            let left_out = found.left_out.iter();
            Ok(Data {
                left_out: left_out.map(picture_folder::LeftOut::words).collect(),
                ..Data::new(found.pictures, Vec::new(), values)
            })
        }
    }
}

fn of_drawn(faces: Faces, side: usize) -> Result<Data> {
    let values = faces.faces.iter();
    let values = values.map(|face| face.values.map(usize::from).to_vec());
    let values = values.collect();
    Ok(Data::new(shrunk(faces.pictures, side)?, of_faces(), values))
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
