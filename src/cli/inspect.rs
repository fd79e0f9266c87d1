//! `glassbox inspect FILE…`: what a file is and what it can do here, from its headers alone.

use super::batch::answer_lines;
use super::common::Common;
use super::output::{Report, refusal_json};
use crate::files::card::Card;
use crate::files::embedded;
use crate::files::manifest;
use crate::files::shown::{many, size};
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: glassbox inspect smollm2")]
pub struct Args {
    /// Files to look at: weights, vocabularies, or names of models (`glassbox models`)
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    files: Vec<String>,
    /// Read one path per line, each a JSON string, and print one JSON card per line
    #[arg(long, value_name = "FILE|-", conflicts_with = "files")]
    batch: Option<String>,
}

/// One card for one file; an array of cards, refusals included, for several.
///
/// # Errors
/// The only file is refused, or all of several are.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let folders = manifest::folders();
    let look = |file: &str| -> Result<Card> {
        if let Some(card) = Card::of_built_in(file)? {
            return Ok(card);
        }
        if file == embedded::VECTORS_NAME {
            return Card::of_built_in_vectors();
        }
        let path = manifest::resolve(file, &folders)?;
        Card::of(&path)
    };
    if let Some(batch) = &args.batch {
        return answer_lines(batch, common, |file: String| look(&file).and_then(document));
    }
    if let [file] = &args.files[..] {
        let card = look(file)?;
        return Ok(Report::new(document(card.clone())?, words(&card)));
    }
    let mut documents = Vec::new();
    let mut all_words = String::new();
    let mut refusals = Vec::new();
    for file in &args.files {
        if common.stop.is_set() {
            break;
        }
        match look(file) {
            Ok(card) => {
                let _ = writeln!(all_words, "{}", words(&card));
                documents.push(document(card)?);
            }
            Err(refusal) => {
                common.remark(&refusal.to_string());
                documents.push(refusal_json(&refusal));
                refusals.push(refusal);
            }
        }
    }
    match refusals.pop() {
        Some(last) if refusals.len() + 1 == args.files.len() => Err(last),
        _ => Ok(Report::new(Value::Array(documents), all_words)),
    }
}

fn document(card: Card) -> Result<Value> {
    let mut document = serde_json::to_value(&card).map_err(|error| {
        Refusal::unchanged(
            "The card cannot be written as JSON.",
            format!("{error}."),
            "Rename the file so that its name is plain text, and try again.",
        )
    })?;
    // In JSON, numbers of tensors by format and the file's own keys are objects.
    document["dtype_counts"] = card.dtype_counts.into_iter().collect();
    document["metadata"] = card.metadata.into_iter().collect();
    document["path"] = json!(card.path.display().to_string());
    Ok(document)
}

fn words(card: &Card) -> String {
    let mut out = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(out, "{label:>14}  {value}");
    };
    line("file", &name(&card.path));
    if card.kind == card.format {
        line("what", &card.kind);
    } else {
        line("what", &format!("{} ({})", card.kind, card.format));
    }
    if let Some(architecture) = &card.architecture {
        line("architecture", architecture);
    }
    if card.n_tensors > 0 {
        let counts = card
            .dtype_counts
            .iter()
            .map(|(dtype, n)| format!("{n} {dtype}"));
        let counts: Vec<String> = counts.collect();
        line("parameters", &many(card.n_parameters));
        line(
            "tensors",
            &format!("{} ({})", card.n_tensors, counts.join(", ")),
        );
    }
    if card.memory_bytes > 0 {
        line(
            "memory needed",
            &format!("about {}", size(card.memory_bytes)),
        );
    }
    let usable = if card.usable_as.is_empty() {
        "no tab yet".to_owned()
    } else {
        card.usable_as.join(", ")
    };
    line("usable in", &usable);
    for note in &card.notes {
        line("note", note);
    }
    for (key, value) in &card.metadata {
        line("·", &format!("{key} = {value}"));
    }
    out
}

fn name(path: &Path) -> String {
    crate::files::shown::file_name(path)
}
