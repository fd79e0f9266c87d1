//! Where a number comes from: one of a code, and one of a picture's pixels, as the sums that they are.
//!
//! Both are recomputed in f64 from what the network was given, and told with what the network said.

use super::Pictures;
use super::squeezer::{Squeezer, some};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};

/// Rows and columns of the map that a code is made of.
const LAST_SIDE: usize = 4;
/// Side of the kernel that makes pixels.
const KERNEL: usize = 4;

/// One product of a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Row and column of the map's cell, and its channel.
    pub place: [usize; 3],
    /// What the map says there.
    pub x: f64,
    /// What it is multiplied with.
    pub weight: f64,
}

impl Term {
    /// What it adds.
    #[must_use]
    pub fn product(&self) -> f64 {
        self.x * self.weight
    }
}

/// A number as the sum that it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The terms, those that add or take most first.
    pub terms: Vec<Term>,
    /// What is added to them.
    pub bias: f64,
    /// The sum, in f64.
    pub value: f64,
    /// What the network said, in f32.
    pub shown: f64,
}

/// Number `j` of the code of picture `i`.
///
/// # Errors
/// There is no such picture or number, or the pictures have another size than the network's.
pub fn number(squeezer: &Squeezer, pictures: &Pictures, i: usize, j: usize) -> Result<Explained> {
    squeezer.fits(pictures)?;
    let k = squeezer.about().config.d_code;
    if i >= pictures.len() || j >= k {
        return Err(not_there());
    }
    let computed = || -> candle_core::Result<Explained> {
        let network = &squeezer.network;
        let features = network.features(&some(pictures, &[i])?)?;
        let shown = network.codes(&features)?.squeeze(0)?.to_vec1::<f32>()?;
        let features = features.squeeze(0)?.to_vec1::<f32>()?;
        let (weight, bias) = network.code_layer()?;
        let n_channels = features.len() / (LAST_SIDE * LAST_SIDE);
        let terms = features.iter().enumerate().map(|(d, &x)| {
            let cell = d / n_channels;
            Term {
                place: [cell / LAST_SIDE, cell % LAST_SIDE, d % n_channels],
                x: f64::from(x),
                weight: f64::from(weight[d * k + j]),
            }
        });
        let bias = f64::from(bias[j]);
        Ok(summed(terms.collect(), bias, f64::from(shown[j])))
    };
    computed().map_err(|error| math_refusal(&error))
}

/// The channel `c` of the pixel in row `y` and column `x` of the picture that `code` unfolds into: −1 is
/// black, 1 is full.
///
/// # Errors
/// There is no such pixel, or the code has another length.
pub fn pixel(squeezer: &Squeezer, code: &[f32], [y, x, c]: [usize; 3]) -> Result<Explained> {
    let config = squeezer.about().config;
    let side = config.side;
    if y >= side || x >= side || c >= config.n_channels || code.len() != config.d_code {
        return Err(not_there());
    }
    let computed = || -> candle_core::Result<Explained> {
        let network = &squeezer.network;
        let codes = Tensor::from_slice(code, (1, code.len()), &Device::Cpu)?;
        let map = network.last_map(&codes)?;
        let (_, h, w, width) = map.dims4()?;
        let map = map.flatten_all()?.to_vec1::<f32>()?;
        let shown = network.decode(&codes)?.flatten_all()?.to_vec1::<f32>()?;
        let (weight, bias) = network.last_layer()?;
        let mut terms = Vec::new();
        for (ky, i) in windows(y, h) {
            for (kx, j) in windows(x, w) {
                for m in 0..width {
                    let at = ((ky * KERNEL + kx) * config.n_channels + c) * width + m;
                    terms.push(Term {
                        place: [i, j, m],
                        x: f64::from(map[(i * w + j) * width + m]),
                        weight: f64::from(weight[at]),
                    });
                }
            }
        }
        let shown = shown[(y * side + x) * config.n_channels + c];
        Ok(summed(terms, f64::from(bias[c]), f64::from(shown)))
    };
    computed().map_err(|error| math_refusal(&error))
}

/// The rows (or columns) of the map whose window of 4, two apart and begun one before, holds pixel `y`:
/// each with the place in the window.
fn windows(y: usize, h: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..KERNEL).filter_map(move |ky| {
        let twice = (y + 1).checked_sub(ky)?;
        let i = twice / 2;
        (twice.is_multiple_of(2) && i < h).then_some((ky, i))
    })
}

fn summed(mut terms: Vec<Term>, bias: f64, shown: f64) -> Explained {
    let value = terms.iter().map(Term::product).sum::<f64>() + bias;
    terms.sort_by(|a, b| b.product().abs().total_cmp(&a.product().abs()));
    Explained {
        terms,
        bias,
        value,
        shown,
    }
}

fn not_there() -> Refusal {
    Refusal::unchanged(
        "There is nothing to explain there",
        "No such number belongs to this network.",
        "Click a number of the code, or a pixel of the picture.",
    )
}
