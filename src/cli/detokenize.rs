//! `glassbox detokenize`: token ids to text.

use super::batch;
use super::common::Common;
use super::output::Report;
use crate::labs::tokenizer::Tokenizer;
use crate::refusal::{Refusal, Result};
use serde::Serialize;

/// What `detokenize` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Token ids, with spaces or commas between, or - for standard input
    #[arg(
        value_name = "ID",
        required_unless_present = "batch",
        conflicts_with = "batch",
        allow_negative_numbers = true
    )]
    ids: Vec<String>,
    /// gpt2, cl100k, o200k, the name of a model, or a file: tokenizer.json, ranks of tiktoken, GGUF,
    /// vocab.bpe or merges.txt
    #[arg(long, default_value = "gpt2", value_name = "NAME|PATH")]
    vocab: String,
    /// One JSON array of ids per line in, one JSON document per line out
    #[arg(long, value_name = "FILE|-")]
    batch: Option<String>,
}

/// Decodes the ids, or every line of a batch.
///
/// # Errors
/// A vocabulary that cannot be read, or an id it does not have.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let tokenizer = Tokenizer::open(&args.vocab)?;
    if let Some(source) = &args.batch {
        return batch::answer_lines(source, common, |ids: Vec<u32>| {
            batch::line(&decode(&tokenizer, &ids)?)
        });
    }
    let mut ids = Vec::new();
    for argument in &args.ids {
        parse(&common.text_or_stdin(argument)?, &mut ids)?;
    }
    let decoded = decode(&tokenizer, &ids)?;
    if common.json {
        common.write_json(&decoded);
    } else {
        common.say(&decoded.text);
        common.say("\n");
    }
    Ok(Report::printed())
}

/// A character that is cut shows as U+FFFD in `text`; `bytes` are exact.
#[derive(Debug, Serialize)]
struct Decoded {
    text: String,
    bytes: Vec<u8>,
}

fn decode(tokenizer: &Tokenizer, ids: &[u32]) -> Result<Decoded> {
    let bytes = tokenizer.decode(ids)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Decoded { text, bytes })
}

/// `1 2 3`, `1,2,3` or `[1, 2, 3]`.
fn parse(text: &str, ids: &mut Vec<u32>) -> Result<()> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']');
    for word in text.split(is_between).filter(|word| !word.is_empty()) {
        let id = word.parse().map_err(|_| {
            Refusal::unchanged(
                format!("“{word}” is not a token id"),
                "Ids are whole numbers from 0 on.",
                "Write ids with spaces or commas between them: 15496 995.",
            )
        })?;
        ids.push(id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn ids_become_text_and_exact_bytes() {
        let tokenizer = Tokenizer::open("gpt2").unwrap();
        let whole = decode(&tokenizer, &[15496, 995]).unwrap();
        assert_eq!(
            serde_json::to_string(&whole).unwrap(),
            r#"{"text":"Hello world","bytes":[72,101,108,108,111,32,119,111,114,108,100]}"#
        );
        // The first byte of a character alone.
        let cut = decode(&tokenizer, &[127]).unwrap();
        assert_eq!((cut.text.as_str(), cut.bytes.len()), ("\u{fffd}", 1));
    }

    #[test]
    fn ids_are_read_with_spaces_commas_or_as_json() {
        let mut ids = Vec::new();
        parse("[15496, 995]\n7,8", &mut ids).unwrap();
        assert_eq!(ids, [15496, 995, 7, 8]);
        for wrong in ["-1", "4294967296", "1.5", "x"] {
            assert!(parse(wrong, &mut ids).unwrap_err().what.contains(wrong));
        }
    }

    #[test]
    fn options_may_come_after_the_ids() {
        let parse = |words: &str| super::super::Cli::try_parse_from(words.split(' '));
        for right in ["1 2 --json", "--vocab cl100k 1 2", "- --json", "1 -- -1"] {
            assert!(
                parse(&format!("glassbox detokenize {right}")).is_ok(),
                "{right}"
            );
        }
        for wrong in ["--jsno", "1 --vocab", "1 --batch -"] {
            let error = parse(&format!("glassbox detokenize {wrong}")).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong}");
        }
    }
}
