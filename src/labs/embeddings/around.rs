//! What lies around a word, and the rows that a map is made of.

use super::search::Search;
use super::{Metric, Space};
use std::ops::ControlFlow;

/// A word and how alike its direction is.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// Its place in the set.
    pub index: usize,
    /// The word.
    pub word: String,
    /// The cosine of the angle between the two vectors, −1..=1.
    pub cosine: f64,
}

impl Space {
    /// The `n` words whose vectors point most nearly the way `vector` does, those at `without` left
    /// out; the nearest first. Every word is looked at; `emit` may stop it, and then there is no answer.
    #[must_use]
    pub fn around(
        &self,
        vector: &[f32],
        without: &[usize],
        n: usize,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Option<Vec<Neighbour>> {
        let length = length_of(vector);
        let query: Vec<f32> = vector
            .iter()
            .map(|x| (f64::from(*x) / length) as f32)
            .collect();
        let search = Search {
            query: &query,
            metric: Metric::Cosine,
            n: n + without.len(),
            n_rows: self.vectors.len(),
            ranked: None,
        };
        let found = search.run(&self.vectors, emit)?.best;
        let kept = found.iter().filter(|found| !without.contains(&found.index));
        let near = kept.take(n).map(|found| Neighbour {
            index: found.index,
            word: self.vectors.word(found.index).to_owned(),
            cosine: cosine(vector, &self.vector(found.index)),
        });
        Some(near.collect())
    }

    /// The places of the first `n` words that can stand on a map: the commonest whose vectors have a
    /// direction.
    #[must_use]
    pub fn commonest(&self, n: usize) -> Vec<u32> {
        let mut row = vec![0.0; self.vectors.width()];
        let mut places = Vec::with_capacity(n.min(self.vectors.len()));
        for i in 0..self.vectors.len() {
            if places.len() == n {
                break;
            }
            self.vectors.row(i, &mut row);
            let length: f32 = row.iter().map(|x| x * x).sum();
            if length > 0.0 && length.is_finite() {
                places.push(i as u32);
            }
        }
        places
    }

    /// The vectors at these places, row-major.
    #[must_use]
    pub fn rows_at(&self, places: &[u32]) -> Vec<f32> {
        let width = self.vectors.width();
        let mut rows = vec![0.0; places.len() * width];
        for (row, &i) in rows.chunks_exact_mut(width.max(1)).zip(places) {
            self.vectors.row(i as usize, row);
        }
        rows
    }
}

/// The length of a vector; 1 for one of zeros, which nothing points along.
fn length_of(vector: &[f32]) -> f64 {
    let squares: f64 = vector.iter().map(|x| f64::from(*x).powi(2)).sum();
    if squares > 0.0 { squares.sqrt() } else { 1.0 }
}

/// The cosine of the angle between two vectors; 0 where one of them has no direction.
#[must_use]
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 {
        dot(a, b) / lengths
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::word_vectors::WordVectors;

    fn space() -> Space {
        let words = ["zero", "east", "north", "northeast", "west"];
        let words = words.map(String::from).to_vec();
        let values = vec![0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 3.0, 3.0, -1.0, 0.0];
        Space::new(WordVectors::from_rows("winds", words, 2, values).unwrap())
    }

    #[test]
    fn neighbours_are_found_by_direction_and_not_by_length() {
        let space = space();
        let mut go_on = |_| ControlFlow::Continue(());
        let near = space.around(&space.vector(1), &[1], 2, &mut go_on).unwrap();
        assert_eq!(near[0].word, "northeast");
        assert!((near[0].cosine - 0.5_f64.sqrt()).abs() < 1e-6);
        assert_eq!(near[1].word, "north");
        assert!(near[1].cosine.abs() < 1e-9);
        let mut stop = |_| ControlFlow::Break(());
        assert_eq!(space.around(&[1.0, 0.0], &[], 2, &mut stop), None);
    }

    #[test]
    fn a_word_without_a_direction_stands_on_no_map() {
        let space = space();
        assert_eq!(space.commonest(3), [1, 2, 3]);
        assert_eq!(space.commonest(9), [1, 2, 3, 4]);
        assert_eq!(space.rows_at(&[3, 1]), [3.0, 3.0, 2.0, 0.0]);
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), 0.0);
    }
}
