//! Ten faces that ship, each with something that no face has that the model learned from.

use crate::files::atlas::Pictures;
use crate::files::faces::{self, Face};
use crate::refusal::{Refusal, Result};
use serde::{Deserialize, Serialize};

/// How many pictures each has.
const N_PICTURES: usize = 10;
/// The colours of skin that the faces are drawn with (`assets/faces/grammar.mjs`), in the order of the attribute.
const SKINS: [[u8; 3]; 5] = [
    [0xfd, 0xe7, 0xda],
    [0xf6, 0xbd, 0x98],
    [0xdf, 0xa6, 0x6f],
    [0xa5, 0x6f, 0x48],
    [0x66, 0x46, 0x36],
];
const GREEN: [u8; 3] = [0x5c, 0xc9, 0x4a];
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
const RED: [u8; 3] = [0xe5, 0x1c, 0x23];
/// Where the tip of every nose is, and how large a clown's is: column, row, radius.
const NOSE: (f32, f32, f32) = (41.5, 38.0, 5.0);
/// The paper of a blueprint, and its lines.
const PAPER: [u8; 3] = [0x1d, 0x3f, 0x9e];
const LINES: [u8; 3] = [0xf2, 0xf6, 0xff];
/// Colours closer than this are mixed from the same paint.
const NEAR: f32 = 60.0;

/// A look that can be taught.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Example {
    /// A white face with a round red nose: a thing.
    #[default]
    Clown,
    /// Green skin: a colour that the model never saw there.
    Martian,
    /// White lines on blue paper: a style.
    Blueprint,
    /// A pink mohawk and sunglasses: a look that the model can draw, and has no word for.
    Punk,
}

impl Example {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Clown, Self::Martian, Self::Blueprint, Self::Punk];

    /// The word that it teaches.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clown => "clown",
            Self::Martian => "martian",
            Self::Blueprint => "blueprint",
            Self::Punk => "punk",
        }
    }

    /// What is on the pictures.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Clown => "ten faces that ship, painted white, with a round red nose: a new thing",
            Self::Martian => "ten faces that ship with green skin: a new colour of an old thing",
            Self::Blueprint => "ten faces that ship as white lines on blue paper: a new style",
            Self::Punk => {
                "ten faces that ship with a pink mohawk and sunglasses: a new word for what the model can draw"
            }
        }
    }

    /// Whether captions can say all of it already: then nothing may be told beside the word, or nothing
    /// would be left for it to mean.
    #[must_use]
    pub fn is_sayable(self) -> bool {
        self == Self::Punk
    }

    /// Its pictures.
    ///
    /// # Errors
    /// A size that faces do not come in.
    pub(super) fn pictures(self, side: usize, n_channels: usize) -> Result<Pictures> {
        let faces = faces::bundled()?;
        let has_look = |face: &Face| match self {
            Self::Punk => {
                face.value("hair") == Some("mohawk")
                    && face.value("hair_color") == Some("pink")
                    && face.value("eyewear") == Some("sunglasses")
            }
            // A beard hides a nose's side; sunglasses hide the most of a face.
            _ => face.value("eyewear") != Some("sunglasses"),
        };
        let chosen = faces.faces.iter().enumerate();
        let chosen = chosen.filter(|(_, face)| has_look(face)).take(N_PICTURES);
        let mut pictures = Pictures {
            pixels: Vec::new(),
            ..faces.pictures
        };
        for (i, face) in chosen {
            let mut picture = faces.pictures.get(i).unwrap_or_default().to_vec();
            self.paint(&mut picture, face);
            pictures.pixels.extend(picture);
        }
        while pictures.side > side {
            pictures = pictures.halved();
        }
        if (pictures.side, pictures.n_channels) == (side, n_channels) {
            return Ok(pictures);
        }
        Err(Refusal::unchanged(
            "The examples are faces, and this model draws other pictures",
            format!(
                "They have {0} × {0} pixels in colour; the model draws {side} × {side} with {n_channels} numbers a pixel.",
                faces::SIDE
            ),
            "Drop pictures of your own, or open a model of faces.",
        ))
    }

    fn paint(self, picture: &mut [u8], face: &Face) {
        let skin = face.values[3];
        let skin = SKINS.get(usize::from(skin)).copied().unwrap_or_default();
        match self {
            Self::Clown => {
                recolor(picture, skin, WHITE);
                dot(picture, NOSE, RED);
            }
            Self::Martian => recolor(picture, skin, GREEN),
            Self::Blueprint => blueprint(picture),
            Self::Punk => {}
        }
    }
}

/// Every pixel that is mixed with `from` is mixed with `to` instead, as far as it is.
fn recolor(picture: &mut [u8], from: [u8; 3], to: [u8; 3]) {
    for pixel in picture.as_chunks_mut::<3>().0 {
        let squares = pixel.iter().zip(from);
        let apart: f32 = squares
            .map(|(&p, f)| (f32::from(p) - f32::from(f)).powi(2))
            .sum();
        let part = (1.0 - apart.sqrt() / NEAR).clamp(0.0, 1.0);
        for ((p, f), t) in pixel.iter_mut().zip(from).zip(to) {
            let moved = f32::from(*p) + part * (f32::from(t) - f32::from(f));
            *p = moved.round() as u8;
        }
    }
}

/// A round spot with a soft rim.
fn dot(picture: &mut [u8], (x, y, radius): (f32, f32, f32), color: [u8; 3]) {
    for (i, pixel) in picture.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let (column, row) = ((i % faces::SIDE) as f32, (i / faces::SIDE) as f32);
        let apart = ((column - x).powi(2) + (row - y).powi(2)).sqrt();
        let part = (radius + 0.5 - apart).clamp(0.0, 1.0);
        for (p, c) in pixel.iter_mut().zip(color) {
            *p = (f32::from(*p) + part * (f32::from(c) - f32::from(*p))).round() as u8;
        }
    }
}

/// Where neighbours differ there is a line, else there is paper.
fn blueprint(picture: &mut [u8]) {
    let side = faces::SIDE;
    let before: Vec<[f32; 3]> = picture
        .as_chunks::<3>()
        .0
        .iter()
        .map(|pixel| pixel.map(f32::from))
        .collect();
    let apart = |a: usize, b: usize| -> f32 {
        let squares = before[a].iter().zip(before[b]);
        squares.map(|(a, b)| (a - b).powi(2)).sum()
    };
    for (i, pixel) in picture.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let right = if (i + 1) % side == 0 { i } else { i + 1 };
        let below = if i + side >= before.len() {
            i
        } else {
            i + side
        };
        let edge = (apart(i, right) + apart(i, below)).sqrt();
        let part = (edge / 120.0).min(1.0);
        for ((p, paper), line) in pixel.iter_mut().zip(PAPER).zip(LINES) {
            *p = (f32::from(paper) + part * (f32::from(line) - f32::from(paper))).round() as u8;
        }
    }
}
