//! Three steps of a transformer, each one pass over memory, each with its gradient.
//!
//! Candle's fast `softmax_last_dim` and `layer_norm` have no gradient and say nothing about it; the
//! composed ones that do have one allocate a tensor per elementary step. These are as fast as the
//! former and as honest as the latter: one file serves inference and training. On a device other
//! than the CPU they are composed from candle's own operations.
//!
//! Letters: n rows, d columns; t positions of this pass, c positions in the cache (c ≥ t).

use super::slices::{dot, exp, floats, sum, with_floats};
use candle_core::{CpuStorage, CustomOp1, CustomOp3, D, Layout, Result, Shape, Tensor, bail};

/// tanh-GELU as GPT-2 has it (Hendrycks & Gimpel 2016): `x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³)))`.
///
/// # Errors
/// When `x` is not f32 on a CPU.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() {
        x.contiguous()?.apply_op1(Gelu)
    } else {
        x.gelu()
    }
}

/// Layer normalisation over the last dimension (Ba et al. 2016): `(x − mean)/√(var + ε) · gain + bias`.
///
/// # Shapes
/// `x` (…, d), `gain` and `bias` (d).
///
/// # Errors
/// When the widths differ.
pub fn layer_norm(x: &Tensor, gain: &Tensor, bias: &Tensor, epsilon: f64) -> Result<Tensor> {
    if x.device().is_cpu() {
        return x.contiguous()?.apply_op3(gain, bias, LayerNorm { epsilon });
    }
    let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    centred
        .broadcast_div(&(variance + epsilon)?.sqrt()?)?
        .broadcast_mul(gain)?
        .broadcast_add(bias)
}

/// The attention pattern of scaled `scores` (…, t, c): row `i` is a softmax over its first
/// `c − t + i + 1` columns, and 0 on the columns of the future.
///
/// # Errors
/// When there are more positions than columns.
pub fn causal_softmax(scores: &Tensor) -> Result<Tensor> {
    if scores.device().is_cpu() {
        return scores.contiguous()?.apply_op1(CausalSoftmax);
    }
    let (t, c) = (scores.dim(D::Minus2)?, scores.dim(D::Minus1)?);
    let future: Vec<f32> = (0..t)
        .flat_map(|i| {
            (0..c).map(move |j| {
                if j + t > c + i {
                    f32::NEG_INFINITY
                } else {
                    0.0
                }
            })
        })
        .collect();
    let future = Tensor::from_vec(future, (t, c), scores.device())?;
    candle_nn::ops::softmax(&scores.broadcast_add(&future)?, D::Minus1)
}

struct Gelu;

/// `√(2/π)`, the slope inside the tanh.
const SLOPE: f32 = 0.797_884_6;
/// The cubic's weight inside the tanh.
const CUBIC: f32 = 0.044_715;

/// `(1 + tanh u)/2 = 1/(1 + e^(−2u))`: exactly GPT-2's gate, by one exponential.
#[inline]
fn gelu_gate(x: f32) -> f32 {
    1.0 / (1.0 + exp(-2.0 * SLOPE * (x + CUBIC * x * x * x)))
}

impl CustomOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let xs = floats(storage, layout)?;
        let ys: Vec<f32> = xs.iter().map(|&x| x * gelu_gate(x)).collect();
        Ok((CpuStorage::F32(ys), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let dx = with_floats([x, &grad], |[xs, gs]| {
            let gradient = |(&x, &g): (&f32, &f32)| {
                let gate = gelu_gate(x);
                let du = 2.0 * SLOPE * (1.0 + 3.0 * CUBIC * x * x);
                g * gate * (1.0 + x * (1.0 - gate) * du)
            };
            Ok(xs.iter().zip(gs).map(gradient).collect::<Vec<f32>>())
        })?;
        Tensor::from_vec(dx, x.shape(), x.device()).map(Some)
    }
}

struct LayerNorm {
    epsilon: f64,
}

impl LayerNorm {
    /// Mean of a row and 1/√(variance + ε).
    fn moments(&self, row: &[f32]) -> (f32, f32) {
        let d = row.len() as f32;
        let mean = sum(row, |x| x) / d;
        let variance = sum(row, |x| (x - mean) * (x - mean)) / d;
        (mean, 1.0 / (variance + self.epsilon as f32).sqrt())
    }
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer_norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let xs = floats(x, x_layout)?;
        let (gain, bias) = (floats(gain, gain_layout)?, floats(bias, bias_layout)?);
        let d = gain.len();
        if d == 0 || bias.len() != d || x_layout.dims().last() != Some(&d) {
            bail!("layer_norm: rows of {:?}, {d} gains", x_layout.dims());
        }
        let mut ys = Vec::with_capacity(xs.len());
        for row in xs.chunks_exact(d) {
            let (mean, scale) = self.moments(row);
            let normed = row.iter().zip(gain).zip(bias);
            ys.extend(normed.map(|((&x, &g), &b)| (x - mean) * scale * g + b));
        }
        Ok((CpuStorage::F32(ys), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        _: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let d = gain.elem_count();
        let (dx, dgain, dbias) = with_floats([x, gain, &grad], |[xs, gain, grads]| {
            let mut dx = Vec::with_capacity(xs.len());
            let (mut dgain, mut dbias) = (vec![0.0f32; d], vec![0.0f32; d]);
            let mut normed = vec![0.0f32; d];
            let mut dnormed = vec![0.0f32; d];
            for (row, grad) in xs.chunks_exact(d).zip(grads.chunks_exact(d)) {
                let (mean, scale) = self.moments(row);
                for j in 0..d {
                    normed[j] = (row[j] - mean) * scale;
                    dnormed[j] = grad[j] * gain[j];
                    dgain[j] += grad[j] * normed[j];
                    dbias[j] += grad[j];
                }
                let mean_d = sum(&dnormed, |g| g) / d as f32;
                let mean_dn = dot(&dnormed, &normed) / d as f32;
                let terms = dnormed.iter().zip(&normed);
                dx.extend(terms.map(|(&g, &n)| scale * (g - mean_d - n * mean_dn)));
            }
            Ok((dx, dgain, dbias))
        })?;
        let device = x.device();
        Ok((
            Some(Tensor::from_vec(dx, x.shape(), device)?),
            Some(Tensor::from_vec(dgain, d, device)?),
            Some(Tensor::from_vec(dbias, d, device)?),
        ))
    }
}

struct CausalSoftmax;

impl CustomOp1 for CausalSoftmax {
    fn name(&self) -> &'static str {
        "causal_softmax"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let scores = floats(storage, layout)?;
        let &[.., t, c] = layout.dims() else {
            bail!("causal_softmax: scores of shape {:?}", layout.dims());
        };
        if t == 0 || t > c {
            bail!("causal_softmax: {t} positions over {c} columns");
        }
        let mut pattern = vec![0.0f32; scores.len()];
        for (i, (row, out)) in scores
            .chunks_exact(c)
            .zip(pattern.chunks_exact_mut(c))
            .enumerate()
        {
            let seen = c - t + i % t + 1;
            let max = row[..seen]
                .iter()
                .copied()
                .fold(f32::NEG_INFINITY, f32::max);
            for (p, &score) in out[..seen].iter_mut().zip(row) {
                *p = exp(score - max);
            }
            let scale = 1.0 / sum(&out[..seen], |p| p);
            out[..seen].iter_mut().for_each(|p| *p *= scale);
        }
        Ok((CpuStorage::F32(pattern), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, pattern: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let c = pattern.dim(D::Minus1)?;
        let dscores = with_floats([pattern, &grad], |[pattern, grads]| {
            let mut dscores = Vec::with_capacity(pattern.len());
            for (row, grad) in pattern.chunks_exact(c).zip(grads.chunks_exact(c)) {
                let mean = dot(row, grad);
                dscores.extend(row.iter().zip(grad).map(|(&p, &g)| p * (g - mean)));
            }
            Ok(dscores)
        })?;
        Tensor::from_vec(dscores, pattern.shape(), pattern.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use candle_core::{Device, Var};

    fn noise(shape: &[usize], seed: u64) -> Var {
        let n = shape.iter().product();
        let values = Rng::new(seed, "fused test").normals(n, 0.1, 1.3);
        Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
    }

    /// Largest difference between two tensors.
    fn gap(a: &Tensor, b: &Tensor) -> f32 {
        let gap = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
        gap.max(0).unwrap().to_scalar().unwrap()
    }

    /// Gradients of Σ f(vars)·weights, with fixed weights so that no gradient cancels.
    fn gradients(vars: &[Var], f: impl Fn() -> Tensor) -> Vec<Tensor> {
        let y = f();
        let weights = noise(y.dims(), 99).as_detached_tensor();
        let loss = (y * weights).unwrap().sum_all().unwrap();
        let store = loss.backward().unwrap();
        vars.iter()
            .map(|var| store.get(var).unwrap().clone())
            .collect()
    }

    #[test]
    fn gelu_and_its_gradient_equal_the_composed_formula() {
        let x = noise(&[7, 33], 1);
        let composed = || {
            let inner = ((x.as_tensor() + (x.powf(3.0).unwrap() * 0.044_715).unwrap()).unwrap()
                * f64::from(SLOPE))
            .unwrap();
            ((inner.tanh().unwrap() + 1.0).unwrap() * (x.as_tensor() * 0.5).unwrap()).unwrap()
        };
        assert!(gap(&gelu(&x).unwrap(), &composed()) < 1e-6);
        let vars = [x.clone()];
        let ours = gradients(&vars, || gelu(&x).unwrap());
        assert!(gap(&ours[0], &gradients(&vars, composed)[0]) < 3e-6);
    }

    #[test]
    fn layer_norm_and_its_three_gradients_equal_candles_slow_one() {
        let vars = [noise(&[5, 40], 1), noise(&[40], 2), noise(&[40], 3)];
        let [x, gain, bias] = &vars;
        let slow = || candle_nn::ops::layer_norm_slow(x, gain, bias, 1e-5).unwrap();
        let fused = || layer_norm(x, gain, bias, 1e-5).unwrap();
        assert!(gap(&fused(), &slow()) < 1e-5);
        for (ours, theirs) in gradients(&vars, fused).iter().zip(gradients(&vars, slow)) {
            assert!(gap(ours, &theirs) < 2e-5);
        }
    }

    #[test]
    fn the_pattern_and_its_gradient_equal_a_masked_softmax() {
        let scores = noise(&[3, 4, 6], 5);
        let masked = || {
            let mask: Vec<f32> = (0..24)
                .map(|k| if k % 6 > k / 6 + 2 { -1e9 } else { 0.0 })
                .collect();
            let mask = Tensor::from_vec(mask, (4, 6), &Device::Cpu).unwrap();
            candle_nn::ops::softmax(&scores.broadcast_add(&mask).unwrap(), D::Minus1).unwrap()
        };
        assert!(gap(&causal_softmax(&scores).unwrap(), &masked()) < 1e-6);
        let vars = [scores.clone()];
        let ours = gradients(&vars, || causal_softmax(&scores).unwrap());
        assert!(gap(&ours[0], &gradients(&vars, masked)[0]) < 1e-6);
    }
}
