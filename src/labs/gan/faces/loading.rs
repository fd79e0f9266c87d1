//! From a generator's file to the generator.

use super::{About, Faces};
use crate::files::metadata::MetaValue;
use crate::files::shown::shortened;
use crate::files::weights::WeightFile;
use crate::models::dcgan::{Config, Generator, is_statistic};
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};

/// Characters kept of what a file says it learned from.
const N_OF_SOURCE: usize = 200;

/// The generator in `file`.
pub(super) fn faces(file: &WeightFile) -> Result<Faces> {
    let wrong = |evidence: String| not_a_generator(file, evidence);
    let text = |key: &str| file.meta(key).and_then(MetaValue::as_str);
    if text("glassbox.kind") != Some("gan") {
        return Err(wrong("It does not say that it is one.".to_owned()));
    }
    let config = text("config").ok_or_else(|| wrong("It says nothing of its shape.".to_owned()))?;
    let config: Config = serde_json::from_str(config)
        .map_err(|error| wrong(format!("Its account of its shape: {error}.")))?;
    // What is wrong is kept in words: an arithmetic error may carry a trace of the stack.
    let mut refusal = None;
    let find = &mut |name: &str, shape: &[usize]| {
        let numbers = match file.get(name).filter(|entry| entry.shape == shape) {
            Some(entry) => file.f32s(entry),
            None => Err(not_a_generator(
                file,
                format!("`{name}` is not there with the shape {shape:?}."),
            )),
        };
        let finite = numbers.and_then(|numbers| {
            if numbers.iter().all(|x| x.is_finite()) {
                return Ok(numbers);
            }
            Err(not_a_generator(
                file,
                format!("`{name}` has weights that are no numbers."),
            ))
        });
        let numbers = finite.map_err(|why| {
            refusal = Some(why);
            candle_core::Error::Msg("a tensor cannot be used".to_owned())
        })?;
        Tensor::from_vec(numbers, shape, &Device::Cpu)
    };
    let generator = Generator::new(config, find);
    let generator = generator.map_err(|error| match refusal {
        Some(refusal) => refusal,
        None => not_a_generator(file, format!("{error}.")),
    })?;
    let about = About {
        name: file.name().to_owned(),
        d_z: config.d_z,
        side: config.side,
        n_channels: config.n_channels,
        n_weights: n_weights(&config),
        steps: text("steps").and_then(|steps| steps.parse().ok()),
        source: shortened(
            text("source").unwrap_or("nothing is said of what it learned from"),
            N_OF_SOURCE,
        ),
    };
    Ok(Faces { generator, about })
}

/// Numbers that were learned: running statistics were only measured.
fn n_weights(config: &Config) -> u64 {
    let tensors = config.generator_tensors();
    let learned = tensors.iter().filter(|(name, _)| !is_statistic(name));
    let sizes = learned.map(|(_, shape)| shape.iter().product::<usize>() as u64);
    sizes.sum()
}

fn not_a_generator(file: &WeightFile, evidence: String) -> Refusal {
    Refusal::unchanged(
        format!("`{}` is not a generator of pictures", file.name()),
        evidence,
        "Choose a file that `glassbox train gan` wrote.",
    )
}
