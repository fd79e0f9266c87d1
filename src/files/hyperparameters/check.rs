//! What no decoder can be without, and what the file's own tensors must bear out.

use super::{Hyperparameters, MAX_LAYERS, file_refusal};
use crate::files::weights::{Format, WeightFile};
use crate::refusal::Result;

/// Every number is sensible by itself, with the others, and with the tensors.
pub(super) fn check(file: &WeightFile, h: &Hyperparameters) -> Result<()> {
    let within = [
        ("blocks", h.n_layers, MAX_LAYERS),
        ("attention heads", h.n_heads, 1 << 12),
        ("key/value heads", h.n_kv_heads, h.n_heads),
        ("numbers in the residual stream", h.d_model, 1 << 16),
        ("numbers in a head", h.d_head, 1 << 12),
        ("numbers in the MLP", h.d_mlp, 1 << 20),
        ("positions of context", h.n_ctx, 1 << 24),
        ("tokens in the vocabulary", h.vocab_size, 1 << 22),
    ];
    for (what, n, most) in within {
        if n == 0 || n > most {
            return Err(file_refusal(
                file,
                &format!("It says it has {n} {what}; from 1 to {most} would make sense."),
            ));
        }
    }
    if !h.n_heads.is_multiple_of(h.n_kv_heads) {
        return Err(file_refusal(
            file,
            &format!(
                "{} attention heads cannot share {} key/value heads evenly.",
                h.n_heads, h.n_kv_heads
            ),
        ));
    }
    if !(h.norm_epsilon > 0.0 && h.norm_epsilon < 1.0) {
        return Err(file_refusal(
            file,
            &format!(
                "The ε of its norms is {}, not between 0 and 1.",
                h.norm_epsilon
            ),
        ));
    }
    if h.rope_base
        .is_some_and(|base| !(base > 1.0 && base.is_finite()))
    {
        return Err(file_refusal(
            file,
            "The base of its rotary embedding is not above 1.",
        ));
    }
    if h.rope_dims
        .is_some_and(|n| n == 0 || n > h.d_head || n % 2 == 1)
    {
        return Err(file_refusal(
            file,
            "The rotated part of a head is not an even number of its dimensions.",
        ));
    }
    check_tensors(file, h)
}

/// The blocks that the file claims are those whose tensors it holds, and the embedding fits.
fn check_tensors(file: &WeightFile, h: &Hyperparameters) -> Result<()> {
    let (embedding, block): (&str, fn(usize) -> String) = match (&file.format, &*h.architecture) {
        (Format::Gguf(_), _) => ("token_embd.weight", |i| format!("blk.{i}.ffn_down.weight")),
        (_, "llama") => ("model.embed_tokens.weight", |i| {
            format!("model.layers.{i}.mlp.down_proj.weight")
        }),
        _ => return Ok(()), // GPT-2's were counted from the tensors themselves
    };
    for i in 0..h.n_layers {
        if file.get(&block(i)).is_none() {
            return Err(file_refusal(
                file,
                &format!(
                    "It says it has {} blocks; tensor `{}` is missing.",
                    h.n_layers,
                    block(i)
                ),
            ));
        }
    }
    if file.get(&block(h.n_layers)).is_some() {
        return Err(file_refusal(
            file,
            &format!(
                "It says it has {} blocks, and holds tensors of more.",
                h.n_layers
            ),
        ));
    }
    match file.get(embedding).map(|tensor| &*tensor.shape) {
        Some(&[_, width]) if width == h.d_model => Ok(()),
        _ => Err(file_refusal(
            file,
            &format!("Tensor `{embedding}` is not (vocabulary, {}).", h.d_model),
        )),
    }
}
