//! Sharing out the rows of a computation. Nothing in `algo` has threads: what can be computed row by
//! row is handed to a [`Spread`], and a lab passes the compute pool. Every row is computed alone and
//! sums are added up in the order of the rows, so results do not depend on who computed what.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// `spread(n_items, chunk, work)` calls `work` on ranges of at most `chunk` items that cover
/// `0..n_items` once, in any order, and returns when all are done.
pub type Spread<'a> = dyn Fn(usize, usize, &(dyn Fn(Range<usize>) + Sync)) + Sync + 'a;

/// The plainest [`Spread`]: one chunk after the other, here.
pub fn serially(n_items: usize, chunk: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    let chunk = chunk.max(1);
    let mut start = 0;
    while start < n_items {
        let end = n_items.min(start.saturating_add(chunk));
        work(start..end);
        start = end;
    }
}

/// Fills `out`, a matrix of rows `width` long: `work(first_row, rows)` is called for every `chunk`
/// rows.
pub fn fill<T: Send>(
    spread: &Spread,
    out: &mut [T],
    width: usize,
    chunk: usize,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    let chunk = chunk.max(1);
    let parts: Vec<Mutex<&mut [T]>> = out
        .chunks_mut(width.max(1).saturating_mul(chunk))
        .map(Mutex::new)
        .collect();
    spread(parts.len(), 1, &|range| {
        for i in range {
            let mut part = parts[i].lock().unwrap_or_else(PoisonError::into_inner);
            work(i * chunk, &mut part);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_filled_once_with_its_own_number() {
        for (n_rows, chunk) in [(10, 3), (9, 3), (1, 5), (0, 4), (7, 1)] {
            let mut out = vec![usize::MAX; n_rows * 2];
            fill(&serially, &mut out, 2, chunk, |first, rows| {
                for (row, i) in rows.chunks_mut(2).zip(first..) {
                    row.fill(i);
                }
            });
            assert!(out.chunks(2).enumerate().all(|(i, row)| row == [i, i]));
        }
    }
}
