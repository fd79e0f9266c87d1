//! The inspect card: what a file is and what it can do here, from its headers alone.

use super::embedded;
use super::hyperparameters::{self, ARCHITECTURES, Hyperparameters};
use super::metadata::MetaValue;
use super::png_text;
use super::shown::{count, shortened, shown};
use super::sniff::{self, Kind};
use super::source::Source;
use super::vocabulary::{Vocabulary, hexadecimal};
use super::weight_type::WeightType;
use super::weights::WeightFile;
use super::word_vectors::outline_of_tensors;
use crate::refusal::{Refusal, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

mod folder;
mod pictures;
mod sounds;
mod vocabulary;
mod word_vectors;

/// Positions that the card reckons a cache for, where the model has as many.
pub const DEFAULT_CONTEXT: usize = 2048;
/// Keys shown; a file may have thousands.
const MAX_KEYS_SHOWN: usize = 500;

/// What is known of a file without reading its weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Where it is.
    pub path: PathBuf,
    /// In plain words: "language model", "vocabulary", "not a file Glassbox knows".
    pub kind: String,
    /// The container: "GGUF 3", "safetensors", …
    pub format: String,
    /// "llama", "gpt2", …, as the file says it.
    pub architecture: Option<String>,
    /// Numbers in all weights.
    pub n_parameters: u64,
    /// How many tensors have each number format, most frequent first.
    pub dtype_counts: Vec<(String, usize)>,
    /// How many tensors there are.
    pub n_tensors: usize,
    /// The file's own keys and their values, shortened, in file order.
    pub metadata: Vec<(String, String)>,
    /// Memory needed to run it here, in bytes, KV cache for the default context included.
    pub memory_bytes: u64,
    /// Names of the tabs that can use it.
    pub usable_as: Vec<String>,
    /// What a person should know: why it cannot be used, what will be converted, …
    pub notes: Vec<String>,
}

impl Card {
    /// Looks at the headers of the file at `path`. A model that cannot run here still has a card,
    /// whose notes say why; so has a folder with pictures in it.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or is nothing that could be opened: empty, a web page, a
    /// Git LFS pointer.
    pub fn of(path: &Path) -> Result<Self> {
        if path.is_dir()
            && let Some(card) = Self::of_folder(path)?
        {
            return Ok(card);
        }
        let source = Source::open(path)?;
        let kind = sniff::sniff(&source)?;
        match kind {
            Kind::Gguf | Kind::Safetensors | Kind::ShardIndex => {
                let file = WeightFile::open(path)?;
                Ok(Self::of_weights(path, &file, Vocabulary::of_model(&file)))
            }
            Kind::TokenizerJson
            | Kind::TiktokenRanks
            | Kind::Merges
            | Kind::IdsByToken
            | Kind::SentencePiece => Ok(Self::of_vocabulary(path, kind, &Vocabulary::open(path)?)),
            Kind::WordVectors | Kind::Word2VecBinary | Kind::Npy => {
                Self::of_word_vectors(path, &source, kind)
            }
            Kind::Empty
            | Kind::Html
            | Kind::GitLfsPointer
            | Kind::LegacyGgml
            | Kind::GgufBigEndian => {
                Err(kind.refusal(source.name(), "something that can be opened"))
            }
            Kind::Wav | Kind::Flac | Kind::Mp3 | Kind::Ogg => Self::of_sound(path, kind),
            Kind::Png => {
                let mut card = Self::of_other(path, kind, source.len());
                card.describe_texts(&png_text::of_file(path)?);
                card.describe_picture_of_sound()?;
                Ok(card)
            }
            _ => Ok(Self::of_other(path, kind, source.len())),
        }
    }

    /// The card of a language model that is built into the program; `None` where none has this name.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn of_built_in(name: &str) -> Result<Option<Self>> {
        let Some((file, vocabulary)) = embedded::language_model(name)? else {
            return Ok(None);
        };
        let mut card = Self::of_weights(Path::new(name), &file, Ok(Some(vocabulary)));
        card.notes.insert(0, "It is built into the program.".into());
        Ok(Some(card))
    }

    fn empty(path: &Path, kind: &str, format: String) -> Self {
        Self {
            path: path.to_owned(),
            kind: kind.to_owned(),
            format,
            architecture: None,
            n_parameters: 0,
            dtype_counts: Vec::new(),
            n_tensors: 0,
            metadata: Vec::new(),
            memory_bytes: 0,
            usable_as: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn of_weights(path: &Path, file: &WeightFile, vocabulary: Result<Option<Vocabulary>>) -> Self {
        let mut card = Self::empty(path, "weights", file.format.to_string());
        card.architecture = hyperparameters::architecture(file).map(|name| shown(&name));
        card.n_parameters = file.n_parameters();
        card.n_tensors = file.tensors.len();
        card.dtype_counts = dtype_counts(file);
        card.metadata = shown_metadata(file);
        card.memory_bytes = weights_in_memory(file);
        if file.n_shards() > 1 {
            card.notes
                .push(format!("It is in {} files.", file.n_shards()));
        }
        if file.tensors.is_empty() {
            card.kind = "vocabulary".into();
            card.notes.push("It holds no weights.".to_owned());
        } else if card.describe_pictures(file) {
            return card;
        } else if let Some(outline) = outline_of_tensors(file) {
            card.describe_word_vectors(&outline);
            return card;
        } else {
            card.describe_model(file);
        }
        card.describe_vocabulary(vocabulary);
        card
    }

    /// A language model that runs here, or why it does not.
    fn describe_model(&mut self, file: &WeightFile) {
        let is_decoder = self.architecture.is_some() && has_blocks(file);
        if is_decoder {
            self.kind = "language model".into();
        }
        match Hyperparameters::of(file) {
            Ok(h) => {
                self.memory_bytes = self.memory_bytes.saturating_add(cache_bytes(&h));
                self.usable_as.push("text".to_owned());
                self.notes.push(format!(
                    "{} blocks, {} heads{}, width {}, context {}, {} tokens.",
                    h.n_layers,
                    h.n_heads,
                    if h.n_kv_heads == h.n_heads {
                        String::new()
                    } else {
                        format!(" ({} for keys and values)", h.n_kv_heads)
                    },
                    count(h.d_model as u64),
                    count(h.n_ctx as u64),
                    count(h.vocab_size as u64)
                ));
                self.notes.extend(h.assumed);
                self.notes.extend(conversion_note(file));
            }
            Err(refusal) => {
                self.notes.push(refusal.evidence);
                self.notes.push(format!(
                    "It cannot run here. Architectures that run: {}.",
                    ARCHITECTURES.join(", ")
                ));
            }
        }
    }

    fn describe_vocabulary(&mut self, vocabulary: Result<Option<Vocabulary>>) {
        match vocabulary {
            Ok(Some(vocabulary)) => {
                self.usable_as.push("tokenizer".to_owned());
                let missing = vocabulary.missing_bytes();
                if (1..256).contains(&missing.len()) {
                    self.notes.push(format!(
                        "It has no token for {} bytes: {}.",
                        missing.len(),
                        hexadecimal(&missing)
                    ));
                }
                self.notes.push(vocabulary::note(&vocabulary));
                self.notes.extend(vocabulary.assumed);
            }
            Ok(None) if self.usable_as.is_empty() => {}
            Ok(None) => self.notes.push(
                "It has no vocabulary, inside or beside it: it takes token ids, or text of a \
                 vocabulary you choose."
                    .to_owned(),
            ),
            Err(Refusal { what, evidence, .. }) => {
                self.notes
                    .push(format!("{what} {evidence} It takes token ids only."));
            }
        }
    }

    fn of_vocabulary(path: &Path, kind: Kind, vocabulary: &Vocabulary) -> Self {
        let mut card = Self::empty(path, "vocabulary", kind.format().to_owned());
        card.usable_as.push("tokenizer".to_owned());
        card.metadata = vocabulary::numbers(vocabulary);
        card.memory_bytes = vocabulary.tokens.iter().map(|t| t.len() as u64 + 56).sum();
        card.notes.push(vocabulary::note(vocabulary));
        card.notes.extend(vocabulary.assumed.clone());
        card.notes.push("Use it in the Tokenizer tab.".to_owned());
        card
    }

    fn of_other(path: &Path, kind: Kind, len: u64) -> Self {
        let plain = match kind {
            Kind::Png | Kind::Jpeg | Kind::Gif => "picture",
            Kind::PytorchZip | Kind::Pickle | Kind::Npz | Kind::Hdf5 => "weights",
            Kind::Text => "text",
            _ => "not a file Glassbox knows",
        };
        let mut card = Self::empty(path, plain, kind.format().to_owned());
        card.metadata.push(("bytes".to_owned(), len.to_string()));
        let next = kind.refusal("", "").next;
        card.notes.push(match kind {
            Kind::Text => {
                "It is text: the Tokenizer tab encodes it, or learns a vocabulary from it.".into()
            }
            Kind::Png | Kind::Jpeg => {
                "The Images tab puts noise on it, or begins another picture with it.".into()
            }
            _ => format!("It is {}. No tab can use it yet. {next}", kind.name()),
        });
        if matches!(kind, Kind::Png | Kind::Jpeg) {
            card.usable_as.push("images".to_owned());
        }
        card
    }
}

fn dtype_counts(file: &WeightFile) -> Vec<(String, usize)> {
    let mut counts: Vec<(WeightType, usize)> = Vec::new();
    for tensor in &file.tensors {
        match counts.iter_mut().find(|(dtype, _)| *dtype == tensor.dtype) {
            Some((_, n)) => *n += 1,
            None => counts.push((tensor.dtype, 1)),
        }
    }
    counts.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    let named = counts.into_iter().map(|(dtype, n)| (dtype.to_string(), n));
    named.collect()
}

fn shown_metadata(file: &WeightFile) -> Vec<(String, String)> {
    let mut shown_keys: Vec<(String, String)> = file
        .metadata
        .iter()
        .take(MAX_KEYS_SHOWN)
        .map(|(key, value)| (shown(key), value.to_string()))
        .collect();
    if let Some(more) = file
        .metadata
        .len()
        .checked_sub(MAX_KEYS_SHOWN)
        .filter(|&n| n > 0)
    {
        shown_keys.push(("…".to_owned(), format!("{more} more keys")));
    }
    if let Some(serde_json::Value::Object(config)) = &file.config
        && file
            .meta("config")
            .is_none_or(|c| !matches!(c, MetaValue::Text(_)))
    {
        for (key, value) in config.iter().take(MAX_KEYS_SHOWN) {
            let value = shortened(&value.to_string(), 240);
            shown_keys.push((format!("config.json: {}", shown(key)), value));
        }
    }
    shown_keys
}

/// Bytes of the weights once loaded: matrices in blocks that multiply fast stay as they are, other
/// blocks become `Q8_0`, plain numbers become f32.
fn weights_in_memory(file: &WeightFile) -> u64 {
    file.tensors.iter().fold(0, |sum, tensor| {
        let n = tensor.n_elements();
        sum.saturating_add(match tensor.dtype {
            WeightType::Q4_0 | WeightType::Q4_1 | WeightType::Q8_0 => tensor.n_bytes,
            dtype if dtype.is_quantized() => (n / 32).saturating_mul(34),
            _ => n.saturating_mul(4),
        })
    })
}

/// Keys and values, f32, of [`DEFAULT_CONTEXT`] positions or what the model has.
fn cache_bytes(h: &Hyperparameters) -> u64 {
    let numbers = [
        2,
        h.n_layers,
        h.n_kv_heads,
        h.d_head,
        h.n_ctx.min(DEFAULT_CONTEXT),
    ];
    numbers
        .iter()
        .fold(4, |n: u64, &by| n.saturating_mul(by as u64))
}

fn conversion_note(file: &WeightFile) -> Option<String> {
    let slow = file.tensors.iter().filter(|tensor| {
        tensor.dtype.is_quantized()
            && !matches!(
                tensor.dtype,
                WeightType::Q4_0 | WeightType::Q4_1 | WeightType::Q8_0
            )
    });
    let n_slow = slow.count();
    (n_slow > 0).then(|| {
        format!("{n_slow} tensors are rounded to 8 bits (Q8_0) when it is loaded, which computes faster.")
    })
}

fn has_blocks(file: &WeightFile) -> bool {
    ["blk.0.", "model.layers.0.", "h.0.", "transformer.h.0."]
        .iter()
        .any(|prefix| file.tensors.iter().any(|t| t.name.starts_with(prefix)))
}
