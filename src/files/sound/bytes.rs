//! A file's bytes as the decoder reads them, with a lie about their number put right.

use crate::files::shown;
use crate::files::sniff::Kind;
use crate::files::source::Source;
use crate::refusal::Result;
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::io::MediaSource;

/// Bytes in which the samples of a WAV file begin, or its length is believed.
const MOST_HEADER: u64 = 1 << 16;
/// The length of what was written before anybody knew how long it would be.
const UNKNOWN: u32 = u32::MAX;

/// A [`Source`] to read from, and to seek in.
pub(super) struct Bytes {
    source: Source,
    at: u64,
    /// Four bytes that are read instead of those at a place.
    instead: Vec<(u64, [u8; 4])>,
    /// What was put right.
    pub(super) note: Option<String>,
}

impl Bytes {
    pub(super) fn new(source: Source, kind: Kind) -> Result<Self> {
        let mut bytes = Self {
            source,
            at: 0,
            instead: Vec::new(),
            note: None,
        };
        if kind == Kind::Wav {
            bytes.put_length_right()?;
        }
        Ok(bytes)
    }

    /// A WAV file is a list of chunks: four letters, a length, so many bytes. A recording that was cut off,
    /// or written to a pipe, claims more samples than there are; those that are there can be heard.
    fn put_length_right(&mut self) -> Result<()> {
        let len = self.source.len();
        let head = self.source.read(0, len.min(MOST_HEADER))?;
        let mut at = 12;
        while let Some(&[a, b, c, d, n0, n1, n2, n3]) = head.get(at..at + 8) {
            let claimed = u32::from_le_bytes([n0, n1, n2, n3]);
            if [a, b, c, d] != *b"data" {
                at += 8 + claimed as usize + claimed as usize % 2;
                continue;
            }
            let there = len - at as u64 - 8;
            if u64::from(claimed) > there {
                let of = |n: u64| (n.min(u64::from(UNKNOWN)) as u32).to_le_bytes();
                self.instead = vec![(4, of(len - 8)), (at as u64 + 4, of(there))];
                let (claims, has) = (shown::size(u64::from(claimed)), shown::size(there));
                if claimed != UNKNOWN {
                    let note =
                        format!("It claims {claims} of samples, and has {has}: it was cut off.");
                    self.note = Some(note);
                }
            }
            break;
        }
        Ok(())
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len().saturating_sub(self.at);
        let n = left.min(buffer.len() as u64) as usize;
        let read = self.source.read_into(self.at, &mut buffer[..n]);
        read.map_err(io::Error::other)?;
        for (place, bytes) in &self.instead {
            for (place, &byte) in (*place..).zip(bytes) {
                let at = place.checked_sub(self.at);
                if let Some(at) = at.and_then(|at| buffer[..n].get_mut(at as usize)) {
                    *at = byte;
                }
            }
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MediaSource for Bytes {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.source.len())
    }
}
