//! `glassbox train sound`: a network that makes spectrograms of short phrases out of noise.

use super::diffusion::{document, in_words, show};
use super::{MINUTES, minutes, steps};
use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::labs::diffusion::training::{Checkpoint, Controls, Recipe, Source, run as train};
use crate::labs::sound::phrases::Collection;
use crate::labs::writing::{Names, make_place};
use crate::refusal::{Refusal, Result};
use serde_json::json;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Seconds of work between two checkpoints.
const CHECKPOINT_EVERY_SECS: f64 = 120.0;

/// How the model of sounds is trained.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Of a soundfont, PATH.phrases is made first: composed by rule, played, and kept as spectrograms (4 minutes on one core), to be given as --data another time. Then writes PATH.safetensors (the average of the weights, f16) and PATH.checkpoint, which --resume takes, every two minutes of work and at the end. Without --steps or --minutes it trains for 5 minutes. The learning rate falls evenly until that end."
)]
pub struct Args {
    /// Learn from: a soundfont (SF2), which phrases are played from, or a .phrases file made so before
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Phrases to compose and play [default: 12000]
    #[arg(long, value_name = "N", default_value_t = 12_000, hide_default_value = true, value_parser = clap::value_parser!(u32).range(64..=100_000))]
    phrases: u32,
    /// Stop after N steps in all; the same steps and seed give the same model
    #[arg(long, value_name = "N", value_parser = steps)]
    steps: Option<usize>,
    /// Stop after M minutes of work in all
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Go on from a checkpoint, with its seed, its shape and what it learned from
    #[arg(long, value_name = "PATH")]
    resume: Option<PathBuf>,
    /// Where the model goes
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
}

/// Trains and reports.
///
/// # Errors
/// When the phrases or the checkpoint cannot be read, the files cannot be written, or the numbers run away.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let resume = args.resume.as_deref().map(Checkpoint::read).transpose()?;
    let (mut recipe, state) = match (resume, &args.data) {
        (Some(Checkpoint { recipe, state }), None) => (recipe, Some(state)),
        (resume, data) => {
            let Some(phrases) = phrases(args, data.as_deref(), common)? else {
                return Ok(stopped_early());
            };
            if let Some(Checkpoint { mut recipe, state }) = resume {
                recipe.source = Source::Phrases(phrases);
                (recipe, Some(state))
            } else {
                let mut recipe = Recipe::new(Source::Phrases(phrases));
                recipe.seed = common.seed;
                (recipe, None)
            }
        }
    };
    recipe.checkpoint = Some(args.out.clone());
    recipe.checkpoint_every_secs = CHECKPOINT_EVERY_SECS;
    recipe.n_shown = 0;
    recipe.keeps_states = false;
    recipe.n_steps = args.steps;
    recipe.minutes = match (args.steps, args.minutes) {
        (None, None) => Some(MINUTES),
        (_, minutes) => minutes,
    };
    common.compute.get().set_threads();
    let controls = Controls::new(recipe.settings.clone());
    let bar = common.progress_bar("reading the phrases");
    let outcome = train(&recipe, state.as_ref(), &controls, &mut |event| {
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
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

/// The file of phrases to learn from, made of the soundfont if that is what was given; `None` when the
/// person stopped it.
fn phrases(args: &Args, data: Option<&Path>, common: &Common) -> Result<Option<PathBuf>> {
    let Some(data) = data else {
        return Err(Refusal::unchanged(
            "There is nothing to learn from",
            "No --data was given.",
            "Give a soundfont: `--data /usr/share/sounds/sf2/FluidR3_GM.sf2` after `apt install fluid-soundfont-gm`.",
        ));
    };
    let is_soundfont = data.extension().and_then(OsStr::to_str);
    if !is_soundfont.is_some_and(|ending| ending.eq_ignore_ascii_case("sf2")) {
        return Ok(Some(data.to_owned()));
    }
    let file = Names::after(&args.out, "model")?.with(".phrases");
    make_place(&file)?;
    let bar = common.progress_bar("playing phrases");
    let n = args.phrases as usize;
    let collection = Collection::render(data, n, common.seed, &mut |done| {
        bar.set_position((done * 1000 / n) as u64);
        bar.set_message(format!("{done} of {n} phrases played"));
        common.stop.flow()
    });
    bar.finish_and_clear();
    let Some(collection) = collection? else {
        return Ok(None);
    };
    collection.write(&file)?;
    common.remark(&format!("{n} phrases are in {}", file.display()));
    Ok(Some(file))
}

fn stopped_early() -> Report {
    let words = "Stopped before the first step: nothing was written.".to_owned();
    Report::new(
        json!({"steps": 0, "losses": [], "files": [], "stopped": true}),
        words,
    )
}
