//! The gate of Llama's MLP (Shazeer 2020) for inference: gate · σ(gate) · up in one pass on the CPU.

use super::rows::Rows;
use super::slices::exp;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

/// `gate` · σ(`gate`) · `up`, all (t, m), where σ(x) = 1 / (1 + e^−x). Has no gradient.
///
/// # Errors
/// When the shapes differ.
pub fn swiglu(gate: &Tensor, up: &Tensor) -> Result<Tensor> {
    if gate.device().is_cpu() {
        gate.apply_op2_no_bwd(up, &SwiGlu)
    } else {
        gate.silu()? * up
    }
}

struct SwiGlu;

impl CustomOp2 for SwiGlu {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(
        &self,
        gate: &CpuStorage,
        gate_layout: &Layout,
        up: &CpuStorage,
        up_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        if gate_layout.shape() != up_layout.shape() {
            bail!("a gate of {gate_layout:?} on {up_layout:?}");
        }
        let (gate, up) = (Rows::of(gate, gate_layout)?, Rows::of(up, up_layout)?);
        let mut out = Vec::with_capacity(gate.n_rows() * gate.width());
        for (gate, up) in gate.iter().zip(up.iter()) {
            out.extend(gate.iter().zip(up).map(|(&x, u)| x / (1.0 + exp(-x)) * u));
        }
        Ok((CpuStorage::F32(out), gate_layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

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
