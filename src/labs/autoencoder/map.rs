//! All codes on a plane: as they are where they have two numbers, else along the two directions in
//! which they differ most (PCA).

use super::Squeezer;
use crate::algo::pca::{Pca, pca};
use crate::files::atlas::Pictures;
use crate::nn::pool;
use crate::refusal::Result;
use std::ops::ControlFlow;

/// Every code with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Which pictures.
    pub chosen: Vec<usize>,
    /// Their codes.
    pub codes: Vec<Vec<f32>>,
    /// Their places: to the right and up.
    pub places: Vec<[f32; 2]>,
    /// The two directions; `None` where the code's own numbers are the axes.
    directions: Option<Pca>,
}

/// Encodes the chosen pictures and lays their codes out; `go_on` is asked between parts, `None` when it
/// says no.
///
/// # Errors
/// Pictures of another size than the network's.
pub fn map(
    squeezer: &Squeezer,
    pictures: &Pictures,
    chosen: &[usize],
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Map>> {
    let Some(codes) = squeezer.encode_some(pictures, chosen, go_on)? else {
        return Ok(None);
    };
    let k = squeezer.about().config.d_code;
    let directions = if k > 2 {
        let spread = |n_items: usize, chunk: usize, work: &(dyn Fn(_) + Sync)| {
            pool::for_chunks(n_items, chunk, work);
        };
        let found = pca(&codes.concat(), k, 2, 0, &spread, &mut |_| {
            go_on().is_continue()
        });
        match found {
            Some(found) => Some(found),
            None => return Ok(None),
        }
    } else {
        None
    };
    let mut map = Map {
        chosen: chosen.to_vec(),
        places: Vec::new(),
        codes,
        directions,
    };
    map.places = map.codes.iter().map(|code| map.place(code)).collect();
    Ok(Some(map))
}

impl Map {
    /// Where a code lies.
    #[must_use]
    pub fn place(&self, code: &[f32]) -> [f32; 2] {
        let number = |i: usize| code.get(i).copied().unwrap_or(0.0);
        let Some(directions) = &self.directions else {
            return [number(0), number(1)];
        };
        let mut along = directions.project(code).map(|x| x as f32);
        [along.next().unwrap_or(0.0), along.next().unwrap_or(0.0)]
    }

    /// A code at that place: `near` moved along the two directions, its other differences kept.
    #[must_use]
    pub fn code_at(&self, place: [f32; 2], near: &[f32]) -> Vec<f32> {
        let Some(directions) = &self.directions else {
            let at = |(i, x): (usize, &f32)| place.get(i).copied().unwrap_or(*x);
            return near.iter().enumerate().map(at).collect();
        };
        let here = self.place(near);
        let mut code = near.to_vec();
        for ((direction, to), from) in directions.components.iter().zip(place).zip(here) {
            for (number, along) in code.iter_mut().zip(direction) {
                *number += (to - from) * *along as f32;
            }
        }
        code
    }

    /// The share of all differences between codes that the plane shows, 0..=1.
    #[must_use]
    pub fn shown(&self) -> f64 {
        match &self.directions {
            Some(directions) => directions.explained_ratio.iter().take(2).sum::<f64>(),
            None => 1.0,
        }
    }

    /// Whether the axes are the code's own numbers.
    #[must_use]
    pub fn is_the_code_itself(&self) -> bool {
        self.directions.is_none()
    }
}
