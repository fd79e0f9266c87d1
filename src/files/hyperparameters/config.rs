//! A decoder's numbers from the `config.json` of a model in safetensors; for GPT-2 without one, from
//! the shapes of its tensors.

use super::{
    Hyperparameters, MAX_LAYERS, RopeScaling, divide_heads, file_refusal, gpt2_prefix, rows_of,
    supported, unsupported,
};
use crate::files::shown::shown;
use crate::files::weights::WeightFile;
use crate::refusal::{Refusal, Result};

pub(super) fn read(file: &WeightFile) -> Result<Hyperparameters> {
    let architecture = supported(file)?;
    let empty = serde_json::Value::Null;
    let config = Config {
        file,
        json: file.config.as_ref().unwrap_or(&empty),
    };
    if architecture == "gpt2" {
        gpt2_of_config(file, &config)
    } else {
        llama_of_config(file, &config)
    }
}

/// GPT-2's shapes say all but the number of heads.
fn gpt2_of_config(file: &WeightFile, config: &Config) -> Result<Hyperparameters> {
    let Some(prefix) = gpt2_prefix(file) else {
        return Err(unsupported(
            file,
            "it has none of GPT-2's tensors (wte, wpe, h.0)",
        ));
    };
    let shape = |name: &str| {
        file.get(&format!("{prefix}{name}"))
            .map_or(&[][..], |tensor| &tensor.shape)
    };
    let (&[vocab_size, d_model], &[n_ctx, _]) = (shape("wte.weight"), shape("wpe.weight")) else {
        return Err(file_refusal(file, "wte and wpe are not matrices."));
    };
    let d_mlp = shape("h.0.mlp.c_fc.weight").get(1).copied().unwrap_or(0);
    let n_layers = (0..=MAX_LAYERS)
        .find(|i| shape(&format!("h.{i}.attn.c_attn.weight")).is_empty())
        .unwrap_or(MAX_LAYERS);
    let mut assumed = Vec::new();
    let n_heads = if let Some(n_heads) = config.whole("n_head")? {
        n_heads
    } else {
        let n_heads = assumed_heads(n_layers, d_model).ok_or_else(|| {
            file_refusal(
                file,
                "The number of attention heads is in no config.json beside it, and cannot be read \
                 from the shapes.",
            )
        })?;
        assumed.push(format!(
            "The file does not say how many attention heads it has: {n_heads} were assumed, as \
             models of this shape usually have."
        ));
        n_heads
    };
    for (key, found) in [
        ("n_layer", n_layers),
        ("n_embd", d_model),
        ("vocab_size", vocab_size),
    ] {
        if let Some(said) = config.whole(key)?.filter(|&said| said != found) {
            return Err(file_refusal(
                file,
                &format!("Its configuration says {key} = {said}; its tensors have {found}."),
            ));
        }
    }
    Ok(Hyperparameters {
        architecture: "gpt2".to_owned(),
        n_layers,
        n_heads,
        n_kv_heads: n_heads,
        d_model,
        d_head: divide_heads(file, d_model, n_heads)?,
        d_mlp,
        n_ctx,
        vocab_size,
        norm_epsilon: config.number("layer_norm_epsilon")?.unwrap_or(1e-5),
        rope_base: None,
        rope_dims: None,
        tied_head: file.get("lm_head.weight").is_none(),
        assumed,
    })
}

/// Every GPT-2 that OpenAI published has heads of 64; minGPT's small presets do not.
fn assumed_heads(n_layers: usize, d_model: usize) -> Option<usize> {
    match (n_layers, d_model) {
        (3, 48) => Some(3),  // gpt-nano
        (4, 128) => Some(4), // gpt-micro
        (6, 192) => Some(6), // gpt-mini
        _ if d_model.is_multiple_of(64) => Some(d_model / 64),
        _ => None,
    }
}

fn llama_of_config(file: &WeightFile, config: &Config) -> Result<Hyperparameters> {
    RopeScaling::of(file)?;
    let newer = &config.json["rope_parameters"]["rope_theta"];
    let rope_base = match config.number("rope_theta")? {
        Some(base) => base,
        None if newer.is_null() => 10_000.0,
        None => newer
            .as_f64()
            .ok_or_else(|| config.wrong("rope_parameters", newer))?,
    };
    let d_model = config.need("hidden_size")?;
    let n_heads = config.need("num_attention_heads")?;
    let d_head = match config.whole("head_dim")? {
        Some(d_head) => d_head,
        None => divide_heads(file, d_model, n_heads)?,
    };
    Ok(Hyperparameters {
        architecture: "llama".to_owned(),
        n_layers: config.need("num_hidden_layers")?,
        n_heads,
        n_kv_heads: config.whole("num_key_value_heads")?.unwrap_or(n_heads),
        d_model,
        d_head,
        d_mlp: config.need("intermediate_size")?,
        n_ctx: config.need("max_position_embeddings")?,
        vocab_size: rows_of(file, "model.embed_tokens.weight")?,
        norm_epsilon: config.number("rms_norm_eps")?.unwrap_or(1e-6),
        rope_base: Some(rope_base as f32),
        rope_dims: Some(d_head),
        tied_head: file.get("lm_head.weight").is_none(),
        assumed: Vec::new(),
    })
}

/// The keys of a `config.json`.
struct Config<'a> {
    file: &'a WeightFile,
    json: &'a serde_json::Value,
}

impl Config<'_> {
    fn whole(&self, key: &str) -> Result<Option<usize>> {
        let value = &self.json[key];
        if value.is_null() {
            return Ok(None);
        }
        match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Ok(Some(n)),
            None => Err(self.wrong(key, value)),
        }
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        let value = &self.json[key];
        match value.as_f64() {
            Some(x) => Ok(Some(x)),
            None if value.is_null() => Ok(None),
            None => Err(self.wrong(key, value)),
        }
    }

    fn need(&self, key: &str) -> Result<usize> {
        self.whole(key)?.ok_or_else(|| {
            file_refusal(
                self.file,
                &format!("The key `{key}` is missing from the config.json beside it."),
            )
        })
    }

    fn wrong(&self, key: &str, value: &serde_json::Value) -> Refusal {
        file_refusal(
            self.file,
            &format!(
                "In its config.json, `{key}` is {}.",
                shown(&value.to_string())
            ),
        )
    }
}
