//! A network of another day: from its file to a squeezer, with pictures to try it on. And a picture of
//! one's own, as a network sees it.

use super::checkpoint::KIND;
use super::data::{self, Data};
use super::squeezer::{Fault, Squeezer, fault};
use super::{KIND_KEY, Pictures, Prepared, Source};
use crate::files::metadata::MetaValue;
use crate::files::picture_folder;
use crate::files::shown::shown;
use crate::files::weights::WeightFile;
use crate::models::autoencoder::{Autoencoder, Config};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Error, Tensor};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Held-out pictures that the error is measured on.
const N_EXAMINED: usize = 128;

/// A network that was trained before, and pictures to try it on.
#[derive(Debug)]
pub struct Opened {
    /// Ready for use.
    pub squeezer: Arc<Squeezer>,
    /// Where the pictures are from: of those that ship, the ones of its size.
    pub source: Source,
    /// The pictures.
    pub prepared: Prepared,
    /// The error on one in ten of them.
    pub fault: Fault,
    /// The first of those, squeezed and unfolded again.
    pub pictures: Arc<Pictures>,
    /// What it learned from, as its file says.
    pub learned_from: String,
}

/// Opens what a training wrote for use (`.safetensors`), and tries it on pictures that ship.
///
/// # Errors
/// The file is no autoencoder of ours, or is made for pictures of a size that none of ours have.
pub fn open(path: &Path, n_shown: usize) -> Result<Opened> {
    let file = WeightFile::open(path)?;
    let text = |key: &str| file.meta(key).and_then(MetaValue::as_str);
    if text(KIND_KEY) != Some(KIND) {
        return Err(refuse(&file, "It does not say that it is one."));
    }
    let config = text("config").ok_or_else(|| refuse(&file, "It says nothing of its shape."))?;
    let config: Config = serde_json::from_str(config)
        .map_err(|error| refuse(&file, &format!("What it says of its shape: {error}.")))?;
    if !config.is_sound() {
        return Err(refuse(&file, "There is no network of the shape it says."));
    }
    let source = match (config.n_channels, config.side) {
        (1, 16) => Source::Digits,
        (3, _) => Source::Faces,
        _ => {
            let evidence = format!(
                "It is made for pictures of {side} × {side} with {} channel(s); those that ship are faces in colour and digits of 16 × 16.",
                config.n_channels,
                side = config.side
            );
            return Err(refuse(&file, &evidence));
        }
    };
    let step = text("steps").and_then(|steps| steps.parse().ok());
    let squeezer = Squeezer::new(network(&file, config)?, step.unwrap_or(0));
    let data = data::load(&source, config.side, &mut |_| ControlFlow::Continue(()))?;
    let chosen = &data.held_out[..data.held_out.len().min(N_EXAMINED)];
    let truth = picked(&data.pictures, chosen);
    let mut made = squeezer.squeeze(&truth)?.pictures;
    let fault = fault(&truth.pixels, &made.pixels);
    let n_bytes = config.side * config.side * config.n_channels;
    made.pixels.truncate(n_shown * n_bytes);
    Ok(Opened {
        prepared: prepared(data, &squeezer),
        squeezer: Arc::new(squeezer),
        source,
        fault,
        pictures: Arc::new(made),
        learned_from: shown(text("source").unwrap_or("nothing is said of what it learned from")),
    })
}

fn prepared(data: Data, squeezer: &Squeezer) -> Prepared {
    let about = squeezer.about();
    Prepared {
        pictures: data.pictures,
        attributes: data.attributes,
        values: data.values,
        held_out: data.held_out,
        left_out: data.left_out,
        n_weights: about.n_weights,
        n_steps_before: about.step,
    }
}

fn picked(pictures: &Pictures, chosen: &[usize]) -> Pictures {
    let pixels = chosen.iter().filter_map(|&i| pictures.get(i)).flatten();
    Pictures {
        side: pictures.side,
        n_channels: pictures.n_channels,
        pixels: pixels.copied().collect(),
    }
}

/// The network whose tensors are in `file`.
fn network(file: &WeightFile, config: Config) -> Result<Autoencoder> {
    // What is wrong is kept in words: an arithmetic error may carry a trace of the stack.
    let mut refusal = None;
    let network = Autoencoder::new(config, &mut |name, shape| {
        let found = file.get(name).filter(|entry| entry.shape == shape);
        let missing = || format!("`{name}` is not there with the shape {shape:?}.");
        let numbers = found
            .ok_or_else(|| refuse(file, &missing()))
            .and_then(|entry| file.f32s(entry));
        let finite = numbers.and_then(|numbers| {
            if numbers.iter().all(|x| x.is_finite()) {
                return Ok(numbers);
            }
            let evidence = format!("`{name}` has weights that are no numbers.");
            Err(refuse(file, &evidence))
        });
        let numbers = finite.map_err(|why| {
            refusal = Some(why);
            Error::Msg("a tensor cannot be used".to_owned())
        })?;
        Tensor::from_vec(numbers, shape, &Device::Cpu)
    });
    network.map_err(|error| refusal.unwrap_or_else(|| math_refusal(&error)))
}

/// The middle square of a picture file, as a network of this kind sees pictures.
///
/// # Errors
/// It is no PNG or JPEG that can be read.
pub fn own_picture(path: &Path, squeezer: &Squeezer) -> Result<Pictures> {
    let config = squeezer.about().config;
    picture_folder::square(path, config.side, config.n_channels)
}

fn refuse(file: &WeightFile, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("`{}` is not an autoencoder of ours", file.name()),
        evidence,
        "Choose a file that `glassbox train autoencoder` or “Save the training…” wrote.",
    )
}
