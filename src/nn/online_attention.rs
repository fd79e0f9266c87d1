//! Attention in one pass over the cache: a running maximum and sum stand in for the whole row of
//! scores (Milakov & Gimelshein 2018), as `FlashAttention` has it (Dao et al. 2022).
//!
//! Each row, one query of one head, meets the keys in spans of 64 that begin at multiples of 64,
//! whatever else is computed beside it. So the result is the same bit for bit whether a text is
//! read at once or token by token, and on any number of threads.
//! Letters: t positions of this pass, h query heads, g key/value heads, r = h / g, s head width.

use super::kv_cache::TILE;
use super::pool;
use super::rows::f32s;
use super::simd::widest;
use super::slices::exp;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, bail};
use std::sync::Mutex;

/// Positions that a row meets at once.
const SPAN: usize = 4 * TILE;
/// Rows computed side by side, so that a key or value read once serves them all.
const ROWS: usize = 8;
/// Numbers of a value held in registers while the positions of a span go by.
const LANES: usize = 16;

/// q (h, t, s), keys `(g, ⌈n_ctx/16⌉, s, 16)`, values `(g, n_ctx, s)` → z (g, t, r, s).
pub(super) struct OnlineAttention {
    /// Positions in the cache before this pass.
    pub past: usize,
}

/// Everything that one key/value head's rows share.
#[derive(Clone, Copy)]
struct Head<'a> {
    /// `(⌈n_ctx/16⌉, s, 16)`.
    keys: &'a [f32],
    /// `(n_ctx, s)`.
    values: &'a [f32],
    width: usize,
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
        let (keys_per_head, values_per_head) = (keys.len() / g, values.len() / g);
        let query = |head: usize, row: usize| {
            let (i, j) = (row / r, row % r);
            let start = q_layout.start_offset() + (head * r + j) * head_stride + i * t_stride;
            &q[start..start + s]
        };

        // A task is some rows of one key/value head. One token has few rows: give each thread its own.
        let rows_per_task = if t == 1 && pool::threads() > 1 {
            1
        } else {
            ROWS
        };
        let mut z = vec![0f32; h * t * s];
        let heads = z.chunks_exact_mut(t * r * s).enumerate();
        let tasks: Vec<_> = heads
            .flat_map(|(head, z)| {
                let parts = z.chunks_mut(rows_per_task * s).enumerate();
                parts.map(move |(part, z)| (head, part * rows_per_task, Mutex::new(z)))
            })
            .collect();
        let work = |task: usize| {
            let (index, first_row, z) = &tasks[task];
            let Ok(mut z) = z.lock() else { return };
            let head = Head {
                keys: &keys[index * keys_per_head..][..keys_per_head],
                values: &values[index * values_per_head..][..values_per_head],
                width: s,
            };
            let n_rows = z.len() / s;
            let row = |row: usize| {
                (
                    query(*index, first_row + row),
                    self.past + (first_row + row) / r,
                )
            };
            widest(|| head.attend(n_rows, row, &mut z));
        };
        // Below this many products a second thread costs more than it saves.
        if tasks.len() * rows_per_task * (self.past + t) < 4096 {
            (0..tasks.len()).for_each(work);
        } else {
            pool::for_chunks(tasks.len(), 1, |tasks| tasks.for_each(&work));
        }
        drop(tasks);
        Ok((CpuStorage::F32(z), Shape::from((g, t, r, s))))
    }
}

impl Head<'_> {
    /// Computes `n_rows` rows into `z`; `row` gives a row's query and its position.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "compiled again for each width of vectors"
    )]
    fn attend<'q>(self, n_rows: usize, row: impl Fn(usize) -> (&'q [f32], usize), z: &mut [f32]) {
        let mut first = 0;
        while first < n_rows {
            let row = |i| row(first + i);
            let z = &mut z[first * self.width..];
            match n_rows - first {
                8.. => first += self.rows::<8>(row, z),
                4.. => first += self.rows::<4>(row, z),
                3 => first += self.rows::<3>(row, z),
                2 => first += self.rows::<2>(row, z),
                _ => first += self.rows::<1>(row, z),
            }
        }
    }

    /// N rows at once; returns N.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "compiled again for each width of vectors"
    )]
    fn rows<'q, const N: usize>(
        self,
        row: impl Fn(usize) -> (&'q [f32], usize),
        z: &mut [f32],
    ) -> usize {
        let rows: [_; N] = std::array::from_fn(row);
        let queries = rows.map(|(query, _)| query);
        let positions = rows.map(|(_, position)| position);
        let n_positions = 1 + positions.iter().fold(0, |most, &p| most.max(p));
        let scale = 1.0 / (self.width as f32).sqrt();
        let mut largest = [f32::NEG_INFINITY; N];
        let mut sums = [0f32; N];
        let mut probs = [[0f32; SPAN]; N];
        for span in (0..n_positions).step_by(SPAN) {
            self.scores(span, n_positions, queries, &mut probs);
            for i in 0..N {
                // Positions of this span that the row may look at; none lie ahead of it.
                let n_seen = (positions[i] + 1).saturating_sub(span).min(SPAN);
                let shrink = soften(&mut probs[i], n_seen, scale, &mut largest[i], &mut sums[i]);
                for z in &mut z[i * self.width..][..self.width] {
                    *z *= shrink;
                }
            }
            self.weigh(span, (n_positions - span).min(SPAN), &probs, z);
        }
        for (i, sum) in sums.iter().enumerate() {
            for z in &mut z[i * self.width..][..self.width] {
                *z /= sum;
            }
        }
        N
    }

    /// q · k of N rows with the span's positions, up to the last tile that is in use.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "compiled again for each width of vectors"
    )]
    fn scores<const N: usize>(
        self,
        span: usize,
        n_positions: usize,
        queries: [&[f32]; N],
        scores: &mut [[f32; SPAN]; N],
    ) {
        let tile_len = self.width * TILE;
        let n_tiles = (n_positions - span).div_ceil(TILE).min(SPAN / TILE);
        for tile in 0..n_tiles {
            let keys = &self.keys[(span / TILE + tile) * tile_len..][..tile_len];
            let mut sums = [[0f32; TILE]; N];
            for (d, keys) in keys.as_chunks::<TILE>().0.iter().enumerate() {
                for (sums, query) in sums.iter_mut().zip(queries) {
                    let q = query[d];
                    for (sum, k) in sums.iter_mut().zip(keys) {
                        *sum = q.mul_add(*k, *sum);
                    }
                }
            }
            for (scores, sums) in scores.iter_mut().zip(sums) {
                scores[tile * TILE..][..TILE].copy_from_slice(&sums);
            }
        }
    }

    /// Adds the span's values, weighted, to N rows of `z`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "compiled again for each width of vectors"
    )]
    fn weigh<const N: usize>(
        self,
        span: usize,
        n_positions: usize,
        probs: &[[f32; SPAN]; N],
        z: &mut [f32],
    ) {
        let s = self.width;
        let values = &self.values[span * s..][..n_positions * s];
        for first in (0..s).step_by(LANES) {
            let width = LANES.min(s - first);
            let mut sums = [[0f32; LANES]; N];
            for (i, sums) in sums.iter_mut().enumerate() {
                sums[..width].copy_from_slice(&z[i * s + first..][..width]);
            }
            if width == LANES {
                for (j, value) in values.chunks_exact(s).enumerate() {
                    let value = &value[first..first + LANES];
                    for (sums, probs) in sums.iter_mut().zip(probs) {
                        for (sum, v) in sums.iter_mut().zip(value) {
                            *sum = probs[j].mul_add(*v, *sum);
                        }
                    }
                }
            } else {
                for (j, value) in values.chunks_exact(s).enumerate() {
                    for (sums, probs) in sums.iter_mut().zip(probs) {
                        for (sum, v) in sums.iter_mut().zip(&value[first..]) {
                            *sum = probs[j].mul_add(*v, *sum);
                        }
                    }
                }
            }
            for (i, sums) in sums.iter().enumerate() {
                z[i * s + first..][..width].copy_from_slice(&sums[..width]);
            }
        }
    }
}

/// Turns a span's scores into weights e^(score·scale − largest), 0 from `n_seen` on, and brings the
/// running maximum and sum up to date; returns the factor by which everything before shrinks.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again for each width of vectors"
)]
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
