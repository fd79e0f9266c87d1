//! GPT-2 (Radford et al. 2019), in the paper's order, for use and for training.
//!
//! Letters: n rows (all positions of all texts of a batch), b texts, t positions of this pass,
//! c positions in the cache, h heads, s head width, d model width, m MLP width, v vocabulary.
//! Every step but attention works on rows, so a batch is only more of them.

use super::{DecoderConfig, LogitsFor};
use crate::nn::attention::attend;
use crate::nn::fused::{causal_softmax, gelu};
use crate::nn::hooks::{Hooks, NoHooks, Site};
use crate::nn::kv_cache::KvCache;
use crate::nn::layers::{Affine, LayerNorm, Matrix, Table};
use candle_core::{Device, Result, Tensor, bail};

/// A GPT-2: embeddings, blocks, a final norm, and a head that is the embedding again unless the
/// file has its own.
#[derive(Debug)]
pub struct Gpt2 {
    config: DecoderConfig,
    device: Device,
    pub(super) token_embedding: Table,     // (v, d)
    pub(super) position_embedding: Tensor, // (n_ctx, d)
    pub(super) blocks: Vec<Block>,
    pub(super) final_norm: LayerNorm,
    pub(super) head: Option<Table>, // (v, d); none when tied
}

/// One block: attention, then an MLP, each on a normed copy of the stream and added back to it.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) norm1: LayerNorm,
    pub(super) query_key_value: Affine,
    pub(super) attention_out: Affine,
    pub(super) norm2: LayerNorm,
    pub(super) mlp_in: Affine,
    pub(super) mlp_out: Affine,
}

/// Where the weights come from: a file, or variables that are trained. Names are Hugging Face's
/// without their `transformer.` prefix.
pub(super) trait Weights {
    /// What a weight that cannot be had is refused with.
    type Error;

    /// A vector, or the matrix of positions, as a tensor of `shape`.
    fn tensor(&mut self, name: &str, shape: &[usize]) -> std::result::Result<Tensor, Self::Error>;

    /// A matrix from `n_in` to `n_out` numbers.
    fn matrix(
        &mut self,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> std::result::Result<Matrix, Self::Error>;

    /// A table of `n_rows` rows of `width` numbers.
    fn table(
        &mut self,
        name: &str,
        n_rows: usize,
        width: usize,
    ) -> std::result::Result<Table, Self::Error>;
}

impl Gpt2 {
    /// Builds the model from its weights.
    pub(super) fn new<W: Weights>(
        config: DecoderConfig,
        device: &Device,
        weights: &mut W,
    ) -> std::result::Result<Self, W::Error> {
        let (v, d, m) = (config.vocab_size, config.d_model, config.d_mlp);
        let norm = |weights: &mut W, name: String| {
            let gain = weights.tensor(&format!("{name}.weight"), &[d])?;
            let bias = weights.tensor(&format!("{name}.bias"), &[d])?;
            Ok(LayerNorm::new(gain, bias, config.norm_epsilon))
        };
        let affine = |weights: &mut W, name: String, n_in, n_out| {
            let matrix = weights.matrix(&format!("{name}.weight"), n_in, n_out)?;
            let bias = weights.tensor(&format!("{name}.bias"), &[n_out])?;
            Ok(Affine::new(matrix, bias))
        };
        let token_embedding = weights.table("wte.weight", v, d)?;
        let position_embedding = weights.tensor("wpe.weight", &[config.n_ctx, d])?;
        let mut blocks = Vec::with_capacity(config.n_layers);
        for i in 0..config.n_layers {
            blocks.push(Block {
                norm1: norm(weights, format!("h.{i}.ln_1"))?,
                query_key_value: affine(weights, format!("h.{i}.attn.c_attn"), d, 3 * d)?,
                attention_out: affine(weights, format!("h.{i}.attn.c_proj"), d, d)?,
                norm2: norm(weights, format!("h.{i}.ln_2"))?,
                mlp_in: affine(weights, format!("h.{i}.mlp.c_fc"), d, m)?,
                mlp_out: affine(weights, format!("h.{i}.mlp.c_proj"), m, d)?,
            });
        }
        let final_norm = norm(weights, "ln_f".to_owned())?;
        let head = if config.tied_head {
            None
        } else {
            Some(weights.table("lm_head.weight", v, d)?)
        };
        Ok(Self {
            config,
            device: device.clone(),
            token_embedding,
            position_embedding,
            blocks,
            final_norm,
            head,
        })
    }

    /// What the model is made of.
    #[must_use]
    pub fn config(&self) -> &DecoderConfig {
        &self.config
    }

    /// Room for `n_ctx` positions, at most as many as the model has embeddings for.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new_cache(&self, n_ctx: usize) -> Result<KvCache> {
        let DecoderConfig {
            n_layers,
            n_heads,
            d_head,
            ..
        } = self.config;
        let n_ctx = n_ctx.min(self.config.n_ctx);
        KvCache::new(n_layers, n_heads, d_head, n_ctx, &self.device)
    }

    /// Reads `ids` behind what the cache holds, and scores the token that follows: (1, v), or
    /// (t, v) when the logits of all positions are asked for. On an error the cache is as before.
    ///
    /// # Errors
    /// When there are no ids, an id is not in the vocabulary, or there is no room.
    pub fn forward(
        &self,
        ids: &[u32],
        cache: &mut KvCache,
        which: LogitsFor,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let room = cache.n_ctx() - cache.len();
        if ids.len() > room {
            bail!("{} tokens, with room for {room}", ids.len());
        }
        let mut x = self.embed(ids, 1, cache.len(), hooks)?;
        for (i, block) in self.blocks.iter().enumerate() {
            x = self.block(i, block, x, cache, hooks)?;
        }
        cache.advance(ids.len());
        if let LogitsFor::Last = which {
            x = x.narrow(0, ids.len() - 1, 1)?;
        }
        self.unembed(&x, hooks)
    }

    /// Block `i` on the stream that enters it, (t, d).
    pub(super) fn block(
        &self,
        i: usize,
        block: &Block,
        x: Tensor,
        cache: &mut KvCache,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        block.forward(i, x, hooks, |x, hooks| {
            let [q, k, v] = block.query_key_value(i, x, 1, self.config.n_heads, hooks)?;
            cache.append(i, &k, &v)?;
            attend(&q, cache, i, hooks)
        })
    }

    /// Logits (b·t, v) of `n_texts` texts of equal length, one after another in `ids`, without a
    /// cache; every operation has a gradient.
    ///
    /// # Errors
    /// When the texts are longer than the context, or an id is outside the vocabulary.
    pub fn forward_batch(&self, ids: &[u32], n_texts: usize) -> Result<Tensor> {
        let hooks = &mut NoHooks;
        let mut x = self.embed(ids, n_texts, 0, hooks)?;
        for (i, block) in self.blocks.iter().enumerate() {
            x = block.forward(i, x, hooks, |x, hooks| {
                let [q, k, v] = block.query_key_value(i, x, n_texts, self.config.n_heads, hooks)?;
                let scaled = (q * (1.0 / (self.config.d_head as f64).sqrt()))?;
                let scores = scaled.matmul(&k.t()?)?; // (b·h, t, t)
                causal_softmax(&scores)?.matmul(&v)
            })?;
        }
        self.unembed(&x, hooks)
    }

    /// What each token is, plus where it stands: (n, d). The first token stands behind `past` others.
    pub(super) fn embed(
        &self,
        ids: &[u32],
        n_texts: usize,
        past: usize,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let (t, n_ctx) = (ids.len() / n_texts.max(1), self.config.n_ctx);
        if t == 0 || t * n_texts != ids.len() || past + t > n_ctx {
            bail!(
                "{} tokens in {n_texts} texts behind {past}, in a context of {n_ctx}",
                ids.len()
            );
        }
        if let Some(id) = ids
            .iter()
            .find(|&&id| id as usize >= self.config.vocab_size)
        {
            bail!("token {id} of a vocabulary of {}", self.config.vocab_size);
        }
        let embed = self.token_embedding.rows(ids, &self.device)?;
        let embed = hooks.at(Site::Embed, embed)?; // (n, d)
        let positions: Vec<u32> = (past..past + t).map(|i| i as u32).collect();
        let positions = Tensor::new(positions.repeat(n_texts), &self.device)?;
        let pos_embed = self.position_embedding.index_select(&positions, 0)?;
        embed + hooks.at(Site::PosEmbed, pos_embed)?
    }

    /// One score per token of the vocabulary: (n, v).
    pub(super) fn unembed(&self, x: &Tensor, hooks: &mut impl Hooks) -> Result<Tensor> {
        let x = hooks.at(Site::FinalNorm, self.final_norm.forward(x)?)?;
        let head = self.head.as_ref().unwrap_or(&self.token_embedding);
        hooks.at(Site::Logits, head.scores(&x)?)
    }
}

impl Block {
    /// `mix` is attention proper, from the normed stream (n, d) to z (b·h, t, s): over a cache in
    /// use, over the batch's own positions in training.
    fn forward<H: Hooks>(
        &self,
        i: usize,
        x: Tensor,
        hooks: &mut H,
        mix: impl FnOnce(&Tensor, &mut H) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let resid_pre = hooks.at(Site::ResidPre(i), x)?; // (n, d)
        let normed = hooks.at(Site::Ln1(i), self.norm1.forward(&resid_pre)?)?;
        let z = mix(&normed, hooks)?;
        let z = hooks.at(Site::Z(i), z)?; // (b·h, t, s)
        let attended = self
            .attention_out
            .forward(&join_heads(&z, resid_pre.dims2()?)?)?;
        let attended = hooks.at(Site::AttnOut(i), attended)?;
        let resid_mid = hooks.at(Site::ResidMid(i), (resid_pre + attended)?)?; // (n, d)
        let normed = hooks.at(Site::Ln2(i), self.norm2.forward(&resid_mid)?)?;
        let hidden = hooks.at(Site::MlpPre(i), self.mlp_in.forward(&normed)?)?; // (n, m)
        let hidden = hooks.at(Site::MlpPost(i), gelu(&hidden)?)?;
        let added = hooks.at(Site::MlpOut(i), self.mlp_out.forward(&hidden)?)?;
        hooks.at(Site::ResidPost(i), (resid_mid + added)?)
    }

    /// Queries, keys and values of every head, (b·h, t, s) each.
    fn query_key_value(
        &self,
        i: usize,
        x: &Tensor,
        n_texts: usize,
        n_heads: usize,
        hooks: &mut impl Hooks,
    ) -> Result<[Tensor; 3]> {
        let (n, d) = x.dims2()?;
        let (t, s) = (n / n_texts, d / n_heads);
        let qkv = self
            .query_key_value
            .forward(x)? // (n, 3·d)
            .reshape((n_texts, t, 3, n_heads, s))?
            .permute((2, 0, 3, 1, 4))? // (3, b, h, t, s)
            .reshape((3, n_texts * n_heads, t, s))?;
        Ok([
            hooks.at(Site::Q(i), qkv.get(0)?)?,
            hooks.at(Site::K(i), qkv.get(1)?)?,
            hooks.at(Site::V(i), qkv.get(2)?)?,
        ])
    }
}

/// Heads side by side again: z (b·h, t, s) to (n, d).
fn join_heads(z: &Tensor, (n, d): (usize, usize)) -> Result<Tensor> {
    let (_, t, s) = z.dims3()?;
    z.reshape((n / t, d / s, t, s))?
        .transpose(1, 2)? // (b, t, h, s)
        .reshape((n, d))
}
