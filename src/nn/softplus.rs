//! ln(1 + eˣ), from which every cross-entropy of two classes is made, on logits and without overflow.

use super::slices::floats;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// softplus(x) = ln(1 + eˣ) of each element, in the form max(x, 0) + ln(1 + e^−|x|), which neither
/// overflows nor loses the small values. Its gradient is the logistic function of x.
///
/// With D = σ(logit): −ln D = softplus(−logit) and −ln(1 − D) = softplus(logit).
///
/// # Errors
/// When the device does.
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Softplus)
}

/// [`softplus`] of one number in f64.
#[must_use]
pub fn softplus_f64(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

struct Softplus;

impl CustomOp1 for Softplus {
    fn name(&self) -> &'static str {
        "softplus"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = floats(x, layout)?;
        let y = x.iter().map(|&x| x.max(0.0) + (-x.abs()).exp().ln_1p());
        Ok((CpuStorage::F32(y.collect()), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let slope = candle_nn::ops::sigmoid(&x.detach())?;
        Ok(Some((grad * slope)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    #[test]
    fn it_is_right_from_minus_hundred_to_plus_hundred_and_so_is_its_slope() {
        let xs: Vec<f32> = vec![-100.0, -30.0, -5.0, -0.5, 0.0, 0.5, 5.0, 30.0, 100.0];
        let var = Var::from_tensor(&Tensor::new(xs.as_slice(), &Device::Cpu).unwrap()).unwrap();
        let y = softplus(&var).unwrap();
        let slopes = y.sum_all().unwrap().backward().unwrap();
        let slopes = slopes.get(&var).unwrap().to_vec1::<f32>().unwrap();
        let y = y.to_vec1::<f32>().unwrap();
        for ((&x, y), slope) in xs.iter().zip(y).zip(slopes) {
            let x = f64::from(x);
            // ln(1 + eˣ) directly where it is exact enough, and its limits x and eˣ beyond.
            let truth = match x {
                x if x > 40.0 => x,
                x if x < -20.0 => x.exp(),
                x => (1.0 + x.exp()).ln(),
            };
            assert!(
                (f64::from(y) - truth).abs() <= 1e-6 * truth + 1e-37,
                "{x}: {y}"
            );
            let sigmoid = 1.0 / (1.0 + (-x).exp());
            assert!(
                (f64::from(slope) - sigmoid).abs() <= 1e-6 * sigmoid + 1e-37,
                "{x}: {slope}"
            );
        }
    }
}
