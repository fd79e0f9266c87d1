//! Spectral normalisation (Miyato et al. 2018): a kernel divided by its largest singular value σ, so
//! that the layer can stretch no input by more than 1, and a discriminator stays smooth.
//!
//! The kernel, (…, co), is taken as a matrix W of co columns. σ is found by one step of power
//! iteration at each use: v ← Wu/|Wu|, u ← Wᵀv/|Wᵀv|, σ = vᵀWu; u is kept from use to use, and the
//! kernel moves slowly enough for it to follow. As `torch.nn.utils.spectral_norm`.

use super::slices::{dot, floats, with_floats};
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, bail};

/// Keeps a vector of length 0 from being divided by 0.
const EPSILON: f32 = 1e-12;

/// What is remembered of a kernel: its first right singular vector, nearly, one number an output
/// channel. Keep it with the weights in a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralNorm {
    /// Of length 1.
    pub u: Vec<f32>,
}

impl SpectralNorm {
    /// Starts from `u`, usually normal noise, one number an output channel.
    #[must_use]
    pub fn new(mut u: Vec<f32>) -> Self {
        normalize(&mut u);
        Self { u }
    }

    /// `weight/σ`, and σ. While training, `u` follows the weight by one step first; else it stays.
    /// The gradient flows through the weight in σ too; u and v are constants to it.
    ///
    /// # Shapes
    /// `weight` (…, co), result the same.
    ///
    /// # Errors
    /// When the weight does not have one output channel for each number of `u`.
    pub fn apply(&mut self, weight: &Tensor, training: bool) -> Result<(Tensor, f32)> {
        let weight = weight.contiguous()?;
        let n_out = self.u.len();
        if n_out == 0 || weight.dims().last() != Some(&n_out) {
            bail!("spectral_norm: {n_out} outputs, weight {:?}", weight.dims());
        }
        let host = weight.detach().to_device(&Device::Cpu)?;
        let scale = with_floats([&host], |[rows]| {
            let mut v: Vec<f32> = rows
                .chunks_exact(n_out)
                .map(|row| dot(row, &self.u))
                .collect();
            normalize(&mut v);
            let mut pulled = vec![0.0; n_out];
            for (row, v) in rows.chunks_exact(n_out).zip(&v) {
                pulled
                    .iter_mut()
                    .zip(row)
                    .for_each(|(sum, w)| *sum += v * w);
            }
            if training {
                self.u.clone_from(&pulled);
                normalize(&mut self.u);
            }
            let sigma = dot(&pulled, &self.u);
            let u = self.u.clone();
            Ok(Scale { u, v, sigma })
        })?;
        let sigma = scale.sigma;
        if weight.device().is_cpu() {
            return Ok((weight.apply_op1(scale)?, sigma));
        }
        let outer = scale.outer(&weight)?;
        let sigma_of_weight = (&weight * outer)?.sum_all()?;
        Ok((weight.broadcast_div(&sigma_of_weight)?, sigma))
    }
}

/// Makes a vector's length 1.
fn normalize(vector: &mut [f32]) {
    let scale = 1.0 / dot(vector, vector).sqrt().max(EPSILON);
    for x in vector {
        *x *= scale;
    }
}

/// Division by σ = vᵀWu.
struct Scale {
    u: Vec<f32>,
    v: Vec<f32>,
    sigma: f32,
}

impl Scale {
    /// `v uᵀ` in the shape of the weight: the gradient of σ.
    fn outer(&self, weight: &Tensor) -> Result<Tensor> {
        let u = Tensor::from_slice(&self.u, (1, self.u.len()), weight.device())?;
        let v = Tensor::from_slice(&self.v, (self.v.len(), 1), weight.device())?;
        v.broadcast_mul(&u)?.reshape(weight.shape())
    }
}

impl CustomOp1 for Scale {
    fn name(&self) -> &'static str {
        "spectral_norm"
    }

    fn cpu_fwd(&self, weight: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let scale = 1.0 / self.sigma;
        let scaled = floats(weight, layout)?.iter().map(|w| w * scale).collect();
        Ok((CpuStorage::F32(scaled), layout.shape().clone()))
    }

    fn bwd(&self, weight: &Tensor, scaled: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let dw = with_floats([scaled, &grad], |[scaled, grads]| {
            let blocks = scaled.chunks(1 << 12).zip(grads.chunks(1 << 12));
            let along: f64 = blocks.map(|(w, g)| f64::from(dot(w, g))).sum();
            let (scale, along) = (1.0 / self.sigma, along as f32);
            let mut dw = Vec::with_capacity(grads.len());
            for (grads, v) in grads.chunks_exact(self.u.len()).zip(&self.v) {
                let terms = grads.iter().zip(&self.u);
                dw.extend(terms.map(|(g, u)| (g - along * v * u) * scale));
            }
            Ok(dw)
        })?;
        Tensor::from_vec(dw, weight.shape(), weight.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use candle_core::Var;

    fn noise(shape: &[usize], seed: u64) -> Tensor {
        let values = Rng::new(seed, "spectral test").normals(shape.iter().product(), 0.0, 1.0);
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn after_many_steps_sigma_is_the_largest_singular_value() {
        // W = a·(v₁ u₁ᵀ) + b·(v₂ u₂ᵀ) with unit, orthogonal vectors has singular values a and b.
        let (v1, v2) = ([0.6, 0.8, 0.0], [0.0, 0.0, 1.0]);
        let (u1, u2) = ([1.0, 0.0], [0.0, 1.0]);
        let entry = |i: usize, j: usize| 3.0 * v1[i] * u1[j] + 2.0 * v2[i] * u2[j];
        let values: Vec<f32> = (0..6).map(|k| entry(k / 2, k % 2)).collect();
        let weight = Tensor::from_vec(values, (3, 2), &Device::Cpu).unwrap();
        let mut norm = SpectralNorm::new(vec![0.3, 1.0]);
        let mut sigma = 0.0;
        for _ in 0..30 {
            sigma = norm.apply(&weight, true).unwrap().1;
        }
        assert!((sigma - 3.0).abs() < 1e-5, "{sigma}");
        let before = norm.clone();
        norm.apply(&weight, false).unwrap();
        assert_eq!(norm, before);
    }

    #[test]
    fn its_gradient_is_that_of_the_composed_formula() {
        let weight = Var::from_tensor(&noise(&[3, 3, 5, 7], 1)).unwrap();
        let pull = noise(&[3, 3, 5, 7], 2);
        let norm = SpectralNorm::new(vec![1.0; 7]);
        let (scaled, sigma) = norm.clone().apply(&weight, false).unwrap();
        let v = {
            let rows = weight.as_detached_tensor().reshape((45, 7)).unwrap();
            let u = Tensor::from_slice(&norm.u, (7, 1), &Device::Cpu).unwrap();
            let mut v = rows
                .matmul(&u)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1()
                .unwrap();
            normalize(&mut v);
            v
        };
        let outer = Scale {
            u: norm.u.clone(),
            v,
            sigma,
        }
        .outer(&weight)
        .unwrap();
        let sigma = (weight.as_tensor() * outer).unwrap().sum_all().unwrap();
        let composed = weight.broadcast_div(&sigma).unwrap();
        let gradient = |y: &Tensor| {
            let loss = (y * &pull).unwrap().sum_all().unwrap();
            loss.backward().unwrap().get(&weight).unwrap().clone()
        };
        for (ours, theirs) in [(gradient(&scaled), gradient(&composed)), (scaled, composed)] {
            let gap = (ours - theirs).unwrap().abs().unwrap().max_all().unwrap();
            assert!(gap.to_scalar::<f32>().unwrap() < 1e-6);
        }
    }

    #[test]
    fn a_weight_of_another_width_is_refused() {
        let mut norm = SpectralNorm::new(vec![1.0; 7]);
        assert!(norm.apply(&noise(&[3, 6], 1), true).is_err());
    }
}
