//! A language model made in the test: a Llama of random weights with a vocabulary of single bytes,
//! written as a GGUF file. It speaks nonsense, but it is a real model: every test of the window runs
//! without any file of the project.

#![expect(clippy::unwrap_used, reason = "a helper of tests")]

use std::path::{Path, PathBuf};

const D_MODEL: usize = 64;
const D_MLP: usize = 96;
const N_LAYERS: usize = 2;
const N_HEADS: usize = 4;
const N_KV_HEADS: usize = 2;
/// Bytes, then the three control tokens.
pub const VOCAB_SIZE: usize = 256 + 3;
/// Tokens it can see at once.
pub const N_CTX: usize = 128;

pub const CHAT_TEMPLATE: &str = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// Writes the model into `folder` and returns its path.
pub fn write(folder: &Path) -> PathBuf {
    let path = folder.join("tiny.gguf");
    std::fs::write(&path, bytes()).unwrap();
    path
}

/// The whole file.
pub fn bytes() -> Vec<u8> {
    let tensors = tensors();
    let mut out = Vec::new();
    out.extend_from_slice(b"GGUF");
    out.extend_from_slice(&3u32.to_le_bytes());
    out.extend_from_slice(&(tensors.len() as u64).to_le_bytes());
    let metadata = metadata();
    out.extend_from_slice(&(metadata.len() as u64).to_le_bytes());
    for pair in metadata {
        out.extend(pair);
    }
    let mut offset = 0u64;
    for (name, shape, values) in &tensors {
        string(&mut out, name.as_bytes());
        out.extend_from_slice(&(shape.len() as u32).to_le_bytes());
        for &n in shape.iter().rev() {
            out.extend_from_slice(&(n as u64).to_le_bytes());
        }
        out.extend_from_slice(&0u32.to_le_bytes());
        out.extend_from_slice(&offset.to_le_bytes());
        offset += (values.len() * 4).next_multiple_of(32) as u64;
    }
    for (_, _, values) in &tensors {
        out.resize(out.len().next_multiple_of(32), 0);
        for value in values {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
    out.resize(out.len().next_multiple_of(32), 0);
    out
}

fn tensors() -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let mut random = Random(7);
    let mut all = Vec::new();
    let mut add = |name: String, shape: Vec<usize>, scale: f32| {
        let n: usize = shape.iter().product();
        let values = if scale == 0.0 {
            vec![1.0; n]
        } else {
            (0..n).map(|_| random.next() * scale).collect()
        };
        all.push((name, shape, values));
    };
    let kv = D_MODEL / N_HEADS * N_KV_HEADS;
    add("token_embd.weight".into(), vec![VOCAB_SIZE, D_MODEL], 0.6);
    for i in 0..N_LAYERS {
        let mut block = |name: &str, shape: Vec<usize>, scale| {
            add(format!("blk.{i}.{name}.weight"), shape, scale);
        };
        block("attn_norm", vec![D_MODEL], 0.0);
        block("attn_q", vec![D_MODEL, D_MODEL], 0.3);
        block("attn_k", vec![kv, D_MODEL], 0.3);
        block("attn_v", vec![kv, D_MODEL], 0.3);
        block("attn_output", vec![D_MODEL, D_MODEL], 0.3);
        block("ffn_norm", vec![D_MODEL], 0.0);
        block("ffn_gate", vec![D_MLP, D_MODEL], 0.3);
        block("ffn_up", vec![D_MLP, D_MODEL], 0.3);
        block("ffn_down", vec![D_MODEL, D_MLP], 0.3);
    }
    add("output_norm.weight".into(), vec![D_MODEL], 0.0);
    all
}

fn metadata() -> Vec<Vec<u8>> {
    let tokens: Vec<Vec<u8>> = (0..=255u8)
        .map(|byte| byte_letter(byte).to_string().into_bytes())
        .chain(["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map(|s| s.as_bytes().to_vec()))
        .collect();
    let mut token_array = Vec::new();
    token_array.extend_from_slice(&8u32.to_le_bytes());
    token_array.extend_from_slice(&(tokens.len() as u64).to_le_bytes());
    for token in &tokens {
        string(&mut token_array, token);
    }
    let mut types = Vec::new();
    types.extend_from_slice(&5u32.to_le_bytes());
    types.extend_from_slice(&(tokens.len() as u64).to_le_bytes());
    for i in 0..tokens.len() {
        let kind: i32 = if i < 256 { 1 } else { 3 };
        types.extend_from_slice(&kind.to_le_bytes());
    }
    let mut no_merges = Vec::new();
    no_merges.extend_from_slice(&8u32.to_le_bytes());
    no_merges.extend_from_slice(&0u64.to_le_bytes());
    vec![
        text("general.architecture", "llama"),
        text("general.name", "Tiny"),
        number("llama.block_count", N_LAYERS),
        number("llama.context_length", N_CTX),
        number("llama.embedding_length", D_MODEL),
        number("llama.feed_forward_length", D_MLP),
        number("llama.attention.head_count", N_HEADS),
        number("llama.attention.head_count_kv", N_KV_HEADS),
        number("llama.rope.dimension_count", D_MODEL / N_HEADS),
        number("llama.vocab_size", VOCAB_SIZE),
        float("llama.attention.layer_norm_rms_epsilon", 1e-5),
        float("llama.rope.freq_base", 10_000.0),
        text("tokenizer.ggml.model", "gpt2"),
        text("tokenizer.ggml.pre", "smollm"),
        value("tokenizer.ggml.tokens", 9, &token_array),
        value("tokenizer.ggml.token_type", 9, &types),
        value("tokenizer.ggml.merges", 9, &no_merges),
        number("tokenizer.ggml.bos_token_id", 257),
        number("tokenizer.ggml.eos_token_id", 258),
        text("tokenizer.chat_template", CHAT_TEMPLATE),
    ]
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn value(key: &str, kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    string(&mut out, key.as_bytes());
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(bytes);
    out
}

fn text(key: &str, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    string(&mut bytes, text.as_bytes());
    value(key, 8, &bytes)
}

fn number(key: &str, n: usize) -> Vec<u8> {
    value(key, 4, &(n as u32).to_le_bytes())
}

fn float(key: &str, x: f32) -> Vec<u8> {
    value(key, 6, &x.to_le_bytes())
}

/// GPT-2's letter for a byte: printable ones stand for themselves, the others from U+0100 on.
fn byte_letter(byte: u8) -> char {
    let prints = |b: u8| matches!(b, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    if prints(byte) {
        return char::from(byte);
    }
    let n_before = (0..byte).filter(|&b| !prints(b)).count();
    char::from_u32(0x100 + n_before as u32).unwrap()
}

/// A linear congruential generator (Knuth's MMIX); −1.0..1.0.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1u64 << 24) as f32) * 2.0 - 1.0
    }
}
