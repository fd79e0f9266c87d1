//! The exact search through all vectors: in parts on the compute pool, between which it can be
//! stopped.

use super::Metric;
use crate::algo::nearest::{Best, Found};
use crate::files::word_vectors::{Rows, WordVectors};
use crate::nn::pool;
use crate::nn::row_sums::{self, Vector};
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A worker takes about this many bytes of vectors at once.
const CHUNK_BYTES: usize = 512 << 10;
/// The first part between two looks at Stop; later ones grow while they are quick.
const PART_BYTES: usize = 16 << 20;
/// A part that takes less is followed by one twice as long.
const QUICK: Duration = Duration::from_millis(20);

/// What is looked for.
pub struct Search<'a> {
    /// What rows are compared with; of length 1 where they are compared by the cosine.
    pub query: &'a [f32],
    /// What “near” means.
    pub metric: Metric,
    /// How many rows to find.
    pub n: usize,
    /// Rows from the first on that are looked at.
    pub n_rows: usize,
    /// A row whose rank is wanted.
    pub ranked: Option<usize>,
}

/// What was found.
pub struct Outcome {
    /// The best rows, best first.
    pub best: Vec<Found>,
    /// The score of the row whose rank was wanted, and how many rows are better.
    pub ranked: Option<(Found, usize)>,
}

/// What the workers fill in.
struct Shared {
    best: Best,
    n_better: usize,
}

impl Search<'_> {
    /// Looks at every row. `emit` is told the part that is done and may stop the search: then there
    /// is no outcome.
    pub fn run(
        &self,
        vectors: &WordVectors,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Option<Outcome> {
        let n_rows = self.n_rows.min(vectors.len());
        let ranked = self.ranked.and_then(|row| self.score(vectors, row));
        let shared = Mutex::new(Shared {
            best: Best::new(self.n),
            n_better: 0,
        });
        let row_bytes = row_bytes(vectors);
        let chunk = (CHUNK_BYTES / row_bytes).max(1);
        let mut part = (PART_BYTES / row_bytes).max(chunk);
        let mut from = 0;
        while from < n_rows {
            let end = n_rows.min(from.saturating_add(part));
            let started = Instant::now();
            pool::for_chunks(end - from, chunk, |rows| {
                let rows = from + rows.start..from + rows.end;
                self.look_at(vectors, rows, ranked, &shared);
            });
            if started.elapsed() < QUICK {
                part = part.saturating_mul(2);
            }
            from = end;
            if emit(from as f32 / n_rows as f32).is_break() {
                return None;
            }
        }
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        Some(Outcome {
            best: shared.best.into_sorted(),
            ranked: ranked.map(|found| (found, shared.n_better)),
        })
    }

    /// The row as the search scores it; `None` for one whose score is not a number.
    pub fn score(&self, vectors: &WordVectors, row: usize) -> Option<Found> {
        let mut found = None;
        if row < vectors.len() {
            self.scan(vectors, row..row + 1, |index, score| {
                found = (!score.is_nan()).then_some(Found { index, score });
            });
        }
        found
    }

    fn look_at(
        &self,
        vectors: &WordVectors,
        rows: Range<usize>,
        ranked: Option<Found>,
        shared: &Mutex<Shared>,
    ) {
        let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
        let floor = lock().best.floor();
        let mut best = Best::new(self.n);
        let mut n_better = 0;
        self.scan(vectors, rows, |index, score| {
            if score >= floor {
                best.offer(index, score);
            }
            let is_better = |than: Found| !score.is_nan() && Found { index, score } < than;
            n_better += usize::from(ranked.is_some_and(is_better));
        });
        let mut shared = lock();
        shared.best.merge(best);
        shared.n_better += n_better;
    }

    fn scan(&self, vectors: &WordVectors, rows: Range<usize>, mut each: impl FnMut(usize, f32)) {
        let query = Vector::new(self.query);
        let (first, part) = (rows.start, part(vectors, rows));
        match self.metric {
            Metric::Cosine => query.dots(first, part, |index, sums| {
                each(index, sums.dot / sums.square.sqrt());
            }),
            Metric::Dot => query.dots(first, part, |index, sums| each(index, sums.dot)),
            Metric::Euclid => query.distances(first, part, |index, squared| {
                each(index, -squared.sqrt());
            }),
        }
    }
}

/// Some of the rows, as the sums read them.
fn part(vectors: &WordVectors, rows: Range<usize>) -> row_sums::Rows<'_> {
    let numbers = rows.start * vectors.width()..rows.end * vectors.width();
    match vectors.rows() {
        Rows::F32 { values } => row_sums::Rows::F32(&values[numbers]),
        Rows::Unaligned { bytes, offsets } => row_sums::Rows::Bytes {
            bytes,
            offsets: &offsets[rows],
        },
        Rows::I8 { values, scales } => row_sums::Rows::I8(&values[numbers], &scales[rows]),
        Rows::F16 { values } => row_sums::Rows::F16(&values[numbers]),
    }
}

fn row_bytes(vectors: &WordVectors) -> usize {
    let number = match vectors.rows() {
        Rows::F32 { .. } | Rows::Unaligned { .. } => 4,
        Rows::F16 { .. } => 2,
        Rows::I8 { .. } => 1,
    };
    vectors.width() * number
}
