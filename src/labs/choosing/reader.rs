//! A text that is being read: its key/value cache and the scores after its last token. A fork goes on by
//! itself, so that paths that begin alike read their beginning once.

use crate::labs::text::LoadedText;
use crate::models::LogitsFor;
use crate::nn::hooks::NoHooks;
use crate::nn::kv_cache::KvCache;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Tokens that are read between two looks at Stop.
const CHUNK_TOKENS: usize = 32;

pub(super) struct Reader {
    cache: KvCache,
    logits: Arc<[f32]>,
}

impl Reader {
    /// Reads `ids`, with room for `n_ctx` tokens in all; `None` when `emit`, called after every chunk, broke.
    pub(super) fn open(
        loaded: &LoadedText,
        ids: &[u32],
        n_ctx: usize,
        emit: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Option<Self>> {
        let cache = loaded
            .model()
            .new_cache(n_ctx)
            .map_err(|e| math_refusal(&e))?;
        let mut reader = Self {
            cache,
            logits: Arc::new([]),
        };
        for chunk in ids.chunks(CHUNK_TOKENS) {
            reader.read(loaded, chunk)?;
            if emit().is_break() {
                return Ok(None);
            }
        }
        Ok(Some(reader))
    }

    /// The scores after the last token, by id.
    pub(super) fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// The same text, to go on otherwise.
    pub(super) fn fork(&self) -> Result<Self> {
        Ok(Self {
            cache: self.cache.fork().map_err(|error| math_refusal(&error))?,
            logits: Arc::clone(&self.logits),
        })
    }

    /// Reads one token more.
    pub(super) fn push(&mut self, loaded: &LoadedText, id: u32) -> Result<()> {
        self.read(loaded, &[id])
    }

    fn read(&mut self, loaded: &LoadedText, ids: &[u32]) -> Result<()> {
        let model = loaded.model();
        let logits = model
            .forward(ids, &mut self.cache, LogitsFor::Last, &mut NoHooks)
            .and_then(|logits| logits.flatten_all()?.to_vec1::<f32>())
            .map_err(|error| math_refusal(&error))?;
        if !logits.iter().any(|logit| logit.is_finite()) {
            return Err(Refusal::unchanged(
                "The model's scores are not numbers",
                "Not one of them is finite.",
                "The weight file is probably damaged: get it again, or choose another model.",
            ));
        }
        self.logits = logits.into();
        Ok(())
    }
}
