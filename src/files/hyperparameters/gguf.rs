//! A decoder's numbers from GGUF keys: `llama.block_count`, `gpt2.embedding_length`, …

use super::{
    Hyperparameters, RopeScaling, divide_heads, file_refusal, rows_of, supported, unsupported,
};
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::refusal::{Refusal, Result};

pub(super) fn read(file: &WeightFile) -> Result<Hyperparameters> {
    let architecture = supported(file)?;
    let keys = Keys {
        file,
        architecture: &architecture,
    };
    let is_llama = architecture == "llama";
    if keys.whole("expert_count")?.unwrap_or(0) > 0 {
        return Err(unsupported(file, "it is a mixture of experts"));
    }
    if is_llama {
        RopeScaling::of(file)?;
    }
    let d_model = keys.need("embedding_length")?;
    let n_heads = keys.need("attention.head_count")?;
    let n_kv_heads = keys.whole("attention.head_count_kv")?.unwrap_or(n_heads);
    let d_head = match keys.whole("attention.key_length")? {
        Some(d_head) => d_head,
        None => divide_heads(file, d_model, n_heads)?,
    };
    let d_value = keys.whole("attention.value_length")?;
    if d_value.is_some_and(|d_value| d_value != d_head) {
        return Err(unsupported(file, "its values are not as wide as its keys"));
    }
    let epsilon_key = if is_llama {
        "attention.layer_norm_rms_epsilon"
    } else {
        "attention.layer_norm_epsilon"
    };
    let rope_base = keys.number("rope.freq_base")?.unwrap_or(10_000.0) as f32;
    let rope_dims = keys.whole("rope.dimension_count")?.unwrap_or(d_head);
    if is_llama && rope_dims < d_head {
        return Err(unsupported(file, "only a part of each head is rotated"));
    }
    Ok(Hyperparameters {
        n_layers: keys.need("block_count")?,
        n_heads,
        n_kv_heads,
        d_model,
        d_head,
        d_mlp: keys.need("feed_forward_length")?,
        n_ctx: keys.need("context_length")?,
        vocab_size: rows_of(file, "token_embd.weight")?,
        norm_epsilon: keys.number(epsilon_key)?.unwrap_or(1e-5),
        rope_base: is_llama.then_some(rope_base),
        rope_dims: is_llama.then_some(rope_dims),
        tied_head: file.get("output.weight").is_none(),
        assumed: Vec::new(),
        architecture,
    })
}

/// GGUF keys of one architecture: `llama.block_count` is `need("block_count")`.
struct Keys<'a> {
    file: &'a WeightFile,
    architecture: &'a str,
}

impl Keys<'_> {
    fn get(&self, key: &str) -> Option<&MetaValue> {
        self.file.meta(&format!("{}.{key}", self.architecture))
    }

    fn whole(&self, key: &str) -> Result<Option<usize>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Ok(Some(n)),
            None => Err(self.wrong(key, "a whole number", value)),
        }
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        match self.get(key) {
            Some(value) => match value.as_f64() {
                Some(x) => Ok(Some(x)),
                None => Err(self.wrong(key, "a number", value)),
            },
            None => Ok(None),
        }
    }

    fn need(&self, key: &str) -> Result<usize> {
        self.whole(key)?.ok_or_else(|| {
            let key = format!("{}.{key}", self.architecture);
            file_refusal(self.file, &format!("The key `{key}` is missing."))
        })
    }

    fn wrong(&self, key: &str, wanted: &str, value: &MetaValue) -> Refusal {
        let key = format!("{}.{key}", self.architecture);
        file_refusal(
            self.file,
            &format!(
                "The key `{key}` should be {wanted} and is {}: {value}.",
                value.kind()
            ),
        )
    }
}
