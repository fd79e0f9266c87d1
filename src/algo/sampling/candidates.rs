//! The tokens still in the running, sorted no further than somebody looks.
//!
//! Sorting 50,000 tokens costs more than all the rest of the chain, and almost always the few best
//! decide. So the list keeps a sorted prefix, extended on demand by selection.

use super::Candidate;
use std::cmp::Ordering;

/// A share of probability whose rounding error still counts as reached.
const ROUNDING: f64 = 1e-12;

/// The tokens left, with p normalised over them. The first `n_sorted` are the best, in order.
pub(super) struct Candidates {
    list: Vec<Candidate>,
    n_sorted: usize,
}

impl Candidates {
    /// All tokens, by id; a logit that is not a number becomes −∞.
    pub(super) fn new(logits: &[f32]) -> Self {
        let candidate = |(id, &logit): (usize, &f32)| Candidate {
            id: id as u32,
            logit: comparable(f64::from(logit)),
            p: 0.0,
        };
        let mut new = Self {
            list: logits.iter().enumerate().map(candidate).collect(),
            n_sorted: 0,
        };
        new.normalise();
        new
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Candidate> {
        self.list.iter()
    }

    /// The best `n` (or all, when there are fewer), best first.
    pub(super) fn best(&mut self, n: usize) -> &[Candidate] {
        let n = n.min(self.len());
        if n > self.n_sorted {
            let rest = &mut self.list[self.n_sorted..];
            let wanted = n - self.n_sorted;
            if wanted < rest.len() {
                rest.select_nth_unstable_by(wanted - 1, better);
            }
            rest[..wanted].sort_unstable_by(better);
            self.n_sorted = n;
        }
        &self.list[..n]
    }

    pub(super) fn into_sorted(mut self) -> Vec<Candidate> {
        self.best(self.len());
        self.list
    }

    /// Keeps the best `n`, at least one. Returns the share removed, as every `keep_` does.
    pub(super) fn keep_best(&mut self, n: usize) -> f64 {
        let n = n.max(1);
        self.best(n);
        self.cut(n)
    }

    /// Keeps the fewest best tokens whose p sum to at least `share`.
    pub(super) fn keep_nucleus(&mut self, share: f64) -> f64 {
        let mut cumulative = 0.0;
        let mut n = 0;
        while n < self.len() {
            // Selection costs a pass over the rest, so each looks four times as far as the last.
            let reach = (n * 4).max(128);
            for candidate in self.best(reach).iter().skip(n) {
                cumulative += candidate.p;
                n += 1;
                if cumulative >= share - ROUNDING {
                    return self.cut(n);
                }
            }
        }
        0.0
    }

    /// Keeps tokens with p ≥ `share` · max p.
    pub(super) fn keep_above(&mut self, share: f64) -> f64 {
        let Some(best) = self.best(1).first().copied() else {
            return 0.0;
        };
        let least = share.min(1.0) * best.p;
        self.retain(|candidate| candidate.p >= least)
    }

    /// Keeps the fewest tokens whose p sum to more than `share`, those first whose surprise −ln p is
    /// nearest to the entropy.
    pub(super) fn keep_typical(&mut self, share: f64) -> f64 {
        let surprise = |p: f64| if p > 0.0 { -p.ln() } else { f64::INFINITY };
        let possible = self.list.iter().filter(|candidate| candidate.p > 0.0);
        let entropy: f64 = possible.map(|c| c.p * surprise(c.p)).sum();
        let mut by_distance: Vec<(f64, usize)> = self
            .list
            .iter()
            .enumerate()
            .map(|(i, candidate)| ((surprise(candidate.p) - entropy).abs(), i))
            .collect();
        by_distance.sort_unstable_by(|a, b| {
            let by_rank = || better(&self.list[a.1], &self.list[b.1]);
            a.0.total_cmp(&b.0).then_with(by_rank)
        });
        let mut cumulative = 0.0;
        let mut is_kept = vec![false; self.len()];
        for (_, i) in by_distance {
            is_kept[i] = true;
            cumulative += self.list[i].p;
            if cumulative > share {
                break;
            }
        }
        let mut kept = is_kept.into_iter();
        self.retain(|_| kept.next().unwrap_or(false))
    }

    /// Replaces every logit; the order and p follow.
    pub(super) fn map_logits(&mut self, new_logit: impl Fn(&Candidate) -> f64) {
        for candidate in &mut self.list {
            candidate.logit = comparable(new_logit(candidate));
        }
        let sorted = self.list[..self.n_sorted].is_sorted_by(|a, b| better(a, b).is_lt());
        let (front, rest) = self.list.split_at(self.n_sorted);
        let still_best = match front.last() {
            Some(last) => sorted && rest.iter().all(|other| better(last, other).is_lt()),
            None => true,
        };
        if !still_best {
            self.n_sorted = 0;
        }
        self.normalise();
    }

    /// Keeps, in their order, the tokens that `is_kept` says; at least the best one.
    fn retain(&mut self, mut is_kept: impl FnMut(&Candidate) -> bool) -> f64 {
        let n_before = self.len();
        let (mut i, mut n_sorted, mut removed) = (0, 0, 0.0);
        self.list.retain(|candidate| {
            let keep = is_kept(candidate);
            n_sorted += usize::from(keep && i < self.n_sorted);
            removed += if keep { 0.0 } else { candidate.p };
            i += 1;
            keep
        });
        self.n_sorted = n_sorted;
        self.settle(n_before, removed)
    }

    /// Keeps the first `n`, which must be sorted.
    fn cut(&mut self, n: usize) -> f64 {
        let n_before = self.len();
        let removed = self.list.iter().skip(n).map(|candidate| candidate.p).sum();
        self.list.truncate(n);
        self.n_sorted = self.n_sorted.min(n);
        self.settle(n_before, removed)
    }

    fn settle(&mut self, n_before: usize, removed: f64) -> f64 {
        if self.len() == n_before {
            return 0.0;
        }
        self.normalise();
        removed
    }

    /// Softmax over what is left. Several logits of +∞ share all probability; if every logit is −∞,
    /// all are equally likely.
    fn normalise(&mut self) {
        let max = self
            .list
            .iter()
            .fold(f64::NEG_INFINITY, |max, candidate| max.max(candidate.logit));
        let mut sum = 0.0;
        for candidate in &mut self.list {
            candidate.p = if candidate.logit == max {
                1.0
            } else {
                (candidate.logit - max).exp()
            };
            sum += candidate.p;
        }
        for candidate in &mut self.list {
            candidate.p /= sum;
        }
    }
}

/// Not a number becomes −∞, and −0 becomes 0, so that logits compare as numbers do.
fn comparable(logit: f64) -> f64 {
    if logit.is_nan() {
        f64::NEG_INFINITY
    } else {
        logit + 0.0
    }
}

/// Higher logits first; equal ones by lower id.
fn better(a: &Candidate, b: &Candidate) -> Ordering {
    b.logit.total_cmp(&a.logit).then(a.id.cmp(&b.id))
}
