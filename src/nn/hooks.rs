//! Hooks: a model hands every inside number to its caller, and goes on with what it gets back.
//!
//! A hook is an identity by value at a named [`Site`] (after `TransformerLens`). [`NoHooks`] costs
//! nothing; [`Capture`] keeps what a view asked for; an intervention returns something else and so
//! makes ablation a real forward pass. Work that only a site needs sits behind [`Hooks::wants`].

use candle_core::{Result, Tensor};
use std::fmt;

/// A named place in a decoder's forward pass, in the order of the pass.
/// Letters: t positions of this pass, c positions in the cache, h heads, g key/value heads,
/// s head width, d model width, m MLP width, v vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Site {
    /// Token embeddings, (t, d).
    Embed,
    /// Position embeddings, (t, d); GPT-2 only.
    PosEmbed,
    /// The residual stream entering a block, (t, d).
    ResidPre(usize),
    /// After the block's first norm, (t, d).
    Ln1(usize),
    /// Queries, after rotation where the model rotates, (h, t, s).
    Q(usize),
    /// Keys of this pass's positions, after rotation where the model rotates, (g, t, s).
    K(usize),
    /// Values of this pass's positions, (g, t, s).
    V(usize),
    /// Scaled scores before the mask, (h, t, c).
    Scores(usize),
    /// Attention pattern: the softmax of the masked scores, (h, t, c); rows sum to 1.
    Pattern(usize),
    /// Values weighted by the pattern, (h, t, s).
    Z(usize),
    /// What attention adds to the stream, (t, d).
    AttnOut(usize),
    /// The residual stream between attention and MLP, (t, d).
    ResidMid(usize),
    /// After the block's second norm, (t, d).
    Ln2(usize),
    /// Into the MLP's activation, (t, m); in a gated MLP the `up` branch.
    MlpPre(usize),
    /// The gate before its activation, (t, m); gated MLPs (Llama) only.
    MlpGate(usize),
    /// After the activation (and gate), (t, m).
    MlpPost(usize),
    /// What the MLP adds to the stream, (t, d).
    MlpOut(usize),
    /// The residual stream leaving a block, (t, d).
    ResidPost(usize),
    /// After the final norm, (t, d).
    FinalNorm,
    /// One score per token of the vocabulary, (t, v) or, when only the last is asked for, (1, v).
    Logits,
}

impl Site {
    /// The site's name on the command line and on screen, without its block.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embed => "embed",
            Self::PosEmbed => "pos_embed",
            Self::ResidPre(_) => "resid_pre",
            Self::Ln1(_) => "ln1",
            Self::Q(_) => "q",
            Self::K(_) => "k",
            Self::V(_) => "v",
            Self::Scores(_) => "scores",
            Self::Pattern(_) => "pattern",
            Self::Z(_) => "z",
            Self::AttnOut(_) => "attn_out",
            Self::ResidMid(_) => "resid_mid",
            Self::Ln2(_) => "ln2",
            Self::MlpPre(_) => "mlp_pre",
            Self::MlpGate(_) => "mlp_gate",
            Self::MlpPost(_) => "mlp_post",
            Self::MlpOut(_) => "mlp_out",
            Self::ResidPost(_) => "resid_post",
            Self::FinalNorm => "final_norm",
            Self::Logits => "logits",
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a model calls at every site.
pub trait Hooks {
    /// Whether [`Hooks::at`] does anything at this site: the model computes a derived site (scores,
    /// pattern) only when somebody wants it.
    fn wants(&self, site: Site) -> bool;

    /// Sees `x` at `site` and returns what the model goes on with: `x` itself, unless the hook
    /// intervenes. The shape must stay as it was.
    ///
    /// # Errors
    /// Whatever the hook's own arithmetic refuses.
    fn at(&mut self, site: Site, x: Tensor) -> Result<Tensor>;
}

/// Looks at nothing: the model runs at full speed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {
    #[inline]
    fn wants(&self, _: Site) -> bool {
        false
    }

    #[inline]
    fn at(&mut self, _: Site, x: Tensor) -> Result<Tensor> {
        Ok(x)
    }
}

/// Keeps the tensors of the sites it was asked for, in the order they were passed.
#[derive(Debug, Default)]
pub struct Capture {
    wanted: Vec<Site>,
    captured: Vec<(Site, Tensor)>,
}

impl Capture {
    /// A capture of these sites.
    #[must_use]
    pub fn of(wanted: impl IntoIterator<Item = Site>) -> Self {
        Self {
            wanted: wanted.into_iter().collect(),
            captured: Vec::new(),
        }
    }

    /// What was captured at `site`, if the pass reached it.
    #[must_use]
    pub fn get(&self, site: Site) -> Option<&Tensor> {
        self.captured
            .iter()
            .find(|(at, _)| *at == site)
            .map(|(_, x)| x)
    }
}

impl Hooks for Capture {
    fn wants(&self, site: Site) -> bool {
        self.wanted.contains(&site)
    }

    fn at(&mut self, site: Site, x: Tensor) -> Result<Tensor> {
        if self.wants(site) {
            self.captured.push((site, x.clone()));
        }
        Ok(x)
    }
}
