//! What a picture is taken for: Riffusion's, by the tags it carries, or any other.

use super::{Grey, Params, Reading};
use crate::files::picture_folder::{self, Picture};
use crate::files::sound::exif::{self, Number};
use crate::refusal::Result;
use std::path::Path;

/// Rows of a picture that is no spectrogram: as many as Riffusion's.
const ROWS: usize = 512;
/// Columns that such a picture has at most: 20 s.
const COLUMNS: usize = 2048;

/// Riffusion's tags (`SpectrogramParams.ExifTags`), in the order of [`Params`], then the largest magnitude.
pub(super) const TAGS: [u16; 10] = [
    11_000, 11_005, 11_010, 11_020, 11_030, 11_040, 11_050, 11_060, 11_070, 11_080,
];

/// Why a picture is read as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Its tags say that it is a spectrogram of Riffusion's format.
    Tags,
    /// It has the 512 rows of that format and no colour, but no tags.
    Size,
    /// It is some other picture.
    Any,
}

/// A picture, ready to be heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Its grey levels.
    pub picture: Grey,
    /// How it is best read.
    pub reading: Reading,
    /// Why.
    pub source: Source,
}

/// Looks at a picture: PNG or JPEG.
///
/// # Errors
/// It is no picture that can be read.
pub fn look(path: &Path) -> Result<Looked> {
    let numbers = exif::of_file(path)?;
    let picture = picture_folder::at_its_size(path)?;
    Ok(looked(&picture, &numbers))
}

pub(super) fn looked(picture: &Picture, numbers: &[(u16, Number)]) -> Looked {
    if let Some((params, largest)) = params_of(numbers) {
        let grey = if params.stereo && picture.n_channels == 3 {
            // Two channels lie in green and blue: their mean, as all sound is drawn here.
            grey(picture, |p| u8::midpoint(p[1], p[2]))
        } else {
            grey(picture, |p| p[0])
        };
        let reading = Reading {
            params,
            largest,
            white_is_loud: false,
        };
        return Looked {
            picture: grey,
            reading,
            source: Source::Tags,
        };
    }
    let colourless = |p: &[u8]| p.iter().all(|&value| value == p[0]);
    let is_grey = picture
        .pixels
        .chunks_exact(picture.n_channels)
        .all(colourless);
    let params = Params::default();
    if is_grey && picture.height == params.num_frequencies {
        let reading = Reading {
            params,
            largest: None,
            white_is_loud: false,
        };
        return Looked {
            picture: grey(picture, |p| p[0]),
            reading,
            source: Source::Size,
        };
    }
    let reading = Reading {
        params,
        largest: None,
        white_is_loud: true,
    };
    Looked {
        picture: shrunk(&grey(picture, brightness)),
        reading,
        source: Source::Any,
    }
}

/// The parameters that tags say, and the largest magnitude; none unless the tags that matter are there and
/// can be.
fn params_of(numbers: &[(u16, Number)]) -> Option<(Params, Option<f32>)> {
    let get = |i: usize| {
        let found = numbers.iter().find(|(tag, _)| *tag == TAGS[i]);
        found.map(|(_, number)| number.value())
    };
    let or = |i: usize, usual: f64| get(i).unwrap_or(usual);
    let usual = Params::default();
    let params = Params {
        sample_rate_hz: get(0)? as u32,
        stereo: or(1, 0.0) != 0.0,
        step_size_millis: get(2)?,
        window_duration_millis: get(3)?,
        padded_duration_millis: get(4)?,
        num_frequencies: get(5)? as usize,
        min_frequency_hz: or(6, usual.min_frequency_hz),
        max_frequency_hz: or(7, usual.max_frequency_hz),
        power_for_image: or(8, usual.power_for_image),
    };
    let can_be = (1000..=768_000).contains(&params.sample_rate_hz)
        && (0.1..=1000.0).contains(&params.step_size_millis)
        && (0.1..=5000.0).contains(&params.window_duration_millis)
        && (params.window_duration_millis..=5000.0).contains(&params.padded_duration_millis)
        && (0.01..=10.0).contains(&params.power_for_image)
        && (1..=8192).contains(&params.num_frequencies);
    let largest = get(9)
        .map(|x| x as f32)
        .filter(|x| x.is_finite() && *x > 0.0);
    can_be.then_some((params, largest))
}

fn grey(picture: &Picture, of: impl Fn(&[u8]) -> u8) -> Grey {
    Grey {
        width: picture.width,
        height: picture.height,
        pixels: picture
            .pixels
            .chunks_exact(picture.n_channels)
            .map(of)
            .collect(),
    }
}

/// ITU-R BT.601: what the eye makes of red, green and blue.
fn brightness(pixel: &[u8]) -> u8 {
    match *pixel {
        [red, green, blue] => {
            let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
            ((sum + 500) / 1000) as u8
        }
        _ => pixel[0],
    }
}

/// At [`ROWS`] rows or fewer and in proportion, each pixel the mean of those it stands for.
fn shrunk(picture: &Grey) -> Grey {
    let share = (ROWS as f64 / picture.height as f64).min(COLUMNS as f64 / picture.width as f64);
    if share >= 1.0 {
        return picture.clone();
    }
    let size = |n: usize| ((n as f64 * share).round() as usize).max(1);
    let (width, height) = (size(picture.width), size(picture.height));
    let range = |i: usize, n: usize, of: usize| i * of / n..((i + 1) * of / n).max(i * of / n + 1);
    let mean = |row: usize, column: usize| {
        let columns = range(column, width, picture.width);
        let rows = range(row, height, picture.height);
        let n = (rows.len() * columns.len()) as u64;
        let line = |row: usize| {
            let pixels = &picture.pixels[row * picture.width..][columns.clone()];
            pixels.iter().map(|&level| u64::from(level)).sum::<u64>()
        };
        (rows.map(line).sum::<u64>() / n) as u8
    };
    let pixels = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
    Grey {
        width,
        height,
        pixels: pixels.map(|(row, column)| mean(row, column)).collect(),
    }
}
