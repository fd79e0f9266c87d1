//! RMS norm (Zhang & Sennrich 2019) for inference: one pass on the CPU, candle's kernel elsewhere.
//!
//! Candle's own kernel runs on another thread pool, which costs more than the norm of one token.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::rows::{RowWork, Rows, compute_rows};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

/// y = x / √(mean(x²) + ε) · weight, over the last dimension.
#[derive(Debug, Clone)]
pub struct RmsNorm {
    weight: Tensor,
    epsilon: f32,
}

impl RmsNorm {
    /// A norm with this weight, (d), and ε.
    #[must_use]
    pub fn new(weight: Tensor, epsilon: f64) -> Self {
        Self {
            weight,
            epsilon: epsilon as f32,
        }
    }

    /// The norm's weight, (d).
    #[must_use]
    pub fn weight(&self) -> &Tensor {
        &self.weight
    }

    /// ε.
    #[must_use]
    pub fn epsilon(&self) -> f32 {
        self.epsilon
    }

    /// Norms each row of `x`, (t, d) → (t, d). Has no gradient.
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() {
            x.apply_op2_no_bwd(&self.weight, self)
        } else {
            candle_nn::ops::rms_norm(&x.contiguous()?, &self.weight, self.epsilon)
        }
    }
}

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "rms-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let rows = Rows::of(x, x_layout)?;
        let weight = Rows::of(weight, weight_layout)?.row(0);
        if weight.len() != rows.width() {
            candle_core::bail!("a norm of width {} on {x_layout:?}", weight.len());
        }
        let normed = Normed {
            rows,
            weight,
            epsilon: self.epsilon,
        };
        let out = compute_rows(rows.n_rows(), rows.width(), &normed);
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

struct Normed<'a> {
    rows: Rows<'a>,
    weight: &'a [f32],
    epsilon: f32,
}

impl RowWork for Normed<'_> {
    #[inline(always)]
    fn row(&self, i: usize, out: &mut [f32]) {
        let row = self.rows.row(i);
        let scale = 1.0 / (sum_of_squares(row) / row.len() as f32 + self.epsilon).sqrt();
        for ((y, x), w) in out.iter_mut().zip(row).zip(self.weight) {
            *y = x * scale * w;
        }
    }
}

/// Σ x² in sixteen partial sums: as exact as f32 allows, and wide enough for every vector unit.
#[inline(always)]
fn sum_of_squares(row: &[f32]) -> f32 {
    let (chunks, rest) = row.as_chunks::<16>();
    let mut sums = [0f32; 16];
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += x * x;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|x| x * x).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn a_normed_row_has_a_mean_square_of_one_before_its_weight() -> Result<()> {
        let row: Vec<f32> = (0..40).map(|i| (i as f32).sin() * 3.0).collect();
        let x = Tensor::from_vec(row, (2, 20), &Device::Cpu)?;
        let norm = RmsNorm::new(Tensor::full(2f32, 20, &Device::Cpu)?, 0.0);
        for row in norm.forward(&x)?.to_vec2::<f32>()? {
            let mean_square = row.iter().map(|y| y * y).sum::<f32>() / 20.0;
            assert!((mean_square - 4.0).abs() < 1e-5, "{mean_square}");
        }
        Ok(())
    }

    #[test]
    fn it_agrees_with_candle() -> Result<()> {
        let x: Vec<f32> = (0..3 * 67).map(|i| (i as f32 * 0.7).cos()).collect();
        let x = Tensor::from_vec(x, (3, 67), &Device::Cpu)?;
        let weight = Tensor::arange(0f32, 67.0, &Device::Cpu)?;
        let ours = RmsNorm::new(weight.clone(), 1e-5).forward(&x)?;
        let theirs = candle_nn::ops::rms_norm_slow(&x, &weight, 1e-5)?;
        let difference = (ours - theirs)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(difference < 1e-5, "{difference}");
        Ok(())
    }
}
