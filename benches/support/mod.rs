//! What the benches of networks share: how threads are asked for, and the best of several times.

use candle_core::{Device, Result, Tensor};
use glassbox::rng::Rng;
use std::time::{Duration, Instant};

/// Where everything is computed.
pub const DEVICE: Device = Device::Cpu;

/// The numbers of threads to measure with: the arguments, or 1 and 2.
pub fn threads() -> Vec<usize> {
    let asked = std::env::args().filter_map(|arg| arg.parse().ok());
    let asked: Vec<usize> = asked.collect();
    if asked.is_empty() { vec![1, 2] } else { asked }
}

/// The shortest time of `step` in milliseconds.
pub fn best(at_least: Duration, mut step: impl FnMut() -> Result<()>) -> Result<f64> {
    let (started, mut best) = (Instant::now(), Duration::MAX);
    while started.elapsed() < at_least {
        let began = Instant::now();
        step()?;
        best = best.min(began.elapsed());
    }
    Ok(1e3 * best.as_secs_f64())
}

/// Standard normal numbers, always the same.
pub fn normals(shape: &[usize]) -> Result<Tensor> {
    let values = Rng::new(1, "bench").normals(shape.iter().product(), 0.0, 1.0);
    Tensor::from_vec(values, shape, &DEVICE)
}
