//! What a training of an autoencoder leaves on disk: the model for use, and all that going on needs.

use super::{Recipe, Settings, Source, Squeezer, State};
use crate::labs::training::{self, CheckpointFile, Files, KIND_KEY, Progress, cannot_describe};
use crate::labs::writing::safetensors::{Precision, pack};
use crate::models::autoencoder::Config;
use crate::refusal::Result;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a model's file says it is.
pub const KIND: &str = "autoencoder";
/// What a checkpoint's file says it is.
pub const TRAINING_KIND: &str = "autoencoder training";

/// A checkpoint as read: what was being trained, and how far it was.
#[derive(Debug)]
pub struct Checkpoint {
    /// As it was; its ends and its files are those of whoever goes on.
    pub recipe: Recipe,
    /// Where it stopped.
    pub state: State,
}

/// What a checkpoint tells of a training of this kind, beside what all tell.
#[derive(Debug, Serialize, Deserialize)]
struct Own {
    source: Source,
    config: Config,
    settings: Settings,
}

/// Writes the model and the checkpoint.
pub(super) fn save(
    files: &Files,
    recipe: &Recipe,
    settings: &Settings,
    state: &State,
    squeezer: &Squeezer,
) -> Result<()> {
    let model = model_file(recipe, squeezer)?;
    files.save(&model, &checkpoint_file(recipe, settings, state)?)
}

/// The model for use, f16, with all that is to be known about it.
fn model_file(recipe: &Recipe, squeezer: &Squeezer) -> Result<Vec<u8>> {
    let tensors = squeezer.network.tensors().into_iter();
    let tensors = tensors.map(|(name, tensor)| (name, tensor.clone()));
    let tensors: Vec<(String, Tensor)> = tensors.collect();
    let about = squeezer.about();
    let config = serde_json::to_string(&about.config).map_err(|error| cannot_describe(&error))?;
    let metadata = [
        ("format", "pt".to_owned()),
        (KIND_KEY, KIND.to_owned()),
        ("config", config),
        ("source", recipe.source.words("autoencoder")),
        ("seed", recipe.seed.to_string()),
        ("steps", about.step.to_string()),
        ("license", recipe.source.license().to_owned()),
    ];
    pack(&metadata, &tensors, Precision::F16)
}

fn checkpoint_file(recipe: &Recipe, settings: &Settings, state: &State) -> Result<Vec<u8>> {
    let progress = Progress {
        own: Own {
            source: recipe.source.clone(),
            config: state.config,
            settings: settings.clone(),
        },
        seed: recipe.seed,
        n_steps: state.step,
        secs: state.secs,
    };
    progress.packed(TRAINING_KIND, &state.tensors, &state.losses, 1)
}

impl Checkpoint {
    /// Writes it, and beside it the model: `out` is the place of both without their endings. Returns
    /// the files.
    ///
    /// # Errors
    /// When `out` is a folder or the disk takes nothing more; files of before are left as they were.
    pub fn write(&self, squeezer: &Squeezer, out: &Path) -> Result<Vec<PathBuf>> {
        let files = Files::beside(out, "model")?;
        let settings = &self.recipe.settings;
        save(&files, &self.recipe, settings, &self.state, squeezer)?;
        Ok(files.all())
    }

    /// Reads what training wrote, and checks it before anything is made after it.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let file: CheckpointFile<Own> = CheckpointFile::read(path, "an autoencoder", 1)?;
        let config = file.progress.own.config;
        if !config.is_sound() {
            return Err(file.senseless());
        }
        file.must_have(&training::wanted(&config.tensors()))?;
        let Progress {
            own,
            seed,
            n_steps,
            secs,
        } = file.progress;
        let recipe = Recipe {
            d_code: config.d_code,
            side: config.side,
            width: config.width,
            settings: own.settings,
            seed,
            ..Recipe::new(own.source)
        };
        let state = State {
            config,
            step: n_steps,
            secs,
            losses: file.losses,
            tensors: file.tensors,
        };
        Ok(Self { recipe, state })
    }
}
