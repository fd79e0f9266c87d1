//! Is it a copy? The training pictures that ship, and how near a face comes to the nearest of them.
//!
//! Near by itself says nothing: drawings of one style are all alike. So the distance is held beside
//! the usual one, from a training picture to the nearest other. A generator that copies comes nearer.
//! 4,000 of the 20,000 pictures that the generator learned from are in the program; a copy of one of
//! the others would not be found.

use crate::files::atlas::Pictures;
use crate::files::faces;
use crate::labs::judge::{Features, Judge, N_FEATURES};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;

/// Pixels along a side at which pictures are compared.
const SIDE: usize = 32;
/// Training pictures whose nearest other is looked for, to know what is usual.
const N_USUAL: usize = 150;

/// The training pictures, ready to be compared with.
#[derive(Debug)]
pub struct Album {
    /// As they ship, 64 × 64.
    pub pictures: Pictures,
    /// What each shows, in words.
    pub captions: Vec<String>,
    small: Pictures,
    features: Features,
    usual: [f64; 2],
}

/// A training picture near a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Which picture of [`Album::pictures`].
    pub index: usize,
    /// How far it is.
    pub distance: f64,
    /// How far the nearest other training picture is from a training picture, as the median.
    pub usual: f64,
}

/// The nearest training pictures of a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// By pixels at 32 × 32: the root of the mean square difference, in steps of 0–255.
    pub by_pixels: Neighbour,
    /// By what the judge sees: the distance between features.
    pub by_features: Neighbour,
}

/// What the distance says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinship {
    /// Nearer than a third of the usual distance, in pixels: practically the same picture.
    Copy,
    /// Nearer than training pictures are to one another.
    Close,
    /// As far as training pictures are from one another, or farther.
    Own,
}

impl Neighbour {
    /// The distance in units of the usual one.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.distance / self.usual.max(1e-9)
    }
}

impl Nearest {
    /// Whether the face is a copy, by its pixels.
    #[must_use]
    pub fn kinship(&self) -> Kinship {
        match self.by_pixels.ratio() {
            ratio if ratio < 1.0 / 3.0 => Kinship::Copy,
            ratio if ratio < 0.8 => Kinship::Close,
            _ => Kinship::Own,
        }
    }
}

impl Album {
    /// Reads the faces that ship and measures what is usual among them: a second or two of work.
    /// `emit` hears the part that is done, 0..=1; `None` when it breaks.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn open(
        judge: &Judge,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Option<Self>> {
        let faces = faces::bundled()?;
        let captions = faces.faces.into_iter().map(|face| face.caption).collect();
        Self::of(faces.pictures, captions, judge, emit)
    }

    /// As [`Album::open`], of other pictures.
    fn of(
        pictures: Pictures,
        captions: Vec<String>,
        judge: &Judge,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Option<Self>> {
        let small = fitted(&pictures);
        let n_parts = small.len().div_ceil(64).max(1) as f32;
        let mut n_done = 0.0;
        let mut go_on = || {
            n_done += 1.0;
            emit(0.6 * n_done / n_parts)
        };
        let Some(looked) = judge.look(&small, &mut go_on)? else {
            return Ok(None);
        };
        let mut album = Self {
            pictures,
            captions,
            small,
            features: looked.features,
            usual: [0.0; 2],
        };
        let step = (album.small.len() / N_USUAL).max(1);
        let asked: Vec<usize> = (0..album.small.len()).step_by(step).take(N_USUAL).collect();
        let mut found = [Vec::new(), Vec::new()];
        for (i, &picture) in asked.iter().enumerate() {
            let pixels = album.small.get(picture).unwrap_or_default();
            let features = album.features.get(picture).unwrap_or_default();
            let by_pixels = album.nearest_by_pixels(pixels, Some(picture));
            let by_features = album.nearest_by_features(features, Some(picture));
            found[0].extend(by_pixels.map(|(_, distance)| distance));
            found[1].extend(by_features.map(|(_, distance)| distance));
            if i % 8 == 0 && emit(0.6 + 0.4 * i as f32 / asked.len() as f32).is_break() {
                return Ok(None);
            }
        }
        album.usual = found.map(median);
        Ok(Some(album))
    }

    /// The training pictures nearest to the first of `pictures`, whose features `features` begins
    /// with. Takes a few milliseconds.
    ///
    /// # Errors
    /// A picture in grey, or with less than 32 × 32 pixels.
    pub fn nearest(&self, pictures: &Pictures, features: &Features) -> Result<Nearest> {
        let small = fitted(pictures);
        let found = || {
            let by_pixels = self.nearest_by_pixels(small.get(0)?, None)?;
            let by_features = self.nearest_by_features(features.get(0)?, None)?;
            Some((by_pixels, by_features))
        };
        let same_kind = (small.side, small.n_channels) == (self.small.side, self.small.n_channels);
        let Some((by_pixels, by_features)) = same_kind.then(found).flatten() else {
            return Err(Refusal::unchanged(
                "The picture cannot be compared with the training pictures",
                format!("They have {SIDE} × {SIDE} pixels in colour; it has not."),
                "Choose a generator of faces.",
            ));
        };
        let neighbour = |(index, distance): (usize, f64), usual| Neighbour {
            index,
            distance,
            usual,
        };
        Ok(Nearest {
            by_pixels: neighbour(by_pixels, self.usual[0]),
            by_features: neighbour(by_features, self.usual[1]),
        })
    }

    fn nearest_by_pixels(&self, picture: &[u8], but: Option<usize>) -> Option<(usize, f64)> {
        let n = picture.len().max(1);
        let squares = self.small.pixels.chunks_exact(n).map(|other| {
            let pairs = picture.iter().zip(other);
            let sum: u32 = pairs.map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2)).sum();
            sum
        });
        let nearest = squares.enumerate().filter(|(i, _)| Some(*i) != but);
        let (index, sum) = nearest.min_by_key(|&(_, sum)| sum)?;
        Some((index, (f64::from(sum) / n as f64).sqrt()))
    }

    fn nearest_by_features(&self, features: &[f32], but: Option<usize>) -> Option<(usize, f64)> {
        let squares = self.features.values.chunks_exact(N_FEATURES).map(|other| {
            let pairs = features.iter().zip(other);
            pairs.map(|(a, b)| (a - b).powi(2)).sum::<f32>()
        });
        let nearest = squares.enumerate().filter(|(i, _)| Some(*i) != but);
        let (index, sum) = nearest.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        Some((index, f64::from(sum).sqrt()))
    }
}

/// The pictures at the side at which they are compared.
fn fitted(pictures: &Pictures) -> Pictures {
    let mut fitted = pictures.clone();
    while fitted.side > SIDE {
        fitted = fitted.halved();
    }
    fitted
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
