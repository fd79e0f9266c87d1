//! One picture that a person chose, with a refusal where it cannot be used.

use super::one::{picture, whole};
use super::{Pictures, Why};
use crate::files::shown::file_name;
use crate::files::source::Source;
use crate::refusal::{Refusal, Result};
use std::path::Path;

/// A picture at its own size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// 3 for red, green and blue; 1 for grey.
    pub n_channels: usize,
    /// `(row, column, channel)`, each 0–255.
    pub pixels: Vec<u8>,
}

/// The largest square in the middle of a picture, at another size.
///
/// # Errors
/// It is no PNG or JPEG that can be read.
pub fn square(path: &Path, side: usize, n_channels: usize) -> Result<Pictures> {
    let pixels = picture(path, side, n_channels).map_err(|why| refusal(path, why))?;
    Ok(Pictures {
        side,
        n_channels,
        pixels,
    })
}

/// A picture at its own size, upright; what is see-through lies on white.
///
/// # Errors
/// It is no PNG or JPEG that can be read.
pub fn at_its_size(path: &Path) -> Result<Picture> {
    let picture = whole(path).map_err(|why| refusal(path, why))?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let n_channels = if picture.color().has_color() { 3 } else { 1 };
    let opaque = !picture.color().has_alpha();
    let pixels = match n_channels {
        1 if opaque => picture.into_luma8().into_raw(),
        3 if opaque => picture.into_rgb8().into_raw(),
        n => {
            let over_white = |pixel: &[u8; 4]| {
                let [color @ .., alpha] = pixel.map(u32::from);
                let seen = color.map(|c| ((c * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
                seen.into_iter().take(n)
            };
            let rgba = picture.into_rgba8().into_raw();
            rgba.as_chunks().0.iter().flat_map(over_white).collect()
        }
    };
    Ok(Picture {
        width,
        height,
        n_channels,
        pixels,
    })
}

fn refusal(path: &Path, why: Why) -> Refusal {
    // A file that cannot be opened says better itself what is wrong with it.
    if let (Why::Unreadable, Err(refusal)) = (why, Source::open(path)) {
        return refusal;
    }
    let evidence = match why {
        Why::NotAPicture => "Its bytes are not those of a PNG or a JPEG.".to_owned(),
        Why::Unreadable => "It cannot be read to its end.".to_owned(),
        _ => format!("It is {}.", why.words()),
    };
    Refusal::unchanged(
        format!("“{}” cannot be used as a picture", file_name(path)),
        evidence,
        "Choose a PNG or JPEG file.",
    )
}
