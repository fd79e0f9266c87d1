//! `glassbox train gan`: a generator of pictures and the discriminator it fights with, from nothing.

use super::{MINUTES, minutes, source_of, steps};
use crate::cli::{Common, Report};
use crate::labs::gan::Loss;
use crate::labs::gan::pictures::{
    Checkpoint, Controls, Event, Outcome, Recipe, Source, run as fight,
};
use crate::refusal::Result;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::PathBuf;

/// Seconds of work between two checkpoints.
const CHECKPOINT_EVERY_SECS: f64 = 120.0;
/// Channels of the maps next to the picture, unless given.
const WIDTH: u16 = 32;

/// How a generator is trained.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes PATH.safetensors (the generator, f16) and PATH.checkpoint, which --resume takes, every two minutes of work and at the end. Without --steps or --minutes it trains for 5 minutes. A step is one step of each network; losses are in nats: 1.39 (2 ln 2) for D and 0.69 (ln 2) for G mean that D cannot tell real from made."
)]
pub struct Args {
    /// Learn from: faces, digits (both ship), or a folder of faces drawn by assets/faces, or of pictures
    #[arg(long, value_name = "PATH|faces|digits")]
    data: Option<PathBuf>,
    /// Pixels along a side: 16, 32 or 64 [default: 32; digits: 16]
    #[arg(long, value_name = "N", value_parser = ["16", "32", "64"])]
    side: Option<String>,
    /// Channels of the maps next to the picture; deeper ones have up to 6 times as many
    #[arg(long, value_name = "N", default_value_t = WIDTH, value_parser = clap::value_parser!(u16).range(4..=128))]
    width: u16,
    /// What both networks lower: log, non-saturating, least-squares or hinge [default: non-saturating]
    #[arg(long, value_name = "LOSS", value_parser = loss)]
    loss: Option<Loss>,
    /// How far D's weights move in a step
    #[arg(long, value_name = "RATE", value_parser = rate)]
    learning_rate_d: Option<f64>,
    /// How far G's weights move in a step
    #[arg(long, value_name = "RATE", value_parser = rate)]
    learning_rate_g: Option<f64>,
    /// Steps of D in one step of all; G takes one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=20))]
    d_steps: Option<u8>,
    /// Stop after N steps in all; the same steps and seed give the same generator
    #[arg(long, value_name = "N", value_parser = steps)]
    steps: Option<usize>,
    /// Stop after M minutes of work in all
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Go on from a checkpoint, with its seed, its shape and what it learned from
    #[arg(long, value_name = "PATH", conflicts_with_all = ["side", "width"])]
    resume: Option<PathBuf>,
    /// Where the generator goes
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
}

/// A loss that pictures can be learned with, by its name.
fn loss(text: &str) -> std::result::Result<Loss, String> {
    let named = serde_json::from_value(json!(text)).ok();
    let named = named.filter(|loss| Loss::PICTURES.contains(loss));
    named.ok_or_else(|| "give log, non-saturating, least-squares or hinge".to_owned())
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
        let mut recipe = Recipe::new(args.data.as_deref().map_or(Source::Faces, source_of));
        recipe.seed = common.seed;
        recipe.width = usize::from(args.width);
        if let Some(side) = args.side.as_ref().and_then(|side| side.parse().ok()) {
            recipe.side = side;
        }
        (recipe, None)
    };
    if let Some(data) = args.data.as_deref().filter(|_| state.is_some()) {
        recipe.source = source_of(data);
    }
    let settings = &mut recipe.settings;
    settings.loss = args.loss.unwrap_or(settings.loss);
    settings.learning_rate_d = args.learning_rate_d.unwrap_or(settings.learning_rate_d);
    settings.learning_rate_g = args.learning_rate_g.unwrap_or(settings.learning_rate_g);
    settings.d_steps = args.d_steps.map_or(settings.d_steps, usize::from);
    recipe.checkpoint = Some(args.out.clone());
    recipe.checkpoint_every_secs = CHECKPOINT_EVERY_SECS;
    recipe.snapshot_every_secs = f64::INFINITY;
    recipe.n_steps = args.steps;
    recipe.minutes = match (args.steps, args.minutes) {
        (None, None) => Some(MINUTES),
        (_, minutes) => minutes,
    };
    common.compute.get().set_threads();
    let controls = Controls::new(recipe.settings.clone());
    let bar = common.progress_bar("reading the pictures");
    let outcome = fight(&recipe, state.as_ref(), &controls, &mut |event| {
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    // Told already, where training went on after it; else it is why there is nothing to report.
    if let (Some(trouble), true) = (&outcome.trouble, outcome.files.is_empty()) {
        return Err(trouble.clone());
    }
    let of = |i: usize| -> Vec<f32> { outcome.losses.iter().map(|pair| pair[i]).collect() };
    let document = json!({
        "steps": outcome.n_steps,
        "losses": {"d": of(0), "g": of(1)},
        "millis_per_step": outcome.millis_per_step,
        "files": outcome.files,
        "stopped": outcome.stopped,
        "trouble": outcome.trouble,
    });
    Ok(Report::new(document, in_words(&outcome)))
}

/// Progress on stderr: the bar, and a line for what is worth reading later.
fn show(event: &Event, bar: &ProgressBar, common: &Common) {
    let line = |line: String| bar.suspend(|| common.remark(&line));
    match event {
        Event::Working | Event::Snapshot(_) => {}
        Event::Prepared(prepared) => {
            let n = prepared.reals.len();
            let (g, d) = (prepared.n_weights_g, prepared.n_weights_d);
            line(format!("{n} pictures, {g} weights in G, {d} in D"));
            for left_out in &prepared.left_out {
                line(format!("left out: {left_out}"));
            }
        }
        Event::Turn(turn) => {
            bar.set_position((turn.progress.unwrap_or(0.0) * 1000.0) as u64);
            bar.set_message(format!(
                "step {}, D {:.3}, G {:.3}, D says {:.0} % and {:.0} %, {:.0} pictures/s",
                turn.step,
                turn.loss_d,
                turn.loss_g,
                100.0 * turn.p_real,
                100.0 * turn.p_fake,
                turn.pictures_per_sec
            ));
        }
        Event::Saved { step, .. } => line(format!("step {step}: saved")),
        Event::Trouble(refusal) => line(refusal.to_string()),
    }
}

fn in_words(outcome: &Outcome) -> String {
    if outcome.files.is_empty() {
        return "Stopped before the first step: nothing was written.".to_owned();
    }
    let [d, g] = outcome.losses.last().copied().unwrap_or([f32::NAN; 2]);
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
        "{stopped}{} steps, {:.0} ms each; last losses: D {d:.3}, G {g:.3}\n{}",
        outcome.n_steps,
        outcome.millis_per_step,
        files.join("\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_go_by_their_names_and_rates_move_something() {
        assert_eq!(loss("hinge"), Ok(Loss::Hinge));
        assert_eq!(loss("non-saturating"), Ok(Loss::NonSaturating));
        assert!(loss("wasserstein-penalty").is_err() && loss("Hinge ").is_err());
        assert_eq!(rate("2.5e-4"), Ok(2.5e-4));
        assert!(
            ["0", "-1", "nan", "1"]
                .iter()
                .all(|wrong| rate(wrong).is_err())
        );
    }
}
