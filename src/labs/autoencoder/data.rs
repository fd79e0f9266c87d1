//! The pictures that are learned from, those that are not, and what is known of each.

use super::{Event, HELD_OUT_EVERY, Source};
use crate::files::atlas::Pictures;
use crate::labs::diffusion::captions::Attribute;
use crate::labs::training;
use crate::refusal::Result;
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

/// The pictures of `source`, `side` pixels along a side.
///
/// # Errors
/// They cannot be read, there are too few, or they cannot have that side.
pub(super) fn load(
    source: &Source,
    side: usize,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Data> {
    let known = training::load(source, side, &mut || emit(Event::Working))?;
    let is_held_out = |i: &usize| i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1;
    let (held_out, learned) = (0..known.pictures.len()).partition(is_held_out);
    Ok(Data {
        pictures: Arc::new(known.pictures),
        attributes: known.attributes,
        values: Arc::new(known.values),
        learned,
        held_out: Arc::new(held_out),
        left_out: known.left_out,
    })
}
