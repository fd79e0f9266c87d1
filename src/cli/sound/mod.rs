//! `glassbox sound …`: see and hear.

mod invert;
mod make;
mod play;
mod spectrogram;

use super::common::Common;
use super::output::Report;
use crate::refusal::Result;

/// What to do with sound.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// What can be done with sound.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Find the sound of a picture, or the phase that a sound's spectrogram lacks (Griffin-Lim)
    Invert(invert::Args),
    /// Make a phrase of music out of noise, steered by words
    Make(Box<make::Args>),
    /// Play a sound on this machine's output
    Play(play::Args),
    /// Draw a sound as a picture in Riffusion's format
    Spectrogram(spectrogram::Args),
}

/// Does it and reports.
///
/// # Errors
/// What cannot be read, written or heard.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    match &args.what {
        What::Invert(args) => invert::run(args, common),
        What::Make(args) => make::run(args, common),
        What::Play(args) => play::run(args, common),
        What::Spectrogram(args) => spectrogram::run(args, common),
    }
}
