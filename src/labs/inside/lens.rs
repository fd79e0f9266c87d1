//! The logit lens (nostalgebraist 2020): the residual stream of any block, read by the model's own
//! last norm and head as if the model ended there. Layer 0 is the embeddings, layer `i` the stream
//! that leaves block `i − 1`; the last layer is the model's own answer, bit for bit.

use super::watched::ask;
use crate::labs::text::{Candidate, LoadedText};
use crate::nn::hooks::{Hooks, Site};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use std::ops::{ControlFlow, Range};

/// Rows that are read at a time: enough to use every thread, few enough to stop soon.
const ROWS_AT_A_TIME: usize = 16;

/// What one layer would say at one position.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its best candidates, best first, with their probability.
    pub best: Vec<Candidate>,
    /// How undecided it is: the entropy of its distribution, in bits.
    pub entropy_bits: f32,
}

/// What [`lens`] streams.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The model reads the text; how much of it, 0 to 1.
    Reading(f32),
    /// What a layer says at some positions.
    Row {
        /// The layer, from 0 for the embeddings.
        layer: usize,
        /// The first position.
        first: usize,
        /// One cell per position.
        cells: Vec<Cell>,
    },
}

/// One layer's opinion of one token.
#[derive(Debug, Clone, PartialEq)]
pub struct Depth {
    /// How many tokens it finds more probable.
    pub rank: usize,
    /// The token's score.
    pub logit: f64,
    /// The natural logarithm of its probability.
    pub log_p: f64,
    /// The token the layer finds most probable.
    pub best: Candidate,
}

/// Layers of a lens over a model with so many blocks.
#[must_use]
pub fn n_layers(n_blocks: usize) -> usize {
    n_blocks + 1
}

/// Reads `ids` once and says, layer by layer from the last to the first, what each would predict at
/// `positions`, its `n_best` best. Whether it was not ended by `emit`.
///
/// # Errors
/// A text the model cannot read, positions it does not have, or arithmetic that fails.
pub fn lens(
    loaded: &LoadedText,
    ids: &[u32],
    positions: Range<usize>,
    n_best: usize,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<bool> {
    let wanted = Streams::new(loaded.config.n_layers, positions.clone());
    if positions.start >= positions.end || positions.end > ids.len() {
        return Err(Refusal::unchanged(
            format!("There is no position {}", positions.end.saturating_sub(1)),
            format!("The text has {} tokens, counted from 0.", ids.len()),
            "Choose positions of the text.",
        ));
    }
    // Later positions change nothing before them.
    let ids = &ids[..positions.end];
    let streams = ask(loaded, ids, wanted, &mut |done| emit(Event::Reading(done)))?;
    let Some(streams) = streams else {
        return Ok(false);
    };
    let n_blocks = loaded.config.n_layers;
    for chunk in chunks(positions.clone()).rev() {
        for layer in (0..n_layers(n_blocks)).rev() {
            let rows = chunk.start - positions.start..chunk.end - positions.start;
            let logits = streams
                .unembedded(loaded, layer, rows)
                .map_err(|error| math_refusal(&error))?;
            let cells = logits.iter().map(|row| cell(row, n_best)).collect();
            let first = chunk.start;
            if emit(Event::Row {
                layer,
                first,
                cells,
            })
            .is_break()
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// What every layer thinks of `token` behind `ids`, from the embeddings to the last; `None` when
/// `emit`, which hears how much of the pass is done, ended it.
///
/// # Errors
/// As [`lens`], and when the vocabulary has no such token.
pub fn through_depth(
    loaded: &LoadedText,
    ids: &[u32],
    token: u32,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Vec<Depth>>> {
    super::watched::known(loaded, token)?;
    let n_blocks = loaded.config.n_layers;
    let last = ids.len().saturating_sub(1);
    let wanted = Streams::new(n_blocks, last..ids.len());
    let Some(streams) = ask(loaded, ids, wanted, emit)? else {
        return Ok(None);
    };
    let mut all = Vec::with_capacity(n_layers(n_blocks));
    for layer in 0..n_layers(n_blocks) {
        let logits = streams
            .unembedded(loaded, layer, 0..1)
            .map_err(|error| math_refusal(&error))?;
        all.extend(logits.iter().map(|row| depth(row, token)));
        if emit(1.0).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(all))
}

fn chunks(positions: Range<usize>) -> impl DoubleEndedIterator<Item = Range<usize>> {
    let Range { start, end } = positions;
    (0..(end - start).div_ceil(ROWS_AT_A_TIME)).map(move |i| {
        let first = start + i * ROWS_AT_A_TIME;
        first..(first + ROWS_AT_A_TIME).min(end)
    })
}

/// Keeps the residual stream between all blocks, at some positions.
struct Streams {
    positions: Range<usize>,
    last_block: usize,
    width: usize,
    device: Device,
    /// One row after another, for each layer.
    layers: Vec<Vec<f32>>,
}

impl Streams {
    fn new(n_blocks: usize, positions: Range<usize>) -> Self {
        Self {
            positions,
            last_block: n_blocks.saturating_sub(1),
            width: 0,
            device: Device::Cpu,
            layers: Vec::new(),
        }
    }

    /// Scores of all tokens in some rows of a layer.
    fn unembedded(
        &self,
        loaded: &LoadedText,
        layer: usize,
        rows: Range<usize>,
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let values = &self.layers[layer][rows.start * self.width..rows.end * self.width];
        let x = Tensor::from_slice(values, (rows.len(), self.width), &self.device)?;
        loaded.model().unembed(&x)?.to_vec2()
    }
}

impl Hooks for Streams {
    fn wants(&self, site: Site) -> bool {
        match site {
            Site::ResidPre(_) => true,
            Site::ResidPost(block) => block == self.last_block,
            _ => false,
        }
    }

    fn at(&mut self, site: Site, x: Tensor) -> candle_core::Result<Tensor> {
        if self.wants(site) {
            let rows = x.narrow(0, self.positions.start, self.positions.len())?;
            self.width = x.dim(1)?;
            self.device = x.device().clone();
            self.layers.push(rows.flatten_all()?.to_vec1()?);
        }
        Ok(x)
    }
}

/// The best of a row of scores.
fn cell(logits: &[f32], n_best: usize) -> Cell {
    let (top, log_sum) = log_sum(logits);
    let mut best: Vec<(f32, u32)> = Vec::with_capacity(n_best + 1);
    let mut weighted = 0.0;
    for (id, &logit) in logits.iter().enumerate() {
        weighted += f64::from((logit - top).exp()) * f64::from(logit);
        if best.len() < n_best || best.last().is_some_and(|&(least, _)| logit > least) {
            let at = best.partition_point(|&(better, _)| better >= logit);
            best.insert(at, (logit, id as u32));
            best.truncate(n_best);
        }
    }
    let mean_logit = weighted / (log_sum - f64::from(top)).exp();
    Cell {
        best: best
            .into_iter()
            .map(|(logit, id)| candidate(id, logit, log_sum))
            .collect(),
        entropy_bits: ((log_sum - mean_logit) / std::f64::consts::LN_2).max(0.0) as f32,
    }
}

fn depth(logits: &[f32], token: u32) -> Depth {
    let (_, log_sum) = log_sum(logits);
    let own = logits[token as usize];
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    let best = best.unwrap_or_default();
    Depth {
        rank: logits.iter().filter(|&&other| other > own).count(),
        logit: f64::from(own),
        log_p: f64::from(own) - log_sum,
        best: candidate(best as u32, logits[best], log_sum),
    }
}

fn candidate(id: u32, logit: f32, log_sum: f64) -> Candidate {
    let logit = f64::from(logit);
    Candidate {
        id,
        logit,
        p: (logit - log_sum).exp(),
    }
}

/// The largest score, and the logarithm of Σ e^score.
fn log_sum(logits: &[f32]) -> (f32, f64) {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|x| f64::from((x - top).exp())).sum();
    (top, f64::from(top) + sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_lists_the_best_with_their_shares_and_the_entropy_in_bits() {
        // e^0 : e^ln2 : e^ln5 = 1 : 2 : 5.
        let logits = [0.0, 2f32.ln(), f32::NEG_INFINITY, 5f32.ln()];
        let cell = cell(&logits, 2);
        let ids: Vec<u32> = cell.best.iter().map(|c| c.id).collect();
        assert_eq!(ids, [3, 1]);
        assert!((cell.best[0].p - 0.625).abs() < 1e-6);
        let depth = depth(&logits, 0);
        assert_eq!((depth.rank, depth.best.id), (2, 3));
        assert!((depth.log_p - 0.125f64.ln()).abs() < 1e-6);
        let even = super::cell(&[3.0; 8], 1);
        assert!(
            (even.entropy_bits - 3.0).abs() < 1e-5,
            "{}",
            even.entropy_bits
        );
    }
}
