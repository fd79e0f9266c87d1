//! What a training of a diffusion model leaves on disk: the model for use, and all that going on needs.

use super::{Recipe, Settings, Source, State};
use crate::algo::diffusion::{Prediction, Schedule};
use crate::labs::diffusion::captions::Attribute;
use crate::labs::diffusion::loading::{KIND, KIND_KEY, accounts};
use crate::labs::training::{self, CheckpointFile, Files, Progress, cannot_describe};
use crate::labs::writing::safetensors::Precision;
use crate::models::unet::Config;
use crate::refusal::Result;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a checkpoint's file says it is.
pub const TRAINING_KIND: &str = "diffusion training";

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
    schedule: Schedule,
    prediction: Prediction,
    attributes: Vec<Attribute>,
    settings: Settings,
}

/// Writes the model and the checkpoint.
pub(super) fn save(
    files: &Files,
    recipe: &Recipe,
    settings: &Settings,
    state: &State,
) -> Result<()> {
    let model = model_file(recipe, state)?;
    files.save(&model, &checkpoint_file(recipe, settings, state)?)
}

/// The model for use, f16 or eight bits, with all that is to be known about it.
pub(super) fn model_file(recipe: &Recipe, state: &State) -> Result<Vec<u8>> {
    let about = accounts(
        &state.config,
        &state.schedule,
        state.prediction,
        &state.attributes,
    );
    let about = about.map_err(|error| cannot_describe(&error))?;
    let more = [
        ("format", "pt".to_owned()),
        (KIND_KEY, KIND.to_owned()),
        ("source", recipe.source.words()),
        ("seed", recipe.seed.to_string()),
        ("steps", state.step.to_string()),
        ("license", recipe.source.license().to_owned()),
    ];
    let about: Vec<(&str, String)> = more.into_iter().chain(about).collect();
    let precision = match recipe.source {
        // The one that ships must be small, and eight bits are as good for it.
        Source::Phrases(_) => Precision::I8,
        _ => Precision::F16,
    };
    training::packed(&about, &state.tensors, "average.", precision)
}

fn checkpoint_file(recipe: &Recipe, settings: &Settings, state: &State) -> Result<Vec<u8>> {
    let progress = Progress {
        own: Own {
            source: recipe.source.clone(),
            config: state.config.clone(),
            schedule: state.schedule.clone(),
            prediction: state.prediction,
            attributes: state.attributes.clone(),
            settings: settings.clone(),
        },
        seed: recipe.seed,
        n_steps: state.step,
        secs: state.secs,
    };
    progress.packed(TRAINING_KIND, &state.tensors, &state.losses, 1)
}

impl Checkpoint {
    /// Writes it, and the model beside it: `out` is the place of both without their endings. Returns
    /// the files.
    ///
    /// # Errors
    /// When `out` is a folder or the disk takes nothing more; files of before are left as they were.
    pub fn write(&self, out: &Path) -> Result<Vec<PathBuf>> {
        let files = Files::beside(out, "model")?;
        save(&files, &self.recipe, &self.recipe.settings, &self.state)?;
        Ok(files.all())
    }

    /// Reads what training wrote, and checks it before anything is made after it.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let file: CheckpointFile<Own> = CheckpointFile::read(path, "a diffusion model", 1)?;
        let own = &file.progress.own;
        let n_values = own.attributes.iter().map(|a| a.values.len() + 1);
        if !own.config.is_sound() || !n_values.eq(own.config.conditions.iter().copied()) {
            return Err(file.senseless());
        }
        file.must_have(&training::wanted(&own.config.tensors()))?;
        let Progress {
            own,
            seed,
            n_steps,
            secs,
        } = file.progress;
        let recipe = Recipe {
            side: own.config.side,
            patch: own.config.patch,
            widths: own.config.widths,
            schedule: own.schedule.clone(),
            prediction: own.prediction,
            settings: own.settings,
            seed,
            ..Recipe::new(own.source)
        };
        let state = State {
            config: own.config,
            schedule: own.schedule,
            prediction: own.prediction,
            attributes: own.attributes,
            step: n_steps,
            secs,
            losses: file.losses,
            tensors: file.tensors,
        };
        Ok(Self { recipe, state })
    }
}
