//! What was learned, as plain numbers, and the model that it makes of another one.

use super::with_word;
use crate::labs::diffusion::{About, Denoiser};
use crate::models::unet::{Config, UNet};
use crate::nn::lora::adapted;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{DType, Device, Tensor, bail};

/// A word, and what the network changes for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    /// The word, in small letters.
    pub word: String,
    /// The model that it was learned with.
    pub base: String,
    /// r: columns of every A, rows of every B.
    pub rank: usize,
    /// Steps that were learned.
    pub step: usize,
    /// What the word adds to the condition, (d).
    pub row: Vec<f32>,
    /// What is added to the weights.
    pub pairs: Vec<Pair>,
}

/// What is added to one weight: A·B.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The weight's name.
    pub name: String,
    /// Rows and columns of the weight as a matrix.
    pub size: [usize; 2],
    /// (rows, r), row by row.
    pub a: Vec<f32>,
    /// (r, columns), row by row.
    pub b: Vec<f32>,
}

/// How far one weight was changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The weight's name.
    pub name: String,
    /// Its rows and columns as a matrix.
    pub size: [usize; 2],
    /// The length of W, all its numbers as one vector.
    pub length: f64,
    /// The length of A·B.
    pub change: f64,
}

/// Where one number of a changed weight comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// W at this place.
    pub weight: f32,
    /// A's row, r numbers.
    pub a: Vec<f32>,
    /// B's column, r numbers.
    pub b: Vec<f32>,
    /// A·B there, summed in f64.
    pub product: f64,
    /// W + s·A·B there.
    pub sum: f64,
    /// The number that the changed network computes with.
    pub used: f32,
}

/// Gives A and B of a weight; `None` where it stays as it is.
pub(super) type Pairs<'a> = &'a mut dyn FnMut(&str) -> Option<candle_core::Result<[Tensor; 2]>>;

/// `base` with one more attribute, whose one value is the word, and with A·B beside its weights.
pub(super) fn network(
    base: &UNet,
    row: &Tensor,
    pairs: Pairs<'_>,
    scale: f64,
) -> candle_core::Result<UNet> {
    let config = config(base.config());
    let word = format!("condition.{}.weight", base.config().conditions.len());
    UNet::new(&config, &mut |name, _| {
        if name == word {
            // Not said, and said: the first row adds nothing.
            let row = (row * scale)?;
            return Tensor::cat(&[&row.zeros_like()?, &row], 0);
        }
        let Some(weight) = base.tensor(name) else {
            bail!("there is no {name}");
        };
        match pairs(name) {
            Some(pair) => {
                let [a, b] = pair?;
                adapted(weight, [&a, &b], scale)
            }
            None => Ok(weight.clone()),
        }
    })
}

/// The shape of a network that knows one more word.
fn config(base: &Config) -> Config {
    let mut config = base.clone();
    config.conditions.push(2);
    config
}

impl Adapter {
    /// Numbers that were learned.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        let pairs = self.pairs.iter().map(|pair| pair.a.len() + pair.b.len());
        self.row.len() + pairs.sum::<usize>()
    }

    /// The model that `base` becomes with `scale` times what was learned: at 0 it draws what it drew, bit
    /// for bit; at 1 what it learned to draw. It knows the word as one more attribute, after all others.
    ///
    /// # Errors
    /// A model of another shape.
    pub fn applied(&self, base: &Denoiser, scale: f64) -> Result<Denoiser> {
        self.check(base)?;
        let math = |error: candle_core::Error| math_refusal(&error);
        let row = Tensor::from_slice(&self.row, (1, self.row.len()), &Device::Cpu).map_err(math)?;
        let pairs = &mut |name: &str| self.pair(name).map(Pair::tensors);
        let network = network(&base.network, &row, pairs, scale).map_err(math)?;
        let attributes = with_word(&base.about.attributes, &self.word);
        let about = About {
            name: format!("{} with “{}”", base.about.name, self.word),
            n_weights: base.about.n_weights + self.n_weights() as u64,
            attributes,
            ..base.about.clone()
        };
        Ok(Denoiser::new(network, about))
    }

    /// Whether it was made for a network of this shape.
    pub(super) fn check(&self, base: &Denoiser) -> Result<()> {
        let config = base.network.config();
        let names = config.adaptable();
        let fits = |((name, size), pair): (&(String, [usize; 2]), &Pair)| {
            let [rows, columns] = *size;
            *name == pair.name
                && *size == pair.size
                && pair.a.len() == rows * self.rank
                && pair.b.len() == self.rank * columns
        };
        let all = names.len() == self.pairs.len() && names.iter().zip(&self.pairs).all(fits);
        if all && self.row.len() == config.d_embedding {
            return Ok(());
        }
        Err(Refusal::unchanged(
            format!("“{}” was learned by another network", self.word),
            format!(
                "It was learned with {}; the weights of {} have other names or shapes.",
                self.base, base.about.name
            ),
            "Open the model that it was learned with, or learn the word again with this one.",
        ))
    }

    /// What is added to the weight of that name.
    #[must_use]
    pub fn pair(&self, name: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.name == name)
    }

    /// How far every weight was changed, in the order of the picture's way through.
    ///
    /// # Errors
    /// A model of another shape.
    pub fn changes(&self, base: &Denoiser) -> Result<Vec<Change>> {
        self.check(base)?;
        let change = |pair: &Pair| -> candle_core::Result<Change> {
            let length = |tensor: &Tensor| -> candle_core::Result<f64> {
                let sum = tensor.sqr()?.sum_all()?;
                Ok(f64::from(sum.to_scalar::<f32>()?).sqrt())
            };
            let [a, b] = pair.tensors()?;
            let Some(weight) = base.network.tensor(&pair.name) else {
                bail!("there is no {}", pair.name);
            };
            Ok(Change {
                name: pair.name.clone(),
                size: pair.size,
                length: length(weight)?,
                change: length(&a.matmul(&b)?)?,
            })
        };
        let changes = self.pairs.iter().map(change);
        changes
            .collect::<candle_core::Result<_>>()
            .map_err(|error| math_refusal(&error))
    }

    /// Where the number in `row` and `column` of a weight comes from; `None` where there is no such place.
    #[must_use]
    pub fn entry(
        &self,
        base: &Denoiser,
        name: &str,
        [row, column]: [usize; 2],
        scale: f64,
    ) -> Option<Entry> {
        let pair = self.pair(name)?;
        let [rows, columns] = pair.size;
        if row >= rows || column >= columns {
            return None;
        }
        let at = |tensor: &Tensor| -> Option<f32> {
            let matrix = tensor.reshape(pair.size.as_slice()).ok()?;
            let number = matrix.get(row).ok()?.get(column).ok()?;
            number.to_scalar().ok()
        };
        let weight = base.network.tensor(name)?;
        let [a, b] = pair.tensors().ok()?;
        let used = at(&adapted(weight, [&a, &b], scale).ok()?)?;
        let weight = at(weight)?;
        let a = pair.a[row * self.rank..][..self.rank].to_vec();
        let b: Vec<f32> = (0..self.rank)
            .map(|i| pair.b[i * columns + column])
            .collect();
        let terms = a.iter().zip(&b);
        let product: f64 = terms.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        Some(Entry {
            weight,
            a,
            b,
            product,
            sum: f64::from(weight) + scale * product,
            used,
        })
    }
}

impl Pair {
    /// A (rows, r) and B (r, columns).
    pub(super) fn tensors(&self) -> candle_core::Result<[Tensor; 2]> {
        let [rows, columns] = self.size;
        let r = self.a.len() / rows.max(1);
        Ok([
            Tensor::from_slice(&self.a, (rows, r), &Device::Cpu)?,
            Tensor::from_slice(&self.b, (r, columns), &Device::Cpu)?,
        ])
    }

    /// A·B, what is added at scale 1: (rows, columns), row by row.
    #[must_use]
    pub fn product(&self) -> Vec<f32> {
        let product = || -> candle_core::Result<Vec<f32>> {
            let [a, b] = self.tensors()?;
            a.matmul(&b)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
        };
        product().unwrap_or_default()
    }
}
