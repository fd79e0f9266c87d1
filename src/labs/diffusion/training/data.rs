//! The pictures that are learned from, and what is known of each.

use super::{Event, Source};
use crate::files::atlas::Pictures;
use crate::labs::diffusion::captions::Attribute;
use crate::labs::sound::phrases::{self, Collection};
use crate::labs::training;
use crate::refusal::Result;
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
    let known = match source.pictures() {
        Ok(pictures) => training::load(&pictures, side, &mut || emit(Event::Working))?,
        Err(file) => return of_phrases(Collection::open(file)?, side),
    };
    let row = |values: &Vec<usize>| values.iter().map(|&value| value as u32 + 1).collect();
    Ok(Data {
        pictures: Arc::new(known.pictures),
        attributes: known.attributes,
        rows: known.values.iter().map(row).collect(),
        left_out: known.left_out,
    })
}

fn of_phrases(phrases: Collection, side: usize) -> Result<Data> {
    let row = |row: &[u8; 4]| row.iter().map(|&value| value.into()).collect();
    Ok(Data {
        pictures: Arc::new(training::shrunk(phrases.pictures, side)?),
        attributes: phrases::attributes(),
        rows: phrases.rows.iter().map(row).collect(),
        left_out: Vec::new(),
    })
}
