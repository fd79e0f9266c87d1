//! Finding a model and its tokenizer, and making them ready to answer.

use super::LoadedText;
use super::session::Session;
use crate::device;
use crate::files::embedded;
use crate::files::hyperparameters::Hyperparameters;
use crate::files::manifest;
use crate::files::vocabulary::{Vocabulary, builtin};
use crate::files::weights::WeightFile;
use crate::labs::compute::Compute;
use crate::labs::tokenizer::Tokenizer;
use crate::models::{self, NotFinite};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

/// The larger model that comes with Glassbox, by its name in models/manifest.toml.
pub const LARGE: &str = "smollm2";

/// The small model inside the program itself, which is always there.
pub const EMBEDDED: &str = embedded::NAME;

/// The smallest model inside the program: it sorts letters, and can be seen whole.
pub const SMALLEST: &str = embedded::SORT_NAME;

/// The most tokens of context there is room for here, whatever a file promises: a cache for the
/// 131,072 tokens that some promise would fill the memory.
const MOST_CTX: usize = 8192;

/// The size of GPT-2's vocabulary, by which a file without one is known.
const GPT2_VOCAB_SIZE: usize = 50_257;

/// What to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// [`LARGE`] where it is present, else [`EMBEDDED`].
    Default,
    /// A model of models/manifest.toml, or one that is built in: [`EMBEDDED`], [`SMALLEST`].
    Named(String),
    /// A weight file, or a folder that holds one.
    Path(PathBuf),
}

impl Source {
    /// What a person wrote: the name of a model that comes with Glassbox, or a path.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text == LARGE || embedded::is_language_model(text) {
            Self::Named(text.into())
        } else {
            Self::Path(text.into())
        }
    }
}

/// How far loading is.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadProgress {
    /// What is being done.
    pub label: String,
    /// How far, 0..=1.
    pub fraction: f32,
}

/// A file that was found, under the name it is shown by.
pub(in crate::labs) struct Found {
    pub name: String,
    pub file: WeightFile,
    pub vocabulary: Option<Vocabulary>,
    provenance: Vec<String>,
}

/// Loads a model and its tokenizer. `emit` hears how far it is and may stop it.
///
/// # Errors
/// When there is no such model, its file does not hold, its architecture is not one that runs here,
/// or `emit` broke.
pub fn load(
    source: &Source,
    folders: &[PathBuf],
    compute: Compute,
    emit: &mut dyn FnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Arc<LoadedText>> {
    compute.set_threads();
    let chosen = device::choose(compute.device)?;
    let mut found = find(source, folders)?;
    let label = format!("Loading {}", found.name);
    let mut progress = |fraction| {
        let label = label.clone();
        emit(LoadProgress { label, fraction })
    };
    let (model, not_finite) = models::load_and_look(&found.file, &chosen.device, &mut progress)?;
    found.provenance.extend(warning(&not_finite));
    let config = model.config().clone();
    let n_ctx = config.n_ctx.min(MOST_CTX);
    let session = Session::new(&model, n_ctx)?;
    found
        .provenance
        .push(format!("Runs on {}. {}", chosen.name, chosen.why));
    if n_ctx < config.n_ctx {
        found.provenance.push(format!(
            "It was made for {} tokens of context; there is room for {n_ctx} here.",
            config.n_ctx
        ));
    }
    let tokenizer = tokenizer(&mut found, config.vocab_size)?;
    let path = found
        .file
        .is_on_disk()
        .then(|| found.file.path().to_owned());
    let memory_bytes = found.file.file_bytes() + session.bytes();
    Ok(Arc::new(LoadedText {
        name: found.name,
        path,
        provenance: found.provenance,
        config,
        tokenizer,
        n_ctx,
        memory_bytes,
        model,
        session: Mutex::new(session),
        n_passes: AtomicU64::new(0),
    }))
}

/// Whether a model that comes with Glassbox is on this machine.
#[must_use]
pub fn is_present(name: &str, folders: &[PathBuf]) -> bool {
    embedded::is_language_model(name)
        || manifest::resolve(name, folders).is_ok_and(|path| path.is_file())
}

/// The file a source means, and its vocabulary; nothing is loaded.
pub(in crate::labs) fn find(source: &Source, folders: &[PathBuf]) -> Result<Found> {
    match source {
        Source::Default if is_present(LARGE, folders) => find_named(LARGE, folders),
        Source::Default => find_named(EMBEDDED, folders),
        Source::Named(name) => find_named(name, folders),
        Source::Path(path) => find_path(path),
    }
}

/// What a person must know of a model some of whose weights are no numbers.
fn warning(not_finite: &[NotFinite]) -> Option<String> {
    let first = not_finite.first()?;
    let n: u64 = not_finite.iter().map(|tensor| tensor.n).sum();
    let others = match not_finite.len() - 1 {
        0 => String::new(),
        1 => " and one more tensor".to_owned(),
        n => format!(" and {n} more tensors"),
    };
    Some(format!(
        "Warning: {n} of its weights are no numbers (NaN or infinite), in `{}`{others}. What it \
         writes may mean nothing; get the file again from where it was published.",
        first.tensor
    ))
}

/// The tokenizer of what was found, with what a person should know about it.
fn tokenizer(found: &mut Found, vocab_size: usize) -> Result<Option<Tokenizer>> {
    let Some(vocabulary) = found.vocabulary.take() else {
        found.provenance.push(
            "It came without a tokenizer: prompts and answers are lists of token ids.".into(),
        );
        return Ok(None);
    };
    let n_tokens = vocabulary.tokens.len();
    if n_tokens > vocab_size {
        return Err(Refusal::unchanged(
            format!("The vocabulary does not fit “{}”", found.name),
            format!("It has {n_tokens} tokens; the model knows {vocab_size}."),
            "Put the model's own tokenizer.json beside it.",
        ));
    }
    if n_tokens < vocab_size {
        found.provenance.push(format!(
            "The last {} of its {vocab_size} ids have no token.",
            vocab_size - n_tokens
        ));
    }
    Tokenizer::new(vocabulary).map(Some)
}

fn find_named(name: &str, folders: &[PathBuf]) -> Result<Found> {
    if let Some((file, vocabulary)) = embedded::language_model(name)? {
        let made = if name == SMALLEST {
            "It is built into the program; `glassbox train lm --recipe sort` made it. It reads six \
             letters, A, B or C, and writes the same six in order."
        } else {
            "It is built into the program; `glassbox train lm` made it from little stories."
        };
        return Ok(Found {
            name: name.into(),
            file,
            vocabulary: Some(vocabulary),
            provenance: vec![made.into()],
        });
    }
    let mut found = find_path(&manifest::resolve(name, folders)?)?;
    found.name = name.into();
    Ok(found)
}

fn find_path(path: &Path) -> Result<Found> {
    let file = WeightFile::open(&weights_in(path))?;
    let mut provenance = vec![format!("Read from {}.", file.path().display())];
    let mut vocabulary = Vocabulary::of_model(&file)?;
    if vocabulary.is_none() && vocab_size(&file) == Some(GPT2_VOCAB_SIZE) {
        vocabulary = builtin::open("gpt2").transpose()?;
        provenance.push(
            "It came without a tokenizer; its 50,257 tokens are GPT-2's, which Glassbox brings."
                .into(),
        );
    }
    if let Some(vocabulary) = &vocabulary {
        provenance.extend(vocabulary.assumed.iter().cloned());
    }
    Ok(Found {
        name: file.name().to_owned(),
        file,
        vocabulary,
        provenance,
    })
}

/// The weight file a path means: itself, or the usual one of a folder.
fn weights_in(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let usual = ["model.safetensors", "model.safetensors.index.json"];
    let usual = usual.iter().map(|name| path.join(name));
    let own = || {
        let entries = std::fs::read_dir(path).ok()?;
        let mut files: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
        files.sort();
        files.into_iter().find(|file| {
            file.extension()
                .is_some_and(|e| e == "gguf" || e == "safetensors")
        })
    };
    let mut usual = usual.filter(|path| path.is_file());
    usual.next().or_else(own).unwrap_or_else(|| path.to_owned())
}

fn vocab_size(file: &WeightFile) -> Option<usize> {
    let numbers = Hyperparameters::of(file).ok()?;
    Some(numbers.vocab_size)
}
