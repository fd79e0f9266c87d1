//! Llama out of its files: GGUF as llama.cpp's converter writes it, safetensors as Hugging Face
//! does. They differ in names, and in how rotated numbers pair (see [`crate::nn::rope`]).

use super::DecoderConfig;
use super::llama::{Block, Llama};
use super::loading::Loader;
use crate::files::hyperparameters::RopeScaling;
use crate::files::weights::Format;
use crate::nn::norm::RmsNorm;
use crate::nn::rope::{self, Pairing, Rope};
use crate::refusal::Result;

/// The weights of a block: GGUF's name, then Hugging Face's.
const LN1: [&str; 2] = ["attn_norm", "input_layernorm"];
const Q: [&str; 2] = ["attn_q", "self_attn.q_proj"];
const K: [&str; 2] = ["attn_k", "self_attn.k_proj"];
const V: [&str; 2] = ["attn_v", "self_attn.v_proj"];
const ATTN_OUT: [&str; 2] = ["attn_output", "self_attn.o_proj"];
const LN2: [&str; 2] = ["ffn_norm", "post_attention_layernorm"];
const GATE: [&str; 2] = ["ffn_gate", "mlp.gate_proj"];
const UP: [&str; 2] = ["ffn_up", "mlp.up_proj"];
const MLP_OUT: [&str; 2] = ["ffn_down", "mlp.down_proj"];
/// The weights outside the blocks.
const EMBEDDING: [&str; 2] = ["token_embd", "model.embed_tokens"];
const FINAL_NORM: [&str; 2] = ["output_norm", "model.norm"];
const HEAD: [&str; 2] = ["output", "lm_head"];
/// What each rotary frequency is divided by: Llama 3.1's scaling as GGUF has it.
const DIVISORS: &str = "rope_freqs.weight";

impl Llama {
    /// Loads every weight, after all shapes were found to fit `config`.
    pub(super) fn load(loader: &mut Loader, config: DecoderConfig) -> Result<Self> {
        let convention = usize::from(loader.file.format == Format::Safetensors);
        let outside = |names: [&str; 2]| format!("{}.weight", names[convention]);
        let inside = |i: usize, names: [&str; 2]| match convention {
            0 => format!("blk.{i}.{}.weight", names[0]),
            _ => format!("model.layers.{i}.{}.weight", names[1]),
        };
        let DecoderConfig {
            n_layers,
            vocab_size: v,
            d_model: d,
            d_mlp: m,
            d_head,
            norm_epsilon,
            ..
        } = config;
        let (q_width, kv_width) = (config.n_heads * d_head, config.n_kv_heads * d_head);
        let norms = |i| [inside(i, LN1), inside(i, LN2)];
        let qkv = |i| {
            [
                (inside(i, Q), q_width),
                (inside(i, K), kv_width),
                (inside(i, V), kv_width),
            ]
        };
        let gate_up = |i| [(inside(i, GATE), m), (inside(i, UP), m)];
        let attn_out = |i| [(inside(i, ATTN_OUT), d)];
        let mlp_out = |i| [(inside(i, MLP_OUT), d)];

        check_kind(loader, &config)?;
        loader.entry(&outside(EMBEDDING), &[v, d])?;
        loader.entry(&outside(FINAL_NORM), &[d])?;
        for i in 0..n_layers {
            for name in norms(i) {
                loader.entry(&name, &[d])?;
            }
            for (name, rows) in qkv(i).iter().chain(&gate_up(i)) {
                loader.entry(name, &[*rows, d])?;
            }
            loader.entry(&inside(i, ATTN_OUT), &[d, q_width])?;
            loader.entry(&inside(i, MLP_OUT), &[d, m])?;
        }

        let embedding = loader.linear(&[(outside(EMBEDDING), v)], d)?;
        let head = if config.tied_head {
            None
        } else {
            Some(loader.linear(&[(outside(HEAD), v)], d)?)
        };
        let final_norm = RmsNorm::new(loader.vector(&outside(FINAL_NORM), d)?, norm_epsilon);
        let mut blocks = Vec::with_capacity(n_layers);
        for i in 0..n_layers {
            let [ln1, ln2] = norms(i);
            blocks.push(Block {
                ln1: RmsNorm::new(loader.vector(&ln1, d)?, norm_epsilon),
                qkv: loader.linear(&qkv(i), d)?,
                attn_out: loader.linear(&attn_out(i), q_width)?,
                ln2: RmsNorm::new(loader.vector(&ln2, d)?, norm_epsilon),
                gate_up: loader.linear(&gate_up(i), d)?,
                mlp_out: loader.linear(&mlp_out(i), m)?,
            });
        }
        let pairing = match convention {
            0 => Pairing::Neighbours,
            _ => Pairing::Halves,
        };
        Ok(Self {
            rope: Rope::new(frequencies(loader, &config)?, pairing, loader.device),
            device: loader.device.clone(),
            config,
            embedding,
            blocks,
            final_norm,
            head,
        })
    }
}

/// Refuses relatives of Llama that this decoder would compute wrongly.
fn check_kind(loader: &Loader, config: &DecoderConfig) -> Result<()> {
    let DecoderConfig {
        n_heads,
        n_kv_heads,
        d_head,
        ..
    } = *config;
    if n_kv_heads == 0 || n_heads % n_kv_heads != 0 || d_head % 2 != 0 {
        return Err(loader.refusal(format!(
            "{n_heads} heads cannot share {n_kv_heads} key/value heads of width {d_head}."
        )));
    }
    let tensors = &loader.file.tensors;
    let is_bias = |name: &str| name.rsplit('.').next() == Some("bias");
    if let Some(bias) = tensors.iter().find(|tensor| is_bias(&tensor.name)) {
        return Err(loader.refusal(format!(
            "`{}` is a bias; Llama as it is run here has none.",
            bias.name
        )));
    }
    let of_experts = |name: &str| name.contains("_exps.") || name.contains("experts.");
    if tensors.iter().any(|tensor| of_experts(&tensor.name)) {
        return Err(loader.refusal("It is a mixture of experts; only dense models run here."));
    }
    let activation = loader
        .file
        .config
        .as_ref()
        .and_then(|c| c["hidden_act"].as_str());
    match activation {
        None | Some("silu") => Ok(()),
        Some(other) => Err(loader.refusal(format!(
            "Its activation is `{other}`; Llama as it is run here has `silu`."
        ))),
    }
}

/// The rotary frequencies, with the scaling by which a model was stretched to longer texts.
fn frequencies(loader: &mut Loader, config: &DecoderConfig) -> Result<Vec<f64>> {
    let base = f64::from(config.rope_base.unwrap_or(10_000.0));
    let mut frequencies = rope::frequencies(base, config.d_head);
    if loader.file.get(DIVISORS).is_some() {
        let divisors = loader.numbers_of(DIVISORS, &[frequencies.len()])?;
        if !divisors.iter().all(|d| *d > 0.0 && d.is_finite()) {
            return Err(loader.refusal(format!(
                "`{DIVISORS}` holds what nothing can be divided by."
            )));
        }
        for (frequency, divisor) in frequencies.iter_mut().zip(divisors) {
            *frequency /= f64::from(divisor);
        }
    }
    Ok(match RopeScaling::of(loader.file)? {
        RopeScaling::None => frequencies,
        RopeScaling::Linear(factor) => rope::linear(frequencies, factor),
        RopeScaling::Llama3 {
            factor,
            low,
            high,
            n_ctx,
        } => rope::llama3(frequencies, factor, [low, high], n_ctx),
    })
}
