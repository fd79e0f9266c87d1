//! What a reader of any format collects: words in order, the lengths of their rows, and what was
//! found amiss without being a reason to refuse.

use super::words::Words;
use super::{Store, WordVectors};
use crate::files::shown::{count, shown};
use crate::refusal::{Refusal, Result};

/// What a reader finds, word by word.
pub(super) struct Collected {
    words: Words,
    /// The length of each row that is kept; 0 where it has no direction.
    pub norms: Vec<f32>,
    n_repeated: usize,
    n_not_utf8: usize,
    n_empty: usize,
    not_finite: Vec<usize>,
    n_not_finite: usize,
    n_zero: usize,
    pub notes: Vec<String>,
}

impl Collected {
    /// Ready for about `n` words.
    pub fn new(n: usize) -> Self {
        Self {
            words: Words::with_capacity(n),
            norms: Vec::with_capacity(n),
            n_repeated: 0,
            n_not_utf8: 0,
            n_empty: 0,
            not_finite: Vec::new(),
            n_not_finite: 0,
            n_zero: 0,
            notes: Vec::new(),
        }
    }

    /// Takes a word and the length of its row (NaN where the row is not finite). `false` where the
    /// row is not to be kept: the word is empty, or was there before.
    pub fn add(&mut self, word: &[u8], norm: f32) -> Result<bool> {
        if word.is_empty() {
            self.n_empty += 1;
            return Ok(false);
        }
        let readable = String::from_utf8_lossy(word);
        if matches!(readable, std::borrow::Cow::Owned(_)) {
            self.n_not_utf8 += 1;
        }
        if !self.words.push(&readable)? {
            self.n_repeated += 1;
            return Ok(false);
        }
        if !norm.is_finite() {
            self.n_not_finite += 1;
            if self.not_finite.len() < 3 {
                self.not_finite.push(self.norms.len());
            }
        } else if norm == 0.0 {
            self.n_zero += 1;
        }
        self.norms.push(if norm.is_finite() { norm } else { 0.0 });
        Ok(true)
    }

    pub fn finish(
        mut self,
        name: &str,
        format: &str,
        width: usize,
        store: Store,
    ) -> Result<WordVectors> {
        if self.norms.is_empty() {
            return Err(Refusal::unchanged(
                format!("`{}` is not a set of word vectors.", shown(name)),
                "No row of it has a word.",
                "Choose another file.",
            ));
        }
        let rows = |n: usize| {
            let n_shown = count(n as u64);
            if n == 1 {
                "1 row".to_owned()
            } else {
                format!("{n_shown} rows")
            }
        };
        if self.n_not_finite > 0 {
            let named = self.not_finite.iter().map(|&i| shown(self.words.get(i)));
            let named: Vec<String> = named.map(|word| format!("`{word}`")).collect();
            self.notes.push(format!(
                "{} with NaN or infinity ({}{}): near nothing.",
                rows(self.n_not_finite),
                named.join(", "),
                if self.n_not_finite > named.len() {
                    ", …"
                } else {
                    ""
                }
            ));
        }
        for (n, what) in [
            (
                self.n_zero,
                "of zeros only, which point nowhere: near nothing.",
            ),
            (self.n_repeated, "left out: their word came before."),
            (self.n_empty, "left out: they have no word."),
            (
                self.n_not_utf8,
                "with a word that is not UTF-8, shown with �.",
            ),
        ] {
            if n > 0 {
                self.notes.push(format!("{} {what}", rows(n)));
            }
        }
        Ok(WordVectors {
            name: shown(name),
            format: format.to_owned(),
            source: format!("`{}`, a file of yours ({format}).", shown(name)),
            width,
            words: self.words,
            store,
            norms: self.norms,
            notes: self.notes,
        })
    }
}

/// The length of a row; NaN where the row or its length is not finite.
pub(super) fn norm(row: &[f32]) -> f32 {
    let (eights, rest) = row.as_chunks::<8>();
    length(eights.iter().copied(), rest.iter().copied())
}

/// As [`norm`], of little-endian f32s wherever they begin.
pub(super) fn norm_of_bytes(row: &[u8]) -> f32 {
    let (eights, rest) = row.as_chunks::<4>().0.as_chunks::<8>();
    let eights = eights.iter().map(|eight| eight.map(f32::from_le_bytes));
    length(eights, rest.iter().copied().map(f32::from_le_bytes))
}

/// Eight sums side by side, which the processor adds at once.
#[inline]
fn length(eights: impl Iterator<Item = [f32; 8]>, rest: impl Iterator<Item = f32>) -> f32 {
    let mut sums = [0.0_f64; 8];
    for eight in eights {
        for (sum, x) in sums.iter_mut().zip(eight) {
            *sum += f64::from(x) * f64::from(x);
        }
    }
    for (sum, x) in sums.iter_mut().zip(rest) {
        *sum += f64::from(x) * f64::from(x);
    }
    finite_root(sums.iter().sum())
}

fn finite_root(sum: f64) -> f32 {
    let root = sum.sqrt() as f32;
    if root.is_finite() { root } else { f32::NAN }
}
