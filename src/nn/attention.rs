//! Causal attention over the cache (Vaswani et al. 2017), with grouped keys and values (Ainslie et
//! al. 2023): query head `i` reads key/value head `i / r`.
//! Letters: t positions of this pass, c positions in the cache with them, h query heads,
//! g key/value heads, r = h / g, s head width.
//!
//! Two ways to the same numbers: step by step, where somebody looks at the scores or the pattern or
//! the device is not the CPU; otherwise in one pass that never holds a whole row of scores
//! ([`super::online_attention`]).

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::fused::causal_softmax;
use super::hooks::{Hooks, Site};
use super::kv_cache::KvCache;
use super::online_attention::OnlineAttention;
use super::rows::{RowWork, compute_rows};
use super::slices::dot;
use candle_core::{Result, Tensor, bail};

/// z, (h, t, s): for each query of `q`, (h, t, s), the values it attends to, weighted. The queries
/// are the positions behind `cache.len()`, whose keys and values `block` has appended already.
///
/// # Errors
/// When the shapes do not fit.
pub fn attend(q: &Tensor, cache: &KvCache, block: usize, hooks: &mut impl Hooks) -> Result<Tensor> {
    let (h, t, s) = q.dims3()?;
    let past = cache.len();
    let (keys, values) = cache.storage(block);
    let g = values.dim(0)?;
    if h % g != 0 || values.dim(2)? != s || past + t > cache.n_ctx() {
        bail!("queries {q:?} behind {past} positions in a cache of {values:?}");
    }
    let r = h / g;
    let looked_at = hooks.wants(Site::Scores(block)) || hooks.wants(Site::Pattern(block));
    if q.device().is_cpu() && !looked_at {
        let z = q.apply_op3_no_bwd(keys, values, &OnlineAttention { past })?; // (t, h, s)
        return z.transpose(0, 1);
    }

    let keys = cache.keys(block, past + t)?.contiguous()?; // (g, c, s)
    let values = cache.values(block, past + t)?.contiguous()?; // (g, c, s)
    let q = q.contiguous()?.reshape((g, r * t, s))?; // (g, r·t, s)
    let scores = (q.matmul(&keys.t()?)? / (s as f64).sqrt())?; // (g, r·t, c)
    let scores = hooks.at(Site::Scores(block), scores.reshape((h, t, past + t))?)?; // (h, t, c)
    let pattern = hooks.at(Site::Pattern(block), causal_softmax(&scores)?)?; // (h, t, c)
    let pattern = pattern.reshape((g, r * t, past + t))?; // (g, r·t, c)
    pattern.matmul(&values)?.reshape((h, t, s))
}

/// Scaled scores of one head, before the mask: of each query with each key, both rows of `width`
/// numbers, row-major (queries, keys). A score is the same bit for bit in whichever rows it is asked
/// for. What [`attend`] computes on its way, for whoever looks at one head after the pass.
#[must_use]
pub fn head_scores(queries: &[f32], keys: &[f32], width: usize) -> Vec<f32> {
    let work = HeadScores {
        queries,
        keys,
        width,
    };
    compute_rows(queries.len() / width, keys.len() / width, &work)
}

struct HeadScores<'a> {
    queries: &'a [f32],
    keys: &'a [f32],
    width: usize,
}

impl RowWork for HeadScores<'_> {
    #[inline(always)]
    fn row(&self, i: usize, out: &mut [f32]) {
        let query = &self.queries[i * self.width..][..self.width];
        let scale = 1.0 / (self.width as f32).sqrt();
        for (score, key) in out.iter_mut().zip(self.keys.chunks_exact(self.width)) {
            *score = dot(query, key) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::hooks::{Capture, NoHooks};
    use crate::rng::Rng;
    use candle_core::Device;

    /// Feeds `n` positions in passes of the given lengths; z of all of them, (h, n, s).
    fn fed_in(
        passes: &[usize],
        [h, g, s]: [usize; 3],
        hooks: &mut impl Hooks,
    ) -> Result<Vec<Vec<Vec<f32>>>> {
        let n: usize = passes.iter().sum();
        let mut rng = Rng::new(3, "attention");
        let mut random = |heads: usize| {
            let x = rng.normals(heads * n * s, 0.0, 1.0);
            Tensor::from_vec(x, (heads, n, s), &Device::Cpu)
        };
        let (q, k, v) = (random(h)?, random(g)?, random(g)?);
        let mut cache = KvCache::new(1, g, s, n + 3, &Device::Cpu)?;
        let mut z = Vec::new();
        for &t in passes {
            let past = cache.len();
            cache.append(0, &k.narrow(1, past, t)?, &v.narrow(1, past, t)?)?;
            z.push(attend(&q.narrow(1, past, t)?, &cache, 0, hooks)?);
            cache.advance(t);
        }
        Tensor::cat(&z, 1)?.to_vec3()
    }

    fn largest_difference(a: &[Vec<Vec<f32>>], b: &[Vec<Vec<f32>>]) -> f32 {
        let (a, b) = (a.iter().flatten().flatten(), b.iter().flatten().flatten());
        a.zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }

    #[test]
    fn one_pass_and_step_by_step_agree_for_every_grouping_and_width() -> Result<()> {
        for shape in [[9, 3, 64], [4, 4, 16], [6, 1, 20], [2, 1, 8], [12, 12, 64]] {
            let mut looking = Capture::of([Site::Pattern(0)]);
            let slow = fed_in(&[70, 1, 62], shape, &mut looking)?;
            let fast = fed_in(&[70, 1, 62], shape, &mut NoHooks)?;
            let difference = largest_difference(&slow, &fast);
            assert!(difference < 1e-5, "{shape:?}: {difference}");
        }
        Ok(())
    }

    #[test]
    fn a_text_gives_the_same_bits_at_once_and_token_by_token() -> Result<()> {
        let at_once = fed_in(&[150], [9, 3, 64], &mut NoHooks)?;
        let one_by_one = fed_in(&[1; 150], [9, 3, 64], &mut NoHooks)?;
        let in_pieces = fed_in(&[64, 7, 79], [9, 3, 64], &mut NoHooks)?;
        assert_eq!(at_once, one_by_one);
        assert_eq!(at_once, in_pieces);
        Ok(())
    }

    #[test]
    fn a_pattern_is_a_distribution_over_the_past() -> Result<()> {
        let mut capture = Capture::of([Site::Pattern(0)]);
        fed_in(&[20], [4, 2, 8], &mut capture)?;
        let pattern = capture.get(Site::Pattern(0)).unwrap().to_vec3::<f32>()?;
        for (i, row) in pattern.iter().flat_map(|head| head.iter().enumerate()) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!(row[i + 1..].iter().all(|&p| p == 0.0));
        }
        Ok(())
    }
}
