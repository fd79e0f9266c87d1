//! The row that a language model keeps for each token, and which rows point the same way.
//!
//! A model knows a token only by its row of the embedding table. Rows that point the same way (their
//! cosine is near 1) are tokens that the model uses alike.

use crate::files::weights::WeightFile;
use crate::files::{embedded, manifest};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use std::path::Path;

/// The table's name in the formats we read.
const NAMES: [&str; 4] = [
    "token_embd.weight",
    "model.embed_tokens.weight",
    "wte.weight",
    "transformer.wte.weight",
];

/// The embedding table of a model.
#[derive(Debug, Clone)]
pub struct EmbeddingTable {
    d_model: usize,
    rows: Vec<f32>,
    /// One over each row's length.
    scales: Vec<f32>,
}

/// A token and how alike its row is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The token.
    pub id: u32,
    /// The cosine of the angle between the two rows, -1..=1.
    pub cosine: f32,
}

impl EmbeddingTable {
    /// The table of a model by name or file.
    ///
    /// # Errors
    /// There is no such model, or it has no such table: a vocabulary alone has none.
    pub fn open(name_or_path: &str) -> Result<Self> {
        if let Some((weights, _)) = embedded::language_model(name_or_path)? {
            return Self::of(&weights);
        }
        let path = manifest::resolve(name_or_path, &manifest::folders())?;
        Self::of(&WeightFile::open(Path::new(&path))?)
    }

    /// The table of a model that was loaded to write with.
    ///
    /// # Errors
    /// Its file is gone, or another now.
    pub fn of_loaded(model: &LoadedText) -> Result<Self> {
        match (&model.path, embedded::language_model(&model.name)?) {
            (Some(path), _) => Self::of(&WeightFile::open(path)?),
            (None, Some((weights, _))) => Self::of(&weights),
            (None, None) => Self::of(&embedded::weights()?),
        }
    }

    fn of(file: &WeightFile) -> Result<Self> {
        let (rows, d_model) = embedding_rows(file)?;
        Ok(Self::new(d_model, rows))
    }

    fn new(d_model: usize, rows: Vec<f32>) -> Self {
        let length = |row: &[f32]| row.iter().map(|x| x * x).sum::<f32>().sqrt();
        let scales = rows.chunks(d_model.max(1));
        let scales = scales.map(|row| 1.0 / length(row).max(1e-12)).collect();
        Self {
            d_model,
            rows,
            scales,
        }
    }

    /// Numbers in a row.
    #[must_use]
    pub fn d_model(&self) -> usize {
        self.d_model
    }

    /// The numbers that the model has for token `id`; none where it has no such token.
    #[must_use]
    pub fn row(&self, id: u32) -> &[f32] {
        let start = id as usize * self.d_model;
        self.rows.get(start..start + self.d_model).unwrap_or(&[])
    }

    /// The `n` tokens whose rows are most alike to that of `id`, the closest first.
    #[must_use]
    pub fn nearest(&self, id: u32, n: usize) -> Vec<Neighbour> {
        let own = self.row(id);
        let Some(&scale) = self.scales.get(id as usize) else {
            return Vec::new();
        };
        let rows = self.rows.chunks(self.d_model.max(1)).zip(&self.scales);
        let mut all: Vec<Neighbour> = (0_u32..)
            .zip(rows)
            .filter(|&(other, _)| other != id)
            .map(|(id, (row, its))| Neighbour {
                id,
                cosine: row.iter().zip(own).map(|(a, b)| a * b).sum::<f32>() * scale * its,
            })
            .collect();
        let n = n.min(all.len());
        let closest = |a: &Neighbour, b: &Neighbour| b.cosine.total_cmp(&a.cosine);
        if n < all.len() {
            all.select_nth_unstable_by(n, closest);
            all.truncate(n);
        }
        all.sort_by(closest);
        all
    }
}

/// The embedding table of a model, row-major, and how many numbers are in a row.
///
/// # Errors
/// It has no such table.
pub(in crate::labs) fn embedding_rows(file: &WeightFile) -> Result<(Vec<f32>, usize)> {
    let tensor = NAMES.iter().find_map(|name| file.get(name));
    let Some((tensor, &[n_rows, d_model])) =
        tensor.and_then(|tensor| Some((tensor, tensor.shape.first_chunk::<2>()?)))
    else {
        return Err(Refusal::unchanged(
            format!("`{}` has no embedding table", file.name()),
            format!("It has none of the tensors {}.", NAMES.join(", ")),
            "Choose the vocabulary of a language model, such as SmolLM2 or stories.",
        ));
    };
    let mut rows = file.f32s(tensor)?;
    rows.truncate(n_rows * d_model);
    Ok((rows, d_model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_point_the_same_way_are_neighbours_however_long_they_are() {
        let rows = vec![2.0, 0.0, 0.3, 0.4, 0.0, 7.0, -1.0, 0.0];
        let table = EmbeddingTable::new(2, rows);
        assert_eq!(table.row(1), [0.3, 0.4]);
        assert!(table.row(4).is_empty());
        let near = table.nearest(0, 2);
        assert_eq!(near[0].id, 1);
        assert!((near[0].cosine - 0.6).abs() < 1e-6);
        assert_eq!((near[1].id, near.len()), (2, 2));
        assert_eq!(table.nearest(9, 2), []);
        assert_eq!(table.nearest(3, 9).len(), 3);
    }

    #[test]
    fn the_built_in_model_has_a_row_for_each_token_and_a_vocabulary_alone_has_none() {
        let table = EmbeddingTable::open("stories").unwrap();
        assert_eq!(table.rows.len() % table.d_model(), 0);
        let near = table.nearest(412, 5);
        assert!(near[0].cosine <= 1.0001 && near[0].cosine >= near[4].cosine);
        let alone = concat!(env!("CARGO_MANIFEST_DIR"), "/models/stories.tokenizer.json");
        assert!(!EmbeddingTable::open(alone).unwrap_err().next.is_empty());
    }
}
