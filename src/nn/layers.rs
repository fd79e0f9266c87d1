//! What is trainable: named variables, and the affine map, norm and table made of them.
//!
//! The layers hold plain tensors. Given a variable's tensor they train it; given a detached one they
//! only compute, and candle keeps no graph. Which of the two is the caller's choice at construction.

use super::fused::layer_norm;
use candle_core::{Result, Tensor, Var, bail};

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
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Var)> {
        self.entries.iter().map(|(name, var)| (name.as_str(), var))
    }

    /// How many numbers there are to learn.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        self.iter().map(|(_, var)| var.elem_count()).sum()
    }
}

/// `x·W + b`, with W stored (in, out) as GPT-2's Conv1D has it.
#[derive(Debug, Clone)]
pub struct Affine {
    weight: Tensor,
    bias: Tensor,
}

impl Affine {
    /// From `weight` (in, out) and `bias` (out).
    #[must_use]
    pub fn new(weight: Tensor, bias: Tensor) -> Self {
        Self { weight, bias }
    }

    /// Rows (n, in) to rows (n, out).
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weight)?.broadcast_add(&self.bias)
    }
}

/// Layer normalisation with its learned gain and bias.
#[derive(Debug, Clone)]
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
}
