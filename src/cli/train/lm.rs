//! `glassbox train lm`: a small language model, from nothing.

use super::{MINUTES, minutes, steps};
use crate::cli::{Common, Report};
use crate::device;
use crate::files::shown::size;
use crate::files::source::Source;
use crate::labs::train_lm::{Checkpoint, Event, Outcome, Recipe, Training, sorting};
use crate::refusal::{Refusal, Result};
use indicatif::ProgressBar;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The longest text: many times what so small a model can learn.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// How a language model is trained.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes PATH.safetensors (the model, f16, Hugging Face names), PATH.tokenizer.json and PATH.checkpoint, which --resume takes. Without --data it learns from little stories told by a grammar. Without --steps or --minutes it trains for 5 minutes. Losses are nats per token: ln(vocabulary) at the start, lower is better."
)]
pub struct Args {
    /// What to make: a teller of `stories`, or a model small enough to see whole that learns to `sort` six
    /// letters (85,584 weights, f32, 1000 steps unless --steps says otherwise)
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    recipe: RecipeName,
    /// Learn from this text file instead of the grammar's stories; <|endoftext|> parts documents
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Stop after N steps in all; the same steps and seed give the same model
    #[arg(long, value_name = "N", value_parser = steps)]
    steps: Option<usize>,
    /// Stop after M minutes of work in all
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Go on from a checkpoint, with its seed and shape
    #[arg(long, value_name = "PATH")]
    resume: Option<PathBuf>,
    /// Where the model goes
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
}

/// What can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum RecipeName {
    /// GPT-2's architecture, 1.4 million weights, on stories or a text.
    #[default]
    Stories,
    /// The same architecture, 85,584 weights: six letters in, the same in order out.
    Sort,
}

/// Trains and reports.
///
/// # Errors
/// When the text or the checkpoint cannot be read, the files cannot be written, or training fails.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    if args.recipe == RecipeName::Sort {
        return sort(args, common);
    }
    let resume = args.resume.as_deref().map(Checkpoint::read).transpose()?;
    let mut recipe = Recipe::stories(common.seed, args.out.clone());
    if let Some(path) = &args.data {
        recipe.text = Some(read_text(path)?);
        recipe.source = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
    }
    recipe.n_steps = args.steps;
    recipe.minutes = match (args.steps, args.minutes) {
        (None, None) => Some(MINUTES),
        (_, minutes) => minutes,
    };
    let compute = common.compute.get();
    compute.set_threads();
    let device = device::choose(compute.device)?.device;
    let bar = common.progress_bar("learning a vocabulary");
    // Until the first step nothing would be lost: Ctrl-C ends it at once.
    let prepare = || Training::prepare(recipe, resume.as_ref(), &device);
    let training = common.stop.while_waiting(prepare)?;
    let outcome = training.run(&mut |event| {
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    let document = json!({
        "steps": outcome.n_steps,
        "losses": outcome.losses,
        "held_out_loss": outcome.held_out_loss,
        "millis_per_step": outcome.millis_per_step,
        "files": outcome.files,
        "stopped": outcome.stopped,
    });
    Ok(Report::new(document, in_words(&outcome)))
}

/// Trains the model that sorts letters.
fn sort(args: &Args, common: &Common) -> Result<Report> {
    if args.data.is_some() || args.resume.is_some() || args.minutes.is_some() {
        return Err(Refusal::unchanged(
            "The recipe `sort` takes no --data, no --minutes and no --resume",
            "It knows every text there is, and is done in a minute or two.",
            "Leave them out; --steps and --seed count.",
        ));
    }
    let compute = common.compute.get();
    compute.set_threads();
    let device = device::choose(compute.device)?.device;
    let bar = common.progress_bar("learning to sort");
    let n_steps = args.steps.unwrap_or(sorting::N_STEPS);
    let outcome = sorting::train(common.seed, n_steps, &args.out, &device, &mut |event| {
        show(&event, &bar, common);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    let score = outcome.score;
    let document = json!({
        "weights": outcome.n_weights,
        "steps": outcome.losses.len(),
        "losses": outcome.losses,
        "sorted": score.n_right,
        "texts": score.n_texts,
        "sorted_held_out": score.n_right_held_out,
        "held_out": score.n_held_out,
        "millis_per_step": outcome.millis_per_step,
        "files": outcome.files,
        "stopped": outcome.stopped,
    });
    let files: Vec<String> = (outcome.files.iter())
        .map(|path| path.display().to_string())
        .collect();
    let stopped = if outcome.stopped {
        "Stopped: nothing was written.\n"
    } else {
        ""
    };
    let words = format!(
        "{stopped}{} steps, {:.0} ms each; sorts {} of all {} texts, {} of the {} it never learned from\n{}",
        outcome.losses.len(),
        outcome.millis_per_step,
        score.n_right,
        score.n_texts,
        score.n_right_held_out,
        score.n_held_out,
        files.join("\n"),
    );
    Ok(Report::new(document, words))
}

/// Progress on stderr: the bar, and a line for what is worth reading later.
fn show(event: &Event, bar: &ProgressBar, common: &Common) {
    let line = |line: String| bar.suspend(|| common.remark(&line));
    match event {
        Event::Working => {}
        Event::Prepared {
            n_weights,
            vocab_size,
            ..
        } => line(format!(
            "{n_weights} weights, {vocab_size} tokens in the vocabulary"
        )),
        Event::Step {
            step,
            loss,
            tokens_per_sec,
            progress,
            ..
        } => {
            bar.set_position((progress * 1000.0) as u64);
            bar.set_message(format!(
                "step {step}, loss {loss:.3}, {tokens_per_sec:.0} tokens/s"
            ));
        }
        Event::HeldOut { step, loss } => {
            line(format!(
                "step {step}: loss {loss:.3} on text it never learns from"
            ));
        }
        Event::Sample { text, .. } => line(format!("it writes: {text}\n")),
        Event::Saved { step, .. } => line(format!("step {step}: saved")),
    }
}

fn in_words(outcome: &Outcome) -> String {
    if outcome.files.is_empty() {
        return "Stopped before the first step: nothing was written.".to_owned();
    }
    let first = outcome.losses.first().copied().unwrap_or(f32::NAN);
    let last = outcome.losses.last().copied().unwrap_or(f32::NAN);
    let held_out = outcome
        .held_out_loss
        .map(|loss| format!(", {loss:.3} on held-out text"));
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
        "{stopped}{} steps, {:.0} ms each; loss {first:.3} → {last:.3}{}\n{}",
        outcome.n_steps,
        outcome.millis_per_step,
        held_out.unwrap_or_default(),
        files.join("\n"),
    )
}

/// The text to learn from.
fn read_text(path: &Path) -> Result<String> {
    let source = Source::open(path)?;
    let refuse = |evidence: String| {
        Refusal::unchanged(
            format!("`{}` is not a text to learn from", source.name()),
            evidence,
            "Give a plain text file in UTF-8.",
        )
    };
    if source.len() > MAX_TEXT_BYTES {
        return Err(refuse(format!(
            "It has {}; a model this small learns from {} at most.",
            size(source.len()),
            size(MAX_TEXT_BYTES)
        )));
    }
    let bytes = source.read(0, source.len())?.into_owned();
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        refuse(format!("Byte {at} is not valid UTF-8."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.txt");
        std::fs::write(&path, b"caf\xe9").unwrap();
        assert!(read_text(&path).unwrap_err().evidence.contains("Byte 3"));
        assert!(read_text(folder.path()).is_err());
        assert!(read_text(Path::new("/dev/zero")).is_err());
        assert!(read_text(&folder.path().join("absent")).is_err());
        std::fs::File::create(&path)
            .unwrap()
            .set_len(MAX_TEXT_BYTES + 1)
            .unwrap();
        assert!(read_text(&path).unwrap_err().evidence.contains("at most"));
    }
}
