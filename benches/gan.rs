//! How fast networks that make pictures learn: `cargo bench --bench gan -- [THREADS ...]`.
//!
//! One turn of a DCGAN's training: a step of the discriminator on real and drawn pictures, then one of
//! the generator. benches/gan.py measures `PyTorch` on the same networks. Each figure is the best of
//! several, in milliseconds.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

mod support;

use candle_core::{Result, Tensor};
use glassbox::models::dcgan::{Config, Discriminator, Generator, initial};
use glassbox::nn::layers::Parameters;
use glassbox::nn::optimizer::{Adam, AdamConfig, Gradients};
use glassbox::nn::pool;
use glassbox::nn::softplus::softplus;
use glassbox::rng::Rng;
use std::time::Duration;
use support::{DEVICE, best, normals, threads};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const D_Z: usize = 64;
const LEARNING_RATE: f64 = 2e-4;

fn main() -> Result<()> {
    for n_threads in threads() {
        pool::set_threads(n_threads);
        for (side, width) in [(32, 64), (64, 32)] {
            for batch in [32, 64] {
                let mut fight = Fight::new(side, width)?;
                let reals = normals(&[batch, side, side, 3])?.tanh()?;
                let millis = best(Duration::from_secs(3), || fight.turn(&reals))?;
                println!(
                    "gan {side}x{side} width {width} batch {batch} threads {n_threads}: {millis:.1} ms"
                );
            }
        }
    }
    Ok(())
}

/// Both networks in training.
struct Fight {
    config: Config,
    g: Parameters,
    d: Parameters,
    adam_g: Adam,
    adam_d: Adam,
    rng: Rng,
}

impl Fight {
    fn new(side: usize, width: usize) -> Result<Self> {
        let config = Config {
            d_z: D_Z,
            side,
            n_channels: 3,
            width,
        };
        let mut rng = Rng::new(2, "bench");
        let g = initial(&config.generator_tensors(), 0.02, &mut rng, &DEVICE)?;
        let d = initial(&config.discriminator_tensors(), 0.02, &mut rng, &DEVICE)?;
        Ok(Self {
            config,
            adam_g: Adam::new(&g, AdamConfig::default())?,
            adam_d: Adam::new(&d, AdamConfig::default())?,
            g,
            d,
            rng,
        })
    }

    /// Weights by name; the running statistics, which are not used here, as zeros.
    fn find(parameters: &Parameters, learns: bool, name: &str, shape: &[usize]) -> Result<Tensor> {
        match parameters.get(name) {
            Some(var) if learns => Ok(var.as_tensor().clone()),
            Some(var) => Ok(var.as_detached_tensor()),
            None => Tensor::zeros(shape, candle_core::DType::F32, &DEVICE),
        }
    }

    fn draw(&mut self, n: usize, learns: bool) -> Result<Tensor> {
        let z = Tensor::from_vec(self.rng.normals(n * D_Z, 0.0, 1.0), (n, D_Z), &DEVICE)?;
        let find = &mut |name: &str, shape: &[usize]| Self::find(&self.g, learns, name, shape);
        let (pictures, _) = Generator::new(self.config, find)?.forward_training(&z)?;
        Ok(pictures)
    }

    fn discriminator(&self, learns: bool) -> Result<Discriminator> {
        let find = &mut |name: &str, shape: &[usize]| Self::find(&self.d, learns, name, shape);
        Discriminator::new(self.config, find)
    }

    fn turn(&mut self, reals: &Tensor) -> Result<()> {
        let n = reals.dim(0)?;
        let fakes = self.draw(n, false)?;
        let logits = self
            .discriminator(true)?
            .forward(&Tensor::cat(&[reals, &fakes], 0)?)?;
        let (on_reals, on_fakes) = (logits.narrow(0, 0, n)?, logits.narrow(0, n, n)?);
        let loss = (softplus(&on_reals.neg()?)?.mean_all()? + softplus(&on_fakes)?.mean_all()?)?;
        let mut gradients = Gradients::default();
        gradients.add(&self.d, loss.backward()?)?;
        self.adam_d.step(&gradients, LEARNING_RATE)?;

        let fakes = self.draw(n, true)?;
        let logits = self.discriminator(false)?.forward(&fakes)?;
        let loss = softplus(&logits.neg()?)?.mean_all()?;
        let mut gradients = Gradients::default();
        gradients.add(&self.g, loss.backward()?)?;
        self.adam_g.step(&gradients, LEARNING_RATE).map(drop)
    }
}
