//! Heads by what they look at: every pattern of a model at a glance, and which heads do what.
//!
//! A head is found by measuring, not by looking: the model reads random words twice over, where
//! nothing but the repetition can be known, and the share of a head's attention on the token before,
//! on the first token, on the same token's first time, or behind it (the induction heads of Olsson
//! et al. 2022) is its score.

use super::watched::ask;
use super::{At, SiteName, Trace};
use crate::labs::text::LoadedText;
use crate::labs::tokenizer::Tokenizer;
use crate::nn::hooks::{Hooks, Site};
use crate::refusal::Result;
use crate::rng::Rng;
use candle_core::Tensor;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The most fields along one side of a small map; a longer text shares them.
pub const MOST_SIDE: usize = 40;

/// How many random words are said twice.
const N_REPEATED: usize = 25;
/// How many such texts are read.
const N_TEXTS: u32 = 4;

/// Every pattern of a text, small.
#[derive(Debug, Clone, PartialEq)]
pub struct Glance {
    /// Blocks.
    pub n_layers: usize,
    /// Query heads in each.
    pub n_heads: usize,
    /// Fields along one side of each map.
    pub side: usize,
    /// One map per head, block after block: `side · side` weights from 0 to 1, a row per query. A
    /// field that several weights share shows the largest.
    pub maps: Vec<Arc<[f32]>>,
}

/// What a head may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Habit {
    /// The token before.
    Previous,
    /// The very first token, where heads rest.
    First,
    /// The token itself.
    Own,
    /// The same token's first time.
    Duplicate,
    /// What came after the same token's first time.
    Induction,
}

impl Habit {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Previous,
        Self::First,
        Self::Own,
        Self::Duplicate,
        Self::Induction,
    ];

    /// As it is called on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Previous => "Previous token",
            Self::First => "First token",
            Self::Own => "Itself",
            Self::Duplicate => "Same token before",
            Self::Induction => "Induction",
        }
    }
}

/// A head and how much of its attention goes where, on average over random words said twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Its block.
    pub block: usize,
    /// Which query head.
    pub head: usize,
    /// A share from 0 to 1 for each of [`Habit::ALL`].
    pub shares: [f32; 5],
}

impl Measured {
    /// The share of a habit.
    #[must_use]
    pub fn share(&self, habit: Habit) -> f32 {
        let at = Habit::ALL.iter().position(|&h| h == habit);
        at.map_or(0.0, |at| self.shares[at])
    }
}

/// The heads by how much they have a habit, most first.
#[must_use]
pub fn ranked(measured: &[Measured], habit: Habit) -> Vec<Measured> {
    let mut ranked = measured.to_vec();
    ranked.sort_by(|a, b| b.share(habit).total_cmp(&a.share(habit)));
    ranked
}

/// Reads `ids` and makes a small map of every head's pattern; `None` when `emit`, which hears how
/// much is done from 0 to 1, ended it. No more than one block's patterns are held at once.
///
/// # Errors
/// A text the model cannot read, or arithmetic that fails.
pub fn glance(
    loaded: &LoadedText,
    ids: &[u32],
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Glance>> {
    let side = ids.len().min(MOST_SIDE);
    let hooks = OnPatterns(
        |_, pattern: &[f32], n: usize| small(pattern, n, side),
        Vec::new(),
    );
    let Some(OnPatterns(_, blocks)) = ask(loaded, ids, hooks, emit)? else {
        return Ok(None);
    };
    Ok(Some(Glance {
        n_layers: loaded.config.n_layers,
        n_heads: loaded.config.n_heads,
        side,
        maps: blocks.into_iter().map(|(_, map)| map.into()).collect(),
    }))
}

/// What one token looks at, in every head.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// The token, by its position.
    pub query: usize,
    /// Blocks.
    pub n_layers: usize,
    /// Query heads in each.
    pub n_heads: usize,
    /// Tokens it may look at: those up to itself.
    pub n_keys: usize,
    /// A row per head, block after block, of one weight per key.
    pub weights: Arc<[f32]>,
}

impl Looks {
    /// The weights of a head, counted block after block.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        let range = i * self.n_keys..(i + 1) * self.n_keys;
        self.weights.get(range).unwrap_or(&[])
    }
}

/// One token's row of every head's pattern; `None` when `emit`, which hears how much is done from 0
/// to 1, ended it.
///
/// # Errors
/// A position the text does not have, or arithmetic that fails.
pub fn looks(
    trace: &Trace,
    query: usize,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Looks>> {
    let (n_layers, n_heads) = (trace.config().n_layers, trace.config().n_heads);
    let mut weights = Vec::with_capacity(n_layers * n_heads * (query + 1));
    for block in 0..n_layers {
        if emit(block as f32 / n_layers as f32).is_break() {
            return Ok(None);
        }
        for head in 0..n_heads {
            let at = At::head(SiteName::Pattern, block, head);
            let row = trace.rows(at, query..query + 1)?;
            weights.extend(row.row(0).iter().take(query + 1));
        }
    }
    Ok(Some(Looks {
        query,
        n_layers,
        n_heads,
        n_keys: query + 1,
        weights: weights.into(),
    }))
}

/// Measures every head on random words said twice. The same seed measures the same.
///
/// # Errors
/// Arithmetic that fails.
pub fn measure(
    loaded: &LoadedText,
    seed: u64,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Vec<Measured>>> {
    let config = &loaded.config;
    let mut sums = vec![[0f64; 5]; config.n_layers * config.n_heads];
    for text in 0..N_TEXTS {
        let (ids, n) = twice(loaded, seed.wrapping_add(text.into()));
        let hooks = OnPatterns(
            |_, pattern: &[f32], t: usize| habits(pattern, t, n),
            Vec::new(),
        );
        let pass = ask(loaded, &ids, hooks, &mut |done| {
            emit((text as f32 + done) / N_TEXTS as f32)
        })?;
        let Some(OnPatterns(_, heads)) = pass else {
            return Ok(None);
        };
        for (sum, (_, shares)) in sums.iter_mut().zip(&heads) {
            for (sum, share) in sum.iter_mut().zip(shares) {
                *sum += share / f64::from(N_TEXTS);
            }
        }
    }
    let heads = sums.into_iter().enumerate();
    Ok(Some(
        heads
            .map(|(i, shares)| Measured {
                block: i / config.n_heads,
                head: i % config.n_heads,
                shares: shares.map(|share| share as f32),
            })
            .collect(),
    ))
}

/// A start, then so many random words, then the same again; and how many they are.
fn twice(loaded: &LoadedText, seed: u64) -> (Vec<u32>, usize) {
    let mut rng = Rng::new(seed, "words said twice");
    let n = N_REPEATED.min(loaded.n_ctx.saturating_sub(1) / 2).max(1);
    let vocab_size = loaded.config.vocab_size;
    let mut words = Vec::with_capacity(n);
    // A small vocabulary repeats itself sooner.
    for _ in 0..1000 * n {
        if words.len() == n {
            break;
        }
        let id = rng.below(vocab_size) as u32;
        let is_new = !words.contains(&id) || words.len() >= vocab_size / 2;
        if is_new && !loaded.is_special(id) {
            words.push(id);
        }
    }
    words.resize(n, 0);
    let vocabulary = loaded.tokenizer.as_ref().map(Tokenizer::vocabulary);
    let start = vocabulary.and_then(|v| v.bos.or_else(|| v.eos.first().copied()));
    let start = start.filter(|&id| (id as usize) < vocab_size).unwrap_or(0);
    let mut ids = vec![start];
    ids.extend(&words);
    ids.extend(&words);
    ids.truncate(loaded.n_ctx);
    (ids, n)
}

/// The mean share of a pattern (t, t) on each of [`Habit::ALL`], where position 0 is a start and the
/// words behind it come twice, `n` of them.
fn habits(pattern: &[f32], t: usize, n: usize) -> [f64; 5] {
    let mean = |queries: std::ops::Range<usize>, key: &dyn Fn(usize) -> usize| {
        let count = queries.len().max(1) as f64;
        let share = |query: usize| f64::from(pattern[query * t + key(query)]);
        queries.map(share).sum::<f64>() / count
    };
    // The second word's previous token is no start, and its first is not its previous.
    let all = 2.min(t)..t;
    let again = (n + 1).min(t)..t;
    [
        mean(all.clone(), &|query| query - 1),
        mean(all.clone(), &|_| 0),
        mean(all, &|query| query),
        mean(again.clone(), &|query| query - n),
        mean(again, &|query| query + 1 - n),
    ]
}

/// Does something with every head's pattern as it comes by, and lets it go.
struct OnPatterns<T, F: FnMut(usize, &[f32], usize) -> T>(F, Vec<(usize, T)>);

impl<T, F: FnMut(usize, &[f32], usize) -> T> Hooks for OnPatterns<T, F> {
    fn wants(&self, site: Site) -> bool {
        matches!(site, Site::Pattern(_))
    }

    fn at(&mut self, site: Site, x: Tensor) -> candle_core::Result<Tensor> {
        if let Site::Pattern(block) = site {
            let (n_heads, t, c) = x.dims3()?;
            if t != c {
                candle_core::bail!("a pattern of {t} by {c}");
            }
            for head in 0..n_heads {
                let pattern = x.get(head)?.flatten_all()?.to_vec1::<f32>()?;
                let seen = (self.0)(head, &pattern, t);
                self.1.push((block, seen));
            }
        }
        Ok(x)
    }
}

/// A pattern (n, n) on a square of `side` fields, each with the largest weight it covers.
fn small(pattern: &[f32], n: usize, side: usize) -> Vec<f32> {
    if side == n {
        return pattern.to_vec();
    }
    let mut map = vec![0f32; side * side];
    for (query, row) in pattern.chunks_exact(n).enumerate() {
        let fields = &mut map[query * side / n * side..][..side];
        for (key, &weight) in row[..=query].iter().enumerate() {
            let field = &mut fields[key * side / n];
            *field = field.max(weight);
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_map_shows_the_largest_weight_of_each_field() {
        let n = 6;
        let mut pattern = vec![0.0; n * n];
        pattern[5 * n + 2] = 0.75;
        pattern[n] = 0.5;
        let map = small(&pattern, n, 3);
        assert_eq!(map, [0.5, 0., 0., 0., 0., 0., 0., 0.75, 0.]);
        assert_eq!(small(&pattern, n, n), pattern);
    }

    #[test]
    fn each_habit_is_found_in_a_pattern_that_has_only_that() {
        // A start, then three words twice.
        let (t, n) = (7, 3);
        let looking = |key: &dyn Fn(usize) -> usize| {
            let mut pattern = vec![0.0; t * t];
            (0..t).for_each(|query| pattern[query * t + key(query).min(query)] = 1.0);
            habits(&pattern, t, n)
        };
        assert_eq!(looking(&|q| q.saturating_sub(1))[0], 1.0);
        assert_eq!(looking(&|_| 0)[1], 1.0);
        assert_eq!(looking(&|q| q)[2], 1.0);
        assert_eq!(looking(&|q| q.saturating_sub(n))[3], 1.0);
        assert_eq!(looking(&|q| (q + 1).saturating_sub(n))[4], 1.0);
        assert_eq!(looking(&|q| q)[4], 0.0);
    }
}
