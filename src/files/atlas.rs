//! Many small square pictures in one PNG, side by side from the left and row below row.

use crate::refusal::{Refusal, Result};
use image::codecs::png::PngEncoder;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat, ImageReader, Limits,
};
use std::io::Cursor;

/// Pixels along the longer side of an atlas, at most.
const MAX_PIXELS: u32 = 1 << 16;
/// Bytes an atlas may take once it is unpacked.
const MAX_BYTES: u64 = 256 << 20;

/// Square pictures of one size, one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// Pixels along a side.
    pub side: usize,
    /// 3 for red, green and blue; 1 for grey.
    pub n_channels: usize,
    /// `(picture, row, column, channel)`, each 0–255.
    pub pixels: Vec<u8>,
}

impl Pictures {
    /// How many pictures there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len().checked_div(self.n_bytes()).unwrap_or(0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Picture `i`: `(row, column, channel)`; `None` past the last.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        let start = i.checked_mul(self.n_bytes())?;
        self.pixels.get(start..start.checked_add(self.n_bytes())?)
    }

    /// The same pictures at half the side: each pixel is the mean of four, halves rounded up.
    /// A last odd row and column are left out.
    #[must_use]
    pub fn halved(&self) -> Self {
        let (side, channels) = (self.side / 2, self.n_channels);
        let mut pixels = Vec::with_capacity(self.len() * side * side * channels);
        for picture in self.pixels.chunks_exact(self.n_bytes().max(1)) {
            let at = |y: usize, x: usize, c: usize| {
                u16::from(picture[(y * self.side + x) * channels + c])
            };
            for y in (0..side).map(|y| 2 * y) {
                for x in (0..side).map(|x| 2 * x) {
                    pixels.extend((0..channels).map(|c| {
                        let sum = at(y, x, c) + at(y, x + 1, c) + at(y + 1, x, c);
                        ((sum + at(y + 1, x + 1, c) + 2) / 4) as u8
                    }));
                }
            }
        }
        Self {
            side,
            n_channels: channels,
            pixels,
        }
    }

    /// Adds another atlas's pictures, which have the same size.
    pub(super) fn append(&mut self, mut more: Self) {
        debug_assert_eq!((self.side, self.n_channels), (more.side, more.n_channels));
        self.pixels.append(&mut more.pixels);
    }

    fn n_bytes(&self) -> usize {
        self.side * self.side * self.n_channels
    }
}

/// Cuts the first `n` pictures of `side` pixels out of a PNG, grey or in colour as the PNG is.
/// `name` is the file's, for refusals.
///
/// # Errors
/// Bytes that are no whole PNG, sides that are no multiple of `side`, or a number of pictures that
/// does not end in the last row.
pub fn read(name: &str, png: &[u8], side: usize, n: usize) -> Result<Pictures> {
    let refuse = |evidence: String| {
        Refusal::unchanged(
            format!("`{name}` does not hold the pictures it should"),
            evidence,
            "Fetch or draw the pictures again, then try once more.",
        )
    };
    let atlas = decode(png).map_err(|e| refuse(format!("Reading it as a PNG: {e}.")))?;
    let (width, height) = (atlas.width() as usize, atlas.height() as usize);
    if width % side != 0 || height % side != 0 {
        return Err(refuse(format!(
            "It is {width} × {height} pixels; pictures of {side} × {side} do not fill that."
        )));
    }
    let (columns, rows) = (width / side, height / side);
    if n.div_ceil(columns) != rows {
        return Err(refuse(format!(
            "It has room for {} pictures in rows of {columns}; {n} are described.",
            columns * rows
        )));
    }
    let (n_channels, bytes) = match atlas.color() {
        ColorType::L8 => (1, atlas.into_luma8().into_raw()),
        _ => (3, atlas.into_rgb8().into_raw()),
    };
    let mut pixels = Vec::with_capacity(n * side * side * n_channels);
    for i in 0..n {
        let (top, left) = (i / columns * side, i % columns * side);
        for y in top..top + side {
            let start = (y * width + left) * n_channels;
            pixels.extend_from_slice(&bytes[start..start + side * n_channels]);
        }
    }
    Ok(Pictures {
        side,
        n_channels,
        pixels,
    })
}

/// The PNG of pictures side by side, `columns` in a row and row below row, grey or in colour as they
/// are; what is left of the last row stays black. [`read`] cuts it up again.
///
/// # Errors
/// No picture, or more than a PNG can hold.
pub fn png(pictures: &Pictures, columns: usize) -> Result<Vec<u8>> {
    let refuse = |evidence: String| {
        Refusal::unchanged(
            "The pictures cannot be written as a PNG",
            evidence,
            "Choose fewer pictures.",
        )
    };
    let columns = columns.clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns);
    let Pictures {
        side, n_channels, ..
    } = *pictures;
    let (width, height) = (columns.saturating_mul(side), rows.saturating_mul(side));
    if rows == 0 || width.max(height) > MAX_PIXELS as usize {
        return Err(refuse(format!("It would have {width} × {height} pixels.")));
    }
    let mut pixels = vec![0; width * height * n_channels];
    for (i, picture) in pictures.pixels.chunks_exact(pictures.n_bytes()).enumerate() {
        let (top, left) = (i / columns * side, i % columns * side);
        for (y, row) in picture.chunks_exact(side * n_channels).enumerate() {
            let start = ((top + y) * width + left) * n_channels;
            pixels[start..start + row.len()].copy_from_slice(row);
        }
    }
    let color = if n_channels == 1 {
        ExtendedColorType::L8
    } else {
        ExtendedColorType::Rgb8
    };
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&pixels, width as u32, height as u32, color)
        .map_err(|error| refuse(format!("Writing it failed: {error}.")))?;
    Ok(png)
}

fn decode(png: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PIXELS);
    limits.max_image_height = Some(MAX_PIXELS);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    reader.decode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgb, RgbImage};

    fn png_of(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    /// 3 × 2 pictures of 4 × 4; picture i is grey 10 i, but for its last pixel, which is 255.
    fn greys() -> Vec<u8> {
        png_of(&DynamicImage::ImageLuma8(GrayImage::from_fn(
            12,
            8,
            |x, y| {
                let last = x % 4 == 3 && y % 4 == 3;
                Luma([if last {
                    255
                } else {
                    (10 * (y / 4 * 3 + x / 4)) as u8
                }])
            },
        )))
    }

    #[test]
    fn pictures_come_row_by_row_each_with_its_own_pixels() {
        let pictures = read("greys.png", &greys(), 4, 5).unwrap();
        assert_eq!((pictures.len(), pictures.n_channels), (5, 1));
        for i in 0..5 {
            let picture = pictures.get(i).unwrap();
            assert!(picture[..15].iter().all(|&p| usize::from(p) == 10 * i));
            assert_eq!(picture[15], 255);
        }
        assert_eq!(pictures.get(5), None);
        assert_eq!(pictures.get(usize::MAX), None);
    }

    #[test]
    fn colours_keep_their_order_of_channels() {
        let atlas = RgbImage::from_fn(4, 2, |x, _| Rgb([1, 2 + (x / 2) as u8, 200]));
        let png = png_of(&DynamicImage::ImageRgb8(atlas));
        let pictures = read("colours.png", &png, 2, 2).unwrap();
        assert_eq!(pictures.get(1).unwrap(), [1, 3, 200].repeat(4));
    }

    #[test]
    fn pictures_that_were_written_are_read_again() {
        let grey = read("greys.png", &greys(), 4, 5).unwrap();
        for columns in [1, 2, 5, 9, usize::MAX] {
            let again = read("again.png", &png(&grey, columns).unwrap(), 4, 5).unwrap();
            assert_eq!(again, grey, "{columns}");
        }
        let pixels = (0..2 * 3 * 3 * 3).map(|i| i as u8 * 4).collect();
        let colours = Pictures {
            side: 3,
            n_channels: 3,
            pixels,
        };
        let again = read("again.png", &png(&colours, 1).unwrap(), 3, 2).unwrap();
        assert_eq!(again, colours);
        let none = Pictures {
            pixels: Vec::new(),
            ..colours
        };
        assert!(png(&none, 4).is_err());
    }

    #[test]
    fn half_the_side_is_the_mean_of_four_pixels() {
        let halves = read("greys.png", &greys(), 4, 6).unwrap().halved();
        assert_eq!((halves.side, halves.len()), (2, 6));
        // Picture 2 is 20 but for one 255: (3 · 20 + 255) / 4 = 78.75.
        assert_eq!(halves.get(2).unwrap(), [20, 20, 20, 79]);
    }

    #[test]
    fn a_png_cut_anywhere_is_refused() {
        let png = greys();
        for n in [0, 7, 20, 40, png.len() - 13] {
            let refusal = read("cut.png", &png[..n], 4, 6).unwrap_err();
            assert!(refusal.what.contains("`cut.png`"), "{refusal}");
        }
        let mut flipped = png;
        flipped[45] ^= 0x55; // inside the pixels: the checksum no longer holds
        assert!(read("flipped.png", &flipped, 4, 6).is_err());
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused_with_both_numbers() {
        let refusal = read("greys.png", &greys(), 5, 6).unwrap_err();
        assert!(refusal.evidence.contains("12 × 8"), "{refusal}");
        for n in [0, 3, 7, 4000, usize::MAX] {
            let refusal = read("greys.png", &greys(), 4, n).unwrap_err();
            assert!(refusal.evidence.contains("room for 6"), "{refusal}");
        }
    }

    #[test]
    fn an_atlas_wider_than_any_of_ours_is_refused() {
        let png = png_of(&DynamicImage::ImageLuma8(GrayImage::new(MAX_PIXELS + 1, 1)));
        assert!(read("wide.png", &png, 1, 1 << 17).is_err());
        let png = png_of(&DynamicImage::ImageLuma8(GrayImage::new(MAX_PIXELS, 1)));
        assert_eq!(read("wide.png", &png, 1, 1 << 16).unwrap().len(), 1 << 16);
    }
}
