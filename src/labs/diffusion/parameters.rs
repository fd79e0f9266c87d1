//! What a picture was made with, written into its PNG and read back from it.
//!
//! Twice: under `glassbox` as JSON, from which everything is restored, and under `parameters` in the
//! words that the Stable Diffusion web UI (AUTOMATIC1111, `modules/infotext_utils.py`) writes and other
//! programs read. Of a picture that only has those, what means something here is restored as well.

mod webui;

use super::sampling::{MOST_GUIDANCE, Settings};
use crate::algo::diffusion::{N_LEVELS, Sampler};
use crate::files::png_text::{self, Texts};
use crate::refusal::Result;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The keyword of our JSON.
const KEY: &str = "glassbox";
/// The keyword of the web UI's words.
const WEBUI_KEY: &str = "parameters";
/// A caption that is written and read back, in bytes, at most.
const MAX_CAPTION: usize = 1 << 16;

/// What a picture was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// The name of the model.
    pub model: String,
    /// What was asked for, in words.
    pub caption: String,
    /// A second caption, and how much of it was mixed in, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixed_with: Option<(String, f64)>,
    /// The start of everything random; of the first picture where there are many.
    pub seed: u64,
    /// Pictures side by side; the seed of each is one more than that of the one before it.
    #[serde(default = "one")]
    pub count: u32,
    /// Pixels along a side of one picture.
    pub side: usize,
    /// Sampler, steps, guidance.
    #[serde(flatten)]
    pub settings: Settings,
    /// How much of a picture it began with was noise, 0..=1, if it did not begin with noise alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
}

/// Whether a text under this keyword may say what a picture was made with.
#[must_use]
pub fn is_key(keyword: &str) -> bool {
    [KEY, WEBUI_KEY].contains(&keyword)
}

/// What the picture in a file was made with; `None` where it does not say.
///
/// # Errors
/// A file that cannot be read.
pub fn of_file(path: &Path) -> Result<Option<Restored>> {
    png_text::of_file(path).map(|texts| Parameters::read_from(&texts))
}

fn one() -> u32 {
    1
}

/// What was read from a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// What it was made with.
    pub parameters: Parameters,
    /// What it says and what could not be restored, in sentences.
    pub notes: Vec<String>,
}

impl Parameters {
    /// `png` with these parameters in it.
    #[must_use]
    pub fn write_into(&self, png: &[u8]) -> Vec<u8> {
        let mut own = self.clone();
        own.caption = shortened(&own.caption);
        let json = serde_json::to_string(&own).unwrap_or_default();
        let words = own.webui();
        png_text::with_texts(png, &[(WEBUI_KEY, &words), (KEY, &json)])
    }

    /// The same in the web UI's words.
    #[must_use]
    pub fn webui(&self) -> String {
        webui::written(self)
    }

    /// What a picture was made with; `None` where it does not say. Numbers are within bounds.
    #[must_use]
    pub fn read_from(texts: &Texts) -> Option<Restored> {
        let own = texts
            .get(KEY)
            .and_then(|json| serde_json::from_str(json).ok());
        let restored = match own {
            Some(parameters) => Restored {
                parameters,
                notes: Vec::new(),
            },
            None => webui::read(texts.get(WEBUI_KEY)?)?,
        };
        Some(restored.within_bounds())
    }
}

impl Restored {
    fn within_bounds(mut self) -> Self {
        let Self { parameters, notes } = &mut self;
        let settings = &mut parameters.settings;
        let n_steps = settings.n_steps.clamp(1, N_LEVELS);
        if n_steps != settings.n_steps {
            notes.push(format!(
                "It was made in {} steps; there are 1 to {N_LEVELS} here.",
                settings.n_steps
            ));
            settings.n_steps = n_steps;
        }
        let guidance = settings.guidance;
        settings.guidance = if guidance.is_nan() { 1.0 } else { guidance };
        settings.guidance = settings.guidance.clamp(-MOST_GUIDANCE, MOST_GUIDANCE);
        if let Sampler::Ddim { eta } = &mut settings.sampler {
            *eta = if eta.is_nan() {
                0.0
            } else {
                eta.clamp(0.0, 1.0)
            };
        }
        let part = |part: f64| {
            if part.is_nan() {
                0.0
            } else {
                part.clamp(0.0, 1.0)
            }
        };
        parameters.strength = parameters.strength.map(part);
        if let Some((_, share)) = &mut parameters.mixed_with {
            *share = part(*share);
        }
        parameters.caption = shortened(&parameters.caption);
        self
    }
}

/// The first [`MAX_CAPTION`] bytes, cut between letters.
fn shortened(caption: &str) -> String {
    caption[..caption.floor_char_boundary(MAX_CAPTION)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::diffusion::Spacing;

    fn parameters() -> Parameters {
        Parameters {
            model: "faces".to_owned(),
            caption: "a girl, blue hair: \"smiling\"\nÉva".to_owned(),
            mixed_with: Some(("a boy".to_owned(), 0.25)),
            seed: u64::MAX,
            count: 16,
            side: 64,
            settings: Settings {
                n_steps: 30,
                guidance: 2.5,
                is_clamped: false,
                ..Settings::of(Sampler::Ddim { eta: 0.5 })
            },
            strength: Some(0.6),
        }
    }

    fn png() -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::new(2, 2);
        picture
            .write_to(&mut bytes, image::ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_saved_picture_gives_back_everything_it_was_made_with() {
        for sampler in Sampler::ALL {
            let written = Parameters {
                settings: Settings::of(sampler),
                ..parameters()
            };
            let saved = written.write_into(&png());
            let restored = Parameters::read_from(&png_text::of_bytes(&saved)).unwrap();
            assert_eq!(restored.parameters, written);
            assert!(restored.notes.is_empty());
        }
    }

    #[test]
    fn the_words_are_those_of_the_web_ui() {
        let mut written = parameters();
        written.settings.sampler = Sampler::EulerAncestral;
        written.settings.spacing = Spacing::Karras;
        written.seed = 7;
        assert_eq!(
            written.webui(),
            "a girl, blue hair: \"smiling\"\nÉva\nSteps: 30, Sampler: Euler a, Schedule type: Karras, \
             CFG scale: 2.5, Seed: 7, Size: 64x64, Model: faces, Denoising strength: 0.6, Version: Glassbox"
        );
    }

    #[test]
    fn what_the_web_ui_wrote_is_restored_and_what_is_unknown_is_said() {
        let texts = |text: &str| Texts {
            texts: vec![("parameters".to_owned(), text.to_owned())],
            n_left: 0,
        };
        let read = |text: &str| Parameters::read_from(&texts(text));
        let restored = read(
            "portrait of a woman, smiling\nNegative prompt: hat, beard\nSteps: 20, Sampler: DPM++ 2M, \
             Schedule type: Karras, CFG scale: 7, Seed: 123456789, Size: 512x512, Model hash: cc6cb27103, \
             Model: v1-5-pruned-emaonly, Hashes: \"vae: a, b\", Version: v1.9.4",
        )
        .unwrap();
        let Restored { parameters, notes } = restored;
        assert_eq!(parameters.caption, "portrait of a woman, smiling");
        assert_eq!(parameters.model, "v1-5-pruned-emaonly");
        assert_eq!((parameters.seed, parameters.side), (123_456_789, 512));
        let settings = parameters.settings;
        assert_eq!((settings.n_steps, settings.guidance), (20, 7.0));
        assert_eq!(settings.spacing, Spacing::Karras);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].contains("DPM++ 2M") && notes[1].contains("hat, beard"));
        let older =
            read("a cat\nSteps: 9, Sampler: Heun, CFG scale: 1e999, Seed: -1, Size: axb").unwrap();
        assert_eq!(older.parameters.settings.sampler, Sampler::Heun);
        assert!(older.parameters.settings.guidance.is_finite());
        for other in ["", "a cat", "Steps:", "Seed: 1", "Steps: x, Sampler: y"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn numbers_that_make_no_sense_come_within_bounds() {
        let json = "{\"model\":\"m\",\"caption\":\"c\",\"seed\":1,\"side\":64,\"sampler\":{\"ddim\":{\"eta\":9}},\
                    \"spacing\":\"leading\",\"n_steps\":100000,\"guidance\":1e300,\"is_clamped\":true,\"strength\":-3}";
        let texts = Texts {
            texts: vec![("glassbox".to_owned(), json.to_owned())],
            n_left: 0,
        };
        let Restored { parameters, notes } = Parameters::read_from(&texts).unwrap();
        let settings = parameters.settings;
        assert_eq!((settings.n_steps, settings.guidance), (1000, MOST_GUIDANCE));
        assert_eq!(settings.sampler, Sampler::Ddim { eta: 1.0 });
        assert_eq!(parameters.strength, Some(0.0));
        assert!(notes[0].contains("100000"));
    }

    #[test]
    fn a_caption_of_a_megabyte_is_cut_between_letters() {
        let written = Parameters {
            caption: "é".repeat(1 << 19),
            ..parameters()
        };
        let texts = png_text::of_bytes(&written.write_into(&png()));
        let restored = Parameters::read_from(&texts).unwrap();
        assert_eq!(restored.parameters.caption, "é".repeat(MAX_CAPTION / 2));
    }
}
