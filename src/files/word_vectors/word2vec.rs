//! word2vec's binary file, as `GoogleNews` has it: `words width`, and then each word, a space, and
//! its numbers as little-endian f32s, which begin wherever the word ended. After a row there may be
//! a line feed.

use super::{
    Collected, Emit, MAX_COPIED_BYTES, MAX_WIDTH, Store, WordVectors, norm_of_bytes, stopped,
};
use crate::files::mapped::Mapped;
use crate::files::shown::{count, size};
use crate::files::source::Source;
use crate::refusal::Result;
use std::borrow::Cow;

const FORMAT: &str = "word2vec binary";
/// word2vec itself cuts words at 100 bytes; the longest phrases of `GoogleNews` have about as many.
const MAX_WORD_BYTES: usize = 4096;
/// Rows between two tellings of how far it is.
const ROWS_PER_EMIT: u64 = 8192;

pub(super) fn read(source: Source, emit: Emit<'_>) -> Result<WordVectors> {
    if source.len() > MAX_COPIED_BYTES && source.is_file() {
        let map = Mapped::new(source)?;
        let (set, offsets, width) = scan(map.source(), map.bytes(), emit, &mut |_| ())?;
        map.check()?;
        let name = map.source().name().to_owned();
        return set.finish(&name, FORMAT, width, Store::Mapped { map, offsets });
    }
    let bytes: Cow<'_, [u8]> = source.read(0, source.len())?;
    let mut values: Vec<f32> = Vec::new();
    let (set, _, width) = scan(&source, &bytes, emit, &mut |row: &[u8]| {
        values.extend(
            row.chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        );
    })?;
    set.finish(source.name(), FORMAT, width, Store::F32(values))
}

/// How many words the file promises, and how wide they are.
pub(super) fn shape(source: &Source) -> Result<(u64, usize)> {
    let bytes = source.read(0, source.len().min(64))?;
    let (n_rows, width, _) = checked_header(source, &bytes, source.len())?;
    Ok((n_rows, width))
}

/// Finds every word and row. `keep` is given the bytes of each row that counts.
fn scan(
    source: &Source,
    bytes: &[u8],
    emit: Emit<'_>,
    keep: &mut dyn FnMut(&[u8]),
) -> Result<(Collected, Vec<u64>, usize)> {
    let (n_rows, width, mut at) = checked_header(source, bytes, bytes.len() as u64)?;
    let row_bytes = 4 * width;
    let mut set = Collected::new(n_rows as usize);
    let mut offsets = Vec::with_capacity(n_rows as usize);
    for i in 0..n_rows {
        if i % ROWS_PER_EMIT == 0 && emit(at as f32 / bytes.len() as f32).is_break() {
            return Err(stopped(source.name()));
        }
        while bytes.get(at) == Some(&b'\n') {
            at += 1;
        }
        let rest = &bytes[at.min(bytes.len())..];
        let could_be = &rest[..rest.len().min(MAX_WORD_BYTES)];
        let Some(n) = could_be.iter().position(|&b| b == b' ') else {
            return Err(if rest.len() < MAX_WORD_BYTES {
                source.incomplete(ends_after(i, n_rows))
            } else {
                source.damaged(
                    FORMAT,
                    format!(
                        "Word {} has no end: {} without a space.",
                        count(i + 1),
                        size(MAX_WORD_BYTES as u64)
                    ),
                )
            });
        };
        let word = &rest[..n];
        let Some(row) = rest.get(n + 1..n + 1 + row_bytes) else {
            return Err(source.incomplete(ends_after(i, n_rows)));
        };
        if set.add(word, norm_of_bytes(row))? {
            offsets.push((at + n + 1) as u64);
            keep(row);
        }
        at += n + 1 + row_bytes;
    }
    let left = bytes[at..].trim_ascii_start().len();
    if left > 0 {
        set.notes.push(format!(
            "After its last row, {} more were not read.",
            size(left as u64)
        ));
    }
    Ok((set, offsets, width))
}

/// Rows, width, and where the first row begins; checked against the length of the file.
fn checked_header(source: &Source, bytes: &[u8], len: u64) -> Result<(u64, usize, usize)> {
    let damaged = |evidence: String| source.damaged(FORMAT, evidence);
    let (n_rows, width, at) = header(bytes).ok_or_else(|| {
        damaged("Its first line is not two numbers: how many words, and how wide.".to_owned())
    })?;
    if width == 0 || width > MAX_WIDTH as u64 || n_rows == 0 {
        return Err(damaged(format!(
            "Its first line says {} words of {} numbers; a word has 1 to {}.",
            count(n_rows),
            count(width),
            count(MAX_WIDTH as u64)
        )));
    }
    let width = width as usize;
    let row_bytes = 4 * width;
    let smallest = (n_rows).checked_mul(row_bytes as u64 + 1);
    if smallest.is_none_or(|n| n > len - at as u64) {
        return Err(source.incomplete(format!(
            "Its first line promises {} words of {} numbers, and {} of the file remain.",
            count(n_rows),
            count(width as u64),
            size(len - at as u64)
        )));
    }
    Ok((n_rows, width, at))
}

fn header(bytes: &[u8]) -> Option<(u64, u64, usize)> {
    let n = bytes.iter().take(64).position(|&b| b == b'\n')?;
    let line = std::str::from_utf8(&bytes[..n]).ok()?;
    let (n_rows, width) = line.trim_end().split_once(' ')?;
    Some((n_rows.parse().ok()?, width.trim().parse().ok()?, n + 1))
}

fn ends_after(n_read: u64, n_rows: u64) -> String {
    format!(
        "Its first line promises {} words; it ends after {}.",
        count(n_rows),
        count(n_read)
    )
}
