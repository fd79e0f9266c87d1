//! The numbers of a stage as they are drawn: masked where the stage hides the future, and of the whole
//! vocabulary's columns the best for the table.

use super::stages::Stage;
use crate::labs::inside::{At, SiteName};
use crate::tabs::text::tables::Fetched;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Columns of the vocabulary that the table shows.
const N_BEST: usize = 256;

/// The numbers of a stage.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// Rows and columns of the map.
    pub(super) shape: [usize; 2],
    /// Its numbers.
    pub(super) values: Arc<[f32]>,
    /// The columns of the table, where they are not all in their order.
    pub(super) columns: Option<Arc<[usize]>>,
    /// The numbers of the table.
    pub(super) in_table: Arc<[f32]>,
    /// The position of row 0.
    pub(super) first_row: usize,
    /// The number farthest from zero.
    pub(super) largest: f32,
    /// The typical size of a number.
    pub(super) size: f32,
    /// Another number for other numbers.
    pub(super) version: u64,
}

impl Shown {
    /// The column of the pass that is column `i` of the table.
    pub(super) fn column(&self, i: usize) -> usize {
        let columns = self.columns.as_ref();
        columns.map_or(i, |columns| columns.get(i).copied().unwrap_or(i))
    }

    /// How many columns the table has.
    pub(super) fn n_in_table(&self) -> usize {
        let columns = self.columns.as_ref();
        columns.map_or(self.shape[1], |columns| columns.len())
    }

    /// The column of the table that a column of the pass is.
    pub(super) fn in_table(&self, column: usize) -> Option<usize> {
        match &self.columns {
            None => Some(column),
            Some(columns) => columns.iter().position(|&shown| shown == column),
        }
    }
}

/// What was made ready for drawing, by stage; of one pass.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    version: u64,
    ready: BTreeMap<(At, bool), (Arc<Fetched>, Arc<Shown>)>,
    n_made: u64,
}

impl Numbers {
    /// The numbers of a stage from its table.
    pub(super) fn of(&mut self, version: u64, stage: &Stage, fetched: &Arc<Fetched>) -> Arc<Shown> {
        if self.version != version {
            self.version = version;
            self.ready.clear();
        }
        let key = (stage.at, stage.is_masked);
        if let Some((from, shown)) = self.ready.get(&key)
            && Arc::ptr_eq(from, fetched)
        {
            return Arc::clone(shown);
        }
        // A walk through many blocks must not keep what the desk has long forgotten.
        if self.ready.len() >= 64 {
            self.ready.clear();
        }
        self.n_made += 1;
        let made = (version << 20) + self.n_made;
        let shown = Arc::new(shown(stage, fetched, made));
        let entry = (Arc::clone(fetched), Arc::clone(&shown));
        self.ready.insert(key, entry);
        shown
    }
}

fn shown(stage: &Stage, fetched: &Fetched, version: u64) -> Shown {
    let table = &fetched.table;
    let mut values = Arc::clone(&table.values);
    let mut largest = fetched.largest;
    if stage.is_masked {
        let masked = masked(&values, table.shape[1], fetched.first_row);
        let seen = masked.iter().filter(|x| x.is_finite());
        largest = seen.fold(0.0, |largest: f32, x| largest.max(x.abs()));
        values = masked.into();
    }
    let is_vocabulary = matches!(stage.at.site, SiteName::Logits | SiteName::Probs);
    let columns = is_vocabulary.then(|| best(&values, table.shape[1]));
    let in_table = columns.as_ref().map_or_else(
        || Arc::clone(&values),
        |columns| {
            let rows = values.chunks_exact(table.shape[1]);
            let cells = rows.flat_map(|row| columns.iter().map(|&column| row[column]));
            cells.collect()
        },
    );
    Shown {
        shape: table.shape,
        values,
        columns: columns.map(Arc::from),
        in_table,
        first_row: fetched.first_row,
        largest,
        size: fetched.size,
        version,
    }
}

/// Scores without those of the future.
fn masked(scores: &[f32], n_columns: usize, first_row: usize) -> Vec<f32> {
    let rows = scores.chunks_exact(n_columns.max(1)).enumerate();
    let hide = |(row, scores): (usize, &[f32])| {
        let n_seen = first_row + row + 1;
        let seen = scores.iter().enumerate();
        let seen = seen.map(|(column, &score)| {
            if column < n_seen {
                score
            } else {
                f32::NEG_INFINITY
            }
        });
        seen.collect::<Vec<f32>>()
    };
    rows.flat_map(hide).collect()
}

/// The columns with the largest numbers in the last row, best first.
fn best(values: &[f32], n_columns: usize) -> Vec<usize> {
    let last = values.len().saturating_sub(n_columns);
    let row = &values[last..];
    let mut columns: Vec<usize> = (0..row.len()).collect();
    let better = |&a: &usize, &b: &usize| row[b].total_cmp(&row[a]).then(a.cmp(&b));
    if columns.len() > N_BEST {
        columns.select_nth_unstable_by(N_BEST, better);
        columns.truncate(N_BEST);
    }
    columns.sort_unstable_by(better);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_sees_what_comes_after_it() {
        let hidden = f32::NEG_INFINITY;
        let scores = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(
            masked(&scores, 3, 0),
            [1.0, hidden, hidden, 4.0, 5.0, hidden]
        );
        assert_eq!(masked(&scores, 3, 1), [1.0, 2.0, hidden, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn the_columns_of_the_vocabulary_are_ordered_by_the_last_token() {
        let mut values = vec![0.0_f32; 2 * 300];
        values[7] = 9.0;
        values[300 + 42] = 2.0;
        values[300 + 299] = 3.0;
        let columns = best(&values, 300);
        assert_eq!(columns.len(), N_BEST);
        assert_eq!(columns[..3], [299, 42, 0]);
    }
}
