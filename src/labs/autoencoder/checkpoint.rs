//! What a training leaves on disk: the model for use, and all that going on needs.
//!
//! Each file is written beside its place and then moved there, so that a power cut leaves the old one.

use super::{Recipe, Settings, Source, Squeezer, State};
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::labs::writing::{Names, make_place, write_whole};
use crate::models::autoencoder::Config;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a model's file says it is.
pub const KIND: &str = "autoencoder";
/// The key it says that under.
pub const KIND_KEY: &str = "glassbox.kind";
/// The same of a checkpoint.
const TRAINING_KIND: &str = "autoencoder training";
/// The tensor of a checkpoint that holds the loss of every step.
const LOSSES: &str = "losses";
/// No checkpoint has seen more steps.
const MAX_STEPS: usize = 100_000_000;

/// A checkpoint as read: what was being trained, and how far it was.
#[derive(Debug)]
pub struct Checkpoint {
    /// As it was; its ends and its files are those of whoever goes on.
    pub recipe: Recipe,
    /// Where it stopped.
    pub state: State,
}

/// Where training stands, as a checkpoint's metadata keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    source: Source,
    config: Config,
    settings: Settings,
    seed: u64,
    n_steps: usize,
    secs: f64,
}

/// The files of one training, named after `-o PATH`.
#[derive(Debug, Clone)]
pub(super) struct Files {
    model: PathBuf,
    checkpoint: PathBuf,
}

impl Files {
    /// `out` with or without its `.safetensors`.
    pub(super) fn beside(out: &Path) -> Result<Self> {
        let names = Names::after(out, "model")?;
        Ok(Self {
            model: names.with(".safetensors"),
            checkpoint: names.with(".checkpoint"),
        })
    }

    /// Hours of work must find a place.
    pub(super) fn try_writing(&self) -> Result<()> {
        make_place(&self.model)
    }

    /// All of them, in the order written.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        vec![self.model.clone(), self.checkpoint.clone()]
    }

    /// Writes the model and the checkpoint.
    pub(super) fn save(
        &self,
        recipe: &Recipe,
        settings: &Settings,
        state: &State,
        squeezer: &Squeezer,
    ) -> Result<()> {
        let told = |refusal: Refusal| {
            Refusal {
            meaning: "What was saved before is still there; what was learned since is not on the disk yet. Training goes on, and saves again later.".to_owned(),
            ..refusal
        }
        };
        write_whole(&self.model, &model_file(recipe, squeezer)?).map_err(told)?;
        let file = checkpoint_file(recipe, settings, state)?;
        write_whole(&self.checkpoint, &file).map_err(told)
    }
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
        ("source", words(&recipe.source)),
        ("seed", recipe.seed.to_string()),
        ("steps", about.step.to_string()),
        ("license", license(&recipe.source).to_owned()),
    ];
    pack(&metadata, &tensors, Precision::F16)
}

fn checkpoint_file(recipe: &Recipe, settings: &Settings, state: &State) -> Result<Vec<u8>> {
    let progress = Progress {
        source: recipe.source.clone(),
        config: state.config,
        settings: settings.clone(),
        seed: recipe.seed,
        n_steps: state.step,
        secs: state.secs,
    };
    let progress = serde_json::to_string(&progress).map_err(|error| cannot_describe(&error))?;
    let metadata = [(KIND_KEY, TRAINING_KIND.to_owned()), ("progress", progress)];
    let tensors = state.tensors.iter();
    let tensors = tensors.map(|(name, shape, values)| tensor(name, shape, values));
    let losses = tensor(LOSSES, &[state.losses.len()], &state.losses);
    let tensors: Vec<(String, Tensor)> = tensors.chain([losses]).collect::<Result<_>>()?;
    pack(&metadata, &tensors, Precision::F32)
}

fn tensor(name: &str, shape: &[usize], values: &[f32]) -> Result<(String, Tensor)> {
    let tensor = Tensor::from_slice(values, shape, &Device::Cpu);
    let tensor = tensor.map_err(|error| math_refusal(&error))?;
    Ok((name.to_owned(), tensor))
}

impl Checkpoint {
    /// Writes it, and beside it the model: `out` is the place of both without their endings. Returns
    /// the files.
    ///
    /// # Errors
    /// When `out` is a folder or the disk takes nothing more; files of before are left as they were.
    pub fn write(&self, squeezer: &Squeezer, out: &Path) -> Result<Vec<PathBuf>> {
        let files = Files::beside(out)?;
        files.save(&self.recipe, &self.recipe.settings, &self.state, squeezer)?;
        Ok(files.all())
    }

    /// Reads what training wrote, and checks it before anything is made after it.
    ///
    /// # Errors
    /// When the file is not a checkpoint, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let file = WeightFile::open(path)?;
        let wrong = |evidence: &str| not_a_checkpoint(path, evidence);
        let progress = file.meta("progress").and_then(MetaValue::as_str);
        let progress = progress.ok_or_else(|| wrong("It says nothing about a training."))?;
        let progress: Progress = serde_json::from_str(progress)
            .map_err(|error| wrong(&format!("Its account of the training: {error}.")))?;
        let secs = progress.secs;
        if !progress.config.is_sound()
            || !secs.is_finite()
            || secs < 0.0
            || progress.n_steps > MAX_STEPS
        {
            return Err(wrong("Its account of the training makes no sense."));
        }
        let mut state = State {
            config: progress.config,
            step: progress.n_steps,
            secs,
            ..State::default()
        };
        for entry in &file.tensors {
            let values = file.f32s(entry)?;
            if entry.name == LOSSES {
                state.losses = values;
            } else {
                let tensor = (entry.name.clone(), entry.shape.clone(), values);
                state.tensors.push(tensor);
            }
        }
        if state.losses.len() != state.step {
            return Err(wrong("Its account of the steps contradicts itself."));
        }
        let wanted = state.wanted();
        if let Some((name, shape)) = wanted.iter().find(|(name, shape)| !state.has(name, shape)) {
            let evidence =
                format!("Its `{name}` is not there, or does not have the shape {shape:?}.");
            return Err(wrong(&evidence));
        }
        let recipe = Recipe {
            d_code: state.config.d_code,
            side: state.config.side,
            width: state.config.width,
            settings: progress.settings,
            seed: progress.seed,
            ..Recipe::new(progress.source)
        };
        Ok(Self { recipe, state })
    }
}

impl State {
    /// The weights that must be there, with their shapes.
    fn wanted(&self) -> Vec<(String, Vec<usize>)> {
        let of = |prefix: &'static str| {
            let tensors = self.config.tensors().into_iter();
            tensors.map(move |(name, shape)| (format!("{prefix}.{name}"), shape))
        };
        ["network", "average", "adam.mean", "adam.square"]
            .into_iter()
            .flat_map(of)
            .collect()
    }

    fn has(&self, name: &str, shape: &[usize]) -> bool {
        self.tensors.iter().any(|(n, s, _)| n == name && s == shape)
    }
}

/// What was learned from, for a model's metadata: no path of anybody's.
fn words(source: &Source) -> String {
    let by = "trained by `glassbox train autoencoder` on";
    match source {
        Source::Faces => format!("{by} the 4,000 faces that Glassbox ships"),
        Source::FacesFolder(_) => {
            format!("{by} faces drawn by Glassbox's assets/faces/draw_faces.mjs")
        }
        Source::Digits => format!("{by} the 8,000 digits that Glassbox ships"),
        Source::Folder(_) => format!("{by} a person's own pictures"),
    }
}

/// Ours where the pictures are ours; a person's own stay theirs.
fn license(source: &Source) -> &'static str {
    match source {
        Source::Folder(_) => "as the pictures it was trained on",
        _ => "MIT OR Apache-2.0",
    }
}

fn not_a_checkpoint(path: &Path, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} is not a checkpoint to go on from", path.display()),
        evidence,
        "Give the .checkpoint file that a training of an autoencoder wrote beside its model.",
    )
}

fn cannot_describe(error: &serde_json::Error) -> Refusal {
    Refusal::unchanged(
        "The checkpoint could not be written",
        format!("{error}."),
        "Choose numbers for the settings that are numbers.",
    )
}
