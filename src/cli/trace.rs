//! `glassbox trace --prompt P --site SITE`: a table of numbers from the inside of one forward pass.

use super::common::Common;
use super::output::Report;
use super::passage::Passage;
use crate::labs::inside::explain::written;
use crate::labs::inside::{At, BUDGET_BYTES, SiteName, Table, Trace};
use crate::refusal::{Refusal, Result};
use serde::Serialize;
use std::fmt::Write as _;

/// Rows and columns that are shown to a person.
const SHOWN: [usize; 2] = [16, 8];

/// Which table, of which text.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Sites, in the order of the pass: tokens, embed, pos_embed, resid_pre, ln1, q, k, v, scores, pattern, z, attn_out, resid_mid, ln2, mlp_pre, mlp_gate, mlp_post, mlp_out, resid_post, final_norm, logits, probs. q and k are after RoPE where there is RoPE, scores before the mask. Blocks, heads and positions are counted from 0."
)]
pub struct Args {
    #[command(flatten)]
    passage: Passage,
    #[command(flatten)]
    table: TableArgs,
    /// Only the row of this position
    #[arg(long, value_name = "T")]
    position: Option<usize>,
}

/// A table of the pass.
#[derive(Debug, clap::Args)]
pub(super) struct TableArgs {
    /// The place in the pass: embed, q, pattern, logits, …
    #[arg(long, value_parser = parse_site)]
    site: SiteName,
    /// The block, where every block has one; unless given, the first
    #[arg(long, value_name = "B")]
    block: Option<usize>,
    /// The head; q, k, v and z of all heads stand side by side unless one is named
    #[arg(long, value_name = "H")]
    head: Option<usize>,
}

impl TableArgs {
    /// The table, if the site is where it was said to be.
    pub(super) fn at(&self) -> Result<At> {
        if self.block.is_some() && !self.site.is_in_block() {
            return Err(Refusal::unchanged(
                format!("`{}` is in no block", self.site),
                "The model has one of it, before the blocks or behind them.",
                "Leave --block out.",
            ));
        }
        Ok(At {
            site: self.site,
            block: self.block.unwrap_or(0),
            head: self.head,
        })
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    model: &'a str,
    prompt_ids: &'a [u32],
    site: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    shape: Vec<usize>,
    values: &'a [f32],
}

/// Reads the text once and prints one table of the pass.
///
/// # Errors
/// When the model cannot be loaded, has no such site, block or head, or the text is refused.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let at = args.table.at()?;
    let trace = traced(&args.passage, common)?;
    let table = match args.position {
        Some(position) => trace.rows(at, position..position.saturating_add(1))?,
        None => trace.values(at)?,
    };
    if common.json {
        let mut shape = table.shape.to_vec();
        if at.site == SiteName::Tokens {
            shape.truncate(1);
        }
        common.write_json(&Document {
            model: &trace.loaded().name,
            prompt_ids: trace.ids(),
            site: at.site.name(),
            block: at.site.is_in_block().then_some(at.block),
            head: at.head,
            position: args.position,
            shape,
            values: &table.values,
        });
    } else {
        common.write(&words(at, &table, args.position.unwrap_or(0)));
    }
    Ok(Report::printed())
}

/// One pass over the text, with a bar while it is made.
pub(super) fn traced(passage: &Passage, common: &Common) -> Result<Trace> {
    let (loaded, seen) = passage.open(common)?;
    let bar = common.progress_bar("Reading");
    let trace = Trace::of(&loaded, &seen.ids, BUDGET_BYTES, &mut |done| {
        bar.set_position((done * 1000.0) as u64);
        common.stop.flow()
    });
    bar.finish_and_clear();
    trace?.ok_or_else(|| {
        Refusal::unchanged(
            "It was stopped before it was done",
            "Ctrl-C was pressed.",
            "Run it again.",
        )
    })
}

fn parse_site(name: &str) -> std::result::Result<SiteName, String> {
    SiteName::of(name).ok_or_else(|| {
        let names: Vec<_> = SiteName::ALL.into_iter().map(SiteName::name).collect();
        format!(
            "there is no site of this name; there are {}",
            names.join(", ")
        )
    })
}

/// The table's corner, and what all of it comes to.
fn words(at: At, table: &Table, first_row: usize) -> String {
    let [n_rows, n_columns] = table.shape;
    let mut words = format!("{at}: {n_rows} × {n_columns}\n");
    for i in 0..n_rows.min(SHOWN[0]) {
        let _ = write!(words, "{:>6}  ", first_row + i);
        for value in table.row(i).iter().take(SHOWN[1]) {
            let _ = write!(words, "{:>12}", written(f64::from(*value)));
        }
        words.push_str(if n_columns > SHOWN[1] {
            "  …\n"
        } else {
            "\n"
        });
    }
    if n_rows > SHOWN[0] {
        let _ = writeln!(words, "     …  {} more rows", n_rows - SHOWN[0]);
    }
    let numbers = || table.values.iter().copied();
    let mean = numbers().map(f64::from).sum::<f64>() / table.values.len().max(1) as f64;
    let _ = writeln!(
        words,
        "smallest {}, mean {}, largest {}",
        written(numbers().fold(f32::INFINITY, f32::min).into()),
        written(mean),
        written(numbers().fold(f32::NEG_INFINITY, f32::max).into())
    );
    words
}
