//! Reads a binary header from front to back, a buffer at a time, under a budget, and never trusts
//! a length that the rest of the file cannot hold.

use super::shown::{shown, size};
use super::source::Source;
use crate::refusal::{Refusal, Result};

const BUFFER_BYTES: u64 = 256 << 10;

/// A position in a source's header.
pub(super) struct Cursor<'a> {
    source: &'a Source,
    format: &'static str,
    /// Where reading ends: the end of the file, or of the budget.
    end: u64,
    /// The buffer begins at this byte of the file.
    buffer_start: u64,
    buffer: Vec<u8>,
    /// Read so far, within the buffer.
    used: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `source`; at most `budget` bytes of it are read.
    pub fn new(source: &'a Source, format: &'static str, budget: u64) -> Self {
        Self {
            source,
            format,
            end: source.len().min(budget),
            buffer_start: 0,
            buffer: Vec::new(),
            used: 0,
        }
    }

    pub fn source(&self) -> &'a Source {
        self.source
    }

    /// Bytes of the file read so far.
    pub fn position(&self) -> u64 {
        self.buffer_start + self.used as u64
    }

    pub fn damaged(&self, evidence: impl Into<String>) -> Refusal {
        self.source.damaged(self.format, evidence)
    }

    /// The next `n` bytes; `field` says to people what they were to be.
    pub fn bytes(&mut self, field: &str, n: usize) -> Result<&[u8]> {
        if self.buffer.len() - self.used < n {
            self.fill(field, n)?;
        }
        let start = self.used;
        self.used += n;
        Ok(&self.buffer[start..self.used])
    }

    pub fn array<const N: usize>(&mut self, field: &str) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(field, N)?);
        Ok(out)
    }

    pub fn u32(&mut self, field: &str) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array(field)?))
    }

    pub fn u64(&mut self, field: &str) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    /// A string: its length as u64, then UTF-8.
    pub fn string(&mut self, field: &str, max_bytes: u64) -> Result<String> {
        let n = self.u64(field)?;
        if n > max_bytes {
            return Err(self.damaged(format!(
                "A text ({}) claims to be {} long; {} is the most that makes sense there.",
                shown(field),
                size(n),
                size(max_bytes)
            )));
        }
        let bytes = self.bytes(field, n as usize)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(e) => {
                let at = self.position() - n + e.valid_up_to() as u64;
                Err(self.damaged(format!(
                    "A text ({}) is not valid UTF-8 at byte {at} of the file.",
                    shown(field)
                )))
            }
        }
    }

    /// Refuses a count that is more than `most`, or than fits in the rest of the file at
    /// `smallest` bytes each. Only after this may memory be set aside for it.
    pub fn check_count(&self, what: &str, n: u64, smallest: u64, most: u64) -> Result<()> {
        if n > most {
            return Err(self.damaged(format!(
                "It claims {n} {what}; more than {most} makes no sense."
            )));
        }
        let remaining = self.source.len().saturating_sub(self.position());
        if n.checked_mul(smallest)
            .is_none_or(|bytes| bytes > remaining)
        {
            return Err(self.source.incomplete(format!(
                "It claims {n} {what}, and only {} of the file remain.",
                size(remaining)
            )));
        }
        Ok(())
    }

    fn fill(&mut self, field: &str, n: usize) -> Result<()> {
        let at = self.position();
        let needed = n as u64;
        if needed > self.end - at {
            if self.end < self.source.len() {
                return Err(self.damaged(format!(
                    "Its header goes on beyond {} (reading {}); no real one does.",
                    size(self.end),
                    shown(field)
                )));
            }
            return Err(self.source.incomplete(format!(
                "It ends after {}, in the middle of its header (reading {}).",
                size(self.source.len()),
                shown(field)
            )));
        }
        let n_read = needed.max(BUFFER_BYTES).min(self.end - at) as usize;
        self.buffer.resize(n_read, 0);
        self.buffer.shrink_to(n_read.max(BUFFER_BYTES as usize));
        self.source.read_into(at, &mut self.buffer)?;
        self.buffer_start = at;
        self.used = 0;
        Ok(())
    }
}
