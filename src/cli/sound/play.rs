//! `glassbox sound play FILE`: plays a sound, sample for sample where the output takes its rate.

use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::files::sound::{self, Sound};
use crate::jobs::speaker::{Phase, SPEEDS, Source, Speaker, Start, Status};
use crate::refusal::{Refusal, Result};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// What is played, and how.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It is played at its own rate where the output takes that, and then the very samples go out, at full volume unchanged; otherwise they are resampled. Ctrl-C ends it."
)]
pub struct Args {
    /// The sound: WAV, FLAC, MP3 or Ogg Vorbis
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where it begins, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 0.0, value_parser = secs)]
    from: f64,
    /// How fast, from 0.25 to 2; pitch follows
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// What the samples are multiplied with, from 0 to 1
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = volume)]
    volume: f32,
}

fn secs(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(secs) if secs >= 0.0 && f64::is_finite(secs) => Ok(secs),
        _ => Err("give seconds as a number from 0 on".into()),
    }
}

fn speed(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(speed) if SPEEDS.contains(&speed) => Ok(speed),
        _ => Err(format!(
            "give a factor from {} to {}",
            SPEEDS.start(),
            SPEEDS.end()
        )),
    }
}

fn volume(text: &str) -> std::result::Result<f32, String> {
    match text.parse() {
        Ok(volume) if (0.0..=1.0).contains(&volume) => Ok(volume),
        _ => Err("give a factor from 0 to 1".into()),
    }
}

/// How often Ctrl-C is looked for while nothing else happens.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Plays and reports.
///
/// # Errors
/// A file that is no sound, or no output to hear it on.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let (changed, changes) = sync_channel(1);
    let speaker = Speaker::new(Arc::new(move || _ = changed.try_send(())))?;
    speaker.set_volume(args.volume);
    speaker.set_speed(args.speed);
    let begin = |sound: &Sound| {
        let from = args.from * f64::from(sound.sample_rate_hz());
        let start = Start { from, looped: None };
        speaker.play(Arc::new(Playable(sound.clone())), start);
    };
    let mut has_begun = false;
    let sound = sound::open(&args.file, &mut |sound| {
        // A long one is heard while it is still being read.
        if !std::mem::replace(&mut has_begun, true) {
            begin(sound);
        }
        common.stop.flow()
    })?;
    if !has_begun {
        begin(&sound);
    }
    let status = until_its_end(&speaker, &changes, common)?;
    let rate = f64::from(sound.sample_rate_hz());
    let heard = (speaker.place() / rate).min(sound.secs());
    let name = status.output.as_ref().map_or("", |output| &output.name);
    let document = json!({
        "file": args.file,
        "secs": sound.secs(),
        "sample_rate_hz": sound.sample_rate_hz(),
        "n_channels": sound.n_channels(),
        "n_frames": sound.len(),
        "heard_until_secs": heard,
        "stopped": status.phase != Phase::Ended,
        "output": status.output,
        "resampled": status.is_resampled,
        "gaps": speaker.n_gaps(),
    });
    let words = format!("{heard:.2} s of {:.2} s on {name}\n", sound.secs());
    Ok(Report::new(document, words))
}

/// Waits until all of it was heard, or Ctrl-C.
fn until_its_end(speaker: &Speaker, changes: &Receiver<()>, common: &Common) -> Result<Status> {
    let mut has_played = false;
    let mut trouble = None;
    loop {
        let status = speaker.status();
        match status.phase {
            Phase::Playing => {
                has_played = true;
                trouble = None;
            }
            Phase::Ended => return Ok(status),
            Phase::Waiting if !has_played => return Err(unheard(&status)),
            Phase::Waiting if trouble != status.trouble => {
                let why = status.trouble.as_deref().unwrap_or("the output is gone");
                common.remark(&format!(
                    "Paused: {why}. It goes on when an output is there."
                ));
                trouble.clone_from(&status.trouble);
            }
            _ => {}
        }
        if common.stop.is_set() {
            speaker.pause();
            return Ok(status);
        }
        _ = changes.recv_timeout(LOOK_EVERY);
    }
}

fn unheard(status: &Status) -> Refusal {
    let why = status.trouble.as_deref().unwrap_or("no output answered");
    Refusal::unchanged(
        "Nothing can be heard on this machine",
        format!("{}.", why.trim_end_matches('.')),
        "Plug in or choose loudspeakers or headphones and try again; `glassbox doctor` tells what the system has.",
    )
}

/// A sound as the speaker reads it.
struct Playable(Sound);

impl Source for Playable {
    fn sample_rate_hz(&self) -> u32 {
        self.0.sample_rate_hz()
    }

    fn n_channels(&self) -> usize {
        self.0.n_channels()
    }

    fn n_frames(&self) -> usize {
        self.0.len()
    }

    fn is_growing(&self) -> bool {
        !self.0.is_whole()
    }

    fn read(&self, first: usize, frames: &mut [f32]) -> usize {
        let n = frames.len() / self.n_channels();
        let there = self.0.interleaved(first..first.saturating_add(n));
        // A disk that fails in the middle is silence.
        let there = there.unwrap_or_default();
        frames[..there.len()].copy_from_slice(&there);
        there.len() / self.n_channels()
    }
}
