//! The texts that a PNG carries beside its pixels: how a picture says what it was made with.
//!
//! A PNG is a list of chunks (PNG 3rd edition, §5.3): length, four letters, data, checksum. `tEXt` holds
//! a keyword and text in Latin-1, `iTXt` the same in UTF-8. Programs that make pictures write what they
//! were asked under the keyword `parameters`. What is compressed (`zTXt`) is counted and left: a few bytes of it may
//! unpack into gigabytes, and nobody who writes parameters compresses them.

#[cfg(test)]
mod tests;

use super::source::Source;
use crate::refusal::Result;
use std::path::Path;

/// Every PNG begins so.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// Bytes around a chunk's data: its length, its letters, its checksum.
const FRAME: u64 = 12;
/// Bytes of one text, at most.
const MAX_BYTES: u64 = 1 << 20;
/// Texts of one file, at most.
const MAX_TEXTS: usize = 64;
/// Chunks of one file that are looked at.
const MAX_CHUNKS: usize = 100_000;

/// The texts of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Keyword and text, in the order of the file.
    pub texts: Vec<(String, String)>,
    /// Texts that are there and were not read: compressed, damaged, longer than a megabyte, or too many.
    pub n_left: usize,
}

impl Texts {
    /// The first text under `keyword`.
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(key, _)| key == keyword);
        found.map(|(_, text)| text.as_str())
    }
}

/// The texts of a file; none where it is no PNG. Pixels are not read.
///
/// # Errors
/// A file that cannot be opened or read.
pub fn of_file(path: &Path) -> Result<Texts> {
    of_source(&Source::open(path)?)
}

/// The texts of a PNG in memory, of which only what is whole counts.
#[must_use]
pub fn of_bytes(png: &[u8]) -> Texts {
    of_source(&Source::from_bytes("picture", png.to_vec())).unwrap_or_default()
}

fn of_source(source: &Source) -> Result<Texts> {
    let mut found = Texts::default();
    if source.len() < 8 || *source.read(0, 8)? != *SIGNATURE {
        return Ok(found);
    }
    let mut at = 8_u64;
    for _ in 0..MAX_CHUNKS {
        if source.len().saturating_sub(at) < FRAME {
            break;
        }
        let head = source.read(at, 8)?;
        let (length, kind) = head.split_at(4);
        let length = u64::from(number(length));
        let kind = [kind[0], kind[1], kind[2], kind[3]];
        if &kind == b"IEND" || source.len() - at - FRAME < length {
            break;
        }
        if matches!(&kind, b"tEXt" | b"iTXt" | b"zTXt") {
            let fits = length <= MAX_BYTES && found.texts.len() < MAX_TEXTS;
            let text = if fits {
                let body = source.read(at + 4, length + 8)?;
                let (body, checksum) = body.split_at(length as usize + 4);
                (crc32(body) == number(checksum)).then(|| text_of(kind, &body[4..]))
            } else {
                None
            };
            match text.flatten() {
                Some(text) => found.texts.push(text),
                None => found.n_left += 1,
            }
        }
        at += FRAME + length;
    }
    Ok(found)
}

/// A keyword and its text.
fn text_of(kind: [u8; 4], data: &[u8]) -> Option<(String, String)> {
    let until_zero = |bytes: &[u8]| bytes.iter().position(|&byte| byte == 0);
    let key_end = until_zero(data).filter(|end| (1..80).contains(end))?;
    let (key, rest) = (latin1(&data[..key_end]), &data[key_end + 1..]);
    match &kind {
        b"tEXt" => Some((key, latin1(rest))),
        b"iTXt" => {
            // Compressed or not, how, the language, the keyword in that language.
            let rest = rest.strip_prefix(&[0, 0])?;
            let rest = &rest[until_zero(rest)? + 1..];
            let rest = &rest[until_zero(rest)? + 1..];
            Some((key, std::str::from_utf8(rest).ok()?.to_owned()))
        }
        _ => None,
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// `png` with texts, which come before its pixels. A text in Latin-1 becomes `tEXt`, any other `iTXt`.
/// What is no PNG stays as it is.
#[must_use]
pub fn with_texts(png: &[u8], texts: &[(&str, &str)]) -> Vec<u8> {
    let Some((header, pixels)) = around_header(png) else {
        return png.to_vec();
    };
    let mut all = header.to_vec();
    for (key, text) in texts {
        let plain: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        match plain.filter(|plain| !plain.contains(&0)) {
            Some(plain) => put(&mut all, *b"tEXt", &[key.as_bytes(), b"\0", &plain]),
            None => put(
                &mut all,
                *b"iTXt",
                &[key.as_bytes(), &[0; 5], text.as_bytes()],
            ),
        }
    }
    all.extend_from_slice(pixels);
    all
}

/// `png` with one more chunk, which comes before its pixels. What is no PNG stays as it is.
#[must_use]
pub(super) fn with_chunk(png: &[u8], kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let Some((header, pixels)) = around_header(png) else {
        return png.to_vec();
    };
    let mut all = header.to_vec();
    put(&mut all, kind, &[data]);
    all.extend_from_slice(pixels);
    all
}

/// What comes before the place of new chunks and after it: the header comes first and has 13 bytes.
fn around_header(png: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_png = png.starts_with(SIGNATURE);
    is_png.then(|| png.split_at_checked(SIGNATURE.len() + FRAME as usize + 13))?
}

fn put(all: &mut Vec<u8>, kind: [u8; 4], data: &[&[u8]]) {
    let body = [&[&kind[..]], data].concat().concat();
    all.extend_from_slice(&(body.len() as u32 - 4).to_be_bytes());
    all.extend_from_slice(&body);
    all.extend_from_slice(&crc32(&body).to_be_bytes());
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// The checksum of a chunk's letters and data (PNG 3rd edition, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    let byte_in = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            let carried = if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
            crc >> 1 ^ carried
        })
    };
    !bytes.iter().fold(!0, byte_in)
}
