//! `glassbox train …`: trains a model from nothing, with checkpoints and resume.

mod autoencoder;
mod diffusion;
mod gan;
mod judge;
mod lm;
mod sound;

use super::common::Common;
use super::output::Report;
use crate::labs::training::Source;
use crate::refusal::Result;
use std::path::Path;

/// Minutes of a training whose end was not given.
const MINUTES: f64 = 5.0;

/// What to train.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// The models that can be trained.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// A network that squeezes a picture into a few numbers and unfolds it again
    Autoencoder(autoencoder::Args),
    /// A network that takes the noise out of pictures, steered by words (a U-Net)
    Diffusion(diffusion::Args),
    /// A generator of pictures and the discriminator it fights with (a DCGAN)
    Gan(gan::Args),
    /// A judge that reads what pictures show: the attributes of faces, or which digit it is
    Judge(judge::Args),
    /// A small language model (GPT-2's architecture, 1.4 million weights) with its own vocabulary
    Lm(lm::Args),
    /// A network that makes short phrases of music out of noise, steered by words (a U-Net)
    Sound(sound::Args),
}

/// Trains and reports.
///
/// # Errors
/// When the data or the checkpoint cannot be read, the files cannot be written, or training fails.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    match &args.what {
        What::Autoencoder(args) => autoencoder::run(args, common),
        What::Diffusion(args) => diffusion::run(args, common),
        What::Gan(args) => gan::run(args, common),
        What::Judge(args) => judge::run(args, common),
        What::Lm(args) => lm::run(args, common),
        What::Sound(args) => sound::run(args, common),
    }
}

/// A number of steps that can be taken.
fn steps(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(steps) if steps > 0 => Ok(steps),
        _ => Err("give steps as a whole number above 0".to_owned()),
    }
}

/// A number of minutes that time can be.
fn minutes(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(minutes) if minutes > 0.0 && f64::is_finite(minutes) => Ok(minutes),
        _ => Err("give minutes as a number above 0".to_owned()),
    }
}

/// What `--data` means: a name of what ships, a folder of our faces, or one of any pictures. A folder
/// that is called as what ships is given as `./faces`.
fn source_of(path: &Path) -> Source {
    match path.to_str() {
        Some("faces") => Source::Faces,
        Some("digits") => Source::Digits,
        _ if path.join("faces-0.tsv").is_file() => Source::FacesFolder(path.to_owned()),
        _ => Source::Folder(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_minutes_are_above_nothing() {
        assert_eq!(steps("20"), Ok(20));
        assert_eq!(minutes("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "", "1e400", "NaN", "inf", "many"] {
            assert!(steps(wrong).is_err() && minutes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_ships_is_named_and_anything_else_is_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(source_of(Path::new("faces")), Source::Faces);
        assert_eq!(source_of(Path::new("digits")), Source::Digits);
        let path = folder.path().to_owned();
        assert_eq!(source_of(&path), Source::Folder(path.clone()));
        std::fs::write(path.join("faces-0.tsv"), "").unwrap();
        assert_eq!(source_of(&path), Source::FacesFolder(path));
    }
}
