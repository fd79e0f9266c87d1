//! What a text decoder is made of, as its file says it, checked: never zero where that makes no
//! sense, never more than the tensors bear out.

mod check;
mod config;
mod gguf;
mod rope;

use super::metadata::MetaValue;
use super::shown::shown;
use super::weights::{Format, WeightFile};
use crate::refusal::{Refusal, Result};

pub use rope::RopeScaling;

/// More blocks than any decoder has.
const MAX_LAYERS: usize = 1000;

/// The architectures whose decoders are in `models`.
pub const ARCHITECTURES: [&str; 2] = ["gpt2", "llama"];

/// Raw, checked numbers of a decoder. Field names are those of `models::DecoderConfig`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hyperparameters {
    /// "gpt2" or "llama".
    pub architecture: String,
    /// Blocks.
    pub n_layers: usize,
    /// Query heads.
    pub n_heads: usize,
    /// Key/value heads.
    pub n_kv_heads: usize,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Width of one head.
    pub d_head: usize,
    /// Width inside the MLP.
    pub d_mlp: usize,
    /// The longest text the model was made for, in tokens.
    pub n_ctx: usize,
    /// Tokens in the vocabulary (rows of the embedding).
    pub vocab_size: usize,
    /// ε of the norms.
    pub norm_epsilon: f64,
    /// Base of the rotary embedding; `None` where positions are learned.
    pub rope_base: Option<f32>,
    /// Numbers of each head that are rotated; `None` where positions are learned.
    pub rope_dims: Option<usize>,
    /// Whether the file has no head of its own, so that the transposed embedding is used.
    pub tied_head: bool,
    /// What the file does not say and was assumed, in sentences for the card.
    pub assumed: Vec<String>,
}

impl Hyperparameters {
    /// Reads and checks them: from GGUF keys, from a `config.json`, or, for GPT-2 without one, from
    /// the shapes alone.
    ///
    /// # Errors
    /// A key is missing, absurd, or not borne out by the tensors; or the architecture is not one
    /// that runs here.
    pub fn of(file: &WeightFile) -> Result<Self> {
        let numbers = match file.format {
            Format::Gguf(_) => gguf::read(file)?,
            Format::Safetensors => config::read(file)?,
        };
        check::check(file, &numbers)?;
        Ok(numbers)
    }
}

/// The architecture as the file says it, before any check of whether it runs here.
#[must_use]
pub fn architecture(file: &WeightFile) -> Option<String> {
    if let Some(value) = file
        .meta("general.architecture")
        .and_then(MetaValue::as_str)
    {
        return Some(value.to_owned());
    }
    let config = file.config.as_ref();
    if let Some(value) = config.and_then(|c| c.get("model_type")?.as_str()) {
        return Some(value.to_owned());
    }
    (matches!(file.format, Format::Safetensors) && gpt2_prefix(file).is_some())
        .then(|| "gpt2".to_owned())
}

/// What stands before GPT-2's names in a safetensors file: "" or "transformer.".
#[must_use]
pub fn gpt2_prefix(file: &WeightFile) -> Option<&'static str> {
    ["", "transformer."].into_iter().find(|prefix| {
        ["wte.weight", "wpe.weight", "h.0.attn.c_attn.weight"]
            .iter()
            .all(|name| file.get(&format!("{prefix}{name}")).is_some())
    })
}

fn supported(file: &WeightFile) -> Result<String> {
    let Some(name) = architecture(file) else {
        return Err(unsupported(
            file,
            "it does not say which architecture it is",
        ));
    };
    if ARCHITECTURES.contains(&name.as_str()) {
        Ok(name)
    } else {
        Err(unsupported(
            file,
            &format!("its architecture is {}", shown(&name)),
        ))
    }
}

fn rows_of(file: &WeightFile, name: &str) -> Result<usize> {
    match file.get(name).map(|tensor| &*tensor.shape) {
        Some(&[rows, _]) => Ok(rows),
        Some(_) => Err(file_refusal(
            file,
            &format!("Tensor `{name}` is not a matrix."),
        )),
        None => Err(file_refusal(file, &format!("Tensor `{name}` is missing."))),
    }
}

fn divide_heads(file: &WeightFile, d_model: usize, n_heads: usize) -> Result<usize> {
    if n_heads == 0 || !d_model.is_multiple_of(n_heads) {
        return Err(file_refusal(
            file,
            &format!("A width of {d_model} does not divide into {n_heads} attention heads."),
        ));
    }
    Ok(d_model / n_heads)
}

fn unsupported(file: &WeightFile, why: &str) -> Refusal {
    Refusal::unchanged(
        format!("`{}` cannot run here.", file.name()),
        format!("By what the file says, {why}."),
        format!(
            "Its tensors can still be looked at. To run a model, choose one of these architectures: {}.",
            ARCHITECTURES.join(", ")
        ),
    )
}

fn file_refusal(file: &WeightFile, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("`{}` does not describe a model that can run.", file.name()),
        evidence,
        "The file is damaged or was converted wrongly: choose another copy of the model.",
    )
}
