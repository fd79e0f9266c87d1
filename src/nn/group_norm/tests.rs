//! Group norm with what follows it, held to the same composed from plain operations.

use super::*;
use crate::rng::Rng;
use candle_core::{Device, Var};

fn noise(shape: &[usize], seed: u64) -> Var {
    let values = Rng::new(seed, "group norm test").normals(shape.iter().product(), 0.7, 1.3);
    Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
}

#[test]
fn it_and_its_gradients_are_those_of_the_composed_formula() -> Result<()> {
    for (shape, n_groups, of_images, silu) in [
        ([3, 5, 4, 24], 8, true, true),
        ([2, 9, 9, 20], 4, false, true),
        ([1, 2, 2, 6], 2, true, false),
        ([2, 3, 1, 7], 1, false, false),
    ] {
        let affine = if of_images {
            vec![shape[0], shape[3]]
        } else {
            vec![shape[3]]
        };
        let vars = [noise(&shape, 1), noise(&affine, 2), noise(&affine, 3)];
        let pull = noise(&shape, 4);
        let [x, gain, bias] = &vars;
        let run = |y: Tensor| -> Result<Vec<Tensor>> {
            let store = (&y * pull.as_tensor())?.sum_all()?.backward()?;
            let gradients = vars.iter().map(|var| store.get(var).unwrap().clone());
            Ok([y].into_iter().chain(gradients).collect())
        };
        let norm = GroupNorm::new(n_groups, 1e-5, silu);
        let z = norm.composed(x, gain, bias)?;
        let composed = run(if silu { z.silu()? } else { z })?;
        for (ours, theirs) in run(norm.forward(x, gain, bias)?)?.iter().zip(composed) {
            let gap = (ours - &theirs)?.abs()?.max_all()?.to_scalar::<f32>()?;
            let size = theirs.abs()?.max_all()?.to_scalar::<f32>()?;
            assert!(gap < 2e-6 * size.max(1.0), "{shape:?}: {gap} of {size}");
        }
    }
    Ok(())
}

#[test]
fn each_group_has_mean_0_and_variance_1() -> Result<()> {
    let x = noise(&[2, 8, 8, 16], 1);
    let (ones, zeros) = (
        Tensor::ones(16, candle_core::DType::F32, &Device::Cpu)?,
        noise(&[16], 2),
    );
    let zeros = (zeros.as_tensor() * 0.0)?;
    let y = group_norm(&x, (&ones, &zeros), 4, 0.0)?.reshape((2, 64, 4, 4))?;
    let mean = y.mean((1, 3))?.abs()?.max_all()?.to_scalar::<f32>()?;
    let var = (y.sqr()?.mean((1, 3))? - 1.0)?
        .abs()?
        .max_all()?
        .to_scalar::<f32>()?;
    assert!(mean < 1e-6 && var < 1e-5, "{mean} {var}");
    Ok(())
}

#[test]
fn channels_that_are_not_whole_groups_are_refused() {
    let (x, gain) = (noise(&[1, 2, 2, 10], 1), noise(&[10], 2));
    assert!(group_norm(&x, (&gain, &gain), 4, 1e-5).is_err());
    assert!(group_norm(&x, (&gain, &noise(&[5], 3)), 5, 1e-5).is_err());
}
