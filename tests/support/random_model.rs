//! Decoders of any shape with random weights: what is asked of speed, memory and repeatability does
//! not depend on what a model has learned.

#![allow(dead_code, reason = "a benchmark builds only one of them")]

use super::gguf::{Gguf, Type};
use glassbox::files::weights::WeightFile;
use half::f16;

/// The numbers of a decoder.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub n_layers: usize,
    pub n_heads: usize,
    pub n_kv_heads: usize,
    pub d_model: usize,
    pub d_mlp: usize,
    pub vocab_size: usize,
    pub n_ctx: usize,
}

impl Shape {
    /// As small as it can be with work for several threads in every step.
    pub const SMALL: Self = Self {
        n_layers: 2,
        n_heads: 6,
        n_kv_heads: 2,
        d_model: 192,
        d_mlp: 512,
        vocab_size: 2000,
        n_ctx: 4096,
    };

    fn keys(&self, gguf: &mut Gguf) {
        gguf.whole("block_count", self.n_layers);
        gguf.whole("context_length", self.n_ctx);
        gguf.whole("embedding_length", self.d_model);
        gguf.whole("feed_forward_length", self.d_mlp);
        gguf.whole("attention.head_count", self.n_heads);
        gguf.whole("attention.head_count_kv", self.n_kv_heads);
    }
}

/// A Llama whose matrices are of type `kind`, with the embedding as its head.
pub fn llama(shape: Shape, kind: Type) -> WeightFile {
    WeightFile::from_bytes("random.gguf", llama_bytes(shape, kind)).unwrap()
}

/// The same as the bytes of its file.
pub fn llama_bytes(shape: Shape, kind: Type) -> Vec<u8> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut gguf = Gguf::new("llama");
    shape.keys(&mut gguf);
    gguf.number("attention.layer_norm_rms_epsilon", 1e-5);
    let (d, m) = (shape.d_model, shape.d_mlp);
    let kv_width = d / shape.n_heads * shape.n_kv_heads;
    random.matrix(&mut gguf, "token_embd", [shape.vocab_size, d], Type::Q8_0);
    random.vector(&mut gguf, "output_norm.weight", d, 1.0);
    for i in 0..shape.n_layers {
        let name = |part: &str| format!("blk.{i}.{part}");
        for norm in ["attn_norm.weight", "ffn_norm.weight"] {
            random.vector(&mut gguf, &name(norm), d, 1.0);
        }
        for (part, size) in [
            ("attn_q", [d, d]),
            ("attn_k", [kv_width, d]),
            ("attn_v", [kv_width, d]),
            ("attn_output", [d, d]),
            ("ffn_gate", [m, d]),
            ("ffn_up", [m, d]),
            ("ffn_down", [d, m]),
        ] {
            random.matrix(&mut gguf, &name(part), size, kind);
        }
    }
    gguf.finish()
}

/// A GPT-2 in f32, with the embedding as its head.
pub fn gpt2(shape: Shape) -> WeightFile {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut gguf = Gguf::new("gpt2");
    let shape = Shape {
        n_kv_heads: shape.n_heads,
        ..shape
    };
    shape.keys(&mut gguf);
    gguf.number("attention.layer_norm_epsilon", 1e-5);
    let (d, m, kind) = (shape.d_model, shape.d_mlp, Type::F32);
    random.matrix(&mut gguf, "token_embd", [shape.vocab_size, d], kind);
    random.matrix(&mut gguf, "position_embd", [shape.n_ctx, d], kind);
    random.vector(&mut gguf, "output_norm.weight", d, 1.0);
    random.vector(&mut gguf, "output_norm.bias", d, 0.0);
    for i in 0..shape.n_layers {
        let name = |part: &str| format!("blk.{i}.{part}");
        for norm in ["attn_norm", "ffn_norm"] {
            random.vector(&mut gguf, &name(&format!("{norm}.weight")), d, 1.0);
            random.vector(&mut gguf, &name(&format!("{norm}.bias")), d, 0.0);
        }
        for (part, size) in [
            ("attn_qkv", [3 * d, d]),
            ("attn_output", [d, d]),
            ("ffn_up", [m, d]),
            ("ffn_down", [d, m]),
        ] {
            random.matrix(&mut gguf, &name(part), size, kind);
            random.vector(&mut gguf, &name(&format!("{part}.bias")), size[0], 0.0);
        }
    }
    WeightFile::from_bytes("random.gguf", gguf.finish()).unwrap()
}

/// Fast numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Evenly between `around` − 0.05 and `around` + 0.05.
    fn near(&mut self, around: f32) -> f32 {
        around + ((self.next() >> 40) as f32 / (1 << 24) as f32 - 0.5) * 0.1
    }

    fn vector(&mut self, gguf: &mut Gguf, name: &str, n: usize, around: f32) {
        let bytes: Vec<u8> = (0..n)
            .flat_map(|_| self.near(around).to_le_bytes())
            .collect();
        gguf.tensor(name, &[n], Type::F32, &bytes);
    }

    fn matrix(&mut self, gguf: &mut Gguf, name: &str, [n_out, n_in]: [usize; 2], kind: Type) {
        let mut bytes = Vec::new();
        // Scales that put the weights within about ±0.1.
        let scale = |random: &mut Self, scale: f32| {
            f16::from_f32(scale * (1.0 + random.near(0.0))).to_le_bytes()
        };
        for _ in 0..n_out * n_in / 32 {
            match kind {
                Type::F32 => bytes.extend((0..32).flat_map(|_| self.near(0.0).to_le_bytes())),
                Type::Q4_0 => {
                    bytes.extend(scale(self, 0.0125));
                    bytes.extend((0..2).flat_map(|_| self.next().to_le_bytes()));
                }
                Type::Q4_1 => {
                    bytes.extend(scale(self, 0.0125));
                    bytes.extend(scale(self, -0.1));
                    bytes.extend((0..2).flat_map(|_| self.next().to_le_bytes()));
                }
                Type::Q8_0 => {
                    bytes.extend(scale(self, 0.0008));
                    bytes.extend((0..4).flat_map(|_| self.next().to_le_bytes()));
                }
            }
        }
        gguf.tensor(&format!("{name}.weight"), &[n_out, n_in], kind, &bytes);
    }
}
