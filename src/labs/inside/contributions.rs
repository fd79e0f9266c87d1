//! Who pushes a token: the score of the next token as a sum over what every part of the model added
//! to the residual stream (direct logit attribution; Elhage et al. 2021).
//!
//! The stream is a sum, and the head a product, so the score is a sum of products: one for the
//! embedding, every head, every MLP and every bias. Only the final norm stands between: it divides
//! by one number, the stream's size. That number is taken as it was in the pass, for all parts alike;
//! so this says what each part pushes directly, not what the model would say without it. That is
//! surgery's question.
//!
//! Letters: x what a part added (d); g, β the final norm's gain and bias; σ its divisor; w the token's
//! row of the head. A part's contribution is Σ wᵢ·gᵢ·(xᵢ − x̄)/σ, without x̄ in an RMS norm.

use super::watched::{ask, known};
use crate::labs::text::LoadedText;
use crate::models::TextModel;
use crate::models::inside::{Norm, Product};
use crate::nn::hooks::{Hooks, Site};
use crate::nn::math_refusal;
use crate::refusal::Result;
use candle_core::Tensor;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A part that adds to the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The embedding of the token that was read last.
    Embedding,
    /// The embedding of its position.
    Position,
    /// One head.
    Head {
        /// Its block.
        block: usize,
        /// Which query head.
        head: usize,
    },
    /// The bias of the attention's output in this block.
    AttentionBias(usize),
    /// The MLP of this block, without its bias.
    Mlp(usize),
    /// The bias of the MLP's output in this block.
    MlpBias(usize),
    /// The bias of the final norm.
    NormBias,
    /// The last product reads the stream rounded to nearly 16 bits, where its weights are packed.
    Rounding,
}

impl Source {
    /// As it is called on screen.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Embedding => "embedding".to_owned(),
            Self::Position => "position".to_owned(),
            Self::Head { block, head } => format!("head {block}.{head}"),
            Self::AttentionBias(block) => format!("attention bias {block}"),
            Self::Mlp(block) => format!("MLP {block}"),
            Self::MlpBias(block) => format!("MLP bias {block}"),
            Self::NormBias => "final norm’s bias".to_owned(),
            Self::Rounding => "rounding".to_owned(),
        }
    }

    /// Its block, where it is part of one.
    #[must_use]
    pub fn block(self) -> Option<usize> {
        match self {
            Self::Head { block, .. }
            | Self::AttentionBias(block)
            | Self::Mlp(block)
            | Self::MlpBias(block) => Some(block),
            Self::Embedding | Self::Position | Self::NormBias | Self::Rounding => None,
        }
    }
}

/// A score taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    /// The token.
    pub token: u32,
    /// The one it is compared with: then everything is a difference of scores.
    pub against: Option<u32>,
    /// The model's own score, or the difference of two.
    pub logit: f64,
    /// What every part adds, in the order of the pass.
    pub parts: Vec<(Source, f64)>,
    /// The sum of the parts, in f64.
    pub sum: f64,
    /// What the final norm divided by, in this pass.
    pub divisor: f64,
}

/// Takes the score of `token` behind `ids` apart; with `against`, the score by which it is ahead of
/// that token. `None` when `emit`, which hears how much is done from 0 to 1, ended it.
///
/// # Errors
/// A text the model cannot read, a token it does not know, or arithmetic that fails.
pub fn contributions(
    loaded: &LoadedText,
    ids: &[u32],
    token: u32,
    against: Option<u32>,
    emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Option<Contributions>> {
    known(loaded, token)?;
    against.map_or(Ok(()), |other| known(loaded, other))?;
    let pass = ask(loaded, ids, LastRows::default(), &mut |done| {
        emit(done / 2.0)
    })?;
    let Some(LastRows(rows)) = pass else {
        return Ok(None);
    };
    let model = loaded.model();
    let apart = Apart { model, rows };
    apart
        .take(token, against, &mut |done| emit(0.5 + done / 2.0))
        .map_err(|error| math_refusal(&error))
}

/// Keeps the last position of every site that adds to the stream.
#[derive(Default)]
struct LastRows(BTreeMap<Site, Vec<f32>>);

impl Hooks for LastRows {
    fn wants(&self, site: Site) -> bool {
        matches!(
            site,
            Site::Embed
                | Site::PosEmbed
                | Site::Z(_)
                | Site::MlpOut(_)
                | Site::ResidPost(_)
                | Site::FinalNorm
                | Site::Logits
        )
    }

    fn at(&mut self, site: Site, x: Tensor) -> candle_core::Result<Tensor> {
        if self.wants(site) {
            let positions = x.rank() - 2;
            let last = x.narrow(positions, x.dim(positions)? - 1, 1)?;
            self.0.insert(site, last.flatten_all()?.to_vec1()?);
        }
        Ok(x)
    }
}

/// A pass, being taken apart.
struct Apart<'a> {
    model: &'a TextModel,
    rows: BTreeMap<Site, Vec<f32>>,
}

impl Apart<'_> {
    fn row(&self, site: Site) -> candle_core::Result<&[f32]> {
        match self.rows.get(&site) {
            Some(row) => Ok(row),
            None => candle_core::bail!("the pass did not come by {site}"),
        }
    }

    fn take(
        &self,
        token: u32,
        against: Option<u32>,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> candle_core::Result<Option<Contributions>> {
        let config = self.model.config();
        let head_row = |token: u32| self.model.product_row(Product::Head, token as usize);
        let own = head_row(token)?;
        let mut w: Vec<f64> = own.weights.iter().map(|&w| f64::from(w)).collect();
        if let Some(other) = against {
            let other = head_row(other)?;
            for (w, other) in w.iter_mut().zip(&other.weights) {
                *w -= f64::from(*other);
            }
        }
        let stream = self.row(Site::ResidPost(config.n_layers - 1))?;
        let norm = self.model.norm(Norm::Final)?;
        let divisor = divisor(stream, f64::from(norm.epsilon), norm.centred);
        let direction = direction(&w, &norm.gain, divisor, norm.centred);

        let mut parts = vec![(Source::Embedding, dot(&direction, self.row(Site::Embed)?))];
        if let Ok(position) = self.row(Site::PosEmbed) {
            parts.push((Source::Position, dot(&direction, position)));
        }
        for block in 0..config.n_layers {
            if emit(block as f32 / config.n_layers as f32).is_break() {
                return Ok(None);
            }
            self.heads(block, &direction, &mut parts)?;
            self.mlp(block, &direction, &mut parts)?;
        }
        if let Some(bias) = &norm.bias {
            parts.push((Source::NormBias, dot(&w, bias)));
        }
        if self.model.is_packed(Product::Head) {
            let normed = self.row(Site::FinalNorm)?;
            let seen = self.model.as_seen(Product::Head, normed);
            let lost = seen.iter().zip(normed).map(|(seen, x)| seen - x);
            parts.push((Source::Rounding, dot(&w, &lost.collect::<Vec<f32>>())));
        }
        let logits = self.row(Site::Logits)?;
        let score = |token: u32| f64::from(logits[token as usize]);
        Ok(Some(Contributions {
            token,
            against,
            logit: score(token) - against.map_or(0.0, score),
            sum: parts.iter().map(|(_, value)| value).sum(),
            parts,
            divisor,
        }))
    }

    /// Every head of a block: what it gathered, through its own columns of the output matrix.
    fn heads(
        &self,
        block: usize,
        direction: &[f64],
        parts: &mut Vec<(Source, f64)>,
    ) -> candle_core::Result<()> {
        let product = Product::AttnOut(block);
        let z = self.model.as_seen(product, self.row(Site::Z(block))?);
        let d_head = self.model.config().d_head;
        let mut pushed = vec![0.0; z.len()];
        let mut bias = 0.0;
        let mut has_bias = false;
        for (out, toward) in direction.iter().enumerate() {
            let row = self.model.product_row(product, out)?;
            for (pushed, weight) in pushed.iter_mut().zip(&row.weights) {
                *pushed += toward * f64::from(*weight);
            }
            bias += toward * f64::from(row.bias);
            has_bias |= row.bias != 0.0;
        }
        let heads = pushed.chunks(d_head).zip(z.chunks(d_head));
        parts.extend(
            heads
                .enumerate()
                .map(|(head, (pushed, z))| (Source::Head { block, head }, dot(pushed, z))),
        );
        if has_bias {
            parts.push((Source::AttentionBias(block), bias));
        }
        Ok(())
    }

    fn mlp(
        &self,
        block: usize,
        direction: &[f64],
        parts: &mut Vec<(Source, f64)>,
    ) -> candle_core::Result<()> {
        let whole = dot(direction, self.row(Site::MlpOut(block))?);
        if self.model.is_gated() {
            // Llama's products have no biases.
            parts.push((Source::Mlp(block), whole));
            return Ok(());
        }
        let mut bias = 0.0;
        for (out, toward) in direction.iter().enumerate() {
            let row = self.model.product_row(Product::MlpOut(block), out)?;
            bias += toward * f64::from(row.bias);
        }
        parts.push((Source::Mlp(block), whole - bias));
        parts.push((Source::MlpBias(block), bias));
        Ok(())
    }
}

/// What the final norm divides a stream by.
fn divisor(stream: &[f32], epsilon: f64, centred: bool) -> f64 {
    let n = stream.len().max(1) as f64;
    let mean = if centred {
        stream.iter().map(|&x| f64::from(x)).sum::<f64>() / n
    } else {
        0.0
    };
    let square = |&x: &f32| (f64::from(x) - mean).powi(2);
    (stream.iter().map(square).sum::<f64>() / n + epsilon).sqrt()
}

/// What one unit of each dimension of the stream adds to the score.
fn direction(w: &[f64], gain: &[f32], divisor: f64, centred: bool) -> Vec<f64> {
    let scaled = w.iter().zip(gain).map(|(w, &g)| w * f64::from(g) / divisor);
    let scaled: Vec<f64> = scaled.collect();
    // Σ aᵢ·(xᵢ − x̄) = Σ (aᵢ − ā)·xᵢ.
    let mean = if centred {
        scaled.iter().sum::<f64>() / scaled.len().max(1) as f64
    } else {
        0.0
    };
    scaled.iter().map(|a| a - mean).collect()
}

fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, &b)| a * f64::from(b)).sum()
}
