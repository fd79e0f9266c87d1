//! Beam search: the `n_beams` best texts so far go on side by side, and of all their continuations the
//! best go on again. "Best" is the sum of the log-probabilities of a text's tokens, divided by its
//! length to the power of `length_penalty` once it is finished. As Hugging Face's transformers does it.

use std::cmp::Ordering;

/// What is searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Texts that go on side by side; 1 is greedy.
    pub n_beams: usize,
    /// The most tokens of a text.
    pub max_tokens: usize,
    /// A finished text of n tokens scores its sum divided by n to this power; above 0 favours long ones.
    pub length_penalty: f64,
    /// When the search ends before `max_tokens`.
    pub stop: Stop,
}

/// When a search ends before its texts are as long as they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stop {
    /// When the best text that goes on, scored at its length so far, is behind every finished one.
    #[default]
    Likely,
    /// As soon as `n_beams` texts are finished.
    Early,
    /// When no text that goes on could be ahead of a finished one even at `max_tokens`.
    Certain,
}

/// A token of the tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// The token before it; `None` directly after the prompt.
    pub parent: Option<usize>,
    /// Which token.
    pub id: u32,
    /// The natural logarithm of its probability.
    pub log_p: f64,
    /// The sum of those from the prompt to it.
    pub sum: f64,
    /// Tokens from the prompt to it, itself counted.
    pub length: usize,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is among the best and goes on.
    Kept,
    /// Its text ends here and is among the best.
    Finished,
    /// Others were better.
    Dropped,
}

/// A finished text: its last token in the tree, and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The last token.
    pub node: usize,
    /// The sum of log-probabilities, divided as the settings say.
    pub score: f64,
}

/// A search that goes on step by step.
#[derive(Debug, Clone)]
pub struct Search {
    settings: Settings,
    ends: Vec<u32>,
    nodes: Vec<Node>,
    running: Vec<Option<usize>>,
    found: Vec<Found>,
    length: usize,
    can_improve: bool,
    is_done: bool,
}

impl Search {
    /// Begins after a prompt; the tokens `ends` finish a text.
    #[must_use]
    pub fn new(settings: Settings, ends: &[u32]) -> Self {
        Self {
            settings: Settings {
                n_beams: settings.n_beams.max(1),
                ..settings
            },
            ends: ends.to_vec(),
            nodes: Vec::new(),
            running: vec![None],
            found: Vec::new(),
            length: 0,
            can_improve: true,
            is_done: settings.max_tokens == 0,
        }
    }

    /// Every candidate so far, in the order they were found.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The last tokens of the texts that go on, best first; `None` is the prompt alone.
    #[must_use]
    pub fn running(&self) -> &[Option<usize>] {
        &self.running
    }

    /// The finished texts, best first.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Whether the search has ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// The tokens from the prompt to `node`.
    #[must_use]
    pub fn ids(&self, node: Option<usize>) -> Vec<u32> {
        let back = std::iter::successors(node, |&node| self.nodes[node].parent);
        let mut ids: Vec<u32> = back.map(|node| self.nodes[node].id).collect();
        ids.reverse();
        ids
    }

    /// One step: `logits` has a row of scores for each of [`Self::running`].
    pub fn step(&mut self, logits: &[&[f32]]) {
        if self.is_done {
            return;
        }
        let Settings {
            n_beams,
            max_tokens,
            length_penalty,
            stop,
        } = self.settings;
        let n_best = n_beams * (1 + self.ends.len()).max(2);
        let candidates = self.candidates(logits, n_best);
        self.length += 1;
        let is_last = self.length == max_tokens;
        let is_full = stop == Stop::Early && self.found.len() == n_beams;
        let (mut running, mut all_end) = (Vec::new(), true);
        for (rank, mut node) in candidates.into_iter().enumerate() {
            let ends = is_last || self.ends.contains(&node.id);
            all_end &= ends;
            let index = self.nodes.len();
            if ends && rank < n_beams && !is_full && self.can_improve {
                node.fate = Fate::Finished;
                let score = node.sum / (self.length as f64).powf(length_penalty);
                self.found.push(Found { node: index, score });
            } else if !ends && running.len() < n_beams {
                node.fate = Fate::Kept;
                running.push(Some(index));
            }
            self.nodes.push(node);
        }
        self.found.sort_by(|a, b| b.score.total_cmp(&a.score));
        self.found.truncate(n_beams);
        self.running = running;
        self.can_improve &= self.could_improve();
        let all_found = stop == Stop::Early && self.found.len() == n_beams;
        self.is_done = all_end || all_found || !self.can_improve || self.running.is_empty();
    }

    /// The best continuations of all texts, best first.
    fn candidates(&self, logits: &[&[f32]], n_best: usize) -> Vec<Node> {
        let mut candidates = Vec::new();
        for (&parent, logits) in self.running.iter().zip(logits) {
            let log_sum = log_sum_exp(logits);
            let before = parent.map_or(0.0, |parent| self.nodes[parent].sum);
            candidates.extend(best(logits, n_best).into_iter().map(|id| {
                let log_p = f64::from(logits[id as usize]) - log_sum;
                Node {
                    parent,
                    id,
                    log_p,
                    sum: before + log_p,
                    length: self.length + 1,
                    fate: Fate::Dropped,
                }
            }));
        }
        candidates.sort_by(|a, b| b.sum.total_cmp(&a.sum));
        candidates.truncate(n_best);
        candidates
    }

    /// Whether the best text that goes on may still be ahead of a finished one.
    fn could_improve(&self) -> bool {
        let Some(&Some(best)) = self.running.first() else {
            return false;
        };
        let penalty = self.settings.length_penalty;
        let length = match self.settings.stop {
            Stop::Certain if penalty > 0.0 => self.settings.max_tokens,
            _ => self.length,
        };
        let score = self.nodes[best].sum / (length as f64).powf(penalty);
        let worst = self.found.get(self.settings.n_beams - 1);
        worst.is_none_or(|worst| score > worst.score)
    }
}

/// The logarithm of the sum of exponentials, in f64.
#[must_use]
pub fn log_sum_exp(logits: &[f32]) -> f64 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits
        .iter()
        .map(|&logit| f64::from(logit - most).exp())
        .sum();
    f64::from(most) + sum.ln()
}

/// The ids of the `n` highest scores, highest first; those that are no number come last of all.
fn best(logits: &[f32], n: usize) -> Vec<u32> {
    let order = |a: &u32, b: &u32| -> Ordering {
        let key = |id: u32| match logits[id as usize] {
            logit if logit.is_nan() => f32::NEG_INFINITY,
            logit => logit,
        };
        key(*b).total_cmp(&key(*a)).then(a.cmp(b))
    };
    let mut ids: Vec<u32> = (0..logits.len() as u32).collect();
    if n < ids.len() {
        ids.select_nth_unstable_by(n, order);
        ids.truncate(n);
    }
    ids.sort_unstable_by(order);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A language of three tokens in which the likeliest first token leads to unlikely texts: after 0
    /// all are alike, after 1 comes 2 for certain.
    fn logits(after: &[u32]) -> Vec<f32> {
        let p: [f32; 3] = match after {
            [] => [0.5, 0.4, 0.1],
            [0, ..] => [0.34, 0.33, 0.33],
            _ => [0.01, 0.01, 0.98],
        };
        p.map(f32::ln).to_vec()
    }

    fn search(settings: Settings, ends: &[u32]) -> Search {
        let mut search = Search::new(settings, ends);
        while !search.is_done() {
            let running = search.running().iter();
            let rows: Vec<Vec<f32>> = running.map(|&node| logits(&search.ids(node))).collect();
            search.step(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        search
    }

    fn plain(n_beams: usize, max_tokens: usize) -> Settings {
        Settings {
            n_beams,
            max_tokens,
            length_penalty: 1.0,
            stop: Stop::Likely,
        }
    }

    fn best_text(search: &Search) -> (Vec<u32>, f64) {
        let best = search.found()[0].node;
        (search.ids(Some(best)), search.nodes()[best].sum.exp())
    }

    #[test]
    fn greedy_is_short_sighted_and_two_beams_are_not() {
        let (greedy, p_greedy) = best_text(&search(plain(1, 2), &[]));
        let (beam, p_beam) = best_text(&search(plain(2, 2), &[]));
        assert_eq!((greedy, beam), (vec![0, 0], vec![1, 2]));
        assert!((p_greedy - 0.17).abs() < 1e-6 && (p_beam - 0.392).abs() < 1e-6);
    }

    /// With as many beams as texts the search is exhaustive: no text can be better.
    #[test]
    fn with_enough_beams_the_best_of_all_texts_is_found() {
        let (_, p) = best_text(&search(plain(27, 3), &[]));
        let mut most = 0.0_f64;
        for text in 0..27_u32 {
            let ids = [text / 9, text / 3 % 3, text % 3];
            let sum: f64 = (0..3)
                .map(|i| f64::from(logits(&ids[..i])[ids[i] as usize]))
                .sum();
            most = most.max(sum.exp());
        }
        assert!((p - most).abs() < 1e-6);
    }

    #[test]
    fn a_text_ends_at_an_end_token_and_every_candidate_has_a_fate() {
        let search = search(plain(2, 5), &[2]);
        let (ids, _) = best_text(&search);
        assert_eq!(ids, [1, 2]);
        for node in search.nodes() {
            let before = node.parent.map_or(0.0, |parent| search.nodes()[parent].sum);
            assert!((node.sum - before - node.log_p).abs() < 1e-12);
            assert_eq!(
                node.length,
                1 + node.parent.map_or(0, |p| search.nodes()[p].length)
            );
            assert!(
                node.parent
                    .is_none_or(|p| search.nodes()[p].fate == Fate::Kept)
            );
        }
        let n_finished = search.nodes().iter().filter(|n| n.fate == Fate::Finished);
        assert!(n_finished.count() >= search.found().len());
    }

    #[test]
    fn scores_that_are_no_numbers_are_never_first() {
        assert_eq!(best(&[f32::NAN, 1.0, 3.0, f32::NEG_INFINITY], 2), [2, 1]);
        assert!((log_sum_exp(&[0.0, 0.0]) - 2.0_f64.ln()).abs() < 1e-12);
    }
}
