//! What a training of a GAN leaves on disk: the generator for use, and all that going on needs.

use super::{Recipe, Settings, Source, State};
use crate::labs::training::{self, CheckpointFile, Files, KIND_KEY, Progress};
use crate::labs::writing::safetensors::Precision;
use crate::models::dcgan::Config;
use crate::refusal::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What a generator's file says it is.
pub const KIND: &str = "gan";
/// What a checkpoint's file says it is.
pub const TRAINING_KIND: &str = "gan training";
/// D's loss and G's.
const N_LOSSES: usize = 2;

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
    spectral_norm: bool,
    n_steps_d: usize,
}

/// Writes the generator and the checkpoint.
pub(super) fn save(
    files: &Files,
    recipe: &Recipe,
    settings: &Settings,
    state: &State,
) -> Result<()> {
    let generator = generator_file(recipe, state)?;
    files.save(&generator, &checkpoint_file(recipe, settings, state)?)
}

/// The generator for use, f16, with all that is to be known about it.
pub(super) fn generator_file(recipe: &Recipe, state: &State) -> Result<Vec<u8>> {
    let about = [
        ("format", "pt".to_owned()),
        (KIND_KEY, KIND.to_owned()),
        ("config", json!(state.config).to_string()),
        ("source", recipe.source.words("gan")),
        ("seed", recipe.seed.to_string()),
        ("steps", state.step.to_string()),
        ("license", recipe.source.license().to_owned()),
    ];
    training::packed(&about, &state.tensors, "average.", Precision::F16)
}

fn checkpoint_file(recipe: &Recipe, settings: &Settings, state: &State) -> Result<Vec<u8>> {
    let progress = Progress {
        own: Own {
            source: recipe.source.clone(),
            config: state.config,
            settings: settings.clone(),
            spectral_norm: state.spectral_norm,
            n_steps_d: state.n_steps_d,
        },
        seed: recipe.seed,
        n_steps: state.step,
        secs: state.secs,
    };
    let losses = state.losses.as_flattened();
    progress.packed(TRAINING_KIND, &state.tensors, losses, N_LOSSES)
}

impl Checkpoint {
    /// Writes it, and the generator beside it: `out` is the place of both without their endings.
    /// Returns the files.
    ///
    /// # Errors
    /// When `out` is a folder or the disk takes nothing more; files of before are left as they were.
    pub fn write(&self, out: &Path) -> Result<Vec<PathBuf>> {
        let files = Files::beside(out, "generator")?;
        save(&files, &self.recipe, &self.recipe.settings, &self.state)?;
        Ok(files.all())
    }

    /// Reads what training wrote, and checks it before anything is made after it.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let file: CheckpointFile<Own> = CheckpointFile::read(path, "a GAN", N_LOSSES)?;
        let config = file.progress.own.config;
        if !config.is_sound() {
            return Err(file.senseless());
        }
        file.must_have(&wanted(&config))?;
        let Progress {
            own,
            seed,
            n_steps,
            secs,
        } = file.progress;
        let recipe = Recipe {
            side: config.side,
            width: config.width,
            d_z: config.d_z,
            settings: own.settings,
            seed,
            ..Recipe::new(own.source)
        };
        let pairs = file.losses.chunks_exact(N_LOSSES);
        let state = State {
            config,
            spectral_norm: own.spectral_norm,
            step: n_steps,
            n_steps_d: own.n_steps_d,
            secs,
            losses: pairs.map(|pair| [pair[0], pair[1]]).collect(),
            tensors: file.tensors,
        };
        Ok(Self { recipe, state })
    }
}

/// The weights that must be there, with their shapes: the rest follows from them.
fn wanted(config: &Config) -> Vec<(String, Vec<usize>)> {
    let prefixed = |prefix: &'static str| {
        move |(name, shape): (String, Vec<usize>)| (format!("{prefix}.{name}"), shape)
    };
    let g = config.generator_tensors();
    let d = config.discriminator_tensors();
    let average = g.clone().into_iter().map(prefixed("average"));
    let g = g.into_iter().map(prefixed("g"));
    g.chain(average)
        .chain(d.into_iter().map(prefixed("d")))
        .collect()
}
