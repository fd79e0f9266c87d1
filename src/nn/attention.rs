//! Causal attention over the cache (Vaswani et al. 2017), with grouped keys and values (Ainslie et
//! al. 2023): query head `i` reads key/value head `i / (h / g)`.
//! Letters: t positions of this pass, c positions in the cache with them, h query heads,
//! g key/value heads, r = h / g, s head width.

use super::fused::causal_softmax;
use super::hooks::{Hooks, Site};
use super::kv_cache::KvCache;
use candle_core::{Result, Tensor};

/// z, (h, t, s): for each query of `q`, (h, t, s), the values it attends to, weighted. The last t
/// of the cache's positions after this pass are the queries' own; `block` must have appended them.
///
/// # Errors
/// When the shapes do not fit.
pub fn attend(q: &Tensor, cache: &KvCache, block: usize, hooks: &mut impl Hooks) -> Result<Tensor> {
    let (h, t, s) = q.dims3()?;
    let past = cache.len();
    let keys = cache.keys(block, past + t)?.contiguous()?; // (g, c, s)
    let values = cache.values(block, past + t)?.contiguous()?; // (g, c, s)
    let g = keys.dim(0)?;

    let q = q.contiguous()?.reshape((g, h / g * t, s))?; // (g, r·t, s)
    let scores = (q.matmul(&keys.t()?)? / (s as f64).sqrt())?; // (g, r·t, c)
    let scores = hooks.at(Site::Scores(block), scores.reshape((h, t, past + t))?)?; // (h, t, c)
    let pattern = hooks.at(Site::Pattern(block), causal_softmax(&scores)?)?; // (h, t, c)
    let pattern = pattern.reshape((g, h / g * t, past + t))?; // (g, r·t, c)
    pattern.matmul(&values)?.reshape((h, t, s))
}
