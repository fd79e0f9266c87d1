//! A decoder opened up: the weights behind every number of a pass, as they are multiplied.
//!
//! A pass hands out its activations through hooks; what they were multiplied with is asked for here,
//! one row of weights at a time, so that whoever explains a number needs no second copy of a model.
//! Also here: the last step alone ([`TextModel::unembed`]) and one block again
//! ([`TextModel::block_again`]), for numbers that a pass did not keep.

use super::TextModel;
use super::gpt2::{self, Gpt2};
use super::llama::{self, Llama};
use crate::nn::hooks::{Hooks, NoHooks};
use crate::nn::layers::{Affine, LayerNorm, Table};
use crate::nn::linear::Linear;
use crate::nn::norm::RmsNorm;
pub use crate::nn::rope::Pairing;
use candle_core::{Result, Tensor, bail};

/// A product of a row of activations with a matrix of weights, in the order of the pass; each but the
/// last in the block of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// The normed stream to the queries of all heads, head after head; before any rotation.
    Query(usize),
    /// The normed stream to the keys of all key/value heads; before any rotation.
    Key(usize),
    /// The normed stream to the values of all key/value heads.
    Value(usize),
    /// What all heads have gathered, side by side, back to the stream's width.
    AttnOut(usize),
    /// The normed stream into the MLP; in a gated MLP the `up` branch.
    MlpIn(usize),
    /// The normed stream to the gate; gated MLPs (Llama) only.
    MlpGate(usize),
    /// The MLP's activations back to the stream's width.
    MlpOut(usize),
    /// The normed stream to one score per token of the vocabulary.
    Head,
}

/// A norm of the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Norm {
    /// Before attention, in the block of this number.
    Ln1(usize),
    /// Before the MLP, in the block of this number.
    Ln2(usize),
    /// Before the head.
    Final,
}

/// What makes one output of a [`Product`]: its value is `bias + Σ weights[i] · x[i]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// One weight per input, dequantized where they are packed.
    pub weights: Vec<f32>,
    /// What is added; 0 where the product has none.
    pub bias: f32,
}

/// What a norm multiplies with and adds: `(x − mean) / √(variance + ε) · gain + bias` where it is
/// centred (layer norm), else `x / √(mean of squares + ε) · gain` (RMS norm).
#[derive(Debug, Clone, PartialEq)]
pub struct NormWeights {
    /// (d).
    pub gain: Vec<f32>,
    /// (d); none in an RMS norm.
    pub bias: Option<Vec<f32>>,
    /// ε.
    pub epsilon: f32,
    /// Whether the mean is taken away first.
    pub centred: bool,
}

/// The weights of a product, and the first of their rows that is its own.
enum Matrix<'a> {
    Affine(&'a Affine, usize),
    Linear(&'a Linear, usize),
    Table(&'a Table),
}

impl TextModel {
    /// `[n_out, n_in]` of a product; `None` where the model has none of that kind or no such block.
    #[must_use]
    pub fn product_shape(&self, product: Product) -> Option<[usize; 2]> {
        let config = self.config();
        let (d, m) = (config.d_model, config.d_mlp);
        let q_width = config.n_heads * config.d_head;
        let kv_width = config.n_kv_heads * config.d_head;
        let (block, shape) = match product {
            Product::Query(block) => (block, [q_width, d]),
            Product::Key(block) | Product::Value(block) => (block, [kv_width, d]),
            Product::AttnOut(block) => (block, [d, q_width]),
            Product::MlpIn(block) => (block, [m, d]),
            Product::MlpGate(block) if self.is_gated() => (block, [m, d]),
            Product::MlpGate(_) => return None,
            Product::MlpOut(block) => (block, [d, m]),
            Product::Head => (0, [config.vocab_size, d]),
        };
        (block < config.n_layers).then_some(shape)
    }

    /// What makes output `out` of a product.
    ///
    /// # Errors
    /// When the model has no such product, or it no such output.
    pub fn product_row(&self, product: Product, out: usize) -> Result<Row> {
        let n_out = self.product_shape(product).map_or(0, |[n_out, _]| n_out);
        let Some(matrix) = self.matrix(product).filter(|_| out < n_out) else {
            bail!("no output {out} of {product:?}");
        };
        let (weights, bias) = match matrix {
            Matrix::Affine(affine, first) => affine.row(first + out)?,
            Matrix::Linear(linear, first) => (linear.row(first + out)?, 0.0),
            Matrix::Table(table) => (table.row(out)?, 0.0),
        };
        Ok(Row { weights, bias })
    }

    /// `x`, one row of what goes into a product, as the product reads it: rounded to nearly 16 bits,
    /// 32 numbers to a scale, where its weights are packed; else `x` itself.
    #[must_use]
    pub fn as_seen(&self, product: Product, x: &[f32]) -> Vec<f32> {
        match self.matrix(product) {
            Some(Matrix::Affine(affine, _)) => affine.as_seen(x),
            Some(Matrix::Linear(linear, _)) => linear.as_seen(x),
            Some(Matrix::Table(table)) => table.as_seen(x),
            None => x.to_vec(),
        }
    }

    /// Whether a product's weights are quantized, and so its activations rounded.
    #[must_use]
    pub fn is_packed(&self, product: Product) -> bool {
        match self.matrix(product) {
            Some(Matrix::Affine(affine, _)) => affine.is_packed(),
            Some(Matrix::Linear(linear, _)) => linear.is_packed(),
            Some(Matrix::Table(table)) => table.is_packed(),
            None => false,
        }
    }

    /// What a norm multiplies with and adds.
    ///
    /// # Errors
    /// When there is no such block.
    pub fn norm(&self, norm: Norm) -> Result<NormWeights> {
        match self {
            Self::Gpt2(model) => layer_norm(gpt2_norm(model, norm)?),
            Self::Llama(model) => rms_norm(llama_norm(model, norm)?),
        }
    }

    /// A norm of the pass on any rows, (n, d) → (n, d).
    ///
    /// # Errors
    /// When there is no such block, or the width is not the model's.
    pub fn normed(&self, norm: Norm, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Gpt2(model) => gpt2_norm(model, norm)?.forward(x),
            Self::Llama(model) => llama_norm(model, norm)?.forward(x),
        }
    }

    /// What token `id` is on its way in, (d).
    ///
    /// # Errors
    /// When the vocabulary has no such token.
    pub fn embedding(&self, id: u32) -> Result<Vec<f32>> {
        if id as usize >= self.config().vocab_size {
            bail!("token {id} of a vocabulary of {}", self.config().vocab_size);
        }
        match self {
            Self::Gpt2(model) => model.token_embedding.row(id as usize),
            Self::Llama(model) => model.embedding.row(id as usize),
        }
    }

    /// The embedding of position `t`, (d); `None` where positions are turned instead, or beyond the
    /// last.
    ///
    /// # Errors
    /// Whatever the device refuses.
    pub fn position(&self, t: usize) -> Result<Option<Vec<f32>>> {
        match self {
            Self::Gpt2(model) if t < model.config().n_ctx => {
                model.position_embedding.get(t)?.to_vec1().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Radians per position by which each pair of a head's numbers turns; none where positions are
    /// learned.
    #[must_use]
    pub fn frequencies(&self) -> Option<&[f64]> {
        match self {
            Self::Gpt2(_) => None,
            Self::Llama(model) => Some(model.rope.frequencies()),
        }
    }

    /// Which two numbers of a head are pair `pair`; `None` where nothing turns.
    #[must_use]
    pub fn pair(&self, pair: usize) -> Option<[usize; 2]> {
        let Self::Llama(model) = self else {
            return None;
        };
        let n_pairs = model.rope.frequencies().len();
        (pair < n_pairs).then(|| match model.rope.pairing() {
            Pairing::Neighbours => [2 * pair, 2 * pair + 1],
            Pairing::Halves => [pair, pair + n_pairs],
        })
    }

    /// Cosine and sine of the angle by which `pair` is turned at `position`, as they are multiplied
    /// with: `[a, b]` becomes `[a·cos − b·sin, a·sin + b·cos]`. `None` where nothing turns.
    #[must_use]
    pub fn turn(&self, pair: usize, position: usize) -> Option<[f32; 2]> {
        let frequency = self.frequencies()?.get(pair)?;
        let (sin, cos) = (position as f64 * frequency).sin_cos();
        Some([cos as f32, sin as f32])
    }

    /// Whether the MLP has a gate: `silu(gate) · up` (Llama) where GPT-2 has `gelu(in)`.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        matches!(self, Self::Llama(_))
    }

    /// The stream that enters the first block, (t, d), of a text from its beginning.
    ///
    /// # Errors
    /// When there are no ids, an id is not in the vocabulary, or there are too many.
    pub fn embed(&self, ids: &[u32], hooks: &mut impl Hooks) -> Result<Tensor> {
        match self {
            Self::Gpt2(model) => model.embed(ids, 1, 0, hooks),
            Self::Llama(model) => model.embed(ids, hooks),
        }
    }

    /// The final norm and the head on any stream, (n, d) → (n, v): what the model would say if it
    /// ended there (the logit lens).
    ///
    /// # Errors
    /// When the width is not the model's.
    pub fn unembed(&self, x: &Tensor) -> Result<Tensor> {
        self.unembed_with(x, &mut NoHooks)
    }

    /// [`TextModel::unembed`] with hooks at its two sites.
    ///
    /// # Errors
    /// As [`TextModel::unembed`].
    pub fn unembed_with(&self, x: &Tensor, hooks: &mut impl Hooks) -> Result<Tensor> {
        match self {
            Self::Gpt2(model) => model.unembed(x, hooks),
            Self::Llama(model) => model.unembed(x, hooks),
        }
    }

    /// Block `block` alone, on the stream (t, d) that enters it at the beginning of a text; returns
    /// the stream that leaves it. The same numbers, bit for bit, as in the whole pass.
    ///
    /// # Errors
    /// When there is no such block, or the stream is not the model's.
    pub fn block_again(
        &self,
        block: usize,
        resid_pre: &Tensor,
        hooks: &mut impl Hooks,
    ) -> Result<Tensor> {
        let t = resid_pre.dim(0)?;
        let mut cache = self.new_cache(t)?;
        match self {
            Self::Gpt2(model) => {
                let weights = gpt2_block(model, block)?;
                model.block(block, weights, resid_pre.clone(), &mut cache, hooks)
            }
            Self::Llama(model) => {
                let rotation = model.rope.at(0, t)?;
                let weights = llama_block(model, block)?;
                let x = resid_pre.clone();
                model.block(block, weights, x, &rotation, &mut cache, hooks)
            }
        }
    }

    /// Where the weights of a product lie.
    fn matrix(&self, product: Product) -> Option<Matrix<'_>> {
        let config = self.config();
        let q_width = config.n_heads * config.d_head;
        let kv_width = config.n_kv_heads * config.d_head;
        match self {
            Self::Gpt2(model) => {
                let block = |block| model.blocks.get(block);
                let of = |affine, first| Some(Matrix::Affine(affine, first));
                match product {
                    Product::Query(i) => of(&block(i)?.query_key_value, 0),
                    Product::Key(i) => of(&block(i)?.query_key_value, q_width),
                    Product::Value(i) => of(&block(i)?.query_key_value, q_width + kv_width),
                    Product::AttnOut(i) => of(&block(i)?.attention_out, 0),
                    Product::MlpIn(i) => of(&block(i)?.mlp_in, 0),
                    Product::MlpGate(_) => None,
                    Product::MlpOut(i) => of(&block(i)?.mlp_out, 0),
                    Product::Head => {
                        let head = model.head.as_ref().unwrap_or(&model.token_embedding);
                        Some(Matrix::Table(head))
                    }
                }
            }
            Self::Llama(model) => {
                let block = |block| model.blocks.get(block);
                let of = |linear, first| Some(Matrix::Linear(linear, first));
                match product {
                    Product::Query(i) => of(&block(i)?.qkv, 0),
                    Product::Key(i) => of(&block(i)?.qkv, q_width),
                    Product::Value(i) => of(&block(i)?.qkv, q_width + kv_width),
                    Product::AttnOut(i) => of(&block(i)?.attn_out, 0),
                    Product::MlpIn(i) => of(&block(i)?.gate_up, config.d_mlp),
                    Product::MlpGate(i) => of(&block(i)?.gate_up, 0),
                    Product::MlpOut(i) => of(&block(i)?.mlp_out, 0),
                    Product::Head => of(model.head.as_ref().unwrap_or(&model.embedding), 0),
                }
            }
        }
    }
}

fn gpt2_block(model: &Gpt2, i: usize) -> Result<&gpt2::Block> {
    match model.blocks.get(i) {
        Some(block) => Ok(block),
        None => bail!("no block {i} of {}", model.blocks.len()),
    }
}

fn llama_block(model: &Llama, i: usize) -> Result<&llama::Block> {
    match model.blocks.get(i) {
        Some(block) => Ok(block),
        None => bail!("no block {i} of {}", model.blocks.len()),
    }
}

fn gpt2_norm(model: &Gpt2, norm: Norm) -> Result<&LayerNorm> {
    Ok(match norm {
        Norm::Ln1(block) => &gpt2_block(model, block)?.norm1,
        Norm::Ln2(block) => &gpt2_block(model, block)?.norm2,
        Norm::Final => &model.final_norm,
    })
}

fn llama_norm(model: &Llama, norm: Norm) -> Result<&RmsNorm> {
    Ok(match norm {
        Norm::Ln1(block) => &llama_block(model, block)?.ln1,
        Norm::Ln2(block) => &llama_block(model, block)?.ln2,
        Norm::Final => &model.final_norm,
    })
}

fn layer_norm(norm: &LayerNorm) -> Result<NormWeights> {
    Ok(NormWeights {
        gain: norm.gain().to_vec1()?,
        bias: Some(norm.bias().to_vec1()?),
        epsilon: norm.epsilon(),
        centred: true,
    })
}

fn rms_norm(norm: &RmsNorm) -> Result<NormWeights> {
    Ok(NormWeights {
        gain: norm.weight().to_vec1()?,
        bias: None,
        epsilon: norm.epsilon(),
        centred: false,
    })
}
