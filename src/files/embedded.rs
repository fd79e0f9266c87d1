//! The models and the word vectors inside the program itself: they answer where no file can be found.

use super::vocabulary::Vocabulary;
use super::weights::WeightFile;
use crate::refusal::Result;

/// The model's name in models/manifest.toml.
pub const NAME: &str = "stories";
/// The name there of the model that sorts letters.
pub const SORT_NAME: &str = "sort";
/// The word vectors' name there.
pub const VECTORS_NAME: &str = "glove";

/// The name there of the judge of faces.
pub const JUDGE_OF_FACES_NAME: &str = "judge-faces";
/// The name there of the judge of digits.
pub const JUDGE_OF_DIGITS_NAME: &str = "judge-digits";
/// The name there of the judge of phrases of music.
pub const JUDGE_OF_PHRASES_NAME: &str = "judge-phrases";
/// The name there of the generator of faces.
pub const GENERATOR_NAME: &str = "faces";
/// The name there of the network that takes noise out of faces.
pub const DENOISER_NAME: &str = "diffusion-faces";
/// The name there of the network that makes phrases of music out of noise.
pub const DENOISER_OF_SOUNDS_NAME: &str = "diffusion-sounds";

const WEIGHTS: &[u8] = include_bytes!("../../models/stories.safetensors");
const TOKENIZER: &[u8] = include_bytes!("../../models/stories.tokenizer.json");
const SORT: &[u8] = include_bytes!("../../models/sort.safetensors");
const SORT_TOKENIZER: &[u8] = include_bytes!("../../models/sort.tokenizer.json");
const VECTORS: &[u8] = include_bytes!("../../models/glove.safetensors");
const JUDGE_OF_FACES: &[u8] = include_bytes!("../../models/judge_faces.safetensors");
const JUDGE_OF_DIGITS: &[u8] = include_bytes!("../../models/judge_digits.safetensors");
const GENERATOR: &[u8] = include_bytes!("../../models/gan_faces.safetensors");
const DENOISER: &[u8] = include_bytes!("../../models/diffusion_faces.safetensors");
const DENOISER_OF_SOUNDS: &[u8] = include_bytes!("../../models/diffusion_sounds.safetensors");
const JUDGE_OF_PHRASES: &[u8] = include_bytes!("../../models/judge_phrases.safetensors");

/// The generator of faces, which `labs::gan::faces` reads.
///
/// # Errors
/// None in a program that passed its tests.
pub fn generator_of_faces() -> Result<WeightFile> {
    WeightFile::from_bytes(GENERATOR_NAME, GENERATOR)
}

/// The network that takes noise out of faces, which `labs::diffusion` reads.
///
/// # Errors
/// None in a program that passed its tests.
pub fn denoiser_of_faces() -> Result<WeightFile> {
    WeightFile::from_bytes(DENOISER_NAME, DENOISER)
}

/// The network that makes spectrograms of phrases out of noise, which `labs::diffusion` reads.
///
/// # Errors
/// None in a program that passed its tests.
pub fn denoiser_of_sounds() -> Result<WeightFile> {
    WeightFile::from_bytes(DENOISER_OF_SOUNDS_NAME, DENOISER_OF_SOUNDS)
}

/// The judge of phrases of music, which `labs::judge` reads.
///
/// # Errors
/// None in a program that passed its tests.
pub fn judge_of_phrases() -> Result<WeightFile> {
    WeightFile::from_bytes(JUDGE_OF_PHRASES_NAME, JUDGE_OF_PHRASES)
}

/// The judge of faces, which `labs::judge` reads.
///
/// # Errors
/// None in a program that passed its tests.
pub fn judge_of_faces() -> Result<WeightFile> {
    WeightFile::from_bytes(JUDGE_OF_FACES_NAME, JUDGE_OF_FACES)
}

/// The judge of digits.
///
/// # Errors
/// None in a program that passed its tests.
pub fn judge_of_digits() -> Result<WeightFile> {
    WeightFile::from_bytes(JUDGE_OF_DIGITS_NAME, JUDGE_OF_DIGITS)
}

/// The word vectors' file, which `word_vectors` reads.
///
/// # Errors
/// None in a program that passed its tests.
pub fn vectors() -> Result<WeightFile> {
    WeightFile::from_bytes(VECTORS_NAME, VECTORS)
}

/// Whether a language model of this name is inside the program.
#[must_use]
pub fn is_language_model(name: &str) -> bool {
    matches!(name, NAME | SORT_NAME)
}

/// The model's weights, read in place.
///
/// # Errors
/// None in a program that passed its tests.
pub fn weights() -> Result<WeightFile> {
    WeightFile::from_bytes(NAME, WEIGHTS)
}

/// The model's vocabulary.
///
/// # Errors
/// None in a program that passed its tests.
pub fn vocabulary() -> Result<Vocabulary> {
    Vocabulary::from_bytes(NAME, TOKENIZER)
}

/// The weights and the vocabulary of the language model of this name; `None` where none is inside.
///
/// # Errors
/// None in a program that passed its tests.
pub fn language_model(name: &str) -> Result<Option<(WeightFile, Vocabulary)>> {
    Ok(match name {
        NAME => Some((weights()?, vocabulary()?)),
        SORT_NAME => {
            let weights = WeightFile::from_bytes(SORT_NAME, SORT)?;
            let vocabulary = Vocabulary::from_bytes(SORT_NAME, SORT_TOKENIZER)?;
            Some((weights, vocabulary))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::manifest;
    use crate::files::weights::TensorEntry;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_embedded_bytes_are_those_of_the_manifest() {
        for (name, file, bytes) in [
            (NAME, "stories.safetensors", WEIGHTS),
            (SORT_NAME, "sort.safetensors", SORT),
            (VECTORS_NAME, "glove.safetensors", VECTORS),
            (GENERATOR_NAME, "gan_faces.safetensors", GENERATOR),
            (DENOISER_NAME, "diffusion_faces.safetensors", DENOISER),
            (
                DENOISER_OF_SOUNDS_NAME,
                "diffusion_sounds.safetensors",
                DENOISER_OF_SOUNDS,
            ),
            (
                JUDGE_OF_PHRASES_NAME,
                "judge_phrases.safetensors",
                JUDGE_OF_PHRASES,
            ),
            (
                JUDGE_OF_FACES_NAME,
                "judge_faces.safetensors",
                JUDGE_OF_FACES,
            ),
            (
                JUDGE_OF_DIGITS_NAME,
                "judge_digits.safetensors",
                JUDGE_OF_DIGITS,
            ),
        ] {
            let entry = manifest::entry(name).unwrap();
            assert!(entry.built_in && !entry.fetch);
            assert_eq!(entry.file, file);
            assert_eq!(entry.bytes, bytes.len() as u64);
            let published = entry.sha256.as_bytes().chunks_exact(2);
            let published = published.map(|hex| {
                let hex = std::str::from_utf8(hex).unwrap();
                u8::from_str_radix(hex, 16).unwrap()
            });
            assert!(published.eq(Sha256::digest(bytes)));
        }
        assert!(WEIGHTS.len() + TOKENIZER.len() <= 4_000_000);
        assert!(SORT.len() <= 400_000);
        assert!(VECTORS.len() <= 6_000_000);
        assert!(GENERATOR.len() <= 4_000_000);
        assert!(DENOISER.len() <= 8_000_000);
        assert!(JUDGE_OF_FACES.len().max(JUDGE_OF_DIGITS.len()) <= 600_000);
    }

    #[test]
    fn weights_and_vocabulary_fit_each_other() {
        let (weights, vocabulary) = (weights().unwrap(), vocabulary().unwrap());
        let rows = weights.get("wte.weight").unwrap().shape[0];
        assert_eq!(rows, vocabulary.tokens.len());
        assert_eq!(vocabulary.eos, [1023]);
        let n_weights: u64 = weights.tensors.iter().map(TensorEntry::n_elements).sum();
        assert_eq!(n_weights, 1_442_240);
    }
}
