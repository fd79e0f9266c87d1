//! SmolLM2 as three parties see it: our decoder, candle's f32 Llama on the same file's weights, and
//! the `tokenizers` crate on the same file's vocabulary.

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::llama as candle_llama;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, Tokenizer};

/// Where the file is, or `None` after saying that a test is skipped.
pub fn path() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// Candle's Llama in f32, on every weight of the file as candle dequantizes it.
pub struct Reference {
    model: candle_llama::Llama,
    cache: candle_llama::Cache,
    fresh: candle_llama::Cache,
    n_read: usize,
}

impl Reference {
    pub fn open(path: &Path) -> Result<Self> {
        let device = Device::Cpu;
        let mut file = BufReader::new(File::open(path)?);
        let content = Content::read(&mut file)?;
        let mut tensors = HashMap::new();
        let names: std::collections::BTreeSet<_> = content.tensor_infos.keys().collect();
        for name in names {
            let x = content
                .tensor(&mut file, name, &device)?
                .dequantize(&device)?;
            let x = match name.as_str() {
                name if name.contains("attn_q") => halves(&x, 9)?,
                name if name.contains("attn_k") => halves(&x, 3)?,
                _ => x,
            };
            tensors.insert(hugging_face_name(name), x);
        }
        let config = candle_llama::Config {
            hidden_size: 576,
            intermediate_size: 1536,
            vocab_size: 49152,
            num_hidden_layers: 30,
            num_attention_heads: 9,
            num_key_value_heads: 3,
            use_flash_attn: false,
            rms_norm_eps: 1e-5,
            rope_theta: 100_000.0,
            bos_token_id: None,
            eos_token_id: None,
            rope_scaling: None,
            max_position_embeddings: 2048,
            tie_word_embeddings: true,
        };
        let vb = VarBuilder::from_tensors(tensors, DType::F32, &device);
        let fresh = candle_llama::Cache::new(true, DType::F32, &config, &device)?;
        Ok(Self {
            model: candle_llama::Llama::load(vb, &config)?,
            cache: fresh.clone(),
            fresh,
            n_read: 0,
        })
    }

    /// Forgets everything read.
    pub fn reset(&mut self) {
        self.cache = self.fresh.clone();
        self.n_read = 0;
    }

    /// The logits after `ids`, read behind what was read before.
    pub fn logits(&mut self, ids: &[u32]) -> Result<Vec<f32>> {
        let x = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
        let logits = self.model.forward(&x, self.n_read, &mut self.cache)?;
        self.n_read += ids.len();
        logits.flatten_all()?.to_vec1()
    }
}

/// Undoes the converter's reordering of a head's rows: neighbours back to halves.
fn halves(weight: &Tensor, n_heads: usize) -> Result<Tensor> {
    let (rows, columns) = weight.dims2()?;
    weight
        .reshape((n_heads, rows / n_heads / 2, 2, columns))?
        .transpose(1, 2)?
        .reshape((rows, columns))
}

fn hugging_face_name(name: &str) -> String {
    let name = name.replace("blk.", "model.layers.");
    [
        ("token_embd", "model.embed_tokens"),
        ("output_norm", "model.norm"),
        ("attn_norm", "input_layernorm"),
        ("ffn_norm", "post_attention_layernorm"),
        ("attn_q", "self_attn.q_proj"),
        ("attn_k", "self_attn.k_proj"),
        ("attn_v", "self_attn.v_proj"),
        ("attn_output", "self_attn.o_proj"),
        ("ffn_gate", "mlp.gate_proj"),
        ("ffn_up", "mlp.up_proj"),
        ("ffn_down", "mlp.down_proj"),
    ]
    .iter()
    .fold(name, |name, (gguf, hf)| name.replace(gguf, hf))
}

/// The file's vocabulary in the `tokenizers` crate.
pub fn tokenizer(path: &Path) -> Tokenizer {
    let mut file = BufReader::new(File::open(path).unwrap());
    let content = Content::read(&mut file).unwrap();
    let strings = |key: &str| -> Vec<String> {
        let values = content.metadata[key].to_vec().unwrap();
        let string = |value: &Value| value.to_string().unwrap().clone();
        values.iter().map(string).collect()
    };
    let tokens = strings("tokenizer.ggml.tokens");
    let merges = strings("tokenizer.ggml.merges");
    let merges = merges.iter().filter_map(|merge| merge.split_once(' '));
    let merges = merges.map(|(a, b)| (a.into(), b.into())).collect();
    let vocabulary = tokens.into_iter().zip(0..).collect::<HashMap<_, _>>();
    let model = BPE::new(vocabulary.into_iter().collect(), merges);
    let mut tokenizer = Tokenizer::new(model);
    let digits = Digits::new(true).into();
    let bytes = ByteLevel::new(false, true, true);
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![digits, bytes.into()])));
    tokenizer.with_decoder(Some(bytes));
    let special = ["<|im_start|>", "<|im_end|>"].map(|token| AddedToken::from(token, true));
    tokenizer.add_special_tokens(special).unwrap();
    tokenizer
}
