//! `glassbox ngram`: counts, predicts and writes from the counts alone.

use super::common::Common;
use super::output::Report;
use crate::labs::ngrams::{
    self, Counted, Ending, Next, Orders, Row, Smoothing, Source, Table, Unit, Writer,
};
use crate::refusal::Result;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The name of the text that ships.
const SHIPPED: &str = "moby-dick";

/// More rows than these are not printed for people.
const MAX_PRINTED: usize = 27;

/// Words that never followed are not listed beyond these.
const MAX_UNSEEN: usize = 100;

/// What `ngram` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An N-gram looks at the last N − 1 letters or words and knows nothing else. Letters are 27: a to z and the space; é counts as e, an apostrophe within a word falls away, anything else is a space. Words are runs of letters and digits in small letters, without a possessive 's.\n\nExample: glassbox ngram moby-dick --n 3 --context ' q'"
)]
pub struct Args {
    /// The text, in UTF-8; moby-dick for the one that ships, or - for standard input
    #[arg(value_name = "FILE|-")]
    source: String,
    /// How many letters or words a gram has: it looks at one less
    #[arg(long, short, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=7))]
    n: u8,
    /// What is counted
    #[arg(long, value_enum, default_value = "char")]
    unit: UnitArg,
    /// The text before the next letter or word; its last N − 1 count
    #[arg(long, value_name = "C", default_value = "", allow_hyphen_values = true)]
    context: String,
    /// Write so many letters or words after the context
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    generate: u32,
    /// Smooth: as if everything had been seen K times more
    #[arg(long, value_name = "K", conflicts_with = "back_off", value_parser = positive)]
    add_k: Option<f64>,
    /// Smooth: every count gives up D (0 to 1) to what the shorter context says
    #[arg(long, value_name = "D", value_parser = share)]
    back_off: Option<f64>,
    /// How many of the commonest grams to list
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=100_000))]
    top: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UnitArg {
    /// 27 letters: a to z and the space
    Char,
    /// Words in small letters
    Word,
}

/// Counts and reports.
///
/// # Errors
/// A text that cannot be read or has nothing to count.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let source = match &args.source[..] {
        SHIPPED => Source::MobyDick,
        "-" => Source::Text(common.text_or_stdin("-")?.into()),
        path => Source::File(path.into()),
    };
    let n = usize::from(args.n);
    let unit = match args.unit {
        UnitArg::Char => Unit::Letters,
        UnitArg::Word => Unit::Words,
    };
    let bar = common.progress_bar("counting");
    let counted = ngrams::count(&source, unit, n, &mut |progress| {
        bar.set_position((progress.fraction * 1000.0) as u64);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let counted = counted?;
    let table = &counted.table;
    let smoothing = match (args.add_k, args.back_off) {
        (Some(k), _) => Smoothing::AddK(k),
        (_, Some(discount)) => Smoothing::BackOff(discount),
        _ => Smoothing::None,
    };
    let context = ngrams::context_of(table, &args.context, n);
    let next = table.next(&context, smoothing, MAX_UNSEEN);
    let mut writer = Writer::new(&context, n, smoothing, common.seed);
    let written: Vec<_> = (0..args.generate)
        .take_while(|_| !common.stop.is_set())
        .map_while(|_| writer.step(table))
        .map(|drawn| drawn.row.symbol)
        .collect();
    let text = table.text(&written);
    let document = document(args, &source, &counted, &next, &text);
    let words = if common.json {
        String::new()
    } else {
        in_words(args, &source, &counted, &next, &text)
    };
    Ok(Report::new(document, words))
}

fn document(args: &Args, source: &Source, counted: &Counted, next: &Next, text: &str) -> Value {
    let table = &counted.table;
    let n = usize::from(args.n);
    let row =
        |row: &Row| json!({ "symbol": table.name(row.symbol), "count": row.count, "p": row.p });
    let common = table.commonest(n, args.top as usize);
    let common = common
        .iter()
        .map(|(gram, count)| json!({ "gram": table.text(gram), "count": count }));
    let Orders {
        total,
        n_distinct,
        n_once,
        bits,
        ..
    } = table.orders()[n - 1];
    json!({
        "n": n,
        "unit": match table.unit() { Unit::Letters => "char", Unit::Words => "word" },
        "source": source.name(),
        "n_symbols": table.n_symbols(),
        "n_alphabet": table.n_alphabet(),
        "n_grams": total,
        "n_distinct": n_distinct,
        "n_once": n_once,
        "n_possible": table.n_possible(n).to_string(),
        "bits": bits,
        "context": table.text(&next.context),
        "total": next.total,
        "next": next.rows.iter().map(row).collect::<Vec<_>>(),
        "n_unseen": next.n_unseen,
        "p_unseen": next.p_unseen,
        "commonest": common.collect::<Vec<_>>(),
        "text": text,
        "whole": counted.ending == Ending::Whole,
        "fraction": counted.fraction,
    })
}

fn in_words(args: &Args, source: &Source, counted: &Counted, next: &Next, text: &str) -> String {
    let table = &counted.table;
    let n = usize::from(args.n);
    let (one, many) = match table.unit() {
        Unit::Letters => ("letter", "letters"),
        Unit::Words => ("word", "words"),
    };
    let orders = table.orders()[n - 1];
    let mut words = format!(
        "{}: {} {many}, {} {n}-grams, {} different of {} possible; {} stand only once; {:.2} bits a {one}\n",
        source.name(),
        table.n_symbols(),
        orders.total,
        orders.n_distinct,
        table.n_possible(n),
        orders.n_once,
        orders.bits,
    );
    words += &remarks(counted);
    for (gram, count) in table.commonest(n, args.top as usize) {
        let _ = writeln!(words, "{count:>10}  {}", visible(table, &gram));
    }
    let _ = writeln!(
        words,
        "\nAfter “{}” ({} times):",
        visible(table, &next.context),
        next.total
    );
    for row in next.rows.iter().take(MAX_PRINTED) {
        let symbol = visible(table, &[row.symbol]);
        let _ = writeln!(words, "{:>10}  {:>8.4}  {symbol}", row.count, row.p);
    }
    let _ = writeln!(
        words,
        "{} {many} never followed; together they have {:.4}",
        next.n_unseen, next.p_unseen
    );
    if !text.is_empty() {
        let _ = writeln!(words, "\n{text}");
    }
    words
}

/// What a person should know about the counts.
fn remarks(counted: &Counted) -> String {
    let percent = f64::from(counted.fraction) * 100.0;
    let mut words = match counted.ending {
        Ending::Whole => String::new(),
        Ending::Full => {
            format!("The table is full: only the first {percent:.1} % of the text were counted.\n")
        }
        Ending::Stopped => format!("Stopped: the first {percent:.1} % of the text were counted.\n"),
    };
    if counted.n_not_text > 0 {
        let _ = writeln!(
            words,
            "{} places are not UTF-8 and count as gaps.",
            counted.n_not_text
        );
    }
    words
}

/// Symbols with their spaces made visible.
fn visible(table: &Table, symbols: &[ngrams::Symbol]) -> String {
    let text = table.text(symbols);
    match table.unit() {
        Unit::Letters => text.replace(' ', "␣"),
        Unit::Words => text,
    }
}

fn positive(text: &str) -> std::result::Result<f64, String> {
    let k: f64 = text.parse().map_err(|_| "a number is needed".to_owned())?;
    if k > 0.0 && k <= 1e6 {
        Ok(k)
    } else {
        Err("a number above 0, at most 1000000".into())
    }
}

fn share(text: &str) -> std::result::Result<f64, String> {
    let discount: f64 = text.parse().map_err(|_| "a number is needed".to_owned())?;
    if discount > 0.0 && discount < 1.0 {
        Ok(discount)
    } else {
        Err("a number between 0 and 1".into())
    }
}
