//! What training a judge leaves on disk: the judge for use, and all that going on needs.

use super::Right;
use super::loading::{CONFIG, HELD_OUT, KIND};
use crate::files::metadata::MetaValue;
use crate::files::shown::shown;
use crate::files::weights::WeightFile;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::labs::writing::{Names, make_place, write_whole};
use crate::models::judge::{Config, Moments};
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

/// Where training stands, as a checkpoint's metadata keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) n_steps: usize,
    pub(super) secs: f64,
    pub(super) seed: u64,
    /// The mean loss of every step, in nats: a tensor of the file.
    #[serde(skip)]
    pub(super) losses: Vec<f32>,
    pub(super) config: Config,
    pub(super) source: String,
}

impl Progress {
    pub(super) fn new(seed: u64, config: Config, source: &str) -> Self {
        Self {
            n_steps: 0,
            secs: 0.0,
            seed,
            losses: Vec::new(),
            config,
            source: source.to_owned(),
        }
    }
}

/// The files of one training, named after `-o PATH`.
#[derive(Debug, Clone)]
pub(super) struct Files {
    judge: PathBuf,
    checkpoint: PathBuf,
}

impl Files {
    /// `out` with or without its `.safetensors`.
    pub(super) fn beside(out: &Path) -> Result<Self> {
        let names = Names::after(out, "judge")?;
        Ok(Self {
            judge: names.with(".safetensors"),
            checkpoint: names.with(".checkpoint"),
        })
    }

    /// Work must find a place.
    pub(super) fn try_writing(&self) -> Result<()> {
        make_place(&self.judge)
    }

    /// Both, in the order written.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        vec![self.judge.clone(), self.checkpoint.clone()]
    }

    /// Writes the judge, f16, and the checkpoint, which keeps `all`.
    pub(super) fn save(
        &self,
        judge: &[(String, Tensor)],
        mut all: Vec<(String, Tensor)>,
        progress: &Progress,
        held_out: &[Right],
        license: &str,
    ) -> Result<()> {
        let described = json!(progress.config).to_string();
        let shares = held_out
            .iter()
            .map(|right| (right.question.clone(), json!(right.share)));
        let shares: serde_json::Map<_, _> = shares.collect();
        let about = [
            ("format", "pt".to_owned()),
            (KIND.0, KIND.1.to_owned()),
            (CONFIG, described),
            (HELD_OUT, json!(shares).to_string()),
            (
                "source",
                format!("trained by `glassbox train judge` on {}", progress.source),
            ),
            ("seed", progress.seed.to_string()),
            ("steps", progress.n_steps.to_string()),
            ("license", license.to_owned()),
        ];
        write_whole(&self.judge, &pack(&about, judge, Precision::F16)?)?;
        let losses = Tensor::new(progress.losses.as_slice(), &Device::Cpu);
        let losses = losses.map_err(|error| math_refusal(&error))?;
        all.push((LOSSES.to_owned(), losses));
        let about = [
            (KIND.0, "judge training".to_owned()),
            ("progress", json!(progress).to_string()),
        ];
        write_whole(&self.checkpoint, &pack(&about, &all, Precision::F32)?)
    }
}

/// The names that a checkpoint has for the moments of norm `i`.
pub(super) fn moment_names(i: usize) -> [String; 2] {
    [format!("running.{i}.mean"), format!("running.{i}.variance")]
}

/// A checkpoint as read.
#[derive(Debug)]
pub struct Checkpoint {
    /// Where it stopped.
    pub(super) progress: Progress,
    file: WeightFile,
}

impl Checkpoint {
    /// Reads what training wrote, and checks it before anything is made after it.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let file = WeightFile::open(path)?;
        let wrong = |evidence: &str| refuse(path, evidence);
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
        Ok(Self { progress, file })
    }

    /// Whether it is of a judge that learns what `fresh` would learn.
    pub(super) fn must_fit(&self, fresh: &Progress) -> Result<()> {
        let own = &self.progress;
        if own.config == fresh.config && own.source == fresh.source {
            return Ok(());
        }
        Err(Refusal::unchanged(
            "The checkpoint needs the pictures it learned from",
            format!(
                "It learned from {}; here are {}.",
                shown(&own.source),
                shown(&fresh.source)
            ),
            "Give with --data what it was begun with.",
        ))
    }

    /// Puts the saved weights and moments, the optimizer's and the norms', in place.
    pub(super) fn restore(
        &self,
        parameters: &Parameters,
        optimizer: &mut AdamW,
        moments: &mut [Moments],
    ) -> Result<()> {
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
            for (i, moments) in moments.iter_mut().enumerate() {
                let [mean, variance] = moment_names(i);
                let (width, device) = (moments.mean.dims().to_vec(), moments.mean.device().clone());
                moments.mean = find(&mean, &width, &device)?;
                moments.variance = find(&variance, &width, &device)?;
            }
            optimizer.restore(self.progress.n_steps, find)
        };
        restored().map_err(|error| refuse(self.file.path(), &format!("{error}.")))
    }
}

fn refuse(path: &Path, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} is not a checkpoint to go on from", path.display()),
        evidence,
        "Give the .checkpoint file that `glassbox train judge` wrote beside its judge.",
    )
}
