//! What makes one architecture another: the same stage of the pass in any decoder, with its own numbers,
//! so that two can stand side by side. How positions are told, how the stream is normed, what goes
//! through the activation of the MLP, and what is expected next.

use crate::labs::text::{Candidate, LoadedText, best};
use crate::models::LogitsFor;
use crate::models::inside::{Norm, NormWeights};
use crate::nn::hooks::{Capture, Site};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::f64::consts::PI;

/// How many of the tokens that are expected next are given.
const N_NEXT: usize = 10;

/// How a model tells positions apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Positions {
    /// A learned row of numbers is added to each token (GPT-2).
    Learned {
        /// Numbers of a row.
        width: usize,
        /// Every position's row, one after another.
        rows: Vec<f32>,
    },
    /// Pairs of each query's and each key's numbers are turned (Llama: `RoPE`).
    Turned {
        /// Radians per position, one for each pair.
        frequencies: Vec<f64>,
    },
}

impl Positions {
    /// Of a model.
    ///
    /// # Errors
    /// Arithmetic that fails.
    pub fn of(loaded: &LoadedText) -> Result<Self> {
        let model = loaded.model();
        if let Some(frequencies) = model.frequencies() {
            let frequencies = frequencies.to_vec();
            return Ok(Self::Turned { frequencies });
        }
        let width = loaded.config.d_model;
        let mut rows = Vec::with_capacity(loaded.n_ctx * width);
        for t in 0..loaded.n_ctx {
            let row = model.position(t).map_err(|error| math_refusal(&error))?;
            rows.extend(row.unwrap_or_else(|| vec![0.0; width]));
        }
        Ok(Self::Learned { width, rows })
    }

    /// How alike position `at` is to each of the first `n`, from −1 to 1: for learned rows the cosine of
    /// the angle between them; for turned pairs the mean cosine of the angles by which they differ, which
    /// knows of the distance alone.
    #[must_use]
    pub fn alike(&self, at: usize, n: usize) -> Vec<f32> {
        match self {
            Self::Learned { width, rows } => {
                let row = |i: usize| rows.get(i * width..(i + 1) * width).unwrap_or(&[]);
                (0..n).map(|i| cosine(row(at), row(i))).collect()
            }
            Self::Turned { frequencies } => {
                let mean = |i: usize| {
                    let distance = i.abs_diff(at) as f64;
                    let cosines = frequencies.iter().map(|f| (f * distance).cos());
                    (cosines.sum::<f64>() / frequencies.len().max(1) as f64) as f32
                };
                (0..n).map(mean).collect()
            }
        }
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y));
        products.sum()
    };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 {
        (dot(a, b) / lengths) as f32
    } else {
        0.0
    }
}

/// One block of one model at one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The block.
    pub block: usize,
    /// Tokens read.
    pub n_tokens: usize,
    /// What its first norm does.
    pub norm: Normed,
    /// What its MLP's activation does.
    pub mlp: Activated,
    /// What the whole model expects next, best first.
    pub next: Vec<Candidate>,
}

/// A norm at work: rows of `d_model` numbers, one for each token.
#[derive(Debug, Clone, PartialEq)]
pub struct Normed {
    /// Numbers of a row.
    pub width: usize,
    /// What goes in: the residual stream.
    pub before: Vec<f32>,
    /// What comes out.
    pub after: Vec<f32>,
    /// What it multiplies with and adds.
    pub weights: NormWeights,
}

/// What a norm measures of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The mean.
    pub mean: f64,
    /// What it divides by, ε included: the standard deviation, or the root of the mean square.
    pub scale: f64,
}

impl Normed {
    /// The row of a token, before and after.
    #[must_use]
    pub fn row(&self, token: usize) -> [&[f32]; 2] {
        let at = token * self.width..(token + 1) * self.width;
        [&self.before, &self.after].map(|all| all.get(at.clone()).unwrap_or(&[]))
    }

    /// What it measures of a token's row.
    #[must_use]
    pub fn measured(&self, token: usize) -> Measured {
        let [row, _] = self.row(token);
        let n = row.len().max(1) as f64;
        let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let centre = if self.weights.centred { mean } else { 0.0 };
        let squares = row.iter().map(|&x| (f64::from(x) - centre).powi(2));
        let variance = squares.sum::<f64>() / n;
        Measured {
            mean,
            scale: (variance + f64::from(self.weights.epsilon)).sqrt(),
        }
    }
}

/// An activation at work: rows of `d_mlp` numbers, one for each token.
#[derive(Debug, Clone, PartialEq)]
pub struct Activated {
    /// Numbers of a row.
    pub width: usize,
    /// What goes into the function.
    pub into: Vec<f32>,
    /// In a gated MLP, what the function's value is multiplied with.
    pub up: Option<Vec<f32>>,
    /// What comes out of it all.
    pub out: Vec<f32>,
}

impl Activated {
    /// What goes in and what comes out at a token.
    #[must_use]
    pub fn dots(&self, token: usize) -> Vec<[f32; 2]> {
        let at = token * self.width..(token + 1) * self.width;
        let row = |all: &[f32]| all.get(at.clone()).unwrap_or(&[]).to_vec();
        let pairs = row(&self.into).into_iter().zip(row(&self.out));
        pairs.map(|(a, b)| [a, b]).collect()
    }

    /// The function: GELU in GPT-2, `SiLU` before the multiplication in a gated MLP.
    #[must_use]
    pub fn function(&self) -> fn(f32) -> f32 {
        if self.up.is_some() { silu } else { gelu }
    }
}

/// The Gaussian error linear unit (Hendrycks and Gimpel 2016) in the form with tanh that GPT-2 uses.
#[must_use]
pub fn gelu(x: f32) -> f32 {
    let x = f64::from(x);
    let inner = (2.0 / PI).sqrt() * (x + 0.044_715 * x.powi(3));
    (0.5 * x * (1.0 + inner.tanh())) as f32
}

/// The sigmoid linear unit, x / (1 + e⁻ˣ): the gate of a `SwiGLU` (Shazeer 2020).
#[must_use]
pub fn silu(x: f32) -> f32 {
    let x = f64::from(x);
    (x / (1.0 + (-x).exp())) as f32
}

/// Reads `ids`, as many as the context holds, and keeps what `block` did.
///
/// # Errors
/// No ids, one outside the vocabulary, no such block, or arithmetic that fails.
pub fn look(loaded: &LoadedText, ids: &[u32], block: usize) -> Result<Side> {
    let ids = &ids[..ids.len().min(loaded.n_ctx)];
    super::kv_cache::check_text(loaded, ids)?;
    let n_layers = loaded.config.n_layers;
    if block >= n_layers {
        return Err(Refusal::unchanged(
            "There is no such block",
            format!("Block {block} is asked for; the model has {n_layers}, counted from 0."),
            "Choose one that is there.",
        ));
    }
    let gated = loaded.model().is_gated();
    let mut sites = vec![
        Site::ResidPre(block),
        Site::Ln1(block),
        Site::MlpPre(block),
        Site::MlpPost(block),
    ];
    sites.extend(gated.then_some(Site::MlpGate(block)));
    let mut capture = Capture::of(sites);
    let logits = loaded.look_inside(ids, LogitsFor::Last, &mut capture)?;
    let read = || -> candle_core::Result<Side> {
        let rows = |site| match capture.get(site) {
            Some(x) => x.flatten_all()?.to_vec1::<f32>(),
            None => Ok(Vec::new()),
        };
        let norm = Normed {
            width: loaded.config.d_model,
            before: rows(Site::ResidPre(block))?,
            after: rows(Site::Ln1(block))?,
            weights: loaded.model().norm(Norm::Ln1(block))?,
        };
        let pre = rows(Site::MlpPre(block))?;
        let (into, up) = if gated {
            (rows(Site::MlpGate(block))?, Some(pre))
        } else {
            (pre, None)
        };
        let mlp = Activated {
            width: loaded.config.d_mlp,
            into,
            up,
            out: rows(Site::MlpPost(block))?,
        };
        let logits = logits.flatten_all()?.to_vec1::<f32>()?;
        Ok(Side {
            block,
            n_tokens: ids.len(),
            norm,
            mlp,
            next: best(&logits, N_NEXT),
        })
    };
    read().map_err(|error| math_refusal(&error))
}
