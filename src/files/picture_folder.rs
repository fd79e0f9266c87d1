//! A folder of a person's own pictures: every PNG and JPEG in it as a square of one size, and a list
//! of what was left out and why.
//!
//! What a file is, its bytes say, never its name. The largest square in the middle of a picture is
//! shrunk by averaging areas ([`shrink`](self)); a photograph is turned upright as its camera asks,
//! what is see-through lies on white. Folders inside are looked through too, [`MAX_DEPTH`] deep, in the order of
//! their names. Links are not followed: one could lead out of the folder, or round in a circle. Names that
//! begin with a full stop are the system's and are passed over. No more than one picture is unpacked
//! at a time, and none that would take more than [`MAX_UNPACKED_BYTES`].

mod alone;
mod look;
mod one;
mod shrink;
#[cfg(test)]
mod tests;

pub use alone::{Picture, at_its_size, square};
pub use look::{Look, look};

use super::atlas::Pictures;
use super::shown::{count, file_name};
use crate::refusal::{NOTHING_CHANGED, Refusal, Result};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Fewer pictures than this teach a generator nothing but themselves.
pub const MIN_PICTURES: usize = 64;
/// Folders inside folders, at most.
pub const MAX_DEPTH: usize = 8;
/// A file longer than this is left out.
pub const MAX_FILE_BYTES: u64 = 24 << 20;
/// Memory that one picture may take while it is unpacked: 50 million pixels of an ordinary JPEG.
pub const MAX_UNPACKED_BYTES: u64 = 150 << 20;
/// The shorter side of a picture, at least.
pub const MIN_SIDE: u32 = 8;
/// All pictures together, once they are small.
const MAX_BYTES: usize = 256 << 20;
/// Files that are looked at, at most.
const MAX_FILES: usize = 100_000;

/// Why a file was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // `words` says each.
pub enum Why {
    Broken,
    Huge,
    TooSmall,
    Animated(&'static str),
    Cmyk,
    OtherFormat(&'static str),
    Link,
    Unreadable,
    NotAPicture,
    TooDeep,
    NoRoom,
}

impl Why {
    /// In words that follow a number: "3 broken or cut short".
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Broken => "broken or cut short".to_owned(),
            Self::Huge => "too large to unpack".to_owned(),
            Self::TooSmall => format!("smaller than {MIN_SIDE} pixels"),
            Self::Animated(format) => format!("animated ({format})"),
            Self::Cmyk => "in the colours of print (CMYK)".to_owned(),
            Self::OtherFormat(format) => format!("in a format that is not read here ({format})"),
            Self::Link => "links, which are not followed".to_owned(),
            Self::Unreadable => "that may not or cannot be read".to_owned(),
            Self::NotAPicture => "that are no pictures".to_owned(),
            Self::TooDeep => format!("in folders more than {MAX_DEPTH} deep"),
            Self::NoRoom => "beyond what fits".to_owned(),
        }
    }
}

/// Files that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The reason.
    pub why: Why,
    /// How many there are.
    pub n: usize,
    /// The name of the first, safe to show.
    pub first: String,
}

impl LeftOut {
    /// "3 broken or cut short (`cat.png` …)".
    #[must_use]
    pub fn words(&self) -> String {
        let more = if self.n > 1 { " …" } else { "" };
        let n = count(self.n as u64);
        format!("{n} {} (`{}`{more})", self.why.words(), self.first)
    }
}

/// "5 files were left out: 3 broken or cut short (`a.png` …); 2 animated (GIF) (`b.gif` …)."; empty
/// where nothing was.
#[must_use]
pub fn in_words(left_out: &[LeftOut]) -> String {
    let n: usize = left_out.iter().map(|l| l.n).sum();
    let parts: Vec<String> = left_out.iter().map(LeftOut::words).collect();
    match n {
        0 => String::new(),
        1 => format!("1 file was left out: {}.", parts.join("; ")),
        _ => format!(
            "{} files were left out: {}.",
            count(n as u64),
            parts.join("; ")
        ),
    }
}

/// What a folder gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its pictures, in the order of their paths.
    pub pictures: Pictures,
    /// What was left out, in the order of the reasons.
    pub left_out: Vec<LeftOut>,
}

/// How far the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files looked at.
    pub n_done: usize,
    /// Files that there are.
    pub n_files: usize,
    /// Pictures among those looked at.
    pub n_pictures: usize,
}

/// Every picture of `folder` as `side` × `side` pixels, grey (`n_channels` 1) or red, green and blue
/// (3). `progress` hears after each file, and stops the reading by breaking.
///
/// # Errors
/// No folder, fewer than [`MIN_PICTURES`] pictures that can be used, or `progress` broke.
pub fn read(
    folder: &Path,
    side: usize,
    n_channels: usize,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Found> {
    read_at_least(MIN_PICTURES, folder, (side, n_channels), progress)
}

/// [`read`], where fewer pictures will do.
///
/// # Errors
/// No folder, fewer than `least` pictures that can be used, or `progress` broke.
pub fn read_at_least(
    least: usize,
    folder: &Path,
    (side, n_channels): (usize, usize),
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Found> {
    let name = file_name(folder);
    let mut tally = Tally::default();
    let files = files_of(folder, MAX_FILES, &mut tally, &mut || {
        let waiting = Progress {
            n_done: 0,
            n_files: 0,
            n_pictures: 0,
        };
        progress(waiting)
    });
    let files = match files.map_err(|error| cannot_list(&name, &error))? {
        ControlFlow::Continue(files) => files,
        ControlFlow::Break(()) => return Err(stopped(&name, 0, None)),
    };
    let n_bytes = (side * side * n_channels).max(1);
    let (mut pixels, mut n_pictures) = (Vec::new(), 0);
    for (i, path) in files.iter().enumerate() {
        if pixels.len() + n_bytes > MAX_BYTES {
            tally.add(Why::NoRoom, path);
            continue;
        }
        match one::picture(path, side, n_channels) {
            Ok(picture) => {
                pixels.extend(picture);
                n_pictures += 1;
            }
            Err(why) => tally.add(why, path),
        }
        let at = Progress {
            n_done: i + 1,
            n_files: files.len(),
            n_pictures,
        };
        if progress(at).is_break() {
            return Err(stopped(&name, i + 1, Some(files.len())));
        }
    }
    if n_pictures < least {
        return Err(too_few(&name, n_pictures, least, &tally.left_out));
    }
    let pictures = Pictures {
        side,
        n_channels,
        pixels,
    };
    Ok(Found {
        pictures,
        left_out: tally.left_out,
    })
}

/// Counts what is left out.
#[derive(Debug, Default)]
struct Tally {
    left_out: Vec<LeftOut>,
}

impl Tally {
    fn add(&mut self, why: Why, path: &Path) {
        match self.left_out.binary_search_by_key(&why, |l| l.why) {
            Ok(at) => self.left_out[at].n += 1,
            Err(at) => {
                let first = file_name(path);
                self.left_out.insert(at, LeftOut { why, n: 1, first });
            }
        }
    }
}

/// The files of a folder and of the folders inside it, in the order of their paths; what is no file
/// and no folder goes to `tally`. After `max_files` files or folders the rest is not looked for.
/// Broken when `go_on` breaks, which is asked at each folder.
///
/// An error is that of the outermost folder; one inside that cannot be listed is left out.
fn files_of(
    folder: &Path,
    max_files: usize,
    tally: &mut Tally,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> std::io::Result<ControlFlow<(), Vec<PathBuf>>> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut n_folders = 0;
    while let Some((folder, depth)) = folders.pop() {
        n_folders += 1;
        if files.len() == max_files || n_folders > max_files {
            tally.add(Why::NoRoom, &folder);
            continue;
        }
        if go_on().is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let listed = fs::read_dir(&folder).and_then(|entries| {
            let mut listed = Vec::new();
            for entry in entries.take(max_files.saturating_mul(2)) {
                let entry = entry?;
                let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if !is_hidden {
                    listed.push((entry.path(), entry.file_type()?));
                }
            }
            Ok(listed)
        });
        let mut listed = match listed {
            Ok(listed) => listed,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => {
                tally.add(Why::Unreadable, &folder);
                continue;
            }
        };
        listed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut inside = Vec::new();
        for (path, kind) in listed {
            if kind.is_symlink() {
                tally.add(Why::Link, &path);
            } else if kind.is_dir() && depth >= MAX_DEPTH {
                tally.add(Why::TooDeep, &path);
            } else if kind.is_dir() {
                inside.push((path, depth + 1));
            } else if !kind.is_file() {
                tally.add(Why::Unreadable, &path); // a pipe, a device
            } else if files.len() == max_files {
                tally.add(Why::NoRoom, &path);
            } else {
                files.push(path);
            }
        }
        folders.extend(inside.into_iter().rev());
    }
    Ok(ControlFlow::Continue(files))
}

fn cannot_list(name: &str, error: &std::io::Error) -> Refusal {
    Refusal::unchanged(
        format!("The folder `{name}` could not be read"),
        format!("The system says: {error}."),
        "Choose a folder of pictures.",
    )
}

fn stopped(name: &str, n_done: usize, n_files: Option<usize>) -> Refusal {
    let of = n_files.map_or_else(String::new, |n| format!(" of {}", count(n as u64)));
    Refusal::new(
        format!("Reading the folder `{name}` was stopped"),
        format!("{}{of} files were looked at.", count(n_done as u64)),
        NOTHING_CHANGED,
        "Choose it again whenever you like.",
    )
}

fn too_few(name: &str, n_pictures: usize, least: usize, left_out: &[LeftOut]) -> Refusal {
    let there = match n_pictures {
        0 => "No picture in it can be used".to_owned(),
        1 => "One picture in it can be used".to_owned(),
        n => format!("{n} pictures in it can be used"),
    };
    let left_out = in_words(left_out);
    let needed = match least {
        1 => "one is needed".to_owned(),
        n => format!("{n} are needed at least"),
    };
    let evidence = format!("{there}; {needed}. {left_out}");
    Refusal::unchanged(
        format!("The folder `{name}` has too few pictures to learn from"),
        evidence.trim_end(),
        "Choose a folder with more PNG or JPEG pictures: hundreds that are alike, such as faces, \
         teach the most.",
    )
}
