//! The tables of the pass that somebody looks at: fetched by a job, kept while there is room.

use super::tracing::Traced;
use crate::jobs::Job;
use crate::labs::inside::{At, Table};
use crate::refusal::Result;
use crate::tabs::{Notice, TabContext};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The most numbers of a table that are fetched; of a larger one the last rows are.
const MOST_NUMBERS: usize = 8 << 20;

/// Bytes of all tables that are kept.
const MOST_BYTES: usize = 192 << 20;

/// A table, or its last rows where all of it would be too much.
#[derive(Debug, Clone)]
pub(super) struct Fetched {
    /// Its numbers; row 0 is `first_row`.
    pub(super) table: Table,
    /// The position of its first row in the text.
    pub(super) first_row: usize,
    /// The number farthest from zero.
    pub(super) largest: f32,
    /// The root of the mean of its squares.
    pub(super) size: f32,
}

impl Fetched {
    fn new(table: Table, first_row: usize) -> Self {
        let finite = || table.values.iter().copied().filter(|x| x.is_finite());
        let largest = finite().fold(0.0, |largest: f32, x| largest.max(x.abs()));
        let squares: f64 = finite().map(|x| f64::from(x) * f64::from(x)).sum();
        let size = (squares / table.values.len().max(1) as f64).sqrt() as f32;
        Self {
            table,
            first_row,
            largest,
            size,
        }
    }
}

type Arrived = (At, Result<Fetched>);

/// What was fetched of one pass, and what is wished for.
#[derive(Default)]
pub(super) struct Tables {
    fetched: BTreeMap<At, (Result<Arc<Fetched>>, u64)>,
    wishes: Vec<At>,
    job: Option<Job<Arrived>>,
    /// Counts the frames in which something was asked for.
    now: u64,
}

impl Tables {
    /// A table, if it is there; else it will be soon. What was asked for first is fetched first.
    pub(super) fn get(&mut self, at: At) -> Option<Result<Arc<Fetched>>> {
        if let Some((fetched, asked)) = self.fetched.get_mut(&at) {
            *asked = self.now;
            return Some(fetched.clone());
        }
        if !self.wishes.contains(&at) {
            self.wishes.push(at);
        }
        None
    }

    /// Takes what arrived, forgets what nobody looked at for longest, and fetches what is wished for.
    pub(super) fn poll(&mut self, traced: &Traced, cx: &mut TabContext<'_>) {
        self.now += 1;
        if let Some(job) = &mut self.job {
            for (at, fetched) in job.poll() {
                self.wishes.retain(|wish| *wish != at);
                self.fetched.insert(at, (fetched.map(Arc::new), self.now));
            }
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            if !job.is_running() {
                self.job = None;
            }
        }
        self.forget();
        if self.job.is_some() || self.wishes.is_empty() {
            return;
        }
        let (wishes, trace) = (std::mem::take(&mut self.wishes), Arc::clone(&traced.trace));
        let job = Job::spawn("fetch tables", cx.wake.clone(), move |emit| {
            for at in wishes {
                let fetched = trace.shape(at).and_then(|shape| {
                    let rows = rows_of(shape);
                    let first_row = rows.start;
                    let table = trace.rows(at, rows)?;
                    Ok(Fetched::new(table, first_row))
                });
                if emit((at, fetched)).is_break() {
                    return;
                }
            }
        });
        match job {
            Ok(job) => self.job = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn forget(&mut self) {
        let bytes = |fetched: &Result<Arc<Fetched>>| {
            let table = fetched.as_ref().ok();
            table.map_or(0, |fetched| size_of_val::<[f32]>(&fetched.table.values))
        };
        let all = self.fetched.values();
        let mut held: usize = all.map(|(fetched, _)| bytes(fetched)).sum();
        while held > MOST_BYTES {
            let oldest = self.fetched.iter().min_by_key(|(_, (_, asked))| *asked);
            let Some((&at, (fetched, asked))) = oldest else {
                return;
            };
            // What was asked for a moment ago stays, however large.
            if *asked + 2 > self.now {
                return;
            }
            held -= bytes(fetched);
            self.fetched.remove(&at);
        }
    }
}

/// The rows of a table of this shape that are fetched: all, or the last ones.
fn rows_of([n_rows, n_columns]: [usize; 2]) -> Range<usize> {
    let most = (MOST_NUMBERS / n_columns.max(1)).max(1);
    n_rows.saturating_sub(most)..n_rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_table_too_large_the_last_rows_are_fetched() {
        assert_eq!(rows_of([20, 49_152]), 0..20);
        assert_eq!(rows_of([1024, 1024]), 0..1024);
        assert_eq!(rows_of([1024, 49_152]), 854..1024);
        assert_eq!(rows_of([3, 100_000_000]), 2..3);
    }
}
