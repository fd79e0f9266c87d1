//! How fast the U-Net draws and learns: `cargo bench --bench unet -- [THREADS ...]`.
//!
//! A pass over two pictures (with the words and without them, as guidance wants it), a step of training
//! on 32 (forward, backward, clipping, `AdamW`, the average of the weights), and single convolutions of
//! it, forward and backward. benches/unet.py measures `PyTorch` on the same network. Each figure is the
//! best of several, in milliseconds.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

mod support;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, Var, bail};
use glassbox::models::unet::{Config, UNet, initial};
use glassbox::nn::activation::Activation;
use glassbox::nn::conv::conv2d_bias;
use glassbox::nn::layers::Parameters;
use glassbox::nn::optimizer::{AdamW, AdamWConfig, Ema, Gradients};
use glassbox::nn::pool;
use glassbox::rng::Rng;
use std::time::Duration;
use support::{DEVICE, best, normals, threads};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    for n_threads in threads() {
        pool::set_threads(n_threads);
        let millis = forward_pass(2)?;
        println!("forward batch 2 threads {n_threads}: {millis:.2} ms");
        let millis = training_step(32)?;
        println!("training step batch 32 threads {n_threads}: {millis:.1} ms");
        for (side, c_in, c_out, kernel) in [
            (16, 80, 80, 3),
            (16, 160, 80, 3),
            (8, 144, 144, 3),
            (4, 144, 144, 3),
            (16, 160, 80, 1),
            (32, 48, 48, 3),
            (16, 96, 96, 3),
        ] {
            let x = Var::from_tensor(&normals(&[32, side, side, c_in])?)?;
            let weight = Var::from_tensor(&normals(&[kernel, kernel, c_in, c_out])?)?;
            let bias = Var::from_tensor(&normals(&[c_out])?)?;
            let pull = normals(&[32, side, side, c_out])?;
            let millis = best(Duration::from_secs(2), || {
                let steps = (1, kernel / 2);
                let y = conv2d_bias(&x, &weight, &bias, steps, Activation::Identity)?;
                y.apply_op1(Pull(pull.clone()))?.backward().map(drop)
            })?;
            println!(
                "conv {side}x{side} {c_in}->{c_out} k{kernel} batch 32 threads {n_threads}: {millis:.2} ms"
            );
        }
    }
    Ok(())
}

/// A number whose gradient is given, at no cost: `PyTorch` can be handed a gradient, too.
struct Pull(Tensor);

impl CustomOp1 for Pull {
    fn name(&self) -> &'static str {
        "pull"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(vec![0.0]), Shape::from(())))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(self.0.clone()))
    }
}

fn config() -> Config {
    Config {
        conditions: vec![4, 8],
        ..Config::default()
    }
}

fn over(parameters: &Parameters, learns: bool) -> Result<UNet> {
    UNet::new(&config(), &mut |name, _| match parameters.get(name) {
        Some(var) if learns => Ok(var.as_tensor().clone()),
        Some(var) => Ok(var.as_detached_tensor()),
        None => bail!("no {name}"),
    })
}

/// Levels from 0 to 999 and the values of two attributes.
fn given(batch: usize) -> Result<(Tensor, Vec<Vec<u32>>)> {
    let levels = (0..batch).map(|i| 999.0 * i as f32 / (batch - 1) as f32);
    let levels = Tensor::from_vec(levels.collect(), batch, &DEVICE)?;
    let rows = (0..batch as u32).map(|i| vec![i % 4, i % 8]);
    Ok((levels, rows.collect()))
}

fn forward_pass(batch: usize) -> Result<f64> {
    let parameters = initial(&config(), &mut Rng::new(1, "bench"), &DEVICE)?;
    let unet = over(&parameters, false)?;
    let x = normals(&[batch, 64, 64, 3])?;
    let (levels, rows) = given(batch)?;
    best(Duration::from_secs(4), || {
        unet.forward(&x, &levels, &unet.condition(&rows)?).map(drop)
    })
}

fn training_step(batch: usize) -> Result<f64> {
    let parameters = initial(&config(), &mut Rng::new(1, "bench"), &DEVICE)?;
    let mut optimizer = AdamW::new(&parameters, AdamWConfig::default())?;
    let mut ema = Ema::new(&parameters)?;
    let (x, clean) = (normals(&[batch, 64, 64, 3])?, normals(&[batch, 64, 64, 3])?);
    let (levels, rows) = given(batch)?;
    best(Duration::from_secs(6), || {
        let unet = over(&parameters, true)?;
        let y = unet.forward(&x, &levels, &unet.condition(&rows)?)?;
        let loss = (y - &clean)?.sqr()?.mean_all()?;
        let mut gradients = Gradients::default();
        gradients.add(&parameters, loss.backward()?)?;
        optimizer.step(&gradients, 1e-3)?;
        ema.step(&parameters, 0.999)
    })
}
