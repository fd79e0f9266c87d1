//! A pass that says how far it is, block by block, and can be ended between two of them.

use crate::labs::text::LoadedText;
use crate::models::LogitsFor;
use crate::nn::hooks::{Hooks, Site};
use crate::refusal::{Refusal, Result};
use candle_core::Tensor;
use std::ops::ControlFlow;

/// A hook, watched.
pub(super) struct Watched<'a, H> {
    inner: H,
    n_layers: usize,
    emit: &'a mut dyn FnMut(f32) -> ControlFlow<()>,
    stopped: bool,
}

impl<H: Hooks> Hooks for Watched<'_, H> {
    fn wants(&self, site: Site) -> bool {
        self.inner.wants(site)
    }

    fn at(&mut self, site: Site, x: Tensor) -> candle_core::Result<Tensor> {
        if let Site::ResidPre(block) = site
            && (self.emit)(block as f32 / self.n_layers as f32).is_break()
        {
            self.stopped = true;
            candle_core::bail!("stopped");
        }
        self.inner.at(site, x)
    }
}

/// Reads `ids` with `hooks` and gives them back; `None` when `emit`, which hears how much of the
/// pass is done from 0 to 1, ended it.
///
/// # Errors
/// No text, more than the context holds, an id outside the vocabulary, or arithmetic that fails.
pub(super) fn ask<H: Hooks>(
    loaded: &LoadedText,
    ids: &[u32],
    hooks: H,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<H>> {
    check(loaded, ids)?;
    let mut watched = Watched {
        inner: hooks,
        n_layers: loaded.config.n_layers,
        emit,
        stopped: false,
    };
    let passed = loaded.look_inside(ids, LogitsFor::Last, &mut watched);
    if watched.stopped {
        return Ok(None);
    }
    passed.map(|_| Some(watched.inner))
}

/// Refuses a text that the model cannot read at once.
fn check(loaded: &LoadedText, ids: &[u32]) -> Result<()> {
    let (n, n_ctx) = (ids.len(), loaded.n_ctx);
    if n == 0 {
        return Err(Refusal::unchanged(
            "There is no text to look into",
            "It has no tokens, and this model has no token that starts a text.",
            "Write a few words first.",
        ));
    }
    if n > n_ctx {
        return Err(Refusal::unchanged(
            "The text is longer than the model can see at once",
            format!("It has {n} tokens; the context holds {n_ctx}."),
            "Shorten the text.",
        ));
    }
    ids.iter().try_for_each(|&id| known(loaded, id))
}

/// Refuses a token that the vocabulary does not have.
pub(super) fn known(loaded: &LoadedText, id: u32) -> Result<()> {
    let vocab_size = loaded.config.vocab_size;
    if (id as usize) < vocab_size {
        return Ok(());
    }
    Err(Refusal::unchanged(
        format!("The model knows no token {id}"),
        format!("Its vocabulary has {vocab_size} tokens, numbered from 0."),
        format!("Use ids below {vocab_size}."),
    ))
}
