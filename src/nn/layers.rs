//! What is trainable: named variables, and the affine map, norm and table made of them.
//!
//! The layers are built over variables' tensors to be trained, over detached tensors to look at a
//! training from aside, or over a [`Linear`] made for speed; the code above them does not know which.

use super::fused::layer_norm;
use super::linear::Linear;
use candle_core::{Device, Result, Tensor, Var, bail};

/// Trainable tensors by name, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    entries: Vec<(String, Var)>,
}

impl Parameters {
    /// Adds a variable that starts at `initial`.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn add(&mut self, name: impl Into<String>, initial: &Tensor) -> Result<()> {
        let name = name.into();
        if self.get(&name).is_some() {
            bail!("two parameters are named {name}");
        }
        self.entries.push((name, Var::from_tensor(initial)?));
        Ok(())
    }

    /// The variable of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.iter().find(|(n, _)| *n == name).map(|(_, var)| var)
    }

    /// Every variable with its name.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Var)> {
        self.entries.iter().map(|(name, var)| (name.as_str(), var))
    }

    /// How many numbers there are to learn.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        self.iter().map(|(_, var)| var.elem_count()).sum()
    }
}

/// A matrix of weights.
#[derive(Debug)]
pub enum Matrix {
    /// (in, out), as GPT-2 stores it; has a gradient.
    Trained(Tensor),
    /// Made for speed; has none.
    Ready(Linear),
}

impl Matrix {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Trained(weight) => x.matmul(weight),
            Self::Ready(linear) => linear.forward(x),
        }
    }

    /// The weights that make output `out`, (in).
    fn row(&self, out: usize) -> Result<Vec<f32>> {
        match self {
            Self::Trained(weight) => weight.narrow(1, out, 1)?.flatten_all()?.to_vec1(),
            Self::Ready(linear) => linear.row(out),
        }
    }
}

/// `x·W + b`.
#[derive(Debug)]
pub struct Affine {
    weight: Matrix,
    bias: Tensor,
}

impl Affine {
    /// From `weight` and `bias` (out).
    #[must_use]
    pub fn new(weight: Matrix, bias: Tensor) -> Self {
        Self { weight, bias }
    }

    /// Rows (n, in) to rows (n, out).
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.weight.forward(x)?.broadcast_add(&self.bias)
    }

    /// The weights and the bias that make output `out`.
    ///
    /// # Errors
    /// When there is no such output.
    pub fn row(&self, out: usize) -> Result<(Vec<f32>, f32)> {
        Ok((self.weight.row(out)?, self.bias.get(out)?.to_scalar()?))
    }

    /// `x`, one row, as the product reads it; see [`Linear::as_seen`].
    #[must_use]
    pub fn as_seen(&self, x: &[f32]) -> Vec<f32> {
        match &self.weight {
            Matrix::Trained(_) => x.to_vec(),
            Matrix::Ready(linear) => linear.as_seen(x),
        }
    }

    /// Whether its weights are quantized.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        matches!(&self.weight, Matrix::Ready(linear) if linear.is_packed())
    }
}

/// One row per token: read by id on the way in, multiplied with on the way out where the head is tied.
#[derive(Debug)]
pub enum Table {
    /// (v, d); has a gradient.
    Trained(Tensor),
    /// Made for speed; has none.
    Ready(Linear),
}

impl Table {
    /// The rows that `ids` name, (n, d).
    ///
    /// # Errors
    /// When an id is beyond the last row.
    pub fn rows(&self, ids: &[u32], device: &Device) -> Result<Tensor> {
        match self {
            Self::Trained(table) => table.index_select(&Tensor::new(ids, device)?, 0),
            Self::Ready(linear) => linear.rows(ids),
        }
    }

    /// The product of `x` (n, d) with every row: (n, v).
    ///
    /// # Errors
    /// When the widths differ.
    pub fn scores(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Trained(table) => x.matmul(&table.t()?),
            Self::Ready(linear) => linear.forward(x),
        }
    }

    /// Row `row`, (d).
    ///
    /// # Errors
    /// When there is no such row.
    pub fn row(&self, row: usize) -> Result<Vec<f32>> {
        match self {
            Self::Trained(table) => table.get(row)?.to_vec1(),
            Self::Ready(linear) => linear.row(row),
        }
    }

    /// `x`, one row, as the product reads it; see [`Linear::as_seen`].
    #[must_use]
    pub fn as_seen(&self, x: &[f32]) -> Vec<f32> {
        match self {
            Self::Trained(_) => x.to_vec(),
            Self::Ready(linear) => linear.as_seen(x),
        }
    }

    /// Whether its weights are quantized.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        matches!(self, Self::Ready(linear) if linear.is_packed())
    }
}

/// Layer normalisation with its learned gain and bias.
#[derive(Debug)]
pub struct LayerNorm {
    gain: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl LayerNorm {
    /// From `gain` (d) and `bias` (d).
    #[must_use]
    pub fn new(gain: Tensor, bias: Tensor, epsilon: f64) -> Self {
        Self {
            gain,
            bias,
            epsilon,
        }
    }

    /// Rows (n, d) to rows (n, d).
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        layer_norm(x, &self.gain, &self.bias, self.epsilon)
    }

    /// Its gain, (d).
    #[must_use]
    pub fn gain(&self) -> &Tensor {
        &self.gain
    }

    /// Its bias, (d).
    #[must_use]
    pub fn bias(&self) -> &Tensor {
        &self.bias
    }

    /// ε, as it is added in f32.
    #[must_use]
    pub fn epsilon(&self) -> f32 {
        self.epsilon as f32
    }
}
