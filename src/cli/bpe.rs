//! `glassbox bpe`: learns a vocabulary by byte-pair encoding and shows every merge.

use super::common::Common;
use super::output::Report;
use crate::labs::bpe_learning::{
    self, END_OF_WORD, Event, Learned, Learner, MAX_MERGES, Outcome, Recipe, Split, Ties,
};
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// More words than these are not listed; all are learned from.
const MAX_LISTED: usize = 10_000;
/// More than these are not printed for people.
const MAX_PRINTED: usize = 40;

/// What `bpe` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Begins with the 256 bytes; again and again the commonest pair of neighbours becomes one token, until no pair stands twice. Of equally common pairs, a text merges the one with the smaller ids, and --words the one that comes first in the corpus, as the program of Sennrich et al. (2016) does."
)]
pub struct Args {
    /// The text, in UTF-8, or - for standard input
    #[arg(value_name = "FILE|-")]
    source: String,
    /// How many merges to learn
    #[arg(long, value_name = "N", default_value_t = 10)]
    merges: usize,
    /// Write the vocabulary here: as ranks of tiktoken if PATH ends in .tiktoken, else as
    /// tokenizer.json of Hugging Face
    #[arg(long, value_name = "PATH")]
    vocab_out: Option<PathBuf>,
    /// Read lines of a word and its count, such as `newest 6`, instead of a text
    #[arg(long)]
    words: bool,
    /// With --words: the mark that ends every word; empty for none
    #[arg(long, value_name = "MARK", default_value = END_OF_WORD, requires = "words")]
    end_of_word: String,
    /// How a text is cut into pieces, across which nothing is merged: gpt2, smollm, cl100k or o200k
    #[arg(
        long,
        value_name = "NAME",
        default_value = "gpt2",
        conflicts_with = "words"
    )]
    split: String,
}

/// What both ways of learning end in.
struct Learnt {
    tokens: Vec<Vec<u8>>,
    /// Left, right, new and how often the pair stood.
    merges: Vec<(u32, u32, u32, u64)>,
    corpus: Vec<(Vec<u32>, u64)>,
    n_words: usize,
    n_tokens_before: u64,
    n_tokens_after: u64,
    exhausted: bool,
    stopped: bool,
    /// For a file; `None` where words end in a mark.
    vocabulary: Option<(Learned, Split)>,
}

/// Learns and reports.
///
/// # Errors
/// A text that cannot be read or learned from, or a place that cannot be written.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    if args.merges > MAX_MERGES {
        return Err(bpe_learning::too_many(args.merges));
    }
    let has_mark = args.words && !args.end_of_word.is_empty();
    if has_mark && args.vocab_out.is_some() {
        return Err(Refusal::unchanged(
            "A vocabulary whose words end in a mark cannot be saved",
            format!(
                "Neither tokenizer.json nor ranks of tiktoken can say that every word ends in {}.",
                args.end_of_word
            ),
            "Add --end-of-word '' to learn without the mark, or leave --vocab-out out.",
        ));
    }
    let text = if args.source == "-" {
        common.text_or_stdin("-")?
    } else {
        bpe_learning::read(Path::new(&args.source))?
    };
    let learnt = if args.words {
        from_words(&text, args, common)?
    } else {
        from_text(&text, args, common)?
    };
    if let (Some(path), Some((learned, split))) = (&args.vocab_out, &learnt.vocabulary) {
        bpe_learning::save(learned, *split, path)?;
        common.remark(&format!("{} written", path.display()));
    }
    let words = if common.json {
        String::new()
    } else {
        learnt.in_words()
    };
    Ok(Report::new(learnt.document(), words))
}

/// Merge by merge, in the order of the paper's program.
fn from_words(lines: &str, args: &Args, common: &Common) -> Result<Learnt> {
    let words = bpe_learning::words_of(lines)?;
    let mark = Some(args.end_of_word.as_str()).filter(|mark| !mark.is_empty());
    let mut learner = Learner::new(&words, mark, Ties::FirstInCorpus);
    let n_tokens_before = learner.n_tokens();
    let mut exhausted = false;
    while learner.merges().len() < args.merges && !exhausted && !common.stop.is_set() {
        exhausted = learner.step().is_none();
    }
    let merges = learner.merges().iter();
    Ok(Learnt {
        tokens: learner.tokens().to_vec(),
        merges: merges.map(|m| (m.left, m.right, m.new, m.count)).collect(),
        corpus: learner
            .words()
            .take(MAX_LISTED)
            .map(|(ids, n)| (ids.to_vec(), n))
            .collect(),
        n_words: words.len(),
        n_tokens_before,
        n_tokens_after: learner.n_tokens(),
        exhausted,
        stopped: common.stop.is_set(),
        vocabulary: learner.learned().zip(Split::by_name(&args.split)),
    })
}

fn from_text(text: &str, args: &Args, common: &Common) -> Result<Learnt> {
    let recipe = Recipe {
        n_merges: args.merges,
        split: args.split.clone(),
        ties_as_tokenizers: false,
    };
    common.compute.get().set_threads();
    let bar = common.progress_bar("counting");
    let mut n_words = 0;
    let outcome = bpe_learning::train(text, &recipe, &mut |event| {
        match event {
            Event::Counting {
                n_bytes,
                n_bytes_total,
            } => bar.set_position((n_bytes * 500 / n_bytes_total.max(1)) as u64),
            Event::Counted { n_words: n, .. } => n_words = n,
            Event::Learned { n_merges, .. } => {
                bar.set_message(format!("{n_merges} merges"));
                bar.set_position((500 + n_merges * 500 / args.merges.max(1)) as u64);
            }
        }
        common.stop.flow()
    });
    bar.finish_and_clear();
    let outcome: Outcome = outcome?;
    let learned = &outcome.learned;
    let merges = learned.merges.iter().zip(&learned.counts);
    Ok(Learnt {
        tokens: learned.tokens.clone(),
        merges: merges.map(|(&(l, r, new), &n)| (l, r, new, n)).collect(),
        corpus: outcome.words().take(MAX_LISTED).collect(),
        n_words,
        n_tokens_before: outcome.n_tokens_before,
        n_tokens_after: outcome.n_tokens_after,
        exhausted: outcome.exhausted,
        stopped: outcome.stopped,
        vocabulary: Some((outcome.learned, outcome.split)),
    })
}

impl Learnt {
    /// The letters of a token; parts of a character show as U+FFFD.
    fn text(&self, id: u32) -> String {
        let bytes = self.tokens.get(id as usize).map_or(&[][..], Vec::as_slice);
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn document(&self) -> Value {
        let merge = |&(left, right, new, count): &(u32, u32, u32, u64)| {
            json!({
                "left": self.text(left),
                "right": self.text(right),
                "count": count,
                "new": self.text(new),
                "left_id": left,
                "right_id": right,
                "id": new,
            })
        };
        let word = |(ids, count): &(Vec<u32>, u64)| {
            let tokens: Vec<String> = ids.iter().map(|&id| self.text(id)).collect();
            json!({ "tokens": tokens, "ids": ids, "count": count })
        };
        json!({
            "merges": self.merges.iter().map(merge).collect::<Vec<_>>(),
            "corpus": self.corpus.iter().map(word).collect::<Vec<_>>(),
            "n_words": self.n_words,
            "vocab_size": self.tokens.len(),
            "n_tokens_before": self.n_tokens_before,
            "n_tokens_after": self.n_tokens_after,
            "exhausted": self.exhausted,
            "stopped": self.stopped,
        })
    }

    /// The merges, the corpus as it is written now, and what was won.
    fn in_words(&self) -> String {
        let mut words = String::new();
        let quoted = |id: u32| format!("{:?}", self.text(id));
        for (&(left, right, new, count), i) in self.merges.iter().zip(1..).take(MAX_PRINTED) {
            let pair = format!("{} + {}", quoted(left), quoted(right));
            let _ = writeln!(words, "{i:>6}  {pair:<24} ×{count:<8} → {}", quoted(new));
        }
        let more = |n: usize| {
            let left = n.saturating_sub(MAX_PRINTED);
            let line = format!("        … and {left} more; --json lists them\n");
            if left > 0 { line } else { String::new() }
        };
        words += &more(self.merges.len());
        words.push('\n');
        for (ids, count) in self.corpus.iter().take(MAX_PRINTED) {
            let tokens: Vec<String> = ids.iter().take(100).map(|&id| quoted(id)).collect();
            let _ = writeln!(words, "{count:>6} × {}", tokens.join(" "));
        }
        words += &more(self.n_words);
        let _ = writeln!(
            words,
            "\n{} merges, {} tokens in the vocabulary; the text went from {} tokens to {}",
            self.merges.len(),
            self.tokens.len(),
            self.n_tokens_before,
            self.n_tokens_after,
        );
        if self.exhausted {
            words += "No pair stands twice any more: there is nothing left to learn.\n";
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(options: &str) -> Args {
        let words = ["bpe", "-"].into_iter().chain(options.split_whitespace());
        Line::try_parse_from(words).unwrap().args
    }

    #[test]
    fn the_papers_words_give_the_papers_merges() {
        let lines = "low 5\nlower 2\nnewest 6\nwidest 3\n";
        let learnt = from_words(lines, &args("--words"), &Common::default()).unwrap();
        let document = learnt.document();
        let first = &document["merges"][0];
        assert_eq!(
            first.to_string(),
            r#"{"left":"e","right":"s","count":9,"new":"es","left_id":101,"right_id":115,"id":257}"#
        );
        assert_eq!(document["merges"][1]["new"], "est");
        assert_eq!(document["merges"].as_array().unwrap().len(), 10);
        assert_eq!(document["corpus"][0]["tokens"], json!(["low</w>"]));
        assert_eq!(document["corpus"][2]["tokens"], json!(["newest</w>"]));
        assert_eq!(document["vocab_size"], 256 + 1 + 10);
        assert_eq!(document["n_tokens_before"], 95);
        assert!(learnt.in_words().contains("\"e\" + \"s\""));
    }

    #[test]
    fn gages_text_gives_gages_ids() {
        let learnt = from_text("aaabdaaabac", &args("--merges 3"), &Common::default()).unwrap();
        let document = learnt.document();
        assert_eq!(document["corpus"][0]["ids"], json!([258, 100, 258, 97, 99]));
        assert_eq!(
            (
                document["n_tokens_before"].as_u64(),
                document["n_tokens_after"].as_u64()
            ),
            (Some(11), Some(5))
        );
        let few = from_text("aaabdaaabac", &args("--merges 300"), &Common::default()).unwrap();
        assert!(few.exhausted && few.in_words().contains("nothing left"));
    }

    #[test]
    fn options_that_have_no_meaning_together_are_refused() {
        for wrong in [
            "--words --split gpt2",
            "--end-of-word x",
            "--merges -1",
            "--merges x",
        ] {
            let words = ["bpe", "-"].into_iter().chain(wrong.split(' '));
            assert!(Line::try_parse_from(words).is_err(), "{wrong}");
        }
        let refusal = run(&args("--words --vocab-out x.json"), &Common::default()).unwrap_err();
        assert!(refusal.next.contains("--end-of-word ''"));
        let refusal = run(&args("--merges 1000000000"), &Common::default()).unwrap_err();
        assert!(refusal.what.contains("too many"));
    }
}
