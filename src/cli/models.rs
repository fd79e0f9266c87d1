//! `glassbox models`: what ships, what can be fetched, and whether the files are whole.

use super::common::Common;
use super::output::Report;
use crate::files::manifest::{self, Entry, FOLDER_VARIABLE};
use crate::files::shown::size;
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The one way models are fetched; from a checkout it is run by `run.sh`.
const FETCH_SCRIPT: &str = include_str!("../../models/fetch.sh");

/// Arguments of `models`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the models known by name, and whether each is here
    List,
    /// Fetch a model once, resumable and verified (the only thing here that uses the network)
    Get {
        /// Its name, such as smollm2
        name: String,
    },
    /// Read every model file that is here and compare its SHA-256 with the published one
    Verify,
}

/// Lists, fetches or verifies.
///
/// # Errors
/// A name that is not known, a fetch that failed, a file that is not the published one.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    match &args.what {
        None | Some(What::List) => Ok(list(&manifest::entries()?, "here")),
        Some(What::Get { name }) => get(&manifest::entry(name)?, common),
        Some(What::Verify) => verify(common),
    }
}

fn list(entries: &[Entry], here: &str) -> Report {
    let folders = manifest::folders();
    let mut documents = Vec::new();
    let mut words = String::new();
    for entry in entries {
        let path = entry.find(&folders);
        let _ = writeln!(
            words,
            "{:<12} {:<17} {:>8}  {}",
            entry.name,
            entry.kind,
            size(entry.bytes),
            state(entry, &folders, path.as_deref(), here)
        );
        documents.push(document(entry, path.as_deref()));
    }
    if entries
        .iter()
        .any(|entry| entry.fetch && entry.find(&folders).is_none())
    {
        words.push_str("\nFetch one that is not here: glassbox models get NAME\n");
    }
    Report::new(json!({ "models": documents }), words)
}

fn state(entry: &Entry, folders: &[PathBuf], path: Option<&Path>, here: &str) -> String {
    if entry.built_in {
        return "built in".to_owned();
    }
    if let Some(path) = path {
        return format!("{here}: {}", path.display());
    }
    let all = entry.find_all(folders);
    let Some(path) = all.first() else {
        return "not here".to_owned();
    };
    let n_bytes = std::fs::metadata(path).map_or(0, |m| m.len());
    format!("not whole ({}): {}", size(n_bytes), path.display())
}

/// What `models list` says of one model, in JSON.
pub(super) fn document(entry: &Entry, path: Option<&Path>) -> Value {
    json!({
        "name": entry.name,
        "kind": entry.kind,
        "path": path.map(|path| path.display().to_string()),
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "present": path.is_some() || entry.built_in,
        "built_in": entry.built_in,
        "licence": entry.licence,
        "source": entry.source,
    })
}

/// Checks every file that is here, also after one that is wrong.
fn verify(common: &Common) -> Result<Report> {
    let entries = manifest::entries()?;
    let folders = manifest::folders();
    let mut wrong: Option<Refusal> = None;
    let files = entries.iter().flat_map(|entry| {
        let paths = entry.find_all(&folders).into_iter();
        paths.map(move |path| (entry, path))
    });
    for (entry, path) in files {
        let bar = common.progress_bar(&format!("checking {}", entry.name));
        let result = entry.verify(&path, &mut |fraction| {
            bar.set_position((fraction * 1000.0) as u64);
            common.stop.flow()
        });
        bar.finish_and_clear();
        let Err(refusal) = result else {
            continue;
        };
        if common.stop.is_set() {
            return Err(refusal);
        }
        if let Some(earlier) = wrong.replace(refusal) {
            common.remark(&earlier.to_string());
        }
    }
    wrong.map_or_else(|| Ok(list(&entries, "whole")), Err)
}

fn get(entry: &Entry, common: &Common) -> Result<Report> {
    if entry.built_in {
        common.remark(&format!("{} is built into the program.", entry.name));
        return Ok(list(std::slice::from_ref(entry), "here"));
    }
    let folder = manifest::folder_to_fetch_into().ok_or_else(|| {
        refuse(
            entry,
            "No folder for models can be found on this machine.",
            None,
        )
    })?;
    std::fs::create_dir_all(&folder)
        .and_then(|()| run_script(&folder, common))
        .map_err(|error| refuse(entry, &format!("{error}."), Some(&folder)))?;
    let path = folder.join(&entry.file);
    entry.verify(&path, &mut |_| common.stop.flow())?;
    let words = format!("{} is here: {}", entry.name, path.display());
    let document = json!({ "models": [document(entry, Some(&path))] });
    Ok(Report::new(document, words))
}

/// Hands the script to bash. What it and its programs print goes to stderr, so that stdout stays one
/// JSON document.
fn run_script(folder: &Path, common: &Common) -> std::io::Result<()> {
    let mut child = Command::new("bash")
        .args(["-c", FETCH_SCRIPT])
        .env(FOLDER_VARIABLE, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| {
            std::io::Error::other(format!(
                "the fetching script needs bash, and there is none: {error}"
            ))
        })?;
    // Ctrl-C reaches the script too, and what arrived so far is kept for the next time.
    let status = common.stop.while_waiting(|| child.wait())?;
    if status.success() {
        Ok(())
    } else {
        Err(std::io::Error::other("the script gave up, as told above"))
    }
}

fn refuse(entry: &Entry, evidence: &str, folder: Option<&PathBuf>) -> Refusal {
    Refusal::unchanged(
        format!("{} could not be fetched.", entry.name),
        evidence,
        format!(
            "Try again when the network is there, or put `{}` ({}) into {} yourself. It is from: {}.",
            entry.file,
            size(entry.bytes),
            folder.map_or("a folder named by GLASSBOX_MODELS".to_owned(), |f| f
                .display()
                .to_string()),
            entry.source
        ),
    )
}
