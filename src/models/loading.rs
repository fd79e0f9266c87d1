//! From a weight file to tensors on a device, one at a time: a tensor's shape is checked before
//! its numbers are read, and no two copies of the weights are held longer than one tensor takes.

use crate::files::shown::shown;
use crate::files::weight_type::WeightType;
use crate::files::weights::{TensorEntry, WeightFile};
use crate::nn::arena::Arena;
use crate::nn::dense::DenseMatrix;
use crate::nn::linear::Linear;
use crate::nn::math_refusal;
use crate::nn::quantized::{self, PackedMatrix, Weights};
use crate::refusal::{NOTHING_CHANGED, Refusal, Result};
use candle_core::{Device, Tensor};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Reads tensors of one file, tells how far it is, and stops when told to.
pub(super) struct Loader<'a> {
    pub(super) file: &'a WeightFile,
    pub(super) device: &'a Device,
    progress: &'a mut dyn FnMut(f32) -> ControlFlow<()>,
    arena: Arena,
    n_bytes_read: u64,
    n_bytes: u64,
    not_finite: Vec<NotFinite>,
}

/// A tensor with weights that are no numbers: NaN or infinite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFinite {
    /// The tensor's name in its file.
    pub tensor: String,
    /// How many weights, in quantized tensors rounded up to whole blocks.
    pub n: u64,
}

impl<'a> Loader<'a> {
    /// `progress` is called with the fraction of the file's weights that are loaded.
    pub(super) fn new(
        file: &'a WeightFile,
        device: &'a Device,
        progress: &'a mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Self {
        let n_bytes = file.tensors.iter().map(|tensor| tensor.n_bytes).sum();
        Self {
            file,
            device,
            progress,
            arena: Arena::new(),
            n_bytes_read: 0,
            n_bytes,
            not_finite: Vec::new(),
        }
    }

    /// The tensors with weights that are no numbers, among those loaded so far.
    pub(super) fn take_not_finite(&mut self) -> Vec<NotFinite> {
        std::mem::take(&mut self.not_finite)
    }

    /// The tensor called `name`, if its shape is `shape`.
    pub(super) fn entry(&self, name: &str, shape: &[usize]) -> Result<&'a TensorEntry> {
        let Some(entry) = self.file.get(name) else {
            return Err(self.refusal(format!("It has no tensor `{name}`, which the model needs.")));
        };
        if entry.shape != shape {
            return Err(self.refusal(format!(
                "`{name}` has the shape {:?}; by the file's own description it must be {shape:?}.",
                entry.shape
            )));
        }
        Ok(entry)
    }

    /// A vector of `n` numbers.
    pub(super) fn vector(&mut self, name: &str, n: usize) -> Result<Tensor> {
        let entry = self.entry(name, &[n])?;
        let vector = self.numbers(entry)?;
        Tensor::from_vec(vector, n, self.device).map_err(|error| math_refusal(&error))
    }

    /// One matrix of `n_in` columns, from the rows of several: (name, rows) each. On the CPU it stays
    /// quantized if all of them are: blocks of a kind that multiplies fast as they are, others
    /// rounded to eight bits. Numbers that a file keeps as floats stay floats.
    pub(super) fn linear(&mut self, parts: &[(String, usize)], n_in: usize) -> Result<Linear> {
        let mut entries = Vec::with_capacity(parts.len());
        for (name, rows) in parts {
            entries.push(self.entry(name, &[*rows, n_in])?);
        }
        if self.device.is_cpu() && entries.iter().all(|entry| entry.dtype.is_quantized()) {
            return self.packed(&entries, n_in).map(Linear::Packed);
        }
        let mut weight = Vec::new();
        for entry in entries {
            let part = self.numbers(entry)?;
            if parts.len() == 1 {
                weight = part;
            } else {
                weight.extend(part);
            }
        }
        let n_out: usize = parts.iter().map(|(_, rows)| rows).sum();
        self.floats(weight, n_out, n_in)
    }

    /// A matrix of floats, `(n_out, n_in)`: on the CPU laid out to be read at the memory's speed.
    pub(super) fn floats(&mut self, weight: Vec<f32>, n_out: usize, n_in: usize) -> Result<Linear> {
        if self.device.is_cpu() {
            return DenseMatrix::pack(&self.arena, n_in, &[&weight]).map(Linear::Dense);
        }
        Tensor::from_vec(weight, (n_out, n_in), self.device)
            .map(Linear::F32)
            .map_err(|error| math_refusal(&error))
    }

    /// The numbers of the tensor called `name`, if its shape is `shape`, row-major.
    pub(super) fn numbers_of(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let entry = self.entry(name, shape)?;
        self.numbers(entry)
    }

    fn packed(&mut self, entries: &[&TensorEntry], n_in: usize) -> Result<PackedMatrix> {
        /// What a source's weights borrow from.
        enum Read<'a> {
            Blocks(quantized::Format, Cow<'a, [u8]>),
            Floats(Vec<f32>),
        }
        let mut read = Vec::with_capacity(entries.len());
        for entry in entries {
            let (part, n) = if let Some(format) = fast_format(entry.dtype) {
                let blocks = self.file.bytes(entry)?;
                let n = not_finite_in_blocks(entry.dtype, &blocks);
                (Read::Blocks(format, blocks), n)
            } else {
                let numbers = self.file.f32s(entry)?;
                let n = not_finite(&numbers);
                (Read::Floats(numbers), n)
            };
            self.note(entry, n);
            read.push(part);
        }
        let sources: Vec<_> = read
            .iter()
            .map(|read| match read {
                Read::Blocks(format, bytes) => Weights::Blocks(*format, bytes),
                Read::Floats(numbers) => Weights::Floats(numbers),
            })
            .collect();
        let matrix = PackedMatrix::pack(&self.arena, n_in, &sources)?;
        for entry in entries {
            self.count(entry)?;
        }
        Ok(matrix)
    }

    fn numbers(&mut self, entry: &TensorEntry) -> Result<Vec<f32>> {
        let numbers = self.file.f32s(entry)?;
        self.note(entry, not_finite(&numbers));
        self.count(entry)?;
        Ok(numbers)
    }

    /// Keeps in mind that `n` weights of `entry` are no numbers.
    fn note(&mut self, entry: &TensorEntry, n: u64) {
        if n > 0 {
            let tensor = shown(&entry.name);
            self.not_finite.push(NotFinite { tensor, n });
        }
    }

    /// Reports `entry` as loaded.
    fn count(&mut self, entry: &TensorEntry) -> Result<()> {
        self.n_bytes_read += entry.n_bytes;
        let fraction = self.n_bytes_read as f32 / self.n_bytes.max(1) as f32;
        match (self.progress)(fraction.min(1.0)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Refusal::new(
                format!("Loading `{}` was stopped", self.file.name()),
                format!("You stopped it after {:.0} %.", 100.0 * fraction),
                NOTHING_CHANGED,
                "Load it again whenever you like.",
            )),
        }
    }

    /// A refusal of this file for what `evidence` says.
    pub(super) fn refusal(&self, evidence: impl Into<String>) -> Refusal {
        Refusal::unchanged(
            format!("`{}` cannot run here", self.file.name()),
            evidence,
            "Choose another file, or convert this one again from its original.",
        )
    }
}

fn not_finite(numbers: &[f32]) -> u64 {
    numbers.iter().filter(|x| !x.is_finite()).count() as u64
}

/// The same for blocks that stay as they are: a block whose scale (an f16, and in `Q4_1` a second one)
/// is no number has none.
fn not_finite_in_blocks(dtype: WeightType, blocks: &[u8]) -> u64 {
    let n_scales = if dtype == WeightType::Q4_1 { 2 } else { 1 };
    let is_wrong = |half: &[u8; 2]| half[1] & 0x7c == 0x7c; // all exponent bits set
    let blocks = blocks.chunks_exact(dtype.block_bytes());
    let wrong = blocks.filter(|block| {
        let scales = block.as_chunks::<2>().0.iter().take(n_scales);
        scales.clone().any(is_wrong)
    });
    wrong.count() as u64 * dtype.block_len() as u64
}

/// The types whose blocks multiply fast as they are.
fn fast_format(dtype: WeightType) -> Option<quantized::Format> {
    match dtype {
        WeightType::Q4_0 => Some(quantized::Format::Q4_0),
        WeightType::Q4_1 => Some(quantized::Format::Q4_1),
        WeightType::Q8_0 => Some(quantized::Format::Q8_0),
        _ => None,
    }
}
