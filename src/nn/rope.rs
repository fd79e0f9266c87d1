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

/// The angles a model turns by, and how numbers are paired.
#[derive(Debug, Clone)]
pub struct Rope {
    pairing: Pairing,
    /// Radians per position, one for each pair.
    frequencies: Vec<f64>,
    device: Device,
}

/// The angle per position of each of the `d_head / 2` pairs: base^(−2i/s).
#[must_use]
pub fn frequencies(base: f64, d_head: usize) -> Vec<f64> {
    (0..d_head / 2)
        .map(|i| base.powf(-2.0 * i as f64 / d_head as f64))
        .collect()
}

/// Frequencies of a model stretched to texts `factor` times as long.
#[must_use]
pub fn linear(frequencies: Vec<f64>, factor: f64) -> Vec<f64> {
    frequencies.into_iter().map(|f| f / factor).collect()
}

/// Llama 3.1's scaling (Meta, 2024): pairs that turned fewer than `low` times over the `n_ctx` the
/// model was first trained on are slowed by `factor`, those that turned more than `high` times
/// stay, and those between go smoothly from one to the other.
#[must_use]
pub fn llama3(frequencies: Vec<f64>, factor: f64, [low, high]: [f64; 2], n_ctx: f64) -> Vec<f64> {
    let scale = |f: f64| {
        let turns = n_ctx * f / std::f64::consts::TAU;
        let kept = ((turns - low) / (high - low)).clamp(0.0, 1.0);
        f * (kept + (1.0 - kept) / factor)
    };
    frequencies.into_iter().map(scale).collect()
}

impl Rope {
    /// Rotations by multiples of `frequencies`, one for each pair.
    #[must_use]
    pub fn new(frequencies: Vec<f64>, pairing: Pairing, device: &Device) -> Self {
        Self {
            pairing,
            frequencies,
            device: device.clone(),
        }
    }

    /// Which numbers of a head turn together.
    #[must_use]
    pub fn pairing(&self) -> Pairing {
        self.pairing
    }

    /// Radians per position, one for each pair.
    #[must_use]
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }

    /// The rotation of `t` positions that follow `past` others; every block of a pass shares it.
    /// Angles are computed in f64: at position 100,000 f32 would be off by a hundredth of a turn.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn at(&self, past: usize, t: usize) -> Result<Rotation> {
        let (sin, cos): (Vec<f32>, Vec<f32>) = (past..past + t)
            .flat_map(|i| self.frequencies.iter().map(move |f| i as f64 * f))
            .map(f64::sin_cos)
            .map(|(sin, cos)| (sin as f32, cos as f32))
            .unzip();
        let n_pairs = self.frequencies.len();
        let tables = if self.device.is_cpu() {
            None
        } else {
            let table = |values: &[f32]| Tensor::from_slice(values, (t, n_pairs), &self.device);
            Some((table(&cos)?, table(&sin)?))
        };
        Ok(Rotation {
            pairing: self.pairing,
            t,
            n_pairs,
            cos,
            sin,
            tables,
        })
    }
}

/// The sines and cosines of some positions.
#[derive(Debug)]
pub struct Rotation {
    pairing: Pairing,
    t: usize,
    n_pairs: usize,
    /// (t, s/2) each.
    cos: Vec<f32>,
    sin: Vec<f32>,
    /// The same on a device that is not the CPU.
    tables: Option<(Tensor, Tensor)>,
}

impl Rotation {
    /// Turns `x`, (heads, t, s). Has no gradient.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let (_, t, d_head) = x.dims3()?;
        if t != self.t || d_head != 2 * self.n_pairs {
            bail!("a rotation of ({}, {}) on {x:?}", self.t, 2 * self.n_pairs);
        }
        let Some((cos, sin)) = &self.tables else {
            return x.apply_op1_no_bwd(self);
        };
        let x = x.contiguous()?.unsqueeze(0)?; // (1, heads, t, s)
        match self.pairing {
            Pairing::Neighbours => candle_nn::rotary_emb::rope_i(&x, cos, sin),
            Pairing::Halves => candle_nn::rotary_emb::rope(&x, cos, sin),
        }?
        .squeeze(0)
    }

    /// One position's pairs of one head.
    fn turn(&self, x: &[f32], i: usize, turned: &mut [f32]) {
        let angles = i * self.n_pairs..(i + 1) * self.n_pairs;
        let (cos, sin) = (&self.cos[angles.clone()], &self.sin[angles]);
        match self.pairing {
            Pairing::Neighbours => {
                let pairs = x.as_chunks::<2>().0.iter();
                let turned = turned.as_chunks_mut::<2>().0.iter_mut();
                for (((turned, [a, b]), c), s) in turned.zip(pairs).zip(cos).zip(sin) {
                    *turned = [a * c - b * s, a * s + b * c];
                }
            }
            Pairing::Halves => {
                let (first, second) = turned.split_at_mut(self.n_pairs);
                let (a, b) = x.split_at(self.n_pairs);
                let pairs = a.iter().zip(b).zip(cos.iter().zip(sin));
                for ((((a, b), (c, s)), first), second) in pairs.zip(first).zip(second) {
                    *first = a * c - b * s;
                    *second = a * s + b * c;
                }
            }
        }
    }
}

impl CustomOp1 for Rotation {
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
        let mut out = vec![0f32; heads * t * d_head];
        for (row, turned) in out.chunks_exact_mut(d_head).enumerate() {
            let (head, i) = (row / t, row % t);
            let start = layout.start_offset() + head * head_stride + i * t_stride;
            self.turn(&x[start..start + d_head], i, turned);
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
            let rope = Rope::new(frequencies(10_000.0, s), pairing, &device).at(past, t)?;
            let table = |values: &[f32]| Tensor::from_slice(values, (t, s / 2), &device);
            let (cos, sin) = (table(&rope.cos)?, table(&rope.sin)?);
            let dense = x.contiguous()?.unsqueeze(0)?;
            let theirs = match pairing {
                Pairing::Neighbours => candle_nn::rotary_emb::rope_i_slow(&dense, &cos, &sin)?,
                Pairing::Halves => candle_nn::rotary_emb::rope_slow(&dense, &cos, &sin)?,
            };
            let difference = (rope.apply(&x)? - theirs.squeeze(0)?)?.abs()?;
            assert!(difference.max_all()?.to_scalar::<f32>()? < 1e-6);
        }
        Ok(())
    }

    #[test]
    fn a_product_of_rotated_vectors_depends_on_their_distance_alone() -> Result<()> {
        let device = Device::Cpu;
        let rope = Rope::new(frequencies(10_000.0, 8), Pairing::Neighbours, &device);
        let q = Tensor::from_vec(wave(8), (1, 1, 8), &device)?;
        let k = q.affine(-0.5, 0.3)?;
        let product = |at_q, at_k| -> Result<f32> {
            (rope.at(at_q, 1)?.apply(&q)? * rope.at(at_k, 1)?.apply(&k)?)?
                .sum_all()?
                .to_scalar()
        };
        assert!((product(7, 3)? - product(44, 40)?).abs() < 1e-5);
        assert!((product(7, 3)? - product(44, 20)?).abs() > 1e-2);
        Ok(())
    }
}
