//! Which rows of a table lie nearest to a vector: exact search, every row looked at.
//!
//! A search reads each row once and does two multiplications per number, so it takes as long as the
//! memory takes to hand over the table. Sums are kept in [`LANES`] parts, which processors add side
//! by side; the same row gives the same bits wherever it lies. Of equal scores, the row that comes
//! first wins.

use half::f16;
use half::slice::HalfFloatSliceExt as _;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What “near” means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metric {
    /// The cosine of the angle between the two: length does not count.
    #[default]
    Cosine,
    /// The dot product: longer rows score higher.
    Dot,
    /// The distance from point to point; the score is its negative, so that higher is nearer.
    Euclid,
}

/// Sums are kept in this many parts.
const LANES: usize = 16;

/// A vector to be compared with rows.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    vector: &'a [f32],
    metric: Metric,
    length: f32,
}

impl<'a> Query<'a> {
    /// Compares by `metric`.
    #[must_use]
    pub fn new(vector: &'a [f32], metric: Metric) -> Self {
        let squares = vector.iter().map(|&x| f64::from(x) * f64::from(x));
        let length = squares.sum::<f64>().sqrt() as f32;
        Self {
            vector,
            metric,
            length,
        }
    }

    /// Calls `each` with the number of each row, from `first` on, and its score. `rows` are rows of
    /// the query's width, one after the other.
    pub fn scan_f32(&self, first: usize, rows: &[f32], mut each: impl FnMut(usize, f32)) {
        for (row, index) in rows.chunks_exact(self.vector.len().max(1)).zip(first..) {
            each(index, self.score(row));
        }
    }

    /// The same for rows of little-endian f32 at any place in `bytes`: row i begins at
    /// `offsets[i]`. A row that does not lie in `bytes` is passed over.
    pub fn scan_bytes(
        &self,
        first: usize,
        bytes: &[u8],
        offsets: &[u64],
        mut each: impl FnMut(usize, f32),
    ) {
        let n_bytes = size_of_val(self.vector);
        for (&offset, index) in offsets.iter().zip(first..) {
            let row = usize::try_from(offset).ok().and_then(|at| bytes.get(at..));
            if let Some(row) = row.and_then(|row| row.get(..n_bytes)) {
                each(index, self.score_bytes(row));
            }
        }
    }

    /// The same for rows of whole numbers, each times its own scale.
    pub fn scan_i8(
        &self,
        first: usize,
        rows: &[i8],
        scales: &[f32],
        mut each: impl FnMut(usize, f32),
    ) {
        let mut row_f32 = vec![0.0; self.vector.len()];
        let rows = rows.chunks_exact(self.vector.len().max(1)).zip(scales);
        for ((row, &scale), index) in rows.zip(first..) {
            for (to, &from) in row_f32.iter_mut().zip(row) {
                *to = f32::from(from) * scale;
            }
            each(index, self.score(&row_f32));
        }
    }

    /// The same for rows of f16, as bits.
    pub fn scan_f16(&self, first: usize, rows: &[u16], mut each: impl FnMut(usize, f32)) {
        use half::slice::HalfBitsSliceExt as _;
        let mut row_f32 = vec![0.0; self.vector.len()];
        for (row, index) in rows.chunks_exact(self.vector.len().max(1)).zip(first..) {
            row.reinterpret_cast::<f16>()
                .convert_to_f32_slice(&mut row_f32);
            each(index, self.score(&row_f32));
        }
    }

    /// The score of one row.
    #[must_use]
    pub fn score(&self, row: &[f32]) -> f32 {
        let (ours, our_rest) = self.vector.as_chunks::<LANES>();
        let (theirs, their_rest) = row.as_chunks::<LANES>();
        let rest = our_rest.iter().zip(their_rest).map(|(&q, &x)| (q, x));
        self.add_up(ours.iter().zip(theirs.iter().copied()), rest)
    }

    fn score_bytes(&self, row: &[u8]) -> f32 {
        let (numbers, _) = row.as_chunks::<4>();
        let (ours, our_rest) = self.vector.as_chunks::<LANES>();
        let (theirs, their_rest) = numbers.as_chunks::<LANES>();
        let theirs = theirs.iter().map(|lanes| lanes.map(f32::from_le_bytes));
        let their_rest = their_rest.iter().map(|&bytes| f32::from_le_bytes(bytes));
        self.add_up(
            ours.iter().zip(theirs),
            our_rest.iter().copied().zip(their_rest),
        )
    }

    /// The score of a row that comes in pairs of our numbers and its.
    #[inline]
    fn add_up<'q>(
        &self,
        lanes: impl Iterator<Item = (&'q [f32; LANES], [f32; LANES])>,
        rest: impl Iterator<Item = (f32, f32)>,
    ) -> f32 {
        if self.metric == Metric::Euclid {
            let mut sums = [0.0; LANES];
            for (ours, theirs) in lanes {
                for ((sum, &q), x) in sums.iter_mut().zip(ours).zip(theirs) {
                    *sum += (q - x) * (q - x);
                }
            }
            let rest: f32 = rest.map(|(q, x)| (q - x) * (q - x)).sum();
            return -(total(&sums) + rest).sqrt();
        }
        let (mut dots, mut squares) = ([0.0; LANES], [0.0; LANES]);
        for (ours, theirs) in lanes {
            for (lane, (&q, x)) in ours.iter().zip(theirs).enumerate() {
                dots[lane] += q * x;
                squares[lane] += x * x;
            }
        }
        let (mut dot, mut square) = (total(&dots), total(&squares));
        for (q, x) in rest {
            dot += q * x;
            square += x * x;
        }
        match self.metric {
            Metric::Dot => dot,
            _ => dot / (self.length * square.sqrt()),
        }
    }
}

/// The sum of the parts, by halves.
fn total(sums: &[f32; LANES]) -> f32 {
    let mut sums = *sums;
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

/// A row and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The number of the row.
    pub index: usize,
    /// Higher is nearer.
    pub score: f32,
}

impl Eq for Found {}

impl Ord for Found {
    /// The better is the less: a list sorted so begins with the best.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = other.score.total_cmp(&self.score);
        by_score.then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The best rows so far.
#[derive(Debug, Clone)]
pub struct Best {
    n: usize,
    /// The worst of the best lies on top.
    heap: BinaryHeap<Found>,
}

impl Best {
    /// Keeps the best `n`.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let heap = BinaryHeap::new();
        Self { n, heap }
    }

    /// Takes a row in if it is among the best. A score that is not a number never is.
    #[inline]
    pub fn offer(&mut self, index: usize, score: f32) {
        let worst = self.heap.peek().filter(|_| self.heap.len() >= self.n);
        if self.n == 0 || score.is_nan() || worst.is_some_and(|worst| score < worst.score) {
            return;
        }
        self.take(Found { index, score });
    }

    #[cold]
    fn take(&mut self, found: Found) {
        self.heap.push(found);
        if self.heap.len() > self.n {
            self.heap.pop();
        }
    }

    /// A row that scores less than this is not among the best.
    #[must_use]
    pub fn floor(&self) -> f32 {
        let full = self.heap.len() >= self.n;
        let worst = self.heap.peek().filter(|_| full);
        worst.map_or(f32::NEG_INFINITY, |worst| worst.score)
    }

    /// Takes in what another part of the search found.
    pub fn merge(&mut self, other: Self) {
        for found in other.heap {
            self.offer(found.index, found.score);
        }
    }

    /// Best first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Found> {
        self.heap.into_sorted_vec()
    }
}
