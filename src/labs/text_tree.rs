//! The tree of continuations: every token the model or the person ever chose, kept.
//!
//! A prompt is a root. Each token below it is a [`Node`] with the probabilities it was chosen at
//! and, within a memory budget, the model's scores for the whole vocabulary. Choosing another
//! candidate makes a branch beside the old text; nothing is ever overwritten or deleted. Undo and
//! redo only move the cursor, so they lose nothing either.

mod reading;

use crate::algo::sampling::Sampling;
use crate::labs::text::StopReason;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many bytes of scores a tree keeps unless told: about 1,300 tokens of a 49,152-token
/// vocabulary.
pub const LOGITS_BUDGET_BYTES: usize = 256 << 20;

/// A node's place in its tree. It stays valid: nodes are never removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NodeId(u32);

impl NodeId {
    /// The node's number in the order nodes were made, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Who chose a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBy {
    /// The sampler, from the model's distribution.
    Model,
    /// The person, by picking a candidate.
    You,
}

/// A text that continuations start from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prompt {
    /// What the model really saw, special tokens written out.
    pub text: String,
    /// The same as token ids.
    pub ids: Vec<u32>,
    /// The model that answered.
    pub model: String,
    #[serde(skip)]
    children: Vec<NodeId>,
}

/// One token after a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The token before it; `None` directly after the prompt.
    pub parent: Option<NodeId>,
    /// The prompt it belongs to.
    pub prompt_idx: usize,
    /// How many tokens stand between the prompt and it.
    pub depth: usize,
    /// What was chosen, and how.
    pub choice: Choice,
    /// Why generation ended here, if it did.
    pub stop: Option<StopReason>,
    children: Vec<NodeId>,
    logits: Option<Arc<[f32]>>,
}

/// A chosen token and the numbers it was chosen at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// The token's id.
    pub id: u32,
    /// Its bytes; they may be part of a character.
    pub bytes: Vec<u8>,
    /// Whether it is a control token of the model (end of text, …), not text.
    pub special: bool,
    /// Its probability before any sampling step, 0..=1.
    pub p_raw: f64,
    /// Its probability after all sampling steps, 0..=1; 0 where they had discarded it.
    pub p_sampled: f64,
    /// How many candidates the sampling steps left.
    pub nucleus_size: usize,
    /// The sampler or the person.
    pub chosen_by: ChosenBy,
    /// How many of the oldest tokens the model no longer saw, because the context was full.
    pub n_dropped: usize,
    /// The settings and the seed in force.
    #[serde(skip)]
    pub settings: Arc<Settings>,
}

impl Choice {
    /// How surprised the model was by this token, in bits: −log2 of its raw probability.
    #[must_use]
    pub fn surprise_bits(&self) -> f64 {
        -self.p_raw.max(f64::MIN_POSITIVE).log2()
    }
}

/// What a token was sampled with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Every slider.
    pub sampling: Sampling,
    /// The seed of the random draws.
    pub seed: u64,
}

/// Where the person is: a prompt, and the last token of the text shown (`None`: the prompt alone).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Which prompt.
    pub prompt_idx: usize,
    /// The last token.
    pub leaf: Option<NodeId>,
}

/// All texts of a session, and where the person is among them. A clone shares the kept scores.
#[derive(Debug, Clone)]
pub struct TextTree {
    prompts: Vec<Prompt>,
    nodes: Vec<Node>,
    cursor: Option<Cursor>,
    undone: Vec<Option<Cursor>>,
    done: Vec<Option<Cursor>>,
    with_logits: VecDeque<NodeId>,
    logits_bytes: usize,
    budget_bytes: usize,
}

impl Default for TextTree {
    fn default() -> Self {
        Self::new(LOGITS_BUDGET_BYTES)
    }
}

impl TextTree {
    /// An empty tree that keeps at most `budget_bytes` of scores.
    #[must_use]
    pub fn new(budget_bytes: usize) -> Self {
        Self {
            prompts: Vec::new(),
            nodes: Vec::new(),
            cursor: None,
            undone: Vec::new(),
            done: Vec::new(),
            with_logits: VecDeque::new(),
            logits_bytes: 0,
            budget_bytes,
        }
    }

    /// Marks the start of a change that undo takes back in one step.
    pub fn begin_change(&mut self) {
        self.done.push(self.cursor);
        self.undone.clear();
    }

    /// Goes to a prompt, adding it where it is new, with no token after it.
    pub fn start(&mut self, text: &str, ids: &[u32], model: &str) {
        let known = self
            .prompts
            .iter()
            .position(|p| p.ids == ids && p.model == model && p.text == text);
        let prompt_idx = known.unwrap_or_else(|| {
            self.prompts.push(Prompt {
                text: text.into(),
                ids: ids.into(),
                model: model.into(),
                children: Vec::new(),
            });
            self.prompts.len() - 1
        });
        self.cursor = Some(Cursor {
            prompt_idx,
            leaf: None,
        });
    }

    /// Moves on by one token: along an existing branch when the same token is already there,
    /// otherwise on a new one. Returns the token's node, or `None` before any prompt.
    pub fn push(&mut self, choice: Choice, logits: Option<Arc<[f32]>>) -> Option<NodeId> {
        let Cursor { prompt_idx, leaf } = self.cursor?;
        let siblings = self.children(prompt_idx, leaf);
        let same = |id: &NodeId| {
            let there = &self.nodes[id.index()].choice;
            there.id == choice.id && there.n_dropped == choice.n_dropped
        };
        let node_id = match siblings.iter().copied().find(same) {
            Some(known) => {
                self.nodes[known.index()].choice = choice;
                known
            }
            None => self.grow(prompt_idx, leaf, choice),
        };
        if let Some(logits) = logits {
            self.keep_logits(node_id, logits);
        }
        self.cursor = Some(Cursor {
            prompt_idx,
            leaf: Some(node_id),
        });
        Some(node_id)
    }

    fn grow(&mut self, prompt_idx: usize, parent: Option<NodeId>, choice: Choice) -> NodeId {
        let node_id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            parent,
            prompt_idx,
            depth: parent.map_or(0, |p| self.nodes[p.index()].depth + 1),
            choice,
            stop: None,
            children: Vec::new(),
            logits: None,
        });
        match parent {
            Some(parent) => self.nodes[parent.index()].children.push(node_id),
            None => self.prompts[prompt_idx].children.push(node_id),
        }
        node_id
    }

    /// Goes to `parent` of the node, so that the next [`TextTree::push`] branches beside it.
    pub fn step_before(&mut self, node: NodeId) {
        let Node {
            prompt_idx, parent, ..
        } = self.nodes[node.index()];
        self.cursor = Some(Cursor {
            prompt_idx,
            leaf: parent,
        });
    }

    /// Shows the text that ends at `node`.
    pub fn go_to(&mut self, node: NodeId) {
        self.cursor = Some(Cursor {
            prompt_idx: self.nodes[node.index()].prompt_idx,
            leaf: Some(node),
        });
    }

    /// Notes why generation ended at the cursor.
    pub fn set_stop(&mut self, stop: StopReason) {
        if let Some(Cursor {
            leaf: Some(leaf), ..
        }) = self.cursor
        {
            self.nodes[leaf.index()].stop = Some(stop);
        }
    }

    /// Takes the last change back. Nothing is deleted: the text undone stays among the branches.
    pub fn undo(&mut self) {
        if let Some(before) = self.done.pop() {
            self.undone.push(self.cursor);
            self.cursor = before;
        }
    }

    /// Does the last undone change again.
    pub fn redo(&mut self) {
        if let Some(after) = self.undone.pop() {
            self.done.push(self.cursor);
            self.cursor = after;
        }
    }

    /// Whether there is something to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to redo.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Keeps the model's scores at a node, dropping the oldest kept ones past the budget.
    pub fn keep_logits(&mut self, node: NodeId, logits: Arc<[f32]>) {
        self.logits_bytes += size_of_val(&*logits);
        if let Some(replaced) = self.nodes[node.index()].logits.replace(logits) {
            self.logits_bytes -= size_of_val(&*replaced);
            self.with_logits.retain(|kept| *kept != node);
        }
        self.with_logits.push_back(node);
        while self.logits_bytes > self.budget_bytes && self.with_logits.len() > 1 {
            if let Some(oldest) = self.with_logits.pop_front()
                && let Some(dropped) = self.nodes[oldest.index()].logits.take()
            {
                self.logits_bytes -= size_of_val(&*dropped);
            }
        }
    }
}

#[cfg(test)]
mod tests;
