//! What there is to learn from: a text file, or words with their counts.

use crate::refusal::{Refusal, Result};
use std::path::Path;

/// A larger file is no text that a vocabulary needs.
const MAX_TEXT_BYTES: u64 = 2 << 30;

/// Letters in all, each word as often as it stands. Beyond this a count would overflow.
const MAX_LETTERS: u64 = 1 << 53;

/// The text of a file.
///
/// # Errors
/// A file that cannot be read, is too large, or is not UTF-8.
pub fn read(path: &Path) -> Result<String> {
    let name = path.display().to_string();
    let refuse = |evidence: String| {
        Refusal::unchanged(
            format!("{name} is not a text to learn from"),
            evidence,
            "Give a plain text file in UTF-8.",
        )
    };
    let about = std::fs::metadata(path).map_err(|error| refuse(format!("{error}.")))?;
    if about.len() > MAX_TEXT_BYTES {
        return Err(refuse(format!(
            "It has {} bytes; {MAX_TEXT_BYTES} is the most.",
            about.len()
        )));
    }
    let bytes = std::fs::read(path).map_err(|error| refuse(format!("{error}.")))?;
    text_of(&name, bytes)
}

/// The text of a file's bytes.
///
/// # Errors
/// Bytes that are not UTF-8: which, and what can be done.
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<String> {
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let likely = if is_utf16 {
            " It begins as UTF-16 does."
        } else {
            ""
        };
        Refusal::unchanged(
            format!("{name} is not a text in UTF-8"),
            format!("Byte {at} cannot stand there in UTF-8.{likely}"),
            "Save it as UTF-8 with a text editor. Nothing is guessed: a wrong guess would teach the vocabulary letters that the text does not have.",
        )
    })
}

/// Words with their counts, a line each: `newest 6`. `newest ×6` and `newest` alone (once) do too.
///
/// # Errors
/// A line of more than a word and a count, or counts beyond all measure; no word at all.
pub fn words_of(lines: &str) -> Result<Vec<(Vec<u8>, u64)>> {
    let mut words = Vec::new();
    let mut n_letters = 0_u64;
    for (line, number) in lines.lines().zip(1..) {
        let refuse = |why: &str| {
            Refusal::unchanged(
                format!("Line {number} is not a word and its count"),
                format!("“{}” {why}.", line.chars().take(80).collect::<String>()),
                "Write a word, a space and how often it stands, such as: newest 6",
            )
        };
        let mut parts = line.split_whitespace();
        let Some(word) = parts.next() else { continue };
        let count = match parts.next() {
            None => 1,
            Some(count) => count
                .trim_start_matches('×')
                .parse()
                .map_err(|_| refuse("has something after the word that is no whole number"))?,
        };
        if parts.next().is_some() {
            return Err(refuse("has more than two parts"));
        }
        let letters = (word.len() as u64 + 1).checked_mul(count);
        n_letters = letters
            .and_then(|n| n.checked_add(n_letters))
            .filter(|n| *n <= MAX_LETTERS)
            .ok_or_else(|| refuse("makes more letters than can be counted exactly"))?;
        words.push((word.as_bytes().to_vec(), count));
    }
    if words.is_empty() {
        return Err(Refusal::unchanged(
            "There is no word to learn from",
            "No line has a word.",
            "Write a word, a space and how often it stands, a line each, such as: newest 6",
        ));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_with_counts_however_they_are_written() {
        let words = words_of("low 5\n\n  lower\t×2\r\nnewest\n").unwrap();
        let expected = [("low", 5), ("lower", 2), ("newest", 1)];
        assert!(
            words
                .iter()
                .map(|(w, n)| (&w[..], *n))
                .eq(expected.map(|(w, n)| (w.as_bytes(), n)))
        );
    }

    #[test]
    fn a_line_that_is_no_word_and_count_is_named() {
        let refuse = |lines: &str| words_of(lines).unwrap_err();
        assert!(refuse("low 5\nlower two").what.contains("Line 2"));
        assert!(refuse("a b 3").evidence.contains("a b 3"));
        assert!(refuse("low -1").evidence.contains("whole number"));
        assert!(
            refuse("low 18446744073709551615")
                .evidence
                .contains("counted")
        );
        assert!(
            refuse("a 6000000000000000\n".repeat(3).as_str())
                .what
                .contains("Line 1")
        );
        assert!(refuse(" \n").evidence.contains("No line"));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_place() {
        let latin1 = text_of("book.txt", b"caf\xe9".to_vec()).unwrap_err();
        assert!(latin1.what.contains("book.txt") && latin1.evidence.contains("Byte 3"));
        let utf16 = text_of("x", vec![0xff, 0xfe, b'a', 0]).unwrap_err();
        assert!(utf16.evidence.contains("UTF-16"));
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).is_err() && read(&folder.path().join("none")).is_err());
    }
}
