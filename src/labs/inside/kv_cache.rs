//! The key/value cache of a model that writes: what is kept, how much memory that takes, and how much
//! time it saves, measured.
//!
//! Every block's attention asks the keys and values of all tokens before the newest. They do not change
//! when a token is added, as no token sees what follows it; so they are kept. Without them the whole text
//! would have to be read anew for every token: the time for a token would grow with the text.

use super::surprise::check;
use crate::labs::text::{LoadedText, best};
use crate::models::{DecoderConfig, LogitsFor};
use crate::nn::hooks::NoHooks;
use crate::nn::kv_cache::KvCache;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How many tokens are read between two looks at Stop.
const CHUNK_TOKENS: usize = 32;

/// Bytes of a number that is kept: they are f32.
const NUMBER_BYTES: usize = 4;

/// What the size of a cache is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Blocks; each keeps its own.
    pub n_layers: usize,
    /// Heads that ask.
    pub n_heads: usize,
    /// Heads that are asked: fewer where several share one (grouped queries).
    pub n_kv_heads: usize,
    /// Numbers of one head.
    pub d_head: usize,
    /// Bytes of one number.
    pub number_bytes: usize,
}

impl Size {
    /// Of a model.
    #[must_use]
    pub fn of(config: &DecoderConfig) -> Self {
        Self {
            n_layers: config.n_layers,
            n_heads: config.n_heads,
            n_kv_heads: config.n_kv_heads,
            d_head: config.d_head,
            number_bytes: NUMBER_BYTES,
        }
    }

    /// Bytes of `n_tokens` tokens: a key and a value for each head that is asked in each block.
    #[must_use]
    pub fn bytes(&self, n_tokens: usize) -> usize {
        2 * self.n_layers * self.n_kv_heads * self.d_head * n_tokens * self.number_bytes
    }

    /// The same if every head that asks had a key and a value of its own.
    #[must_use]
    pub fn bytes_ungrouped(&self, n_tokens: usize) -> usize {
        let every = Self {
            n_kv_heads: self.n_heads,
            ..*self
        };
        every.bytes(n_tokens)
    }
}

/// What a model kept of a text.
#[derive(Debug)]
pub struct Kept {
    cache: KvCache,
    size: Size,
}

/// Reads `ids`, as many as the context holds, and returns what is kept of them; `None` when `emit`,
/// which hears how many are read, broke.
///
/// # Errors
/// No ids, one outside the vocabulary, or arithmetic that fails.
pub fn keep(
    loaded: &LoadedText,
    ids: &[u32],
    emit: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Option<Kept>> {
    let ids = &ids[..ids.len().min(loaded.n_ctx)];
    check_text(loaded, ids)?;
    let mut reader = Reader::new(loaded, ids.len())?;
    let logits = reader.read(ids, emit)?;
    Ok(logits.map(|_| Kept {
        cache: reader.cache,
        size: Size::of(&loaded.config),
    }))
}

impl Kept {
    /// How many tokens it holds.
    #[must_use]
    pub fn n_tokens(&self) -> usize {
        self.cache.len()
    }

    /// What its size is made of.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// The keys of a head that is asked: a row of `d_head` numbers for each token.
    ///
    /// # Errors
    /// When there is no such block or head.
    pub fn keys(&self, block: usize, head: usize) -> Result<Vec<f32>> {
        self.rows(true, block, head)
    }

    /// The values of a head that is asked: a row of `d_head` numbers for each token.
    ///
    /// # Errors
    /// When there is no such block or head.
    pub fn values(&self, block: usize, head: usize) -> Result<Vec<f32>> {
        self.rows(false, block, head)
    }

    fn rows(&self, keys: bool, block: usize, head: usize) -> Result<Vec<f32>> {
        let Size {
            n_layers,
            n_kv_heads,
            ..
        } = self.size;
        if block >= n_layers || head >= n_kv_heads {
            return Err(Refusal::unchanged(
                "There is no such block or head",
                format!(
                    "Block {block}, head {head} is asked for; there are {n_layers} blocks of {n_kv_heads} heads with keys, counted from 0."
                ),
                "Choose one that is there.",
            ));
        }
        let n = self.cache.len();
        let all = if keys {
            self.cache.keys(block, n)
        } else {
            self.cache.values(block, n)
        };
        let rows = all.and_then(|all| all.get(head)?.flatten_all()?.to_vec1::<f32>());
        rows.map_err(|error| math_refusal(&error))
    }
}

/// What a race tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A text is being read.
    Reading {
        /// Tokens read.
        n_done: usize,
        /// Of how many.
        n_total: usize,
    },
    /// Another token was chosen both ways.
    Step(Step),
}

/// One token, chosen with the cache and without it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// How many tokens stood before it.
    pub n_before: usize,
    /// The token that was the best with the cache; both go on from it.
    pub id: u32,
    /// The token that was the best without.
    pub id_without: u32,
    /// The time it took with the cache.
    pub with_millis: f64,
    /// The time it took without.
    pub without_millis: f64,
    /// How many tokens were read with the cache: all at first, then the newest.
    pub n_read_with: usize,
    /// The largest difference between the two ways' scores: not always 0, as sums of many products are
    /// rounded differently when other numbers are added at the same time.
    pub difference: f32,
}

/// Writes `n_tokens` tokens after `ids`, the best one each time, with the cache and without it, and tells
/// the time of both. True when it came to its end, which is also that of the context; false when `emit`
/// broke.
///
/// # Errors
/// No ids, more than the context holds, one outside the vocabulary, or arithmetic that fails.
pub fn race(
    loaded: &LoadedText,
    ids: &[u32],
    n_tokens: usize,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<bool> {
    check_text(loaded, ids)?;
    if ids.len() > loaded.n_ctx {
        return Err(Refusal::unchanged(
            "The text is longer than the model can see at once",
            format!(
                "It has {} tokens; the context holds {}.",
                ids.len(),
                loaded.n_ctx
            ),
            "Shorten the text.",
        ));
    }
    let room = (ids.len() + n_tokens).min(loaded.n_ctx);
    let (mut with, mut without) = (Reader::new(loaded, room)?, Reader::new(loaded, room)?);
    let mut text = ids.to_vec();
    let mut n_known = 0;
    for _ in 0..n_tokens {
        if text.len() > room {
            break;
        }
        let n_total = text.len();
        let mut reading = |n_done| emit(Event::Reading { n_done, n_total });
        let Some((logits, with_millis)) = with.timed(&text[n_known..], &mut reading)? else {
            return Ok(false);
        };
        without.cache.truncate(0);
        let Some((anew, without_millis)) = without.timed(&text, &mut reading)? else {
            return Ok(false);
        };
        let gaps = logits.iter().zip(&anew).map(|(a, b)| (a - b).abs());
        let step = Step {
            n_before: n_total,
            id: best_id(&logits)?,
            id_without: best_id(&anew)?,
            with_millis,
            without_millis,
            n_read_with: n_total - n_known,
            difference: gaps.fold(0.0, f32::max),
        };
        n_known = n_total;
        text.push(step.id);
        if emit(Event::Step(step)).is_break() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn best_id(logits: &[f32]) -> Result<u32> {
    let best = best(logits, 1).first().map(|candidate| candidate.id);
    best.ok_or_else(|| {
        Refusal::unchanged(
            "The model gave no scores",
            "Its vocabulary is empty.",
            "Load another model.",
        )
    })
}

/// A model at a cache of its own.
struct Reader<'a> {
    loaded: &'a LoadedText,
    cache: KvCache,
}

impl<'a> Reader<'a> {
    fn new(loaded: &'a LoadedText, room: usize) -> Result<Self> {
        let cache = loaded.model().new_cache(room);
        let cache = cache.map_err(|error| math_refusal(&error))?;
        Ok(Self { loaded, cache })
    }

    /// Reads `ids` behind what is in the cache; the scores after the last. `None` when `emit` broke.
    fn read(
        &mut self,
        ids: &[u32],
        emit: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Option<Vec<f32>>> {
        let mut last = None;
        let mut n_done = 0;
        for chunk in ids.chunks(CHUNK_TOKENS) {
            if n_done > 0 && emit(n_done).is_break() {
                return Ok(None);
            }
            let model = self.loaded.model();
            let logits = model.forward(chunk, &mut self.cache, LogitsFor::Last, &mut NoHooks);
            last = Some(logits.map_err(|error| math_refusal(&error))?);
            n_done += chunk.len();
        }
        let last = last.map(|logits| logits.flatten_all()?.to_vec1::<f32>());
        last.transpose().map_err(|error| math_refusal(&error))
    }

    /// The same, with the milliseconds it took; what `emit` waits does not count.
    fn timed(
        &mut self,
        ids: &[u32],
        emit: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Option<(Vec<f32>, f64)>> {
        let start = Instant::now();
        let mut waited = Duration::ZERO;
        let logits = self.read(ids, &mut |n_done| {
            let told = Instant::now();
            let flow = emit(n_done);
            waited += told.elapsed();
            flow
        })?;
        let millis = start.elapsed().saturating_sub(waited).as_secs_f64() * 1e3;
        Ok(logits.map(|logits| (logits, millis)))
    }
}

pub(super) fn check_text(loaded: &LoadedText, ids: &[u32]) -> Result<()> {
    if ids.is_empty() {
        return Err(Refusal::unchanged(
            "There is nothing to read",
            "The text has no tokens.",
            "Write a few words.",
        ));
    }
    check(loaded, ids)
}
