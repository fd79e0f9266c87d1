//! Surgery: parts of a model switched off, scaled, or given what they said about another text; then
//! a real forward pass, and the model's next token before and after.
//!
//! Switching a part off is what setting its weights to zero would do: a head contributes through
//! its own columns of the output matrix, a neuron through one, an MLP with its bias. (In a GPT-2
//! whose attention is switched off whole, the bias of its output goes with it.)

use super::watched::ask;
use crate::labs::text::LoadedText;
use crate::models::DecoderConfig;
use crate::nn::hooks::{Capture, Site};
use crate::nn::intervene::{Change, Edit, Intervene};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::Tensor;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A part of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// One head: what it adds to the stream.
    Head {
        /// Its block.
        block: usize,
        /// Which of the block's query heads.
        head: usize,
    },
    /// All heads of a block.
    Attention(usize),
    /// The MLP of a block.
    Mlp(usize),
    /// One neuron of an MLP, after its activation.
    Neuron {
        /// Its block.
        block: usize,
        /// Which of the MLP's hidden numbers.
        neuron: usize,
    },
    /// A whole block: its attention and its MLP. Off, the stream passes it untouched.
    Block(usize),
    /// The residual stream entering a block.
    Stream(usize),
    /// Being looked at: hidden, no later position's attention sees this one, in any block.
    Sight,
}

/// What is done to a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// It says nothing.
    Off,
    /// It says this many times what it would.
    Scale(f32),
    /// It says what it said about the other text, position for position, counted from the end.
    Patch,
}

/// One cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operation {
    /// Where.
    pub part: Part,
    /// At this position alone; `None` at all of them.
    pub position: Option<usize>,
    /// What is done there.
    pub way: Way,
}

/// The scores of the token that follows, by id, as the model is and after surgery.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// As the model is.
    pub before: Arc<[f32]>,
    /// After surgery.
    pub after: Arc<[f32]>,
}

impl Part {
    /// Its name as it is written on the command line and on screen: "head 3.5", "MLP 4".
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Head { block, head } => format!("head {block}.{head}"),
            Self::Attention(block) => format!("attention {block}"),
            Self::Mlp(block) => format!("MLP {block}"),
            Self::Neuron { block, neuron } => format!("neuron {block}.{neuron}"),
            Self::Block(block) => format!("block {block}"),
            Self::Stream(block) => format!("stream into block {block}"),
            Self::Sight => "being looked at".to_owned(),
        }
    }

    fn block(self) -> Option<usize> {
        match self {
            Self::Head { block, .. }
            | Self::Neuron { block, .. }
            | Self::Attention(block)
            | Self::Mlp(block)
            | Self::Block(block)
            | Self::Stream(block) => Some(block),
            Self::Sight => None,
        }
    }

    /// The sites it speaks through, with its head and its columns there.
    fn sites(self) -> Vec<(Site, Option<usize>, Option<usize>)> {
        match self {
            Self::Head { block, head } => vec![(Site::Z(block), Some(head), None)],
            Self::Attention(block) => vec![(Site::AttnOut(block), None, None)],
            Self::Mlp(block) => vec![(Site::MlpOut(block), None, None)],
            Self::Neuron { block, neuron } => vec![(Site::MlpPost(block), None, Some(neuron))],
            Self::Block(block) => vec![
                (Site::AttnOut(block), None, None),
                (Site::MlpOut(block), None, None),
            ],
            Self::Stream(block) => vec![(Site::ResidPre(block), None, None)],
            Self::Sight => Vec::new(),
        }
    }
}

impl Operation {
    /// Refuses what this model or this text does not have.
    fn check(&self, config: &DecoderConfig, n_positions: usize, other: bool) -> Result<()> {
        let below = |what: &str, i: usize, n: usize| {
            if i < n {
                return Ok(());
            }
            Err(Refusal::unchanged(
                format!("There is no {what} {i} here"),
                format!("This model has {n}, numbered from 0 to {}.", n - 1),
                format!("Choose a {what} below {n}."),
            ))
        };
        if let Some(block) = self.part.block() {
            below("block", block, config.n_layers)?;
        }
        match self.part {
            Part::Head { head, .. } => below("head", head, config.n_heads)?,
            Part::Neuron { neuron, .. } => below("neuron", neuron, config.d_mlp)?,
            _ => {}
        }
        if let Some(position) = self.position
            && position >= n_positions
        {
            return Err(Refusal::unchanged(
                format!("There is no position {position} in this text"),
                format!("It has {n_positions} tokens, counted from 0."),
                "Choose a position of the text, or all of them.",
            ));
        }
        if self.part == Part::Sight && (self.position.is_none() || self.way != Way::Off) {
            return Err(Refusal::unchanged(
                "Only one position at a time can be hidden",
                "Hiding means that no later position's attention sees it; there is no half of that.",
                "Name the position, and switch it off.",
            ));
        }
        if self.way == Way::Patch && !other {
            return Err(Refusal::unchanged(
                "There is nothing to patch from",
                format!(
                    "The {} is to say what it said about another text.",
                    self.part.name()
                ),
                "Give the other text too.",
            ));
        }
        if let Way::Scale(factor) = self.way
            && !factor.is_finite()
        {
            return Err(Refusal::unchanged(
                "A part can be scaled by a number only",
                format!("{factor} is none."),
                "Choose a number such as 0, 0.5 or 2.",
            ));
        }
        Ok(())
    }

    /// The edits it is made of; `patch` knows what passed a site in the other text.
    fn edits(
        &self,
        config: &DecoderConfig,
        n_positions: usize,
        patch: &dyn Fn(Site) -> Option<Tensor>,
    ) -> Vec<Edit> {
        if let (Part::Sight, Some(hidden)) = (self.part, self.position) {
            return (0..config.n_layers)
                .map(|block| Edit {
                    site: Site::Scores(block),
                    head: None,
                    rows: Some(hidden + 1..n_positions.max(hidden + 1)),
                    columns: Some(hidden..hidden + 1),
                    change: Change::Set(f32::NEG_INFINITY),
                })
                .collect();
        }
        let change = |site| match self.way {
            Way::Off => Some(Change::Set(0.0)),
            Way::Scale(factor) => Some(Change::Scale(factor)),
            Way::Patch => patch(site).map(Change::Patch),
        };
        let sites = self.part.sites().into_iter();
        sites
            .filter_map(|(site, head, column)| {
                Some(Edit {
                    site,
                    head,
                    rows: self.position.map(|at| at..at + 1),
                    columns: column.map(|at| at..at + 1),
                    change: change(site)?,
                })
            })
            .collect()
    }
}

/// The next token's scores before and after `operations` on a model that reads `ids`, patched from
/// `other` where an operation asks for it; `None` when `emit`, which hears how much is done from 0
/// to 1, ended it.
///
/// # Errors
/// A text the model cannot read, a part it does not have, or arithmetic that fails.
pub fn operate(
    loaded: &LoadedText,
    ids: &[u32],
    operations: &[Operation],
    other: Option<&[u32]>,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Outcome>> {
    for operation in operations {
        operation.check(&loaded.config, ids.len(), other.is_some())?;
    }
    let Some(before) = scores(loaded, ids, Vec::new(), &mut |done| emit(done / 3.0))? else {
        return Ok(None);
    };
    let after = operated(loaded, ids, operations, other, &mut |done| {
        emit((1.0 + 2.0 * done) / 3.0)
    })?;
    Ok(after.map(|after| Outcome { before, after }))
}

/// The scores after surgery alone.
///
/// # Errors
/// As [`operate`].
pub fn operated(
    loaded: &LoadedText,
    ids: &[u32],
    operations: &[Operation],
    other: Option<&[u32]>,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Arc<[f32]>>> {
    let patched = operations.iter().filter(|o| o.way == Way::Patch);
    let wanted: Vec<Site> = patched
        .flat_map(|operation| operation.part.sites())
        .map(|(site, ..)| site)
        .collect();
    let mut there = Capture::default();
    if let (Some(other), false) = (other, wanted.is_empty()) {
        let capture = Capture::of(wanted);
        let Some(seen) = ask(loaded, other, capture, &mut |done| emit(done / 2.0))? else {
            return Ok(None);
        };
        there = seen;
    }
    let edits = operations
        .iter()
        .flat_map(|operation| {
            operation.edits(&loaded.config, ids.len(), &|site| there.get(site).cloned())
        })
        .collect();
    scores(loaded, ids, edits, &mut |done| emit(0.5 + done / 2.0))
}

/// The last position's scores of a pass with `edits`.
fn scores(
    loaded: &LoadedText,
    ids: &[u32],
    edits: Vec<Edit>,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Arc<[f32]>>> {
    let hooks = Intervene::new(edits, Capture::of([Site::Logits]));
    let Some(seen) = ask(loaded, ids, hooks, emit)? else {
        return Ok(None);
    };
    let seen = seen.into_inner();
    let logits = seen.get(Site::Logits).map_or(Ok(Vec::new()), |logits| {
        logits.flatten_all()?.to_vec1::<f32>()
    });
    let logits = logits.map_err(|error| math_refusal(&error))?;
    Ok(Some(logits.into()))
}
