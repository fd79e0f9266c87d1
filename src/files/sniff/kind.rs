//! The kinds of file that are told apart, and what is said of each.

use crate::refusal::Refusal;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // `name` says each in words.
pub enum Kind {
    Gguf,
    GgufBigEndian,
    Safetensors,
    ShardIndex,
    TokenizerJson,
    ModelConfig,
    IdsByToken,
    Json,
    TiktokenRanks,
    Merges,
    SentencePiece,
    WordVectors,
    Word2VecBinary,
    PytorchZip,
    Zip,
    Pickle,
    Npy,
    Npz,
    Hdf5,
    LegacyGgml,
    SevenZip,
    Png,
    Jpeg,
    Gif,
    Wav,
    Mp3,
    Flac,
    Ogg,
    GitLfsPointer,
    Html,
    Text,
    Empty,
    Unknown,
}

impl Kind {
    /// What it is, in words that fit "it is …".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gguf => "a GGUF model",
            Self::GgufBigEndian => "a big-endian GGUF model",
            Self::Safetensors => "a safetensors file",
            Self::ShardIndex => "the index of a model in several safetensors files",
            Self::TokenizerJson => "a tokenizer.json (a vocabulary)",
            Self::ModelConfig => "a model's config.json",
            Self::IdsByToken => "a vocabulary's token ids (encoder.json or vocab.json)",
            Self::Json => "a JSON file",
            Self::TiktokenRanks => "a vocabulary of tiktoken ranks",
            Self::Merges => "a vocabulary's merges (vocab.bpe or merges.txt)",
            Self::SentencePiece => "a SentencePiece vocabulary",
            Self::WordVectors => "word vectors as text",
            Self::Word2VecBinary => "word vectors (word2vec binary)",
            Self::PytorchZip => "PyTorch weights (zip)",
            Self::Zip => "a zip archive",
            Self::Pickle => "a Python pickle",
            Self::Npy => "a NumPy array",
            Self::Npz => "NumPy arrays (npz)",
            Self::Hdf5 => "an HDF5 file (Keras)",
            Self::LegacyGgml => "a GGML model of before August 2023",
            Self::SevenZip => "a 7-Zip archive",
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::Gif => "a GIF picture",
            Self::Wav => "a WAV sound",
            Self::Mp3 => "an MP3 sound",
            Self::Flac => "a FLAC sound",
            Self::Ogg => "an Ogg sound",
            Self::GitLfsPointer => "a Git LFS pointer, not the file it stands for",
            Self::Html => "a web page",
            Self::Text => "plain text",
            Self::Empty => "an empty file",
            Self::Unknown => "nothing Glassbox knows",
        }
    }

    /// Its container, as a card says it.
    #[must_use]
    pub const fn format(self) -> &'static str {
        match self {
            Self::Gguf | Self::GgufBigEndian => "GGUF",
            Self::Safetensors => "safetensors",
            Self::ShardIndex => "safetensors index",
            Self::TokenizerJson => "tokenizer.json",
            Self::ModelConfig | Self::IdsByToken | Self::Json => "JSON",
            Self::TiktokenRanks => "tiktoken ranks",
            Self::Merges => "BPE merges",
            Self::SentencePiece => "SentencePiece",
            Self::WordVectors | Self::GitLfsPointer | Self::Text => "text",
            Self::Word2VecBinary => "word2vec",
            Self::PytorchZip | Self::Zip => "zip",
            Self::Pickle => "pickle",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Hdf5 => "HDF5",
            Self::LegacyGgml => "GGML",
            Self::SevenZip => "7z",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Wav => "WAV",
            Self::Mp3 => "MP3",
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg",
            Self::Html => "HTML",
            Self::Empty => "empty",
            Self::Unknown => "unknown",
        }
    }

    /// The refusal of a file called `name` (safe to show) where `wanted` was needed.
    #[must_use]
    pub fn refusal(self, name: &str, wanted: &str) -> Refusal {
        Refusal::unchanged(
            format!("`{name}` is not {wanted}."),
            format!("By its first bytes it is {}.", self.name()),
            self.next(),
        )
    }

    fn next(self) -> &'static str {
        match self {
            Self::GitLfsPointer => {
                "Run `git lfs pull` where it came from, or download the file itself from its web page."
            }
            Self::Html => {
                "The site answered with a page (a login, an error) instead of the file: download it \
                 again in a browser, signed in if need be."
            }
            Self::Empty => "The download or copy did not work: do it again.",
            Self::LegacyGgml | Self::GgufBigEndian => {
                "Download a little-endian GGUF file of the same model."
            }
            Self::PytorchZip | Self::Pickle => {
                "Look for the same model as .safetensors or .gguf, which hold no program code."
            }
            Self::Zip | Self::SevenZip => "Unpack it, and open the model inside.",
            Self::ModelConfig
            | Self::TokenizerJson
            | Self::IdsByToken
            | Self::Merges
            | Self::SentencePiece => {
                "Open the weight file beside it: one that ends in .gguf or .safetensors."
            }
            _ => "Choose another file.",
        }
    }
}
