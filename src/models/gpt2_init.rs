//! A GPT-2 that knows nothing yet: its shape, and the random weights it starts from.

use super::DecoderConfig;
use super::gpt2::{Gpt2, Weights};
use crate::nn::layers::{Matrix, Parameters, Table};
use crate::rng::Rng;
use candle_core::{Device, Error, Result, Tensor, bail};

/// The shape of a GPT-2 with a tied head and an MLP four times as wide as the stream.
#[must_use]
pub fn shape(
    vocab_size: usize,
    n_ctx: usize,
    d_model: usize,
    n_heads: usize,
    n_layers: usize,
) -> DecoderConfig {
    DecoderConfig {
        architecture: "gpt2".to_owned(),
        n_layers,
        n_heads,
        n_kv_heads: n_heads,
        d_model,
        d_head: d_model / n_heads.max(1),
        d_mlp: 4 * d_model,
        n_ctx,
        vocab_size,
        norm_epsilon: 1e-5,
        rope_base: None,
        tied_head: true,
    }
}

/// Random weights as GPT-2 starts: normal with standard deviation 0.02, those that write to the
/// stream smaller by √(2·layers); gains 1, biases 0. The same seed gives the same weights.
///
/// # Errors
/// When the device has no room.
pub fn parameters(config: &DecoderConfig, seed: u64, device: &Device) -> Result<Parameters> {
    let mut start = Start {
        parameters: Parameters::default(),
        rng: Rng::new(seed, "initialisation"),
        to_stream: 0.02 / (2.0 * config.n_layers as f64).sqrt(),
        device,
    };
    Gpt2::new(config.clone(), device, &mut start)?;
    Ok(start.parameters)
}

/// The model over these parameters: trained by whoever moves them.
///
/// # Errors
/// When one is missing or has another shape.
pub fn trainable(config: &DecoderConfig, parameters: &Parameters) -> Result<Gpt2> {
    over(config, parameters, false)
}

/// The model over the parameters' numbers, apart from training: candle keeps no graph.
///
/// # Errors
/// When one is missing or has another shape.
pub fn detached(config: &DecoderConfig, parameters: &Parameters) -> Result<Gpt2> {
    over(config, parameters, true)
}

fn over(config: &DecoderConfig, parameters: &Parameters, detach: bool) -> Result<Gpt2> {
    let device = parameters
        .iter()
        .next()
        .map(|(_, var)| var.device().clone());
    let device = device.unwrap_or(Device::Cpu);
    Gpt2::new(config.clone(), &device, &mut Over { parameters, detach })
}

/// Draws every weight it is asked for.
struct Start<'a> {
    parameters: Parameters,
    rng: Rng,
    to_stream: f64,
    device: &'a Device,
}

impl Weights for Start<'_> {
    type Error = Error;

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let n = shape.iter().product();
        let values = match (shape.len(), name.rsplit('.').next()) {
            (1, Some("bias")) => vec![0.0; n],
            (1, _) => vec![1.0; n],
            _ if name.ends_with("c_proj.weight") => self.rng.normals(n, 0.0, self.to_stream),
            _ => self.rng.normals(n, 0.0, 0.02),
        };
        let initial = Tensor::from_vec(values, shape, self.device)?;
        self.parameters.add(name, &initial)?;
        Ok(initial)
    }

    fn matrix(&mut self, name: &str, n_in: usize, n_out: usize) -> Result<Matrix> {
        self.tensor(name, &[n_in, n_out]).map(Matrix::Trained)
    }

    fn table(&mut self, name: &str, n_rows: usize, width: usize) -> Result<Table> {
        self.tensor(name, &[n_rows, width]).map(Table::Trained)
    }
}

/// Hands out the parameters there are.
struct Over<'a> {
    parameters: &'a Parameters,
    detach: bool,
}

impl Weights for Over<'_> {
    type Error = Error;

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        match self.parameters.get(name) {
            Some(var) if var.dims() != shape => bail!("{name} is {:?}, not {shape:?}", var.dims()),
            Some(var) if self.detach => Ok(var.as_detached_tensor()),
            Some(var) => Ok(var.as_tensor().clone()),
            None => bail!("there is no {name}"),
        }
    }

    fn matrix(&mut self, name: &str, n_in: usize, n_out: usize) -> Result<Matrix> {
        self.tensor(name, &[n_in, n_out]).map(Matrix::Trained)
    }

    fn table(&mut self, name: &str, n_rows: usize, width: usize) -> Result<Table> {
        self.tensor(name, &[n_rows, width]).map(Table::Trained)
    }
}
