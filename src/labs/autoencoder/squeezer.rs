//! The network ready for use: pictures to codes and back, and how far what comes back is off.

use super::Pictures;
use crate::models::autoencoder::{Autoencoder, Config};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;

/// Pictures that go through the network at once: few enough that whoever waits can stop.
const AT_ONCE: usize = 32;

/// What is known of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Its shape.
    pub config: Config,
    /// Numbers that it learned.
    pub n_weights: usize,
    /// Steps that it was trained for.
    pub step: usize,
}

/// A trained autoencoder.
#[derive(Debug)]
pub struct Squeezer {
    pub(super) network: Autoencoder,
    about: About,
}

/// Pictures as codes, and what the codes unfold into.
#[derive(Debug, Clone, PartialEq)]
pub struct Squeezed {
    /// The numbers of each picture.
    pub codes: Vec<Vec<f32>>,
    /// What comes back.
    pub pictures: Pictures,
}

/// How far pictures are off, over all their pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// The mean of the squared differences, of pixels from 0 to 255.
    pub mse: f64,
    /// `10 · log₁₀(255² / mse)`, in decibels; infinite where nothing is off.
    pub psnr_db: f64,
}

impl Fault {
    /// Of a mean squared error of pixels from 0 to 255.
    #[must_use]
    pub fn of_mse(mse: f64) -> Self {
        Self {
            mse,
            psnr_db: 10.0 * (255.0 * 255.0 / mse).log10(),
        }
    }
}

/// How far bytes are off from those that they should be.
#[must_use]
pub fn fault(truth: &[u8], made: &[u8]) -> Fault {
    let squares = truth.iter().zip(made).map(|(a, b)| {
        let gap = f64::from(*a) - f64::from(*b);
        gap * gap
    });
    Fault::of_mse(squares.sum::<f64>() / truth.len().max(1) as f64)
}

impl Squeezer {
    /// Over a network whose codes are measured in their own spread.
    #[must_use]
    pub fn new(network: Autoencoder, step: usize) -> Self {
        let config = *network.config();
        let n_weights = config.n_weights();
        let about = About {
            config,
            n_weights,
            step,
        };
        Self { network, about }
    }

    /// What is known of it.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The codes of pictures.
    ///
    /// # Errors
    /// Pictures of another size.
    pub fn encode(&self, pictures: &Pictures) -> Result<Vec<Vec<f32>>> {
        let all: Vec<usize> = (0..pictures.len()).collect();
        let go_on = &mut || ControlFlow::Continue(());
        Ok(self.encode_some(pictures, &all, go_on)?.unwrap_or_default())
    }

    /// The codes of some of the pictures; `go_on` is asked between parts, `None` when it says no.
    ///
    /// # Errors
    /// Pictures of another size.
    pub fn encode_some(
        &self,
        pictures: &Pictures,
        chosen: &[usize],
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Option<Vec<Vec<f32>>>> {
        self.fits(pictures)?;
        let mut codes = Vec::with_capacity(chosen.len());
        for part in chosen.chunks(AT_ONCE) {
            let encoded = some(pictures, part).and_then(|x| self.network.encode(&x)?.to_vec2());
            codes.extend(encoded.map_err(|error| math_refusal(&error))?);
            if go_on().is_break() {
                return Ok(None);
            }
        }
        Ok(Some(codes))
    }

    /// The picture of each code.
    ///
    /// # Errors
    /// A code of another length, or with a number that is none.
    pub fn decode(&self, codes: &[Vec<f32>]) -> Result<Pictures> {
        let Config {
            d_code,
            side,
            n_channels,
            ..
        } = self.about.config;
        let is_wrong =
            |code: &&Vec<f32>| code.len() != d_code || code.iter().any(|x| !x.is_finite());
        if let Some(code) = codes.iter().find(is_wrong) {
            return Err(wrong_code(code, d_code));
        }
        let mut pixels = Vec::with_capacity(codes.len() * side * side * n_channels);
        for part in codes.chunks(AT_ONCE) {
            let decoded = Tensor::from_vec(part.concat(), (part.len(), d_code), &Device::Cpu)
                .and_then(|codes| bytes(&self.network.decode(&codes)?));
            pixels.extend(decoded.map_err(|error| math_refusal(&error))?);
        }
        Ok(Pictures {
            side,
            n_channels,
            pixels,
        })
    }

    /// Pictures to codes and back.
    ///
    /// # Errors
    /// Pictures of another size.
    pub fn squeeze(&self, pictures: &Pictures) -> Result<Squeezed> {
        let codes = self.encode(pictures)?;
        let pictures = self.decode(&codes)?;
        Ok(Squeezed { codes, pictures })
    }

    pub(super) fn fits(&self, pictures: &Pictures) -> Result<()> {
        let config = &self.about.config;
        if (pictures.side, pictures.n_channels) == (config.side, config.n_channels) {
            return Ok(());
        }
        Err(Refusal::unchanged(
            "The network does not know pictures of that size",
            format!(
                "It learned from {0} × {0} pixels of {1} channels; these have {2} × {2} of {3}.",
                config.side, config.n_channels, pictures.side, pictures.n_channels
            ),
            "Choose a picture of the set that it learned from, or train another network.",
        ))
    }
}

/// The chosen pictures, (n, s, s, c) in −1..=1.
pub(super) fn some(pictures: &Pictures, chosen: &[usize]) -> candle_core::Result<Tensor> {
    let (s, c) = (pictures.side, pictures.n_channels);
    let mut values = Vec::with_capacity(chosen.len() * s * s * c);
    for &i in chosen {
        let picture = pictures.get(i).unwrap_or_default();
        values.extend(picture.iter().map(|&p| f32::from(p) / 127.5 - 1.0));
    }
    Tensor::from_vec(values, (chosen.len(), s, s, c), &Device::Cpu)
}

/// Pictures (b, s, s, c) in −1..=1 as bytes; what reaches beyond is cut off.
pub(super) fn bytes(pictures: &Tensor) -> candle_core::Result<Vec<u8>> {
    let values = pictures.flatten_all()?.to_vec1::<f32>()?;
    // A float beyond the bytes is cast to the nearest.
    let byte = |x: &f32| ((x + 1.0) * 127.5).round() as u8;
    Ok(values.iter().map(byte).collect())
}

fn wrong_code(code: &[f32], d_code: usize) -> Refusal {
    let evidence = if code.len() == d_code {
        "One of its numbers is infinite or none at all.".to_owned()
    } else {
        format!(
            "It has {} numbers; the network was trained with {d_code}.",
            code.len()
        )
    };
    Refusal::unchanged(
        "That is no code of this network",
        evidence,
        "Choose numbers between −4 and 4, as many as the network has.",
    )
}
