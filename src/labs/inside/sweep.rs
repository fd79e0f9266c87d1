//! Every part switched off by itself, one real forward pass each: which of them a prediction needs.

use super::surgery::{Operation, Part, Way, operated};
use crate::labs::text::LoadedText;
use crate::refusal::Result;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What a token's log-probability loses or gains when a part is off.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// The token.
    pub token: u32,
    /// Its natural log-probability in the model as it is.
    pub log_p: f64,
    /// For every part, heads block after block, then MLPs: its log-probability without the part, less
    /// [`Sweep::log_p`]. Negative where the part is needed.
    pub changes: Vec<(Part, f32)>,
}

impl Sweep {
    /// What switching `part` off changes.
    #[must_use]
    pub fn change(&self, part: Part) -> Option<f32> {
        let mut all = self.changes.iter();
        all.find(|(of, _)| *of == part).map(|(_, change)| *change)
    }
}

/// Switches every head and every MLP off, one at a time, and asks each time for the log-probability of
/// `token`, or of the model's own best, behind `ids`. `None` when `emit`, which hears how much is
/// done from 0 to 1, ended it.
///
/// # Errors
/// A text the model cannot read, a token it does not know, or arithmetic that fails.
pub fn sweep(
    loaded: &LoadedText,
    ids: &[u32],
    token: Option<u32>,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Sweep>> {
    let config = &loaded.config;
    let heads = (0..config.n_layers)
        .flat_map(|block| (0..config.n_heads).map(move |head| Part::Head { block, head }));
    let mlps = (0..config.n_layers).map(Part::Mlp);
    let parts: Vec<Part> = heads.chain(mlps).collect();
    let n = parts.len() as f32 + 1.0;
    let mut done = 0.0;
    let mut pass = |operations: &[Operation]| {
        let logits = operated(loaded, ids, operations, None, &mut |share| {
            emit((done + share) / n)
        });
        done += 1.0;
        logits
    };
    let Some(whole) = pass(&[])? else {
        return Ok(None);
    };
    if let Some(token) = token {
        super::watched::known(loaded, token)?;
    }
    let token = token.unwrap_or_else(|| best(&whole));
    let log_p = log_probability(&whole, token);
    let mut changes = Vec::with_capacity(parts.len());
    for part in parts {
        let off = Operation {
            part,
            position: None,
            way: Way::Off,
        };
        let Some(logits) = pass(&[off])? else {
            return Ok(None);
        };
        changes.push((part, (log_probability(&logits, token) - log_p) as f32));
    }
    Ok(Some(Sweep {
        token,
        log_p,
        changes,
    }))
}

fn best(logits: &Arc<[f32]>) -> u32 {
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    best.unwrap_or_default() as u32
}

/// The natural logarithm of a token's share.
#[must_use]
pub fn log_probability(logits: &[f32], token: u32) -> f64 {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|x| f64::from(x - top).exp()).sum();
    let own = logits.get(token as usize).copied().unwrap_or(f32::NAN);
    f64::from(own - top) - sum.ln()
}
