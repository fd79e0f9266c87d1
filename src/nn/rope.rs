//! Rotary position embedding (Su et al. 2021): each pair of a head's numbers is turned by an angle
//! that grows with the position, so that q·k depends on the distance alone.
//!
//! Two pairings are in use. Hugging Face pairs `i` with `i + s/2`; llama.cpp's converter reorders
//! the rows of Llama's q and k weights so that neighbours `2i`, `2i + 1` pair instead.

use super::rows::f32s;
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, bail};

/// Which numbers of a head turn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// `2i` with `2i + 1`: Llama in GGUF.
    Neighbours,
    /// `i` with `i + s/2`: Hugging Face's files.
    Halves,
}

/// The sines and cosines of every position and pair, and how numbers are paired.
#[derive(Debug, Clone)]
pub struct Rope {
    pairing: Pairing,
    n_pairs: usize,
    /// (n_ctx, s/2) each, kept for our CPU path.
    cos: Vec<f32>,
    sin: Vec<f32>,
    /// The same as tensors on the model's device.
    tables: (Tensor, Tensor),
}

/// The angle per position of each of the `d_head / 2` pairs: base^(−2i/s).
#[must_use]
pub fn frequencies(base: f64, d_head: usize) -> Vec<f64> {
    (0..d_head / 2)
        .map(|i| base.powf(-2.0 * i as f64 / d_head as f64))
        .collect()
}

impl Rope {
    /// Tables for `n_ctx` positions of the given `frequencies`, one for each pair.
    ///
    /// # Errors
    /// When the device has no room for the tables.
    pub fn new(
        frequencies: &[f64],
        n_ctx: usize,
        pairing: Pairing,
        device: &Device,
    ) -> Result<Self> {
        let angles = (0..n_ctx).flat_map(|t| frequencies.iter().map(move |f| t as f64 * f));
        let (sin, cos): (Vec<f32>, Vec<f32>) = angles
            .map(f64::sin_cos)
            .map(|(sin, cos)| (sin as f32, cos as f32))
            .unzip();
        let n_pairs = frequencies.len();
        let table = |values: &[f32]| Tensor::from_slice(values, (n_ctx, n_pairs), device);
        let tables = (table(&cos)?, table(&sin)?);
        Ok(Self {
            pairing,
            n_pairs,
            cos,
            sin,
            tables,
        })
    }

    /// Turns `x`, (heads, t, s), whose first position is `past`. Has no gradient.
    ///
    /// # Errors
    /// When the shapes do not fit or a position lies beyond the tables.
    pub fn rotate(&self, x: &Tensor, past: usize) -> Result<Tensor> {
        let (_, t, d_head) = x.dims3()?;
        if d_head != 2 * self.n_pairs || (past + t) * self.n_pairs > self.cos.len() {
            bail!("no rotation for {:?} at position {past}", x.shape());
        }
        if x.device().is_cpu() {
            return x.apply_op1_no_bwd(&Rotation { rope: self, past });
        }
        let cos = self.tables.0.narrow(0, past, t)?;
        let sin = self.tables.1.narrow(0, past, t)?;
        let x = x.contiguous()?.unsqueeze(0)?; // (1, heads, t, s)
        match self.pairing {
            Pairing::Neighbours => candle_nn::rotary_emb::rope_i(&x, &cos, &sin),
            Pairing::Halves => candle_nn::rotary_emb::rope(&x, &cos, &sin),
        }?
        .squeeze(0)
    }
}

struct Rotation<'a> {
    rope: &'a Rope,
    past: usize,
}

impl CustomOp1 for Rotation<'_> {
    fn name(&self) -> &'static str {
        "rope"
    }

    /// Reads any strides whose last is 1, so that splitting into heads copies nothing.
    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = f32s(storage)?;
        let (heads, t, d_head) = layout.shape().dims3()?;
        let &[head_stride, t_stride, 1] = layout.stride() else {
            bail!("a head's numbers must lie side by side: {layout:?}");
        };
        let half = self.rope.n_pairs;
        let mut out = vec![0f32; heads * t * d_head];
        for (row, turned) in out.chunks_exact_mut(d_head).enumerate() {
            let (head, i) = (row / t, row % t);
            let start = layout.start_offset() + head * head_stride + i * t_stride;
            let x = &x[start..start + d_head];
            let angle = (self.past + i) * half..(self.past + i + 1) * half;
            let (cos, sin) = (&self.rope.cos[angle.clone()], &self.rope.sin[angle]);
            match self.rope.pairing {
                Pairing::Neighbours => {
                    let pairs = x.as_chunks::<2>().0.iter();
                    let turned = turned.as_chunks_mut::<2>().0.iter_mut();
                    for (((turned, [a, b]), c), s) in turned.zip(pairs).zip(cos).zip(sin) {
                        *turned = [a * c - b * s, a * s + b * c];
                    }
                }
                Pairing::Halves => {
                    let (turned_a, turned_b) = turned.split_at_mut(half);
                    let (a, b) = x.split_at(half);
                    for i in 0..half {
                        turned_a[i] = a[i] * cos[i] - b[i] * sin[i];
                        turned_b[i] = a[i] * sin[i] + b[i] * cos[i];
                    }
                }
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * 0.37).sin()).collect()
    }

    #[test]
    fn both_pairings_agree_with_candle_also_on_strided_heads() -> Result<()> {
        let device = Device::Cpu;
        let (t, heads, s, past) = (5, 3, 8, 2);
        let x = Tensor::from_vec(wave(t * heads * s), (t, heads, s), &device)?.transpose(0, 1)?;
        for pairing in [Pairing::Neighbours, Pairing::Halves] {
            let rope = Rope::new(&frequencies(10_000.0, s), 16, pairing, &device)?;
            let (cos, sin) = (
                rope.tables.0.narrow(0, past, t)?,
                rope.tables.1.narrow(0, past, t)?,
            );
            let dense = x.contiguous()?.unsqueeze(0)?;
            let theirs = match pairing {
                Pairing::Neighbours => candle_nn::rotary_emb::rope_i_slow(&dense, &cos, &sin)?,
                Pairing::Halves => candle_nn::rotary_emb::rope_slow(&dense, &cos, &sin)?,
            };
            let difference = (rope.rotate(&x, past)? - theirs.squeeze(0)?)?.abs()?;
            assert!(difference.max_all()?.to_scalar::<f32>()? < 1e-6);
        }
        Ok(())
    }

    #[test]
    fn a_product_of_rotated_vectors_depends_on_their_distance_alone() -> Result<()> {
        let device = Device::Cpu;
        let rope = Rope::new(&frequencies(10_000.0, 8), 64, Pairing::Neighbours, &device)?;
        let q = Tensor::from_vec(wave(8), (1, 1, 8), &device)?;
        let k = q.affine(-0.5, 0.3)?;
        let product = |at_q, at_k| -> Result<f32> {
            (rope.rotate(&q, at_q)? * rope.rotate(&k, at_k)?)?
                .sum_all()?
                .to_scalar()
        };
        assert!((product(7, 3)? - product(44, 40)?).abs() < 1e-5);
        assert!((product(7, 3)? - product(44, 20)?).abs() > 1e-2);
        Ok(())
    }
}
