//! What a trace keeps of a pass: as much as its budget allows, the most useful first.

use crate::models::DecoderConfig;
use crate::nn::hooks::{Hooks, Site};
use candle_core::{Result, Tensor, bail};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Which sites are kept. What is not can be derived: norms from the stream, scores and patterns from
/// queries and keys, everything of a block from the stream that enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The stream is kept where it enters every block whose number is a multiple of this.
    stride: usize,
    /// How many kinds of [`KINDS`] are kept, in every block.
    n_kinds: usize,
    n_layers: usize,
}

/// Sites that are kept together or not at all, the most looked at first.
const KINDS: [fn(Site) -> bool; 6] = [
    |site| matches!(site, Site::Q(_) | Site::K(_) | Site::V(_)),
    |site| matches!(site, Site::ResidMid(_)),
    |site| matches!(site, Site::AttnOut(_) | Site::MlpOut(_)),
    |site| matches!(site, Site::Z(_)),
    |site| matches!(site, Site::MlpPost(_)),
    |site| matches!(site, Site::MlpPre(_) | Site::MlpGate(_)),
];

impl Plan {
    /// What fits into `budget_bytes` of a pass over `n` tokens.
    pub(super) fn within(budget_bytes: usize, config: &DecoderConfig, n: usize) -> Self {
        let n_layers = config.n_layers;
        let (d, m) = (config.d_model, config.d_mlp);
        let q_width = config.n_heads * config.d_head;
        let kv_width = config.n_kv_heads * config.d_head;
        let gates = if config.architecture == "gpt2" { 1 } else { 2 };
        let widths = [q_width + 2 * kv_width, d, 2 * d, q_width, m, gates * m];
        let bytes = |width: usize| n.saturating_mul(width).saturating_mul(size_of::<f32>());
        let streams = bytes(d).saturating_mul(n_layers + 1);
        let stride = streams.div_ceil(budget_bytes.max(1)).clamp(1, n_layers + 1);
        let mut left = budget_bytes.saturating_sub(streams / stride);
        let fits = |width: &&usize| {
            let all = bytes(**width).saturating_mul(n_layers);
            let fits = stride == 1 && all <= left;
            if fits {
                left -= all;
            }
            fits
        };
        let n_kinds = widths.iter().take_while(fits).count();
        Self {
            stride,
            n_kinds,
            n_layers,
        }
    }

    /// Whether the tensor of this site is kept.
    pub(super) fn keeps(&self, site: Site) -> bool {
        match site {
            Site::ResidPre(block) => block % self.stride == 0,
            // The stream that leaves a block is the one that enters the next.
            Site::ResidPost(block) => block + 1 == self.n_layers,
            _ => KINDS[..self.n_kinds].iter().any(|kind| kind(site)),
        }
    }
}

/// The hooks of a traced pass: keeps what the plan says, tells how far the pass is, and ends it when
/// told to stop.
pub(super) struct Keep<'a> {
    pub(super) plan: Plan,
    pub(super) kept: BTreeMap<Site, Tensor>,
    pub(super) stopped: bool,
    emit: &'a mut dyn FnMut(f32) -> ControlFlow<()>,
}

impl<'a> Keep<'a> {
    pub(super) fn new(plan: Plan, emit: &'a mut dyn FnMut(f32) -> ControlFlow<()>) -> Self {
        Self {
            plan,
            kept: BTreeMap::new(),
            stopped: false,
            emit,
        }
    }
}

impl Hooks for Keep<'_> {
    fn wants(&self, _: Site) -> bool {
        // Scores and patterns are derived when somebody looks at them.
        false
    }

    fn at(&mut self, site: Site, x: Tensor) -> Result<Tensor> {
        if self.plan.keeps(site) {
            let kept = match site {
                // A part of a wider product: a copy lets the rest of it go.
                Site::V(_) => x.contiguous()?,
                _ => x.clone(),
            };
            self.kept.insert(site, kept);
        }
        if let Site::ResidPost(block) = site {
            let done = (block + 1) as f32 / self.plan.n_layers as f32;
            if (self.emit)(done).is_break() {
                self.stopped = true;
                bail!("stopped after block {block}");
            }
        }
        Ok(x)
    }
}

/// The hooks of a block that is run again: keeps all of it.
#[derive(Default)]
pub(super) struct KeepAll {
    pub(super) kept: BTreeMap<Site, Tensor>,
}

impl Hooks for KeepAll {
    fn wants(&self, _: Site) -> bool {
        false
    }

    fn at(&mut self, site: Site, x: Tensor) -> Result<Tensor> {
        self.kept.insert(site, x.clone());
        Ok(x)
    }
}

/// Bytes of what is kept, counting the numbers of each tensor.
pub(super) fn n_bytes(kept: &BTreeMap<Site, Tensor>) -> usize {
    kept.values()
        .map(|x| x.elem_count() * x.dtype().size_in_bytes())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> DecoderConfig {
        DecoderConfig {
            architecture: "llama".into(),
            n_layers: 30,
            n_heads: 9,
            n_kv_heads: 3,
            d_model: 576,
            d_head: 64,
            d_mlp: 1536,
            n_ctx: 8192,
            vocab_size: 49_152,
            norm_epsilon: 1e-5,
            rope_base: Some(1e5),
            tied_head: true,
        }
    }

    #[test]
    fn a_page_is_kept_whole_and_a_long_text_within_the_budget() {
        let config = config();
        let short = Plan::within(256 << 20, &config, 20);
        assert!(short.keeps(Site::MlpGate(29)) && short.keeps(Site::Z(0)));
        let long = Plan::within(256 << 20, &config, 1024);
        assert!(long.keeps(Site::ResidPre(7)) && long.keeps(Site::K(7)));
        assert!(!long.keeps(Site::MlpPost(7)));
        let tight = Plan::within(16 << 20, &config, 1024);
        assert!(tight.keeps(Site::ResidPre(0)) && !tight.keeps(Site::Q(0)));
        let n = (0..30).filter(|&b| tight.keeps(Site::ResidPre(b))).count();
        assert!((4..8).contains(&n), "{n} of 30 streams of 2.4 MB in 16 MB");
        assert!(Plan::within(0, &config, 1024).keeps(Site::ResidPre(0)));
    }
}
