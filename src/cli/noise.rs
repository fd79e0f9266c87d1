//! `glassbox noise --level T IN.png -o OUT.png`: noise on a picture.

use super::common::Common;
use super::output::Report;
use crate::files::picture_folder::{self, Picture};
use crate::labs::diffusion::noising::noise_bytes;
use crate::labs::diffusion::{N_LEVELS, Schedule};
use crate::labs::writing::write_whole;
use crate::refusal::{Refusal, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use serde_json::json;
use std::path::PathBuf;

/// What is noised, and how much.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "At level t the picture, as numbers from −1 to 1, is multiplied with √ᾱ and noise with √(1 − ᾱ) is added; what is then beyond −1 and 1 is shown as black and white. The picture keeps its size. Level T of N is the one that a sampler of N steps has T steps before its last: with N below 1000 it is level (T + 1) · 1000 / N − 1 of 1000."
)]
pub struct Args {
    /// How much noise: 0 hardly any, one less than --steps-total hardly anything else
    #[arg(long, value_name = "T")]
    level: usize,
    /// How many levels there are
    #[arg(long, value_name = "N", default_value_t = N_LEVELS, value_parser = total)]
    steps_total: usize,
    /// How noise grows with the level: cosine or linear
    #[arg(long, value_name = "NAME", default_value = "cosine", value_parser = ["cosine", "linear"])]
    schedule: String,
    /// The picture: PNG or JPEG
    #[arg(value_name = "IN.png")]
    picture: PathBuf,
    /// Where the PNG goes
    #[arg(short = 'o', long = "out", value_name = "OUT.png")]
    out: PathBuf,
}

fn total(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=N_LEVELS).contains(&n) => Ok(n),
        _ => Err(format!("give a number of levels from 1 to {N_LEVELS}")),
    }
}

/// Noises and writes.
///
/// # Errors
/// A level that is not there, a picture that cannot be read, or a file that cannot be written.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    if args.level >= args.steps_total {
        return Err(Refusal::unchanged(
            format!("There is no level {}", args.level),
            format!("Levels go from 0 to {}.", args.steps_total - 1),
            "Choose one of them, or more levels with --steps-total.",
        ));
    }
    let schedule = match args.schedule.as_str() {
        "linear" => Schedule::LINEAR,
        _ => Schedule::Cosine,
    };
    let t = ((args.level + 1) * N_LEVELS) as f64 / args.steps_total as f64 - 1.0;
    let level = schedule.levels().at(t);
    let mut picture = picture_folder::at_its_size(&args.picture)?;
    let row_bytes = picture.width * picture.n_channels;
    let go_on = &mut || common.stop.flow();
    if noise_bytes(&mut picture.pixels, row_bytes, &level, common.seed, go_on).is_break() {
        return Err(stopped());
    }
    write_whole(&args.out, &png(&picture)?)?;
    let document = json!({
        "alpha_cumprod": level.alpha_cumprod,
        "snr_db": level.snr_db(),
        "level": args.level,
        "steps_total": args.steps_total,
        "schedule": args.schedule,
        "seed": common.seed,
        "files": [args.out],
    });
    let words = format!(
        "level {} of {}: {:.4} of the picture's variance is left, {:.1} dB of signal to noise\n{}\n",
        args.level,
        args.steps_total,
        level.alpha_cumprod,
        level.snr_db(),
        args.out.display()
    );
    Ok(Report::new(document, words))
}

fn png(picture: &Picture) -> Result<Vec<u8>> {
    let color = if picture.n_channels == 1 {
        ExtendedColorType::L8
    } else {
        ExtendedColorType::Rgb8
    };
    let mut png = Vec::new();
    let (width, height) = (picture.width as u32, picture.height as u32);
    let written = PngEncoder::new(&mut png).write_image(&picture.pixels, width, height, color);
    written.map_err(|error| {
        Refusal::unchanged(
            "The picture cannot be written as a PNG",
            format!("Writing it failed: {error}."),
            "Choose a smaller picture.",
        )
    })?;
    Ok(png)
}

fn stopped() -> Refusal {
    Refusal::new(
        "Noising was stopped",
        "Not every row had its noise.",
        "Nothing was written.",
        "Start again, with a smaller picture if it took too long.",
    )
}
