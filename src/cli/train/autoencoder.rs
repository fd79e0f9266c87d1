//! `glassbox train autoencoder`: a network that squeezes a picture into a few numbers.

use super::{MINUTES, minutes, source_of, steps};
use crate::cli::{Common, Report};
use crate::labs::autoencoder::run as train;
use crate::labs::autoencoder::{
    Checkpoint, Controls, Event, Fault, MAX_CODE, Outcome, Recipe, Source,
};
use crate::refusal::Result;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::PathBuf;

/// Seconds of work between two checkpoints, and between two looks at held-out pictures.
const CHECKPOINT_EVERY_SECS: f64 = 120.0;
const LOOK_EVERY_SECS: f64 = 10.0;

/// How an autoencoder is trained.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes PATH.safetensors (the average of the weights, f16) and PATH.checkpoint, which --resume takes, every two minutes of work and at the end. Without --steps or --minutes it trains for 5 minutes; two are enough for faces at 32 x 32. The learning rate falls evenly until that end. One picture in 10 is never learned from; on those the error is measured. Losses are mean squared errors of pixels from -1 to 1."
)]
pub(super) struct Args {
    /// Learn from: faces, digits (both ship), or a folder of faces drawn by assets/faces, or of pictures
    #[arg(long, value_name = "PATH|faces|digits")]
    data: Option<PathBuf>,
    /// Numbers that a picture is squeezed into [default: 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_CODE as i64))]
    code: Option<u16>,
    /// Pixels along a side: 16, 32 or 64 [default: 32; digits: 16]
    #[arg(long, value_name = "N", value_parser = ["16", "32", "64"])]
    side: Option<String>,
    /// Channels of the maps next to the picture [default: 24]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    width: Option<u16>,
    /// Pictures of a step [default: 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch: Option<u16>,
    /// How far the weights move in a step [default: 0.004]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    learning_rate: Option<f64>,
    /// Stop after N steps in all; the same steps and seed give the same model
    #[arg(long, value_name = "N", value_parser = steps)]
    steps: Option<usize>,
    /// Stop after M minutes of work in all
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Go on from a checkpoint, with its seed, its shape and what it learned from
    #[arg(long, value_name = "PATH", conflicts_with_all = ["code", "side", "width"])]
    resume: Option<PathBuf>,
    /// Where the model goes
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
}

/// A learning rate that moves something.
fn rate(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate < 1.0 => Ok(rate),
        _ => Err("give a learning rate above 0 and below 1".to_owned()),
    }
}

/// Trains and reports.
///
/// # Errors
/// When the pictures or the checkpoint cannot be read, the files cannot be written, or the numbers run away.
pub(super) fn run(args: &Args, common: &Common) -> Result<Report> {
    let resume = args.resume.as_deref().map(Checkpoint::read).transpose()?;
    let (mut recipe, state) = if let Some(Checkpoint { recipe, state }) = resume {
        (recipe, Some(state))
    } else {
        (new_recipe(args, common), None)
    };
    if let Some(data) = args.data.as_deref().filter(|_| state.is_some()) {
        recipe.source = source_of(data);
    }
    let settings = &mut recipe.settings;
    settings.batch = args.batch.map_or(settings.batch, usize::from);
    settings.learning_rate = args.learning_rate.unwrap_or(settings.learning_rate);
    recipe.checkpoint = Some(args.out.clone());
    recipe.checkpoint_every_secs = CHECKPOINT_EVERY_SECS;
    recipe.snapshot_every_secs = LOOK_EVERY_SECS;
    recipe.n_steps = args.steps;
    recipe.minutes = match (args.steps, args.minutes) {
        (None, None) => Some(MINUTES),
        (_, minutes) => minutes,
    };
    common.compute.get().set_threads();
    let controls = Controls::new(recipe.settings.clone());
    let bar = common.progress_bar("reading the pictures");
    let mut held_out = Vec::new();
    let outcome = train(&recipe, state.as_ref(), &controls, &mut |event| {
        if let Event::Snapshot(snapshot) = &event {
            held_out.push((snapshot.step, snapshot.fault));
        }
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    // Told already, where training went on after it; else it is why there is nothing to report.
    if let (Some(trouble), true) = (&outcome.trouble, outcome.files.is_empty()) {
        return Err(trouble.clone());
    }
    let held_out = held_out
        .iter()
        .map(|(step, fault)| json!({ "step": step, "mse": fault.mse, "psnr_db": fault.psnr_db }));
    let document = json!({
        "steps": outcome.n_steps,
        "losses": outcome.losses,
        "code": recipe.d_code,
        "mse": outcome.fault.mse,
        "psnr_db": outcome.fault.psnr_db,
        "held_out": held_out.collect::<Vec<_>>(),
        "millis_per_step": outcome.millis_per_step,
        "files": outcome.files,
        "stopped": outcome.stopped,
        "trouble": outcome.trouble,
    });
    Ok(Report::new(document, in_words(&outcome, recipe.d_code)))
}

fn new_recipe(args: &Args, common: &Common) -> Recipe {
    let mut recipe = Recipe::new(args.data.as_deref().map_or(Source::Faces, source_of));
    recipe.seed = common.seed;
    let side = args.side.as_ref().and_then(|side| side.parse().ok());
    recipe.side = side.unwrap_or(recipe.side);
    recipe.d_code = args.code.map_or(recipe.d_code, usize::from);
    recipe.width = args.width.map_or(recipe.width, usize::from);
    recipe
}

/// Progress on stderr: the bar, and a line for what is worth reading later.
fn show(event: &Event, bar: &ProgressBar, common: &Common) {
    let line = |line: String| bar.suspend(|| common.remark(&line));
    match event {
        Event::Working => {}
        Event::Prepared(prepared) => {
            let (n, n_held_out) = (prepared.pictures.len(), prepared.held_out.len());
            line(format!(
                "{} pictures to learn from, {n_held_out} held out, {} weights",
                n - n_held_out,
                prepared.n_weights
            ));
            for left_out in &prepared.left_out {
                line(format!("left out: {left_out}"));
            }
        }
        Event::Turn(turn) => {
            bar.set_position((turn.progress.unwrap_or(0.0) * 1000.0) as u64);
            bar.set_message(format!(
                "step {}, loss {:.4}, {:.0} pictures/s",
                turn.step, turn.loss, turn.pictures_per_sec
            ));
        }
        Event::Snapshot(snapshot) => line(format!(
            "step {}, {:.0} s: {} on held-out pictures",
            snapshot.step,
            snapshot.secs,
            off(&snapshot.fault)
        )),
        Event::Saved { step, .. } => line(format!("step {step}: saved")),
        Event::Trouble(refusal) => line(refusal.to_string()),
    }
}

/// "24.10 dB (mean squared error 253.0 of 0-255)".
fn off(fault: &Fault) -> String {
    format!(
        "{:.2} dB (mean squared error {:.1} of pixels from 0 to 255)",
        fault.psnr_db, fault.mse
    )
}

fn in_words(outcome: &Outcome, d_code: usize) -> String {
    if outcome.files.is_empty() {
        return "No step was taken: nothing was written.".to_owned();
    }
    let files = outcome.files.iter().map(|path| path.display().to_string());
    let files: Vec<String> = files.collect();
    let stopped = if outcome.stopped {
        "Stopped; go on with --resume and the checkpoint.\n"
    } else {
        ""
    };
    format!(
        "{stopped}{} steps, {:.1} ms each; with {d_code} numbers: {}\n{}",
        outcome.n_steps,
        outcome.millis_per_step,
        off(&outcome.fault),
        files.join("\n"),
    )
}
