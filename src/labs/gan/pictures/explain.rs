//! Where D's verdict on one picture comes from.

use super::State;
use super::data::some;
use super::fight::Fight;
use crate::files::atlas::Pictures;
use crate::labs::gan::sigmoid;
use crate::nn::math_refusal;
use crate::refusal::Result;
use candle_core::Device;

/// One term of the last layer's sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Which map of the last layer, from 0.
    pub channel: usize,
    /// Its row, 0 at the top.
    pub row: usize,
    /// Its column, 0 at the left; each stands for a quarter of the picture's width.
    pub column: usize,
    /// What the map says there.
    pub feature: f32,
    /// What it is multiplied with.
    pub weight: f32,
}

impl Term {
    /// Feature times weight: above 0 it speaks for "real".
    #[must_use]
    pub fn product(&self) -> f64 {
        f64::from(self.feature) * f64::from(self.weight)
    }
}

/// D's verdict on one picture, computed again in f64 from what its last layer read.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Every term of the sum, those that say most first.
    pub terms: Vec<Term>,
    /// What is added to them.
    pub bias: f64,
    /// `Σ terms + bias`, in f64.
    pub logit: f64,
    /// What the network itself gave, in f32.
    pub network: f32,
    /// `σ(logit)`: the probability that it is real.
    pub probability: f64,
}

/// The verdict that the discriminator of `state` gives of a picture: rows of pixels of `channels`
/// bytes, as `Pictures` holds them.
///
/// # Errors
/// When the picture has another size than those it learned from.
pub fn explain(state: &State, picture: &[u8]) -> Result<Verdict> {
    let verdict = || -> candle_core::Result<Verdict> {
        let mut fight = Fight::from_state(state, 0)?;
        let judge = fight.judge()?;
        let one = Pictures {
            side: state.config.side,
            n_channels: state.config.n_channels,
            pixels: picture.to_vec(),
        };
        let features = judge.features(&some(&one, &[0], &Device::Cpu)?)?;
        let network = judge.verdicts(&features)?.to_vec1::<f32>()?[0];
        let features = features.flatten_all()?.to_vec1::<f32>()?;
        let (weights, bias) = judge.last_layer()?;
        let side = super::LAST_SIDE;
        let n_channels = features.len() / (side * side);
        let term = |(i, (&feature, &weight)): (usize, (&f32, &f32))| Term {
            channel: i % n_channels,
            row: i / n_channels / side,
            column: i / n_channels % side,
            feature,
            weight,
        };
        let pairs = features.iter().zip(&weights).enumerate();
        let mut terms: Vec<Term> = pairs.map(term).collect();
        let bias = f64::from(bias);
        let logit = terms.iter().map(Term::product).sum::<f64>() + bias;
        terms.sort_by(|a, b| b.product().abs().total_cmp(&a.product().abs()));
        Ok(Verdict {
            terms,
            bias,
            logit,
            network,
            probability: sigmoid(logit),
        })
    };
    verdict().map_err(|error| math_refusal(&error))
}
