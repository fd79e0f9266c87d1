//! `glassbox sound spectrogram IN -o OUT.png`: a sound as a picture in Riffusion's format.

use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::labs::sound::opening;
use crate::labs::sound::pictures::{self, Params};
use crate::labs::writing::write_whole;
use crate::refusal::Result;
use serde_json::json;
use std::path::PathBuf;

/// What is drawn, and where it goes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A column is 10 ms, a row one of 512 mel filters from 0 to 10,000 Hz, the lowest at the bottom, and black is loud: a pixel is 255 − 255 · (S / largest)^¼. The PNG says so in EXIF tags, as Riffusion's do, and `glassbox sound invert` makes it sound again."
)]
pub struct Args {
    /// Where the stretch begins, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 0.0)]
    from: f64,
    /// How long the stretch is, in seconds; to the end, a minute at most, unless given
    #[arg(long, value_name = "SECS")]
    secs: Option<f64>,
    /// The sound: WAV, FLAC, MP3 or Ogg Vorbis
    #[arg(value_name = "IN.wav")]
    sound: PathBuf,
    /// Where the PNG goes
    #[arg(short = 'o', long = "out", value_name = "OUT.png")]
    out: PathBuf,
}

/// The longest stretch that becomes a picture, in seconds.
const MOST_SECS: f64 = 59.9;

/// Draws and writes.
///
/// # Errors
/// A file that is no sound, or a picture that cannot be written.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    common.compute.get().set_threads();
    let opened = opening::open(&args.sound, &mut |_| common.stop.flow())?;
    let secs = args
        .secs
        .unwrap_or(MOST_SECS)
        .min(opened.sound.secs() - args.from);
    let params = Params::default();
    let of = pictures::of_sound(&opened.sound, args.from..args.from + secs, &params)?;
    let settings = json!({
        "sound": opened.sound.name(),
        "from_secs": args.from,
        "secs": of.secs,
    });
    let png = pictures::to_png(&of, &[("glassbox", &settings.to_string())])?;
    write_whole(&args.out, &png)?;
    let shape = params.shape();
    let document = json!({
        "sample_rate_hz": params.sample_rate_hz,
        "n_frames": of.picture.width,
        "n_mels": of.picture.height,
        "n_fft": shape.n_fft,
        "win_length": shape.win_length,
        "hop_length": shape.hop_length,
        "largest": of.largest,
        "secs": of.secs,
        "notes": opened.sound.notes(),
        "files": [args.out],
    });
    let words = format!(
        "{:.2} s of sound: {} columns of 10 ms, {} rows from {} to {} Hz; black is {:.3e}\n{}\n",
        of.secs,
        of.picture.width,
        of.picture.height,
        params.min_frequency_hz,
        params.max_frequency_hz,
        of.largest,
        args.out.display()
    );
    Ok(Report::new(document, words))
}
