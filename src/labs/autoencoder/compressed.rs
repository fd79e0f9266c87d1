//! "Intelligence is compression", measured: the bytes of a code against those of a JPEG that is as far
//! off.
//!
//! Each number of a code is rounded to 8 bits. What all pictures share counts for neither: the
//! network's weights stay with whoever reads the codes, and of a JPEG only the picture's own data is
//! counted, not the tables before it. JPEG's numbers are those of the `image` crate's encoder: the
//! standard's own Huffman tables, all three colours at full size.

use super::Pictures;
use super::squeezer::{Fault, Squeezer, fault};
use crate::refusal::{Refusal, Result};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use std::ops::ControlFlow;

/// How far from the mean a rounded number reaches, in standard deviations.
const REACH: f32 = 4.0;
/// Steps from one end to the other.
const N_STEPS: f32 = 255.0;
/// JPEG's qualities that are tried: 1 is the worst, 100 the best.
const QUALITIES: [u8; 22] = [
    1, 2, 3, 4, 5, 7, 10, 14, 18, 23, 28, 34, 40, 46, 53, 60, 67, 75, 82, 90, 95, 100,
];

/// JPEG at one quality, on average over the pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jpeg {
    /// 1 to 100.
    pub quality: u8,
    /// Bytes of a picture's own data.
    pub data_bytes: f64,
    /// Bytes of a whole file, tables included.
    pub file_bytes: f64,
    /// How far the pictures are off.
    pub fault: Fault,
}

/// JPEG where it is as far off as the codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Equal {
    /// So many bytes of data, and so many of the whole file, between two qualities that were tried.
    At {
        /// Bytes of a picture's own data.
        data_bytes: f64,
        /// Bytes of a whole file.
        file_bytes: f64,
        /// The nearest quality.
        quality: u8,
    },
    /// Even at its worst quality JPEG is nearer to the picture, and takes this.
    Never(Jpeg),
}

/// Codes against JPEG.
#[derive(Debug, Clone, PartialEq)]
pub struct Compressed {
    /// How many pictures were compressed.
    pub n_pictures: usize,
    /// Bytes of a code: one for each number.
    pub code_bytes: usize,
    /// How far the pictures of the rounded codes are off.
    pub code: Fault,
    /// The same before rounding.
    pub unrounded: Fault,
    /// JPEG, from its worst quality to its best.
    pub jpeg: Vec<Jpeg>,
    /// JPEG at the error of the codes.
    pub equal: Equal,
    /// Bytes of a picture as it is: one for each number of a pixel.
    pub raw_bytes: usize,
    /// Bytes of the network's weights in half precision: what must be there before.
    pub network_bytes: usize,
}

/// Compresses the chosen pictures both ways; `go_on` is asked between parts, `None` when it says no.
///
/// # Errors
/// No pictures, or pictures of another size than the network's.
pub fn compressed(
    squeezer: &Squeezer,
    pictures: &Pictures,
    chosen: &[usize],
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Compressed>> {
    let Some(codes) = squeezer.encode_some(pictures, chosen, go_on)? else {
        return Ok(None);
    };
    let truth: Vec<&[u8]> = chosen.iter().filter_map(|&i| pictures.get(i)).collect();
    let whole = truth.concat();
    if whole.is_empty() {
        return Err(nothing());
    }
    let rounded: Vec<Vec<f32>> = codes.iter().map(|code| rounded(code)).collect();
    let unrounded = fault(&whole, &squeezer.decode(&codes)?.pixels);
    let code = fault(&whole, &squeezer.decode(&rounded)?.pixels);
    let mut jpeg = Vec::new();
    for quality in QUALITIES {
        if go_on().is_break() {
            return Ok(None);
        }
        let (mut data, mut file, mut made) = (0, 0, Vec::with_capacity(whole.len()));
        for picture in &truth {
            let bytes = encoded(picture, pictures.side, pictures.n_channels, quality)?;
            data += data_of(&bytes);
            file += bytes.len();
            made.extend(decoded(&bytes, pictures.n_channels)?);
        }
        let n = truth.len() as f64;
        jpeg.push(Jpeg {
            quality,
            data_bytes: data as f64 / n,
            file_bytes: file as f64 / n,
            fault: fault(&whole, &made),
        });
    }
    Ok(equal(&jpeg, code.mse).map(|equal| Compressed {
        n_pictures: truth.len(),
        code_bytes: squeezer.about().config.d_code,
        code,
        unrounded,
        jpeg,
        equal,
        raw_bytes: pictures.side * pictures.side * pictures.n_channels,
        network_bytes: 2 * squeezer.about().n_weights,
    }))
}

/// A code with every number rounded to 8 bits: 256 even steps from −4 to 4.
#[must_use]
pub fn rounded(code: &[f32]) -> Vec<f32> {
    let step = |x: &f32| {
        let step = ((x.clamp(-REACH, REACH) + REACH) / (2.0 * REACH) * N_STEPS).round();
        step / N_STEPS * 2.0 * REACH - REACH
    };
    code.iter().map(step).collect()
}

/// One picture as a JPEG of that quality, unpacked again, with the bytes of its own data.
///
/// # Errors
/// None for pictures that are whole.
pub fn as_jpeg(pictures: &Pictures, i: usize, quality: u8) -> Result<(Pictures, usize)> {
    let picture = pictures.get(i).ok_or_else(nothing)?;
    let bytes = encoded(picture, pictures.side, pictures.n_channels, quality)?;
    let made = Pictures {
        side: pictures.side,
        n_channels: pictures.n_channels,
        pixels: decoded(&bytes, pictures.n_channels)?,
    };
    Ok((made, data_of(&bytes)))
}

fn encoded(picture: &[u8], side: usize, n_channels: usize, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let color = match n_channels {
        1 => ExtendedColorType::L8,
        _ => ExtendedColorType::Rgb8,
    };
    let side = side as u32;
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(picture, side, side, color)
        .map_err(|error| jpeg_failed(&error))?;
    Ok(bytes)
}

fn decoded(bytes: &[u8], n_channels: usize) -> Result<Vec<u8>> {
    let image = image::load_from_memory(bytes).map_err(|error| jpeg_failed(&error))?;
    Ok(match n_channels {
        1 => image.into_luma8().into_raw(),
        _ => image.into_rgb8().into_raw(),
    })
}

/// Bytes between the header of the scan and the end of the file (ITU T.81, B.1.1): what differs from
/// picture to picture.
fn data_of(file: &[u8]) -> usize {
    const START_OF_SCAN: u8 = 0xDA;
    /// The marker at the end.
    const END: usize = 2;
    // After the two bytes of the start, each segment: 0xFF, its kind, its length with these two bytes.
    let mut at = 2;
    while let Some(&[_, kind, high, low]) = file.get(at..at + 4) {
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
        if kind == START_OF_SCAN {
            return file.len().saturating_sub(at + END);
        }
    }
    file.len()
}

/// Where JPEG has that error: between two qualities the bytes grow evenly with the logarithm of the
/// error. `None` where nothing was tried.
fn equal(jpeg: &[Jpeg], mse: f64) -> Option<Equal> {
    let worst = jpeg.first()?;
    if worst.fault.mse <= mse {
        return Some(Equal::Never(*worst));
    }
    for pair in jpeg.windows(2) {
        let [worse, better] = [pair[0], pair[1]];
        if better.fault.mse <= mse {
            let logs = [worse.fault.mse, mse, better.fault.mse].map(|x| x.max(1e-9).ln());
            let part = ((logs[0] - logs[1]) / (logs[0] - logs[2]).max(1e-12)).clamp(0.0, 1.0);
            let between = |a: f64, b: f64| a + part * (b - a);
            return Some(Equal::At {
                data_bytes: between(worse.data_bytes, better.data_bytes),
                file_bytes: between(worse.file_bytes, better.file_bytes),
                quality: if part < 0.5 {
                    worse.quality
                } else {
                    better.quality
                },
            });
        }
    }
    let best = jpeg.last()?;
    Some(Equal::At {
        data_bytes: best.data_bytes,
        file_bytes: best.file_bytes,
        quality: best.quality,
    })
}

fn nothing() -> Refusal {
    Refusal::unchanged(
        "There is nothing to compress",
        "No pictures were chosen.",
        "Choose at least one picture.",
    )
}

fn jpeg_failed(error: &image::ImageError) -> Refusal {
    Refusal::unchanged(
        "A picture could not be made a JPEG",
        format!("The encoder says: {error}."),
        "Choose another picture.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG whose picture is one colour has the least data that there can be: of each of the 16 × 3
    /// blocks of 32 × 32 pixels next to nothing.
    #[test]
    fn only_the_pictures_own_data_is_counted_of_a_jpeg() {
        let plain = Pictures {
            side: 32,
            n_channels: 3,
            pixels: vec![128; 32 * 32 * 3],
        };
        let file = encoded(&plain.pixels, 32, 3, 75).unwrap();
        let data = data_of(&file);
        // Six bits and more for each of 16 blocks: 2 + 4 bits of luma, 2 + 2 for each chroma.
        let n_bits: usize = 16 * (2 + 4 + 2 * (2 + 2));
        assert!((n_bits / 8..n_bits / 8 + 4).contains(&data), "{data}");
        assert!(file.len() > 600);
        let (back, n_bytes) = as_jpeg(&plain, 0, 75).unwrap();
        assert_eq!(n_bytes, data);
        assert!(fault(&plain.pixels, &back.pixels).mse < 1.0);
    }

    #[test]
    fn rounding_to_8_bits_moves_a_number_by_half_a_step_at_most() {
        let code: Vec<f32> = (0..1000).map(|i| i as f32 * 0.008 - 4.0).collect();
        for (x, y) in code.iter().zip(rounded(&code)) {
            assert!((x - y).abs() <= 4.0 / 255.0 + 1e-6, "{x} {y}");
        }
        assert_eq!(rounded(&[-9.0, 9.0]), [-4.0, 4.0]);
    }

    #[test]
    fn equal_error_is_found_between_two_qualities_or_said_not_to_be() {
        let at = |quality, bytes, mse| Jpeg {
            quality,
            data_bytes: bytes,
            file_bytes: bytes + 600.0,
            fault: Fault::of_mse(mse),
        };
        let jpeg = [at(1, 50.0, 400.0), at(10, 100.0, 100.0), at(50, 300.0, 1.0)];
        let Some(Equal::At {
            data_bytes,
            quality,
            ..
        }) = equal(&jpeg, 200.0)
        else {
            panic!("no equal");
        };
        // Half of the way in the logarithm.
        assert!((data_bytes - 75.0).abs() < 1e-9 && [1, 10].contains(&quality));
        assert_eq!(equal(&jpeg, 500.0), Some(Equal::Never(jpeg[0])));
    }
}
