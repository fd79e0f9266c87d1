//! What one pixel of a picture says, computed again in f64.

use super::{Grey, Reading, USUAL_LARGEST};
use crate::refusal::Result;

/// What a pixel says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pixel {
    /// Its row from the top.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// Its grey level.
    pub level: u8,
    /// How dark (or, where white is loud, how light) it is: 0 to 1.
    pub share: f64,
    /// The power that the share is raised to.
    pub power: f64,
    /// The magnitude that 1 stands for, in Riffusion's units.
    pub largest: f64,
    /// The magnitude it stands for: `share^power · largest`.
    pub magnitude: f64,
    /// The frequencies its mel filter begins at, is highest at, and ends at.
    pub hz: [f64; 3],
    /// Its middle in seconds.
    pub secs: f64,
    /// The grey level that the sound has there, where it was found.
    pub found: Option<u8>,
}

impl Pixel {
    /// The pixel at a row from the top and a column.
    ///
    /// # Errors
    /// Parameters that give no spectrogram.
    pub fn of(
        picture: &Grey,
        reading: &Reading,
        found: Option<&Grey>,
        [row, column]: [usize; 2],
    ) -> Result<Self> {
        let params = super::params_for(picture, reading);
        let bank = params.bank()?;
        let at = row.min(picture.height - 1) * picture.width + column.min(picture.width - 1);
        let level = picture.pixels[at];
        let loud = if reading.white_is_loud {
            level
        } else {
            255 - level
        };
        let share = f64::from(loud) / 255.0;
        let power = 1.0 / params.power_for_image;
        let largest = f64::from(reading.largest.unwrap_or(USUAL_LARGEST));
        let m = picture.height - 1 - row.min(picture.height - 1);
        let [low, high] = bank.range_hz(m);
        let hop = params.shape().hop_length as f64 / f64::from(params.sample_rate_hz);
        Ok(Self {
            row,
            column,
            level,
            share,
            power,
            largest,
            magnitude: share.powf(power) * largest,
            hz: [low, bank.centre_hz(m), high],
            secs: column as f64 * hop,
            found: found.and_then(|found| found.pixels.get(at).copied()),
        })
    }
}
