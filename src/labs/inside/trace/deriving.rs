//! What a pass did not keep, made again: the same numbers, bit for bit.

use super::super::keeping::KeepAll;
use super::{Derived, Trace};
use crate::labs::inside::{At, SiteName};
use crate::models::TextModel;
use crate::models::inside::Norm;
use crate::nn::attention::head_scores;
use crate::nn::fused::causal_softmax;
use crate::nn::hooks::{Capture, NoHooks, Site};
use crate::nn::math_refusal;
use crate::refusal::Result;
use candle_core::{Device, Tensor};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

impl Trace {
    /// The tensor of a site as the model's hook has it, kept or derived; none of scores and patterns,
    /// and the logits of the last position alone.
    ///
    /// # Errors
    /// When the model has no such site, or the arithmetic fails.
    pub(in crate::labs) fn tensor(&self, site: Site) -> candle_core::Result<Tensor> {
        if let Some(kept) = self.kept.get(&site) {
            return Ok(kept.clone());
        }
        let model = self.model();
        let n_layers = self.config().n_layers;
        let block = match site {
            Site::Embed | Site::PosEmbed => {
                let mut capture = Capture::of([site]);
                model.embed(&self.ids, &mut capture)?;
                return match capture.get(site) {
                    Some(x) => Ok(x.clone()),
                    None => candle_core::bail!("no {site}"),
                };
            }
            Site::ResidPre(block) => return self.stream(block),
            Site::ResidPost(block) if block + 1 < n_layers => return self.stream(block + 1),
            Site::Ln1(block) => return model.normed(Norm::Ln1(block), &self.stream(block)?),
            Site::Ln2(block) => {
                let stream = self.tensor(Site::ResidMid(block))?;
                return model.normed(Norm::Ln2(block), &stream);
            }
            Site::FinalNorm | Site::Logits | Site::Scores(_) | Site::Pattern(_) => {
                let stream = self.tensor(Site::ResidPost(n_layers.saturating_sub(1)))?;
                return model.normed(Norm::Final, &stream);
            }
            Site::Q(block)
            | Site::K(block)
            | Site::V(block)
            | Site::Z(block)
            | Site::AttnOut(block)
            | Site::ResidMid(block)
            | Site::MlpPre(block)
            | Site::MlpGate(block)
            | Site::MlpPost(block)
            | Site::MlpOut(block)
            | Site::ResidPost(block) => block,
        };
        match self.again(block)?.get(&site) {
            Some(x) => Ok(x.clone()),
            None => candle_core::bail!("no {site} in block {block}"),
        }
    }

    pub(in crate::labs::inside) fn model(&self) -> &TextModel {
        self.loaded.model()
    }

    /// The stream that enters `block`, from the nearest before it that was kept.
    fn stream(&self, block: usize) -> candle_core::Result<Tensor> {
        let model = self.model();
        let before = (0..=block).rev().find_map(|i| {
            let kept = self.kept.get(&Site::ResidPre(i))?;
            Some((i, kept.clone()))
        });
        let (first, mut x) = match before {
            Some(found) => found,
            None => (0, model.embed(&self.ids, &mut NoHooks)?),
        };
        for i in first..block {
            x = model.block_again(i, &x, &mut NoHooks)?;
            self.n_derived.fetch_add(1, Ordering::Relaxed);
        }
        Ok(x)
    }

    /// All of `block`, run again unless it was the last that was.
    fn again(&self, block: usize) -> candle_core::Result<Arc<BTreeMap<Site, Tensor>>> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = derived.as_ref().filter(|last| last.block == block) {
            return Ok(Arc::clone(&last.kept));
        }
        let stream = self.stream(block)?;
        // The old one goes before the new one comes.
        *derived = None;
        let mut hooks = KeepAll::default();
        self.model().block_again(block, &stream, &mut hooks)?;
        self.n_derived.fetch_add(1, Ordering::Relaxed);
        let kept = Arc::new(hooks.kept);
        *derived = Some(Derived {
            block,
            kept: Arc::clone(&kept),
        });
        Ok(kept)
    }

    /// Rows of a table whose shape was checked.
    pub(super) fn computed(&self, at: At, rows: Range<usize>) -> Result<Vec<f32>> {
        if at.site == SiteName::Tokens {
            return Ok(self.ids[rows].iter().map(|&id| id as f32).collect());
        }
        let computed = || match (at.site, at.head) {
            (SiteName::Scores, Some(head)) => self.scores(at.block, head, rows.clone(), None),
            (SiteName::Pattern, Some(head)) => self.pattern(at.block, head, rows.clone()),
            (SiteName::Logits, _) => self.logits(rows.clone()),
            (SiteName::Probs, _) => {
                let logits = self.logits(rows.clone())?;
                let rows = logits.chunks_exact(self.config().vocab_size);
                Ok(rows.flat_map(probabilities).collect())
            }
            (site, head) => match site.site(at.block) {
                Some(site) => joined(&self.tensor(site)?, head, rows.clone()),
                None => candle_core::bail!("no {site}"),
            },
        };
        computed().map_err(|error| math_refusal(&error))
    }

    /// Scores of some queries with the first `n_keys` keys, or with all.
    fn scores(
        &self,
        block: usize,
        head: usize,
        rows: Range<usize>,
        n_keys: Option<usize>,
    ) -> candle_core::Result<Vec<f32>> {
        let config = self.config();
        let kv_head = head * config.n_kv_heads / config.n_heads.max(1);
        let n_keys = n_keys.unwrap_or(self.n_positions());
        let queries = joined(&self.tensor(Site::Q(block))?, Some(head), rows)?;
        let keys = joined(&self.tensor(Site::K(block))?, Some(kv_head), 0..n_keys)?;
        Ok(head_scores(&queries, &keys, config.d_head))
    }

    /// The pattern of some queries; the columns of the future are 0.
    fn pattern(
        &self,
        block: usize,
        head: usize,
        rows: Range<usize>,
    ) -> candle_core::Result<Vec<f32>> {
        let (n, n_seen, n_rows) = (self.n_positions(), rows.end, rows.len());
        let scores = self.scores(block, head, rows, Some(n_seen))?;
        let scores = Tensor::from_vec(scores, (n_rows, n_seen), &Device::Cpu)?;
        let seen = causal_softmax(&scores)?.flatten_all()?.to_vec1::<f32>()?;
        if n_seen == n {
            return Ok(seen);
        }
        let mut pattern = vec![0.0; n_rows * n];
        for (to, from) in pattern.chunks_exact_mut(n).zip(seen.chunks_exact(n_seen)) {
            to[..n_seen].copy_from_slice(from);
        }
        Ok(pattern)
    }

    fn logits(&self, rows: Range<usize>) -> candle_core::Result<Vec<f32>> {
        let n = self.n_positions();
        let logits = match self.kept.get(&Site::Logits) {
            Some(last) if rows == (n - 1..n) => last.clone(),
            _ => {
                let last_block = self.config().n_layers.saturating_sub(1);
                let stream = self.tensor(Site::ResidPost(last_block))?;
                let rows = stream.narrow(0, rows.start, rows.len())?;
                self.model().unembed(&rows)?
            }
        };
        logits.flatten_all()?.to_vec1()
    }
}

/// Rows of a tensor (positions, width), or of (heads, positions, width): of one head, or of all heads
/// side by side.
fn joined(x: &Tensor, head: Option<usize>, rows: Range<usize>) -> candle_core::Result<Vec<f32>> {
    let x = x.narrow(x.rank() - 2, rows.start, rows.len())?;
    let x = match (x.rank(), head) {
        (3, Some(head)) => x.get(head)?,
        (3, None) => x.transpose(0, 1)?,
        _ => x,
    };
    x.flatten_all()?.to_vec1()
}

/// The softmax of one row of logits, in f64 as the sampler has it.
fn probabilities(logits: &[f32]) -> Vec<f32> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exp = |x: &f32| (f64::from(*x) - f64::from(top)).exp();
    let sum: f64 = logits.iter().map(exp).sum();
    logits.iter().map(|x| (exp(x) / sum) as f32).collect()
}
