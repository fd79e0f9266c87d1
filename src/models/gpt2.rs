//! GPT-2 (Radford et al. 2019), in the paper's order, for use and for training.
//!
//! Letters: n rows (all positions of all texts of a batch), b texts, t positions of this pass,
//! c positions in the cache, h heads, s head width, d model width, m MLP width, v vocabulary.
//! Every step but attention works on rows, so a batch is only more of them.

use super::{DecoderConfig, LogitsFor};
use crate::nn::fused::{causal_softmax, gelu};
use crate::nn::hooks::{Hooks, NoHooks, Site};
use crate::nn::layers::{Affine, LayerNorm};
use candle_core::{Result, Tensor, bail};

/// A GPT-2: embeddings, blocks, a final norm, and a head that is the embedding again unless the
/// file has its own.
#[derive(Debug)]
pub struct Gpt2 {
    config: DecoderConfig,
    token_embedding: Tensor,    // (v, d)
    position_embedding: Tensor, // (n_ctx, d)
    blocks: Vec<Block>,
    final_norm: LayerNorm,
    head: Option<Tensor>, // (v, d); none when tied
}

/// One block: attention, then an MLP, each on a normed copy of the stream and added back to it.
#[derive(Debug)]
struct Block {
    norm1: LayerNorm,
    query_key_value: Affine,
    attention_out: Affine,
    norm2: LayerNorm,
    mlp_in: Affine,
    mlp_out: Affine,
}

impl Gpt2 {
    /// Builds the model from `weight(name, shape)`, asked for Hugging Face's names without their
    /// `transformer.` prefix, in its layout: matrices (in, out), embeddings and head (v, d).
    /// Variables' tensors make a model that can be trained, detached ones a model for use.
    ///
    /// # Errors
    /// What `weight` refuses.
    pub fn new<E>(
        config: &DecoderConfig,
        mut weight: impl FnMut(&str, &[usize]) -> std::result::Result<Tensor, E>,
    ) -> std::result::Result<Self, E> {
        let (d, m, epsilon) = (config.d_model, config.d_mlp, config.norm_epsilon);
        let token_embedding = weight("wte.weight", &[config.vocab_size, d])?;
        let position_embedding = weight("wpe.weight", &[config.n_ctx, d])?;
        let mut norm = |name: &str| -> std::result::Result<LayerNorm, E> {
            let gain = weight(&format!("{name}.weight"), &[d])?;
            Ok(LayerNorm::new(
                gain,
                weight(&format!("{name}.bias"), &[d])?,
                epsilon,
            ))
        };
        let final_norm = norm("ln_f")?;
        let norms = (0..config.n_layers)
            .map(|i| Ok((norm(&format!("h.{i}.ln_1"))?, norm(&format!("h.{i}.ln_2"))?)))
            .collect::<std::result::Result<Vec<_>, E>>()?;
        let mut affine = |name: String, n_in, n_out| -> std::result::Result<Affine, E> {
            let matrix = weight(&format!("{name}.weight"), &[n_in, n_out])?;
            Ok(Affine::new(
                matrix,
                weight(&format!("{name}.bias"), &[n_out])?,
            ))
        };
        let mut blocks = Vec::with_capacity(config.n_layers);
        for (i, (norm1, norm2)) in norms.into_iter().enumerate() {
            blocks.push(Block {
                norm1,
                query_key_value: affine(format!("h.{i}.attn.c_attn"), d, 3 * d)?,
                attention_out: affine(format!("h.{i}.attn.c_proj"), d, d)?,
                norm2,
                mlp_in: affine(format!("h.{i}.mlp.c_fc"), d, m)?,
                mlp_out: affine(format!("h.{i}.mlp.c_proj"), m, d)?,
            });
        }
        let head = if config.tied_head {
            None
        } else {
            Some(weight("lm_head.weight", &[config.vocab_size, d])?)
        };
        Ok(Self {
            config: config.clone(),
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

    /// Logits (b·t, v) of `n_texts` texts of equal length, one after another in `ids`; every
    /// operation has a gradient.
    ///
    /// # Errors
    /// When the texts are longer than the context, or an id is outside the vocabulary.
    pub fn forward_batch(&self, ids: &[u32], n_texts: usize) -> Result<Tensor> {
        self.pass(ids, n_texts, LogitsFor::All, &mut NoHooks)
    }

    fn pass(
        &self,
        ids: &[u32],
        n_texts: usize,
        which: LogitsFor,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let t = ids.len() / n_texts.max(1);
        let past = 0;
        if t == 0 || t * n_texts != ids.len() || past + t > self.config.n_ctx {
            bail!(
                "{} tokens in {n_texts} texts, in a context of {}",
                ids.len(),
                self.config.n_ctx
            );
        }
        let device = self.token_embedding.device();
        let ids = Tensor::new(ids, device)?;
        let embed = hooks.at(Site::Embed, self.token_embedding.index_select(&ids, 0)?)?; // (n, d)
        let positions: Vec<u32> = (past..past + t).map(|i| i as u32).collect();
        let positions = Tensor::new(positions.repeat(n_texts), device)?;
        let pos_embed = self.position_embedding.index_select(&positions, 0)?;
        let mut x = (embed + hooks.at(Site::PosEmbed, pos_embed)?)?;
        for (i, block) in self.blocks.iter().enumerate() {
            x = block.forward(i, x, n_texts, self.config.n_heads, hooks)?;
        }
        if let LogitsFor::Last = which {
            x = x.narrow(0, t - 1, 1)?;
        }
        let x = hooks.at(Site::FinalNorm, self.final_norm.forward(&x)?)?;
        let head = self.head.as_ref().unwrap_or(&self.token_embedding);
        hooks.at(Site::Logits, x.matmul(&head.t()?)?)
    }
}

impl Block {
    fn forward(
        &self,
        i: usize,
        x: Tensor,
        n_texts: usize,
        n_heads: usize,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let resid_pre = hooks.at(Site::ResidPre(i), x)?; // (n, d)
        let normed = hooks.at(Site::Ln1(i), self.norm1.forward(&resid_pre)?)?;
        let attended = self.attend(i, &normed, n_texts, n_heads, hooks)?;
        let resid_mid = hooks.at(Site::ResidMid(i), (resid_pre + attended)?)?;
        let normed = hooks.at(Site::Ln2(i), self.norm2.forward(&resid_mid)?)?;
        let hidden = hooks.at(Site::MlpPre(i), self.mlp_in.forward(&normed)?)?; // (n, m)
        let hidden = hooks.at(Site::MlpPost(i), gelu(&hidden)?)?;
        let added = hooks.at(Site::MlpOut(i), self.mlp_out.forward(&hidden)?)?;
        hooks.at(Site::ResidPost(i), (resid_mid + added)?)
    }

    /// Causal self-attention: each position mixes the values of itself and those before it.
    fn attend(
        &self,
        i: usize,
        x: &Tensor,
        n_texts: usize,
        n_heads: usize,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let (n, d) = x.dims2()?;
        let (t, s) = (n / n_texts, d / n_heads);
        let qkv = self
            .query_key_value
            .forward(x)? // (n, 3·d)
            .reshape((n_texts, t, 3, n_heads, s))?
            .permute((2, 0, 3, 1, 4))? // (3, b, h, t, s)
            .reshape((3, n_texts * n_heads, t, s))?;
        let q = hooks.at(Site::Q(i), qkv.get(0)?)?; // (b·h, t, s)
        let k = hooks.at(Site::K(i), qkv.get(1)?)?;
        let v = hooks.at(Site::V(i), qkv.get(2)?)?;
        let scaled = (q * (1.0 / (s as f64).sqrt()))?;
        let scores = hooks.at(Site::Scores(i), scaled.matmul(&k.t()?)?)?; // (b·h, t, c)
        let pattern = hooks.at(Site::Pattern(i), causal_softmax(&scores)?)?;
        let z = hooks.at(Site::Z(i), pattern.matmul(&v)?)?; // (b·h, t, s)
        let joined = z
            .reshape((n_texts, n_heads, t, s))?
            .transpose(1, 2)?
            .reshape((n, d))?;
        hooks.at(Site::AttnOut(i), self.attention_out.forward(&joined)?)
    }
}
