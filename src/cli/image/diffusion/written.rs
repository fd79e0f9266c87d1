//! What is written: the pictures side by side, each by itself, and the way to it.

use super::asked::{Asked, name};
use super::{Args, Drawn};
use crate::cli::image::stopped;
use crate::files::atlas::{self, Pictures};
use crate::labs::diffusion::captions::{Attribute, Parsed};
use crate::labs::diffusion::noising::bytes;
use crate::labs::diffusion::parameters::Parameters;
use crate::labs::diffusion::sampling::Step;
use crate::labs::diffusion::{About, Denoiser};
use crate::labs::writing::{make_place, write_whole};
use crate::refusal::Result;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Pictures in one row of a film strip.
const STRIP_COLUMNS: usize = 50;
/// Noise of three standard deviations is shown as black or white.
const DEVIATIONS: f32 = 3.0;

/// One way from noise to a picture, in three strips.
pub(super) struct Film([Pictures; 3]);

impl Film {
    pub(super) fn new(about: &About) -> Self {
        Self([(); 3].map(|()| none(about)))
    }

    pub(super) fn add(&mut self, step: &Step) {
        let noise: Vec<f32> = step.noise_pred.iter().map(|x| x / DEVIATIONS).collect();
        let rows = [&step.x_t, &noise, &step.x0_pred];
        for (strip, row) in self.0.iter_mut().zip(rows) {
            strip.pixels.extend(bytes(row));
        }
    }
}

fn none(about: &About) -> Pictures {
    Pictures {
        side: about.side,
        n_channels: about.n_channels,
        pixels: Vec::new(),
    }
}

impl<'a> Drawn<'a> {
    pub(super) fn new(args: &'a Args, asked: &Asked, denoiser: &Denoiser) -> Self {
        Self {
            args,
            parameters: Parameters {
                model: asked.model.clone(),
                caption: asked.caption.clone(),
                mixed_with: asked.mixed_with.clone(),
                seed: asked.seed,
                count: 0,
                side: denoiser.about().side,
                settings: asked.settings,
                strength: asked.strength,
            },
            pictures: none(denoiser.about()),
            files: Vec::new(),
            n_steps: 0,
            secs: 0.0,
            beyond: 0.0,
        }
    }

    pub(super) fn add(&mut self, picture: &[f32]) {
        self.pictures.pixels.extend(bytes(picture));
        self.parameters.count += 1;
    }

    /// All pictures in one PNG; refuses when there is none.
    pub(super) fn write_sheet(&mut self) -> Result<()> {
        if self.pictures.is_empty() {
            return Err(stopped());
        }
        let columns = (self.pictures.len() as f64).sqrt().ceil() as usize;
        let png = atlas::png(&self.pictures, columns)?;
        let path = &self.args.out;
        write_whole(path, &self.parameters.write_into(&png))?;
        self.files.insert(0, path.clone());
        Ok(())
    }

    /// The last picture by itself, and the strips of its way.
    pub(super) fn write_frames(&mut self, folder: &Path, seed: u64, film: &Film) -> Result<()> {
        let last = self.pictures.len().saturating_sub(1);
        let one = Pictures {
            pixels: self.pictures.get(last).unwrap_or_default().to_vec(),
            ..self.pictures
        };
        let parameters = Parameters {
            seed,
            count: 1,
            ..self.parameters.clone()
        };
        let path = folder.join(format!("{seed}.png"));
        make_place(&path)?;
        write_whole(&path, &parameters.write_into(&atlas::png(&one, 1)?))?;
        self.files.push(path);
        for (strip, name) in film.0.iter().zip(["x_t", "noise", "x0"]) {
            // With strength 0 there is no way to show.
            if !strip.is_empty() {
                let path = folder.join(format!("{seed}-{name}.png"));
                write_whole(&path, &atlas::png(strip, STRIP_COLUMNS)?)?;
                self.files.push(path);
            }
        }
        Ok(())
    }

    fn millis_per_step(&self) -> f64 {
        1000.0 * self.secs / self.n_steps.max(1) as f64
    }

    pub(super) fn document(&self, parsed: &Parsed, attributes: &[Attribute]) -> Value {
        let said = attributes
            .iter()
            .zip(&parsed.rows)
            .filter_map(|(attribute, &row)| {
                let value = attribute.values.get((row as usize).checked_sub(1)?)?;
                Some((attribute.name.clone(), json!(value)))
            });
        let Parameters {
            model,
            caption,
            seed,
            count,
            settings,
            strength,
            ..
        } = &self.parameters;
        json!({
            "files": self.files,
            "seed": seed,
            "count": count,
            "millis_per_step": self.millis_per_step(),
            "model": model,
            "caption": caption,
            "asked": Value::Object(said.collect()),
            "unknown": parsed.unknown,
            "scheduler": name(settings.sampler),
            "steps": settings.n_steps,
            "guidance": settings.guidance,
            "strength": strength,
            "beyond": self.beyond,
        })
    }

    pub(super) fn words(&self) -> String {
        let Parameters {
            count,
            settings,
            side,
            ..
        } = &self.parameters;
        let plural = if *count == 1 { "" } else { "s" };
        let mut words = format!(
            "{count} picture{plural} of {side} × {side} pixels, {} in {} steps at guidance {}: {:.1} ms a step\n",
            settings.sampler.name(),
            settings.n_steps,
            settings.guidance,
            self.millis_per_step()
        );
        if self.beyond > 0.2 {
            let _ = writeln!(
                words,
                "up to {:.0} % of the clean picture was beyond black and white: the guidance is strong",
                100.0 * self.beyond
            );
        }
        let _ = writeln!(words, "{}", self.args.out.display());
        if let Some(folder) = &self.args.frames {
            let _ = writeln!(
                words,
                "and each by itself, with its way there, in {}",
                folder.display()
            );
        }
        words
    }
}
