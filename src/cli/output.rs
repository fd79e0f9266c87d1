//! What a verb says: its report on stdout, everything else on stderr.
//!
//! A reader that goes away (`glassbox … | head`) is no error: the verb is asked to stop and the rest
//! is left unsaid. A disk that is full is one.

use super::common::Common;
use crate::refusal::{NOTHING_CHANGED, Refusal, Result};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::{BufWriter, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why stdout could not be written, kept until the end.
static WRITE_FAILURE: Mutex<Option<std::io::Error>> = Mutex::new(None);

/// Whether whoever read stdout went away.
static READER_LEFT: AtomicBool = AtomicBool::new(false);

/// What a verb found: one JSON document for programs, the same in words for people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    json: Option<String>,
    words: String,
}

impl Report {
    /// The document of `--json` as it is printed, and what is printed without it. Words that were already printed
    /// as they came are not given again: leave them empty.
    pub fn new(json: impl Display, words: impl Into<String>) -> Self {
        Self {
            json: Some(json.to_string()),
            words: words.into(),
        }
    }

    /// Everything was printed as it came, in both forms.
    #[must_use]
    pub fn printed() -> Self {
        Self::default()
    }
}

impl Common {
    /// Writes to stdout at once, unless `--json` asked for one document only.
    pub fn say(&self, words: &str) {
        if !self.json {
            self.write(words);
        }
    }

    /// Writes a line to stderr: progress, remarks, what a pipe should not carry.
    pub fn remark(&self, line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Writes to stdout whatever was asked for. When nobody can read it any more, the verb stops.
    pub(super) fn write(&self, text: &str) {
        self.write_with(|out| out.write_all(text.as_bytes()));
    }

    /// Writes `document` as one line of JSON while it is being made: a long one is never kept whole.
    pub(super) fn write_json(&self, document: &impl Serialize) {
        self.write_with(|mut out| {
            serde_json::to_writer(&mut out, document)?;
            out.write_all(b"\n")
        });
    }

    /// Writes to stdout what `make` says in many small parts.
    pub(super) fn write_parts(&self, make: impl FnOnce(&mut dyn FnMut(&str))) {
        self.write_with(|out| {
            let mut written = Ok(());
            make(&mut |part| {
                if written.is_ok() {
                    written = out.write_all(part.as_bytes());
                }
            });
            written
        });
    }

    fn write_with(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) {
        let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        let Err(error) = write(&mut out).and_then(|()| out.flush()) else {
            return;
        };
        if error.kind() == ErrorKind::BrokenPipe {
            READER_LEFT.store(true, Ordering::Relaxed);
        } else if !self.stop.is_set()
            && let Ok(mut failure) = WRITE_FAILURE.lock()
        {
            *failure = Some(error);
        }
        self.stop.set();
    }
}

/// Prints how a verb ended and gives its exit status.
pub(super) fn finish(result: Result<Report>, common: &Common) -> ExitCode {
    let stopped = common.stop.is_set();
    let reader_left = || READER_LEFT.load(Ordering::Relaxed);
    let refused = match result {
        Ok(report) => {
            say_report(&report, common);
            if stopped && !has_write_failure() && !reader_left() {
                common.remark("Stopped; what was made until then is kept.");
            }
            None
        }
        // It was stopped because nobody reads it any more.
        Err(_) if reader_left() => None,
        Err(refusal) => Some(refusal),
    };
    let cannot_write = has_write_failure();
    let Some(refusal) = refused.or_else(take_write_failure) else {
        return ExitCode::SUCCESS;
    };
    common.remark(&refusal.to_string());
    if common.json && !cannot_write {
        common.write(&format!("{}\n", refusal_json(&refusal)));
    }
    ExitCode::FAILURE
}

/// `{"refusal": {"what", "evidence", "meaning", "next"}}`.
#[must_use]
pub fn refusal_json(refusal: &Refusal) -> Value {
    json!({ "refusal": refusal })
}

fn say_report(report: &Report, common: &Common) {
    match &report.json {
        Some(document) if common.json => {
            common.write(document);
            common.write("\n");
        }
        Some(_) if !report.words.is_empty() => {
            let end = if report.words.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            common.write(&format!("{}{end}", report.words));
        }
        _ => {}
    }
}

fn has_write_failure() -> bool {
    WRITE_FAILURE.lock().is_ok_and(|failure| failure.is_some())
}

fn take_write_failure() -> Option<Refusal> {
    let error = WRITE_FAILURE.lock().ok()?.take()?;
    Some(Refusal::new(
        "The result could not be written to standard output",
        format!("The system says: {error}."),
        NOTHING_CHANGED,
        "Make room on the disk, or send the output somewhere else.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_in_json_has_the_four_parts_by_name() {
        let document = refusal_json(&Refusal::new("a", "b", "c", "d"));
        assert_eq!(
            document.to_string(),
            r#"{"refusal":{"what":"a","evidence":"b","meaning":"c","next":"d"}}"#
        );
    }
}
