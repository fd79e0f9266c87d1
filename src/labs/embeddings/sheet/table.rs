//! A sheet as spreadsheets exchange it: a line per row, cells between tabs (or commas, or semicolons).

use super::{MAX_AXES, MAX_ROWS, Row, Sheet};
use crate::refusal::{Refusal, Result};

impl Sheet {
    /// The table with its sum's weights: a head line, then a line per row, cells between tabs.
    #[must_use]
    pub fn to_table(&self) -> String {
        let mut out = String::from("name\tweight");
        for axis in &self.axes {
            out.push('\t');
            out += &cell(axis);
        }
        out.push('\n');
        for row in &self.rows {
            out += &cell(&row.name);
            for value in std::iter::once(&row.weight).chain(&row.values) {
                out.push('\t');
                out += &value.to_string();
            }
            out.push('\n');
        }
        out
    }

    /// Reads what [`Self::to_table`] writes, and what a spreadsheet puts on the clipboard: the first
    /// line names the axes, the first cell of every other line names the row. A column called
    /// "weight" is the rows' weights.
    ///
    /// # Errors
    /// When there is no table, a line has another number of cells than the first, a cell is no
    /// number, or there are too many of either; the line and the cell are named.
    pub fn from_table(text: &str) -> Result<Self> {
        let mut lines = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty());
        let Some((_, head)) = lines.next() else {
            return Err(refused("It is empty."));
        };
        let separator = ['\t', ';', ','].into_iter().find(|&c| head.contains(c));
        let separator = separator.unwrap_or('\t');
        let names: Vec<&str> = cells(head, separator).collect();
        let weight_at = names.iter().position(|name| *name == "weight");
        let axes: Vec<String> = (1..names.len())
            .filter(|&i| Some(i) != weight_at)
            .map(|i| names[i].to_owned())
            .collect();
        if axes.is_empty() {
            return Err(refused(
                "Its first line names no axis after the first cell.",
            ));
        }
        if axes.len() > MAX_AXES {
            let n = axes.len();
            return Err(refused(format!("It has {n} axes; at most {MAX_AXES} fit.")));
        }
        let mut rows = Vec::new();
        for (number, line) in lines {
            if rows.len() == MAX_ROWS {
                let why = format!("Line {number} is one row too many; at most {MAX_ROWS} fit.");
                return Err(refused(why));
            }
            let found: Vec<&str> = cells(line, separator).collect();
            if found.len() != names.len() {
                let (n, expected) = (found.len(), names.len());
                return Err(refused(format!(
                    "Line {number} has {n} cells; the first line has {expected}."
                )));
            }
            let mut row = Row {
                name: found[0].to_owned(),
                weight: 0.0,
                values: Vec::with_capacity(axes.len()),
            };
            for i in 1..found.len() {
                let value = number_in(found[i], separator).ok_or_else(|| {
                    let (what, axis) = (found[i], names[i]);
                    refused(format!(
                        "Line {number}, column “{axis}”: “{what}” is no number."
                    ))
                })?;
                if Some(i) == weight_at {
                    row.weight = value;
                } else {
                    row.values.push(value);
                }
            }
            rows.push(row);
        }
        Ok(Self { axes, rows })
    }
}

fn cells(line: &str, separator: char) -> impl Iterator<Item = &str> {
    line.split(separator)
        .map(|cell| cell.trim().trim_matches('"'))
}

/// A finite number; with a comma for the point where that separates nothing. An empty cell is zero.
fn number_in(cell: &str, separator: char) -> Option<f64> {
    if cell.is_empty() {
        return Some(0.0);
    }
    let parsed = cell.parse().ok();
    let with_comma = || {
        (separator != ',')
            .then(|| cell.replacen(',', ".", 1))
            .and_then(|cell| cell.parse().ok())
    };
    parsed
        .or_else(with_comma)
        .filter(|value: &f64| value.is_finite())
}

/// A name that breaks no table.
fn cell(name: &str) -> String {
    name.replace(['\t', '\n', '\r'], " ")
}

fn refused(evidence: impl Into<String>) -> Refusal {
    Refusal::new(
        "This is no table of numbers",
        evidence,
        "The table that was there is still there.",
        "Copy a table whose first line names the axes and whose first column names the rows.",
    )
}
