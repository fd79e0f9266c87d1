//! The file from which a training goes on.

use super::KIND_KEY;
use super::numbers::{Numbers, has, tensor};
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::refusal::{Refusal, Result};
use candle_core::Tensor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The tensor of a checkpoint that holds the losses of every step.
pub const LOSSES: &str = "losses";
/// No checkpoint has seen more steps.
const MAX_STEPS: usize = 100_000_000;

/// Where a training stands, as a checkpoint's metadata keeps it: what is each training's own (its
/// source, the network's shape, its settings), and what all have.
#[derive(Debug, Serialize, Deserialize)]
pub struct Progress<Own> {
    /// What only this kind of training has.
    #[serde(flatten)]
    pub own: Own,
    /// The start of everything random.
    pub seed: u64,
    /// Steps taken.
    pub n_steps: usize,
    /// Seconds of work behind them.
    pub secs: f64,
}

impl<Own: Serialize> Progress<Own> {
    /// The checkpoint's file: it says that it is a `kind` ("diffusion training") and holds `tensors` and
    /// the losses, `n_per_step` of each step.
    ///
    /// # Errors
    /// A setting that is no number.
    pub fn packed(
        &self,
        kind: &str,
        tensors: &[Numbers],
        losses: &[f32],
        n_per_step: usize,
    ) -> Result<Vec<u8>> {
        let progress = serde_json::to_string(self).map_err(|error| cannot_describe(&error))?;
        let about = [(KIND_KEY, kind.to_owned()), ("progress", progress)];
        let shape = match n_per_step {
            0 | 1 => vec![losses.len()],
            n => vec![losses.len() / n, n],
        };
        let tensors = tensors.iter();
        let tensors = tensors.map(|(name, shape, values)| tensor(name, shape, values));
        let tensors = tensors.chain([tensor(LOSSES, &shape, losses)]);
        let tensors: Vec<(String, Tensor)> = tensors.collect::<Result<_>>()?;
        pack(&about, &tensors, Precision::F32)
    }
}

/// A checkpoint as read: what it says of itself makes sense, whether its tensors are those of its
/// network is the caller's to ask ([`CheckpointFile::must_have`]).
#[derive(Debug)]
pub struct CheckpointFile<Own> {
    /// Where the training stood.
    pub progress: Progress<Own>,
    /// The losses of every step, one after the other.
    pub losses: Vec<f32>,
    /// All other tensors.
    pub tensors: Vec<Numbers>,
    path: PathBuf,
    of: &'static str,
}

impl<Own: DeserializeOwned> CheckpointFile<Own> {
    /// Reads what a training `of` something ("a diffusion model") wrote, which kept `n_per_step` losses
    /// of each step.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path, of: &'static str, n_per_step: usize) -> Result<Self> {
        let file = WeightFile::open(path)?;
        let wrong = |evidence: &str| not_a_checkpoint(path, of, evidence);
        let progress = file.meta("progress").and_then(MetaValue::as_str);
        let progress = progress.ok_or_else(|| wrong("It says nothing about a training."))?;
        let progress: Progress<Own> = serde_json::from_str(progress)
            .map_err(|error| wrong(&format!("Its account of the training: {error}.")))?;
        let Progress { n_steps, secs, .. } = progress;
        if !secs.is_finite() || secs < 0.0 || n_steps > MAX_STEPS {
            return Err(wrong(SENSELESS));
        }
        let (mut losses, mut tensors) = (Vec::new(), Vec::new());
        for entry in &file.tensors {
            let values = file.f32s(entry)?;
            if entry.name == LOSSES {
                losses = values;
            } else {
                tensors.push((entry.name.clone(), entry.shape.clone(), values));
            }
        }
        if losses.len() != n_steps * n_per_step {
            return Err(wrong("Its account of the steps contradicts itself."));
        }
        Ok(Self {
            progress,
            losses,
            tensors,
            path: path.to_owned(),
            of,
        })
    }

    /// Whether all of these are there.
    ///
    /// # Errors
    /// Names the first that is not, or that has another shape.
    pub fn must_have(&self, wanted: &[(String, Vec<usize>)]) -> Result<()> {
        let missing = |(name, shape): &&(String, Vec<usize>)| !has(&self.tensors, name, shape);
        let Some((name, shape)) = wanted.iter().find(missing) else {
            return Ok(());
        };
        let evidence = format!("Its `{name}` is not there, or does not have the shape {shape:?}.");
        Err(not_a_checkpoint(&self.path, self.of, &evidence))
    }

    /// The refusal where what it says of its network cannot be.
    #[must_use]
    pub fn senseless(&self) -> Refusal {
        not_a_checkpoint(&self.path, self.of, SENSELESS)
    }
}

const SENSELESS: &str = "Its account of the training makes no sense.";

fn not_a_checkpoint(path: &Path, of: &str, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} is not a checkpoint to go on from", path.display()),
        evidence,
        format!("Give the .checkpoint file that a training of {of} wrote beside its model."),
    )
}

/// The refusal where what is to be written cannot be put into words.
#[must_use]
pub fn cannot_describe(error: &serde_json::Error) -> Refusal {
    Refusal::unchanged(
        "The checkpoint could not be written",
        format!("{error}."),
        "Choose numbers for the settings that are numbers.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::training::Source;

    #[derive(Debug, Serialize, Deserialize)]
    struct Own {
        source: Source,
        width: usize,
    }

    /// As files of before this module have it: what is a training's own beside what all have.
    const ACCOUNT: &str = r#"{"source":"Faces","width":24,"seed":7,"n_steps":2,"secs":1.5}"#;

    #[test]
    fn what_a_checkpoint_says_is_flat_and_comes_back_with_its_numbers() {
        let progress: Progress<Own> = serde_json::from_str(ACCOUNT).unwrap();
        assert_eq!(serde_json::to_string(&progress).unwrap(), ACCOUNT);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.checkpoint");
        let tensors = [("network.w".to_owned(), vec![2, 1], vec![0.5, -3.0])];
        let losses = [1.0, 2.0, 3.0, 4.0];
        let file = progress.packed("a training", &tensors, &losses, 2).unwrap();
        std::fs::write(&path, file).unwrap();
        let read: CheckpointFile<Own> = CheckpointFile::read(&path, "anything", 2).unwrap();
        assert_eq!(read.tensors, tensors);
        assert_eq!(read.losses, losses);
        assert_eq!((read.progress.own.width, read.progress.seed), (24, 7));
        read.must_have(&[("network.w".to_owned(), vec![2, 1])])
            .unwrap();
        let missing = read.must_have(&[("network.w".to_owned(), vec![2])]);
        assert!(missing.unwrap_err().evidence.contains("network.w"));
        let other: Result<CheckpointFile<Own>> = CheckpointFile::read(&path, "anything", 1);
        assert!(other.unwrap_err().evidence.contains("contradicts"));
    }
}
