//! One tree for all ways to choose: tokens that two paths share stand in it once.

use crate::algo::beam::{Fate, Search, log_sum_exp};
use crate::labs::text::LoadedText;

/// A way to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The likeliest token, every time.
    Greedy,
    /// Drawn by the probabilities; the number tells the paths apart.
    Drawn(usize),
    /// Beam search; 0 is its best text.
    Beam(usize),
}

/// A token after the prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The token before it; `None` directly after the prompt.
    pub parent: Option<usize>,
    /// Its id.
    pub id: u32,
    /// Its bytes; they may be part of a character.
    pub bytes: Vec<u8>,
    /// Whether it is a control token, not text.
    pub special: bool,
    /// The natural logarithm of its probability after the tokens before it.
    pub log_p: f64,
    /// The sum of those from the prompt to it.
    pub sum: f64,
    /// Tokens from the prompt to it, itself counted.
    pub length: usize,
    /// What beam search made of it.
    pub branch: Branch,
}

/// What beam search made of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// It never looked at it.
    Unseen,
    /// It looked at it and went on elsewhere.
    Dropped,
    /// It went on from it.
    Kept,
    /// One of its texts ends with it.
    Finished,
}

/// A path from the prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    /// How it was chosen.
    pub how: How,
    /// Its last token in the tree.
    pub last: usize,
    /// The sum of the log-probabilities of its tokens.
    pub sum: f64,
    /// How many tokens it has.
    pub n_tokens: usize,
    /// Whether the model ended it.
    pub has_ended: bool,
    /// What beam search ranks it by; for others their sum.
    pub score: f64,
}

/// The tree and the paths on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// Every token, each after the one before it.
    pub tokens: Vec<Token>,
    /// The paths, in the order they were begun; those of beam search best first.
    pub paths: Vec<Path>,
}

impl Choices {
    /// The path that was chosen in this way.
    #[must_use]
    pub fn path_of(&self, how: How) -> Option<&Path> {
        self.paths.iter().find(|path| path.how == how)
    }

    /// The tokens from the prompt to `last`, in reading order.
    #[must_use]
    pub fn tokens_to(&self, last: usize) -> Vec<usize> {
        let back = std::iter::successors(Some(last), |&token| self.tokens[token].parent);
        let mut tokens: Vec<usize> = back.collect();
        tokens.reverse();
        tokens
    }

    /// The ids from the prompt to `last`.
    #[must_use]
    pub fn ids_to(&self, last: usize) -> Vec<u32> {
        let tokens = self.tokens_to(last).into_iter();
        tokens.map(|token| self.tokens[token].id).collect()
    }

    /// The text from the prompt to `last`, control tokens left out.
    #[must_use]
    pub fn text_to(&self, last: usize) -> String {
        let tokens = self.tokens_to(last).into_iter();
        let spoken = tokens
            .map(|token| &self.tokens[token])
            .filter(|t| !t.special);
        let bytes: Vec<u8> = spoken.flat_map(|t| t.bytes.iter().copied()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The ways whose path goes through `token`.
    #[must_use]
    pub fn ways_through(&self, token: usize) -> Vec<How> {
        let paths = self.paths.iter();
        paths
            .filter(|path| self.tokens_to(path.last).contains(&token))
            .map(|path| path.how)
            .collect()
    }

    /// Goes on by one token on the path of `how`.
    pub(super) fn walk(&mut self, loaded: &LoadedText, how: How, logits: &[f32], id: u32) {
        let at = self.path_of(how).map(|path| path.last);
        let log_p = f64::from(logits[id as usize]) - log_sum_exp(logits);
        let last = self.grow(loaded, at, id, log_p);
        let token = &self.tokens[last];
        let path = Path {
            how,
            last,
            sum: token.sum,
            n_tokens: token.length,
            has_ended: false,
            score: token.sum,
        };
        match self.paths.iter_mut().find(|path| path.how == how) {
            Some(there) => *there = path,
            None => self.paths.push(path),
        }
    }

    /// Notes that the model ended the path of `how`.
    pub(super) fn end(&mut self, how: How) {
        if let Some(path) = self.paths.iter_mut().find(|path| path.how == how) {
            path.has_ended = true;
        }
    }

    /// Takes over what beam search has found so far: its finished texts, or those that go on.
    pub(super) fn take_search(&mut self, loaded: &LoadedText, search: &Search, ends: &[u32]) {
        let mut places: Vec<usize> = Vec::with_capacity(search.nodes().len());
        for node in search.nodes() {
            let parent = node.parent.map(|parent| places[parent]);
            let place = self.grow(loaded, parent, node.id, node.log_p);
            self.tokens[place].branch = match node.fate {
                Fate::Kept => Branch::Kept,
                Fate::Finished => Branch::Finished,
                Fate::Dropped => Branch::Dropped,
            };
            places.push(place);
        }
        self.paths.retain(|path| !matches!(path.how, How::Beam(_)));
        let found = search.found().iter().map(|found| (found.node, found.score));
        let running = search.running().iter().flatten();
        let running = running.map(|&node| (node, search.nodes()[node].sum));
        let texts: Vec<(usize, f64)> = if search.is_done() {
            found.collect()
        } else {
            running.collect()
        };
        for (rank, (node, score)) in texts.into_iter().enumerate() {
            let token = &self.tokens[places[node]];
            self.paths.push(Path {
                how: How::Beam(rank),
                last: places[node],
                sum: token.sum,
                n_tokens: token.length,
                has_ended: ends.contains(&token.id),
                score,
            });
        }
    }

    /// The token `id` after `parent`, added where it is new.
    fn grow(&mut self, loaded: &LoadedText, parent: Option<usize>, id: u32, log_p: f64) -> usize {
        let there = self
            .tokens
            .iter()
            .position(|token| token.parent == parent && token.id == id);
        there.unwrap_or_else(|| {
            let before = parent.map(|parent| &self.tokens[parent]);
            let token = Token {
                parent,
                id,
                bytes: loaded.token_bytes(id),
                special: loaded.is_special(id),
                log_p,
                sum: before.map_or(0.0, |before| before.sum) + log_p,
                length: before.map_or(0, |before| before.length) + 1,
                branch: Branch::Unseen,
            };
            self.tokens.push(token);
            self.tokens.len() - 1
        })
    }
}
