//! `glassbox tokenize`: text to token ids, and how the merges got there.

mod encoding;

use super::batch;
use super::common::Common;
use super::output::Report;
use crate::labs::tokenizer::{Specials, Tokenizer};
use crate::refusal::Result;
use encoding::Encoding;
use std::borrow::Cow;

/// What `tokenize` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The text, or - for standard input; after -- any text, even one that reads like an option
    #[arg(
        value_name = "TEXT",
        required_unless_present_any = ["batch", "escaped"],
        conflicts_with_all = ["batch", "escaped"],
        allow_hyphen_values = true,
        value_parser = text_or_typo
    )]
    text: Option<String>,
    /// The text after `--`.
    #[arg(last = true, hide = true, conflicts_with = "batch")]
    escaped: Option<String>,
    /// gpt2, cl100k, o200k, the name of a model, or a file: tokenizer.json, ranks of tiktoken, GGUF,
    /// vocab.bpe or merges.txt
    #[arg(long, default_value = "gpt2", value_name = "NAME|PATH")]
    vocab: String,
    /// Also show every merge of every word, from single bytes on
    #[arg(long)]
    steps: bool,
    /// Let special tokens such as <|endoftext|> in the text be those tokens; otherwise they are text
    #[arg(long)]
    special: bool,
    /// One JSON string per line in, one JSON document per line out
    #[arg(long, value_name = "FILE|-")]
    batch: Option<String>,
}

/// Encodes the text, or every line of a batch.
///
/// # Errors
/// A vocabulary or text that cannot be read.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let tokenizer = Tokenizer::open(&args.vocab)?;
    if let Some(source) = &args.batch {
        return batch::answer_lines(source, common, |text: String| {
            batch::line(&encode(&tokenizer, text.into(), args))
        });
    }
    let text = match &args.escaped {
        Some(text) => text.clone(),
        None => common.text_or_stdin(args.text.as_deref().unwrap_or_default())?,
    };
    for assumed in &tokenizer.vocabulary().assumed {
        common.remark(assumed);
    }
    // Half of an answer is of no use, so Ctrl-C need not wait for one.
    common.stop.while_waiting(|| {
        let encoding = encode(&tokenizer, text.into(), args);
        if common.json {
            common.write_json(&encoding);
        } else {
            common.write_parts(|say| encoding.in_words(say));
        }
    });
    Ok(Report::printed())
}

fn encode<'a>(tokenizer: &'a Tokenizer, text: Cow<'a, str>, args: &'a Args) -> Encoding<'a> {
    let specials = if args.special {
        Specials::Parse
    } else {
        Specials::AsText
    };
    Encoding::new(tokenizer, &args.vocab, text, specials, args.steps)
}

/// `- item` and `-5 degrees` are texts; `--stpes` is an option that does not exist.
fn text_or_typo(argument: &str) -> std::result::Result<String, &'static str> {
    let name = argument.strip_prefix('-').unwrap_or_default();
    let name = name.strip_prefix('-').unwrap_or(name);
    let name = name.split('=').next().unwrap_or_default();
    let reads_like_an_option = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if reads_like_an_option {
        return Err("no option has this name; to encode it as text, write -- before it");
    }
    Ok(argument.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    #[test]
    fn special_tokens_are_text_unless_asked_for() {
        let tokenizer = Tokenizer::open("gpt2").unwrap();
        let ids = |special| {
            let args = Args {
                text: None,
                escaped: None,
                vocab: "gpt2".into(),
                steps: false,
                special,
                batch: None,
            };
            let encoding = encode(&tokenizer, "<|endoftext|>".into(), &args);
            serde_json::to_value(encoding).unwrap()["ids"].clone()
        };
        assert_eq!(ids(true), json!([50256]));
        // What tiktoken's encode_ordinary gives.
        assert_eq!(ids(false), json!([27, 91, 437, 1659, 5239, 91, 29]));
    }

    #[test]
    fn a_text_may_begin_with_a_hyphen_and_a_mistyped_option_is_wrong_usage() {
        let parse = |arguments: &[&str]| {
            let words = ["glassbox", "tokenize"].iter().chain(arguments);
            super::super::Cli::try_parse_from(words)
        };
        for text in ["- item", "-5", "-", "---", "\u{2014}", "-- a", "-é"] {
            assert!(parse(&["--json", text, "--steps"]).is_ok(), "{text}");
        }
        assert!(parse(&["--", "--steps"]).is_ok());
        for wrong in [
            &[][..],
            &["--stpes"],
            &["-x"],
            &["a", "b"],
            &["a", "--vocab"],
        ] {
            assert_eq!(parse(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
