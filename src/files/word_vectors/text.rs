//! One word and its numbers a line: `GloVe`'s `.txt`, and word2vec's and fastText's, which begin with
//! a line that tells how many rows there are and how wide.

use super::number::{is_separator, next};
use super::{Collected, Emit, MAX_WIDTH, Store, WordVectors, norm, stopped};
use crate::files::shown::{count, shown, size};
use crate::files::source::Source;
use crate::refusal::{Refusal, Result};

/// Read at once. A longer line is refused: no row of vectors is.
const BUFFER_BYTES: usize = 4 << 20;

pub(super) fn read(source: &Source, emit: Emit<'_>) -> Result<WordVectors> {
    let mut lines = Lines::new(source);
    let header = header(source)?;
    let width = header.width;
    if header.n_rows.is_some() {
        lines.next(emit)?;
    }
    // A number takes two bytes of the file, one digit and one separator, or more.
    let most = source.len() / (2 * width as u64 + 1) + 1;
    let n_likely = header.n_rows.unwrap_or(header.n_likely).min(most) as usize;
    let mut set = Collected::new(n_likely);
    let mut values: Vec<f32> = Vec::new();
    values
        .try_reserve_exact(n_likely.saturating_mul(width))
        .map_err(|_| too_large(source, n_likely, width))?;
    let mut n_rows = 0_u64;
    let mut line_number = u64::from(header.n_rows.is_some());
    while let Some(line) = lines.next(emit)? {
        line_number += 1;
        if line.is_empty() {
            continue;
        }
        let start = values.len();
        let word = row(line, width, &mut values)
            .map_err(|what| source.damaged("word vector", format!("Line {line_number}: {what}")))?;
        n_rows += 1;
        if !set.add(word, norm(&values[start..]))? {
            values.truncate(start);
        }
    }
    if let Some(promised) = header.n_rows {
        if n_rows < promised {
            return Err(source.incomplete(format!(
                "Its first line promises {} words; it has {}.",
                count(promised),
                count(n_rows)
            )));
        }
        if n_rows > promised {
            set.notes.push(format!(
                "Its first line promises {} words; it has {}, and all were read.",
                count(promised),
                count(n_rows)
            ));
        }
    }
    values.shrink_to(values.len() + values.len() / 16);
    let format = if header.n_rows.is_some() {
        "word2vec text"
    } else {
        "GloVe text"
    };
    set.finish(source.name(), format, width, Store::F32(values))
}

/// Whether the first line is a word and at least two numbers, or tells how many rows there are.
pub(super) fn begins_with_a_row(source: &Source) -> Result<bool> {
    let mut lines = Lines::new(source);
    let first = lines
        .next(&mut |_| std::ops::ControlFlow::Continue(()))?
        .unwrap_or_default();
    let fields: Vec<&[u8]> = first.split(|&b| is_separator(b)).collect();
    let n_numbers = fields
        .iter()
        .rev()
        .take_while(|field| next(field, &mut 0).is_some())
        .count();
    Ok(n_numbers >= 2 && n_numbers + 1 >= fields.len())
}

/// What the first lines tell.
pub(super) struct Header {
    /// Rows, where the first line says so.
    pub n_rows: Option<u64>,
    pub width: usize,
    /// Rows, judged by the length of the first.
    pub n_likely: u64,
}

/// Reads the first two lines.
pub(super) fn header(source: &Source) -> Result<Header> {
    let mut lines = Lines::new(source);
    let go_on: Emit<'_> = &mut |_| std::ops::ControlFlow::Continue(());
    let first = lines.next(go_on)?.unwrap_or_default().to_vec();
    let second = lines.next(go_on)?.unwrap_or_default().to_vec();
    let numbers: Vec<Option<u64>> = first
        .split(|&b| is_separator(b))
        .map(|field| std::str::from_utf8(field).ok()?.parse().ok())
        .collect();
    let (n_rows, width, row) = match numbers[..] {
        [Some(n_rows), Some(width)] => (Some(n_rows), width, second),
        _ => (None, numbers.len() as u64 - 1, first),
    };
    if width == 0 || width > MAX_WIDTH as u64 {
        return Err(source.damaged(
            "word vector",
            format!(
                "By its first line a word has {} numbers; 1 to {} make sense.",
                count(width),
                count(MAX_WIDTH as u64)
            ),
        ));
    }
    Ok(Header {
        n_rows,
        width: width as usize,
        n_likely: source.len() / (row.len() as u64 + 1) + 16,
    })
}

/// Reads one line: its numbers go to the end of `values`, its word is handed back.
fn row<'a>(
    line: &'a [u8],
    width: usize,
    values: &mut Vec<f32>,
) -> std::result::Result<&'a [u8], String> {
    let start = values.len();
    let end_of_word = line
        .iter()
        .position(|&b| is_separator(b))
        .unwrap_or(line.len());
    let mut at = end_of_word + 1;
    while let Some(x) = next(line, &mut at) {
        values.push(x);
    }
    if at > line.len() && values.len() == start + width {
        return Ok(&line[..end_of_word]);
    }
    values.truncate(start);
    row_with_spaces(line, width, values)
}

/// A few words of large sets hold spaces themselves (". . ."): what is before the last `width` fields.
fn row_with_spaces<'a>(
    line: &'a [u8],
    width: usize,
    values: &mut Vec<f32>,
) -> std::result::Result<&'a [u8], String> {
    let fields: Vec<&[u8]> = line.split(|&b| is_separator(b)).collect();
    let name = || shown(&String::from_utf8_lossy(fields[0]));
    let n_numbers = fields.len() - 1;
    if n_numbers < width {
        return Err(format!(
            "`{}` has {} numbers; the others have {}.",
            name(),
            count(n_numbers as u64),
            count(width as u64)
        ));
    }
    let (in_word, numbers) = fields.split_at(fields.len() - width);
    if in_word[1..]
        .iter()
        .any(|field| next(field, &mut 0).is_some())
    {
        return Err(format!(
            "`{}` has {} numbers; the others have {}.",
            name(),
            count(n_numbers as u64),
            count(width as u64)
        ));
    }
    for field in numbers {
        values.push(next(field, &mut 0).ok_or_else(|| {
            let field = shown(&String::from_utf8_lossy(field));
            format!("`{field}` stands where a number of `{}` should be.", name())
        })?);
    }
    let n_word_bytes = in_word.iter().map(|field| field.len() + 1).sum::<usize>() - 1;
    Ok(&line[..n_word_bytes])
}

/// The lines of a file, a buffer at a time, without their ends and the spaces there.
struct Lines<'a> {
    source: &'a Source,
    /// The next byte of the file to be read.
    at: u64,
    buffer: Vec<u8>,
    /// What is not yet handed out begins here.
    start: usize,
    /// Lines handed out.
    n_read: u64,
}

impl<'a> Lines<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            at: 0,
            buffer: Vec::new(),
            start: 0,
            n_read: 0,
        }
    }

    fn next(&mut self, emit: Emit<'_>) -> Result<Option<&[u8]>> {
        let n = loop {
            if let Some(n) = end_of_line(&self.buffer[self.start..]) {
                break n;
            }
            if self.at == self.source.len() {
                if self.start == self.buffer.len() {
                    return Ok(None);
                }
                break self.buffer.len() - self.start;
            }
            self.fill(emit)?;
        };
        let line = self.start..self.start + n;
        self.start = (line.end + 1).min(self.buffer.len());
        self.n_read += 1;
        let mut line = &self.buffer[line];
        if self.n_read == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        Ok(Some(line.trim_ascii_end()))
    }

    fn fill(&mut self, emit: Emit<'_>) -> Result<()> {
        let n_left = self.buffer.len() - self.start;
        if n_left >= BUFFER_BYTES {
            return Err(self.source.damaged(
                "word vector",
                format!(
                    "Line {} is longer than {}; no row of vectors is.",
                    self.n_read + 1,
                    size(BUFFER_BYTES as u64)
                ),
            ));
        }
        if emit(self.at as f32 / self.source.len() as f32).is_break() {
            return Err(stopped(self.source.name()));
        }
        self.buffer.copy_within(self.start.., 0);
        let n_new = (BUFFER_BYTES as u64).min(self.source.len() - self.at) as usize;
        self.buffer.resize(n_left + n_new, 0);
        self.source.read_into(self.at, &mut self.buffer[n_left..])?;
        self.start = 0;
        self.at += n_new as u64;
        Ok(())
    }
}

/// Where the first line feed is, 32 bytes at a time.
fn end_of_line(bytes: &[u8]) -> Option<usize> {
    let mut parts = bytes.chunks_exact(32);
    let mut at = 0;
    for part in &mut parts {
        if part.iter().map(|&b| u8::from(b == b'\n')).sum::<u8>() > 0 {
            break;
        }
        at += 32;
    }
    let rest = &bytes[at..];
    rest.iter().position(|&b| b == b'\n').map(|n| at + n)
}

fn too_large(source: &Source, n_rows: usize, width: usize) -> Refusal {
    source.unsupported(
        format!(
            "About {} words of {} numbers take {} of memory, and there is not as much.",
            count(n_rows as u64),
            count(width as u64),
            size((n_rows as u64).saturating_mul(4 * width as u64))
        ),
        "Cut it to its first lines, which hold the most frequent words.",
    )
}
