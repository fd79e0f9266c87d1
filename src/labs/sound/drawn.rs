//! A spectrogram as a picture file: its colours, and inside the PNG what it shows and how it was made.

use super::spectrogram::{Rows, Settings};
use super::{MelScale, Sound, Window};
use crate::files::png_text;
use crate::refusal::{Refusal, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use serde_json::{Value, json};

/// The keyword of our JSON in the PNG.
pub const KEY: &str = "glassbox-spectrogram";

/// What a picture shows, and how.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// The sound.
    pub sound: &'a Sound,
    /// How it was cut and spaced.
    pub settings: &'a Settings,
    /// The stretch of the sound that the picture shows.
    pub secs: [f64; 2],
    /// How far below full scale the darkest colour is.
    pub range_db: f64,
    /// The name of the colours.
    pub color_map: &'a str,
}

impl Drawn<'_> {
    /// All of it, with units, as JSON.
    #[must_use]
    pub fn parameters(&self) -> Value {
        let settings = self.settings;
        let mut parameters = json!({
            "sound": self.sound.name(),
            "sample_rate_hz": self.sound.sample_rate_hz(),
            "from_secs": self.secs[0],
            "to_secs": self.secs[1],
            "n_fft": settings.n_fft,
            "win_length": settings.win_length,
            "hop_length": settings.hop_length,
            "window": window(settings.window),
            "min_hz": settings.min_hz,
            "max_hz": settings.max_hz,
            "range_db": self.range_db,
            "color_map": self.color_map,
        });
        parameters["rows"] = match settings.rows {
            Rows::Linear => json!("linear"),
            Rows::Log => json!("log"),
            Rows::Mel { scale, n_mels } => json!({ "mel": mel(scale), "n_mels": n_mels }),
        };
        parameters
    }

    /// The PNG of `pixels`, three bytes each, in rows of `width`.
    ///
    /// # Errors
    /// Pixels that are no picture.
    pub fn to_png(&self, pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>> {
        let mut png = Vec::new();
        let encoder = PngEncoder::new(&mut png);
        let written = encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8);
        written.map_err(|error| {
            Refusal::unchanged(
                "The picture could not be written",
                format!("{error}."),
                "Make the window larger, so that there is something to see, and try again.",
            )
        })?;
        let parameters = self.parameters().to_string();
        Ok(png_text::with_texts(&png, &[(KEY, &parameters)]))
    }
}

fn window(window: Window) -> &'static str {
    match window {
        Window::Hann => "hann",
        Window::Hamming => "hamming",
        Window::Blackman => "blackman",
        Window::Rectangular => "rectangular",
    }
}

fn mel(scale: MelScale) -> &'static str {
    match scale {
        MelScale::Slaney => "slaney",
        MelScale::Htk => "htk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_says_what_it_shows_and_how_it_was_made() {
        let sound = Sound::from_samples("two tones", 8000, 1, vec![0.0; 80]);
        let rows = Rows::Mel {
            scale: MelScale::Slaney,
            n_mels: 128,
        };
        let settings = Settings {
            rows,
            ..Settings::default()
        };
        let drawn = Drawn {
            sound: &sound,
            settings: &settings,
            secs: [0.0, 0.01],
            range_db: 80.0,
            color_map: "magma",
        };
        let png = drawn.to_png(&[7; 18], 3, 2).unwrap();
        let pixels = image::load_from_memory(&png).unwrap().into_rgb8();
        assert_eq!(pixels.as_raw(), &[7; 18]);
        let texts = png_text::of_bytes(&png);
        let read: Value = serde_json::from_str(texts.get(KEY).unwrap()).unwrap();
        assert_eq!(read["sound"], "two tones");
        assert_eq!(read["rows"]["n_mels"], 128);
        assert_eq!(
            (&read["n_fft"], &read["window"]),
            (&json!(2048), &json!("hann"))
        );
        assert_eq!(read["to_secs"], 0.01);
    }

    #[test]
    fn pixels_that_are_no_picture_are_refused() {
        let sound = Sound::from_samples("none", 8000, 1, Vec::new());
        let drawn = Drawn {
            sound: &sound,
            settings: &Settings::default(),
            secs: [0.0, 0.0],
            range_db: 80.0,
            color_map: "ink",
        };
        assert!(drawn.to_png(&[], 0, 0).is_err());
    }
}
