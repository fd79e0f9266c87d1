//! What a language model is trained to lower: the cross-entropy of the next token.

use super::slices::{exp, floats, sum, with_floats};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

/// Mean of `−ln p(target)` in nats, where p is the softmax of each row of `logits`.
///
/// # Shapes
/// `logits` (n, v), `targets` (n) of u32; the result is a scalar.
///
/// # Errors
/// When a target is outside the vocabulary, or the lengths differ.
pub fn cross_entropy(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    if logits.device().is_cpu() {
        logits.contiguous()?.apply_op2(targets, CrossEntropy)
    } else {
        candle_nn::loss::cross_entropy(logits, targets)
    }
}

struct CrossEntropy;

impl CustomOp2 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        targets: &CpuStorage,
        targets_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n, vocab) = logits_layout.shape().dims2()?;
        let logits = floats(logits, logits_layout)?;
        let CpuStorage::U32(targets) = targets else {
            bail!("cross_entropy: the targets are not u32");
        };
        let Some((start, end)) = targets_layout.contiguous_offsets() else {
            bail!("cross_entropy: the targets are not contiguous");
        };
        if n == 0 || end - start != n {
            bail!("cross_entropy: {n} rows, {} targets", end - start);
        }
        let mut total = 0.0f64;
        for (row, &target) in logits.chunks_exact(vocab).zip(&targets[start..end]) {
            let Some(&logit) = row.get(target as usize) else {
                bail!("cross_entropy: target {target} in a vocabulary of {vocab}");
            };
            let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            total += f64::from(sum(row, |x| exp(x - max)).ln() + max - logit);
        }
        Ok((
            CpuStorage::F32(vec![(total / n as f64) as f32]),
            Shape::from(()),
        ))
    }

    fn bwd(
        &self,
        logits: &Tensor,
        targets: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (n, vocab) = logits.dims2()?;
        let scale = grad.to_scalar::<f32>()? / n as f32;
        let targets = targets.to_vec1::<u32>()?;
        let dlogits = with_floats([logits], |[logits]| {
            let mut dlogits = Vec::with_capacity(logits.len());
            for (row, &target) in logits.chunks_exact(vocab).zip(&targets) {
                let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let start = dlogits.len();
                dlogits.extend(row.iter().map(|&x| exp(x - max)));
                let probs = &mut dlogits[start..];
                let factor = scale / sum(probs, |p| p);
                for p in probs.iter_mut() {
                    *p *= factor;
                }
                probs[target as usize] -= scale;
            }
            Ok(dlogits)
        })?;
        let dlogits = Tensor::from_vec(dlogits, (n, vocab), logits.device())?;
        Ok((Some(dlogits), None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use candle_core::{Device, Var};

    fn noise(shape: (usize, usize), seed: u64) -> Var {
        let values = Rng::new(seed, "loss test").normals(shape.0 * shape.1, 0.1, 1.3);
        Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
    }

    #[test]
    fn cross_entropy_and_its_gradient_equal_candles() {
        let logits = noise((6, 50), 8);
        let targets = Tensor::new(&[3u32, 0, 49, 7, 7, 20], &Device::Cpu).unwrap();
        let ours = cross_entropy(&logits, &targets).unwrap();
        let theirs = candle_nn::loss::cross_entropy(&logits, &targets).unwrap();
        let gap = |a: &Tensor, b: &Tensor| {
            let gap = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
            gap.max(0).unwrap().to_scalar::<f32>().unwrap()
        };
        assert!(gap(&ours, &theirs) < 1e-6);
        let gradient = |loss: &Tensor| loss.backward().unwrap().get(&logits).unwrap().clone();
        assert!(gap(&gradient(&ours), &gradient(&theirs)) < 1e-6);
    }

    #[test]
    fn a_target_outside_the_vocabulary_is_an_error() {
        let logits = noise((1, 4), 0);
        let targets = Tensor::new(&[4u32], &Device::Cpu).unwrap();
        assert!(cross_entropy(&logits, &targets).is_err());
    }
}
