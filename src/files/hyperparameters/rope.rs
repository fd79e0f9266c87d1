//! How a model was stretched to texts longer than those it was first trained on, by slowing the
//! rotation of its heads.

use super::unsupported;
use crate::files::metadata::MetaValue;
use crate::files::shown::shown;
use crate::files::weights::{Format, WeightFile};
use crate::refusal::{Refusal, Result};
use serde_json::Value;

/// What is done to the rotary frequencies. A GGUF file may hold divisors of them besides, as the
/// tensor `rope_freqs.weight`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RopeScaling {
    /// Nothing.
    None,
    /// All are divided by this.
    Linear(f64),
    /// Llama 3.1's: slow ones are divided, fast ones stay.
    Llama3 {
        /// What slow ones are divided by.
        factor: f64,
        /// Turns over `n_ctx` below which a frequency is slow.
        low: f64,
        /// Turns above which it is fast.
        high: f64,
        /// The context of the first training.
        n_ctx: f64,
    },
}

impl RopeScaling {
    /// What the keys of a GGUF file or the `config.json` of a model in safetensors say.
    ///
    /// # Errors
    /// It is of a kind that is not computed here, or lacks a number.
    pub fn of(file: &WeightFile) -> Result<Self> {
        match (&file.format, &file.config) {
            (Format::Gguf(_), _) => of_gguf(file),
            (Format::Safetensors, Some(config)) => of_config(file, config),
            (Format::Safetensors, None) => Ok(Self::None),
        }
    }
}

fn of_gguf(file: &WeightFile) -> Result<RopeScaling> {
    // As llama.cpp reads it: a factor alone is linear.
    let kind = file
        .meta("llama.rope.scaling.type")
        .and_then(MetaValue::as_str);
    let factor = file.meta("llama.rope.scaling.factor");
    let factor = factor.or_else(|| file.meta("llama.rope.scale_linear"));
    match (kind, factor) {
        (Some("none"), _) | (None | Some("linear"), None) => Ok(RopeScaling::None),
        (None | Some("linear"), Some(value)) => match value.as_f64().filter(|f| is_factor(*f)) {
            Some(factor) => Ok(RopeScaling::Linear(factor)),
            None => Err(refuse(file, &format!("linear, by {value}"))),
        },
        (Some(kind), _) => Err(refuse(file, kind)),
    }
}

fn of_config(file: &WeightFile, config: &Value) -> Result<RopeScaling> {
    let keys = ["rope_scaling", "rope_parameters"]; // older, newer
    let Some(scaling) = keys.iter().map(|key| &config[*key]).find(|v| !v.is_null()) else {
        return Ok(RopeScaling::None);
    };
    let kind = scaling["rope_type"].as_str().or(scaling["type"].as_str());
    let number = |key: &str| scaling[key].as_f64().filter(|x| *x > 0.0 && x.is_finite());
    let factor = number("factor").filter(|f| is_factor(*f));
    let original = number("original_max_position_embeddings");
    let turns = number("low_freq_factor").zip(number("high_freq_factor"));
    match (kind, factor, turns.zip(original)) {
        (Some("default"), ..) => Ok(RopeScaling::None),
        (Some("linear"), Some(factor), _) => Ok(RopeScaling::Linear(factor)),
        (Some("llama3"), Some(factor), Some(((low, high), n_ctx))) if high > low => {
            Ok(RopeScaling::Llama3 {
                factor,
                low,
                high,
                n_ctx,
            })
        }
        _ => Err(refuse(file, &scaling.to_string())),
    }
}

fn is_factor(factor: f64) -> bool {
    factor >= 1.0 && factor.is_finite()
}

fn refuse(file: &WeightFile, how: &str) -> Refusal {
    let how = shown(&how.chars().take(200).collect::<String>());
    unsupported(
        file,
        &format!(
            "its rotary embedding is scaled ({how}); linear scaling and llama3's run here, with all \
             their numbers"
        ),
    )
}
