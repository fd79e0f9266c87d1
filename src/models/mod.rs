//! One architecture, one file, in the order of its paper.

pub mod autoencoder;
pub mod dcgan;
pub mod gpt2;
pub mod gpt2_init;
mod gpt2_load;
pub mod inside;
pub mod judge;
pub mod llama;
mod llama_load;
mod loading;
pub mod unet;

use crate::files::hyperparameters::Hyperparameters;
use crate::files::weights::WeightFile;
use crate::nn::hooks::Hooks;
use crate::nn::kv_cache::KvCache;
use crate::refusal::Refusal;
use candle_core::{Device, Result, Tensor};
use gpt2::Gpt2;
use llama::Llama;
use loading::Loader;
pub use loading::NotFinite;
use std::ops::ControlFlow;

/// What a text decoder is made of; read from its file, shown on its card.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoderConfig {
    /// "gpt2" or "llama", as the file says it.
    pub architecture: String,
    /// Blocks.
    pub n_layers: usize,
    /// Query heads.
    pub n_heads: usize,
    /// Key/value heads; equal to `n_heads` without grouped-query attention.
    pub n_kv_heads: usize,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Width of one head.
    pub d_head: usize,
    /// Width inside the MLP.
    pub d_mlp: usize,
    /// The longest text the model was made for, in tokens.
    pub n_ctx: usize,
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// ε of the norms.
    pub norm_epsilon: f64,
    /// Base of the rotary embedding; `None` where positions are learned.
    pub rope_base: Option<f32>,
    /// Whether the head is the transposed token embedding.
    pub tied_head: bool,
}

/// Which positions' logits a pass computes; the head is the widest product of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogitsFor {
    /// The last position's: (1, v).
    Last,
    /// Every position's of the pass: (t, v).
    All,
}

/// A text decoder of any architecture we have.
#[derive(Debug)]
pub enum TextModel {
    /// GPT-2.
    Gpt2(Gpt2),
    /// Llama and what is built as it is.
    Llama(Llama),
}

impl TextModel {
    /// What the model is made of.
    #[must_use]
    pub fn config(&self) -> &DecoderConfig {
        match self {
            Self::Gpt2(model) => model.config(),
            Self::Llama(model) => model.config(),
        }
    }

    /// A cache with room for `n_ctx` positions.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new_cache(&self, n_ctx: usize) -> Result<KvCache> {
        match self {
            Self::Gpt2(model) => model.new_cache(n_ctx),
            Self::Llama(model) => model.new_cache(n_ctx),
        }
    }

    /// Reads `ids` behind what `cache` holds and scores the token that follows: (1, v), or (t, v)
    /// when the logits of all positions are asked for. On an error the cache is as it was.
    ///
    /// # Errors
    /// When there are no ids, an id is not in the vocabulary, or the cache has no room.
    pub fn forward(
        &self,
        ids: &[u32],
        cache: &mut KvCache,
        which: LogitsFor,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        match self {
            Self::Gpt2(model) => model.forward(ids, cache, which, hooks),
            Self::Llama(model) => model.forward(ids, cache, which, hooks),
        }
    }
}

/// Loads the text model of `file` onto `device`. `progress` hears how much is done, from 0 to 1,
/// after every tensor, and stops the loading by breaking.
///
/// # Errors
/// The architecture is not one we have, a tensor is missing or of another shape than the file's
/// own description asks for, or `progress` broke.
pub fn load(
    file: &WeightFile,
    device: &Device,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> std::result::Result<TextModel, Refusal> {
    load_and_look(file, device, progress).map(|(model, _)| model)
}

/// As [`load`]; says besides which tensors have weights that are no numbers.
///
/// # Errors
/// As [`load`].
pub fn load_and_look(
    file: &WeightFile,
    device: &Device,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> std::result::Result<(TextModel, Vec<NotFinite>), Refusal> {
    let config = DecoderConfig::from(Hyperparameters::of(file)?);
    let mut loader = Loader::new(file, device, progress);
    let model = match config.architecture.as_str() {
        "gpt2" => TextModel::Gpt2(Gpt2::load(&mut loader, config)?),
        "llama" => TextModel::Llama(Llama::load(&mut loader, config)?),
        other => {
            return Err(loader.refusal(format!(
                "Its architecture is `{other}`; `gpt2` and `llama` run here."
            )));
        }
    };
    Ok((model, loader.take_not_finite()))
}

impl From<Hyperparameters> for DecoderConfig {
    fn from(read: Hyperparameters) -> Self {
        Self {
            architecture: read.architecture,
            n_layers: read.n_layers,
            n_heads: read.n_heads,
            n_kv_heads: read.n_kv_heads,
            d_model: read.d_model,
            d_head: read.d_head,
            d_mlp: read.d_mlp,
            n_ctx: read.n_ctx,
            vocab_size: read.vocab_size,
            norm_epsilon: read.norm_epsilon,
            rope_base: read.rope_base,
            tied_head: read.tied_head,
        }
    }
}
