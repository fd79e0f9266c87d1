//! Pictures to begin with: those that ship, or a person's own, as a model takes them.

use super::captions::of_digits;
use super::denoiser::About;
use super::noising::numbers;
use crate::files::atlas::Pictures;
use crate::files::{digits, faces, picture_folder};
use crate::refusal::{Refusal, Result};
use image::imageops::{FilterType, resize};
use image::{GrayImage, RgbImage};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A picture as a model takes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Original {
    /// "face 12", or the name of a file.
    pub name: String,
    /// What it shows, in the words that captions are made of; empty where nobody knows.
    pub caption: String,
    /// `(row, column, channel)`, −1..=1.
    pub numbers: Vec<f32>,
}

/// The pictures that ship and are like those a model learned from: digits for one that knows
/// digits, else faces.
#[derive(Debug, Clone)]
pub struct Originals {
    kind: Kind,
    pictures: Pictures,
    captions: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Faces,
    Digits,
}

/// Those that were read last: thousands of pictures are unpacked once, whoever asks for one.
static LAST: Mutex<Option<Originals>> = Mutex::new(None);

/// Picture `i`, counted round, for this model.
///
/// # Errors
/// None in a program that passed its tests.
pub fn of_number(i: usize, about: &About) -> Result<Original> {
    let kind = if about.attributes == of_digits() {
        Kind::Digits
    } else {
        Kind::Faces
    };
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_ref().is_none_or(|last| last.kind != kind) {
        *last = Some(Originals::read(kind)?);
    }
    match &*last {
        Some(originals) => originals.get(i, about),
        None => Err(no_picture()),
    }
}

/// The picture in a file: its middle square, at the model's size.
///
/// # Errors
/// It is no PNG or JPEG that can be read.
pub fn of_file(path: &Path, about: &About) -> Result<Original> {
    let pictures = picture_folder::square(path, about.side, about.n_channels)?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Original {
        name: crate::files::shown::shortened(&name.to_string_lossy(), 40),
        caption: String::new(),
        numbers: numbers(&pictures.pixels),
    })
}

impl Originals {
    fn read(kind: Kind) -> Result<Self> {
        Ok(match kind {
            Kind::Faces => {
                let faces = faces::bundled()?;
                Self {
                    kind,
                    pictures: faces.pictures,
                    captions: faces.faces.into_iter().map(|face| face.caption).collect(),
                }
            }
            Kind::Digits => {
                let pictures = digits::bundled()?;
                let caption = |i| digits::label(i).to_string();
                Self {
                    kind,
                    captions: (0..pictures.len()).map(caption).collect(),
                    pictures,
                }
            }
        })
    }

    fn get(&self, i: usize, about: &About) -> Result<Original> {
        let i = i % self.pictures.len().max(1);
        let noun = match self.kind {
            Kind::Faces => "face",
            Kind::Digits => "digit",
        };
        let pixels = self.pictures.get(i).ok_or_else(no_picture)?;
        let pixels = fitted(pixels, self.pictures.side, self.pictures.n_channels, about);
        Ok(Original {
            name: format!("{noun} {}", i + 1),
            caption: self.captions.get(i).cloned().unwrap_or_default(),
            numbers: numbers(&pixels.ok_or_else(no_picture)?),
        })
    }
}

/// The pixels at the model's size and with its channels.
fn fitted(pixels: &[u8], side: usize, n_channels: usize, about: &About) -> Option<Vec<u8>> {
    if (side, n_channels) == (about.side, about.n_channels) {
        return Some(pixels.to_vec());
    }
    let rgb = match n_channels {
        1 => pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
        _ => pixels.to_vec(),
    };
    let picture = RgbImage::from_raw(side as u32, side as u32, rgb)?;
    let wanted = about.side as u32;
    let picture = resize(&picture, wanted, wanted, FilterType::Triangle);
    Some(match about.n_channels {
        1 => {
            let grey: GrayImage = image::DynamicImage::from(picture).into_luma8();
            grey.into_raw()
        }
        _ => picture.into_raw(),
    })
}

fn no_picture() -> Refusal {
    Refusal::unchanged(
        "There is no such picture",
        "The pictures that ship could not be read.",
        "Drop a picture of your own.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::captions::{Attribute, of_faces};
    use super::*;
    use crate::algo::diffusion::{Prediction, Schedule};

    fn about(side: usize, n_channels: usize, attributes: Vec<Attribute>) -> About {
        About {
            name: "m".into(),
            side,
            n_channels,
            attributes,
            schedule: Schedule::Cosine,
            prediction: Prediction::X0,
            n_weights: 0,
            steps: None,
            source: String::new(),
            license: String::new(),
        }
    }

    #[test]
    fn a_picture_that_ships_comes_at_the_size_of_the_model_with_its_caption() {
        let face = of_number(4000, &about(64, 3, of_faces())).unwrap();
        assert_eq!(face, of_number(0, &about(64, 3, of_faces())).unwrap());
        assert_eq!(face.name, "face 1");
        assert!(face.caption.contains("skin"), "{}", face.caption);
        let bundled = faces::bundled().unwrap();
        assert_eq!(face.numbers, numbers(bundled.pictures.get(0).unwrap()));
        let small = of_number(0, &about(32, 1, of_faces())).unwrap();
        assert_eq!(small.numbers.len(), 32 * 32);
        // Shrinking keeps the mean: that of the face's grey, by the weights of ITU-R BT.709.
        let mean = |n: &[f32]| n.iter().sum::<f32>() / n.len() as f32;
        let grey: Vec<f32> = face
            .numbers
            .as_chunks::<3>()
            .0
            .iter()
            .map(|[r, g, b]| 0.2126 * r + 0.7152 * g + 0.0722 * b)
            .collect();
        assert!((mean(&small.numbers) - mean(&grey)).abs() < 0.02);
        let digit = of_number(13, &about(16, 1, of_digits())).unwrap();
        assert_eq!(
            (digit.name.as_str(), digit.caption.as_str()),
            ("digit 14", "3")
        );
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.png");
        std::fs::write(&path, "no picture").unwrap();
        assert!(of_file(&path, &about(64, 3, of_faces())).is_err());
    }
}
