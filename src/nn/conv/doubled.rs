//! A convolution of a map that is first doubled, without writing the doubled map out.

use super::{product, winograd};
use crate::nn::activation::Activation;
use crate::nn::column_sums::column_sums;
use crate::nn::pixel_shuffle::doubled;
use crate::nn::slices::{floats, with_floats};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

/// [`conv2d_bias`](super::conv2d_bias) of [`doubled`] `x` with a kernel of 3 × 3, stride 1 and padding 1:
/// what makes a map larger on a U-Net's way up.
///
/// # Shapes
/// `x` (b, h, w, ci), `weight` (3, 3, ci, co), `bias` (co), result (b, 2h, 2w, co).
///
/// # Errors
/// When the shapes do not fit each other.
pub fn conv2d_doubled_bias(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() && Doubled::maps(x.dims(), weight.dims()).is_some() {
        return x.contiguous()?.apply_op3(weight, bias, Doubled);
    }
    super::conv2d_bias(&doubled(x)?, weight, bias, (1, 1), Activation::Identity)
}

struct Doubled;

impl Doubled {
    /// The maps, if their channels are whole vectors.
    fn maps(x: &[usize], weight: &[usize]) -> Option<winograd::Maps> {
        match (x, weight) {
            (&[b, h, w, ci], &[3, 3, c, co]) if c == ci && b * h * w < u32::MAX as usize => {
                winograd::of_tiles(b, (h, w), (ci, co))
            }
            _ => None,
        }
    }
}

impl CustomOp3 for Doubled {
    fn name(&self) -> &'static str {
        "conv2d_doubled"
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
        let (dims, kernel) = (x_layout.dims(), weight_layout.dims());
        let (Some(maps), &[b, h, w, _]) = (Self::maps(dims, kernel), dims) else {
            bail!("conv2d_doubled: maps {dims:?}, kernel {kernel:?}");
        };
        let (x, weight) = (floats(x, x_layout)?, floats(weight, weight_layout)?);
        let bias = floats(bias, bias_layout)?;
        let co = kernel[3];
        if bias.len() != co {
            bail!("conv2d_doubled: {} biases, {co} channels", bias.len());
        }
        let out =
            winograd::doubled_forward(&maps, x, weight, &|part| product::add_bias(part, bias));
        Ok((CpuStorage::F32(out), Shape::from((b, 2 * h, 2 * w, co))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(maps) = Self::maps(x.dims(), weight.dims()) else {
            bail!(
                "conv2d_doubled: maps {:?}, kernel {:?}",
                x.dims(),
                weight.dims()
            );
        };
        let grad = grad.contiguous()?;
        with_floats([x, weight, &grad], |[xs, weights, dy]| {
            let tensor =
                |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
            let dx = x
                .track_op()
                .then(|| winograd::doubled_backward(&maps, dy, weights));
            let dweight = weight
                .track_op()
                .then(|| winograd::doubled_weight_gradient(&maps, xs, dy));
            let dbias = bias.track_op().then(|| column_sums(dy, bias.elem_count()));
            Ok((
                dx.map(|dx| tensor(dx, x)).transpose()?,
                dweight.map(|dweight| tensor(dweight, weight)).transpose()?,
                dbias.map(|dbias| tensor(dbias, bias)).transpose()?,
            ))
        })
    }
}
