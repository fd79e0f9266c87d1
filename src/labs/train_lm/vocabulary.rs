//! The vocabulary that training learns from its text, as `tokenizer.json` and as ids.

use crate::algo::bpe::Bpe;
use crate::algo::bpe_learn::{self, Learned};
use crate::algo::split::Split;
use crate::labs::bpe_learning;
use crate::refusal::{Refusal, Result};
use serde_json::Value;
use std::collections::HashMap;

/// The token that ends a text, as GPT-2 has it.
pub const END_OF_TEXT: &str = "<|endoftext|>";

/// The vocabulary is learned from the first so many bytes: more would not make it another one.
const MAX_BYTES: usize = 8 << 20;
/// A longer piece without a space is no word; it is learned from in parts.
const MAX_WORD_BYTES: usize = 256;

/// A learned vocabulary with its encoder; what was encoded once is remembered.
#[derive(Debug)]
pub struct Encoder {
    learned: Learned,
    bpe: Bpe,
    seen: HashMap<Vec<u8>, Vec<u32>>,
}

impl Encoder {
    /// Learns `vocab_size` tokens from texts: 256 bytes, merges, and the end of text.
    pub fn learn<'a>(texts: impl IntoIterator<Item = &'a str>, vocab_size: usize) -> Result<Self> {
        let mut left = MAX_BYTES;
        let pieces = texts
            .into_iter()
            .flat_map(|text| text.split(END_OF_TEXT))
            .flat_map(|text| Split::Gpt2.pieces(text).map(|range| text[range].as_bytes()))
            .take_while(|piece| {
                left = left.saturating_sub(piece.len());
                left > 0
            })
            .flat_map(|piece| piece.chunks(MAX_WORD_BYTES));
        Self::new(bpe_learn::learn(pieces, vocab_size.saturating_sub(257)))
    }

    /// The encoder of merges learned before.
    pub fn from_pairs(pairs: &[(u32, u32)]) -> Result<Self> {
        let mut tokens: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![byte]).collect();
        let mut merges = Vec::with_capacity(pairs.len());
        for &(left, right) in pairs {
            let parts = [tokens.get(left as usize), tokens.get(right as usize)];
            let [Some(first), Some(second)] = parts else {
                return Err(broken("One of its merges joins tokens that come after it."));
            };
            let bytes = [&first[..], second].concat();
            if bytes.len() > MAX_WORD_BYTES {
                return Err(broken(
                    "One of its tokens is longer than any that is learned.",
                ));
            }
            merges.push((left, right, tokens.len() as u32));
            tokens.push(bytes);
        }
        let counts = vec![0; merges.len()];
        Self::new(Learned {
            tokens,
            merges,
            counts,
        })
    }

    fn new(learned: Learned) -> Result<Self> {
        let bpe = Bpe::new(&learned.tokens, &learned.merges)?;
        Ok(Self {
            learned,
            bpe,
            seen: HashMap::new(),
        })
    }

    /// Every merge's pair, in the order learned.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        self.learned
            .merges
            .iter()
            .map(|&(left, right, _)| (left, right))
    }

    /// Tokens in all, the end of text included.
    pub fn vocab_size(&self) -> usize {
        self.learned.tokens.len() + 1
    }

    /// The id that ends a text: the last.
    pub fn end_of_text(&self) -> u32 {
        self.learned.tokens.len() as u32
    }

    /// Appends the ids of `text`, in which nothing is special.
    pub fn encode(&mut self, text: &str, ids: &mut Vec<u32>) {
        for range in Split::Gpt2.pieces(text) {
            let piece = text[range].as_bytes();
            if let Some(known) = self.seen.get(piece) {
                ids.extend_from_slice(known);
                continue;
            }
            let mut merged = Vec::new();
            self.bpe.encode(piece, &mut merged);
            ids.extend_from_slice(&merged);
            self.seen.insert(piece.to_vec(), merged);
        }
    }

    /// The bytes of `ids`; the end of text has none.
    pub fn decode(&self, ids: &[u32]) -> Vec<u8> {
        let tokens = ids
            .iter()
            .filter_map(|&id| self.learned.tokens.get(id as usize));
        tokens.flatten().copied().collect()
    }

    /// The vocabulary as Hugging Face's `tokenizers` reads it.
    pub fn tokenizer_json(&self) -> Value {
        let specials = [END_OF_TEXT];
        bpe_learning::tokenizer_json(&self.learned.tokens, self.pairs(), Split::Gpt2, &specials)
    }
}

fn broken(evidence: &str) -> Refusal {
    Refusal::unchanged(
        "The checkpoint's vocabulary is broken",
        evidence,
        "Begin again without --resume.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::story_grammar::StoryGrammar;
    use crate::rng::Rng;

    #[test]
    fn hugging_faces_tokenizers_reads_the_file_and_gives_the_same_ids() {
        let (grammar, mut rng) = (StoryGrammar::default(), Rng::new(0, "test"));
        let stories: Vec<String> = (0..300).map(|_| grammar.story(&mut rng)).collect();
        let mut encoder = Encoder::learn(stories.iter().map(String::as_str), 1024).unwrap();
        assert_eq!(encoder.vocab_size(), 1024);
        let file = encoder.tokenizer_json().to_string();
        let theirs: tokenizers::Tokenizer = file.parse().unwrap();
        let odd = "Tab\tand  spaces \n\n caf\u{e9} \u{1f600} \u{4f60}\u{597d} 12345 don't";
        for text in stories.iter().map(String::as_str).take(50).chain([odd]) {
            let mut ids = Vec::new();
            encoder.encode(text, &mut ids);
            assert_eq!(ids, theirs.encode(text, false).unwrap().get_ids());
            assert_eq!(encoder.decode(&ids), text.as_bytes());
        }
        assert_eq!(theirs.token_to_id(END_OF_TEXT), Some(1023));
    }

    #[test]
    fn the_pairs_alone_bring_the_encoder_back() {
        let mut first = Encoder::learn(["the cat and the hat and the bat"], 270).unwrap();
        let pairs: Vec<_> = first.pairs().collect();
        let mut second = Encoder::from_pairs(&pairs).unwrap();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        first.encode("that hat", &mut a);
        second.encode("that hat", &mut b);
        assert_eq!(a, b);
        assert!(Encoder::from_pairs(&[(0, 300)]).is_err());
    }
}
