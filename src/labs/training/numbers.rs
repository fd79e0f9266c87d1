//! Tensors as plain numbers, so that a training can be kept, branched and sent between threads.

use crate::labs::writing::safetensors::{Precision, pack};
use crate::nn::layers::Parameters;
use crate::nn::math_refusal;
use crate::nn::optimizer::Ema;
use crate::refusal::Result;
use candle_core::{Device, Result as Math, Tensor, bail};

/// A tensor as plain numbers: its name, its shape, its values row by row.
pub type Numbers = (String, Vec<usize>, Vec<f32>);

/// What going on needs of a network with an average and one Adam.
const OF_A_NETWORK: [&str; 4] = ["network", "average", "adam.mean", "adam.square"];

/// The named tensor.
///
/// # Errors
/// Values that do not fill the shape.
pub fn tensor(name: &str, shape: &[usize], values: &[f32]) -> Result<(String, Tensor)> {
    let tensor = Tensor::from_slice(values, shape, &Device::Cpu);
    let tensor = tensor.map_err(|error| math_refusal(&error))?;
    Ok((name.to_owned(), tensor))
}

/// The file of a model for use: those of `all` whose names begin with `prefix`, without it.
///
/// # Errors
/// Values that do not fill their shape.
pub fn packed(
    about: &[(&str, String)],
    all: &[Numbers],
    prefix: &str,
    precision: Precision,
) -> Result<Vec<u8>> {
    let kept = all.iter().filter_map(|(name, shape, values)| {
        let name = name.strip_prefix(prefix)?;
        Some(tensor(name, shape, values))
    });
    let kept: Vec<(String, Tensor)> = kept.collect::<Result<_>>()?;
    pack(about, &kept, precision)
}

/// The tensor of that name and shape.
///
/// # Errors
/// When it is not there.
pub fn find(all: &[Numbers], name: &str, shape: &[usize]) -> Math<Tensor> {
    match all.iter().find(|(n, _, _)| n == name) {
        Some((_, s, values)) if s == shape => Tensor::from_slice(values, shape, &Device::Cpu),
        _ => bail!("{name} is not there, or has another shape"),
    }
}

/// Whether there is a tensor of that name and shape.
#[must_use]
pub fn has(all: &[Numbers], name: &str, shape: &[usize]) -> bool {
    all.iter().any(|(n, s, _)| n == name && s == shape)
}

/// A network, the average of its weights and Adam's moments (`adam.state()`), as numbers.
///
/// # Errors
/// When a tensor is not in f32.
pub fn learned(
    network: &Parameters,
    average: &Ema,
    moments: &[(String, Tensor)],
) -> Math<Vec<Numbers>> {
    let plain = |of: &str, name: &str, tensor: &Tensor| -> Math<Numbers> {
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        Ok((format!("{of}.{name}"), tensor.dims().to_vec(), values))
    };
    let network = network.iter();
    let network = network.map(|(name, var)| plain("network", name, &var.as_detached_tensor()));
    let average = average.tensors().iter();
    let average = average.map(|(name, tensor)| plain("average", name, tensor));
    let moments = moments.iter();
    let moments = moments.map(|(name, tensor)| plain("adam", name, tensor));
    network.chain(average).chain(moments).collect()
}

/// Puts what [`learned`] gave after `step` steps back into the network and the average. The moments are
/// the caller's: `adam.restore(step, |name, shape, _| find(all, &format!("adam.{name}"), shape))`.
///
/// # Errors
/// When a tensor is not there, or has another shape.
pub fn restore(all: &[Numbers], step: usize, network: &Parameters, average: &mut Ema) -> Math<()> {
    for (name, var) in network.iter() {
        var.set(&find(all, &format!("network.{name}"), var.dims())?)?;
    }
    average.restore(step, |name, shape| {
        find(all, &format!("average.{name}"), shape)
    })
}

/// The names and shapes that [`learned`] gives for a network of these tensors.
#[must_use]
pub fn wanted(network: &[(String, Vec<usize>)]) -> Vec<(String, Vec<usize>)> {
    let of = |prefix: &&'static str| {
        let prefix = *prefix;
        let tensors = network.iter();
        tensors.map(move |(name, shape)| (format!("{prefix}.{name}"), shape.clone()))
    };
    OF_A_NETWORK.iter().flat_map(of).collect()
}
