//! Attention in one pass over the cache: a running maximum and sum stand in for the whole row of
//! scores (Milakov & Gimelshein 2018), as `FlashAttention` has it (Dao et al. 2022).
//!
//! Each row, one query of one head, meets the keys in spans of 64 that begin at multiples of 64,
//! whatever else is computed beside it. So the result is the same bit for bit whether a text is
//! read at once or token by token, and on any number of threads.
//! Letters: t positions of this pass, h query heads, g key/value heads, r = h / g, s head width.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use super::kv_cache::TILE;
use super::pool;
use super::rows::f32s;
use super::simd::{LANES, Lanes, Work, widest};
use super::slices::exp;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, bail};
use std::sync::Mutex;

/// Positions that a row meets at once.
const SPAN: usize = 4 * TILE;
/// Rows computed side by side, so that a key or value read once serves them all.
const ROWS: usize = 8;

/// Rows times positions from which a second thread saves more than it costs.
const WORTH_SHARING: usize = 2048;

/// q (h, t, s), keys `(g, ⌈n_ctx/16⌉, s, 16)`, values `(g, n_ctx, s)` → z (t, h, s).
pub(super) struct OnlineAttention {
    /// Positions in the cache before this pass.
    pub past: usize,
}

/// Where the queries lie: row `i·r + j` of key/value head `k` is query head `k·r + j` at position
/// `i` of this pass.
#[derive(Clone, Copy)]
struct Queries<'a> {
    q: &'a [f32],
    head_stride: usize,
    t_stride: usize,
    r: usize,
    past: usize,
}

/// Some rows of one key/value head.
struct Task<'a> {
    queries: Queries<'a>,
    /// Which key/value head.
    head: usize,
    first_row: usize,
    /// `(⌈n_ctx/16⌉, s, 16)`.
    keys: &'a [f32],
    /// `(n_ctx, s)`.
    values: &'a [f32],
    /// s.
    width: usize,
    /// (rows, s).
    z: &'a mut [f32],
}

impl CustomOp3 for OnlineAttention {
    fn name(&self) -> &'static str {
        "online-attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        keys: &CpuStorage,
        keys_layout: &Layout,
        values: &CpuStorage,
        values_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (q, keys, values) = (f32s(q)?, f32s(keys)?, f32s(values)?);
        let (h, t, s) = q_layout.shape().dims3()?;
        let (g, ..) = values_layout.shape().dims3()?;
        let r = h / g;
        let &[head_stride, t_stride, 1] = q_layout.stride() else {
            bail!("a head's numbers must lie side by side: {q_layout:?}");
        };
        if !keys_layout.is_contiguous() || !values_layout.is_contiguous() {
            bail!("a cache with gaps");
        }
        let queries = Queries {
            q: &q[q_layout.start_offset()..],
            head_stride,
            t_stride,
            r,
            past: self.past,
        };

        // One token has few rows: give each thread its own.
        let shared = h * t * (self.past + t) >= WORTH_SHARING && pool::threads() > 1;
        let rows_per_task = if shared && t == 1 { 1 } else { ROWS };
        let mut z = vec![0f32; h * t * s];
        let mut tasks = Vec::with_capacity(g * (t * r).div_ceil(rows_per_task));
        let heads = keys
            .chunks_exact(keys.len() / g)
            .zip(values.chunks_exact(values.len() / g));
        for (head, (z, (keys, values))) in z.chunks_exact_mut(t * r * s).zip(heads).enumerate() {
            for (part, z) in z.chunks_mut(rows_per_task * s).enumerate() {
                tasks.push(Mutex::new(Some(Task {
                    queries,
                    head,
                    first_row: part * rows_per_task,
                    keys,
                    values,
                    width: s,
                    z,
                })));
            }
        }
        let take = |task: usize| {
            let task = tasks[task].lock().ok().and_then(|mut task| task.take());
            if let Some(task) = task {
                widest(task);
            }
        };
        if shared {
            // The last rows have the most to look at: hand them out first.
            let last = tasks.len() - 1;
            pool::for_chunks(tasks.len(), 1, |part| part.for_each(|i| take(last - i)));
        } else {
            (0..tasks.len()).for_each(take);
        }
        drop(tasks);
        if t > 1 {
            z = positions_first(&z, [g, t, r * s]);
        }
        Ok((CpuStorage::F32(z), Shape::from((t, h, s))))
    }
}

/// (g, t, n) → (t, g, n).
fn positions_first(x: &[f32], [g, t, n]: [usize; 3]) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for i in 0..t {
        for head in 0..g {
            out.extend_from_slice(&x[(head * t + i) * n..][..n]);
        }
    }
    out
}

impl Work for Task<'_> {
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let n_rows = self.z.len() / self.width;
        let mut first = 0;
        while first < n_rows {
            first += match n_rows - first {
                8.. => self.rows::<V, 8>(first),
                4.. => self.rows::<V, 4>(first),
                3 => self.rows::<V, 3>(first),
                2 => self.rows::<V, 2>(first),
                _ => self.rows::<V, 1>(first),
            }
        }
    }
}

impl Task<'_> {
    /// N rows of the task at once, from row `first`; returns N.
    #[inline(always)]
    fn rows<V: Lanes, const N: usize>(&mut self, first: usize) -> usize {
        let width = self.width;
        let Queries { q, r, past, .. } = self.queries;
        let mut queries: [&[f32]; N] = [&[]; N];
        let mut positions = [0; N];
        for n in 0..N {
            let (i, j) = (
                (self.first_row + first + n) / r,
                (self.first_row + first + n) % r,
            );
            let start = (self.head * r + j) * self.queries.head_stride + i * self.queries.t_stride;
            queries[n] = &q[start..start + width];
            positions[n] = past + i;
        }
        let z = &mut self.z[first * width..][..N * width];
        // Rows are in the order of their positions.
        let n_positions = positions[N - 1] + 1;
        let scale = 1.0 / (width as f32).sqrt();
        let mut largest = [f32::NEG_INFINITY; N];
        let mut sums = [0f32; N];
        let mut shrinks = [0f32; N];
        let mut probs = [[0f32; SPAN]; N];
        for span in (0..n_positions).step_by(SPAN) {
            let n = (n_positions - span).min(SPAN);
            scores::<V, N>(&self.keys[span * width..], n, queries, &mut probs);
            for i in 0..N {
                // Positions of this span that the row may look at; none lie ahead of it.
                let n_seen = (positions[i] + 1).saturating_sub(span).min(SPAN);
                let shrink = soften(&mut probs[i], n_seen, scale, &mut largest[i], &mut sums[i]);
                shrinks[i] = shrink;
            }
            weigh::<V, N>(
                &self.values[span * width..][..n * width],
                &probs,
                shrinks,
                z,
            );
        }
        for (z, sum) in z.chunks_exact_mut(width).zip(sums) {
            for z in z {
                *z /= sum;
            }
        }
        N
    }
}

/// q · k of N rows with the first `n` positions of `keys`, and with the rest of their last tile.
#[inline(always)]
fn scores<V: Lanes, const N: usize>(
    keys: &[f32],
    n: usize,
    queries: [&[f32]; N],
    scores: &mut [[f32; SPAN]; N],
) {
    let width = queries[0].len();
    for tile in 0..n.div_ceil(TILE) {
        let keys = &keys[tile * width * TILE..][..width * TILE];
        let mut sums = [V::splat(0.0); N];
        for (d, keys) in keys.as_chunks::<TILE>().0.iter().enumerate() {
            let keys = V::load(keys);
            for i in 0..N {
                sums[i] = V::splat(queries[i][d]).mul_add(keys, sums[i]);
            }
        }
        for i in 0..N {
            sums[i].store(&mut scores[i].as_chunks_mut().0[tile]);
        }
    }
}

/// Shrinks N rows of `z` and adds `values`, (positions, s), weighted, to them.
#[inline(always)]
fn weigh<V: Lanes, const N: usize>(
    values: &[f32],
    probs: &[[f32; SPAN]; N],
    shrinks: [f32; N],
    z: &mut [f32],
) {
    let s = z.len() / N;
    let n_whole = s / LANES;
    for part in 0..n_whole {
        let mut sums = [V::splat(0.0); N];
        for i in 0..N {
            let z = &z[i * s..][..s].as_chunks().0[part];
            sums[i] = V::load(z).mul(V::splat(shrinks[i]));
        }
        for (j, value) in values.chunks_exact(s).enumerate() {
            let value = V::load(&value.as_chunks().0[part]);
            for i in 0..N {
                sums[i] = V::splat(probs[i][j]).mul_add(value, sums[i]);
            }
        }
        for i in 0..N {
            sums[i].store(&mut z[i * s..][..s].as_chunks_mut().0[part]);
        }
    }
    // What is left of a width that is not a multiple of 16.
    let whole = n_whole * LANES;
    for i in 0..N {
        let z = &mut z[i * s..][whole..s];
        for z in z.iter_mut() {
            *z *= shrinks[i];
        }
        for (j, value) in values.chunks_exact(s).enumerate() {
            for (z, v) in z.iter_mut().zip(&value[whole..]) {
                *z = probs[i][j].mul_add(*v, *z);
            }
        }
    }
}

/// Turns a span's scores into weights e^(score·scale − largest), 0 from `n_seen` on, and brings the
/// running maximum and sum up to date; returns the factor by which everything before shrinks.
#[inline(always)]
fn soften(
    scores: &mut [f32; SPAN],
    n_seen: usize,
    scale: f32,
    largest: &mut f32,
    sum: &mut f32,
) -> f32 {
    if n_seen == 0 {
        *scores = [0.0; SPAN];
        return 1.0;
    }
    scores[n_seen..].fill(f32::NEG_INFINITY);
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in scores.as_chunks::<LANES>().0 {
        for (lane, &score) in lanes.iter_mut().zip(chunk) {
            *lane = if score > *lane { score } else { *lane };
        }
    }
    let top = lanes.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b)) * scale;
    let top = largest.max(top);
    let shrink = exp(*largest - top);
    let mut lanes = [0f32; LANES];
    for chunk in scores.as_chunks_mut::<LANES>().0 {
        for (lane, score) in lanes.iter_mut().zip(chunk) {
            *score = exp(*score * scale - top);
            *lane += *score;
        }
    }
    // Our exponential ends at 10⁻³⁸; what is hidden weighs nothing at all.
    scores[n_seen..].fill(0.0);
    *sum = *sum * shrink + lanes.iter().sum::<f32>();
    *largest = top;
    shrink
}
