//! The steps of a decoder that take numbers one by one, for inference, in one pass on the CPU.
//!
//! Candle's own kernels run on another thread pool, whose threads would spin beside ours.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::rows::{RowWork, Rows, compute_rows};
use super::slices::exp;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

/// `a + b`, both (t, d): what a block adds to the residual stream. Has no gradient.
///
/// # Errors
/// When the shapes differ.
pub fn add(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.device().is_cpu() {
        a.apply_op2_no_bwd(b, &Pairwise::Add)
    } else {
        a + b
    }
}

/// `a + b` of two maps of one shape, with a gradient: that of the sum, for both.
///
/// # Errors
/// When the shapes differ.
pub fn sum(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.device().is_cpu() {
        a.contiguous()?.apply_op2(&b.contiguous()?, Sum)
    } else {
        a + b
    }
}

/// `gate` · σ(`gate`) · `up`, all (t, m), where σ(x) = 1 / (1 + e^−x): the gate of Llama's MLP
/// (Shazeer 2020). Has no gradient.
///
/// # Errors
/// When the shapes differ.
pub fn swiglu(gate: &Tensor, up: &Tensor) -> Result<Tensor> {
    if gate.device().is_cpu() {
        gate.apply_op2_no_bwd(up, &Pairwise::SwiGlu)
    } else {
        gate.silu()? * up
    }
}

/// What two tensors of one shape, given as rows, become.
#[derive(Clone, Copy)]
enum Pairwise {
    Add,
    SwiGlu,
}

impl CustomOp2 for Pairwise {
    fn name(&self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SwiGlu => "swiglu",
        }
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        if a_layout.shape() != b_layout.shape() {
            bail!("{} of {a_layout:?} and {b_layout:?}", self.name());
        }
        let (a, b) = (Rows::of(a, a_layout)?, Rows::of(b, b_layout)?);
        let out = compute_rows(a.n_rows(), a.width(), &PairOfRows { op: *self, a, b });
        Ok((CpuStorage::F32(out), a_layout.shape().clone()))
    }
}

struct Sum;

impl CustomOp2 for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Pairwise::Add.cpu_fwd(a, a_layout, b, b_layout)
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(grad.clone()), Some(grad.clone())))
    }
}

struct PairOfRows<'a> {
    op: Pairwise,
    a: Rows<'a>,
    b: Rows<'a>,
}

impl RowWork for PairOfRows<'_> {
    #[inline(always)]
    fn row(&self, i: usize, out: &mut [f32]) {
        let pairs = self.a.row(i).iter().zip(self.b.row(i));
        let pairs = out.iter_mut().zip(pairs);
        match self.op {
            Pairwise::Add => pairs.for_each(|(y, (a, b))| *y = a + b),
            Pairwise::SwiGlu => pairs.for_each(|(y, (a, b))| *y = a / (1.0 + exp(-a)) * b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    #[test]
    fn a_sum_hands_its_gradient_on_to_both() -> Result<()> {
        let a = Var::from_tensor(&Tensor::arange(0f32, 6.0, &Device::Cpu)?.reshape((1, 2, 3))?)?;
        let b = Var::from_tensor(&a.as_tensor().affine(2.0, 1.0)?)?;
        let y = sum(&a, &b)?;
        assert_eq!(
            y.flatten_all()?.to_vec1::<f32>()?,
            [1.0, 4.0, 7.0, 10.0, 13.0, 16.0]
        );
        let pull = (a.as_detached_tensor() * 5.0)?;
        let store = (y * &pull)?.sum_all()?.backward()?;
        let wanted = pull.to_vec3::<f32>()?;
        for var in [&a, &b] {
            assert_eq!(store.get(var).unwrap().to_vec3::<f32>()?, wanted);
        }
        Ok(())
    }

    #[test]
    fn it_agrees_with_candle_also_on_the_halves_of_one_product() -> Result<()> {
        let x: Vec<f32> = (0..3 * 40).map(|i| (i as f32 * 0.3).sin() * 9.0).collect();
        let x = Tensor::from_vec(x, (3, 40), &Device::Cpu)?;
        let (gate, up) = (x.narrow(1, 0, 20)?, x.narrow(1, 20, 20)?);
        let theirs = (gate.silu()? * &up)?;
        let difference = (swiglu(&gate, &up)? - theirs)?.abs()?.max_all()?;
        assert!(difference.to_scalar::<f32>()? < 1e-5);
        Ok(())
    }
}
