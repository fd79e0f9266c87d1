//! A phrase as a PNG: its spectrogram, and inside it what it was made with.

use super::super::phrases::SIDE;
use super::Wish;
use crate::algo::diffusion::{N_LEVELS, Sampler};
use crate::files::png_text::{self, Texts};
use crate::labs::diffusion::sampling::MOST_GUIDANCE;
use crate::refusal::{Refusal, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _, ImageReader, Limits};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The keyword of our JSON in the PNG.
const KEY: &str = "glassbox-phrase";
/// Columns of a phrase that is read back, at most: half an hour.
const MAX_COLUMNS: u32 = 1 << 16;
/// A caption that is read back, in bytes, at most.
const MAX_CAPTION: usize = 1 << 12;
/// Iterations of Griffin-Lim that are read back, at most.
const MAX_ITERATIONS: usize = 10_000;

/// What a phrase was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// The name of the model.
    pub model: String,
    /// What was asked for.
    #[serde(flatten)]
    pub wish: Wish,
    /// Whether a part of it was kept from another phrase: then the wish alone does not make it again.
    #[serde(default)]
    pub is_pieced: bool,
}

/// A phrase that was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// What it was made with.
    pub parameters: Parameters,
    /// Its spectrogram, to a byte.
    pub levels: Vec<f32>,
}

/// Whether a text under this keyword says what a phrase was made with.
#[must_use]
pub fn is_key(keyword: &str) -> bool {
    keyword == KEY
}

/// The PNG of a spectrogram, black the quietest, with its parameters inside.
///
/// # Errors
/// Numbers that are no spectrogram.
pub fn to_png(levels: &[f32], parameters: &Parameters) -> Result<Vec<u8>> {
    let bytes: Vec<u8> = levels
        .iter()
        .map(|level| ((level + 1.0) * 127.5).round() as u8)
        .collect();
    let width = (levels.len() / SIDE) as u32;
    let mut png = Vec::new();
    let written = PngEncoder::new(&mut png).write_image(
        &bytes[..width as usize * SIDE],
        width,
        SIDE as u32,
        ExtendedColorType::L8,
    );
    written.map_err(|error| {
        Refusal::unchanged(
            "The picture of the phrase could not be made",
            format!("{error}."),
            "Make a phrase first.",
        )
    })?;
    let json = serde_json::to_string(parameters).unwrap_or_default();
    Ok(png_text::with_texts(&png, &[(KEY, &json)]))
}

/// The phrase in a PNG that [`to_png`] made; `None` where the file says nothing of one.
///
/// # Errors
/// A file that cannot be read, or whose picture is not one of a phrase.
pub fn of_file(path: &Path) -> Result<Option<Restored>> {
    let Some(parameters) = Parameters::of(&png_text::of_file(path)?) else {
        return Ok(None);
    };
    let wrong = |evidence: String| {
        Refusal::unchanged(
            "The phrase in this picture cannot be read",
            evidence,
            "Choose a PNG that Glassbox wrote, and that no other program saved again.",
        )
    };
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_COLUMNS), Some(SIDE as u32));
    let decoded = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(|error| wrong(format!("{error}.")))
        .and_then(|mut reader| {
            reader.limits(limits);
            reader.decode().map_err(|error| wrong(format!("{error}.")))
        })?;
    let picture = decoded.into_luma8();
    if picture.height() != SIDE as u32 || picture.width() == 0 {
        let (width, height) = picture.dimensions();
        return Err(wrong(format!(
            "It is {width} × {height}; a phrase has {SIDE} rows."
        )));
    }
    let levels = picture.as_raw().iter();
    Ok(Some(Restored {
        levels: levels.map(|&b| f32::from(b) / 127.5 - 1.0).collect(),
        parameters,
    }))
}

impl Parameters {
    /// What the texts of a PNG say, with every number within bounds.
    fn of(texts: &Texts) -> Option<Self> {
        let parameters: Self = serde_json::from_str(texts.get(KEY)?).ok()?;
        Some(Self {
            wish: within_bounds(parameters.wish),
            ..parameters
        })
    }
}

/// A wish with every number within bounds, and captions that are not endless.
#[must_use]
pub fn within_bounds(mut wish: Wish) -> Wish {
    let settings = &mut wish.settings;
    settings.n_steps = settings.n_steps.clamp(1, N_LEVELS);
    settings.guidance = within(settings.guidance, -MOST_GUIDANCE, MOST_GUIDANCE);
    if let Sampler::Ddim { eta } = &mut settings.sampler {
        *eta = within(*eta, 0.0, 1.0);
    }
    wish.n_iterations = wish.n_iterations.min(MAX_ITERATIONS);
    shorten(&mut wish.caption);
    if let Some((caption, part)) = &mut wish.toward {
        shorten(caption);
        *part = within(*part, 0.0, 1.0);
    }
    wish
}

fn within(number: f64, least: f64, most: f64) -> f64 {
    if number.is_nan() {
        return least.max(0.0);
    }
    number.clamp(least, most)
}

fn shorten(text: &mut String) {
    let end = text.floor_char_boundary(MAX_CAPTION);
    text.truncate(end);
}
