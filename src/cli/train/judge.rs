//! `glassbox train judge`: a small network that reads what made pictures show.

use super::{MINUTES, minutes, steps};
use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::device;
use crate::labs::judge::{Checkpoint, Event, Lessons, Outcome, Recipe, Right, Training};
use crate::labs::judge::{digits, faces, faces_of, phrases_of};
use crate::refusal::Result;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::{Path, PathBuf};

/// How a judge is trained.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes PATH.safetensors (the judge, f16) and PATH.checkpoint, which --resume takes. One picture in 11 is never learned from; on those the shares of right answers are measured. Without --steps or --minutes it trains for 5 minutes. Losses are nats per question."
)]
pub(super) struct Args {
    /// What to learn from: faces (the 4,000 that ship), digits, a folder drawn by assets/faces, or a .phrases file of `train sound`
    #[arg(long, value_name = "faces|digits|PATH", default_value = "faces")]
    data: String,
    /// Stop after N steps in all; the same steps and seed give the same judge
    #[arg(long, value_name = "N", value_parser = steps)]
    steps: Option<usize>,
    /// Stop after M minutes of work in all
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Go on from a checkpoint, with its seed
    #[arg(long, value_name = "PATH")]
    resume: Option<PathBuf>,
    /// Where the judge goes
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
}

/// Trains and reports.
pub(super) fn run(args: &Args, common: &Common) -> Result<Report> {
    let resume = args.resume.as_deref().map(Checkpoint::read).transpose()?;
    let mut recipe = Recipe::new(common.seed, args.out.clone());
    recipe.n_steps = args.steps;
    recipe.minutes = match (args.steps, args.minutes) {
        (None, None) => Some(MINUTES),
        (_, minutes) => minutes,
    };
    let compute = common.compute.get();
    compute.set_threads();
    let device = device::choose(compute.device)?.device;
    let bar = common.progress_bar("reading the pictures");
    // Until the first step nothing would be lost: Ctrl-C ends it at once.
    let prepare = || Training::prepare(recipe, lessons(&args.data)?, resume.as_ref(), &device);
    let training = common.stop.while_waiting(prepare)?;
    let outcome = training.run(&mut |event| {
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    let held_out = outcome
        .held_out
        .iter()
        .map(|right| (&right.question, right.share));
    let document = json!({
        "steps": outcome.n_steps,
        "losses": outcome.losses,
        "held_out": held_out.collect::<std::collections::BTreeMap<_, _>>(),
        "millis_per_step": outcome.millis_per_step,
        "files": outcome.files,
        "stopped": outcome.stopped,
    });
    Ok(Report::new(document, in_words(&outcome)))
}

fn lessons(data: &str) -> Result<Lessons> {
    match data {
        "faces" => faces(),
        "digits" => digits(),
        file if Path::new(file).is_file() => phrases_of(Path::new(file)),
        folder => faces_of(Path::new(folder)),
    }
}

/// Progress on stderr: the bar, and a line for what is worth reading later.
fn show(event: &Event, bar: &ProgressBar, common: &Common) {
    let line = |line: String| bar.suspend(|| common.remark(&line));
    match event {
        Event::Working => {}
        Event::Prepared {
            n_weights,
            n_pictures,
            n_held_out,
            ..
        } => line(format!(
            "{n_weights} weights, {n_pictures} pictures to learn from, {n_held_out} held out"
        )),
        Event::Step {
            step,
            loss,
            pictures_per_sec,
            progress,
        } => {
            bar.set_position((progress * 1000.0) as u64);
            bar.set_message(format!(
                "step {step}, loss {loss:.3}, {pictures_per_sec:.0} pictures/s"
            ));
        }
        Event::HeldOut { step, right } => line(format!("step {step}: {}", shares(right))),
        Event::Saved { step, .. } => line(format!("step {step}: saved")),
    }
}

/// "right about mood 98.20 %, hair 97.10 % of held-out pictures".
fn shares(right: &[Right]) -> String {
    let each = right
        .iter()
        .map(|r| format!("{} {:.2} %", r.question, 100.0 * r.share));
    let each: Vec<String> = each.collect();
    format!("right about {} of held-out pictures", each.join(", "))
}

fn in_words(outcome: &Outcome) -> String {
    if outcome.files.is_empty() {
        return "Stopped before the first step: nothing was written.".to_owned();
    }
    let first = outcome.losses.first().copied().unwrap_or(f32::NAN);
    let last = outcome.losses.last().copied().unwrap_or(f32::NAN);
    let held_out = match &outcome.held_out[..] {
        [] => String::new(),
        right => format!("\n{}", shares(right)),
    };
    let files: Vec<String> = outcome
        .files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let stopped = if outcome.stopped {
        "Stopped; go on with --resume and the checkpoint.\n"
    } else {
        ""
    };
    format!(
        "{stopped}{} steps, {:.0} ms each; loss {first:.3} → {last:.3}{held_out}\n{}",
        outcome.n_steps,
        outcome.millis_per_step,
        files.join("\n"),
    )
}
