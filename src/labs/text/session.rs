//! What a model has read: its key/value cache, and the ids that filled it.

use super::LoadedText;
use crate::models::{LogitsFor, TextModel};
use crate::nn::hooks::NoHooks;
use crate::nn::kv_cache::KvCache;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How many tokens are read between two looks at Stop: under 200 ms even for a model that reads
/// 200 tokens a second. Chunks start at multiples of it, so that the same text is always cut alike.
const CHUNK_TOKENS: usize = 32;

/// A key/value cache and what is in it.
pub(super) struct Session {
    cache: KvCache,
    ids: Vec<u32>,
}

/// The outcome of reading: the scores after the last token, or that the person stopped it.
pub(super) enum Read {
    /// One score per token of the vocabulary.
    Logits(Arc<[f32]>),
    /// Stopped; what was read until then stays known.
    Stopped,
}

impl Session {
    pub(super) fn new(model: &TextModel, n_ctx: usize) -> Result<Self> {
        let cache = model.new_cache(n_ctx).map_err(|e| math_refusal(&e))?;
        Ok(Self {
            cache,
            ids: Vec::new(),
        })
    }

    /// Bytes of the whole cache, used or not.
    pub(super) fn bytes(&self) -> u64 {
        self.cache.n_bytes() as u64
    }

    /// How many leading tokens of `ids` need not be read again. The last one always is: its scores
    /// are what is asked for.
    pub(super) fn n_known(&self, ids: &[u32]) -> usize {
        let same = self.ids.iter().zip(ids).take_while(|(a, b)| a == b).count();
        same.min(ids.len().saturating_sub(1))
    }

    /// Reads `ids` (at least one, at most the context) and returns the scores after the last.
    /// `progress` hears how many of them are read and may stop it.
    pub(super) fn read(
        &mut self,
        loaded: &LoadedText,
        ids: &[u32],
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Read> {
        let n_known = self.n_known(ids);
        self.cache.truncate(n_known);
        self.ids.truncate(n_known);
        loop {
            let from = self.ids.len();
            let next_cut = (from / CHUNK_TOKENS + 1) * CHUNK_TOKENS;
            let chunk = &ids[from..next_cut.min(ids.len())];
            loaded.n_passes.fetch_add(1, Ordering::Relaxed);
            let logits = loaded
                .model
                .forward(chunk, &mut self.cache, LogitsFor::Last, &mut NoHooks)
                .and_then(|logits| logits.flatten_all()?.to_vec1::<f32>());
            let logits = match logits {
                Ok(logits) => logits,
                Err(error) => {
                    // The cache may hold half a chunk: forget it rather than trust it.
                    self.cache.truncate(0);
                    self.ids.clear();
                    return Err(math_refusal(&error));
                }
            };
            self.ids.extend_from_slice(chunk);
            if self.ids.len() == ids.len() {
                return Ok(Read::Logits(logits.into()));
            }
            if progress(self.ids.len()).is_break() {
                return Ok(Read::Stopped);
            }
        }
    }
}

/// What is said when a text is longer than the model can see.
pub(super) fn too_long(n_tokens: usize, n_ctx: usize) -> Refusal {
    Refusal::new(
        "The text is longer than the model can see at once",
        format!("It has {n_tokens} tokens; the context holds {n_ctx}."),
        "Nothing was generated; the text and the model are as they were.",
        "Shorten the text, or choose to drop the oldest tokens.",
    )
}
