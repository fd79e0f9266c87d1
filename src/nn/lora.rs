//! Low-rank adapters (Hu et al. 2022): what a network learns later is kept beside its weights.
//!
//! A weight W with `rows` × `columns` numbers stays as it is; learned are A (rows × r) and B (r ×
//! columns), far fewer numbers, and the network computes with W + s·A·B. In the paper weights stand the
//! other way round (out, in), so that the same product is written W + s·B·A there. A kernel (k, k, ci, co)
//! is the matrix of k·k·ci rows that it multiplies a window with, which makes `A` a convolution to r
//! channels and `B` one of 1 × 1 behind it. B begins as 0: an adapter that learned nothing changes nothing.

use crate::rng::Rng;
use candle_core::{Result, Tensor, bail};

/// W + s·A·B, in the shape of `weight`; the `weight` itself, bit for bit, where `scale` is 0.
///
/// # Shapes
/// `weight` (…, columns), `a` (rows, r), `b` (r, columns).
///
/// # Errors
/// When the shapes do not fit.
pub fn adapted(weight: &Tensor, [a, b]: [&Tensor; 2], scale: f64) -> Result<Tensor> {
    let (rows, columns) = matrix(weight.dims());
    let ((a_rows, r), (b_r, b_columns)) = (a.dims2()?, b.dims2()?);
    if (a_rows, b_columns) != (rows, columns) || r != b_r {
        bail!("an adapter {a:?} · {b:?} of a weight {weight:?}");
    }
    if scale == 0.0 {
        return Ok(weight.clone());
    }
    weight + (a.matmul(b)? * scale)?.reshape(weight.shape())?
}

/// Rows and columns of a weight of that shape, as the matrix that multiplies.
#[must_use]
pub fn matrix(shape: &[usize]) -> (usize, usize) {
    let columns = shape.last().copied().unwrap_or(1).max(1);
    (shape.iter().product::<usize>() / columns, columns)
}

/// What A begins as: normal with variance 1 / rows, so that x·A is about as long as a number of x.
#[must_use]
pub fn first_a(rows: usize, rank: usize, rng: &mut Rng) -> Vec<f32> {
    rng.normals(rows * rank, 0.0, 1.0 / (rows.max(1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::activation::Activation;
    use crate::nn::conv::{conv2d, conv2d_bias};
    use candle_core::{Device, Var};

    fn noise(shape: &[usize], seed: u64) -> Tensor {
        let values = Rng::new(seed, "test").normals(shape.iter().product(), 0.0, 1.0);
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    fn largest(x: &Tensor) -> f32 {
        let largest = x.abs().unwrap().max_all().unwrap();
        largest.to_scalar().unwrap()
    }

    #[test]
    fn merged_weights_compute_what_two_convolutions_side_by_side_compute() {
        // 16 and 24 channels take the way of few products (Winograd), 5 and 3 the plain one.
        for (ci, co, rank, stride) in [(16, 24, 4, 1), (16, 24, 4, 2), (5, 3, 2, 1)] {
            let x = noise(&[2, 8, 8, ci], 1);
            let weight = (noise(&[3, 3, ci, co], 2) * (9.0 * ci as f64).powf(-0.5)).unwrap();
            let (a, b) = (noise(&[9 * ci, rank], 3), noise(&[rank, co], 4));
            let (a, scale) = ((a * (9.0 * ci as f64).powf(-0.5)).unwrap(), 0.7);
            let bias = Tensor::zeros(co, candle_core::DType::F32, &Device::Cpu).unwrap();
            let merged = adapted(&weight, [&a, &b], scale).unwrap();
            let steps = (stride, 1);
            let merged = conv2d_bias(&x, &merged, &bias, steps, Activation::Identity).unwrap();
            let kernel = a.reshape((3, 3, ci, rank)).unwrap();
            let narrow = conv2d(&x, &kernel, stride, 1).unwrap();
            let wide = conv2d(&narrow, &b.reshape((1, 1, rank, co)).unwrap(), 1, 0).unwrap();
            let aside =
                (conv2d(&x, &weight, stride, 1).unwrap() + (wide * scale).unwrap()).unwrap();
            let apart = largest(&(&merged - &aside).unwrap()) / largest(&aside);
            assert!(
                apart < 1e-5,
                "{ci} to {co} channels, stride {stride}: {apart}"
            );
        }
    }

    #[test]
    fn a_scale_of_nothing_is_the_weight_itself_and_what_does_not_fit_is_refused() {
        let weight = noise(&[6, 4], 1);
        let (a, b) = (noise(&[6, 2], 2), noise(&[2, 4], 3));
        let same = adapted(&weight, [&a, &b], 0.0).unwrap();
        assert_eq!(
            same.to_vec2::<f32>().unwrap(),
            weight.to_vec2::<f32>().unwrap()
        );
        assert!(adapted(&weight, [&b, &a], 1.0).is_err());
        assert!(adapted(&noise(&[3, 2, 4], 1), [&a, &b], 1.0).is_ok());
    }

    #[test]
    fn gradients_are_those_of_the_chain_rule_and_the_weight_needs_none() {
        // With L = Σ W′ ∘ G, the gradients are dA = s·G·Bᵀ and dB = s·Aᵀ·G.
        let (weight, g) = (noise(&[6, 4], 1), noise(&[6, 4], 2));
        let a = Var::from_tensor(&noise(&[6, 2], 3)).unwrap();
        let b = Var::from_tensor(&noise(&[2, 4], 4)).unwrap();
        let scale = 0.5;
        let merged = adapted(&weight, [&a, &b], scale).unwrap();
        let gradients = (merged * &g).unwrap().sum_all().unwrap().backward();
        let gradients = gradients.unwrap();
        let product = |x: &Tensor, y: &Tensor| (x.matmul(y).unwrap() * scale).unwrap();
        let of_a = product(&g, &b.t().unwrap());
        let of_b = product(&a.t().unwrap(), &g);
        for (var, wanted) in [(&a, of_a), (&b, of_b)] {
            let apart = (gradients.get(var).unwrap() - wanted).unwrap();
            assert!(largest(&apart) < 1e-5);
        }
    }
}
