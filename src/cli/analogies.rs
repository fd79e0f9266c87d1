//! `glassbox analogies`: how many of Google's questions a set of vectors answers.

use super::common::Common;
use super::embed;
use super::output::Report;
use crate::labs::embeddings::analogies::{self, Count, Outcome, Questions};
use crate::refusal::Result;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// What `analogies` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "a is to b as c is to d: the answer is the word nearest to b - a + c that is none of the three (3CosAdd). Lines of four words; `: name` begins a section. Capital letters count as small ones. A question with a word that the vectors lack is skipped."
)]
pub struct Args {
    /// Questions such as Google's questions-words.txt; - for standard input
    #[arg(value_name = "FILE|-")]
    file: String,
    /// glove, or a file of word vectors
    #[arg(long, default_value = "glove", value_name = "NAME|PATH")]
    vectors: String,
    /// Only the first N words of the vectors take part
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Also list every question and what it was answered
    #[arg(long)]
    each: bool,
}

/// Answers the questions.
///
/// # Errors
/// Vectors or questions that cannot be read.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    common.compute.get().set_threads();
    let questions = if args.file == "-" {
        Questions::read(&common.text_or_stdin("-")?)?
    } else {
        Questions::open(Path::new(&args.file))?
    };
    let space = embed::open(&args.vectors, common)?;
    let bar = common.progress_bar("answering");
    let limit = args.limit.map(|limit| limit as usize);
    let report = space.analogies(&questions, limit, &mut |part| {
        bar.set_position((part * 1000.0) as u64);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let report = report?;
    let sections: Vec<(&str, Count)> = (questions.sections.iter().enumerate())
        .map(|(i, name)| (name.as_str(), report.count(&questions, Some(i))))
        .collect();
    let all = report.count(&questions, None);
    let counted = |count: Count| {
        json!({
            "total": count.total,
            "correct": count.correct,
            "skipped": count.skipped,
            "accuracy": count.accuracy(),
        })
    };
    let mut document = counted(all);
    document["n_invalid"] = json!(questions.n_invalid);
    document["vectors"] = json!(space.vectors().name());
    document["n_words"] = json!(report.n_searched);
    document["stopped"] = json!(report.stopped);
    let section = |&(name, count): &(&str, Count)| {
        let mut section = counted(count);
        section["section"] = json!(name);
        section
    };
    document["sections"] = sections.iter().map(section).collect();
    if args.each {
        document["questions"] = each(&questions, &report);
    }
    Ok(Report::new(document, in_words(&sections, all)))
}

fn each(questions: &Questions, report: &analogies::Report) -> Value {
    let asked = questions.questions.iter().zip(&report.outcomes);
    let asked = asked.map(|(question, outcome)| {
        let (outcome, answer) = match outcome {
            Outcome::Skipped => ("skipped", None),
            Outcome::Correct => ("correct", Some(&question.words[3])),
            Outcome::Wrong(answer) => ("wrong", answer.as_ref()),
        };
        json!({
            "section": questions.sections[question.section],
            "words": question.words,
            "outcome": outcome,
            "answer": answer,
        })
    });
    asked.collect()
}

fn in_words(sections: &[(&str, Count)], all: Count) -> String {
    let mut words = String::new();
    let rows = sections.iter().copied().chain([("all", all)]);
    let rows = rows.filter(|(_, count)| count.total > 0);
    let width = sections.iter().map(|(name, _)| name.chars().count());
    let width = width.max().unwrap_or(0).max(3);
    let _ = writeln!(
        words,
        "{:<width$}  correct of answered   share  skipped",
        "section"
    );
    for (name, count) in rows {
        let share = count.accuracy();
        let share = share.map_or("–".to_owned(), |share| format!("{:.2} %", share * 100.0));
        let _ = writeln!(
            words,
            "{name:<width$}  {:>7}    {:>8}  {share:>7}  {:>7}",
            count.correct,
            count.total - count.skipped,
            count.skipped
        );
    }
    words
}
