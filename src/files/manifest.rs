//! The models that Glassbox knows by name: what `models/manifest.toml` says of them, where their
//! files are looked for, and whether a file is the published one.

use super::shown::{self, shown};
use super::source::Source;
use crate::refusal::{Refusal, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Where the person's own models folder is named.
pub const FOLDER_VARIABLE: &str = "GLASSBOX_MODELS";

/// The kind of an entry that is a set of word vectors.
pub const WORD_VECTORS: &str = "word vectors";

/// The list as shipped, so that names work wherever the program lies.
const MANIFEST: &str = include_str!("../../models/manifest.toml");

/// One model of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What people call it: "smollm2".
    pub name: String,
    /// What it is: "language model".
    pub kind: String,
    /// Its file's name inside the models folder.
    pub file: String,
    /// Its vocabulary's file, where that is not inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<String>,
    /// The size of its file.
    pub bytes: u64,
    /// The SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// Its licence, as SPDX writes it.
    pub licence: String,
    /// Who made it and where it comes from.
    pub source: String,
    /// Whether `models/fetch.sh` gets it.
    #[serde(default)]
    pub fetch: bool,
    /// Whether it is built into the program, so that it always works.
    #[serde(default)]
    pub built_in: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    model: Vec<Entry>,
}

/// Every model of the manifest, in its order.
///
/// # Errors
/// The manifest that was built in does not hold.
pub fn entries() -> Result<Vec<Entry>> {
    parse(MANIFEST)
}

fn parse(text: &str) -> Result<Vec<Entry>> {
    match toml::from_str::<Manifest>(text) {
        Ok(manifest) => Ok(manifest.model),
        Err(error) => Err(Refusal::unchanged(
            "The list of models is not sound.",
            format!("models/manifest.toml: {}.", error.message()),
            "This is a fault in Glassbox: please report it.",
        )),
    }
}

/// The model called `name`.
///
/// # Errors
/// None is; the refusal names those that there are.
pub fn entry(name: &str) -> Result<Entry> {
    let entries = entries()?;
    let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    entries
        .into_iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            Refusal::unchanged(
                format!("There is no model called `{}`.", shown(name)),
                format!("Known by name: {}.", names.join(", ")),
                "Use one of these names, or the path of a model file.",
            )
        })
}

/// The folders where models are looked for, best first: where `GLASSBOX_MODELS` says; `models`
/// beside the program, or (a development build lies in `target/release`) in a folder above it; in
/// the current folder or above; and the person's own data folder. Not all of them exist.
#[must_use]
pub fn folders() -> Vec<PathBuf> {
    let named = std::env::var_os(FOLDER_VARIABLE).filter(|value| !value.is_empty());
    let mut folders: Vec<PathBuf> = named.map(PathBuf::from).into_iter().collect();
    if let Some(beside) = std::env::current_exe().ok().and_then(|exe| {
        let exe = exe.canonicalize().unwrap_or(exe);
        Some(exe.parent()?.to_owned())
    }) {
        folders.push(beside.join("models"));
        folders.push(beside.join("../Resources/models")); // inside a macOS bundle
        folders.push(beside.join("../share/glassbox/models"));
        folders.extend(checkout_above(&beside));
    }
    if let Ok(here) = std::env::current_dir() {
        folders.extend(checkout_above(&here));
    }
    folders.extend(own_folder());
    let mut seen = std::collections::HashSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

/// Where `models get` puts what it fetches: the first folder that is meant for it and exists, else
/// the person's own.
#[must_use]
pub fn folder_to_fetch_into() -> Option<PathBuf> {
    let named = std::env::var_os(FOLDER_VARIABLE).filter(|value| !value.is_empty());
    if let Some(named) = named {
        return Some(PathBuf::from(named));
    }
    let writable = |folder: &PathBuf| {
        std::fs::metadata(folder).is_ok_and(|m| m.is_dir() && !m.permissions().readonly())
    };
    folders().into_iter().find(writable).or_else(own_folder)
}

fn own_folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "glassbox")?;
    Some(folders.data_dir().join("models"))
}

/// `models` with a manifest in it, in `start` or a folder above.
fn checkout_above(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .map(|folder| folder.join("models"))
        .find(|models| models.join("manifest.toml").is_file())
}

impl Entry {
    /// Its file, where one of `folders` has it with the right size.
    #[must_use]
    pub fn find(&self, folders: &[PathBuf]) -> Option<PathBuf> {
        let paths = folders.iter().map(|folder| folder.join(&self.file));
        let has_size = |path: &PathBuf| {
            std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() == self.bytes)
        };
        paths.into_iter().find(has_size)
    }

    /// Every file of its name in `folders`, whatever its size: a download may have been cut short.
    #[must_use]
    pub fn find_all(&self, folders: &[PathBuf]) -> Vec<PathBuf> {
        let paths = folders.iter().map(|folder| folder.join(&self.file));
        paths.filter(|path| path.is_file()).collect()
    }

    /// Whether the file at `path` is the published one, byte for byte. `progress` hears the
    /// fraction that was read, and stops it by breaking.
    ///
    /// # Errors
    /// It is another file, cannot be read, or `progress` broke.
    pub fn verify(
        &self,
        path: &Path,
        progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<()> {
        let source = Source::open(path)?;
        let differs = |evidence: String| {
            Err(Refusal::new(
                format!(
                    "`{}` is not the published file of {}.",
                    source.name(),
                    self.name
                ),
                evidence,
                "Nothing was changed; it may still open, but its numbers cannot be vouched for.",
                "Delete it and fetch it again: glassbox models get ".to_owned() + &self.name,
            ))
        };
        if source.len() != self.bytes {
            return differs(format!(
                "It has {} bytes; the published file has {}.",
                source.len(),
                self.bytes
            ));
        }
        let sha256 = sha256(&source, progress)?;
        if sha256 != self.sha256 {
            return differs(format!(
                "Its SHA-256 begins {}; the published one begins {}.",
                &sha256[..12],
                self.sha256.get(..12).unwrap_or("?")
            ));
        }
        Ok(())
    }
}

/// SHA-256 of all of `source`, in hexadecimal.
fn sha256(source: &Source, progress: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<String> {
    const PART: u64 = 4 << 20;
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < source.len() {
        let n = PART.min(source.len() - at);
        hash.update(source.read(at, n)?);
        at += n;
        if progress(at as f32 / source.len() as f32).is_break() {
            return Err(Refusal::unchanged(
                format!("Checking `{}` was stopped.", source.name()),
                format!(
                    "{} of {} were read.",
                    shown::size(at),
                    shown::size(source.len())
                ),
                "Check it again whenever you like.",
            ));
        }
    }
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

/// The file that `name_or_path` stands for: a model of the manifest, else a path.
///
/// # Errors
/// It is the name of a model whose file is not here; the refusal says how to get it.
pub fn resolve(name_or_path: &str, folders: &[PathBuf]) -> Result<PathBuf> {
    let entries = entries()?;
    let Some(entry) = entries.iter().find(|entry| entry.name == name_or_path) else {
        return Ok(PathBuf::from(name_or_path));
    };
    entry.find(folders).ok_or_else(|| {
        let looked_in = folders.iter().filter(|folder| folder.is_dir());
        let looked_in: Vec<String> = looked_in.map(|f| f.display().to_string()).collect();
        Refusal::unchanged(
            format!("The model `{}` is not here.", entry.name),
            format!(
                "`{}` ({}) is in none of the models folders: {}.",
                entry.file,
                shown::size(entry.bytes),
                if looked_in.is_empty() {
                    "there are none".to_owned()
                } else {
                    looked_in.join(", ")
                }
            ),
            if entry.built_in {
                let option = match entry.kind.as_str() {
                    WORD_VECTORS => "vectors",
                    _ => "model",
                };
                format!(
                    "It is built into the program: `--{option} {}` needs no file.",
                    entry.name
                )
            } else {
                format!("Fetch it once: glassbox models get {}", entry.name)
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_smollm2_as_it_was_published() {
        let entry = entry("smollm2").unwrap();
        assert_eq!(entry.bytes, 98_362_432);
        assert!(entry.sha256.starts_with("b179c952") && entry.sha256.len() == 64);
        assert_eq!(entry.licence, "Apache-2.0");
    }

    #[test]
    fn the_script_that_fetches_and_the_manifest_name_the_same_file() {
        let script = include_str!("../../models/fetch.sh");
        for entry in entries().unwrap().iter().filter(|entry| entry.fetch) {
            assert!(script.contains(&entry.sha256) && script.contains(&entry.file));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_names_that_are_known() {
        assert!(entry("gpt5").unwrap_err().evidence.contains("smollm2"));
        assert_eq!(resolve("a/b.gguf", &[]).unwrap(), Path::new("a/b.gguf"));
        let refusal = resolve("smollm2", &[]).unwrap_err();
        assert!(refusal.next.contains("models get smollm2"));
        let built_in = resolve("stories", &[]).unwrap_err();
        assert!(built_in.next.contains("built into the program"));
        assert!(!built_in.next.contains("models get"));
    }

    #[test]
    fn a_file_is_the_published_one_only_if_its_sha256_says_so() {
        // FIPS 180-2: SHA-256("abc").
        let entry = Entry {
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
            ..entry("smollm2").unwrap()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&entry.file);
        let mut go_on = |_| ControlFlow::Continue(());
        std::fs::write(&path, "abc").unwrap();
        assert!(entry.verify(&path, &mut go_on).is_ok());
        assert_eq!(entry.find(&[folder.path().to_owned()]), Some(path.clone()));
        std::fs::write(&path, "abd").unwrap();
        let refusal = entry.verify(&path, &mut go_on).unwrap_err();
        assert!(refusal.evidence.contains("ba7816bf8f01"));
        std::fs::write(&path, "ab").unwrap();
        assert!(entry.verify(&path, &mut go_on).is_err());
        assert_eq!(entry.find(&[folder.path().to_owned()]), None);
        assert_eq!(entry.find_all(&[folder.path().to_owned()]), [path]);
    }
}
