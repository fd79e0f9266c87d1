//! `glassbox sound invert IN -o OUT.wav`: the sound of a picture, or of a sound without its phase.

use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::files::card::Card;
use crate::labs::sound::pictures::{self, Search};
use crate::labs::sound::{Depth, Sound, opening, phase, wav_bytes};
use crate::labs::writing::write_whole;
use crate::refusal::Result;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is inverted, and how.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A spectrogram says how strong each frequency is and not where its waves begin. Griffin-Lim begins with random phases (--seed) and keeps those that the sound of the step before has. A PNG with Riffusion's EXIF tags is read as they say, one of 512 grey rows as that format's, and any other picture with white as loud. Of a sound the phase is thrown away first. The spectral convergence is ‖ |c| − S ‖ / ‖S‖: 0 fits perfectly."
)]
pub struct Args {
    /// Steps of Griffin-Lim
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    iterations: u16,
    /// How far each step goes on in the direction of the last, from 0 to below 1
    #[arg(long, value_name = "M", default_value_t = 0.99, value_parser = momentum)]
    momentum: f32,
    /// Samples of a transform, for a sound
    #[arg(long, value_name = "N", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(16..=65_536))]
    n_fft: u32,
    /// Write 16-bit samples instead of 32-bit floating point
    #[arg(long)]
    int16: bool,
    /// A picture (PNG, JPEG) or a sound
    #[arg(value_name = "IN.png|IN.wav")]
    file: PathBuf,
    /// Where the WAV goes
    #[arg(short = 'o', long = "out", value_name = "OUT.wav")]
    out: PathBuf,
}

fn momentum(text: &str) -> std::result::Result<f32, String> {
    match text.parse() {
        Ok(momentum) if (0.0..1.0).contains(&momentum) => Ok(momentum),
        _ => Err("give a number from 0 to below 1".into()),
    }
}

/// What was found.
struct Found {
    sound: Sound,
    convergences: Vec<f64>,
    /// What only a picture has.
    of_picture: Value,
    n_frames: usize,
    n_mels: Option<usize>,
}

/// Inverts and writes.
///
/// # Errors
/// A file that is neither picture nor sound, or a WAV that cannot be written.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    common.compute.get().set_threads();
    let found = if Card::of(&args.file)?.kind == "picture" {
        of_picture(args, common)?
    } else {
        of_sound(args, common)?
    };
    let (sound, n_steps) = (&found.sound, found.convergences.len().saturating_sub(1));
    let depth = if args.int16 {
        Depth::Int16
    } else {
        Depth::Float32
    };
    let samples = sound.interleaved(0..usize::MAX)?;
    write_whole(
        &args.out,
        &wav_bytes(&samples, sound.sample_rate_hz(), 1, depth)?,
    )?;
    let convergence = found.convergences.last().copied();
    let was_stopped = n_steps < usize::from(args.iterations);
    let document = json!({
        "sample_rate_hz": sound.sample_rate_hz(),
        "n_frames": found.n_frames,
        "n_mels": found.n_mels,
        "iterations": n_steps,
        "momentum": args.momentum,
        "seed": common.seed,
        "spectral_convergence": convergence,
        "convergences": found.convergences,
        "secs": sound.secs(),
        "picture": found.of_picture,
        "stopped": was_stopped,
        "files": [args.out],
    });
    let words = format!(
        "{:.2} s of sound after {n_steps} steps{}; spectral convergence {:.4}\n{}\n",
        sound.secs(),
        if was_stopped { " (stopped)" } else { "" },
        convergence.unwrap_or(0.0),
        args.out.display()
    );
    Ok(Report::new(document, words))
}

fn of_picture(args: &Args, common: &Common) -> Result<Found> {
    let looked = pictures::look(&args.file)?;
    let name = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let search = Search {
        n_steps: usize::from(args.iterations),
        momentum: args.momentum,
        seed: common.seed,
        ..Search::default()
    };
    let bar = common.progress_bar("steps");
    let heard = pictures::hear(
        &looked.picture,
        &name,
        &looked.reading,
        &search,
        &mut |step| {
            bar.set_position((step.n_steps * 1000 / search.n_steps.max(1)) as u64);
            common.stop.flow()
        },
    )?;
    bar.finish_and_clear();
    let read_as = match looked.source {
        pictures::Source::Tags => "Riffusion's format, as its tags say",
        pictures::Source::Size => "Riffusion's format, by its 512 rows",
        pictures::Source::Any => "a picture with white as loud",
    };
    Ok(Found {
        of_picture: json!({
            "read_as": read_as,
            "largest": looked.reading.largest,
            "gain": heard.gain,
        }),
        sound: heard.sound,
        convergences: heard.convergences,
        n_frames: looked.picture.width,
        n_mels: Some(looked.picture.height),
    })
}

fn of_sound(args: &Args, common: &Common) -> Result<Found> {
    let opened = opening::open(&args.file, &mut |_| common.stop.flow())?;
    let settings = phase::Settings {
        n_fft: args.n_fft as usize,
        hop_length: args.n_fft as usize / 4,
        momentum: args.momentum,
        seed: common.seed,
        ..phase::Settings::default()
    };
    let n_steps = usize::from(args.iterations);
    let bar = common.progress_bar("steps");
    let (sound, convergences) = phase::find(&opened.sound, &settings, n_steps, &mut |n| {
        bar.set_position((n * 1000 / n_steps.max(1)) as u64);
        common.stop.flow()
    })?;
    bar.finish_and_clear();
    Ok(Found {
        n_frames: sound.len() / settings.hop_length + 1,
        of_picture: Value::Null,
        sound,
        convergences,
        n_mels: None,
    })
}
