//! `glassbox train diffusion`: a network that takes the noise out of pictures, steered by words.

use super::{MINUTES, minutes, source_of, steps};
use crate::cli::{Common, Report};
use crate::labs::diffusion::agreement::{Agreement, Exam};
use crate::labs::diffusion::training::{
    Checkpoint, Controls, Event, N_BANDS, Outcome, Recipe, Source, run as train,
};
use crate::labs::diffusion::{Prediction, Schedule};
use crate::refusal::Result;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Seconds of work between two checkpoints.
const CHECKPOINT_EVERY_SECS: f64 = 120.0;
/// Steps between two lines that tell the loss.
const TOLD_EVERY: usize = 500;

/// How a denoiser is trained.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes PATH.safetensors (the average of the weights, f16) and PATH.checkpoint, which --resume takes, every two minutes of work and at the end. Without --steps or --minutes it trains for 5 minutes. The learning rate falls evenly until that end. Losses are mean squared errors of pixels from -1 to 1, weighted by noise level."
)]
pub struct Args {
    /// Learn from: faces, digits (both ship), or a folder of faces drawn by assets/faces, or of pictures
    #[arg(long, value_name = "PATH|faces|digits")]
    data: Option<PathBuf>,
    /// Pixels along a side: 16, 32 or 64 [default: 32; digits: 16]
    #[arg(long, value_name = "N", value_parser = ["16", "32", "64"])]
    side: Option<String>,
    /// Pixels along a side of the network's patches: 1, 2, 4 or 8 [default: the side / 16]
    #[arg(long, value_name = "N", value_parser = ["1", "2", "4", "8"])]
    patch: Option<String>,
    /// Channels of the network's maps, from the widest to the smallest; multiples of 8
    #[arg(long, value_name = "W,W,W", value_parser = widths)]
    widths: Option<Widths>,
    /// What the network predicts: x0 (the clean picture), noise or v [default: x0]
    #[arg(long, value_name = "WHAT", value_parser = prediction)]
    prediction: Option<Prediction>,
    /// How the noise grows from level to level: cosine or linear [default: cosine]
    #[arg(long, value_name = "SCHEDULE", value_parser = schedule)]
    schedule: Option<Schedule>,
    /// Pictures of a step [default: 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch: Option<u16>,
    /// How far the weights move in a step [default: 0.001]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    learning_rate: Option<f64>,
    /// At every tenth and at the end, have the judge look at pictures of N random captions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=2000))]
    judge: Option<u16>,
    /// Stop after N steps in all; the same steps and seed give the same model
    #[arg(long, value_name = "N", value_parser = steps)]
    steps: Option<usize>,
    /// Stop after M minutes of work in all
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Go on from a checkpoint, with its seed, its shape and what it learned from
    #[arg(long, value_name = "PATH", conflicts_with_all = ["side", "patch", "widths", "prediction", "schedule"])]
    resume: Option<PathBuf>,
    /// Where the model goes
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
}

/// The widths of a network's three levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Widths([usize; 3]);

fn widths(text: &str) -> std::result::Result<Widths, String> {
    let numbers = text.split(',').map(|width| width.trim().parse().ok());
    let numbers: Option<Vec<usize>> = numbers.collect();
    let three = numbers.and_then(|numbers| numbers.try_into().ok());
    let fits = |widths: &[usize; 3]| {
        let mut each = widths.iter();
        each.all(|width| (8..=512).contains(width) && width.is_multiple_of(8))
    };
    let three = three.filter(fits).map(Widths);
    three.ok_or_else(|| "give three multiples of 8 up to 512, like 80,144,144".to_owned())
}

fn prediction(text: &str) -> std::result::Result<Prediction, String> {
    match text {
        "x0" => Ok(Prediction::X0),
        "noise" | "epsilon" => Ok(Prediction::Epsilon),
        "v" => Ok(Prediction::V),
        _ => Err("give x0, noise or v".to_owned()),
    }
}

fn schedule(text: &str) -> std::result::Result<Schedule, String> {
    match text {
        "cosine" => Ok(Schedule::Cosine),
        "linear" => Ok(Schedule::LINEAR),
        _ => Err("give cosine or linear".to_owned()),
    }
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
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let resume = args.resume.as_deref().map(Checkpoint::read).transpose()?;
    let (mut recipe, state) = if let Some(Checkpoint { recipe, state }) = resume {
        (recipe, Some(state))
    } else {
        (new_recipe(args, common), None)
    };
    if let Some(data) = args.data.as_deref().filter(|_| state.is_some()) {
        recipe.source = source_of(data).into();
    }
    let settings = &mut recipe.settings;
    settings.batch = args.batch.map_or(settings.batch, usize::from);
    settings.learning_rate = args.learning_rate.unwrap_or(settings.learning_rate);
    recipe.checkpoint = Some(args.out.clone());
    recipe.checkpoint_every_secs = CHECKPOINT_EVERY_SECS;
    recipe.n_shown = 0;
    recipe.keeps_states = false;
    recipe.exam = args.judge.map(|n| Exam {
        n_captions: usize::from(n),
        ..Exam::default()
    });
    recipe.n_steps = args.steps;
    recipe.minutes = match (args.steps, args.minutes) {
        (None, None) => Some(MINUTES),
        (_, minutes) => minutes,
    };
    common.compute.get().set_threads();
    let controls = Controls::new(recipe.settings.clone());
    let bar = common.progress_bar("reading the pictures");
    let outcome = train(&recipe, state.as_ref(), &controls, &mut |event| {
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    // Told already, where training went on after it; else it is why there is nothing to report.
    if let (Some(trouble), true) = (&outcome.trouble, outcome.files.is_empty()) {
        return Err(trouble.clone());
    }
    let judged = outcome.judged.iter();
    let document = json!({
        "steps": outcome.n_steps,
        "losses": outcome.losses,
        "millis_per_step": outcome.millis_per_step,
        "files": outcome.files,
        "judged": judged.map(|(step, agreement)| document(*step, agreement)).collect::<Vec<_>>(),
        "stopped": outcome.stopped,
        "trouble": outcome.trouble,
    });
    Ok(Report::new(document, in_words(&outcome)))
}

fn new_recipe(args: &Args, common: &Common) -> Recipe {
    let mut recipe = Recipe::new(
        args.data
            .as_deref()
            .map_or(Source::Faces, |data| source_of(data).into()),
    );
    recipe.seed = common.seed;
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    if let Some(side) = number(&args.side) {
        recipe = recipe.of_side(side);
    }
    recipe.patch = number(&args.patch).unwrap_or(recipe.patch);
    recipe.widths = args.widths.map_or(recipe.widths, |Widths(widths)| widths);
    recipe.prediction = args.prediction.unwrap_or(recipe.prediction);
    recipe.schedule = args.schedule.clone().unwrap_or(recipe.schedule);
    recipe
}

pub(super) fn document(step: usize, agreement: &Agreement) -> Value {
    let right = agreement.right.iter();
    let right = right.map(|r| (r.question.as_str(), r.share));
    json!({
        "step": step,
        "agreement": right.collect::<BTreeMap<_, _>>(),
        "fid": agreement.fid,
        "fid_real": agreement.fid_real,
        "n_compared": agreement.n_compared,
        "n_pictures": agreement.n_pictures,
    })
}

/// Progress on stderr: the bar, and a line for what is worth reading later.
pub(super) fn show(event: &Event, bar: &ProgressBar, common: &Common) {
    let line = |line: String| bar.suspend(|| common.remark(&line));
    match event {
        Event::Working | Event::Snapshot(_) => {}
        Event::Prepared(prepared) => {
            let (n, n_weights) = (prepared.reals.len(), prepared.n_weights);
            line(format!("{n} pictures, {n_weights} weights"));
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
            if turn.step.is_multiple_of(TOLD_EVERY) {
                let band = |band: &Option<f32>| band.map_or("-".to_owned(), |e| format!("{e:.4}"));
                let bands: Vec<String> = turn.bands.iter().map(band).collect();
                line(format!(
                    "step {}, {:.0} s: loss {:.4}, gradient {:.3}, {:.0} pictures/s; error by tenths of {N_BANDS}00 levels: {}",
                    turn.step,
                    turn.secs,
                    turn.loss,
                    turn.gradient,
                    turn.pictures_per_sec,
                    bands.join(" ")
                ));
            }
        }
        Event::Judged { step, agreement } => {
            line(format!("step {step}: {}", agreement.in_words()));
        }
        Event::Saved { step, .. } => line(format!("step {step}: saved")),
        Event::Trouble(refusal) => line(refusal.to_string()),
    }
}

pub(super) fn in_words(outcome: &Outcome) -> String {
    let judged = outcome.judged.last();
    let judged = judged.map_or(String::new(), |(step, agreement)| {
        format!("after step {step} {}\n", agreement.in_words())
    });
    if outcome.files.is_empty() {
        if judged.is_empty() {
            return "No step was taken: nothing was written.".to_owned();
        }
        return judged.trim_end().to_owned();
    }
    let last = outcome.losses.last().copied().unwrap_or(f32::NAN);
    let files = outcome.files.iter().map(|path| path.display().to_string());
    let files: Vec<String> = files.collect();
    let stopped = if outcome.stopped {
        "Stopped; go on with --resume and the checkpoint.\n"
    } else {
        ""
    };
    format!(
        "{stopped}{} steps, {:.0} ms each; last loss {last:.4}\n{judged}{}",
        outcome.n_steps,
        outcome.millis_per_step,
        files.join("\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_networks_widths_are_three_multiples_of_eight() {
        assert_eq!(widths("80, 144,144"), Ok(Widths([80, 144, 144])));
        for wrong in [
            "",
            "80",
            "80,144",
            "80,144,144,144",
            "80,144,12",
            "0,8,8",
            "a,b,c",
            "1024,8,8",
        ] {
            assert!(widths(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_predicted_and_the_noise_go_by_their_names() {
        assert_eq!(prediction("noise"), Ok(Prediction::Epsilon));
        assert!(prediction("score").is_err());
        assert_eq!(schedule("linear"), Ok(Schedule::LINEAR));
        assert!(schedule("sigmoid").is_err());
    }
}
