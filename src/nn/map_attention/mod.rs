//! Attention between the pixels of a map (Vaswani et al. 2017), with its gradient, an image at a time:
//! the maps are small, and what is in between never leaves a core's cache.
//!
//! Letters: b images, n pixels, c channels, d = c/heads channels of a head.

mod heads;

use super::parts::for_parts;
use super::simd::widest;
use super::slices::{floats, with_floats};
use candle_core::{CpuStorage, CustomOp1, D, Layout, Result, Shape, Tensor, bail};
use heads::{Backward, Forward, Sizes};

/// z, (b, n, c): for each pixel, the values of all pixels, weighted by a softmax of its query's products
/// with their keys over √d, head by head. `qkv` (b, n, 3c) has queries, keys and values side by side.
///
/// # Errors
/// When the channels are not whole heads.
pub fn map_attention(qkv: &Tensor, n_heads: usize) -> Result<Tensor> {
    let (b, n, c) = qkv.dims3()?;
    if n_heads == 0 || c % (3 * n_heads) != 0 || b * n * c == 0 {
        bail!("map_attention: {qkv:?}, {n_heads} heads");
    }
    let attention = MapAttention { n_heads };
    if qkv.device().is_cpu() {
        qkv.contiguous()?.apply_op1(attention)
    } else {
        attention.composed(qkv)
    }
}

struct MapAttention {
    n_heads: usize,
}

impl MapAttention {
    /// From candle's operations.
    fn composed(&self, qkv: &Tensor) -> Result<Tensor> {
        let (b, n, c) = qkv.dims3()?;
        let d = c / 3 / self.n_heads;
        let qkv = qkv.reshape((b, n, 3, self.n_heads, d))?;
        let part = |i: usize| {
            let part = qkv.narrow(2, i, 1)?.squeeze(2)?;
            part.transpose(1, 2)?.contiguous()
        };
        let (q, k, v) = (part(0)?, part(1)?, part(2)?); // (b, heads, n, d) each
        let scores = (q.matmul(&k.t()?)? / (d as f64).sqrt())?; // (b, heads, n, n)
        let pattern = candle_nn::ops::softmax(&scores, D::Minus1)?;
        let z = pattern.matmul(&v)?.transpose(1, 2)?.contiguous()?; // (b, n, heads, d)
        z.reshape((b, n, c / 3))
    }

    fn sizes(&self, qkv: &[usize]) -> Result<Sizes> {
        let &[_, n, c] = qkv else {
            bail!("map_attention: {qkv:?}");
        };
        Ok(Sizes {
            n,
            c: c / 3,
            n_heads: self.n_heads,
        })
    }
}

impl CustomOp1 for MapAttention {
    fn name(&self) -> &'static str {
        "map_attention"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let qkv = floats(storage, layout)?;
        let sizes = self.sizes(layout.dims())?;
        let image_len = sizes.n * sizes.c;
        let mut zs = vec![0.0; qkv.len() / 3];
        for_parts(&mut zs, image_len, |index, z| {
            let qkv = &qkv[index * 3 * image_len..][..3 * image_len];
            widest(Forward { sizes, qkv, z });
        });
        let n_images = qkv.len() / (3 * image_len);
        Ok((
            CpuStorage::F32(zs),
            Shape::from((n_images, sizes.n, sizes.c)),
        ))
    }

    fn bwd(&self, qkv: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let sizes = self.sizes(qkv.dims())?;
        let image_len = sizes.n * sizes.c;
        let dqkv = with_floats([qkv, &grad], |[qkvs, dzs]| {
            let mut dqkvs = vec![0.0; qkvs.len()];
            for_parts(&mut dqkvs, 3 * image_len, |index, dqkv| {
                let qkv = &qkvs[index * 3 * image_len..][..3 * image_len];
                let dz = &dzs[index * image_len..][..image_len];
                widest(Backward {
                    sizes,
                    qkv,
                    dz,
                    dqkv,
                });
            });
            Ok(dqkvs)
        })?;
        Tensor::from_vec(dqkv, qkv.shape(), qkv.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::pool;
    use crate::rng::Rng;
    use candle_core::{Device, Var};

    fn noise(shape: &[usize], seed: u64) -> Result<Var> {
        let values = Rng::new(seed, "map attention test").normals(shape.iter().product(), 0.0, 1.5);
        Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
    }

    #[test]
    fn it_and_its_gradient_are_those_of_the_composed_formula_at_any_number_of_threads() -> Result<()>
    {
        for ([b, n, c], n_heads) in [
            ([2, 16, 144], 4),
            ([1, 64, 40], 2),
            ([3, 9, 24], 1),
            ([2, 4, 6], 3),
        ] {
            let qkv = noise(&[b, n, 3 * c], 1)?;
            let pull = noise(&[b, n, c], 2)?;
            let run = |z: Tensor| -> Result<[Tensor; 2]> {
                let store = (&z * pull.as_tensor())?.sum_all()?.backward()?;
                Ok([z, store.get(&qkv).unwrap().clone()])
            };
            pool::set_threads(3);
            let ours = run(map_attention(&qkv, n_heads)?)?;
            pool::set_threads(1);
            let alone = run(map_attention(&qkv, n_heads)?)?;
            let theirs = run(MapAttention { n_heads }.composed(&qkv)?)?;
            for ((ours, alone), theirs) in ours.iter().zip(alone).zip(theirs) {
                let gap = |a: &Tensor, b: &Tensor| (a - b)?.abs()?.max_all()?.to_scalar::<f32>();
                assert_eq!(gap(ours, &alone)?, 0.0);
                let size = theirs.abs()?.max_all()?.to_scalar::<f32>()?;
                assert!(
                    gap(ours, &theirs)? < 2e-6 * size.max(1.0),
                    "{n} pixels, {n_heads} heads"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn channels_that_are_not_whole_heads_are_refused() -> Result<()> {
        let qkv = noise(&[1, 4, 30], 1)?;
        assert!(map_attention(&qkv, 4).is_err() && map_attention(&qkv, 0).is_err());
        Ok(())
    }
}
