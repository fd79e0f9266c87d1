//! Convolutions with their gradients, channels last.
//!
//! Images are (b, h, w, c): the channels of a pixel lie side by side, so a product reads them where
//! they are. A convolution and a transposed convolution are one tie between a *big* and a *small*
//! image, read in the two directions (Dumoulin & Visin 2016), and three products serve both, forward
//! and backward: big to small, small to big, and the gradient of the kernel. On a device other than
//! the CPU they are composed from candle's own operations.
//!
//! Letters: b images, h and w pixels, ci and co channels in and out, k kernel, s stride, p padding.

mod doubled;
mod gather;
mod geometry;
mod narrow;
mod product;
mod weights;
mod winograd;

use super::activation::Activation;
use super::column_sums::column_sums;
use super::slices::{floats, with_floats};
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail};
pub use doubled::conv2d_doubled_bias;
use geometry::{Geometry, Size};

/// Which way, how far a window moves, and what is done with the sums.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Conv {
    transposed: bool,
    stride: usize,
    padding: usize,
    activation: Activation,
}

/// `out[i, j] = Σ x[s·i + ky − p, s·j + kx − p] · weight[ky, kx]`, as `torch.nn.functional.conv2d`.
///
/// # Shapes
/// `x` (b, h, w, ci), `weight` (k, k, ci, co), result (b, h′, w′, co) where h′ = ⌊(h + 2p − k)/s⌋ + 1.
///
/// # Errors
/// When the shapes do not fit each other, or the kernel does not fit the image.
pub fn conv2d(x: &Tensor, weight: &Tensor, stride: usize, padding: usize) -> Result<Tensor> {
    Conv::new(false, stride, padding).forward(x, weight, None)
}

/// [`conv2d`], then a bias (co), then an activation, in one pass.
///
/// # Errors
/// As [`conv2d`].
pub fn conv2d_bias(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    (stride, padding): (usize, usize),
    activation: Activation,
) -> Result<Tensor> {
    let conv = Conv::new(false, stride, padding);
    conv.then(activation).forward(x, weight, Some(bias))
}

/// The transposed convolution: `out[s·i + ky − p, s·j + kx − p] += x[i, j] · weight[ky, kx]ᵀ`, as
/// `torch.nn.functional.conv_transpose2d`. With k = 4, s = 2, p = 1 it doubles the sides.
///
/// # Shapes
/// `x` (b, h, w, ci), `weight` (k, k, co, ci), result (b, h′, w′, co) where h′ = (h − 1)·s + k − 2p.
///
/// # Errors
/// When the shapes do not fit each other, or nothing is left of the image.
pub fn conv_transpose2d(
    x: &Tensor,
    weight: &Tensor,
    stride: usize,
    padding: usize,
) -> Result<Tensor> {
    Conv::new(true, stride, padding).forward(x, weight, None)
}

/// [`conv_transpose2d`], then a bias (co), then an activation, in one pass.
///
/// # Errors
/// As [`conv_transpose2d`].
pub fn conv_transpose2d_bias(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    (stride, padding): (usize, usize),
    activation: Activation,
) -> Result<Tensor> {
    let conv = Conv::new(true, stride, padding);
    conv.then(activation).forward(x, weight, Some(bias))
}

impl Conv {
    fn new(transposed: bool, stride: usize, padding: usize) -> Self {
        Self {
            transposed,
            stride,
            padding,
            activation: Activation::Identity,
        }
    }

    fn then(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    fn forward(self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        if !x.device().is_cpu() {
            let y = self.composed(x, weight)?;
            return match bias {
                Some(bias) => self.activation.forward(&y.broadcast_add(bias)?),
                None => self.activation.forward(&y),
            };
        }
        let (x, weight) = (x.contiguous()?, weight.contiguous()?);
        match bias {
            Some(bias) => x.apply_op3(&weight, &bias.contiguous()?, self),
            None => x.apply_op2(&weight, self),
        }
    }

    /// From candle's operations, which want the channels first.
    fn composed(self, x: &Tensor, weight: &Tensor) -> Result<Tensor> {
        self.geometry(x.dims(), weight.dims())?;
        let x = x.permute((0, 3, 1, 2))?.contiguous()?;
        let weight = weight.permute((3, 2, 0, 1))?.contiguous()?;
        let y = if self.transposed {
            x.conv_transpose2d(&weight, self.padding, 0, self.stride, 1)?
        } else {
            x.conv2d(&weight, self.padding, self.stride, 1, 1)?
        };
        y.permute((0, 2, 3, 1))?.contiguous()
    }

    /// The two images and the kernel between them.
    fn geometry(self, x: &[usize], weight: &[usize]) -> Result<Geometry> {
        let (&[n_images, h, w, ci], &[k, k2, c_big, c_small]) = (x, weight) else {
            bail!("{}: images {x:?}, kernel {weight:?}", self.label());
        };
        let (s, p) = (self.stride, self.padding);
        let given = Size { h, w, c: ci };
        let other = |side: usize| {
            let other = if self.transposed {
                ((side.max(1) - 1) * s + k).checked_sub(2 * p)
            } else {
                (side + 2 * p)
                    .checked_sub(k)
                    .map(|room| room / s.max(1) + 1)
            };
            other.unwrap_or(0)
        };
        let size = |c| Size {
            h: other(h),
            w: other(w),
            c,
        };
        let (big, small) = if self.transposed {
            (size(c_big), given)
        } else {
            (given, size(c_small))
        };
        let numbers = [n_images, big.len(), small.len(), k, s];
        if numbers.contains(&0) || k != k2 || big.c != c_big || small.c != c_small {
            bail!(
                "{}: images {x:?}, kernel {weight:?}, stride {s}, padding {p}",
                self.label()
            );
        }
        if n_images * (big.len() + 4 * p * (big.h + big.w + 2 * p) * big.c).max(small.len()) * k * k
            >= u32::MAX as usize
        {
            bail!("{}: images {x:?} are too many for one batch", self.label());
        }
        Ok(Geometry {
            n_images,
            big,
            small,
            kernel: k,
            stride: s,
            padding: p,
        })
    }

    fn label(self) -> &'static str {
        if self.transposed {
            "conv_transpose2d"
        } else {
            "conv2d"
        }
    }

    fn run(
        self,
        (x, x_layout): (&CpuStorage, &Layout),
        (weight, weight_layout): (&CpuStorage, &Layout),
        bias: Option<(&CpuStorage, &Layout)>,
    ) -> Result<(CpuStorage, Shape)> {
        let geometry = self.geometry(x_layout.dims(), weight_layout.dims())?;
        let (x, weight) = (floats(x, x_layout)?, floats(weight, weight_layout)?);
        let to = if self.transposed {
            geometry.big
        } else {
            geometry.small
        };
        let bias = match bias {
            Some((bias, layout)) => floats(bias, layout)?,
            None => &[],
        };
        if !bias.is_empty() && bias.len() != to.c {
            bail!("{}: {} biases, {} channels", self.label(), bias.len(), to.c);
        }
        let finish = |part: &mut [f32]| {
            product::add_bias(part, bias);
            self.activation.apply(part);
        };
        let out = if self.transposed {
            product::to_big(&geometry, x, weight, &finish)
        } else {
            product::to_small(&geometry, x, weight, &finish)
        };
        let shape = Shape::from((geometry.n_images, to.h, to.w, to.c));
        Ok((CpuStorage::F32(out), shape))
    }

    /// The gradients of the images and of the kernel, each if it is wanted.
    fn gradients(
        self,
        x: &Tensor,
        weight: &Tensor,
        dy: &[f32],
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let geometry = self.geometry(x.dims(), weight.dims())?;
        let (dx, dweight) = with_floats([x, weight], |[xs, weights]| {
            let dx = x.track_op().then(|| {
                if self.transposed {
                    product::to_small(&geometry, dy, weights, &|_| {})
                } else {
                    product::to_big(&geometry, dy, weights, &|_| {})
                }
            });
            let (big, small) = if self.transposed { (dy, xs) } else { (xs, dy) };
            let dweight = weight
                .track_op()
                .then(|| geometry.weight_gradient(big, small));
            Ok((dx, dweight))
        })?;
        let tensor = |values: Option<Vec<f32>>, like: &Tensor| {
            let tensor = values.map(|values| Tensor::from_vec(values, like.shape(), like.device()));
            tensor.transpose()
        };
        Ok((tensor(dx, x)?, tensor(dweight, weight)?))
    }
}

impl CustomOp2 for Conv {
    fn name(&self) -> &'static str {
        self.label()
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.run((x, x_layout), (weight, weight_layout), None)
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        with_floats([&grad], |[dy]| self.gradients(x, weight, dy))
    }
}

impl CustomOp3 for Conv {
    fn name(&self) -> &'static str {
        self.label()
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let bias = Some((bias, bias_layout));
        self.run((x, x_layout), (weight, weight_layout), bias)
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        with_floats([y, &grad], |[ys, grads]| {
            let sloped;
            let dy = if self.activation == Activation::Identity {
                grads
            } else {
                sloped = self.activation.backward(ys, grads);
                &sloped
            };
            let (dx, dweight) = self.gradients(x, weight, dy)?;
            let dbias = bias.track_op().then(|| {
                let sums = column_sums(dy, bias.elem_count());
                Tensor::from_vec(sums, bias.shape(), bias.device())
            });
            Ok((dx, dweight, dbias.transpose()?))
        })
    }
}

#[cfg(test)]
mod tests;
