//! One variable with running sums of its gradient, and passes over them in place.

use crate::nn::layers::Parameters;
use crate::nn::parts::for_parts;
use crate::nn::simd::vectorized;
use crate::nn::slices::floats;
use candle_core::{CpuStorage, Device, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var, bail};

/// Numbers that a worker takes at once.
const AT_ONCE: usize = 1 << 14;

/// A variable and its `N` moments.
#[derive(Debug)]
pub(super) struct Slot<const N: usize> {
    pub name: String,
    pub var: Var,
    pub moments: [Tensor; N],
}

/// A slot for every parameter, moments at zero.
pub(super) fn slots<const N: usize>(parameters: &Parameters) -> Result<Vec<Slot<N>>> {
    let slot = |(name, var): (&str, &Var)| {
        let mut moments = Vec::with_capacity(N);
        for _ in 0..N {
            moments.push(var.zeros_like()?.detach());
        }
        let Ok(moments) = moments.try_into() else {
            bail!("{N} moments of {name}");
        };
        Ok(Slot {
            name: name.to_owned(),
            var: var.clone(),
            moments,
        })
    };
    parameters.iter().map(slot).collect()
}

/// Copies of the moments as named tensors: `kind.name` for each kind.
pub(super) fn saved<const N: usize>(
    slots: &[Slot<N>],
    kinds: [&str; N],
) -> Result<Vec<(String, Tensor)>> {
    let mut saved = Vec::with_capacity(N * slots.len());
    for slot in slots {
        for (kind, moment) in kinds.iter().zip(&slot.moments) {
            saved.push((format!("{kind}.{}", slot.name), moment.copy()?));
        }
    }
    Ok(saved)
}

/// Takes the moments over that [`saved`] gave.
pub(super) fn restored<const N: usize>(
    slots: &mut [Slot<N>],
    kinds: [&str; N],
    mut find: impl FnMut(&str, &[usize], &Device) -> Result<Tensor>,
) -> Result<()> {
    for slot in slots {
        let (shape, device) = (slot.var.dims(), slot.var.device());
        for (kind, moment) in kinds.iter().zip(&mut slot.moments) {
            let found = find(&format!("{kind}.{}", slot.name), shape, device)?;
            if found.dims() != shape {
                bail!("the saved moments of {} have another shape", slot.name);
            }
            *moment = found.copy()?;
        }
    }
    Ok(())
}

/// `to = f(to, from)` number by number, in place, on the CPU.
pub(super) struct Each2<F>(pub F);

impl<F: Fn(f32, f32) -> f32 + Sync> InplaceOp2 for Each2<F> {
    fn name(&self) -> &'static str {
        "moment"
    }

    fn cpu_fwd(
        &self,
        to: &mut CpuStorage,
        to_layout: &Layout,
        from: &CpuStorage,
        from_layout: &Layout,
    ) -> Result<()> {
        let from = floats(from, from_layout)?;
        let to = floats_mut(to, to_layout)?;
        if to.len() != from.len() {
            bail!("{} weights, {} numbers", to.len(), from.len());
        }
        for_parts(to, AT_ONCE, |index, part| {
            vectorized(|| {
                for (to, from) in part.iter_mut().zip(&from[index * AT_ONCE..]) {
                    *to = self.0(*to, *from);
                }
            });
        });
        Ok(())
    }
}

/// `to = f(to, a, b)` number by number, in place, on the CPU.
pub(super) struct Each3<F>(pub F);

impl<F: Fn(f32, f32, f32) -> f32 + Sync> InplaceOp3 for Each3<F> {
    fn name(&self) -> &'static str {
        "move"
    }

    fn cpu_fwd(
        &self,
        to: &mut CpuStorage,
        to_layout: &Layout,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<()> {
        let (a, b) = (floats(a, a_layout)?, floats(b, b_layout)?);
        let to = floats_mut(to, to_layout)?;
        if to.len() != a.len() || to.len() != b.len() {
            bail!("{} weights, {} and {} numbers", to.len(), a.len(), b.len());
        }
        for_parts(to, AT_ONCE, |index, part| {
            let from = a[index * AT_ONCE..].iter().zip(&b[index * AT_ONCE..]);
            vectorized(|| {
                for (to, (a, b)) in part.iter_mut().zip(from) {
                    *to = self.0(*to, *a, *b);
                }
            });
        });
        Ok(())
    }
}

/// The f32 values of a contiguous CPU storage, to be changed.
fn floats_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&mut values[start..end]),
        _ => bail!("weights that are strided, or not f32"),
    }
}
