//! Word vectors: a word, a row of numbers, and nothing else. Read from `GloVe` and word2vec text,
//! fastText `.vec`, word2vec binary, and arrays (NumPy, safetensors) with a list of their words.
//!
//! Text is read into memory. A binary file larger than [`MAX_COPIED_BYTES`] is mapped and never
//! copied: three million rows of 300 numbers are 3.6 GB, and answer where they lie.

mod arrays;
mod collected;
mod named;
mod npy;
mod number;
mod outline;
mod text;
mod word2vec;
mod word_list;
mod words;

use super::embedded;
use super::mapped::Mapped;
use super::shown::{self, count};
use super::sniff::{self, Kind};
use super::source::Source;
use super::weights::WeightFile;
use crate::refusal::{Refusal, Result};
use collected::{Collected, norm, norm_of_bytes};
use half::f16;
use std::ops::ControlFlow;
use std::path::Path;
use words::Words;

pub use named::named;
pub use outline::{Outline, outline, outline_of_tensors};

/// Numbers in a row, at most: no published set has more than a few thousand.
pub const MAX_WIDTH: usize = 65_536;
/// Larger binary files are mapped, and not copied into memory.
pub const MAX_COPIED_BYTES: u64 = 512 << 20;
/// What `open` tells of its progress: the fraction that was read. Breaking stops it.
pub type Emit<'a> = &'a mut dyn FnMut(f32) -> ControlFlow<()>;

/// Words and their vectors, checked; row `i` belongs to word `i`.
#[derive(Debug)]
pub struct WordVectors {
    name: String,
    format: String,
    source: String,
    width: usize,
    words: Words,
    store: Store,
    norms: Vec<f32>,
    notes: Vec<String>,
}

/// Where the numbers are kept.
#[derive(Debug)]
enum Store {
    F32(Vec<f32>),
    F16(Vec<u16>),
    I8 { values: Vec<i8>, scales: Vec<f32> },
    Mapped { map: Mapped, offsets: Vec<u64> },
}

/// All rows, as they are kept: the search chooses its loop by this.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// Row-major `(len, width)`.
    F32 {
        /// The numbers.
        values: &'a [f32],
    },
    /// Little-endian f32s inside a mapped file: row `i` is the `4 · width` bytes from `offsets[i]`,
    /// which need not be divisible by four.
    Unaligned {
        /// The whole file.
        bytes: &'a [u8],
        /// Where each row begins; every row was checked to lie inside `bytes`.
        offsets: &'a [u64],
    },
    /// Row-major `(len, width)`; number `j` of row `i` is `values[i · width + j] · scales[i]`.
    I8 {
        /// Whole numbers, −127..=127.
        values: &'a [i8],
        /// One per row.
        scales: &'a [f32],
    },
    /// Row-major `(len, width)` of IEEE half-precision numbers, as their bits.
    F16 {
        /// The bits.
        values: &'a [u16],
    },
}

impl WordVectors {
    /// Reads and checks the word vectors at `path`, known by their first bytes. `emit` hears the
    /// fraction that was read, and stops it by breaking.
    ///
    /// # Errors
    /// A refusal that says what does not hold, or that it was stopped.
    pub fn open(path: &Path, emit: Emit<'_>) -> Result<Self> {
        let source = Source::open(path)?;
        match sniff::sniff(&source)? {
            Kind::WordVectors => text::read(&source, emit),
            Kind::Word2VecBinary => word2vec::read(source, emit),
            Kind::Npy => arrays::read_npy(source, emit),
            Kind::Safetensors => arrays::read_safetensors(&WeightFile::open(path)?, emit),
            // Text whose later lines do not hold is told which, if its first could be a row.
            Kind::Text if text::begins_with_a_row(&source)? => text::read(&source, emit),
            kind => Err(kind.refusal(source.name(), "a set of word vectors")),
        }
    }

    /// The set that is built into the program: 100 numbers a word, see models/README.md.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn builtin() -> Result<Self> {
        arrays::read_safetensors(&embedded::vectors()?, &mut |_| ControlFlow::Continue(()))
    }

    /// Vectors made here: `words.len()` rows of `width` numbers, row-major. A word that comes twice
    /// keeps its first row.
    ///
    /// # Errors
    /// The lengths do not agree, or there is nothing.
    pub fn from_rows(
        name: impl Into<String>,
        words: Vec<String>,
        width: usize,
        values: Vec<f32>,
    ) -> Result<Self> {
        let name = name.into();
        if words.is_empty() || width == 0 || words.len().checked_mul(width) != Some(values.len()) {
            return Err(Refusal::unchanged(
                format!("`{}` is not a set of word vectors.", shown::shown(&name)),
                format!(
                    "{} words of {} numbers each need as many numbers; there are {}.",
                    count(words.len() as u64),
                    count(width as u64),
                    count(values.len() as u64)
                ),
                "Give every word a row, and every row the same width.",
            ));
        }
        let mut set = Collected::new(words.len());
        let mut values = values;
        let mut n_kept = 0;
        for (i, word) in words.into_iter().enumerate() {
            let row = i * width..(i + 1) * width;
            if set.add(word.as_bytes(), norm(&values[row.clone()]))? {
                values.copy_within(row, n_kept * width);
                n_kept += 1;
            }
        }
        values.truncate(n_kept * width);
        set.finish(&name, "in memory", width, Store::F32(values))
    }

    /// What it is called: the file's name, safe to show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it was stored: "`GloVe` text", "word2vec binary", …
    #[must_use]
    pub fn format(&self) -> &str {
        &self.format
    }

    /// How many words it has; never 0.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a set without words is refused"
    )]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Numbers in each row; never 0.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Word `i`, in the order of the file, which is most often by how frequent words are.
    #[must_use]
    pub fn word(&self, i: usize) -> &str {
        self.words.get(i)
    }

    /// The row of `word`, exactly as it is written: most sets have lower-case words only.
    #[must_use]
    pub fn index(&self, word: &str) -> Option<usize> {
        self.words.find(word)
    }

    /// Copies row `i` into `out`, which is [`WordVectors::width`] long.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        let at = i * self.width..(i + 1) * self.width;
        match &self.store {
            Store::F32(values) => out.copy_from_slice(&values[at]),
            Store::F16(values) => {
                for (x, &bits) in out.iter_mut().zip(&values[at]) {
                    *x = f16::from_bits(bits).to_f32();
                }
            }
            Store::I8 { values, scales } => {
                for (x, &q) in out.iter_mut().zip(&values[at]) {
                    *x = f32::from(q) * scales[i];
                }
            }
            Store::Mapped { map, offsets } => {
                let row = &map.bytes()[offsets[i] as usize..][..4 * self.width];
                for (x, b) in out.iter_mut().zip(row.chunks_exact(4)) {
                    *x = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                }
            }
        }
    }

    /// All rows, as they are kept.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        match &self.store {
            Store::F32(values) => Rows::F32 { values },
            Store::F16(values) => Rows::F16 { values },
            Store::I8 { values, scales } => Rows::I8 { values, scales },
            Store::Mapped { map, offsets } => Rows::Unaligned {
                bytes: map.bytes(),
                offsets,
            },
        }
    }

    /// The length of every row (its Euclidean norm), summed in f64. 0 where a row has no direction:
    /// it is all zeros, or holds NaN or infinity. Such a row is near nothing.
    #[must_use]
    pub fn norms(&self) -> &[f32] {
        &self.norms
    }

    /// Where it is from and under which licence, in a sentence.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What a person should know: rows that hold NaN, words that came twice, …
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the file is still as it was checked. Always, for what is in memory; a mapped file
    /// may be cut short or written to by another program, and what is computed from it afterwards
    /// means nothing: ask this after a search, before showing what it found.
    ///
    /// # Errors
    /// It was changed.
    pub fn check(&self) -> Result<()> {
        match &self.store {
            Store::Mapped { map, .. } => map.check(),
            _ => Ok(()),
        }
    }
}

/// The refusal of a person who pressed Stop.
fn stopped(name: &str) -> Refusal {
    Refusal::unchanged(
        format!("Reading `{name}` was stopped."),
        "You stopped it before it was read to the end.",
        "Open it again whenever you like.",
    )
}

#[cfg(test)]
mod tests;
