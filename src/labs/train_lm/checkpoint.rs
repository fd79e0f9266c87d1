//! What training leaves on disk: the model for use, its tokenizer, and all that going on needs.
//!
//! Each file is written beside its place and then moved there, so that a power cut leaves the old one.

use super::vocabulary::Encoder;
use crate::models::DecoderConfig;
use crate::nn::layers::Parameters;
use crate::nn::math_refusal;
use crate::nn::optimizer::AdamW;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use half::f16;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where training stands, as a checkpoint's metadata keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps taken.
    pub n_steps: usize,
    /// Seconds of work behind them.
    pub secs: f64,
    /// The seed of it all.
    pub seed: u64,
    /// The mean loss of every step, in nats per token.
    pub losses: Vec<f32>,
    /// (vocabulary, context, width, heads, layers).
    pub shape: (usize, usize, usize, usize, usize),
    /// The merges of the vocabulary.
    pub pairs: Vec<(u32, u32)>,
}

/// A checkpoint as read.
#[derive(Debug)]
pub struct Checkpoint {
    /// Where it stopped.
    pub progress: Progress,
    bytes: Vec<u8>,
    path: PathBuf,
}

/// The files of one training, named after `-o PATH`.
#[derive(Debug, Clone)]
pub struct Files {
    /// The weights for use, f16.
    pub weights: PathBuf,
    /// The tokenizer for use.
    pub tokenizer: PathBuf,
    /// What `--resume` takes.
    pub checkpoint: PathBuf,
}

impl Files {
    /// `out` with or without its `.safetensors`.
    pub fn beside(out: &Path) -> Self {
        let stem = match out.extension() {
            Some(extension) if extension == "safetensors" => out.with_extension(""),
            _ => out.to_path_buf(),
        };
        let named = |ending: &str| {
            let mut path = stem.clone().into_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        Self {
            weights: named(".safetensors"),
            tokenizer: named(".tokenizer.json"),
            checkpoint: named(".checkpoint"),
        }
    }

    /// All of them, in the order written.
    pub fn all(&self) -> Vec<PathBuf> {
        vec![
            self.weights.clone(),
            self.tokenizer.clone(),
            self.checkpoint.clone(),
        ]
    }

    /// Writes the model, its tokenizer and the checkpoint.
    pub fn save(
        &self,
        config: &DecoderConfig,
        parameters: &Parameters,
        optimizer: &AdamW,
        encoder: &Encoder,
        progress: &Progress,
        about: &[(&str, String)],
    ) -> Result<()> {
        let weights: Vec<(String, Tensor)> = parameters
            .iter()
            .map(|(name, var)| (name.to_owned(), var.as_detached_tensor()))
            .collect();
        let mut metadata: Vec<(&str, String)> =
            vec![("format", "pt".to_owned()), ("config", described(config))];
        metadata.extend(about.iter().cloned());
        let model = pack(&metadata, &weights, true)?;
        write(&self.weights, &model)?;
        let tokenizer = encoder.tokenizer_json().to_string();
        write(&self.tokenizer, tokenizer.as_bytes())?;
        let progress = serde_json::to_string(progress)
            .map_err(|error| refuse_write(&self.checkpoint, &error))?;
        let all: Vec<_> = weights.into_iter().chain(optimizer.state()).collect();
        write(
            &self.checkpoint,
            &pack(&[("progress", progress)], &all, false)?,
        )
    }
}

impl Checkpoint {
    /// Reads what [`Files::save`] wrote.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| refuse_read(path, &error.to_string()))?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes)
            .map_err(|error| refuse_read(path, &error.to_string()))?;
        let progress = metadata.metadata().as_ref().and_then(|m| m.get("progress"));
        let progress =
            progress.ok_or_else(|| refuse_read(path, "It says nothing about a training."))?;
        let progress = serde_json::from_str(progress)
            .map_err(|error| refuse_read(path, &error.to_string()))?;
        Ok(Self {
            progress,
            bytes,
            path: path.to_path_buf(),
        })
    }

    /// Puts the saved weights and moments in place.
    pub fn restore(&self, parameters: &Parameters, optimizer: &mut AdamW) -> Result<()> {
        let wrong = |error: &dyn std::fmt::Display| refuse_read(&self.path, &error.to_string());
        let tensors = SafeTensors::deserialize(&self.bytes).map_err(|error| wrong(&error))?;
        let find = |name: &str, shape: &[usize], device: &Device| -> candle_core::Result<Tensor> {
            let view = tensors.tensor(name).map_err(candle_core::Error::wrap)?;
            if view.shape() != shape || view.dtype() != safetensors::Dtype::F32 {
                candle_core::bail!("{name} has another shape or type");
            }
            let values: Vec<f32> = view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            Tensor::from_vec(values, shape, device)
        };
        for (name, var) in parameters.iter() {
            let saved = find(name, var.dims(), var.device()).map_err(|error| wrong(&error))?;
            var.set(&saved).map_err(|error| wrong(&error))?;
        }
        optimizer
            .restore(self.progress.n_steps, find)
            .map_err(|error| wrong(&error))
    }
}

/// The configuration as Hugging Face writes it; without it the number of heads could not be known.
fn described(config: &DecoderConfig) -> String {
    let end_of_text = config.vocab_size - 1;
    json!({
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_layer": config.n_layers,
        "n_head": config.n_heads,
        "n_embd": config.d_model,
        "n_positions": config.n_ctx,
        "vocab_size": config.vocab_size,
        "layer_norm_epsilon": config.norm_epsilon,
        "bos_token_id": end_of_text,
        "eos_token_id": end_of_text,
        "tie_word_embeddings": config.tied_head,
    })
    .to_string()
}

/// The bytes of a safetensors file: the header's length, the header, the numbers.
fn pack(metadata: &[(&str, String)], tensors: &[(String, Tensor)], halve: bool) -> Result<Vec<u8>> {
    let mut header = Map::new();
    let about: Map<String, Value> = metadata
        .iter()
        .map(|(k, v)| ((*k).to_owned(), json!(v)))
        .collect();
    header.insert("__metadata__".to_owned(), Value::Object(about));
    let mut data: Vec<u8> = Vec::new();
    for (name, tensor) in tensors {
        let values = tensor
            .flatten_all()
            .and_then(|flat| flat.to_vec1::<f32>())
            .map_err(|error| math_refusal(&error))?;
        let start = data.len();
        if halve {
            data.extend(values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()));
        } else {
            data.extend(values.iter().flat_map(|x| x.to_le_bytes()));
        }
        header.insert(
            name.clone(),
            json!({
                "dtype": if halve { "F16" } else { "F32" },
                "shape": tensor.dims(),
                "data_offsets": [start, data.len()],
            }),
        );
    }
    let mut header = Value::Object(header).to_string();
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    Ok(bytes)
}

/// Writes all of a file or leaves the one that was there.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let attempt = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        // A temporary file is its owner's alone; a model is for whoever may read the folder.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    attempt().map_err(|error| refuse_write(path, &error))
}

fn refuse_write(path: &Path, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(
        format!("{} could not be written", path.display()),
        format!("{error}."),
        "What was saved before is still there; what was learned since is not.",
        "Choose another folder with -o, or make room on the disk.",
    )
}

fn refuse_read(path: &Path, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} is not a checkpoint to go on from", path.display()),
        evidence,
        "Give the .checkpoint file that `glassbox train lm` wrote beside its model.",
    )
}
