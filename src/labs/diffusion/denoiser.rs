//! A network that sees the picture under noise, ready for use.

use super::captions::Attribute;
use super::loading;
use super::sampling::{Answer, Denoise};
use crate::algo::diffusion::{Level, Levels, Prediction, Schedule};
use crate::files::embedded;
use crate::files::weights::WeightFile;
use crate::models::unet::UNet;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};
use std::path::Path;

/// A trained U-Net with all that is known of it.
#[derive(Debug)]
pub struct Denoiser {
    pub(super) network: UNet,
    pub(super) about: About,
    pub(super) levels: Levels,
}

/// What a model's file says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Its name: that of the model that ships, or the file's.
    pub name: String,
    /// Pixels along a side of its pictures.
    pub side: usize,
    /// 3 for red, green and blue, 1 for grey.
    pub n_channels: usize,
    /// What its conditions mean; empty where it knows none.
    pub attributes: Vec<Attribute>,
    /// The noise levels it was trained on.
    pub schedule: Schedule,
    /// What its output means.
    pub prediction: Prediction,
    /// Numbers that it learned.
    pub n_weights: u64,
    /// Steps that it was trained for, where the file says it.
    pub steps: Option<u64>,
    /// What it learned from, in the file's own words.
    pub source: String,
    /// What its weights may be used for, in the file's own words.
    pub license: String,
}

impl Denoiser {
    /// The model that ships.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn bundled() -> Result<Self> {
        loading::denoiser(&embedded::denoiser_of_faces()?)
    }

    /// The model of phrases of music that ships.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn of_sounds() -> Result<Self> {
        loading::denoiser(&embedded::denoiser_of_sounds()?)
    }

    /// A model that `glassbox train diffusion` or `train sound` wrote.
    ///
    /// # Errors
    /// When the file is not one.
    pub fn open(path: &Path) -> Result<Self> {
        loading::denoiser(&WeightFile::open(path)?)
    }

    /// A model over a network that is at hand.
    #[must_use]
    pub fn new(network: UNet, about: About) -> Self {
        Self {
            levels: about.schedule.levels(),
            network,
            about,
        }
    }

    /// What is known of it.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &UNet {
        &self.network
    }

    /// Numbers of a condition.
    #[must_use]
    pub fn d_condition(&self) -> usize {
        self.network.config().d_embedding
    }

    /// The condition that `rows` make: for each attribute 0 where nothing is said, else the value's
    /// index + 1. Two conditions may be mixed, number by number.
    ///
    /// # Errors
    /// Rows that are not one for each attribute, or past its last value.
    pub fn condition(&self, rows: &[u32]) -> Result<Vec<f32>> {
        let attributes = &self.about.attributes;
        let fits = |(row, a): (&u32, &Attribute)| *row as usize <= a.values.len();
        if rows.len() != attributes.len() || !rows.iter().zip(attributes).all(fits) {
            return Err(Refusal::unchanged(
                "The model has no such condition",
                format!(
                    "{rows:?} was asked for; it knows {} attributes.",
                    attributes.len()
                ),
                "Choose a value that the model knows for each attribute.",
            ));
        }
        self.condition_of(&[rows.to_vec()])
            .and_then(|condition| condition.flatten_all()?.to_vec1())
            .map_err(|error| math_refusal(&error))
    }

    /// The condition where nothing is said.
    ///
    /// # Errors
    /// None with a model that was opened.
    pub fn no_condition(&self) -> Result<Vec<f32>> {
        self.condition(&vec![0; self.about.attributes.len()])
    }

    pub(super) fn condition_of(&self, rows: &[Vec<u32>]) -> candle_core::Result<Tensor> {
        self.network.condition(rows)
    }

    /// The network's output for `x_t` with each of some conditions.
    fn outputs(
        &self,
        x_t: &[f32],
        level: &Level,
        conditions: Vec<f32>,
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let (side, c) = (self.about.side, self.about.n_channels);
        let n = conditions.len() / self.d_condition();
        let device = &Device::Cpu;
        let x = Tensor::from_vec(x_t.repeat(n), (n, side, side, c), device)?;
        let t = Tensor::from_vec(vec![level.t as f32; n], n, device)?;
        let conditions = Tensor::from_vec(conditions, (n, ()), device)?;
        let output = self.network.forward(&x, &t, &conditions)?;
        output.reshape((n, ()))?.to_vec2()
    }

    fn wrong_numbers(&self, x_t: &[f32], condition: &[f32], guidance: f32) -> Refusal {
        Refusal::unchanged(
            "The model cannot look at this",
            format!(
                "It was given {} numbers of a picture and {} of a condition at guidance {guidance}, some of them perhaps not finite; it takes {} and {}.",
                x_t.len(),
                condition.len(),
                self.n_numbers(),
                self.d_condition()
            ),
            "Choose a smaller guidance, or begin again from noise.",
        )
    }
}

impl Denoise for Denoiser {
    fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Numbers of one picture, `(row, column, channel)`.
    fn n_numbers(&self) -> usize {
        self.about.side * self.about.side * self.about.n_channels
    }

    /// Classifier-free guidance (Ho & Salimans 2022). At 1 the condition alone is asked for, at 0 it plays
    /// no part; either takes one pass through the network, all else one pass of two pictures.
    fn predict(
        &self,
        x_t: &[f32],
        level: &Level,
        condition: &[f32],
        guidance: f32,
    ) -> Result<Answer> {
        let finite = |numbers: &[f32]| numbers.iter().all(|x| x.is_finite());
        if x_t.len() != self.n_numbers()
            || condition.len() != self.d_condition()
            || !(finite(x_t) && finite(condition) && guidance.is_finite())
        {
            return Err(self.wrong_numbers(x_t, condition, guidance));
        }
        let conditions = match guidance {
            1.0 => condition.to_vec(),
            0.0 => self.no_condition()?,
            _ => [condition, &self.no_condition()?].concat(),
        };
        let outputs = self.outputs(x_t, level, conditions);
        let outputs = outputs.map_err(|error| math_refusal(&error))?;
        let mut clean = outputs
            .iter()
            .map(|output| self.about.prediction.x0(output, x_t, level));
        let with = clean.next().unwrap_or_default();
        let Some(without) = clean.next() else {
            return Ok(Answer {
                x0: with,
                difference: Vec::new(),
            });
        };
        let pairs = with.iter().zip(&without);
        let difference: Vec<f32> = pairs.map(|(with, without)| with - without).collect();
        let pairs = without.iter().zip(&difference);
        Ok(Answer {
            x0: pairs.map(|(x, d)| x + guidance * d).collect(),
            difference,
        })
    }
}
