//! The vocabularies that ship inside the program, so that they always work. They are kept compressed:
//! most of a table of ranks is base64, which gzip halves.

use super::{Vocabulary, tiktoken};
use crate::refusal::{Refusal, Result};
use flate2::read::GzDecoder;
use std::io::Read as _;

/// Their names: GPT-2's, GPT-4's and GPT-4o's.
pub const NAMES: [&str; 3] = ["gpt2", "cl100k", "o200k"];

/// More than any of them holds.
const MAX_BYTES: u64 = 8 << 20;

/// The built-in vocabulary of that name. OpenAI's tables, byte for byte as published once they are
/// unpacked, from the `tiktoken-rs` crate (MIT).
#[must_use]
pub fn open(name: &str) -> Option<Result<Vocabulary>> {
    let packed = packed(name)?;
    Some(unpacked(name, packed).and_then(|ranks| tiktoken::read(name, &ranks)))
}

/// The table as it ships.
fn packed(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "gpt2" => include_bytes!("../../../assets/vocabularies/r50k_base.tiktoken.gz"),
        "cl100k" => include_bytes!("../../../assets/vocabularies/cl100k_base.tiktoken.gz"),
        "o200k" => include_bytes!("../../../assets/vocabularies/o200k_base.tiktoken.gz"),
        _ => return None,
    })
}

/// The table as it was published.
fn unpacked(name: &str, packed: &[u8]) -> Result<Vec<u8>> {
    let mut ranks = Vec::with_capacity(packed.len() * 3);
    let mut decoder = GzDecoder::new(packed).take(MAX_BYTES);
    let read = decoder.read_to_end(&mut ranks);
    read.map_err(|error| {
        Refusal::unchanged(
            format!("The vocabulary “{name}” inside Glassbox cannot be unpacked"),
            format!("{error}."),
            "Install Glassbox again, or open the vocabulary from a file.",
        )
    })?;
    Ok(ranks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_tables_are_the_ones_openai_publishes() {
        // The sha256 that tiktoken itself checks (openai_public.py).
        let published = [
            (
                "gpt2",
                "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
            ),
            (
                "cl100k",
                "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
            ),
            (
                "o200k",
                "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
            ),
        ];
        for (name, sha256) in published {
            let ranks = unpacked(name, packed(name).unwrap()).unwrap();
            let digest = Sha256::digest(ranks);
            let expected = (0..64)
                .step_by(2)
                .map(|i| u8::from_str_radix(&sha256[i..i + 2], 16));
            let expected: Vec<u8> = expected.map(|byte| byte.unwrap()).collect();
            assert_eq!(digest[..], expected[..], "{name}");
        }
    }

    #[test]
    fn a_table_that_is_cut_short_is_refused() {
        let whole = packed("gpt2").unwrap();
        let refusal = unpacked("gpt2", &whole[..whole.len() / 2]).unwrap_err();
        assert!(refusal.what.contains("cannot be unpacked"), "{refusal}");
    }

    #[test]
    fn each_has_its_ranks_and_its_special_tokens() {
        let sizes = [
            ("gpt2", 50_257, 1),
            ("cl100k", 100_277, 7),
            ("o200k", 200_019, 2),
        ];
        for (name, n_ids, n_special) in sizes {
            let vocabulary = open(name).unwrap().unwrap();
            assert_eq!(vocabulary.name, name);
            assert_eq!(vocabulary.tokens.len(), n_ids);
            assert_eq!(vocabulary.special_tokens.len(), n_special);
        }
        assert!(open("gpt5").is_none());
    }
}
