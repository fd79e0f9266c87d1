//! Activations whose slope is known from their output: forward and backward in one pass each.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::parts::for_parts;
use super::simd::vectorized;
use super::slices::{exp, floats, with_floats};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// A function of single numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// `x`.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `x` where it is positive, `slope · x` elsewhere; the slope is positive.
    LeakyRelu(f32),
    /// The hyperbolic tangent: −1 to 1.
    Tanh,
}

/// Numbers that a worker takes at once.
const AT_ONCE: usize = 1 << 14;

/// `max(x, 0)`; its slope at 0 is 0.
///
/// # Errors
/// When `x` is not f32.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    Activation::Relu.forward(x)
}

/// `x` where it is positive, `slope · x` elsewhere (Maas et al. 2013); `slope` is positive.
///
/// # Errors
/// When `x` is not f32.
pub fn leaky_relu(x: &Tensor, slope: f32) -> Result<Tensor> {
    Activation::LeakyRelu(slope).forward(x)
}

/// The hyperbolic tangent.
///
/// # Errors
/// When `x` is not f32.
pub fn tanh(x: &Tensor) -> Result<Tensor> {
    Activation::Tanh.forward(x)
}

impl Activation {
    /// The function of each number of `x`.
    ///
    /// # Errors
    /// When `x` is not f32.
    pub fn forward(self, x: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() {
            return x.contiguous()?.apply_op1(self);
        }
        match self {
            Self::Identity => Ok(x.clone()),
            Self::Relu => x.relu(),
            Self::LeakyRelu(slope) => {
                (x.relu()? * f64::from(1.0 - slope))? + (x * f64::from(slope))?
            }
            Self::Tanh => x.tanh(),
        }
    }

    /// The function of `x`.
    #[inline(always)]
    pub(super) fn value(self, x: f32) -> f32 {
        match self {
            Self::Identity => x,
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(slope) => x.max(0.0) + slope * x.min(0.0),
            Self::Tanh => hyperbolic_tangent(x),
        }
    }

    /// Its slope where its value is `y`.
    #[inline(always)]
    pub(super) fn slope(self, y: f32) -> f32 {
        match self {
            Self::Identity => 1.0,
            Self::Relu => f32::from(u8::from(y > 0.0)),
            Self::LeakyRelu(slope) => {
                if y > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Self::Tanh => 1.0 - y * y,
        }
    }

    /// Replaces each number by the function of it.
    pub(super) fn apply(self, xs: &mut [f32]) {
        // One loop for each function: the choice is made once, and the loop becomes vectors.
        vectorized(|| match self {
            Self::Identity => {}
            Self::Relu => xs.iter_mut().for_each(|x| *x = Self::Relu.value(*x)),
            Self::LeakyRelu(_) => xs.iter_mut().for_each(|x| *x = self.value(*x)),
            Self::Tanh => xs.iter_mut().for_each(|x| *x = Self::Tanh.value(*x)),
        });
    }

    /// The gradient of what went in, from what came out and its gradient.
    pub(super) fn backward(self, ys: &[f32], gradients: &[f32]) -> Vec<f32> {
        let mut dx = vec![0.0; ys.len()];
        for_parts(&mut dx, AT_ONCE, |index, part| {
            let terms = ys[index * AT_ONCE..]
                .iter()
                .zip(&gradients[index * AT_ONCE..]);
            let terms = part.iter_mut().zip(terms);
            vectorized(|| match self {
                Self::Tanh => terms.for_each(|(dx, (y, g))| *dx = g * Self::Tanh.slope(*y)),
                _ => terms.for_each(|(dx, (y, g))| *dx = g * self.slope(*y)),
            });
        });
        dx
    }
}

/// tanh by one exponential, and by its series near 0, where the exponential would lose digits.
#[inline(always)]
fn hyperbolic_tangent(x: f32) -> f32 {
    let square = x * x;
    // x − x³/3 + 2x⁵/15 − 17x⁷/315 + 62x⁹/2835.
    let series = x
        * (1.0
            + square
                * (-0.333_333_34
                    + square
                        * (0.133_333_34 + square * (-0.053_968_254 + square * 0.021_869_488))));
    let e = exp(-2.0 * x.abs());
    let far = ((1.0 - e) / (1.0 + e)).copysign(x);
    if square < 0.09 { series } else { far }
}

impl CustomOp1 for Activation {
    fn name(&self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Tanh => "tanh",
        }
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut ys = floats(storage, layout)?.to_vec();
        for_parts(&mut ys, AT_ONCE, |_, part| self.apply(part));
        Ok((CpuStorage::F32(ys), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let dx = with_floats([y, &grad], |[ys, gs]| Ok(self.backward(ys, gs)))?;
        Tensor::from_vec(dx, x.shape(), x.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    const ALL: [Activation; 4] = [
        Activation::Identity,
        Activation::Relu,
        Activation::LeakyRelu(0.2),
        Activation::Tanh,
    ];

    #[test]
    fn the_hyperbolic_tangent_is_within_a_millionth_of_the_true_one() {
        for i in -20_000..20_000 {
            let x = i as f32 * 5e-4;
            let truth = f64::from(x).tanh();
            let gap = f64::from(hyperbolic_tangent(x)) - truth;
            assert!(gap.abs() <= 1e-6 * truth.abs(), "{x}: {gap}");
        }
        assert_eq!(hyperbolic_tangent(-100.0), -1.0);
    }

    #[test]
    fn values_and_slopes_are_those_of_the_formulas() -> Result<()> {
        let xs: Vec<f32> = (-40_000..40_000).map(|i| (i as f32 + 0.5) * 1e-4).collect();
        for activation in ALL {
            let x = Var::from_tensor(&Tensor::new(xs.as_slice(), &Device::Cpu)?)?;
            let y = activation.forward(&x)?;
            let store = y.sum_all()?.backward()?;
            let ys = y.to_vec1::<f32>()?;
            let slopes = store.get(&x).unwrap().to_vec1::<f32>()?;
            for ((x, y), slope) in xs.iter().zip(ys).zip(slopes) {
                let x = f64::from(*x);
                let (value, expected) = match activation {
                    Activation::Relu if x < 0.0 => (0.0, 0.0),
                    Activation::LeakyRelu(_) if x < 0.0 => (0.2 * x, 0.2),
                    Activation::Tanh => (x.tanh(), 1.0 - x.tanh().powi(2)),
                    _ => (x, 1.0),
                };
                assert!((f64::from(y) - value).abs() < 1e-6, "{activation:?} at {x}");
                let gap = (f64::from(slope) - expected).abs();
                assert!(gap < 1e-6, "{activation:?} at {x}: {gap}");
            }
        }
        Ok(())
    }
}
