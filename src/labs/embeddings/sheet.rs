//! Dimensions of one's own: a small table in which every row is a thing, every column a property that
//! a person named, and every cell a number that a person chose. A row is then an arrow, and what is
//! done with the arrows of a language model can be done with it by hand.
//!
//! Letters: v a row's values, w its weight in the sum, q = Σ w·v the sum.

mod examples;
mod table;

pub use examples::{EXAMPLES, Example, Meaning};

use super::measures::{Explanation, cosine, distance, dot};
use serde::{Deserialize, Serialize};

/// More rows or columns than these make no table that a person reads.
pub const MAX_ROWS: usize = 200;
/// See [`MAX_ROWS`].
pub const MAX_AXES: usize = 12;

/// Cosines this close count as equal: rounding alone moves them that far.
const TIE: f64 = 1e-12;

/// A thing and its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What it is: "king".
    pub name: String,
    /// How often it is in the sum: 1 added, −1 taken away, 0 not in it.
    #[serde(default)]
    pub weight: f64,
    /// One number per axis.
    pub values: Vec<f64>,
}

/// Named axes and the rows along them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// What each column says: "royalty".
    pub axes: Vec<String>,
    /// The things.
    pub rows: Vec<Row>,
}

/// How a row stands to the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Which row.
    pub row: usize,
    /// The cosine of the angle between them, −1..=1; `None` where either has no direction.
    pub cosine: Option<f64>,
    /// Σ q·v.
    pub dot: f64,
    /// The length of q − v.
    pub distance: f64,
    /// Whether the row is itself in the sum.
    pub is_input: bool,
}

/// The sum and how every row stands to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// q, one number per axis.
    pub sum: Vec<f64>,
    /// Every row, the nearest by cosine first; rows without a direction last.
    pub near: Vec<Near>,
}

impl Outcome {
    /// The nearest row that is not in the sum.
    #[must_use]
    pub fn best(&self) -> Option<Near> {
        let mut near = self.near.iter();
        near.find(|near| !near.is_input && near.cosine.is_some())
            .copied()
    }

    /// The nearest row of all.
    #[must_use]
    pub fn nearest(&self) -> Option<Near> {
        let first = self.near.first().copied();
        first.filter(|near| near.cosine.is_some())
    }
}

impl Sheet {
    /// The rows that are in the sum, with their weights.
    pub fn terms(&self) -> impl Iterator<Item = (usize, f64)> {
        let weights = self.rows.iter().map(|row| row.weight).enumerate();
        weights.filter(|&(_, weight)| weight != 0.0)
    }

    /// The sum and every row's place beside it; `None` while no row has a weight.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.terms().next()?;
        let mut sum = vec![0.0; self.axes.len()];
        for (row, weight) in self.terms() {
            for (total, value) in sum.iter_mut().zip(&self.rows[row].values) {
                *total += weight * value;
            }
        }
        let rows = self.rows.iter().enumerate();
        let mut near: Vec<Near> = rows
            .map(|(row, other)| Near {
                row,
                cosine: cosine(&sum, &other.values),
                dot: dot(&sum, &other.values),
                distance: distance(&sum, &other.values),
                is_input: other.weight != 0.0,
            })
            .collect();
        // Rows that are equally near stay in the order of the table.
        near.sort_by(|a, b| {
            let [a, b] = [a, b].map(|near| near.cosine.unwrap_or(f64::NEG_INFINITY));
            if (a - b).abs() < TIE {
                std::cmp::Ordering::Equal
            } else {
                b.total_cmp(&a)
            }
        });
        Some(Outcome { sum, near })
    }

    /// The sum as it is written: "king − man + 0.5 · woman".
    #[must_use]
    pub fn expression(&self) -> String {
        let mut written = String::new();
        for (row, weight) in self.terms() {
            let sign = match (written.is_empty(), weight < 0.0) {
                (true, false) => "",
                (true, true) => "−",
                (false, false) => " + ",
                (false, true) => " − ",
            };
            written += sign;
            let size = weight.abs();
            if (size - 1.0).abs() > 1e-9 {
                written.push_str(&short(size));
                written.push_str(" · ");
            }
            written += &self.rows[row].name;
        }
        written
    }

    /// Where the cosine and the distance between the sum and a row come from, axis by axis.
    #[must_use]
    pub fn explain(&self, row: usize) -> Option<Explanation> {
        let sum = self.outcome()?.sum;
        let other = self.rows.get(row)?;
        let words = [self.expression(), other.name.clone()];
        Some(Explanation::of(words, &sum, &other.values, &self.axes))
    }

    /// Adds a row of zeros. Returns its place, or `None` where the table is full.
    pub fn add_row(&mut self) -> Option<usize> {
        let place = self.rows.len();
        (place < MAX_ROWS).then(|| {
            self.rows.push(Row {
                name: free_name("new", self.rows.iter().map(|row| row.name.as_str())),
                weight: 0.0,
                values: vec![0.0; self.axes.len()],
            });
            place
        })
    }

    /// Adds an axis on which every row is zero. Returns its place, or `None` where the table is full.
    pub fn add_axis(&mut self) -> Option<usize> {
        let place = self.axes.len();
        (place < MAX_AXES).then(|| {
            let name = free_name("axis", self.axes.iter().map(String::as_str));
            self.axes.push(name);
            for row in &mut self.rows {
                row.values.push(0.0);
            }
            place
        })
    }

    /// Takes an axis away, from every row too. The last one stays.
    pub fn remove_axis(&mut self, axis: usize) {
        if axis < self.axes.len() && self.axes.len() > 1 {
            self.axes.remove(axis);
            for row in &mut self.rows {
                row.values.remove(axis);
            }
        }
    }

    /// Makes a table that came from outside one that can be shown: as many numbers in each row as
    /// there are axes, all of them finite, neither too many rows nor too many axes.
    #[must_use]
    pub fn checked(mut self) -> Option<Self> {
        self.axes.truncate(MAX_AXES);
        self.rows.truncate(MAX_ROWS);
        for row in &mut self.rows {
            row.values.resize(self.axes.len(), 0.0);
        }
        let rows = self.rows.iter();
        let finite = rows
            .flat_map(|row| row.values.iter().chain([&row.weight]))
            .all(|n| n.is_finite());
        (finite && !self.axes.is_empty()).then_some(self)
    }
}

/// A number without zeros that say nothing: "0.5", "2".
fn short(n: f64) -> String {
    let digits = format!("{n:.3}");
    digits.trim_end_matches('0').trim_end_matches('.').into()
}

/// "new", or "new 2" where that is taken, and so on.
fn free_name<'a>(stem: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let taken: Vec<&str> = taken.collect();
    let is_free = |name: &String| !taken.contains(&name.as_str());
    let numbered = (2..).map(|n| format!("{stem} {n}"));
    let mut names = std::iter::once(stem.to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests;
