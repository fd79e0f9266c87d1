//! What a training leaves on disk: the generator for use, and all that going on needs.
//!
//! Each file is written beside its place and then moved there, so that a power cut leaves the old one.

use super::{Recipe, Settings, Source, State};
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::labs::writing::{Names, make_place, write_whole};
use crate::models::dcgan::Config;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What a generator's file says it is.
pub const KIND: &str = "gan";
/// The key it says that under.
pub const KIND_KEY: &str = "glassbox.kind";
/// The tensor of a checkpoint that holds D's and G's loss of every turn.
const LOSSES: &str = "losses";
/// No checkpoint has more tensors, or tensors for more turns.
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
    spectral_norm: bool,
    n_steps: usize,
    n_steps_d: usize,
    secs: f64,
}

/// The files of one training, named after `-o PATH`.
#[derive(Debug, Clone)]
pub(super) struct Files {
    generator: PathBuf,
    checkpoint: PathBuf,
}

impl Files {
    /// `out` with or without its `.safetensors`.
    pub(super) fn beside(out: &Path) -> Result<Self> {
        let names = Names::after(out, "generator")?;
        Ok(Self {
            generator: names.with(".safetensors"),
            checkpoint: names.with(".checkpoint"),
        })
    }

    /// Hours of work must find a place.
    pub(super) fn try_writing(&self) -> Result<()> {
        make_place(&self.generator)
    }

    /// All of them, in the order written.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        vec![self.generator.clone(), self.checkpoint.clone()]
    }

    /// Writes the generator and the checkpoint.
    pub(super) fn save(&self, recipe: &Recipe, settings: &Settings, state: &State) -> Result<()> {
        let told = |refusal: Refusal| {
            Refusal {
            meaning: "What was saved before is still there; what was learned since is not on the disk yet. Training goes on, and saves again later.".to_owned(),
            ..refusal
        }
        };
        write_whole(&self.generator, &generator_file(recipe, state)?).map_err(told)?;
        let file = checkpoint_file(recipe, settings, state)?;
        write_whole(&self.checkpoint, &file).map_err(told)
    }
}

/// The generator for use, f16, with all that is to be known about it.
pub(super) fn generator_file(recipe: &Recipe, state: &State) -> Result<Vec<u8>> {
    let average = state.tensors.iter().filter_map(|(name, shape, values)| {
        let name = name.strip_prefix("average.")?;
        Some(tensor(name, shape, values))
    });
    let average: Vec<(String, Tensor)> = average.collect::<Result<_>>()?;
    let config = json!(state.config).to_string();
    let metadata = [
        ("format", "pt".to_owned()),
        (KIND_KEY, KIND.to_owned()),
        ("config", config),
        ("source", recipe.source.words()),
        ("seed", recipe.seed.to_string()),
        ("steps", state.step.to_string()),
        ("license", recipe.source.license().to_owned()),
    ];
    pack(&metadata, &average, Precision::F16)
}

fn checkpoint_file(recipe: &Recipe, settings: &Settings, state: &State) -> Result<Vec<u8>> {
    let progress = Progress {
        source: recipe.source.clone(),
        config: state.config,
        settings: settings.clone(),
        seed: recipe.seed,
        spectral_norm: state.spectral_norm,
        n_steps: state.step,
        n_steps_d: state.n_steps_d,
        secs: state.secs,
    };
    let progress = serde_json::to_string(&progress).map_err(|error| cannot_describe(&error))?;
    let metadata = [
        (KIND_KEY, "gan training".to_owned()),
        ("progress", progress),
    ];
    let losses = (LOSSES, [state.losses.len(), 2], state.losses.as_flattened());
    let tensors = state.tensors.iter();
    let tensors = tensors.map(|(name, shape, values)| tensor(name, shape, values));
    let tensors = tensors.chain([tensor(losses.0, &losses.1, losses.2)]);
    let tensors: Vec<(String, Tensor)> = tensors.collect::<Result<_>>()?;
    pack(&metadata, &tensors, Precision::F32)
}

fn tensor(name: &str, shape: &[usize], values: &[f32]) -> Result<(String, Tensor)> {
    let tensor = Tensor::from_slice(values, shape, &Device::Cpu);
    Ok((
        name.to_owned(),
        tensor.map_err(|error| math_refusal(&error))?,
    ))
}

impl Checkpoint {
    /// Writes it, and the generator beside it: `out` is the place of both without their endings.
    /// Returns the files.
    ///
    /// # Errors
    /// When `out` is a folder or the disk takes nothing more; files of before are left as they were.
    pub fn write(&self, out: &Path) -> Result<Vec<PathBuf>> {
        let files = Files::beside(out)?;
        files.save(&self.recipe, &self.recipe.settings, &self.state)?;
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
        let Progress { config, secs, .. } = progress;
        if !config.is_sound() || !secs.is_finite() || secs < 0.0 || progress.n_steps > MAX_STEPS {
            return Err(wrong("Its account of the training makes no sense."));
        }
        let mut state = State {
            config,
            spectral_norm: progress.spectral_norm,
            step: progress.n_steps,
            n_steps_d: progress.n_steps_d,
            secs,
            ..State::default()
        };
        for entry in &file.tensors {
            let values = file.f32s(entry)?;
            if entry.name == LOSSES {
                let pairs = values.chunks_exact(2);
                state.losses = pairs.map(|pair| [pair[0], pair[1]]).collect();
            } else {
                let tensor = (entry.name.clone(), entry.shape.clone(), values);
                state.tensors.push(tensor);
            }
        }
        if state.losses.len() != state.step {
            return Err(wrong("Its account of the turns contradicts itself."));
        }
        let wanted = state.wanted();
        if let Some((name, shape)) = wanted.iter().find(|(name, shape)| !state.has(name, shape)) {
            let evidence =
                format!("Its `{name}` is not there, or does not have the shape {shape:?}.");
            return Err(wrong(&evidence));
        }
        let recipe = Recipe {
            side: config.side,
            width: config.width,
            d_z: config.d_z,
            settings: progress.settings,
            seed: progress.seed,
            ..Recipe::new(progress.source)
        };
        Ok(Self { recipe, state })
    }
}

impl State {
    /// The weights that must be there, with their shapes: the rest follows from them.
    fn wanted(&self) -> Vec<(String, Vec<usize>)> {
        let prefixed = |prefix: &'static str| {
            move |(name, shape): (String, Vec<usize>)| (format!("{prefix}.{name}"), shape)
        };
        let g = self.config.generator_tensors();
        let d = self.config.discriminator_tensors();
        let average = g.clone().into_iter().map(prefixed("average"));
        let g = g.into_iter().map(prefixed("g"));
        g.chain(average)
            .chain(d.into_iter().map(prefixed("d")))
            .collect()
    }

    fn has(&self, name: &str, shape: &[usize]) -> bool {
        self.tensors.iter().any(|(n, s, _)| n == name && s == shape)
    }
}

impl Source {
    /// What was learned from, for a model's metadata: no path of anybody's.
    pub(super) fn words(&self) -> String {
        let by = "trained by `glassbox train gan` on";
        match self {
            Self::Faces => format!("{by} the 4,000 faces that Glassbox ships"),
            Self::FacesFolder(_) => {
                format!("{by} faces drawn by Glassbox's assets/faces/draw_faces.mjs")
            }
            Self::Digits => format!("{by} the 8,000 digits that Glassbox ships"),
            Self::Folder(_) => format!("{by} a person's own pictures"),
        }
    }

    /// Ours where the pictures are ours; a person's own stay theirs.
    pub(super) fn license(&self) -> &'static str {
        match self {
            Self::Folder(_) => "as the pictures it was trained on",
            _ => "MIT OR Apache-2.0",
        }
    }
}

fn not_a_checkpoint(path: &Path, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} is not a checkpoint to go on from", path.display()),
        evidence,
        "Give the .checkpoint file that a training on pictures wrote beside its model.",
    )
}

fn cannot_describe(error: &serde_json::Error) -> Refusal {
    Refusal::unchanged(
        "The checkpoint could not be written",
        format!("{error}."),
        "Choose numbers for the settings that are numbers.",
    )
}
