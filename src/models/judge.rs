//! A judge of small pictures: a convolutional network (`LeCun` et al. 1989) that answers questions about
//! what it sees, "which hair colour?", each with a probability for every answer.
//!
//! Its last but one layer, 64 numbers, describes a picture: two sets of pictures are as far apart as
//! these are (Heusel et al. 2017, who took Inception's). Maps are halved by kernels of 4 × 4 in steps
//! of 2, from the picture's side down to 4, with a layer of 3 × 3 before each. While it
//! learns ([`Learner`]) every map is normed over the batch (Ioffe & Szegedy 2015), which makes it learn
//! several times faster; afterwards the norms are constants, and are multiplied into the kernels.
//!
//! Letters: b batch, s side of the picture, h side of a map, c channels, w width, f features, q answers.

mod learner;

pub use learner::{Learner, Moments};

use crate::nn::activation::{Activation, relu};
use crate::nn::conv::conv2d_bias;
use crate::nn::layers::Parameters;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor, bail};
use serde::{Deserialize, Serialize};

/// Numbers that describe a picture.
pub const N_FEATURES: usize = 64;
/// Side of the last map.
const LAST_SIDE: usize = 4;
/// No judge of ours asks more, or knows more answers to one question.
const MAX_QUESTIONS: usize = 64;

/// Something that is asked of every picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// "`hair_color`".
    pub name: String,
    /// "black", "brown", …
    pub answers: Vec<String>,
}

/// The shape of a judge, and what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Pixels along a side of a picture: 8, 16, 32, 64 or 128.
    pub side: usize,
    /// 3 for red, green and blue, 1 for grey.
    pub n_channels: usize,
    /// Channels of the first maps; each halving doubles them.
    pub width: usize,
    /// What it answers, in the order of its last layer.
    pub questions: Vec<Question>,
}

/// One convolution of the tower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    kernel: usize,
    stride: usize,
    n_in: usize,
    n_out: usize,
}

impl Config {
    /// Whether a judge of this shape can be made, and is not larger than anything sensible.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let asks = |question: &Question| (2..=MAX_QUESTIONS).contains(&question.answers.len());
        [8, 16, 32, 64, 128].contains(&self.side)
            && [1, 3].contains(&self.n_channels)
            && (1..=128).contains(&self.width)
            && (1..=MAX_QUESTIONS).contains(&self.questions.len())
            && self.questions.iter().all(asks)
    }

    /// Answers to all questions together.
    #[must_use]
    pub fn n_answers(&self) -> usize {
        self.questions.iter().map(|q| q.answers.len()).sum()
    }

    /// The logits that belong to each question, (b, its answers), of all logits (b, q).
    ///
    /// # Errors
    /// When the logits have another width.
    pub fn by_question(&self, logits: &Tensor) -> Result<Vec<Tensor>> {
        let mut start = 0;
        let parts = self.questions.iter().map(|question| {
            let n = question.answers.len();
            start += n;
            logits.narrow(1, start - n, n)
        });
        parts.collect()
    }

    fn tower(&self) -> Vec<Step> {
        let n_halvings = (self.side / LAST_SIDE).max(2).ilog2();
        // The first layer sees every pixel from where it is: a mouth is four of them wide.
        let mut n_in = self.width.div_ceil(2);
        let mut steps = vec![Step {
            kernel: 3,
            stride: 1,
            n_in: self.n_channels,
            n_out: n_in,
        }];
        for i in 0..n_halvings {
            let n_out = self.width << i;
            steps.push(Step {
                kernel: 4,
                stride: 2,
                n_in,
                n_out,
            });
            if i + 1 < n_halvings {
                steps.push(Step {
                    kernel: 3,
                    stride: 1,
                    n_in: n_out,
                    n_out,
                });
            }
            n_in = n_out;
        }
        steps
    }

    /// Every tensor with its shape, from the picture to the answers.
    #[must_use]
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut tensors = Vec::new();
        let mut last = self.n_channels;
        for (i, step) in self.tower().into_iter().enumerate() {
            let kernel = vec![step.kernel, step.kernel, step.n_in, step.n_out];
            tensors.push((format!("conv.{i}.weight"), kernel));
            tensors.push((format!("conv.{i}.bias"), vec![step.n_out]));
            last = step.n_out;
        }
        let last = LAST_SIDE * LAST_SIDE * last;
        for (name, n_in, n_out) in [
            ("features", last, N_FEATURES),
            ("answers", N_FEATURES, self.n_answers()),
        ] {
            tensors.push((format!("{name}.weight"), vec![n_in, n_out]));
            tensors.push((format!("{name}.bias"), vec![n_out]));
        }
        tensors
    }

    /// Every tensor that is learned: those of [`Config::tensors`], and a gain for each channel of the
    /// tower, whose biases are those of its norms.
    #[must_use]
    pub fn learned_tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut tensors = Vec::new();
        for (name, shape) in self.tensors() {
            if let Some(conv) = name.strip_suffix(".bias").filter(|n| n.starts_with("conv")) {
                tensors.push((format!("{conv}.gain"), shape.clone()));
            }
            tensors.push((name, shape));
        }
        tensors
    }

    /// Channels of each convolution of the tower: the widths of its norms.
    #[must_use]
    pub fn norm_widths(&self) -> Vec<usize> {
        self.tower().iter().map(|step| step.n_out).collect()
    }

    /// Random weights to begin with: normal with variance 2 over the numbers that a unit reads (He et
    /// al. 2015), gains 1, biases 0. The same stream gives the same weights.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn initial(&self, rng: &mut Rng, device: &Device) -> Result<Parameters> {
        let mut parameters = Parameters::default();
        for (name, shape) in self.learned_tensors() {
            let n: usize = shape.iter().product();
            let n_read: usize = shape[..shape.len() - 1].iter().product();
            let values = match name.rsplit('.').next() {
                Some("gain") => vec![1.0; n],
                Some("bias") => vec![0.0; n],
                _ => rng.normals(n, 0.0, (2.0 / n_read as f64).sqrt()),
            };
            parameters.add(name, &Tensor::from_vec(values, shape, device)?)?;
        }
        Ok(parameters)
    }
}

/// The network.
#[derive(Debug)]
pub struct Judge {
    config: Config,
    tower: Vec<(Step, Tensor, Tensor)>,
    features: (Tensor, Tensor),
    answers: (Tensor, Tensor),
}

impl Judge {
    /// Over the tensors that `find` gives: a name and a shape each.
    ///
    /// # Errors
    /// When `find` does, or the shape is not sound.
    pub fn new(
        config: Config,
        find: &mut dyn FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<Self> {
        if !config.is_sound() {
            bail!("no judge has the shape {config:?}");
        }
        let mut found = Vec::new();
        for (name, shape) in config.tensors() {
            let tensor = find(&name, &shape)?;
            if tensor.dims() != shape {
                bail!("{name} is {:?}, not {shape:?}", tensor.dims());
            }
            found.push(tensor);
        }
        let mut found = found.into_iter();
        let mut pair = || match (found.next(), found.next()) {
            (Some(weight), Some(bias)) => Ok((weight, bias)),
            _ => bail!("a tensor of the judge is missing"),
        };
        let mut tower = Vec::new();
        for step in config.tower() {
            let (weight, bias) = pair()?;
            tower.push((step, weight, bias));
        }
        Ok(Self {
            tower,
            features: pair()?,
            answers: pair()?,
            config,
        })
    }

    /// The shape and the questions.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What describes each picture: (b, f), of pictures (b, s, s, c) in −1..=1.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn features(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = pictures.clone();
        for (step, weight, bias) in &self.tower {
            let places = (step.stride, 1);
            x = conv2d_bias(&x, weight, bias, places, Activation::Relu)?; // (b, h, h, w)
        }
        let (weight, bias) = &self.features;
        x.flatten_from(1)?.matmul(weight)?.broadcast_add(bias) // (b, f)
    }

    /// The logits of all answers, (b, q), of features (b, f).
    ///
    /// # Errors
    /// When the features have another width.
    pub fn answers(&self, features: &Tensor) -> Result<Tensor> {
        let (weight, bias) = &self.answers;
        relu(features)?.matmul(weight)?.broadcast_add(bias)
    }
}

#[cfg(test)]
mod tests;
