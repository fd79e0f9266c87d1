//! Llama (Touvron et al. 2023), as SmolLM2 and many others are built: RMS norm before each part,
//! rotated queries and keys, grouped keys and values, a gated MLP.
//! Letters: t positions of this pass, c positions in the cache with them, h query heads,
//! g key/value heads, s head width, d model width, m MLP width, v vocabulary.

use super::{DecoderConfig, LogitsFor};
use crate::nn::attention::attend;
use crate::nn::elementwise::{add, swiglu};
use crate::nn::hooks::{Hooks, Site};
use crate::nn::kv_cache::KvCache;
use crate::nn::linear::Linear;
use crate::nn::norm::RmsNorm;
use crate::nn::rope::{Rope, Rotation};
use candle_core::{Device, Result, Tensor, bail};

/// A decoder with its weights.
#[derive(Debug)]
pub struct Llama {
    pub(super) config: DecoderConfig,
    pub(super) device: Device,
    /// (v, d).
    pub(super) embedding: Linear,
    pub(super) rope: Rope,
    pub(super) blocks: Vec<Block>,
    pub(super) final_norm: RmsNorm,
    /// (v, d); `None` when the embedding is the head.
    pub(super) head: Option<Linear>,
}

/// The weights of one block; each reads the residual stream, and adds to it.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) ln1: RmsNorm,
    /// Queries, keys and values in one: (h·s + 2·g·s, d).
    pub(super) qkv: Linear,
    /// (d, h·s).
    pub(super) attn_out: Linear,
    pub(super) ln2: RmsNorm,
    /// Gate, then up: (2·m, d).
    pub(super) gate_up: Linear,
    /// (d, m).
    pub(super) mlp_out: Linear,
}

impl Llama {
    /// What the model is made of.
    #[must_use]
    pub fn config(&self) -> &DecoderConfig {
        &self.config
    }

    /// Room for `n_ctx` positions.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new_cache(&self, n_ctx: usize) -> Result<KvCache> {
        let DecoderConfig {
            n_layers,
            n_kv_heads,
            d_head,
            ..
        } = self.config;
        KvCache::new(n_layers, n_kv_heads, d_head, n_ctx, &self.device)
    }

    /// Reads `ids` behind what the cache holds, and scores the token that follows: (1, v), or
    /// (t, v) when the logits of all positions are asked for. On an error the cache is as before.
    ///
    /// # Errors
    /// When there are no ids, an id is not in the vocabulary, or the cache is too short.
    pub fn forward(
        &self,
        ids: &[u32],
        cache: &mut KvCache,
        which: LogitsFor,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let t = ids.len();
        if t == 0 || cache.len() + t > cache.n_ctx() {
            bail!(
                "{t} tokens behind {} of at most {}",
                cache.len(),
                cache.n_ctx()
            );
        }
        let mut x = self.embed(ids, hooks)?; // (t, d)
        let rotation = self.rope.at(cache.len(), t)?;
        for (i, block) in self.blocks.iter().enumerate() {
            x = self.block(i, block, x, &rotation, cache, hooks)?;
        }
        cache.advance(t);

        let x = match which {
            LogitsFor::Last => x.narrow(0, t - 1, 1)?, // (1, d)
            LogitsFor::All => x,
        };
        self.unembed(&x, hooks)
    }

    /// What each token is: (t, d).
    pub(super) fn embed(&self, ids: &[u32], hooks: &mut impl Hooks) -> Result<Tensor> {
        hooks.at(Site::Embed, self.embedding.rows(ids)?)
    }

    /// One score per token of the vocabulary: (t, v).
    pub(super) fn unembed(&self, x: &Tensor, hooks: &mut impl Hooks) -> Result<Tensor> {
        let x = hooks.at(Site::FinalNorm, self.final_norm.forward(x)?)?;
        let head = self.head.as_ref().unwrap_or(&self.embedding);
        hooks.at(Site::Logits, head.forward(&x)?)
    }

    /// Block `i` on the stream that enters it, (t, d).
    pub(super) fn block(
        &self,
        i: usize,
        block: &Block,
        x: Tensor,
        rotation: &Rotation,
        cache: &mut KvCache,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let resid_pre = hooks.at(Site::ResidPre(i), x)?; // (t, d)
        let x = hooks.at(Site::Ln1(i), block.ln1.forward(&resid_pre)?)?;
        let attn_out = self.attention(i, block, &x, rotation, cache, hooks)?;
        let attn_out = hooks.at(Site::AttnOut(i), attn_out)?;

        let resid_mid = hooks.at(Site::ResidMid(i), add(&resid_pre, &attn_out)?)?; // (t, d)
        let x = hooks.at(Site::Ln2(i), block.ln2.forward(&resid_mid)?)?;
        let mlp_out = self.mlp(i, block, &x, hooks)?;
        let mlp_out = hooks.at(Site::MlpOut(i), mlp_out)?;
        hooks.at(Site::ResidPost(i), add(&resid_mid, &mlp_out)?) // (t, d)
    }

    fn attention(
        &self,
        i: usize,
        block: &Block,
        x: &Tensor,
        rotation: &Rotation,
        cache: &mut KvCache,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let t = x.dim(0)?;
        let (h, g, s) = (
            self.config.n_heads,
            self.config.n_kv_heads,
            self.config.d_head,
        );
        let qkv = block.qkv.forward(x)?; // (t, (h + 2g)·s)
        let qkv = qkv.reshape((t, h + 2 * g, s))?.transpose(0, 1)?; // (h + 2g, t, s)
        let q = rotation.apply(&qkv.narrow(0, 0, h)?)?; // (h, t, s)
        let k = rotation.apply(&qkv.narrow(0, h, g)?)?; // (g, t, s)
        let q = hooks.at(Site::Q(i), q)?;
        let k = hooks.at(Site::K(i), k)?;
        let v = hooks.at(Site::V(i), qkv.narrow(0, h + g, g)?)?; // (g, t, s)
        cache.append(i, &k, &v)?;

        let z = attend(&q, cache, i, hooks)?; // (h, t, s)
        let z = hooks.at(Site::Z(i), z)?;
        let z = z.transpose(0, 1)?.reshape((t, h * s))?; // (t, h·s)
        block.attn_out.forward(&z) // (t, d)
    }

    fn mlp(&self, i: usize, block: &Block, x: &Tensor, hooks: &mut impl Hooks) -> Result<Tensor> {
        let m = self.config.d_mlp;
        let gate_up = block.gate_up.forward(x)?; // (t, 2m)
        let gate = hooks.at(Site::MlpGate(i), gate_up.narrow(1, 0, m)?)?; // (t, m)
        let up = hooks.at(Site::MlpPre(i), gate_up.narrow(1, m, m)?)?; // (t, m)
        let post = hooks.at(Site::MlpPost(i), swiglu(&gate, &up)?)?; // (t, m)
        block.mlp_out.forward(&post) // (t, d)
    }
}
