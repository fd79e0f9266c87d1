//! Group normalisation (Wu & He 2018) with what follows it, channels last.
//!
//! The channels of an image are cut into groups, and each group is shifted and scaled to mean 0 and
//! variance 1 over all its pixels; then each channel is given a gain and a bias, which may be other
//! ones for each image (`FiLM`, Perez et al. 2018), and an activation. An image is one worker's, so
//! nothing depends on the number of threads.
//!
//! Letters: b images, h and w pixels, c channels, g groups.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::column_sums::column_sums;
use super::parts::for_parts;
use super::simd::vectorized;
use super::slices::{exp, floats, with_floats};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use std::sync::{Arc, OnceLock};

/// Pixels that are summed in one chain: rounding grows with a chain's length, not with the image.
const CHAIN: usize = 64;

/// `silu((x − mean)/√(var + ε) · gain + bias)`, where `silu(z) = z/(1 + e^−z)`.
///
/// # Shapes
/// `x` (b, h, w, c), `gain` and `bias` (c), or both (b, c): other ones for each image.
///
/// # Errors
/// When the channels differ or are not whole groups.
pub fn group_norm_silu(
    x: &Tensor,
    (gain, bias): (&Tensor, &Tensor),
    n_groups: usize,
    epsilon: f64,
) -> Result<Tensor> {
    let norm = GroupNorm::new(n_groups, epsilon, true);
    norm.forward(x, gain, bias)
}

/// As [`group_norm_silu`], without the activation.
///
/// # Errors
/// As [`group_norm_silu`].
pub fn group_norm(
    x: &Tensor,
    (gain, bias): (&Tensor, &Tensor),
    n_groups: usize,
    epsilon: f64,
) -> Result<Tensor> {
    let norm = GroupNorm::new(n_groups, epsilon, false);
    norm.forward(x, gain, bias)
}

/// What a group is normalised by.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    mean: f32,
    /// `1/√(var + ε)`.
    scale: f32,
}

struct GroupNorm {
    n_groups: usize,
    epsilon: f64,
    silu: bool,
    /// Of every group of every image: found on the way forward, used on the way back.
    moments: Arc<OnceLock<Vec<Moments>>>,
}

impl GroupNorm {
    fn new(n_groups: usize, epsilon: f64, silu: bool) -> Self {
        Self {
            n_groups,
            epsilon,
            silu,
            moments: Arc::default(),
        }
    }

    fn forward(self, x: &Tensor, gain: &Tensor, bias: &Tensor) -> Result<Tensor> {
        self.check(x.dims(), gain.dims(), bias.dims())?;
        if x.device().is_cpu() {
            return x
                .contiguous()?
                .apply_op3(&gain.contiguous()?, &bias.contiguous()?, self);
        }
        let y = self.composed(x, gain, bias)?;
        if self.silu { y.silu() } else { Ok(y) }
    }

    fn check(&self, x: &[usize], gain: &[usize], bias: &[usize]) -> Result<()> {
        let &[b, h, w, c] = x else {
            bail!("group_norm: maps {x:?}");
        };
        let fits = gain == [c] || gain == [b, c];
        if b * h * w == 0 || self.n_groups == 0 || c % self.n_groups != 0 || !fits || gain != bias {
            bail!(
                "group_norm: maps {x:?}, gains {gain:?}, biases {bias:?}, {} groups",
                self.n_groups
            );
        }
        Ok(())
    }

    /// From candle's operations.
    fn composed(&self, x: &Tensor, gain: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let (b, h, w, c) = x.dims4()?;
        let groups = x.reshape((b, h * w, self.n_groups, c / self.n_groups))?;
        let mean = groups.mean_keepdim((1, 3))?; // (b, 1, g, 1)
        let centred = groups.broadcast_sub(&mean)?;
        let var = centred.sqr()?.mean_keepdim((1, 3))?;
        let normed = centred.broadcast_div(&(var + self.epsilon)?.sqrt()?)?;
        let per_channel = |t: &Tensor| t.reshape(((), 1, 1, c)); // (1 or b, 1, 1, c)
        normed
            .reshape((b, h, w, c))?
            .broadcast_mul(&per_channel(gain)?)?
            .broadcast_add(&per_channel(bias)?)
    }

    /// Of the groups of one image, rows of `c`.
    fn moments_of(&self, image: &[f32], c: usize) -> Vec<Moments> {
        let n = (image.len() / self.n_groups) as f32;
        let of_groups = |sums: &[f32]| -> Vec<f32> {
            let groups = sums.chunks_exact(c / self.n_groups);
            groups.map(|sums| sums.iter().sum::<f32>() / n).collect()
        };
        let mut sums = vec![0.0; c];
        add_chains(image.chunks(CHAIN * c), &mut sums, |pixels, sums| {
            for pixel in pixels.chunks_exact(c) {
                sums.iter_mut().zip(pixel).for_each(|(sum, x)| *sum += x);
            }
        });
        let means = of_groups(&sums);
        let by_channel = self.by_channel(&means, c);
        sums.fill(0.0);
        add_chains(image.chunks(CHAIN * c), &mut sums, |pixels, sums| {
            for pixel in pixels.chunks_exact(c) {
                for ((sum, x), mean) in sums.iter_mut().zip(pixel).zip(&by_channel) {
                    *sum += (x - mean) * (x - mean);
                }
            }
        });
        let moments = means.iter().zip(of_groups(&sums));
        let moments = moments.map(|(&mean, var)| Moments {
            mean,
            scale: (1.0 / (f64::from(var) + self.epsilon).sqrt()) as f32,
        });
        moments.collect()
    }

    /// Each group's number for each of its channels.
    fn by_channel(&self, of_groups: &[f32], c: usize) -> Vec<f32> {
        let width = c / self.n_groups;
        let channels = of_groups
            .iter()
            .flat_map(|x| std::iter::repeat_n(*x, width));
        channels.collect()
    }

    /// One image on the way back: how it was normalised, `gain` and `bias` (c) as it has them.
    fn way_back<'a>(&self, moments: &[Moments], gain: &'a [f32], bias: &'a [f32]) -> WayBack<'a> {
        let of_groups = |f: fn(&Moments) -> f32| -> Vec<f32> {
            self.by_channel(&moments.iter().map(f).collect::<Vec<_>>(), gain.len())
        };
        WayBack {
            n_groups: self.n_groups,
            silu: self.silu,
            mean: of_groups(|m| m.mean),
            scale: of_groups(|m| m.scale),
            gain,
            bias,
        }
    }
}

/// Adds up what `add` sums for each of the `parts`, one after the other.
fn add_chains<'a>(
    parts: impl Iterator<Item = &'a [f32]>,
    sums: &mut [f32],
    add: impl Fn(&[f32], &mut [f32]),
) {
    let mut chain = vec![0.0; sums.len()];
    vectorized(|| {
        for part in parts {
            chain.fill(0.0);
            add(part, &mut chain);
            sums.iter_mut().zip(&chain).for_each(|(sum, x)| *sum += x);
        }
    });
}

/// `1/(1 + e^−z)`.
#[inline(always)]
fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + exp(-z))
}

/// What a channel of one image was normalised by, and what its gradient is made of.
struct WayBack<'a> {
    n_groups: usize,
    silu: bool,
    mean: Vec<f32>,
    scale: Vec<f32>,
    gain: &'a [f32],
    bias: &'a [f32],
}

/// The gradients of one image, its gains and its biases.
struct Gradients<'a> {
    dx: &'a mut [f32],
    dgain: Vec<f32>,
    dbias: Vec<f32>,
}

impl WayBack<'_> {
    fn run(&self, xs: &[f32], grads: &[f32], to: &mut Gradients<'_>) {
        let c = self.gain.len();
        let (mean, scale) = (&self.mean[..c], &self.scale[..c]);
        let (gain, bias) = (&self.gain[..c], &self.bias[..c]);
        // First the gradient of z, which is written where that of x will be, and its sums.
        let mut chain = vec![0.0; 2 * c];
        let (chain_gain, chain_bias) = chain.split_at_mut(c);
        vectorized(|| {
            let pixels = to.dx.chunks_mut(CHAIN * c);
            let pixels = pixels.zip(xs.chunks(CHAIN * c).zip(grads.chunks(CHAIN * c)));
            for (dx, (xs, grads)) in pixels {
                chain_gain.fill(0.0);
                chain_bias.fill(0.0);
                let pixels = xs.chunks_exact(c).zip(grads.chunks_exact(c));
                for (dz, (x, g)) in dx.chunks_exact_mut(c).zip(pixels) {
                    let (dz, x, g) = (&mut dz[..c], &x[..c], &g[..c]);
                    for j in 0..c {
                        let normed = (x[j] - mean[j]) * scale[j];
                        let z = normed * gain[j] + bias[j];
                        let s = sigmoid(z);
                        let slope = if self.silu {
                            s * (1.0 + z * (1.0 - s))
                        } else {
                            1.0
                        };
                        dz[j] = g[j] * slope;
                        chain_gain[j] += dz[j] * normed;
                        chain_bias[j] += dz[j];
                    }
                }
                to.dgain
                    .iter_mut()
                    .zip(&*chain_gain)
                    .for_each(|(sum, x)| *sum += x);
                to.dbias
                    .iter_mut()
                    .zip(&*chain_bias)
                    .for_each(|(sum, x)| *sum += x);
            }
        });
        // dx = scale · (gain · dz − mean(gain · dz) − normed · mean(gain · dz · normed)), group by group.
        let n = (xs.len() / self.n_groups) as f32;
        let (mut slope, mut tilt, mut shift) = (vec![0.0; c], vec![0.0; c], vec![0.0; c]);
        for first in (0..c).step_by(c / self.n_groups) {
            let group = first..first + c / self.n_groups;
            let weighted = |sums: &[f32]| -> f32 {
                let terms = gain[group.clone()].iter().zip(&sums[group.clone()]);
                terms.map(|(gain, sum)| gain * sum).sum::<f32>() / n
            };
            let (along, level) = (weighted(&to.dgain), weighted(&to.dbias));
            for j in group {
                slope[j] = scale[j] * gain[j];
                tilt[j] = scale[j] * scale[j] * along;
                shift[j] = scale[j] * level;
            }
        }
        vectorized(|| {
            for (dx, x) in to.dx.chunks_exact_mut(c).zip(xs.chunks_exact(c)) {
                let (dx, x) = (&mut dx[..c], &x[..c]);
                for j in 0..c {
                    dx[j] = dx[j] * slope[j] - (x[j] - mean[j]) * tilt[j] - shift[j];
                }
            }
        });
    }
}

/// The gains or biases of image `index`: its own, or those of all.
fn of_image(all: &[f32], c: usize, index: usize) -> &[f32] {
    if all.len() == c {
        all
    } else {
        &all[index * c..(index + 1) * c]
    }
}

impl CustomOp3 for GroupNorm {
    fn name(&self) -> &'static str {
        "group_norm"
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
        let &[b, .., c] = x_layout.dims() else {
            bail!("group_norm: maps {:?}", x_layout.dims());
        };
        let image_len = xs.len() / b;
        let mut moments = vec![Moments::default(); b * self.n_groups];
        for_parts(&mut moments, self.n_groups, |index, moments| {
            let image = &xs[index * image_len..][..image_len];
            moments.copy_from_slice(&self.moments_of(image, c));
        });
        let mut ys = vec![0.0; xs.len()];
        for_parts(&mut ys, image_len, |index, ys| {
            let image = &xs[index * image_len..][..image_len];
            let moments = &moments[index * self.n_groups..][..self.n_groups];
            let (gain, bias) = (of_image(gain, c, index), of_image(bias, c, index));
            let WayBack { mean, scale, .. } = self.way_back(moments, gain, bias);
            let slope: Vec<f32> = scale.iter().zip(gain).map(|(s, g)| s * g).collect();
            let (mean, slope, bias) = (&mean[..c], &slope[..c], &bias[..c]);
            vectorized(|| {
                for (y, x) in ys.chunks_exact_mut(c).zip(image.chunks_exact(c)) {
                    let (y, x) = (&mut y[..c], &x[..c]);
                    for j in 0..c {
                        let z = (x[j] - mean[j]) * slope[j] + bias[j];
                        y[j] = if self.silu { z * sigmoid(z) } else { z };
                    }
                }
            });
        });
        // Were it run twice, it would have found the same.
        let _ = self.moments.set(moments);
        Ok((CpuStorage::F32(ys), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let (b, _, _, c) = x.dims4()?;
        let Some(moments) = self.moments.get() else {
            bail!("group_norm: backward without forward");
        };
        let (dx, dgain, dbias) =
            with_floats([x, gain, bias, &grad], |[xs, gains, biases, grads]| {
                let image_len = xs.len() / b;
                let mut dx = vec![0.0; xs.len()];
                let images = dx.chunks_mut(image_len).map(|dx| Gradients {
                    dx,
                    dgain: vec![0.0; c],
                    dbias: vec![0.0; c],
                });
                let mut images: Vec<_> = images.collect();
                for_parts(&mut images, 1, |index, to| {
                    let moments = &moments[index * self.n_groups..][..self.n_groups];
                    let (gain, bias) = (of_image(gains, c, index), of_image(biases, c, index));
                    let place = index * image_len..(index + 1) * image_len;
                    let way_back = self.way_back(moments, gain, bias);
                    for to in to {
                        way_back.run(&xs[place.clone()], &grads[place.clone()], to);
                    }
                });
                let (mut dgain, mut dbias) = (Vec::new(), Vec::new());
                for image in &images {
                    dgain.extend_from_slice(&image.dgain);
                    dbias.extend_from_slice(&image.dbias);
                }
                if gains.len() == c {
                    (dgain, dbias) = (column_sums(&dgain, c), column_sums(&dbias, c));
                }
                Ok((dx, dgain, dbias))
            })?;
        let tensor =
            |values: Vec<f32>, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
        Ok((
            Some(tensor(dx, x)?),
            Some(tensor(dgain, gain)?),
            Some(tensor(dbias, bias)?),
        ))
    }
}

#[cfg(test)]
mod tests;
