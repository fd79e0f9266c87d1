//! `glassbox embed`: arithmetic with words.

use super::batch;
use super::common::Common;
use super::output::Report;
use crate::labs::embeddings::{Answer, Expected, Metric, Near, Options, Scale, Space};
use crate::refusal::Result;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// What `embed` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Words are added and subtracted, numbers and brackets weigh them. A word with spaces or signs, or one that is a number, stands in double quotes. By the cosine, every word has the same say: vectors are brought to length 1 first, as word2vec and gensim do. By dot product or distance, vectors are as long as the file has them; --lengths changes that."
)]
pub struct Args {
    /// Such as "king - man + woman" or "(paris - france) * 0.8 + italy"; - for standard input
    #[arg(
        value_name = "EXPR",
        required_unless_present = "batch",
        conflicts_with = "batch",
        allow_hyphen_values = true,
        value_parser = expression_or_typo
    )]
    expression: Option<String>,
    /// glove, or a file of word vectors: `GloVe` or fastText text, word2vec, .npy or safetensors with
    /// a list of words
    #[arg(long, default_value = "glove", value_name = "NAME|PATH")]
    vectors: String,
    /// How many words to find
    #[arg(long, default_value_t = 10, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    top: u32,
    /// What “near” means
    #[arg(long, value_enum, default_value = "cosine")]
    metric: MetricArg,
    /// How long vectors are taken to be; by the metric unless given
    #[arg(long, value_enum)]
    lengths: Option<LengthsArg>,
    /// Let the words of the expression be answers too
    #[arg(long)]
    include_inputs: bool,
    /// Also say which rank this word has
    #[arg(long, value_name = "WORD")]
    expect: Option<String>,
    /// One JSON string per line in, one JSON document per line out
    #[arg(long, value_name = "FILE|-")]
    batch: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MetricArg {
    /// The cosine of the angle: length does not count
    Cosine,
    /// The dot product: longer vectors score higher
    Dot,
    /// The distance: lower is nearer
    Euclid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LengthsArg {
    /// All 1
    Unit,
    /// As in the file
    File,
}

impl Args {
    fn options(&self) -> Options {
        let metric = match self.metric {
            MetricArg::Cosine => Metric::Cosine,
            MetricArg::Dot => Metric::Dot,
            MetricArg::Euclid => Metric::Euclid,
        };
        let scale = match self.lengths {
            Some(LengthsArg::Unit) => Scale::Unit,
            None if metric == Metric::Cosine => Scale::Unit,
            Some(LengthsArg::File) | None => Scale::Raw,
        };
        Options {
            metric,
            scale,
            top: self.top as usize,
            expected: self.expect.clone(),
        }
    }

    /// The nearest words that were asked for.
    fn listed<'a>(&self, answer: &'a Answer) -> impl Iterator<Item = &'a Near> {
        let include = self.include_inputs;
        let nearest = answer.nearest.iter();
        nearest
            .filter(move |near| include || !near.is_input)
            .take(self.top as usize)
    }
}

/// Answers the expression, or every line of a batch.
///
/// # Errors
/// Vectors that cannot be read, or an expression with a mistake.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    common.compute.get().set_threads();
    let space = open(&args.vectors, common)?;
    let options = args.options();
    let evaluate = |expression: &str| {
        let emit = &mut |_| common.stop.flow();
        let answer = space.evaluate(expression, &options, emit);
        answer.map_err(|wrong| wrong.refusal(expression))
    };
    if let Some(source) = &args.batch {
        return batch::answer_lines(source, common, |expression: String| {
            let answer = evaluate(&expression)?;
            Ok(document(&expression, &answer, &space, args))
        });
    }
    let expression = common.text_or_stdin(args.expression.as_deref().unwrap_or_default())?;
    let expression = expression.trim();
    let answer = evaluate(expression)?;
    for unknown in &answer.unknown {
        common.remark(&not_known(&unknown.word, &unknown.suggestions));
    }
    if let Some(Expected::Unknown(unknown)) = &answer.expected {
        common.remark(&not_known(&unknown.word, &unknown.suggestions));
    }
    Ok(Report::new(
        document(expression, &answer, &space, args),
        in_words(&answer, args),
    ))
}

/// Opens vectors with a bar of progress.
///
/// # Errors
/// There are no such vectors, or they cannot be read.
pub(super) fn open(name_or_path: &str, common: &Common) -> Result<Space> {
    let bar = common.progress_bar(&format!("reading {}", shown(name_or_path)));
    let space = Space::open(name_or_path, &mut |part| {
        bar.set_position((part * 1000.0) as u64);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let space = space?;
    for note in space.vectors().notes() {
        common.remark(note);
    }
    Ok(space)
}

/// The file's name alone.
fn shown(name_or_path: &str) -> String {
    let name = Path::new(name_or_path).file_name();
    name.map_or_else(
        || name_or_path.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn document(expression: &str, answer: &Answer, space: &Space, args: &Args) -> Value {
    let options = args.options();
    let near = |near: &Near| {
        json!({
            "word": near.word,
            "score": near.score(options.metric),
            "cosine": near.cosine,
            "dot": near.dot,
            "euclid": near.euclid,
            "length": near.length,
            "is_input": near.is_input,
        })
    };
    let unknown = |unknown: &crate::labs::embeddings::Unknown| {
        let at: Vec<[usize; 2]> = unknown.at.iter().map(|at| [at.start, at.end]).collect();
        json!({ "word": unknown.word, "at": at, "suggestions": unknown.suggestions })
    };
    let terms = answer
        .terms
        .iter()
        .map(|term| json!({ "word": term.word, "weight": term.weight, "length": term.length }));
    let excluded: Vec<&str> = if args.include_inputs {
        Vec::new()
    } else {
        answer.terms.iter().map(|term| term.word.as_str()).collect()
    };
    let expected = answer.expected.as_ref().map(|expected| match expected {
        Expected::Ranked(ranked) => json!({
            "word": ranked.near.word,
            "rank": ranked.rank,
            "rank_with_inputs": ranked.rank_with_inputs,
            "score": ranked.near.score(options.metric),
        }),
        Expected::Unknown(word) => unknown(word),
    });
    let written = answer.unknown.iter().map(|unknown| unknown.word.as_str());
    json!({
        "expression": expression,
        "vectors": space.vectors().name(),
        "n_words": answer.n_searched,
        "width": space.vectors().width(),
        "metric": args.metric.to_possible_value().map(|value| value.get_name().to_owned()),
        "lengths": if options.scale == Scale::Unit { "unit" } else { "file" },
        "excluded": excluded,
        "nearest": args.listed(answer).map(near).collect::<Vec<_>>(),
        "unknown": written.collect::<Vec<_>>(),
        "unknown_at": answer.unknown.iter().map(unknown).collect::<Vec<_>>(),
        "terms": terms.collect::<Vec<_>>(),
        "length": answer.length,
        "expected": expected,
    })
}

fn in_words(answer: &Answer, args: &Args) -> String {
    let metric = args.options().metric;
    let mut words = String::new();
    let width = args.listed(answer).map(|near| near.word.chars().count());
    let width = width.max().unwrap_or(0);
    for (near, rank) in args.listed(answer).zip(1..) {
        let score = near.score(metric);
        let input = if near.is_input { "  (input)" } else { "" };
        let _ = writeln!(
            words,
            "{rank:>4}  {:<width$}  {score:>9.4}{input}",
            near.word
        );
    }
    let first = answer.nearest.first().filter(|near| near.is_input);
    if let (Some(first), false) = (first, args.include_inputs) {
        let score = first.score(metric);
        let _ = writeln!(
            words,
            "Words of the expression are left out; the nearest of all is {} ({score:.4}).",
            first.word
        );
    }
    if let Some(Expected::Ranked(ranked)) = &answer.expected {
        let rank = match ranked.rank {
            Some(rank) => format!("has rank {rank}"),
            None => "is a word of the expression".to_owned(),
        };
        let _ = writeln!(
            words,
            "{} {rank}; among all words {}.",
            ranked.near.word, ranked.rank_with_inputs
        );
    }
    words
}

fn not_known(word: &str, suggestions: &[String]) -> String {
    let mut line = format!("“{word}” is not among these words and was left out.");
    if !suggestions.is_empty() {
        let _ = write!(line, " Did you mean {}?", suggestions.join(", "));
    }
    line
}

/// `-man + woman` is an expression; `--tpo` is an option that does not exist.
fn expression_or_typo(argument: &str) -> std::result::Result<String, &'static str> {
    let name = argument.strip_prefix("--").unwrap_or_default();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains([' ', '+', '*', '/']) {
        return Err("no option has this name");
    }
    Ok(argument.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::word_vectors::WordVectors;
    use clap::Parser;
    use std::ops::ControlFlow;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parse(words: &[&str]) -> std::result::Result<Args, clap::Error> {
        let words = ["embed"].iter().chain(words);
        Line::try_parse_from(words).map(|line| line.args)
    }

    /// The document for the lecture's table of authority and gender.
    fn answered(words: &[&str]) -> (Value, String) {
        let args = parse(words).unwrap();
        let names = ["man", "woman", "king", "queen"].map(String::from);
        let values = vec![1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 2.0, 2.0];
        let vectors = WordVectors::from_rows("lecture", names.into(), 2, values).unwrap();
        let space = Space::new(vectors);
        let expression = args.expression.clone().unwrap();
        let emit = &mut |_| ControlFlow::Continue(());
        let answer = space.evaluate(&expression, &args.options(), emit).unwrap();
        let document = document(&expression, &answer, &space, &args);
        (document, in_words(&answer, &args))
    }

    #[test]
    fn the_document_has_the_keys_of_the_contract_and_leaves_inputs_out() {
        let (document, words) = answered(&["king - man + woman + duke", "--lengths", "file"]);
        assert_eq!(document["expression"], "king - man + woman + duke");
        assert_eq!(document["excluded"], json!(["king", "man", "woman"]));
        assert_eq!(document["unknown"], json!(["duke"]));
        let nearest = document["nearest"].as_array().unwrap();
        assert_eq!((nearest.len(), &nearest[0]["word"]), (1, &json!("queen")));
        assert!((nearest[0]["score"].as_f64().unwrap() - 1.0).abs() < 1e-12);
        assert!(words.contains("queen"));
    }

    #[test]
    fn inputs_may_be_included_and_the_score_is_the_metrics() {
        let options = [
            "king",
            "--include-inputs",
            "--metric",
            "euclid",
            "--top",
            "2",
        ];
        let (document, words) = answered(&options);
        assert_eq!(document["excluded"], json!([]));
        assert_eq!(document["nearest"][0]["word"], "king");
        assert_eq!(document["nearest"][0]["score"], 0.0);
        // Both lie at a distance of 1: the first of the set comes first.
        assert_eq!(document["nearest"][1]["word"], "man");
        assert_eq!(document["nearest"].as_array().unwrap().len(), 2);
        assert!(words.contains("(input)"));
    }

    #[test]
    fn an_expression_may_begin_with_a_minus_and_a_mistyped_option_is_wrong_usage() {
        for fine in ["-man + woman", "-man", "- man", "-", "--man + woman"] {
            assert!(parse(&[fine]).is_ok(), "{fine}");
        }
        for wrong in [
            &["--tpo"][..],
            &[],
            &["king", "--metric", "mile"],
            &["a", "b"],
        ] {
            assert_eq!(
                parse(wrong).err().map(|e| e.exit_code()),
                Some(2),
                "{wrong:?}"
            );
        }
    }
}
