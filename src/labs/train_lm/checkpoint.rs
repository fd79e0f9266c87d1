//! What training leaves on disk: the model for use, its tokenizer, and all that going on needs.
//!
//! Each file is written beside its place and then moved there, so that a power cut leaves the old one.

use super::vocabulary::Encoder;
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::labs::writing::{Names, make_place, write_whole};
use crate::models::{DecoderConfig, gpt2_init};
use crate::nn::layers::Parameters;
use crate::nn::math_refusal;
use crate::nn::optimizer::AdamW;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The tensor of a checkpoint that holds the loss of every step.
const LOSSES: &str = "losses";

/// What a file that could not be written means.
const LOST: &str = "What was saved before is still there; what was learned since is not.";

/// Where training stands, as a checkpoint's metadata keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps taken.
    pub n_steps: usize,
    /// Seconds of work behind them.
    pub secs: f64,
    /// The seed of it all.
    pub seed: u64,
    /// The mean loss of every step, in nats per token: a tensor of the file.
    #[serde(skip)]
    pub losses: Vec<f32>,
    /// The model's shape.
    pub shape: Shape,
    /// The merges of the vocabulary.
    pub pairs: Vec<(u32, u32)>,
    /// What it learns from.
    pub source: String,
    /// Whether that is a person's text, and not our grammar's stories.
    pub own_text: bool,
}

/// The sizes that make a model's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Positions of a text.
    pub n_ctx: usize,
    /// Width of the stream.
    pub d_model: usize,
    /// Attention heads a block.
    pub n_heads: usize,
    /// Blocks.
    pub n_layers: usize,
}

impl Shape {
    /// The configuration of a GPT-2 of this shape.
    pub fn config(&self) -> DecoderConfig {
        gpt2_init::shape(
            self.vocab_size,
            self.n_ctx,
            self.d_model,
            self.n_heads,
            self.n_layers,
        )
    }
}

/// A checkpoint as read.
#[derive(Debug)]
pub struct Checkpoint {
    /// Where it stopped.
    pub(super) progress: Progress,
    file: WeightFile,
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
    pub fn beside(out: &Path) -> Result<Self> {
        let names = Names::after(out, "model")?;
        Ok(Self {
            weights: names.with(".safetensors"),
            tokenizer: names.with(".tokenizer.json"),
            checkpoint: names.with(".checkpoint"),
        })
    }

    /// Makes the folder and a file in it that is gone at once: hours of work must find a place.
    pub fn try_writing(&self) -> Result<()> {
        make_place(&self.weights).map_err(|refusal| Refusal {
            next: "Choose another folder with -o.".into(),
            ..refusal
        })
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
        let mut metadata: Vec<(&str, String)> = vec![
            ("format", "pt".to_owned()),
            ("config", described(config, Some(config.vocab_size - 1))),
        ];
        metadata.extend(about.iter().cloned());
        let model = pack(&metadata, &weights, Precision::F16)?;
        write(&self.weights, &model)?;
        let tokenizer = encoder.tokenizer_json().to_string();
        write(&self.tokenizer, tokenizer.as_bytes())?;
        let losses = progress.losses.as_slice();
        let progress = serde_json::to_string(progress).map_err(|error| {
            Refusal::new(
                "The checkpoint could not be written",
                format!("Its account of the training: {error}."),
                LOST,
                "The model itself is saved and can be used.",
            )
        })?;
        let losses = Tensor::new(losses, &Device::Cpu).map_err(|error| math_refusal(&error))?;
        let moments = optimizer.state().map_err(|error| math_refusal(&error))?;
        let all: Vec<_> = weights
            .into_iter()
            .chain(moments)
            .chain([(LOSSES.to_owned(), losses)])
            .collect();
        write(
            &self.checkpoint,
            &pack(&[("progress", progress)], &all, Precision::F32)?,
        )
    }
}

impl Checkpoint {
    /// Reads what training wrote, and checks it before anything is made after it.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let file = WeightFile::open(path)?;
        let wrong = |evidence: &str| refuse_read(path, evidence);
        let progress = file.meta("progress").and_then(MetaValue::as_str);
        let progress = progress.ok_or_else(|| wrong("It says nothing about a training."))?;
        let mut progress: Progress = serde_json::from_str(progress)
            .map_err(|error| wrong(&format!("Its account of the training: {error}.")))?;
        if let Some(losses) = file.get(LOSSES) {
            progress.losses = file.f32s(losses)?;
        }
        if progress.losses.len() != progress.n_steps
            || !progress.secs.is_finite()
            || progress.secs < 0.0
        {
            return Err(wrong("Its account of the steps contradicts itself."));
        }
        if !fits(&progress, &file) {
            return Err(wrong("Its weights have another shape than it says."));
        }
        Ok(Self { progress, file })
    }

    /// Puts the saved weights and moments in place.
    ///
    /// # Errors
    /// When one is not there, or has another shape than its variable.
    pub fn restore(&self, parameters: &Parameters, optimizer: &mut AdamW) -> Result<()> {
        let find = |name: &str, shape: &[usize], device: &Device| -> candle_core::Result<Tensor> {
            let Some(entry) = self.file.get(name).filter(|entry| entry.shape == shape) else {
                candle_core::bail!("{name} is not there, or has another shape");
            };
            let values = self.file.f32s(entry).map_err(candle_core::Error::wrap)?;
            Tensor::from_vec(values, shape, device)
        };
        let mut restored = || -> candle_core::Result<()> {
            for (name, var) in parameters.iter() {
                var.set(&find(name, var.dims(), var.device())?)?;
            }
            optimizer.restore(self.progress.n_steps, find)
        };
        restored().map_err(|error| refuse_read(self.file.path(), &format!("{error}.")))
    }
}

/// Whether the file holds matrices as large as the shape says: nothing is allocated on its word.
fn fits(progress: &Progress, file: &WeightFile) -> bool {
    let Shape {
        vocab_size,
        n_ctx,
        d_model,
        n_heads,
        n_layers,
    } = progress.shape;
    let has = |name: &str, rows: usize, columns: usize| {
        file.get(name)
            .is_some_and(|entry| entry.shape == [rows, columns])
    };
    let divides = n_heads > 0 && d_model.is_multiple_of(n_heads);
    let block = |i: usize| {
        has(
            &format!("h.{i}.attn.c_attn.weight"),
            d_model,
            d_model.saturating_mul(3),
        ) && has(
            &format!("h.{i}.mlp.c_fc.weight"),
            d_model,
            d_model.saturating_mul(4),
        )
    };
    divides
        && n_ctx > 1
        && vocab_size == progress.pairs.len() + 257
        && has("wte.weight", vocab_size, d_model)
        && has("wpe.weight", n_ctx, d_model)
        && (0..n_layers).all(block)
}

/// The configuration as Hugging Face writes it; without it the number of heads could not be known.
pub(super) fn described(config: &DecoderConfig, end_of_text: Option<usize>) -> String {
    let mut words = json!({
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_layer": config.n_layers,
        "n_head": config.n_heads,
        "n_embd": config.d_model,
        "n_positions": config.n_ctx,
        "vocab_size": config.vocab_size,
        "layer_norm_epsilon": config.norm_epsilon,
        "tie_word_embeddings": config.tied_head,
    });
    if let Some(id) = end_of_text {
        words["bos_token_id"] = id.into();
        words["eos_token_id"] = id.into();
    }
    words.to_string()
}

/// Writes all of a file or leaves the one that was there; its folder is made if need be.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = make_place(path).and_then(|()| write_whole(path, bytes));
    written.map_err(|refusal| Refusal {
        meaning: LOST.into(),
        ..refusal
    })
}

fn refuse_read(path: &Path, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} is not a checkpoint to go on from", path.display()),
        evidence,
        "Give the .checkpoint file that `glassbox train lm` wrote beside its model.",
    )
}
