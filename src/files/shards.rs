//! Models in several files: the safetensors index of Hugging Face, and the splits of llama.cpp.

use super::shown::{shown, size};
use super::source::Source;
use super::weights::{Header, WeightFile};
use super::{gguf, safetensors};
use crate::refusal::{Refusal, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

const MAX_INDEX_BYTES: u64 = 16 << 20;
const MAX_SHARDS: u64 = 1000;

/// Opens a GGUF file and, where it is one of several, all the others.
pub(super) fn open_gguf(source: Source) -> Result<WeightFile> {
    let header = gguf::read(&source)?;
    let Some(n_shards) = header_number(&header, "split.count").filter(|&n| n > 1) else {
        return WeightFile::of_shards(vec![(source, header)], None);
    };
    if n_shards > MAX_SHARDS {
        return Err(source.damaged("GGUF", format!("It says it is one of {n_shards} files.")));
    }
    let paths = split_paths(&source, &header, n_shards)?;
    let total = header_number(&header, "split.tensors.count");
    let mut shards = Vec::new();
    for (i, path) in paths.iter().enumerate() {
        if !path.is_file() {
            return Err(missing(path, &format!("file {} of {n_shards}", i + 1)));
        }
        let shard = Source::open(path)?;
        let header = gguf::read(&shard)?;
        let number = header_number(&header, "split.no");
        if number != Some(i as u64)
            || header_number(&header, "split.count") != Some(n_shards)
            || header_number(&header, "split.tensors.count") != total
        {
            return Err(shard.unsupported(
                format!(
                    "By its name it is file {} of {n_shards}; by its own keys it is file {} of {}{}.",
                    i + 1,
                    number.map_or("?".to_owned(), |n| (n + 1).to_string()),
                    header_number(&header, "split.count").unwrap_or(1),
                    if header_number(&header, "split.tensors.count") == total {
                        ""
                    } else {
                        " of another model"
                    }
                ),
                "The files were renamed or mixed: download all of them again into one folder.",
            ));
        }
        shards.push((shard, header));
    }
    let found: usize = shards.iter().map(|(_, header)| header.tensors.len()).sum();
    if total.is_some_and(|total| total != found as u64) {
        return Err(source.unsupported(
            format!(
                "The {n_shards} files hold {found} tensors together; their keys say {}.",
                total.unwrap_or(0)
            ),
            "The files were mixed: download all of them again into one folder.",
        ));
    }
    WeightFile::of_shards(shards, None)
}

fn header_number(header: &Header, key: &str) -> Option<u64> {
    let (_, value) = header.metadata.iter().find(|(k, _)| k == key)?;
    value.as_u64()
}

/// `name-00002-of-00005.gguf` → the paths of all five.
fn split_paths(source: &Source, header: &Header, n_shards: u64) -> Result<Vec<PathBuf>> {
    let number = header_number(header, "split.no").unwrap_or(0);
    let ending = |i: u64| format!("-{:05}-of-{n_shards:05}.gguf", i + 1);
    let name = source.path().file_name().and_then(|name| name.to_str());
    let prefix = name.and_then(|name| name.strip_suffix(&ending(number)));
    let Some(prefix) = prefix.filter(|_| source.is_file()) else {
        return Err(source.unsupported(
            format!(
                "It is file {} of {n_shards} of a model, and its name does not end in `{}`, so the \
                 others cannot be found.",
                number.saturating_add(1),
                ending(number)
            ),
            "Give the files the names they were downloaded with, all in one folder.",
        ));
    };
    Ok((0..n_shards)
        .map(|i| {
            source
                .path()
                .with_file_name(format!("{prefix}{}", ending(i)))
        })
        .collect())
}

fn missing(path: &Path, which: &str) -> Refusal {
    let name = super::shown::file_name(path);
    Refusal::unchanged(
        format!("The model is incomplete: `{name}` is missing."),
        format!("It is {which} that the model is made of, and it is not in the folder."),
        "Download it into the same folder, then open the model again.",
    )
}

#[derive(serde::Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Opens the shards that a `model.safetensors.index.json` names.
pub(super) fn open_index(source: &Source) -> Result<WeightFile> {
    if source.len() > MAX_INDEX_BYTES {
        return Err(source.damaged(
            "index.json",
            format!(
                "It has {}; an index has at most a few MB.",
                size(source.len())
            ),
        ));
    }
    let json = source.read(0, source.len())?;
    let index: Index = serde_json::from_slice(&json)
        .map_err(|e| source.damaged("index.json", format!("It does not hold: {e}.")))?;
    let files: BTreeSet<&String> = index.weight_map.values().collect();
    if files.is_empty() || files.len() as u64 > MAX_SHARDS {
        return Err(source.damaged("index.json", format!("It names {} files.", files.len())));
    }
    let mut shards = Vec::new();
    for file in files {
        let path = beside(source, file)?;
        let shard = Source::open(&path)?;
        let header = safetensors::read(&shard)?;
        for tensor in &header.tensors {
            if index.weight_map.get(&tensor.name) != Some(file) {
                return Err(shard.unsupported(
                    format!(
                        "It holds tensor `{}`, which the index does not place there.",
                        shown(&tensor.name)
                    ),
                    "The files are of different models or versions: download all of them again.",
                ));
            }
        }
        shards.push((shard, header));
    }
    let config = match shards.first() {
        Some((source, header)) => safetensors::config_of(source, header)?,
        None => None,
    };
    let file = WeightFile::of_shards(shards, config)?;
    if let Some((name, place)) = index.weight_map.iter().find(|(n, _)| file.get(n).is_none()) {
        return Err(source.unsupported(
            format!(
                "It places tensor `{}` in `{}`, which does not hold it.",
                shown(name),
                shown(place)
            ),
            "The files are of different models or versions: download all of them again.",
        ));
    }
    Ok(file)
}

/// The path of a shard. An index comes from strangers: it may name a plain file beside itself and
/// nothing else. A link is followed only within that folder, or to the `blobs` of the Hugging Face
/// cache, where downloads are links.
fn beside(index: &Source, file: &str) -> Result<PathBuf> {
    let refuse = |evidence: String| {
        Err(index.unsupported(
            evidence,
            "Download the model again from a place you trust, all files into one folder.",
        ))
    };
    let mut parts = Path::new(file).components();
    let plain = matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(name)), None) if name.to_str() == Some(file)
    );
    if !plain || file.contains(['/', '\\', ':', '\0']) {
        return refuse(format!(
            "It names `{}`, which is not the name of a file beside it.",
            shown(file)
        ));
    }
    let path = index.path().with_file_name(file);
    let Ok(look) = std::fs::symlink_metadata(&path) else {
        return Err(missing(&path, "one of the files"));
    };
    if look.is_symlink() {
        let folder = index.path().parent().and_then(|p| {
            let here = if p.as_os_str().is_empty() {
                Path::new(".")
            } else {
                p
            };
            here.canonicalize().ok()
        });
        let target = path.canonicalize().ok();
        let blobs = folder
            .as_deref()
            .filter(|f| f.parent().is_some_and(|p| p.ends_with("snapshots")))
            .and_then(|f| Some(f.parent()?.parent()?.join("blobs")));
        let inside = |root: &Option<PathBuf>| matches!((root, &target), (Some(root), Some(target)) if target.starts_with(root));
        if !inside(&folder) && !inside(&blobs) {
            return refuse(format!(
                "It names `{}`, which is a link to a place outside its folder.",
                shown(file)
            ));
        }
    }
    Ok(path)
}
