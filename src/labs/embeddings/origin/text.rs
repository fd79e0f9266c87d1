//! Texts in parts: from memory or from a file, which is never read whole.

use crate::algo::words::last_break;
use crate::refusal::{Refusal, Result};
use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::Path;

/// Bytes that are read at once.
const PART_BYTES: usize = 1 << 18;

/// A part without a break between words ends here all the same.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// Herman Melville, Moby-Dick (1851): the text that ships.
const MOBY_DICK: &str = include_str!("../../../../assets/texts/moby-dick.txt");

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Here.
    Text(&'a str),
    /// In a file, in UTF-8.
    File(&'a Path),
}

/// The text that ships, Moby-Dick: its name and the text.
#[must_use]
pub fn builtin() -> (&'static str, &'static str) {
    ("Moby-Dick", MOBY_DICK)
}

/// Calls `each` with parts of the text that cut no word, and how far the text is read then, until it
/// breaks. Returns how many places were not UTF-8, `None` when `each` broke.
pub(in crate::labs) fn read(
    source: Source,
    each: &mut dyn FnMut(&str, f32) -> ControlFlow<()>,
) -> Result<Option<u64>> {
    match source {
        Source::Text(text) => Ok(read_str(text, each)),
        Source::File(path) => read_file(path, each),
    }
}

fn read_str(text: &str, each: &mut dyn FnMut(&str, f32) -> ControlFlow<()>) -> Option<u64> {
    let mut start = 0;
    while start < text.len() {
        let end = text.floor_char_boundary(start.saturating_add(PART_BYTES));
        let end = match last_break(&text[start..end]) {
            Some(length) if end < text.len() => start + length,
            _ => end,
        };
        if each(&text[start..end], end as f32 / text.len() as f32).is_break() {
            return None;
        }
        start = end;
    }
    Some(0)
}

fn read_file(
    path: &Path,
    each: &mut dyn FnMut(&str, f32) -> ControlFlow<()>,
) -> Result<Option<u64>> {
    let refuse = |evidence: String| {
        Refusal::unchanged(
            format!("{} is not a text to learn from", path.display()),
            evidence,
            "Give a plain text file in UTF-8.",
        )
    };
    let failed = |error: std::io::Error| refuse(format!("{error}."));
    let mut file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_dir() {
        return Err(refuse("It is a folder.".into()));
    }
    let (mut kept, mut n_read, mut n_replaced) = (Vec::new(), 0_u64, 0);
    let mut part = vec![0; PART_BYTES];
    loop {
        let n_bytes = file.read(&mut part).map_err(failed)?;
        let is_first = n_read == 0;
        n_read += n_bytes as u64;
        kept.extend_from_slice(&part[..n_bytes]);
        if is_first && (kept.starts_with(&[0xff, 0xfe]) || kept.starts_with(&[0xfe, 0xff])) {
            return Err(refuse("It begins as UTF-16 does. Save it as UTF-8.".into()));
        }
        if kept.contains(&0) {
            return Err(refuse("It holds zero bytes, which no text has.".into()));
        }
        let is_last = n_bytes == 0;
        let fraction = (n_read as f32 / about.len().max(1) as f32).min(1.0);
        // What may go on in the next part is kept: a character or a word that is cut.
        let whole = if is_last { kept.len() } else { complete(&kept) };
        let text = String::from_utf8_lossy(&kept[..whole]);
        let end = match last_break(&text) {
            _ if is_last || kept.len() > MAX_KEPT_BYTES => text.len(),
            end => end.unwrap_or(0),
        };
        let given = &text[..end];
        let is_valid = matches!(text, std::borrow::Cow::Borrowed(_));
        n_replaced += given.matches('\u{fffd}').count() as u64 * u64::from(!is_valid);
        if each(given, fraction).is_break() {
            return Ok(None);
        }
        if is_last {
            return Ok(Some(n_replaced));
        }
        let rest = text[end..].as_bytes().to_vec();
        let cut = kept.split_off(whole);
        kept = [rest, cut].concat();
    }
}

/// How many bytes end with a whole character, as far as UTF-8 can tell.
fn complete(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    let begins = |byte: &u8| *byte >= 0xc0;
    match bytes[tail..].iter().rposition(begins) {
        Some(at) => {
            let needs = match bytes[tail + at] {
                0xf0.. => 4,
                0xe0.. => 3,
                _ => 2,
            };
            if tail + at + needs > bytes.len() {
                tail + at
            } else {
                bytes.len()
            }
        }
        None => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn whole(bytes: &[u8]) -> Result<(String, u64)> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut text = String::new();
        let n_replaced = read(Source::File(file.path()), &mut |part, _| {
            text.push_str(part);
            ControlFlow::Continue(())
        })?;
        Ok((text, n_replaced.unwrap()))
    }

    #[test]
    fn a_file_comes_in_parts_that_are_its_text() {
        let text = "Schöne Grüße, 鯨 and whale 🐋 ".repeat(30_000);
        assert!(whole(text.as_bytes()).unwrap() == (text.clone(), 0));
        let mut again = String::new();
        let read = read(Source::Text(&text), &mut |part, _| {
            again.push_str(part);
            ControlFlow::Continue(())
        });
        assert!(read.unwrap() == Some(0) && again == text);
    }

    #[test]
    fn bytes_that_are_no_text_are_counted_or_refused() {
        assert_eq!(whole(b"wh\xffale").unwrap(), ("wh\u{fffd}ale".into(), 1));
        assert_eq!(whole(b"cut \xe9").unwrap().1, 1);
        assert!(whole(b"PK\x00\x01").unwrap_err().evidence.contains("zero"));
        assert!(
            whole(b"\xff\xfea\0")
                .unwrap_err()
                .evidence
                .contains("UTF-16")
        );
        assert!(
            read(Source::File(Path::new("/nowhere")), &mut |_, _| {
                ControlFlow::Break(())
            })
            .is_err()
        );
    }

    #[test]
    fn the_text_that_ships_begins_as_it_should() {
        assert!(builtin().1.contains("Call me Ishmael."));
    }
}
