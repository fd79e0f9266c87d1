//! `--batch FILE|-`: one JSON value per line in, one JSON result per line out, so that a script can
//! ask ten thousand questions of a model that is loaded once. A line that is refused gets its
//! refusal as its result and the next line is read.

use super::common::Common;
use super::output::{Report, refusal_json};
use crate::refusal::{Refusal, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

/// A longer line is refused, and skipped without being kept in memory.
const LINE_BYTES: usize = 64 << 20;

/// Answers every line of `source` (a path, or `-` for stdin), in order, as it comes.
///
/// # Errors
/// When the source cannot be opened or read.
pub fn answer_lines<Q: DeserializeOwned, A: Display>(
    source: &str,
    common: &Common,
    mut answer: impl FnMut(Q) -> Result<A>,
) -> Result<Report> {
    let mut input: Box<dyn BufRead> = if source == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = File::open(source).map_err(|error| unreadable(source, &error))?;
        Box::new(BufReader::new(file))
    };
    let mut line = Vec::new();
    while !common.stop.is_set() {
        let read = common
            .stop
            .while_waiting(|| read_line(&mut input, &mut line));
        let Some(whole) = read.map_err(|error| unreadable(source, &error))? else {
            break;
        };
        if line.trim_ascii().is_empty() && whole {
            continue;
        }
        let question = if whole { parse(&line) } else { Err(too_long()) };
        common.write(&match question.and_then(&mut answer) {
            Ok(document) => format!("{document}\n"),
            Err(refusal) => format!("{}\n", refusal_json(&refusal)),
        });
    }
    Ok(Report::printed())
}

/// A document as the line that is printed.
///
/// # Errors
/// A document that JSON cannot write; ours are none.
pub fn line(document: &impl Serialize) -> Result<String> {
    serde_json::to_string(document).map_err(|error| {
        Refusal::unchanged(
            "This answer cannot be written as JSON",
            format!("{error}."),
            "Please report it, with the line that was asked.",
        )
    })
}

/// Reads one line without its end. `Some(false)` when it was longer than [`LINE_BYTES`], `None` at
/// the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    line.clear();
    let n = input.take(LINE_BYTES as u64).read_until(b'\n', line)?;
    if n == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') || n < LINE_BYTES {
        return Ok(Some(true));
    }
    line.clear();
    input.skip_until(b'\n')?;
    Ok(Some(false))
}

fn parse<Q: DeserializeOwned>(line: &[u8]) -> Result<Q> {
    serde_json::from_slice(line).map_err(|error| {
        Refusal::unchanged(
            "This line is not the JSON that was expected",
            format!("{error}."),
            "Write one JSON value per line: a string in double quotes, or for detokenize an array of ids.",
        )
    })
}

fn too_long() -> Refusal {
    Refusal::unchanged(
        "This line is too long",
        format!("It has more than {LINE_BYTES} bytes."),
        "Split it into several lines.",
    )
}

fn unreadable(source: &str, error: &std::io::Error) -> Refusal {
    Refusal::unchanged(
        format!("The batch “{source}” cannot be read"),
        format!("The system says: {error}."),
        "Give a text file with one JSON value per line, or - for standard input.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_any_ending_and_the_last_needs_none() {
        let mut input = &b"\"a\"\r\n\n\"b\""[..];
        let mut line = Vec::new();
        let mut seen = Vec::new();
        while let Some(whole) = read_line(&mut input, &mut line).unwrap() {
            assert!(whole);
            seen.push(parse::<String>(&line).ok());
        }
        assert_eq!(seen, [Some("a".into()), None, Some("b".into())]);
    }

    #[test]
    fn a_line_without_an_end_is_refused_without_being_kept() {
        let endless = std::io::repeat(b'x').take(LINE_BYTES as u64 + 10);
        let mut input = BufReader::new(endless.chain(&b"\n7\n"[..]));
        let mut line = Vec::new();
        assert_eq!(read_line(&mut input, &mut line).unwrap(), Some(false));
        assert!(line.is_empty());
        assert_eq!(read_line(&mut input, &mut line).unwrap(), Some(true));
        assert_eq!(parse::<u32>(&line).unwrap(), 7);
    }
}
