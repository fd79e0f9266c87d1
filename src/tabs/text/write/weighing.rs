//! One place in a text, weighed: the model's scores there through every sampling step, at the
//! settings of this moment. No forward pass: it works on scores that are kept.

use crate::labs::text::{Candidate, Sampling, Stage, Weighed, weigh};
use crate::labs::text_tree::NodeId;
use std::cell::OnceCell;
use std::sync::Arc;

/// Which distribution the bars show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// The model's own.
    Raw,
    /// What this step left.
    After(Stage),
    /// What is drawn from: after all steps.
    #[default]
    Final,
}

/// The scores at one token, weighed at some settings.
#[derive(Debug)]
pub struct Weighing {
    /// Which token of the tree.
    pub node: NodeId,
    /// The settings it was weighed at.
    pub sampling: Sampling,
    /// All steps.
    pub weighed: Weighed,
    logits: Arc<[f32]>,
    recent: Vec<u32>,
    through: Vec<OnceCell<Weighed>>,
}

impl Weighing {
    /// Weighs `logits`; `recent` is the text before the token.
    pub fn new(node: NodeId, logits: Arc<[f32]>, recent: Vec<u32>, sampling: Sampling) -> Self {
        let weighed = weigh(&logits, &recent, &sampling);
        let through = vec![OnceCell::new(); weighed.stages.len()];
        Self {
            node,
            sampling,
            weighed,
            logits,
            recent,
            through,
        }
    }

    /// The probability of `id` in the distribution shown; `None` when it was discarded by then.
    pub fn p(&self, id: u32, shown: Shown) -> Option<f64> {
        match shown {
            Shown::Raw => Some(self.weighed.p_raw(id)),
            Shown::After(stage) => self.p_after(self.index_of(stage)?, id),
            Shown::Final => find(&self.weighed.survivors, id),
        }
    }

    /// The step that discarded `id`, among those up to the distribution shown.
    pub fn discarded_by(&self, id: u32, shown: Shown) -> Option<Stage> {
        let n = match shown {
            Shown::Raw => 0,
            Shown::After(stage) => self.index_of(stage)? + 1,
            Shown::Final => self.weighed.stages.len(),
        };
        let first = (0..n).find(|&i| self.p_after(i, id).is_none())?;
        Some(self.weighed.stages[first].stage)
    }

    /// How many tokens are left in the distribution shown.
    pub fn n_left(&self, shown: Shown) -> usize {
        match shown {
            Shown::Raw => self.weighed.raw.len(),
            Shown::After(stage) => self
                .weighed
                .after(stage)
                .map_or(self.weighed.raw.len(), |outcome| outcome.n_survivors),
            Shown::Final => self.weighed.survivors.len(),
        }
    }

    /// The rank of `id` among all tokens by the model's own probability, from 1.
    pub fn rank(&self, id: u32) -> usize {
        let p = self.weighed.p_raw(id);
        1 + self.weighed.raw.iter().filter(|&&other| other > p).count()
    }

    fn index_of(&self, stage: Stage) -> Option<usize> {
        self.weighed.stages.iter().position(|o| o.stage == stage)
    }

    /// A step keeps only its best survivors for views. When a token is not among them and there
    /// were more, the chain is weighed again up to that step, once.
    fn p_after(&self, i: usize, id: u32) -> Option<f64> {
        let outcome = &self.weighed.stages[i];
        let kept = find(&outcome.survivors, id);
        if kept.is_some() || outcome.n_survivors <= outcome.survivors.len() {
            return kept;
        }
        let through = self.through[i].get_or_init(|| {
            let sampling = Sampling {
                order: self.sampling.order[..=i].to_vec(),
                ..self.sampling.clone()
            };
            weigh(&self.logits, &self.recent, &sampling)
        });
        find(&through.survivors, id)
    }
}

fn find(candidates: &[Candidate], id: u32) -> Option<f64> {
    let found = candidates.iter().find(|candidate| candidate.id == id);
    found.map(|candidate| candidate.p)
}
