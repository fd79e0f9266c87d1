//! The U-Net: its shapes, what it starts as, and that every number of it can learn.

use super::*;
use crate::nn::layers::Parameters;
use crate::nn::optimizer::{AdamW, AdamWConfig, Gradients};
use crate::rng::Rng;
use candle_core::Device;

/// A network of 16 × 16 pictures in patches of 2, small enough to be trained in a test.
fn small() -> Config {
    Config {
        side: 16,
        patch: 2,
        n_channels: 3,
        widths: [16, 24, 24],
        attention_side: 4,
        n_heads: 2,
        d_embedding: 32,
        conditions: vec![3, 5],
    }
}

fn over(config: &Config, parameters: &Parameters) -> Result<UNet> {
    UNet::new(config, &mut |name, _| {
        let Some(var) = parameters.get(name) else {
            bail!("no {name}");
        };
        Ok(var.as_tensor().clone())
    })
}

fn noise(shape: &[usize], seed: u64) -> Result<Tensor> {
    let values = Rng::new(seed, "test").normals(shape.iter().product(), 0.0, 1.0);
    Tensor::from_vec(values, shape, &Device::Cpu)
}

fn levels(levels: &[f32]) -> Result<Tensor> {
    Tensor::new(levels, &Device::Cpu)
}

#[test]
fn it_predicts_zeros_before_it_has_learned_and_shows_its_maps() -> Result<()> {
    let config = small();
    let parameters = initial(&config, &mut Rng::new(1, "weights"), &Device::Cpu)?;
    assert_eq!(parameters.n_weights(), config.n_weights());
    let unet = over(&config, &parameters)?;
    let condition = unet.condition(&[vec![0, 0], vec![2, 4]])?;
    let mut seen = Vec::new();
    let y = unet.forward_seen(
        &noise(&[2, 16, 16, 3], 1)?,
        &levels(&[0.0, 999.0])?,
        &condition,
        &mut |site, map| {
            seen.push((site, map.dims().to_vec()));
            Ok(())
        },
    )?;
    assert_eq!(y.dims(), [2, 16, 16, 3]);
    assert_eq!(y.abs()?.max_all()?.to_scalar::<f32>()?, 0.0);
    let expected = [
        (Site::In, vec![2, 8, 8, 16]),
        (Site::Down(0), vec![2, 8, 8, 16]),
        (Site::Down(1), vec![2, 4, 4, 24]),
        (Site::Middle, vec![2, 2, 2, 24]),
        (Site::Up(1), vec![2, 4, 4, 24]),
        (Site::Up(0), vec![2, 8, 8, 16]),
    ];
    assert_eq!(seen, expected);
    Ok(())
}

#[test]
fn a_gradient_reaches_every_weight_and_some_steps_halve_the_loss() -> Result<()> {
    let config = small();
    let parameters = initial(&config, &mut Rng::new(1, "weights"), &Device::Cpu)?;
    let mut optimizer = AdamW::new(&parameters, AdamWConfig::default())?;
    let x = noise(&[4, 16, 16, 3], 2)?;
    let wanted = noise(&[4, 1, 1, 3], 3)?.broadcast_as((4, 16, 16, 3))?;
    let rows = [vec![1, 2], vec![2, 3], vec![1, 4], vec![0, 1]];
    let mut losses = Vec::new();
    for _ in 0..30 {
        let unet = over(&config, &parameters)?;
        let condition = unet.condition(&rows)?;
        let y = unet.forward(&x, &levels(&[10.0, 300.0, 600.5, 990.0])?, &condition)?;
        let loss = (y - &wanted)?.sqr()?.mean_all()?;
        losses.push(loss.to_scalar::<f32>()?);
        let mut gradients = Gradients::default();
        gradients.add(&parameters, loss.backward()?)?;
        optimizer.step(&gradients, 3e-3)?;
    }
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < 0.5 * first, "{losses:?}");
    let names = parameters.iter().zip(optimizer.state()?);
    for ((name, _), (_, mean)) in names {
        assert!(mean.abs()?.max_all()?.to_scalar::<f32>()? > 0.0, "{name}");
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused() -> Result<()> {
    let config = small();
    let parameters = initial(&config, &mut Rng::new(1, "weights"), &Device::Cpu)?;
    let unet = over(&config, &parameters)?;
    assert!(unet.condition(&[vec![0]]).is_err());
    assert!(unet.condition(&[vec![3, 0]]).is_err());
    let condition = unet.condition(&[vec![0, 0]])?;
    let level = levels(&[1.0])?;
    assert!(
        unet.forward(&noise(&[1, 8, 8, 3], 1)?, &level, &condition)
            .is_err()
    );
    assert!(
        unet.forward(&noise(&[2, 16, 16, 3], 1)?, &level, &condition)
            .is_err()
    );
    for unsound in [
        Config {
            side: 20,
            ..small()
        },
        Config {
            patch: 3,
            ..small()
        },
        Config {
            widths: [16, 24, 20],
            ..small()
        },
        Config {
            n_heads: 0,
            ..small()
        },
        Config {
            conditions: vec![usize::MAX, 2],
            ..small()
        },
        Config {
            d_embedding: 33,
            ..small()
        },
    ] {
        assert!(!unsound.is_sound(), "{unsound:?}");
        let find = &mut |_: &str, shape: &[usize]| noise(shape, 1);
        assert!(UNet::new(&unsound, find).is_err());
    }
    Ok(())
}
