//! `glassbox ablate --prompt P --heads L.H,…`: the model again, without some of its parts.

use super::common::Common;
use super::output::Report;
use super::passage::{Passage, candidates, token_text};
use crate::labs::inside::surgery::{Operation, Part, Way, operate};
use crate::labs::text::{Candidate, LoadedText, best, read_raw};
use crate::refusal::{Refusal, Result};
use serde_json::json;
use std::fmt::Write as _;

/// Which parts, and what is done to them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Blocks, heads, neurons and positions are counted from 0. Switching a part off is what setting its weights to zero would do. With --from, the parts say what they said about that other text, position for position, counted from the end."
)]
pub struct Args {
    #[command(flatten)]
    passage: Passage,
    /// Heads, as block.head: 3.5,4.0
    #[arg(long, value_name = "L.H,…", value_delimiter = ',', value_parser = pair)]
    heads: Vec<(usize, usize)>,
    /// MLPs, by their blocks
    #[arg(long, value_name = "L,…", value_delimiter = ',')]
    mlps: Vec<usize>,
    /// Neurons of the MLPs, as block.neuron
    #[arg(long, value_name = "L.N,…", value_delimiter = ',', value_parser = pair)]
    neurons: Vec<(usize, usize)>,
    /// Attention of whole blocks: every head, and the output's bias where there is one
    #[arg(long, value_name = "L,…", value_delimiter = ',')]
    attention: Vec<usize>,
    /// Whole blocks: attention and MLP
    #[arg(long, value_name = "L,…", value_delimiter = ',')]
    blocks: Vec<usize>,
    /// The residual stream entering these blocks; with --from and --position, what is known there
    #[arg(long, value_name = "L,…", value_delimiter = ',')]
    streams: Vec<usize>,
    /// Positions that no later position may look at
    #[arg(long, value_name = "T,…", value_delimiter = ',')]
    hide: Vec<usize>,
    /// Only at these positions; unless given, at all
    #[arg(long, value_name = "T,…", value_delimiter = ',')]
    position: Vec<usize>,
    /// Multiply by this instead of switching off
    #[arg(
        long,
        value_name = "X",
        conflicts_with = "from",
        allow_hyphen_values = true
    )]
    scale: Option<f32>,
    /// Take what the parts said about this text instead of switching off
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    from: Option<String>,
    /// How many of the best candidates to list
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
}

/// Runs the model twice: as it is, and after surgery.
///
/// # Errors
/// When the model cannot be loaded, does not have the parts, or the text is refused.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let operations = operations(args);
    if operations.is_empty() {
        return Err(Refusal::unchanged(
            "Nothing was named to be operated on",
            "There are no heads, MLPs, neurons, attention, blocks, streams or positions to change.",
            "Name some, for example --heads 3.5 for head 5 of block 3.",
        ));
    }
    let (loaded, seen) = args.passage.open(common)?;
    let other = args.from.as_deref();
    let other = other.map(|text| read_raw(&loaded, text)).transpose()?;
    let other = other.as_ref().map(|other| &other.ids[..]);
    let bar = common.progress_bar("Operating");
    let outcome = operate(&loaded, &seen.ids, &operations, other, &mut |done| {
        bar.set_position((done * 1000.0) as u64);
        common.stop.flow()
    });
    bar.finish_and_clear();
    let Some(outcome) = outcome? else {
        return Err(Refusal::unchanged(
            "It was stopped before it was done",
            "Ctrl-C was pressed.",
            "Run it again.",
        ));
    };
    let before = best(&outcome.before, args.top);
    let after = best(&outcome.after, args.top);
    let document = json!({
        "model": loaded.name,
        "prompt_ids": seen.ids,
        "operations": operations.iter().map(in_words).collect::<Vec<_>>(),
        "before": candidates(&loaded, &before),
        "after": candidates(&loaded, &after),
    });
    Ok(Report::new(document, words(&loaded, &before, &after)))
}

fn operations(args: &Args) -> Vec<Operation> {
    let way = match (args.scale, &args.from) {
        (Some(factor), _) => Way::Scale(factor),
        (None, Some(_)) => Way::Patch,
        (None, None) => Way::Off,
    };
    let heads = args.heads.iter();
    let neurons = args.neurons.iter();
    let parts = heads
        .map(|&(block, head)| Part::Head { block, head })
        .chain(args.mlps.iter().map(|&block| Part::Mlp(block)))
        .chain(neurons.map(|&(block, neuron)| Part::Neuron { block, neuron }))
        .chain(args.attention.iter().map(|&block| Part::Attention(block)))
        .chain(args.blocks.iter().map(|&block| Part::Block(block)))
        .chain(args.streams.iter().map(|&block| Part::Stream(block)));
    let positions: Vec<Option<usize>> = if args.position.is_empty() {
        vec![None]
    } else {
        args.position.iter().copied().map(Some).collect()
    };
    let hidden = args.hide.iter().map(|&position| Operation {
        part: Part::Sight,
        position: Some(position),
        way: Way::Off,
    });
    parts
        .flat_map(|part| {
            positions.iter().map(move |&position| Operation {
                part,
                position,
                way,
            })
        })
        .chain(hidden)
        .collect()
}

fn in_words(operation: &Operation) -> String {
    let mut words = match operation.way {
        Way::Off => format!("{} off", operation.part.name()),
        Way::Scale(factor) => format!("{} times {factor}", operation.part.name()),
        Way::Patch => format!("{} from the other text", operation.part.name()),
    };
    if let Some(position) = operation.position {
        let _ = write!(words, ", at position {position}");
    }
    words
}

fn words(loaded: &LoadedText, before: &[Candidate], after: &[Candidate]) -> String {
    let mut words = format!("{:<32}{}\n", "before", "after");
    for i in 0..before.len().max(after.len()) {
        let side = |candidates: &[Candidate]| {
            candidates.get(i).map_or_else(String::new, |c| {
                format!("{:>6.2} %  {:?}", c.p * 100.0, token_text(loaded, c.id))
            })
        };
        let _ = writeln!(words, "{:<32}{}", side(before), side(after));
    }
    words
}

/// `3.5`: block 3, number 5 in it.
fn pair(text: &str) -> std::result::Result<(usize, usize), String> {
    let parts = text.split_once('.');
    let parsed = parts.and_then(|(block, i)| Some((block.parse().ok()?, i.parse().ok()?)));
    parsed.ok_or_else(|| "write block.number, such as 3.5".to_owned())
}
