//! What a tree can be asked: its tokens, its texts, and what the model saw at each place. Nothing here
//! changes it.

use super::{Cursor, Node, NodeId, Prompt, TextTree};
use std::sync::Arc;

impl TextTree {
    /// The scores the model gave every token where this node was chosen, while they are kept.
    #[must_use]
    pub fn logits(&self, node: NodeId) -> Option<&Arc<[f32]>> {
        self.nodes[node.index()].logits.as_ref()
    }

    /// Bytes of scores kept now.
    #[must_use]
    pub fn logits_bytes(&self) -> usize {
        self.logits_bytes
    }

    /// One node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }

    /// Every node with its id, in the order they were made.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(i, node)| (NodeId(i as u32), node))
    }

    /// Every prompt, in the order they were first used.
    #[must_use]
    pub fn prompts(&self) -> &[Prompt] {
        &self.prompts
    }

    /// Where the person is.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// The prompt of the text shown.
    #[must_use]
    pub fn prompt(&self) -> Option<&Prompt> {
        self.cursor.map(|c| &self.prompts[c.prompt_idx])
    }

    /// The last token of the text shown.
    #[must_use]
    pub fn leaf(&self) -> Option<NodeId> {
        self.cursor.and_then(|c| c.leaf)
    }

    /// The tokens from just after the prompt to `node`, in reading order.
    #[must_use]
    pub fn path(&self, node: NodeId) -> Vec<NodeId> {
        let mut path: Vec<NodeId> =
            std::iter::successors(Some(node), |n| self.nodes[n.index()].parent).collect();
        path.reverse();
        path
    }

    /// The tokens of the text shown.
    #[must_use]
    pub fn current_path(&self) -> Vec<NodeId> {
        self.leaf().map_or_else(Vec::new, |leaf| self.path(leaf))
    }

    /// Every id the model would see to choose the token at `node` again: the prompt and the tokens
    /// before it, less those that had been dropped.
    #[must_use]
    pub fn context_of(&self, node: NodeId) -> Vec<u32> {
        let node = &self.nodes[node.index()];
        let mut ids = self.ids_through(node.prompt_idx, node.parent);
        ids.drain(..node.choice.n_dropped.min(ids.len()));
        ids
    }

    /// The prompt's ids and those of the tokens up to `leaf`.
    #[must_use]
    pub fn ids_through(&self, prompt_idx: usize, leaf: Option<NodeId>) -> Vec<u32> {
        let mut ids = self.prompts[prompt_idx].ids.clone();
        let path = leaf.map_or_else(Vec::new, |leaf| self.path(leaf));
        ids.extend(path.iter().map(|n| self.nodes[n.index()].choice.id));
        ids
    }

    /// The bytes of the tokens from just after the prompt to `node`, control tokens left out.
    #[must_use]
    pub fn text_bytes(&self, node: NodeId) -> Vec<u8> {
        let spoken = self.path(node).into_iter();
        spoken
            .map(|n| &self.nodes[n.index()].choice)
            .filter(|choice| !choice.special)
            .flat_map(|choice| choice.bytes.iter().copied())
            .collect()
    }

    /// The tokens tried directly after `parent` (or after the prompt).
    #[must_use]
    pub fn children(&self, prompt_idx: usize, parent: Option<NodeId>) -> &[NodeId] {
        match parent {
            Some(parent) => &self.nodes[parent.index()].children,
            None => &self.prompts[prompt_idx].children,
        }
    }

    /// The other tokens tried at the place of `node`.
    #[must_use]
    pub fn alternatives(&self, node: NodeId) -> Vec<NodeId> {
        let Node {
            prompt_idx, parent, ..
        } = self.nodes[node.index()];
        let siblings = self.children(prompt_idx, parent).iter().copied();
        siblings.filter(|&n| n != node).collect()
    }

    /// The last token of every text of a prompt, oldest first.
    #[must_use]
    pub fn leaves(&self, prompt_idx: usize) -> Vec<NodeId> {
        self.nodes()
            .filter(|(_, n)| n.prompt_idx == prompt_idx && n.children.is_empty())
            .map(|(id, _)| id)
            .collect()
    }

    /// The first token of the text of `leaf` that `path` does not share, if there is one.
    #[must_use]
    pub fn departs_at(&self, leaf: NodeId, path: &[NodeId]) -> Option<NodeId> {
        let own = self.path(leaf).into_iter().enumerate();
        own.map(|(i, n)| (path.get(i), n))
            .find(|(there, n)| *there != Some(n))
            .map(|(_, n)| n)
    }
}
