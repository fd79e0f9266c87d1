//! One file: what it is by its bytes, and, if it can be used, its small square of pixels.

use super::shrink::shrink;
use super::{MAX_FILE_BYTES, MAX_UNPACKED_BYTES, MIN_SIDE, Why};
use crate::files::source::Source;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use std::path::Path;

/// The middle square of a picture in a file, `(row, column, channel)`, or why it is left out.
pub(super) fn picture(path: &Path, side: usize, n_channels: usize) -> Result<Vec<u8>, Why> {
    let (large, orientation) = unpacked(path)?;
    let mut small = shrink(&large, side);
    drop(large);
    // To turn a square is to turn its middle square: so it is turned when it is small.
    if let Some(orientation) = orientation {
        small.apply_orientation(orientation);
    }
    Ok(match n_channels {
        1 => small.into_luma8().into_raw(),
        _ => small.into_rgb8().into_raw(),
    })
}

/// The whole picture in a file, upright.
pub(super) fn whole(path: &Path) -> Result<DynamicImage, Why> {
    let (mut picture, orientation) = unpacked(path)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// The picture in a file as it lies there, and which side of it is up.
fn unpacked(path: &Path) -> Result<(DynamicImage, Option<Orientation>), Why> {
    let source = Source::open(path).map_err(|_| Why::Unreadable)?;
    let read = |n| source.read(0, n).map_err(|_| Why::Unreadable);
    let format = format_of(&read(source.len().min(32))?)?;
    if source.len() > MAX_FILE_BYTES {
        return Err(Why::Huge);
    }
    let bytes = read(source.len())?;
    match format {
        Format::Gif if gif_is_animated(&bytes) => Err(Why::Animated("GIF")),
        Format::Gif => Err(Why::OtherFormat("GIF")),
        Format::Png if png_is_animated(&bytes) => Err(Why::Animated("APNG")),
        Format::Png => decode(&bytes, ImageFormat::Png, 1),
        Format::Jpeg => {
            let jpeg = Jpeg::of(&bytes).ok_or(Why::Broken)?;
            if jpeg.n_components == 4 {
                return Err(Why::Cmyk);
            }
            // Several passes: all coefficients, of 16 bits, lie in memory beside the pixels.
            let n_copies = if jpeg.in_passes { 3 } else { 1 };
            decode(&bytes, ImageFormat::Jpeg, n_copies)
        }
    }
}

/// The formats that are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Gif,
}

/// What begins so.
pub(super) fn format_of(head: &[u8]) -> Result<Format, Why> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let other = |name| Err(Why::OtherFormat(name));
    match head {
        _ if begins(b"\x89PNG\r\n\x1a\n") => Ok(Format::Png),
        _ if begins(b"\xff\xd8\xff") => Ok(Format::Jpeg),
        _ if begins(b"GIF87a") || begins(b"GIF89a") => Ok(Format::Gif),
        _ if begins(b"RIFF") && head.get(8..12) == Some(b"WEBP") => other("WebP"),
        _ if begins(b"II*\0") || begins(b"MM\0*") => other("TIFF"),
        _ if begins(b"BM") && head.get(6..10) == Some(&[0; 4]) => other("BMP"),
        _ if begins(b"\0\0\x01\0") => other("ICO"),
        _ if begins(b"8BPS") => other("Photoshop"),
        _ if begins(b"\xff\x0a") || begins(b"\0\0\0\x0cJXL ") => other("JPEG XL"),
        _ if begins(b"\0\0\0\x0cjP  ") => other("JPEG 2000"),
        _ if head.get(4..8) == Some(b"ftyp") => match head.get(8..12) {
            Some(b"avif" | b"avis") => other("AVIF"),
            Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => {
                other("HEIC")
            }
            _ => Err(Why::NotAPicture), // a film
        },
        _ if begins(b"<svg") => other("SVG"),
        _ => Err(Why::NotAPicture),
    }
}

fn decode(
    bytes: &[u8],
    format: ImageFormat,
    n_copies: u64,
) -> Result<(DynamicImage, Option<Orientation>), Why> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_UNPACKED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let is_limit = |error: &image::ImageError| matches!(error, image::ImageError::Limits(_));
    let why = |error| {
        if is_limit(&error) {
            Why::Huge
        } else {
            Why::Broken
        }
    };
    let mut decoder = reader.into_decoder().map_err(why)?;
    if decoder.total_bytes().saturating_mul(n_copies) > MAX_UNPACKED_BYTES {
        return Err(Why::Huge);
    }
    let (width, height) = decoder.dimensions();
    if width.min(height) < MIN_SIDE {
        return Err(Why::TooSmall);
    }
    // A camera's mark that says which side is up; one that is not sound says nothing.
    let orientation = decoder.orientation().ok();
    let picture = DynamicImage::from_decoder(decoder).map_err(why)?;
    Ok((picture, orientation))
}

/// What the marks of a JPEG say, before anything is decoded.
struct Jpeg {
    n_components: u8,
    in_passes: bool,
}

impl Jpeg {
    /// Walks the marks to the first pixels, and looks for the end after them; `None` where one of
    /// both is not there. Decoders fill up with grey what is cut off, which would be learned.
    fn of(bytes: &[u8]) -> Option<Self> {
        let (mut at, mut frame) = (2, None);
        loop {
            let &[0xff, mark] = bytes.get(at..at + 2)? else {
                return None;
            };
            at += match mark {
                0xff => 1, // filling
                0x01 | 0xd0..=0xd7 => 2,
                0xd9 => return None,
                _ => {
                    let length: [u8; 2] = bytes.get(at + 2..at + 4)?.try_into().ok()?;
                    let length = usize::from(u16::from_be_bytes(length)).max(2);
                    let body = bytes.get(at + 4..at + 2 + length)?;
                    match mark {
                        // Frames; 0xc4, 0xc8 and 0xcc among them are tables.
                        0xc0..=0xcf if !matches!(mark, 0xc4 | 0xc8 | 0xcc) => {
                            let is_progressive = matches!(mark, 0xc2 | 0xc6 | 0xca | 0xce);
                            frame = Some((*body.get(5)?, is_progressive));
                        }
                        0xda => {
                            let (n_components, is_progressive) = frame?;
                            let rest = bytes.get(at + 2 + length..)?;
                            rest.windows(2).rposition(|pair| pair == [0xff, 0xd9])?;
                            let in_passes = is_progressive || *body.first()? < n_components;
                            return Some(Self {
                                n_components,
                                in_passes,
                            });
                        }
                        _ => {}
                    }
                    2 + length
                }
            };
        }
    }
}

/// Whether the chunk that announces an animation comes before the pixels.
fn png_is_animated(bytes: &[u8]) -> bool {
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        match &head[4..] {
            b"acTL" => return true,
            b"IDAT" | b"IEND" => return false,
            _ => {}
        }
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        at += 12 + length as usize;
    }
    false
}

/// Whether there is a second picture: blocks are walked, nothing is unpacked.
fn gif_is_animated(bytes: &[u8]) -> bool {
    fn table_bytes(flags: u8) -> usize {
        if flags & 0x80 == 0 {
            return 0;
        }
        3 << ((flags & 7) + 1)
    }
    let Some(&flags) = bytes.get(10) else {
        return false;
    };
    let (mut at, mut n_pictures) = (13 + table_bytes(flags), 0);
    loop {
        match bytes.get(at) {
            Some(0x21) => at += 2,
            Some(0x2c) => {
                n_pictures += 1;
                let Some(&flags) = bytes.get(at + 9) else {
                    return false;
                };
                at += 11 + table_bytes(flags);
            }
            _ => return false,
        }
        if n_pictures > 1 {
            return true;
        }
        loop {
            let Some(&length) = bytes.get(at) else {
                return false;
            };
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
    }
}
