//! Weight files: named tensors and the keys that describe them, from GGUF or safetensors, in one
//! file, in shards, or in memory.

use super::metadata::MetaValue;
use super::source::Source;
use super::weight_type::WeightType;
use super::{gguf, safetensors, shards, shown, sniff};
use crate::refusal::{Refusal, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

pub use super::metadata::MetaArray;

/// The container a weight file uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// GGUF of this version.
    Gguf(u32),
    /// safetensors.
    Safetensors,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gguf(version) => write!(f, "GGUF {version}"),
            Self::Safetensors => f.write_str("safetensors"),
        }
    }
}

/// One tensor, as its file's header describes it. Every number was checked against the file.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorEntry {
    /// Its name.
    pub name: String,
    /// Row-major, outermost dimension first (GGUF writes the reverse).
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub dtype: WeightType,
    /// Which of the file's shards holds it.
    pub shard: usize,
    /// Its first byte, counted from the start of its shard.
    pub offset: u64,
    /// Its bytes.
    pub n_bytes: u64,
}

impl TensorEntry {
    /// How many numbers it has.
    #[must_use]
    pub fn n_elements(&self) -> u64 {
        self.shape.iter().map(|&d| d as u64).product()
    }
}

/// What the reader of one container hands over.
#[derive(Debug)]
pub(super) struct Header {
    pub format: Format,
    pub metadata: Vec<(String, MetaValue)>,
    pub tensors: Vec<TensorEntry>,
}

/// A weight file whose header has been read and checked; weights are read when asked for.
#[derive(Debug)]
pub struct WeightFile {
    /// The container.
    pub format: Format,
    /// Its own keys, in file order.
    pub metadata: Vec<(String, MetaValue)>,
    /// Its tensors, in file order.
    pub tensors: Vec<TensorEntry>,
    /// The `config.json` beside a safetensors file, or under its metadata key `config`.
    pub config: Option<serde_json::Value>,
    sources: Vec<Source>,
    by_name: HashMap<String, usize>,
}

impl WeightFile {
    /// Reads and checks the header of the GGUF or safetensors file at `path`, known by its first
    /// bytes; an `index.json` and the shards it names are read as one file.
    ///
    /// # Errors
    /// A refusal that says what does not hold.
    pub fn open(path: &Path) -> Result<Self> {
        let source = Source::open(path)?;
        match sniff::sniff(&source)? {
            sniff::Kind::Gguf => shards::open_gguf(source),
            sniff::Kind::Safetensors => {
                let header = safetensors::read(&source)?;
                let config = safetensors::config_of(&source, &header)?;
                Self::of_shards(vec![(source, header)], config)
            }
            sniff::Kind::ShardIndex => shards::open_index(&source),
            kind => Err(kind.refusal(source.name(), "a weight file (GGUF or safetensors)")),
        }
    }

    /// As [`WeightFile::open`], from bytes in memory (`&'static [u8]` or `Vec<u8>`).
    ///
    /// # Errors
    /// A refusal that says what does not hold.
    pub fn from_bytes(name: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self> {
        Self::open_source(Source::from_bytes(name, bytes))
    }

    /// One file, whether on disk or in memory, without the others of a split.
    pub(super) fn open_source(source: Source) -> Result<Self> {
        let header = match sniff::sniff(&source)? {
            sniff::Kind::Gguf => gguf::read(&source)?,
            sniff::Kind::Safetensors => safetensors::read(&source)?,
            kind => {
                return Err(kind.refusal(source.name(), "a weight file (GGUF or safetensors)"));
            }
        };
        let config = safetensors::config_of(&source, &header)?;
        Self::of_shards(vec![(source, header)], config)
    }

    /// Joins shards that have been read one by one; metadata is the first shard's.
    pub(super) fn of_shards(
        shards: Vec<(Source, Header)>,
        config: Option<serde_json::Value>,
    ) -> Result<Self> {
        let mut sources = Vec::with_capacity(shards.len());
        let mut format = Format::Safetensors;
        let mut metadata = Vec::new();
        let mut tensors: Vec<TensorEntry> = Vec::new();
        let mut by_name = HashMap::new();
        for (shard, (source, header)) in shards.into_iter().enumerate() {
            if shard == 0 {
                (format, metadata) = (header.format, header.metadata);
            }
            for mut tensor in header.tensors {
                tensor.shard = shard;
                if let Some(earlier) = by_name.insert(tensor.name.clone(), tensors.len()) {
                    let earlier: &TensorEntry = &tensors[earlier];
                    return Err(source.damaged(
                        "weight",
                        format!(
                            "Two tensors are called `{}`{}.",
                            shown::shown(&earlier.name),
                            if earlier.shard == shard {
                                ""
                            } else {
                                ", in two shards"
                            }
                        ),
                    ));
                }
                tensors.push(tensor);
            }
            sources.push(source);
        }
        Ok(Self {
            format,
            metadata,
            tensors,
            config,
            sources,
            by_name,
        })
    }

    /// The name of the file (of its first shard), safe to show.
    #[must_use]
    pub fn name(&self) -> &str {
        self.sources.first().map_or("", Source::name)
    }

    /// The path of the file (of its first shard); for bytes in memory, its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.sources.first().map_or(Path::new(""), Source::path)
    }

    /// Its (first) file once more, opened anew where it is on disk.
    ///
    /// # Errors
    /// It is not there any more.
    pub(super) fn source_again(&self) -> Result<Source> {
        match self.sources.first() {
            Some(source) if source.is_file() => Source::open(source.path()),
            Some(source) => Ok(Source::from_bytes(
                source.name(),
                source.read(0, source.len())?.into_owned(),
            )),
            None => Ok(Source::from_bytes("", Vec::new())),
        }
    }

    /// Whether it is on disk, so that other files may be beside it.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.sources.first().is_some_and(Source::is_file)
    }

    /// Bytes of all shards together.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.sources.iter().map(Source::len).sum()
    }

    /// How many files it is in.
    #[must_use]
    pub fn n_shards(&self) -> usize {
        self.sources.len()
    }

    /// The tensor called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&TensorEntry> {
        self.by_name.get(name).map(|&i| &self.tensors[i])
    }

    /// The value of the metadata key `key`.
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<&MetaValue> {
        self.metadata.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Numbers in all tensors.
    #[must_use]
    pub fn n_parameters(&self) -> u64 {
        self.tensors
            .iter()
            .fold(0, |n, t| n.saturating_add(t.n_elements()))
    }

    /// The bytes of `tensor` as they are in the file; borrowed where the file is in memory.
    ///
    /// # Errors
    /// The file was cut or changed since it was opened, or cannot be read.
    pub fn bytes(&self, tensor: &TensorEntry) -> Result<Cow<'_, [u8]>> {
        let source = self.sources.get(tensor.shard).ok_or_else(|| {
            Refusal::unchanged(
                "A tensor was asked of the wrong file.",
                format!(
                    "`{}` is in a shard that is not open.",
                    shown::shown(&tensor.name)
                ),
                "Open the model again.",
            )
        })?;
        source.read(tensor.offset, tensor.n_bytes)
    }

    /// The numbers of `tensor`, row-major, whatever they are stored as.
    ///
    /// # Errors
    /// As [`WeightFile::bytes`].
    pub fn f32s(&self, tensor: &TensorEntry) -> Result<Vec<f32>> {
        let bytes = self.bytes(tensor)?;
        super::dequantize::to_f32s(tensor.dtype, &bytes).map_err(|evidence| {
            Refusal::unchanged(
                format!("`{}` cannot be read.", self.name()),
                format!("Tensor `{}`: {evidence}", shown::shown(&tensor.name)),
                "Choose another file.",
            )
        })
    }
}
