//! An adapter as a safetensors file: a few hundred kilobytes beside a model of megabytes.

use super::adapter::{Adapter, Pair};
use super::new_word;
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::loading::KIND_KEY;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::labs::writing::write_whole;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use std::path::Path;

/// What an adapter's file says it is.
pub const KIND: &str = "diffusion adapter";
/// The name of the word's row.
const ROW: &str = "word";

impl Adapter {
    /// The bytes of its file.
    ///
    /// # Errors
    /// None with an adapter that was learned or opened.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let math = |error: candle_core::Error| math_refusal(&error);
        let row = Tensor::from_slice(&self.row, (1, self.row.len()), &Device::Cpu).map_err(math)?;
        let mut tensors = vec![(ROW.to_owned(), row)];
        for pair in &self.pairs {
            let [a, b] = pair.tensors().map_err(math)?;
            tensors.push((format!("{}.a", pair.name), a));
            tensors.push((format!("{}.b", pair.name), b));
        }
        let metadata = [
            ("format", "pt".to_owned()),
            (KIND_KEY, KIND.to_owned()),
            ("word", self.word.clone()),
            ("base", self.base.clone()),
            ("rank", self.rank.to_string()),
            ("steps", self.step.to_string()),
            ("license", "as the pictures it was learned from".to_owned()),
        ];
        pack(&metadata, &tensors, Precision::F32)
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the disk says no; a file of before is left as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, &self.to_bytes()?)
    }

    /// Reads one that was learned with a model of the shape of `base`.
    ///
    /// # Errors
    /// The file is none, or was learned with a model of another shape.
    pub fn open(path: &Path, base: &Denoiser) -> Result<Self> {
        Self::of(&WeightFile::open(path)?, base)
    }

    pub(super) fn of(file: &WeightFile, base: &Denoiser) -> Result<Self> {
        let text = |key: &str| file.meta(key).and_then(MetaValue::as_str);
        let wrong = |evidence: String| {
            Refusal::unchanged(
                format!("`{}` is not a word that was taught here", file.name()),
                evidence,
                "Choose a file that “Make it yours” saved.",
            )
        };
        if text(KIND_KEY) != Some(KIND) {
            return Err(wrong("It does not say that it is one.".to_owned()));
        }
        let number = |key: &str| text(key).and_then(|text| text.parse::<usize>().ok());
        let (Some(rank), Some(step)) = (number("rank"), number("steps")) else {
            return Err(wrong(
                "It says nothing of its rank or its steps.".to_owned(),
            ));
        };
        if !super::RANKS.contains(&rank) {
            return Err(wrong(format!("Its rank is {rank}.")));
        }
        let word = new_word(text("word").unwrap_or_default(), &base.about().attributes)?;
        let config = base.network().config();
        let numbers = |name: &str, shape: [usize; 2]| -> Result<Vec<f32>> {
            let entry = file.get(name).filter(|entry| entry.shape == shape);
            let entry = entry.ok_or_else(|| {
                let [rows, columns] = shape;
                wrong(format!(
                    "`{name}` is not there with {rows} × {columns} numbers, as {} needs it.",
                    base.about().name
                ))
            })?;
            let numbers = file.f32s(entry)?;
            if numbers.iter().all(|x| x.is_finite()) {
                return Ok(numbers);
            }
            Err(wrong(format!("`{name}` has numbers that are none.")))
        };
        let mut pairs = Vec::new();
        for (name, [rows, columns]) in config.adaptable() {
            pairs.push(Pair {
                a: numbers(&format!("{name}.a"), [rows, rank])?,
                b: numbers(&format!("{name}.b"), [rank, columns])?,
                name,
                size: [rows, columns],
            });
        }
        Ok(Self {
            word,
            base: crate::files::shown::shown(text("base").unwrap_or("a model without a name")),
            rank,
            step,
            row: numbers(ROW, [1, config.d_embedding])?,
            pairs,
        })
    }
}
