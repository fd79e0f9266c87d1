//! What `tokenize` says of a text: as JSON and in words.
//!
//! Both are written while they are made. A text of some megabytes has millions of tokens, and a
//! document of them kept whole would take a thousand times the text.

use crate::labs::tokenizer::{Before, MergeStep, Piece, Specials, Tokenizer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::ops::Range;

/// The merges of a longer word are not listed: their listing grows with its square.
const MAX_STEPS_BYTES: usize = 512;

/// A text, encoded.
pub(super) struct Encoding<'a> {
    tokenizer: &'a Tokenizer,
    vocab: &'a str,
    text: Cow<'a, str>,
    pieces: Vec<Piece>,
    /// The words whose merges are asked for.
    words: Option<Vec<Range<usize>>>,
    left_out: Vec<u8>,
}

impl<'a> Encoding<'a> {
    pub(super) fn new(
        tokenizer: &'a Tokenizer,
        vocab: &'a str,
        text: Cow<'a, str>,
        specials: Specials,
        steps: bool,
    ) -> Self {
        Self {
            pieces: tokenizer.pieces(&text, specials),
            words: steps.then(|| tokenizer.words(&text, specials)),
            left_out: tokenizer.unknown_bytes(&text),
            tokenizer,
            vocab,
            text,
        }
    }

    /// For people: a token per line, then the merges, then how many.
    pub(super) fn in_words(&self, mut say: impl FnMut(&str)) {
        for token in self.tokens() {
            say(&format!("{:>7}  {}\n", token.id, quoted(&token.text)));
        }
        for word in self.words() {
            say(&format!("\n{}\n", quoted(word.text)));
            for merge in word.merges() {
                let pieces: Vec<String> = merge.pieces().map(|piece| quoted(&piece)).collect();
                say(&format!(
                    "  rank {:>6}  {}\n",
                    merge.step.rank,
                    pieces.join(" ")
                ));
            }
            if let Some(note) = word.note() {
                say(&format!("  {note}\n"));
            }
        }
        let (n, n_bytes) = (self.pieces.len(), self.text.len());
        let ratio = n_bytes as f64 / n.max(1) as f64;
        say(&format!(
            "{n} tokens for {n_bytes} bytes: {ratio:.1} bytes a token\n"
        ));
        if !self.left_out.is_empty() {
            say(&format!(
                "left out, as this vocabulary has no token for them: bytes {:?}\n",
                self.left_out
            ));
        }
    }

    fn tokens(&self) -> impl Iterator<Item = Token<'_>> {
        self.pieces.iter().map(|piece| {
            let bytes = self.tokenizer.token_bytes(piece.id);
            Token {
                id: piece.id,
                bytes,
                text: String::from_utf8_lossy(bytes),
                start: piece.start,
                end: piece.end,
            }
        })
    }

    fn words(&self) -> impl Iterator<Item = Word<'_>> {
        let mut end = 0;
        self.words.iter().flatten().map(move |word| {
            // Special tokens are not among the words: they stand where there is a gap.
            let before = match word.start {
                0 => Before::Nothing,
                start if start > end => Before::Special,
                _ => Before::Text,
            };
            end = word.end;
            Word {
                tokenizer: self.tokenizer,
                text: &self.text[word.clone()],
                before,
            }
        })
    }
}

impl Serialize for Encoding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("vocab", self.vocab)?;
        map.serialize_entry("ids", &Each(|| self.pieces.iter().map(|piece| piece.id)))?;
        map.serialize_entry("tokens", &Each(|| self.tokens()))?;
        if self.words.is_some() {
            map.serialize_entry("words", &Each(|| self.words()))?;
        }
        if !self.left_out.is_empty() {
            map.serialize_entry("left_out", &self.left_out)?;
        }
        map.end()
    }
}

/// One token. Part of a character shows as U+FFFD in `text`; `bytes` are exact.
#[derive(serde::Serialize)]
struct Token<'a> {
    id: u32,
    bytes: &'a [u8],
    text: Cow<'a, str>,
    start: usize,
    end: usize,
}

/// One word, whose merges are made as they are asked for.
struct Word<'a> {
    tokenizer: &'a Tokenizer,
    text: &'a str,
    before: Before,
}

impl<'a> Word<'a> {
    fn merges(&self) -> impl Iterator<Item = Merge<'a>> {
        let tokenizer = self.tokenizer;
        let steps = match self.note() {
            Some(_) => Vec::new(),
            None => tokenizer.steps(self.text, self.before),
        };
        steps.into_iter().map(|step| Merge { tokenizer, step })
    }

    fn note(&self) -> Option<String> {
        let n = self.text.len();
        (n > MAX_STEPS_BYTES)
            .then(|| format!("A word of {n} bytes; merges are listed up to {MAX_STEPS_BYTES}."))
    }
}

impl Serialize for Word<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("text", self.text)?;
        map.serialize_entry("merges", &Each(|| self.merges()))?;
        if let Some(note) = self.note() {
            map.serialize_entry("note", &note)?;
        }
        map.end()
    }
}

/// One merge. Parts of characters all show as U+FFFD; the ids tell them apart.
struct Merge<'a> {
    tokenizer: &'a Tokenizer,
    step: MergeStep,
}

impl Merge<'_> {
    fn shown(&self, id: u32) -> Cow<'_, str> {
        String::from_utf8_lossy(self.tokenizer.token_bytes(id))
    }

    fn pieces(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.step.pieces.iter().map(|&id| self.shown(id))
    }
}

impl Serialize for Merge<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let step = &self.step;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("left", &self.shown(step.left))?;
        map.serialize_entry("right", &self.shown(step.right))?;
        map.serialize_entry("rank", &step.rank)?;
        map.serialize_entry("pieces", &Each(|| self.pieces()))?;
        map.serialize_entry("left_id", &step.left)?;
        map.serialize_entry("right_id", &step.right)?;
        map.serialize_entry("id", &step.new)?;
        map.serialize_entry("ids", &step.pieces)?;
        map.end()
    }
}

/// A list that is made while it is written.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// In double quotes, with line breaks and controls visible, as in JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::sync::LazyLock;

    static GPT2: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::open("gpt2").unwrap());

    fn encoding(text: &str, steps: bool) -> Encoding<'_> {
        Encoding::new(&GPT2, "gpt2", text.into(), Specials::AsText, steps)
    }

    fn document(text: &str, steps: bool) -> Value {
        serde_json::to_value(encoding(text, steps)).unwrap()
    }

    fn words(text: &str, steps: bool) -> String {
        let mut words = String::new();
        encoding(text, steps).in_words(|line| words.push_str(line));
        words
    }

    #[test]
    fn the_document_has_the_keys_scripts_rely_on() {
        let written = serde_json::to_string(&encoding(" é", false)).unwrap();
        let expected = r#"{"vocab":"gpt2","ids":[38251],"tokens":[{"id":38251,"bytes":[32,195,169],"text":" é","start":0,"end":3}]}"#;
        assert_eq!(written, expected);
    }

    #[test]
    fn steps_show_each_merge_with_its_rank() {
        // In GPT-2's vocab.bpe "i s" is the merge of rank 15, counted from 0; "Ġ is" comes later.
        let merges = &document(" is", true)["words"][0]["merges"];
        assert_eq!(merges[0]["left"], "i");
        assert_eq!(merges[0]["right"], "s");
        assert_eq!(merges[0]["rank"], 15);
        assert_eq!(merges[0]["pieces"], json!([" ", "is"]));
        assert_eq!(merges[1]["pieces"], json!([" is"]));
        assert_eq!(
            words(" is", true),
            "    318  \" is\"\n\n\" is\"\n  rank     15  \" \" \"is\"\n  rank     62  \" is\"\n1 tokens for 3 bytes: 3.0 bytes a token\n"
        );
    }

    #[test]
    fn a_word_too_long_to_list_says_so() {
        let word = &document(&"a".repeat(600), true)["words"][0];
        assert_eq!(word["merges"], json!([]));
        assert!(word["note"].as_str().unwrap().contains("600 bytes"));
    }

    #[test]
    fn people_see_a_token_per_line() {
        assert_eq!(
            words("Hello world", false),
            "  15496  \"Hello\"\n    995  \" world\"\n2 tokens for 11 bytes: 5.5 bytes a token\n"
        );
        assert_eq!(
            words("", false),
            "0 tokens for 0 bytes: 0.0 bytes a token\n"
        );
    }
}
