//! Batch normalisation (Ioffe & Szegedy 2015) with the activation behind it, channels last.
//!
//! Each channel is shifted and scaled to mean 0 and variance 1 over all pixels of all images of the
//! batch, then given a learned gain and bias: `(x − mean)/√(var + ε) · gain + bias`. Moments are
//! found block of rows by block of rows, and joined in one order (Chan et al. 1979), so they do not
//! depend on the number of threads.
//!
//! Letters: n rows (images × height × width), c channels.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::activation::Activation;
use super::column_sums::{block_rows, block_sums, column_sums};
use super::parts::{for_parts, share};
use super::simd::vectorized;
use super::slices::{floats, with_floats};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use std::sync::{Arc, OnceLock};

/// A normalised batch, and the moments it was normalised by.
#[derive(Debug, Clone)]
pub struct Normed {
    /// The batch, after gain, bias and activation, in its shape.
    pub y: Tensor,
    /// Mean of each channel, (c).
    pub mean: Tensor,
    /// Variance of each channel, (c): the mean square distance from the mean, *not* the estimate
    /// times n/(n − 1) that `PyTorch` keeps for later.
    pub var: Tensor,
}

/// Normalises `x` by its own moments, as in training. The gradient flows through the moments, and
/// into `gain` and `bias`; `mean` and `var` themselves have none.
///
/// # Shapes
/// `x` (…, c), `gain` and `bias` (c).
///
/// # Errors
/// When the channels differ.
pub fn batch_norm(x: &Tensor, gain: &Tensor, bias: &Tensor, epsilon: f64) -> Result<Normed> {
    batch_norm_then(x, gain, bias, epsilon, Activation::Identity)
}

/// [`batch_norm`] and an activation in one pass.
///
/// # Errors
/// As [`batch_norm`].
pub fn batch_norm_then(
    x: &Tensor,
    gain: &Tensor,
    bias: &Tensor,
    epsilon: f64,
    activation: Activation,
) -> Result<Normed> {
    let c = gain.elem_count();
    if x.device().is_cpu() {
        let moments = Arc::new(OnceLock::new());
        let norm = BatchNorm {
            epsilon,
            activation,
            moments: Arc::clone(&moments),
        };
        let y = x.contiguous()?.apply_op3(gain, bias, norm)?;
        let Some(Moments { mean, var }) = moments.get() else {
            bail!("batch_norm: no moments");
        };
        return Ok(Normed {
            y,
            mean: Tensor::from_slice(mean, c, x.device())?,
            var: Tensor::from_slice(var, c, x.device())?,
        });
    }
    let rows = x.reshape(((), c))?;
    let mean = rows.mean_keepdim(0)?;
    let centred = rows.broadcast_sub(&mean)?;
    let var = centred.sqr()?.mean_keepdim(0)?;
    let normed = centred.broadcast_div(&(&var + epsilon)?.sqrt()?)?;
    let y = normed.broadcast_mul(gain)?.broadcast_add(bias)?;
    Ok(Normed {
        y: activation.forward(&y.reshape(x.shape())?)?,
        mean: mean.reshape(c)?.detach(),
        var: var.reshape(c)?.detach(),
    })
}

/// Normalises `x` by moments that are given, as after training: `mean` and `var` are constants.
///
/// # Shapes
/// `x` (…, c), all others (c).
///
/// # Errors
/// When the channels differ.
pub fn batch_norm_frozen(
    x: &Tensor,
    gain: &Tensor,
    bias: &Tensor,
    (mean, var): (&Tensor, &Tensor),
    epsilon: f64,
) -> Result<Tensor> {
    let scale = (gain / (var + epsilon)?.sqrt()?)?;
    let shift = (bias - (mean * &scale)?)?;
    x.broadcast_mul(&scale)?.broadcast_add(&shift)
}

/// Moments of each channel.
#[derive(Debug)]
struct Moments {
    mean: Vec<f32>,
    var: Vec<f32>,
}

struct BatchNorm {
    epsilon: f64,
    activation: Activation,
    /// Found on the way forward, used on the way back.
    moments: Arc<OnceLock<Moments>>,
}

impl Moments {
    /// Of the columns of `rows`, rows of `c`.
    fn of(rows: &[f32], c: usize) -> Self {
        let n_rows_each = block_rows(c);
        let block = |index: usize| {
            let start = index * n_rows_each * c;
            &rows[start..rows.len().min(start + n_rows_each * c)]
        };
        // Each block's mean, and its sum of squared distances from that mean.
        let blocks = block_sums(rows.len() / c, c, 2, |index, sums| {
            let block = block(index);
            let (mean, square) = sums.split_at_mut(c);
            vectorized(|| {
                for row in block.chunks_exact(c) {
                    mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x);
                }
                let share = c as f32 / block.len() as f32;
                for mean in mean.iter_mut() {
                    *mean *= share;
                }
                for row in block.chunks_exact(c) {
                    for ((square, mean), x) in square.iter_mut().zip(mean.iter()).zip(row) {
                        *square += (x - mean) * (x - mean);
                    }
                }
            });
        });
        let (mut mean, mut square, mut n) = (vec![0.0f64; c], vec![0.0f64; c], 0.0);
        for (index, sums) in blocks.chunks_exact(2 * c).enumerate() {
            let n_block = (block(index).len() / c) as f64;
            let total = n + n_block;
            let (block_mean, block_square) = sums.split_at(c);
            for j in 0..c {
                let gap = f64::from(block_mean[j]) - mean[j];
                mean[j] += gap * n_block / total;
                square[j] += f64::from(block_square[j]) + gap * gap * n * n_block / total;
            }
            n = total;
        }
        Self {
            mean: mean.into_iter().map(|mean| mean as f32).collect(),
            var: square
                .into_iter()
                .map(|square| (square / n) as f32)
                .collect(),
        }
    }

    /// `1/√(var + ε)` of each channel.
    fn scales(&self, epsilon: f64) -> Vec<f32> {
        let scale = |var: &f32| (1.0 / (f64::from(*var) + epsilon).sqrt()) as f32;
        self.var.iter().map(scale).collect()
    }
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
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
        let c = gain.len();
        if xs.is_empty() || bias.len() != c || x_layout.dims().last() != Some(&c) {
            bail!("batch_norm: {:?}, {c} gains", x_layout.dims());
        }
        let moments = self.moments.get_or_init(|| Moments::of(xs, c));
        let scales: Vec<f32> = (moments.scales(self.epsilon).iter().zip(gain))
            .map(|(scale, gain)| scale * gain)
            .collect();
        let mut ys = vec![0.0; xs.len()];
        let part_len = share(xs.len() / c, block_rows(c)) * c;
        for_parts(&mut ys, part_len, |index, part| {
            let from = xs[index * part_len..].chunks_exact(c);
            let (mean, scales, bias) = (&moments.mean[..c], &scales[..c], &bias[..c]);
            vectorized(|| {
                for (to, from) in part.chunks_exact_mut(c).zip(from) {
                    let (to, from) = (&mut to[..c], &from[..c]);
                    for j in 0..c {
                        to[j] = (from[j] - mean[j]) * scales[j] + bias[j];
                    }
                }
            });
            self.activation.apply(part);
        });
        Ok((CpuStorage::F32(ys), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        _: &Tensor,
        y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let c = gain.elem_count();
        let Some(moments) = self.moments.get() else {
            bail!("batch_norm: backward without forward");
        };
        let (dx, dgain, dbias) = with_floats([x, gain, y, &grad], |[xs, gain, ys, grads]| {
            let rows = Backward {
                xs,
                ys,
                grads,
                mean: &moments.mean,
                scales: &moments.scales(self.epsilon),
                activation: self.activation,
            };
            let (dgain, dbias) = rows.sums();
            Ok((rows.dx(gain, &dgain, &dbias), dgain, dbias))
        })?;
        let device = x.device();
        Ok((
            Some(Tensor::from_vec(dx, x.shape(), device)?),
            Some(Tensor::from_vec(dgain, c, device)?),
            Some(Tensor::from_vec(dbias, c, device)?),
        ))
    }
}

/// What the way back reads.
struct Backward<'a> {
    xs: &'a [f32],
    ys: &'a [f32],
    grads: &'a [f32],
    mean: &'a [f32],
    scales: &'a [f32],
    activation: Activation,
}

impl Backward<'_> {
    /// The rows from `first` on, each as (x, y, gradient).
    #[inline(always)]
    fn rows(&self, first: usize) -> impl Iterator<Item = (&[f32], &[f32], &[f32])> {
        let c = self.mean.len();
        let rows = |numbers| <[f32]>::chunks_exact(numbers, c).skip(first);
        let xy = rows(self.xs).zip(rows(self.ys));
        xy.zip(rows(self.grads)).map(|((xs, ys), gs)| (xs, ys, gs))
    }

    /// The gradients of gain and bias.
    fn sums(&self) -> (Vec<f32>, Vec<f32>) {
        let c = self.mean.len();
        let n_rows_each = block_rows(c);
        let blocks = block_sums(self.xs.len() / c, c, 2, |index, sums| {
            let (dgain, dbias) = sums.split_at_mut(c);
            let dbias = &mut dbias[..c];
            let (mean, scales) = (&self.mean[..c], &self.scales[..c]);
            vectorized(|| {
                for (xs, ys, gs) in self.rows(index * n_rows_each).take(n_rows_each) {
                    let (xs, ys, gs) = (&xs[..c], &ys[..c], &gs[..c]);
                    for j in 0..c {
                        let dz = gs[j] * self.activation.slope(ys[j]);
                        dgain[j] += dz * ((xs[j] - mean[j]) * scales[j]);
                        dbias[j] += dz;
                    }
                }
            });
        });
        let mut dgain = column_sums(&blocks, 2 * c);
        let dbias = dgain.split_off(c);
        (dgain, dbias)
    }

    /// The gradient of x.
    fn dx(&self, gain: &[f32], dgain: &[f32], dbias: &[f32]) -> Vec<f32> {
        let c = self.mean.len();
        let n_rows = self.xs.len() / c;
        // dx = outer · (dz − shift − (x − mean) · tilt), channel by channel.
        let per_row = 1.0 / n_rows as f32;
        let outer: Vec<f32> = gain.iter().zip(self.scales).map(|(g, s)| g * s).collect();
        let shift: Vec<f32> = dbias.iter().map(|db| db * per_row).collect();
        let tilt: Vec<f32> = (dgain.iter().zip(self.scales))
            .map(|(dg, s)| dg * s * per_row)
            .collect();
        let n_rows_each = share(n_rows, block_rows(c));
        let mut dx = vec![0.0; self.xs.len()];
        for_parts(&mut dx, n_rows_each * c, |index, part| {
            let (outer, shift, tilt) = (&outer[..c], &shift[..c], &tilt[..c]);
            let mean = &self.mean[..c];
            vectorized(|| {
                let rows = self.rows(index * n_rows_each);
                for (to, (xs, ys, gs)) in part.chunks_exact_mut(c).zip(rows) {
                    let (to, xs, ys, gs) = (&mut to[..c], &xs[..c], &ys[..c], &gs[..c]);
                    for j in 0..c {
                        let dz = gs[j] * self.activation.slope(ys[j]);
                        to[j] = outer[j] * (dz - shift[j] - (xs[j] - mean[j]) * tilt[j]);
                    }
                }
            });
        });
        dx
    }
}
