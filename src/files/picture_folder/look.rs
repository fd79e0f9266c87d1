//! A first look at a folder: whether there are pictures in it, from the first bytes of its files.

use super::one::{Format, format_of};
use super::{Tally, Why, files_of};
use crate::files::source::Source;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::path::Path;

/// Files whose first bytes are looked at.
const MAX_LOOKED_AT: usize = 5_000;

/// What a first look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// PNG and JPEG files.
    pub n_pictures: usize,
    /// Files.
    pub n_files: usize,
    /// Whether there are more files than were looked at.
    pub is_part: bool,
}

/// Counts the files of `folder`, and those that begin as a PNG or a JPEG.
///
/// # Errors
/// It cannot be listed.
pub fn look(folder: &Path) -> Result<Look> {
    let go_on = &mut || ControlFlow::Continue(());
    let mut tally = Tally::default();
    let files = files_of(folder, MAX_LOOKED_AT, &mut tally, go_on);
    let files = files.map_err(|error| -> Refusal {
        super::cannot_list(&crate::files::shown::file_name(folder), &error)
    })?;
    let files = files.continue_value().unwrap_or_default();
    let is_picture = |path: &&std::path::PathBuf| {
        let head = Source::open(path).and_then(|source| {
            let head = source.read(0, source.len().min(32))?;
            Ok(format_of(&head))
        });
        matches!(head, Ok(Ok(Format::Png | Format::Jpeg)))
    };
    Ok(Look {
        n_pictures: files.iter().filter(is_picture).count(),
        n_files: files.len(),
        is_part: tally.left_out.iter().any(|l| l.why == Why::NoRoom),
    })
}
