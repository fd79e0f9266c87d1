//! A GPT-2 that knows nothing yet: its shape, and the random weights it starts from.

use super::DecoderConfig;
use super::gpt2::Gpt2;
use crate::nn::layers::Parameters;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor, bail};

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
    let mut rng = Rng::new(seed, "initialisation");
    let mut parameters = Parameters::default();
    let to_stream = 0.02 / (2.0 * config.n_layers as f64).sqrt();
    Gpt2::new(config, |name, shape| {
        let n = shape.iter().product();
        let values = if name.ends_with(".bias") {
            vec![0.0; n]
        } else if shape.len() == 1 {
            vec![1.0; n]
        } else if name.ends_with("c_proj.weight") {
            rng.normals(n, 0.0, to_stream)
        } else {
            rng.normals(n, 0.0, 0.02)
        };
        let initial = Tensor::from_vec(values, shape, device)?;
        parameters.add(name, &initial)?;
        Ok::<_, candle_core::Error>(initial)
    })?;
    Ok(parameters)
}

/// The model over these parameters: trained by whoever moves them.
///
/// # Errors
/// When one is missing or has another shape.
pub fn trainable(config: &DecoderConfig, parameters: &Parameters) -> Result<Gpt2> {
    over(config, parameters, false)
}

/// The model with the parameters' present values, apart from training: candle keeps no graph.
///
/// # Errors
/// When one is missing or has another shape.
pub fn detached(config: &DecoderConfig, parameters: &Parameters) -> Result<Gpt2> {
    over(config, parameters, true)
}

fn over(config: &DecoderConfig, parameters: &Parameters, detach: bool) -> Result<Gpt2> {
    Gpt2::new(config, |name, shape| match parameters.get(name) {
        Some(var) if var.dims() != shape => bail!("{name} is {:?}, not {shape:?}", var.dims()),
        Some(var) if detach => Ok(var.as_detached_tensor()),
        Some(var) => Ok(var.as_tensor().clone()),
        None => bail!("there is no {name}"),
    })
}
