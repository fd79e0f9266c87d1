//! What a text decoder is made of, as its file says it, checked: never zero where that makes no
//! sense, never more than the tensors bear out.

use super::metadata::MetaValue;
use super::shown::shown;
use super::weights::{Format, WeightFile};
use crate::refusal::{Refusal, Result};

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
            Format::Gguf(_) => of_gguf(file)?,
            Format::Safetensors => of_safetensors(file)?,
        };
        check(file, &numbers)?;
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

fn of_gguf(file: &WeightFile) -> Result<Hyperparameters> {
    let architecture = supported(file)?;
    let keys = Keys {
        file,
        architecture: &architecture,
    };
    let is_llama = architecture == "llama";
    if keys.whole("expert_count")?.unwrap_or(0) > 0 {
        return Err(unsupported(file, "it is a mixture of experts"));
    }
    if file.get("rope_freqs.weight").is_some() {
        return Err(unsupported(
            file,
            "its rotary embedding has scaled frequencies (Llama 3.1)",
        ));
    }
    if let Some(kind) = keys
        .text("rope.scaling.type")
        .filter(|&kind| kind != "none")
    {
        let kind = format!("its rotary embedding is scaled ({})", shown(kind));
        return Err(unsupported(file, &kind));
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

fn of_safetensors(file: &WeightFile) -> Result<Hyperparameters> {
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
    let n_heads = match config.whole("n_head")? {
        Some(n_heads) => n_heads,
        None => {
            let n_heads = assumed_heads(n_layers, d_model).ok_or_else(|| {
                file_refusal(
                    file,
                    "The number of attention heads is in no config.json beside it, and cannot be \
                     read from the shapes.",
                )
            })?;
            assumed.push(format!(
                "The file does not say how many attention heads it has: {n_heads} were assumed, as \
                 models of this shape usually have."
            ));
            n_heads
        }
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
    if !config.json["rope_scaling"].is_null() {
        return Err(unsupported(file, "its rotary embedding is scaled"));
    }
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
        rope_base: Some(config.number("rope_theta")?.unwrap_or(10_000.0) as f32),
        rope_dims: Some(d_head),
        tied_head: file.get("lm_head.weight").is_none(),
        assumed: Vec::new(),
    })
}

const MAX_LAYERS: usize = 1000;

/// What no decoder can be without, whatever its file says.
fn check(file: &WeightFile, h: &Hyperparameters) -> Result<()> {
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

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(MetaValue::as_str)
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
