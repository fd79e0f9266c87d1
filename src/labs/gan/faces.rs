//! Faces that do not exist: what the generator that ships draws, and what its `z` means.
//!
//! A face is 64 numbers, `z`, drawn from the normal distribution, and the generator makes the picture.
//! So a new face is new numbers ([`new_z`]), between two faces lie others ([`walk`]), and faces can be
//! added and subtracted ([`arithmetic`]). Nobody decided what a number means: a [`survey`] finds out
//! by asking the judge about thousands of faces. [`Album`] holds the training pictures beside a face,
//! to see whether it is a copy.

mod album;
mod directions;
mod loading;
#[cfg(test)]
mod tests;
mod z;

pub use album::{Album, Kinship, Nearest, Neighbour};
pub use directions::{Direction, Directions, Meaning, Survey, survey};
pub use z::{arithmetic, length, moved, new_z, usual_length, walk};

use crate::files::atlas::{self, Pictures};
use crate::files::embedded;
use crate::files::weights::WeightFile;
use crate::labs::judge::{Judge, Looked};
use crate::models::dcgan::Generator;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Pictures that are drawn at once: small, so that Stop acts between two such parts.
const AT_ONCE: usize = 32;

/// A generator that has learned, and what is known of it.
#[derive(Debug)]
pub struct Faces {
    generator: Generator,
    about: About,
}

/// What a generator's file says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its name: that of the model that ships, or the file's.
    pub name: String,
    /// Numbers of `z`.
    pub d_z: usize,
    /// Pixels along a side of its pictures.
    pub side: usize,
    /// 3 for red, green and blue, 1 for grey.
    pub n_channels: usize,
    /// Numbers that it learned.
    pub n_weights: u64,
    /// Turns that it was trained for, where the file says it.
    pub steps: Option<u64>,
    /// What it learned from, in the file's own words.
    pub source: String,
}

impl Faces {
    /// The generator inside the program.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn bundled() -> Result<Arc<Self>> {
        static FACES: OnceLock<Arc<Faces>> = OnceLock::new();
        if let Some(faces) = FACES.get() {
            return Ok(Arc::clone(faces));
        }
        let faces = Arc::new(loading::faces(&embedded::generator_of_faces()?)?);
        Ok(Arc::clone(FACES.get_or_init(|| faces)))
    }

    /// A generator that `glassbox train gan` wrote, of whatever it learned.
    ///
    /// # Errors
    /// When the file is not one.
    pub fn open(path: &Path) -> Result<Self> {
        loading::faces(&WeightFile::open(path)?)
    }

    /// What is known of it.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The picture of each `z`. Each is independent of the others: the same `z` always gives the same.
    ///
    /// # Errors
    /// A `z` of another length, or with a number that is none.
    pub fn draw(&self, zs: &[Vec<f32>]) -> Result<Pictures> {
        let go_on = &mut || ControlFlow::Continue(());
        let pictures = self.draw_while(zs, go_on)?;
        Ok(pictures.unwrap_or_else(|| self.no_pictures()))
    }

    /// As [`Faces::draw`]; `go_on` is asked between parts, `None` when it says no.
    ///
    /// # Errors
    /// As [`Faces::draw`].
    pub fn draw_while(
        &self,
        zs: &[Vec<f32>],
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Option<Pictures>> {
        let d_z = self.about.d_z;
        if let Some(z) = zs
            .iter()
            .find(|z| z.len() != d_z || z.iter().any(|x| !x.is_finite()))
        {
            return Err(wrong_z(z, d_z));
        }
        let mut pictures = self.no_pictures();
        for part in zs.chunks(AT_ONCE) {
            let drawn = self.draw_some(part).map_err(|error| math_refusal(&error))?;
            pictures.pixels.extend(drawn);
            if go_on().is_break() {
                return Ok(None);
            }
        }
        Ok(Some(pictures))
    }

    fn draw_some(&self, zs: &[Vec<f32>]) -> candle_core::Result<Vec<u8>> {
        let z = Tensor::from_vec(zs.concat(), (zs.len(), self.about.d_z), &Device::Cpu)?;
        let pixels = self
            .generator
            .forward(&z)?
            .flatten_all()?
            .to_vec1::<f32>()?;
        Ok(pixels
            .iter()
            .map(|x| ((x + 1.0) * 127.5 + 0.5) as u8)
            .collect())
    }

    fn no_pictures(&self) -> Pictures {
        Pictures {
            side: self.about.side,
            n_channels: self.about.n_channels,
            pixels: Vec::new(),
        }
    }

    /// Draws the face of `z` and has the judge read it.
    ///
    /// # Errors
    /// A `z` that does not fit, or a generator whose pictures the judge does not know.
    pub fn draw_and_read(&self, z: &[f32], judge: &Judge) -> Result<(Pictures, Looked)> {
        let picture = self.draw(&[z.to_vec()])?;
        let go_on = &mut || ControlFlow::Continue(());
        let looked = judge.look(&picture, go_on)?.unwrap_or_default();
        Ok((picture, looked))
    }

    /// Whether the judge of faces knows such pictures.
    #[must_use]
    pub fn draws_faces(&self) -> bool {
        self.about.n_channels == 3 && self.about.side >= 32
    }
}

/// The PNG of pictures side by side, each pixel a square of `enlarged` pixels.
///
/// # Errors
/// No picture, or more pixels than a PNG can hold.
pub fn png(pictures: &Pictures, enlarged: usize) -> Result<Vec<u8>> {
    let (side, channels) = (pictures.side, pictures.n_channels);
    let mut large = Pictures {
        side: side * enlarged,
        n_channels: channels,
        pixels: Vec::with_capacity(pictures.pixels.len() * enlarged * enlarged),
    };
    for row in pictures.pixels.chunks_exact((side * channels).max(1)) {
        let pixels = row.chunks_exact(channels);
        let wide: Vec<u8> = pixels.flat_map(|pixel| pixel.repeat(enlarged)).collect();
        large.pixels.extend(wide.repeat(enlarged));
    }
    atlas::png(&large, pictures.len())
}

fn wrong_z(z: &[f32], d_z: usize) -> Refusal {
    let evidence = match z.len() {
        n if n == d_z => "One of its numbers is not finite.".to_owned(),
        n => format!("It has {n} numbers; the generator takes {d_z}."),
    };
    Refusal::unchanged(
        "No picture can be drawn from this z",
        evidence,
        "Draw new numbers for z.",
    )
}
