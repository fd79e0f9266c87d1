//! `glassbox sound …`: see and hear.

mod play;

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
    /// Play a sound on this machine's output
    Play(play::Args),
}

/// Does it and reports.
///
/// # Errors
/// What cannot be read, written or heard.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    match &args.what {
        What::Play(args) => play::run(args, common),
    }
}
