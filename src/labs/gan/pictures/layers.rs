//! A network's layers by name, and how long the gradient of each is.

use crate::nn::layers::Parameters;
use crate::nn::optimizer::Gradients;
use candle_core::{Result, Tensor};

/// Whether a parameter is a layer's matrix or kernel, and not a bias or a gain.
pub(super) fn is_weight(name: &str) -> bool {
    name.ends_with(".weight")
}

/// The layers with weights: `up.0` for `up.0.weight`.
pub(super) fn names(parameters: &Parameters) -> Vec<String> {
    let names = parameters.iter().map(|(name, _)| name);
    let weights = names.filter_map(|name| name.strip_suffix(".weight"));
    weights.map(str::to_owned).collect()
}

/// Lengths of gradients.
pub(super) struct Norms {
    /// Of every parameter.
    pub all: Vec<f32>,
    /// Of the layers' weights alone.
    pub of_weights: Vec<f32>,
}

/// The length of every parameter's gradient.
pub(super) fn layer_norms(parameters: &Parameters, gradients: &Gradients) -> Result<Norms> {
    let all = gradients.tensors().iter().map(length);
    let all: Vec<f32> = all.collect::<Result<_>>()?;
    let named = parameters.iter().zip(&all);
    let of_weights = named.filter(|((name, _), _)| is_weight(name));
    Ok(Norms {
        of_weights: of_weights.map(|(_, &norm)| norm).collect(),
        all,
    })
}

impl Norms {
    /// Where the numbers ran away, in words: the first layer whose weights are no numbers; else the
    /// first whose gradient is none; else the verdict itself.
    pub(super) fn first_broken(&self, parameters: &Parameters, network: &str) -> Result<String> {
        for (name, var) in parameters.iter() {
            if !length(var.as_tensor())?.is_finite() {
                return Ok(format!("the weights of {name} of {network}"));
            }
        }
        let mut named = parameters.iter().zip(&self.all);
        Ok(match named.find(|(_, norm)| !norm.is_finite()) {
            Some(((name, _), _)) => format!("the gradient of {name} of {network}"),
            None => format!("the loss of {network}"),
        })
    }
}

fn length(tensor: &Tensor) -> Result<f32> {
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    let squares = values.iter().map(|&x| f64::from(x) * f64::from(x));
    Ok(squares.sum::<f64>().sqrt() as f32)
}
