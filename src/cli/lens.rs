//! `glassbox lens --prompt P`: what every layer would predict, at every position.

use super::common::Common;
use super::output::Report;
use super::passage::{Passage, candidates, token_text};
use crate::labs::inside::contributions::{Contributions, contributions};
use crate::labs::inside::lens::{Cell, Depth, Event, lens, n_layers, through_depth};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The most words of the table that stand beside each other in a terminal.
const MOST_COLUMNS: usize = 8;

/// What is looked at.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Layer 0 is the embeddings, layer i the stream behind block i − 1; the last layer is the model's own answer. With --token also what each layer thinks of that token at the end of the text, and what each part of the model adds to its score."
)]
pub struct Args {
    #[command(flatten)]
    passage: Passage,
    /// How many of the best tokens to list for each layer and position, under `top`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: u16,
    /// Follow this text's first token through the depth
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    token: Option<String>,
    /// Follow the token of this id instead
    #[arg(long, value_name = "ID", conflicts_with = "token")]
    token_id: Option<u32>,
}

/// Reads the text, and every layer's mind.
///
/// # Errors
/// When the model cannot be loaded or cannot read the text.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let (loaded, seen) = args.passage.open(common)?;
    let n = seen.ids.len();
    let mut table = vec![vec![None; n]; n_layers(loaded.config.n_layers)];
    let n_cells = (table.len() * n) as f32;
    let mut n_done = 0;
    let bar = common.progress_bar("Reading every layer");
    let whole = lens(&loaded, &seen.ids, 0..n, args.top.into(), &mut |event| {
        if let Event::Row {
            layer,
            first,
            cells,
        } = event
        {
            n_done += cells.len();
            bar.set_position((n_done as f32 / n_cells * 1000.0) as u64);
            for (at, cell) in cells.into_iter().enumerate() {
                table[layer][first + at] = Some(cell);
            }
        }
        common.stop.flow()
    });
    bar.finish_and_clear();
    if !whole? {
        return Err(stopped());
    }
    let table: Vec<Vec<Cell>> = table
        .into_iter()
        .map(|row| row.into_iter().flatten().collect())
        .collect();
    let mut document = json!({
        "model": loaded.name,
        "prompt_ids": seen.ids,
        "prompt_tokens": seen.ids.iter().map(|&id| token_text(&loaded, id)).collect::<Vec<_>>(),
        "layers": table.iter().map(|row| row.iter().map(|cell| cell_json(&loaded, cell, args.top)).collect::<Vec<_>>()).collect::<Vec<_>>(),
    });
    let mut words = words(&loaded, &seen.ids, &table);
    if let Some(token) = followed(args, &loaded)? {
        let go_on = &mut |_| common.stop.flow();
        let depths = through_depth(&loaded, &seen.ids, token, go_on)?.ok_or_else(stopped)?;
        let parts = contributions(&loaded, &seen.ids, token, None, go_on)?.ok_or_else(stopped)?;
        words.push_str(&followed_words(&loaded, token, &depths, &parts));
        document["token"] = followed_json(&loaded, token, &depths, &parts);
    }
    Ok(Report::new(document, words))
}

/// The token whose way through the model is asked for.
fn followed(args: &Args, loaded: &LoadedText) -> Result<Option<u32>> {
    let Some(text) = &args.token else {
        return Ok(args.token_id);
    };
    let seen = crate::labs::text::read_raw(loaded, text)?;
    // A start token that was put before it is not what was meant.
    let first = seen.ids.iter().find(|&&id| !loaded.is_special(id));
    Ok(first.or(seen.ids.first()).copied())
}

fn cell_json(loaded: &LoadedText, cell: &Cell, top: u16) -> Value {
    let mut all = candidates(loaded, &cell.best);
    let Some(first) = all.first().cloned() else {
        return Value::Null;
    };
    let mut json = first;
    if top > 1 {
        json["top"] = std::mem::take(&mut all).into();
    }
    json
}

fn followed_json(
    loaded: &LoadedText,
    token: u32,
    depths: &[Depth],
    parts: &Contributions,
) -> Value {
    let depth = |d: &Depth| json!({ "rank": d.rank, "logit": d.logit, "log_p": d.log_p });
    let part = |(source, value): &(crate::labs::inside::contributions::Source, f64)| json!({ "part": source.name(), "value": value });
    json!({
        "id": token,
        "text": token_text(loaded, token),
        "layers": depths.iter().map(depth).collect::<Vec<_>>(),
        "logit": parts.logit,
        "sum": parts.sum,
        "contributions": parts.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

/// The table of the last positions, a row per layer from the last down.
fn words(loaded: &LoadedText, ids: &[u32], table: &[Vec<Cell>]) -> String {
    let shown = ids.len().saturating_sub(MOST_COLUMNS)..ids.len();
    let mut words = String::from("layer");
    for &id in &ids[shown.clone()] {
        let _ = write!(
            words,
            "  {:<14}",
            clipped(&format!("{:?}", token_text(loaded, id)), 14)
        );
    }
    words.push('\n');
    for (layer, row) in table.iter().enumerate().rev() {
        let _ = write!(words, "{layer:>5}");
        for cell in &row[shown.clone()] {
            let best = cell.best.first();
            let said = best.map_or_else(String::new, |best| {
                let text = clipped(&format!("{:?}", token_text(loaded, best.id)), 9);
                format!("{text} {:>3.0} %", best.p * 100.0)
            });
            let _ = write!(words, "  {said:<14}");
        }
        words.push('\n');
    }
    words
}

fn followed_words(
    loaded: &LoadedText,
    token: u32,
    depths: &[Depth],
    parts: &Contributions,
) -> String {
    let mut words = format!("\n{:?} at the end of the text\n", token_text(loaded, token));
    for (layer, depth) in depths.iter().enumerate().rev() {
        let p = depth.log_p.exp() * 100.0;
        let _ = writeln!(words, "{layer:>5}  rank {:>6}  {p:>8.3} %", depth.rank + 1);
    }
    let mut sorted = parts.parts.clone();
    sorted.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let _ = writeln!(words, "\nIts score {:.4} is the sum of", parts.logit);
    let (first, rest) = sorted.split_at(sorted.len().min(12));
    for (source, value) in first {
        let _ = writeln!(words, "  {value:>+9.4}  {}", source.name());
    }
    if !rest.is_empty() {
        let sum: f64 = rest.iter().map(|(_, value)| value).sum();
        let _ = writeln!(words, "  {sum:>+9.4}  {} smaller ones", rest.len());
    }
    let _ = writeln!(words, "  {:>+9.4}  in all", parts.sum);
    words
}

fn clipped(text: &str, n: usize) -> String {
    if text.chars().count() <= n {
        return text.to_owned();
    }
    let kept: String = text.chars().take(n - 1).collect();
    kept + "…"
}

fn stopped() -> Refusal {
    Refusal::unchanged(
        "It was stopped before it was done",
        "Ctrl-C was pressed.",
        "Run it again.",
    )
}
