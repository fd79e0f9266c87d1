//! `glassbox explain --prompt P --site SITE --index I,J`: the equation of one number of a pass.

use super::common::Common;
use super::output::Report;
use super::passage::Passage;
use super::trace::{TableArgs, traced};
use crate::labs::inside::explain::{Explanation, explain, written};
use crate::labs::inside::{At, Place, SiteName};
use crate::refusal::{Refusal, Result};
use serde_json::json;
use std::fmt::Write as _;

/// Terms that are listed to a person.
const LISTED: usize = 10;

/// Which number, of which text.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The sites are those of `glassbox trace`. The number is recomputed in f64 from the numbers that went in, as the pass has them in f32: the two differ by what rounding costs."
)]
pub struct Args {
    #[command(flatten)]
    passage: Passage,
    #[command(flatten)]
    table: TableArgs,
    /// Position and number in it (for scores and pattern: query and key); with a head before them,
    /// that head's
    #[arg(
        long,
        value_name = "I,J,…",
        value_delimiter = ',',
        required = true,
        num_args = 1
    )]
    index: Vec<usize>,
}

/// Reads the text once and explains one number of the pass.
///
/// # Errors
/// When the model cannot be loaded, has no such number, or the text is refused.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let place = place(args.table.at()?, &args.index)?;
    let trace = traced(&args.passage, common)?;
    let explanation = explain(&trace, place)?;
    let terms = explanation.terms.iter();
    let quantities = explanation.quantities.iter();
    let document = json!({
        "model": trace.loaded().name,
        "prompt_ids": trace.ids().to_vec(),
        "site": place.at.site.name(),
        "block": place.at.block,
        "head": explanation.place.at.head,
        "index": args.index,
        "value": explanation.value,
        "recomputed": explanation.recomputed,
        "difference": explanation.difference,
        "tolerance": explanation.tolerance,
        "sentence": explanation.sentence,
        "formula": explanation.formula,
        "worked": explanation.worked,
        "share_of": explanation.share_of,
        "quantities": quantities
            .map(|q| json!({ "name": q.name, "formula": q.formula, "value": q.value }))
            .collect::<Vec<_>>(),
        "terms": terms
            .map(|term| json!({
                "name": term.name,
                "value": term.value,
                "factors": term.factors.iter().map(|f| f.value).collect::<Vec<_>>(),
            }))
            .collect::<Vec<_>>(),
    });
    Ok(Report::new(document, words(&explanation)))
}

/// The place an index means: `row,column`, `head,row,column`, or one number of `tokens`.
fn place(at: At, index: &[usize]) -> Result<Place> {
    match *index {
        [row] if at.site == SiteName::Tokens => Ok(at.place(row, 0)),
        [row, column] => Ok(at.place(row, column)),
        [head, row, column] if at.site.has_heads() && at.head.is_none_or(|h| h == head) => {
            let at = At {
                head: Some(head),
                ..at
            };
            Ok(at.place(row, column))
        }
        _ => Err(Refusal::unchanged(
            format!(
                "{} numbers do not say which number of `{}` is meant",
                index.len(),
                at.site
            ),
            "A table has rows, one for each position, and columns.",
            "Write --index 3,17 for number 17 of position 3.",
        )),
    }
}

fn words(explanation: &Explanation) -> String {
    let Explanation {
        sentence,
        formula,
        worked,
        ..
    } = explanation;
    let mut words = format!("{sentence}\n\n{formula}\n{worked}\n");
    for quantity in &explanation.quantities {
        let value = written(quantity.value);
        let _ = match quantity.formula.as_str() {
            "" => writeln!(words, "  {} = {value}", quantity.name),
            formula => writeln!(words, "  {} = {formula} = {value}", quantity.name),
        };
    }
    let (largest, n_others, rest) = explanation.largest(LISTED);
    if explanation.terms.len() > 1 {
        words.push('\n');
        for term in largest.into_iter().filter_map(|i| explanation.terms.get(i)) {
            let _ = writeln!(words, "{:>12}  {}", written(term.value), term.name);
        }
        if n_others > 0 {
            let _ = writeln!(words, "{:>12}  {n_others} smaller terms", written(rest));
        }
    }
    let _ = writeln!(
        words,
        "\nthe model's number  {}\nrecomputed in f64   {}\ndifference          {:.1e} (rounding to f32 allows {:.1e})",
        explanation.value, explanation.recomputed, explanation.difference, explanation.tolerance
    );
    words
}
