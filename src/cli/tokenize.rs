//! `glassbox tokenize`: text to token ids, and how the merges got there.

use super::batch;
use super::common::Common;
use super::output::Report;
use crate::labs::tokenizer::{Piece, Specials, Tokenizer};
use crate::refusal::Result;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The merges of a longer word are not listed: their listing grows with its square.
const MAX_STEPS_BYTES: usize = 512;

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
            Ok(document(&tokenizer, &text, args))
        });
    }
    let text = match &args.escaped {
        Some(text) => text.clone(),
        None => common.text_or_stdin(args.text.as_deref().unwrap_or_default())?,
    };
    for assumed in &tokenizer.vocabulary().assumed {
        common.remark(assumed);
    }
    let document = document(&tokenizer, &text, args);
    let words = if common.json {
        String::new()
    } else {
        in_words(&document, &text)
    };
    Ok(Report::new(document, words))
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

fn document(tokenizer: &Tokenizer, text: &str, args: &Args) -> Value {
    let specials = if args.special {
        Specials::Parse
    } else {
        Specials::AsText
    };
    let pieces = tokenizer.pieces(text, specials);
    let ids: Vec<u32> = pieces.iter().map(|piece| piece.id).collect();
    let token = |piece: &Piece| {
        let bytes = tokenizer.token_bytes(piece.id);
        json!({
            "id": piece.id,
            "bytes": bytes,
            "text": String::from_utf8_lossy(bytes),
            "start": piece.start,
            "end": piece.end,
        })
    };
    let tokens: Vec<Value> = pieces.iter().map(token).collect();
    let mut document = json!({ "vocab": args.vocab, "ids": ids, "tokens": tokens });
    if args.steps {
        let words = tokenizer.words(text, specials);
        let words = words
            .into_iter()
            .map(|word| word_json(tokenizer, &text[word]));
        document["words"] = words.collect();
    }
    let unknown = tokenizer.unknown_bytes(text);
    if !unknown.is_empty() {
        document["left_out"] = json!(unknown);
    }
    document
}

/// One word and its merges. Parts of a character show as U+FFFD; the ids tell them apart.
fn word_json(tokenizer: &Tokenizer, word: &str) -> Value {
    if word.len() > MAX_STEPS_BYTES {
        let note = format!(
            "A word of {} bytes; merges are listed up to {MAX_STEPS_BYTES}.",
            word.len()
        );
        return json!({ "text": word, "merges": [], "note": note });
    }
    let text = |id: u32| String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned();
    let steps = tokenizer.steps(word);
    let merges = steps.iter().map(|step| {
        let pieces: Vec<String> = step.pieces.iter().map(|&id| text(id)).collect();
        json!({
            "left": text(step.left),
            "right": text(step.right),
            "rank": step.rank,
            "pieces": pieces,
            "left_id": step.left,
            "right_id": step.right,
            "id": step.new,
            "ids": step.pieces,
        })
    });
    json!({ "text": word, "merges": merges.collect::<Vec<_>>() })
}

/// The same for people: a token per line, then the merges.
fn in_words(document: &Value, text: &str) -> String {
    let list = |key: &str| document[key].as_array().map_or(&[][..], Vec::as_slice);
    let mut words = String::new();
    for token in list("tokens") {
        let id = token["id"].to_string();
        let _ = writeln!(words, "{id:>7}  {}", token["text"]);
    }
    for word in list("words") {
        let _ = writeln!(words, "\n{}", word["text"]);
        for merge in word["merges"].as_array().into_iter().flatten() {
            let pieces = merge["pieces"].as_array().into_iter().flatten();
            let pieces: Vec<String> = pieces.map(Value::to_string).collect();
            let rank = merge["rank"].to_string();
            let _ = writeln!(words, "  rank {rank:>6}  {}", pieces.join(" "));
        }
        if let Some(note) = word["note"].as_str() {
            let _ = writeln!(words, "  {note}");
        }
    }
    let n = list("tokens").len();
    let ratio = text.len() as f64 / n.max(1) as f64;
    let _ = writeln!(
        words,
        "{n} tokens for {} bytes: {ratio:.1} bytes a token",
        text.len()
    );
    if let Some(left_out) = document.get("left_out") {
        let _ = writeln!(
            words,
            "left out, as this vocabulary has no token for them: bytes {left_out}"
        );
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn args(steps: bool, special: bool) -> Args {
        Args {
            text: None,
            escaped: None,
            vocab: "gpt2".into(),
            steps,
            special,
            batch: None,
        }
    }

    fn encode(text: &str, args: &Args) -> Value {
        document(&Tokenizer::open("gpt2").unwrap(), text, args)
    }

    #[test]
    fn the_document_has_the_keys_scripts_rely_on() {
        let document = encode(" é", &args(false, false));
        let expected = r#"{"vocab":"gpt2","ids":[38251],"tokens":[{"id":38251,"bytes":[32,195,169],"text":" é","start":0,"end":3}]}"#;
        assert_eq!(document.to_string(), expected);
    }

    #[test]
    fn steps_show_each_merge_with_its_rank() {
        // In GPT-2's vocab.bpe "i s" is the merge of rank 15, counted from 0; "Ġ is" comes later.
        let document = encode(" is", &args(true, false));
        let merges = &document["words"][0]["merges"];
        assert_eq!(merges[0]["left"], "i");
        assert_eq!(merges[0]["right"], "s");
        assert_eq!(merges[0]["rank"], 15);
        assert_eq!(merges[1]["pieces"], json!([" is"]));
        let long = encode(&"a".repeat(600), &args(true, false));
        assert!(long["words"][0]["note"].is_string());
    }

    #[test]
    fn special_tokens_are_text_unless_asked_for() {
        let ids = |special| encode("<|endoftext|>", &args(false, special))["ids"].clone();
        assert_eq!(ids(true), json!([50256]));
        // What tiktoken's encode_ordinary gives.
        assert_eq!(ids(false), json!([27, 91, 437, 1659, 5239, 91, 29]));
    }

    #[test]
    fn people_see_a_token_per_line() {
        let document = encode("Hello world", &args(false, false));
        assert_eq!(
            in_words(&document, "Hello world"),
            "  15496  \"Hello\"\n    995  \" world\"\n2 tokens for 11 bytes: 5.5 bytes a token\n"
        );
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
