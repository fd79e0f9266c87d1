//! Llamas stretched to longer texts, against candle's (candle-transformers 0.11.1, which has Llama
//! 3.1's scaling): from safetensors with a `config.json`, and from GGUF as llama.cpp's converter
//! writes them.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it did not expect"
)]

#[path = "support/gguf.rs"]
mod gguf;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::llama as candle_llama;
use candle_transformers::models::llama::{Llama3RopeConfig, Llama3RopeType};
use gguf::{Gguf, Type};
use glassbox::files::hyperparameters::Hyperparameters;
use glassbox::files::weights::WeightFile;
use glassbox::models::{self, LogitsFor};
use glassbox::nn::hooks::NoHooks;
use glassbox::rng::Rng;
use std::collections::HashMap;
use std::ops::ControlFlow;

const D: usize = 64;
const M: usize = 96;
const HEADS: usize = 2;
const S: usize = D / HEADS;
const V: usize = 50;
const N_CTX: usize = 64;
const BASE: f32 = 500.0;
/// Hugging Face's name, GGUF's, rows, columns.
const WEIGHTS: [(&str, &str, usize, usize); 11] = [
    ("model.embed_tokens", "token_embd", V, D),
    ("model.norm", "output_norm", D, 1),
    ("model.layers.0.input_layernorm", "blk.0.attn_norm", D, 1),
    (
        "model.layers.0.post_attention_layernorm",
        "blk.0.ffn_norm",
        D,
        1,
    ),
    ("model.layers.0.self_attn.q_proj", "blk.0.attn_q", D, D),
    ("model.layers.0.self_attn.k_proj", "blk.0.attn_k", D, D),
    ("model.layers.0.self_attn.v_proj", "blk.0.attn_v", D, D),
    ("model.layers.0.self_attn.o_proj", "blk.0.attn_output", D, D),
    ("model.layers.0.mlp.gate_proj", "blk.0.ffn_gate", M, D),
    ("model.layers.0.mlp.up_proj", "blk.0.ffn_up", M, D),
    ("model.layers.0.mlp.down_proj", "blk.0.ffn_down", D, M),
];

/// The weights by Hugging Face's names, large enough in q and k for positions to matter.
fn weights() -> HashMap<String, Tensor> {
    let mut rng = Rng::new(3, "rope");
    let tensors = WEIGHTS.iter().map(|&(name, _, rows, columns)| {
        let scale = if name.contains("q_proj") || name.contains("k_proj") {
            0.5
        } else {
            0.2
        };
        let mut draw = || (rng.below(2001) as f32 / 1000.0 - 1.0) * scale;
        let numbers: Vec<f32> = (0..rows * columns).map(|_| draw()).collect();
        let tensor = if columns == 1 {
            Tensor::ones(rows, DType::F32, &Device::Cpu).unwrap()
        } else {
            Tensor::from_vec(numbers, (rows, columns), &Device::Cpu).unwrap()
        };
        (format!("{name}.weight"), tensor)
    });
    tensors.collect()
}

fn candle_logits(scaling: Option<Llama3RopeConfig>, ids: &[u32]) -> Vec<f32> {
    let config = candle_llama::Config {
        hidden_size: D,
        intermediate_size: M,
        vocab_size: V,
        num_hidden_layers: 1,
        num_attention_heads: HEADS,
        num_key_value_heads: HEADS,
        use_flash_attn: false,
        rms_norm_eps: 1e-5,
        rope_theta: BASE,
        bos_token_id: None,
        eos_token_id: None,
        rope_scaling: scaling,
        max_position_embeddings: N_CTX,
        tie_word_embeddings: true,
    };
    let vb = VarBuilder::from_tensors(weights(), DType::F32, &Device::Cpu);
    let mut cache = candle_llama::Cache::new(true, DType::F32, &config, &Device::Cpu).unwrap();
    let model = candle_llama::Llama::load(vb, &config).unwrap();
    let x = Tensor::new(ids, &Device::Cpu)
        .unwrap()
        .unsqueeze(0)
        .unwrap();
    let logits = model.forward(&x, 0, &mut cache).unwrap();
    logits.flatten_all().unwrap().to_vec1().unwrap()
}

fn our_logits(file: &WeightFile, ids: &[u32]) -> Vec<f32> {
    let go_on = &mut |_| ControlFlow::Continue(());
    let model = models::load(file, &Device::Cpu, go_on).unwrap();
    let mut cache = model.new_cache(N_CTX).unwrap();
    let logits = model.forward(ids, &mut cache, LogitsFor::Last, &mut NoHooks);
    logits.unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// The model in safetensors, with `more` in its config.
fn safetensors(more: &str) -> (tempfile::TempDir, WeightFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    candle_core::safetensors::save(&weights(), &path).unwrap();
    let config = format!(
        r#"{{"model_type":"llama","hidden_size":{D},"intermediate_size":{M},"vocab_size":{V},
        "num_hidden_layers":1,"num_attention_heads":{HEADS},"max_position_embeddings":{N_CTX},
        "rms_norm_eps":1e-5,{more}}}"#
    );
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let file = WeightFile::open(&path).unwrap();
    (folder, file)
}

/// The model in GGUF, with what `more` adds.
fn in_gguf(more: impl FnOnce(&mut Gguf)) -> WeightFile {
    let mut gguf = Gguf::new("llama");
    for (key, value) in [
        ("block_count", 1),
        ("context_length", N_CTX),
        ("embedding_length", D),
        ("feed_forward_length", M),
        ("attention.head_count", HEADS),
    ] {
        gguf.whole(key, value);
    }
    gguf.number("attention.layer_norm_rms_epsilon", 1e-5);
    gguf.number("rope.freq_base", BASE);
    let weights = weights();
    for (name, ours, rows, columns) in WEIGHTS {
        let mut tensor = weights[&format!("{name}.weight")].clone();
        if ours.ends_with("attn_q") || ours.ends_with("attn_k") {
            // The converter puts the two halves of a head next to each other.
            let halves = tensor.reshape((HEADS, 2, S / 2, D)).unwrap();
            tensor = halves.transpose(1, 2).unwrap().reshape((D, D)).unwrap();
        }
        let numbers = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let shape = if columns == 1 {
            vec![rows]
        } else {
            vec![rows, columns]
        };
        gguf.tensor(
            &format!("{ours}.weight"),
            &shape,
            Type::F32,
            &bytes(&numbers),
        );
    }
    more(&mut gguf);
    WeightFile::from_bytes("scaled.gguf", gguf.finish()).unwrap()
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// llama.cpp's converter (`Llama3Model.generate_extra_tensors`): what each frequency is divided by.
fn rope_freqs([factor, low, high, n_ctx]: [f32; 4]) -> Vec<f32> {
    let wavelength = |i: usize| std::f32::consts::TAU * BASE.powf(2.0 * i as f32 / S as f32);
    let of = |wavelength: f32| {
        if wavelength < n_ctx / high {
            1.0
        } else if wavelength > n_ctx / low {
            factor
        } else {
            let smooth = (n_ctx / wavelength - low) / (high - low);
            1.0 / ((1.0 - smooth) / factor + smooth)
        }
    };
    (0..S / 2).map(|i| of(wavelength(i))).collect()
}

fn candle_scaling([factor, low, high, n_ctx]: [f32; 4]) -> Llama3RopeConfig {
    Llama3RopeConfig {
        factor,
        low_freq_factor: low,
        high_freq_factor: high,
        original_max_position_embeddings: n_ctx as usize,
        rope_type: Llama3RopeType::Llama3,
    }
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    pairs.fold(0.0, f32::max)
}

/// Factor, low and high turns, the context of the first training: with some frequencies kept, some
/// slowed, some between.
const LLAMA3: [f32; 4] = [8.0, 1.0, 4.0, 48.0];

#[test]
fn llama_3_scaling_is_that_of_candle_from_either_format() {
    let ids: Vec<u32> = (0..40).map(|i| i * 7 % V as u32).collect();
    let expected = candle_logits(Some(candle_scaling(LLAMA3)), &ids);
    let unscaled = candle_logits(None, &ids);
    assert!(distance(&expected, &unscaled) > 0.05);
    let scaling = r#"{"factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
        "original_max_position_embeddings":48,"rope_type":"llama3"}"#;
    let older = format!(r#""rope_theta":{BASE},"rope_scaling":{scaling}"#);
    let newer = format!(
        r#""rope_parameters":{}"#,
        scaling.replace('{', r#"{"rope_theta":500.0,"#)
    );
    for config in [older, newer] {
        let (_folder, file) = safetensors(&config);
        let off = distance(&our_logits(&file, &ids), &expected);
        assert!(off < 2e-3, "{config}: {off}");
    }
    let file = in_gguf(|gguf| {
        let factors = rope_freqs(LLAMA3);
        assert!(factors.contains(&1.0) && factors.contains(&8.0));
        assert!(factors.iter().any(|f| *f > 1.0 && *f < 8.0));
        gguf.tensor("rope_freqs.weight", &[S / 2], Type::F32, &bytes(&factors));
    });
    let off = distance(&our_logits(&file, &ids), &expected);
    assert!(off < 2e-3, "GGUF: {off}");
    let plain = in_gguf(|_| {});
    assert!(distance(&our_logits(&plain, &ids), &unscaled) < 2e-3);
}

#[test]
fn linear_scaling_slows_every_frequency_alike() {
    let ids: Vec<u32> = (0..40).map(|i| i * 11 % V as u32).collect();
    // Llama 3's scaling of a model first trained on one token slows all of them by the factor.
    let expected = candle_logits(Some(candle_scaling([4.0, 1.0, 4.0, 1.0])), &ids);
    let check = |file: &WeightFile, how: &str| {
        let off = distance(&our_logits(file, &ids), &expected);
        assert!(off < 2e-3, "{how}: {off}");
    };
    for kind in ["type", "rope_type"] {
        let config =
            format!(r#""rope_theta":{BASE},"rope_scaling":{{"{kind}":"linear","factor":4.0}}"#);
        let (_folder, file) = safetensors(&config);
        check(&file, &config);
    }
    let named = in_gguf(|gguf| {
        gguf.text("rope.scaling.type", "linear");
        gguf.number("rope.scaling.factor", 4.0);
    });
    check(&named, "linear by name");
    // llama.cpp takes a factor alone as linear.
    check(
        &in_gguf(|gguf| gguf.number("rope.scaling.factor", 4.0)),
        "a factor alone",
    );
    check(
        &in_gguf(|gguf| gguf.number("rope.scale_linear", 4.0)),
        "the older key",
    );
}

#[test]
fn scalings_that_the_decoder_does_not_do_are_refused_by_name() {
    let said = |file: &WeightFile| Hyperparameters::of(file).unwrap_err().evidence;
    for kind in ["yarn", "longrope"] {
        let file = in_gguf(|gguf| {
            gguf.text("rope.scaling.type", kind);
            gguf.number("rope.scaling.factor", 4.0);
        });
        assert!(said(&file).contains(kind), "{}", said(&file));
        let (_folder, file) = safetensors(&format!(
            r#""rope_scaling":{{"rope_type":"{kind}","factor":4.0}}"#
        ));
        assert!(said(&file).contains(kind), "{}", said(&file));
    }
    for factor in [0.0, -1.0, 0.5, f32::NAN, f32::INFINITY] {
        let file = in_gguf(|gguf| gguf.number("rope.scaling.factor", factor));
        assert!(said(&file).contains("scal"), "{factor}: {}", said(&file));
    }
    for wrong in [
        r#"{"rope_type":"linear"}"#,
        r#"{"rope_type":"linear","factor":0}"#,
        r#"{"rope_type":"llama3","factor":8.0}"#,
        r#"{"factor":8.0}"#,
        "[1]",
        "8",
    ] {
        let (_folder, file) = safetensors(&format!(r#""rope_scaling":{wrong}"#));
        assert!(said(&file).contains("scal"), "{wrong}: {}", said(&file));
    }
    let go_on = &mut |_| ControlFlow::Continue(());
    for factor in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let file = in_gguf(|gguf| {
            gguf.tensor(
                "rope_freqs.weight",
                &[S / 2],
                Type::F32,
                &bytes(&[factor; S / 2]),
            );
        });
        let refusal = models::load(&file, &Device::Cpu, go_on).unwrap_err();
        assert!(refusal.evidence.contains("rope_freqs"), "{refusal}");
    }
}
