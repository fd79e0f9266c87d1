//! From a model's file to the denoiser, and what the file says.

use super::captions::Attribute;
use super::denoiser::{About, Denoiser};
use crate::algo::diffusion::{Prediction, Schedule};
use crate::files::metadata::MetaValue;
use crate::files::shown::shown;
use crate::files::weights::{TensorEntry, WeightFile};
pub use crate::labs::training::KIND_KEY;
use crate::labs::writing::safetensors::{SCALE, scaled};
use crate::models::unet::{Config, UNet};
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use serde::de::DeserializeOwned;

/// What a denoiser's file says it is.
pub const KIND: &str = "diffusion";
/// The keys of the rest, as JSON.
pub(super) const CONFIG: &str = "config";
pub(super) const SCHEDULE: &str = "schedule";
pub(super) const PREDICTION: &str = "prediction";
pub(super) const ATTRIBUTES: &str = "attributes";

/// The denoiser in `file`.
pub(super) fn denoiser(file: &WeightFile) -> Result<Denoiser> {
    let text = |key: &str| file.meta(key).and_then(MetaValue::as_str);
    if text(KIND_KEY) != Some(KIND) {
        return Err(no_denoiser(file, "It does not say that it is one."));
    }
    let config: Config = account(file, CONFIG)?;
    let attributes: Vec<Attribute> = account(file, ATTRIBUTES)?;
    let n_values = attributes.iter().map(|a| a.values.len() + 1);
    if !n_values.eq(config.conditions.iter().copied()) {
        let evidence = "Its attributes are not those that its network has weights for.";
        return Err(no_denoiser(file, evidence));
    }
    let about = About {
        name: file.name().to_owned(),
        side: config.side,
        n_channels: config.n_channels,
        attributes,
        schedule: account(file, SCHEDULE)?,
        prediction: account::<Prediction>(file, PREDICTION)?,
        n_weights: config.n_weights() as u64,
        steps: text("steps").and_then(|steps| steps.parse().ok()),
        source: shown(text("source").unwrap_or("nothing is said of what it learned from")),
        license: shown(text("license").unwrap_or("nothing is said")),
    };
    Ok(Denoiser::new(network(file, &config)?, about))
}

/// What the file says under `key`.
fn account<T: DeserializeOwned>(file: &WeightFile, key: &str) -> Result<T> {
    let said = file.meta(key).and_then(MetaValue::as_str);
    let said = said.ok_or_else(|| no_denoiser(file, &format!("It says nothing of its {key}.")))?;
    serde_json::from_str(said)
        .map_err(|error| no_denoiser(file, &format!("What it says of its {key}: {error}.")))
}

/// The numbers of a tensor, those in eight bits times their scales.
fn numbers(file: &WeightFile, entry: &TensorEntry) -> Result<Vec<f32>> {
    let mut numbers = file.f32s(entry)?;
    if let Some(scales) = file.get(&format!("{}{SCALE}", entry.name)) {
        let scales = file.f32s(scales)?;
        if entry.shape.last() != Some(&scales.len()) {
            let evidence = format!("`{}` has scales for another shape.", entry.name);
            return Err(no_denoiser(file, &evidence));
        }
        scaled(&mut numbers, &scales);
    }
    Ok(numbers)
}

/// The network whose tensors are in `file`.
fn network(file: &WeightFile, config: &Config) -> Result<UNet> {
    // What is wrong is kept in words: an arithmetic error may carry a trace of the stack.
    let mut refusal = None;
    let find = &mut |name: &str, shape: &[usize]| {
        let numbers = match file.get(name).filter(|entry| entry.shape == shape) {
            Some(entry) => numbers(file, entry),
            None => Err(no_denoiser(
                file,
                &format!("`{name}` is not there with the shape {shape:?}."),
            )),
        };
        let finite = numbers.and_then(|numbers| {
            if numbers.iter().all(|x| x.is_finite()) {
                return Ok(numbers);
            }
            let evidence = format!("`{name}` has weights that are no numbers.");
            Err(no_denoiser(file, &evidence))
        });
        let numbers = finite.map_err(|why| {
            refusal = Some(why);
            candle_core::Error::Msg("a tensor cannot be used".to_owned())
        })?;
        Tensor::from_vec(numbers, shape, &Device::Cpu)
    };
    let network = UNet::new(config, find);
    network.map_err(|error| match refusal {
        Some(refusal) => refusal,
        None => no_denoiser(file, &format!("{error}.")),
    })
}

/// Keeps the type of a schedule's account in one place: what [`denoiser`] reads.
pub(super) fn accounts(
    config: &Config,
    schedule: &Schedule,
    prediction: Prediction,
    attributes: &[Attribute],
) -> serde_json::Result<[(&'static str, String); 4]> {
    Ok([
        (CONFIG, serde_json::to_string(config)?),
        (SCHEDULE, serde_json::to_string(schedule)?),
        (PREDICTION, serde_json::to_string(&prediction)?),
        (ATTRIBUTES, serde_json::to_string(attributes)?),
    ])
}

fn no_denoiser(file: &WeightFile, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("`{}` is not a diffusion model of ours", file.name()),
        evidence,
        "Choose a file that `glassbox train diffusion` wrote.",
    )
}
