//! A convolutional autoencoder (Hinton & Salakhutdinov 2006, with the convolutions of DCGAN): a picture
//! becomes a few numbers, its code, and the code becomes a picture again.
//!
//! The encoder halves the side with every layer, down to 4 × 4, and a matrix makes the code of that map;
//! the decoder is the same way back. Nothing but the code passes between them.
//!
//! Letters: b batch, s side of the picture, c its channels, k numbers of a code, h rows and w columns of
//! a map, channels last.

use crate::nn::activation::{Activation, leaky_relu};
use crate::nn::conv::{conv_transpose2d_bias, conv2d_bias};
use crate::nn::layers::Parameters;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor, bail};
use serde::{Deserialize, Serialize};

/// Side of the map that a code is made of.
const LAST_SIDE: usize = 4;
/// No map has more channels than this many times those of the map next to the picture.
const MAX_WIDENING: usize = 4;
/// Side of every kernel.
const KERNEL: usize = 4;
/// Slope of the units below 0.
const LEAK: f32 = 0.2;
/// Every layer halves or doubles the side: how far its windows are apart, and what lies around the map.
const STEPS: (usize, usize) = (2, 1);

/// The sides a picture can have.
pub const SIDES: [usize; 3] = [16, 32, 64];
/// The most numbers that a code can have.
pub const MAX_CODE: usize = 1024;

/// The shape of both halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    /// Numbers of a code.
    pub d_code: usize,
    /// Pixels along a side of a picture: one of [`SIDES`].
    pub side: usize,
    /// 3 for red, green and blue, 1 for grey.
    pub n_channels: usize,
    /// Channels of the maps next to the picture, half its side.
    pub width: usize,
}

impl Config {
    /// Channels of the encoder's maps, from the largest to that of 4 × 4: each twice the one before,
    /// but none more than 4 times the first.
    #[must_use]
    pub fn widths(&self) -> Vec<usize> {
        let n_maps = (self.side / LAST_SIDE).max(2).ilog2();
        let width = |i: u32| self.width * (1_usize << i).min(MAX_WIDENING);
        (0..n_maps).map(width).collect()
    }

    /// Numbers of the last map of the encoder and the first of the decoder.
    #[must_use]
    pub fn d_features(&self) -> usize {
        LAST_SIDE * LAST_SIDE * self.widths().last().copied().unwrap_or(0)
    }

    /// Whether a network of this shape can be made, and is not larger than anything sensible.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        SIDES.contains(&self.side)
            && [1, 3].contains(&self.n_channels)
            && (1..=MAX_CODE).contains(&self.d_code)
            && (1..=256).contains(&self.width)
    }

    /// Every tensor with its shape, from the picture to the code and back.
    #[must_use]
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let widths = self.widths();
        let mut tensors = Vec::new();
        let mut add = |name: String, weight: Vec<usize>, n_biases: usize| {
            tensors.push((format!("{name}.weight"), weight));
            tensors.push((format!("{name}.bias"), vec![n_biases]));
        };
        let mut width = self.n_channels;
        for (i, &out) in widths.iter().enumerate() {
            add(format!("down.{i}"), vec![KERNEL, KERNEL, width, out], out);
            width = out;
        }
        let (d, k) = (self.d_features(), self.d_code);
        add("code".to_owned(), vec![d, k], k);
        add("unfold".to_owned(), vec![k, d], d);
        let outs = widths.iter().rev().skip(1).chain([&self.n_channels]);
        for (i, &out) in outs.enumerate() {
            add(format!("up.{i}"), vec![KERNEL, KERNEL, out, width], out);
            width = out;
        }
        tensors
    }

    /// How many numbers there are to learn.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        let sizes = self.tensors();
        let sizes = sizes
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>());
        sizes.sum()
    }
}

/// Random weights to begin with: normal, so that a unit's output varies as much as its inputs (He et
/// al. 2015); biases 0. The same stream gives the same weights.
///
/// # Errors
/// When the device has no room.
pub fn initial(config: &Config, rng: &mut Rng, device: &Device) -> Result<Parameters> {
    let mut parameters = Parameters::default();
    for (name, shape) in config.tensors() {
        let n: usize = shape.iter().product();
        let std_dev = match (&name, shape.as_slice()) {
            // Of the 4 × 4 windows over a map of twice the side, each pixel lies in 2 × 2.
            (name, &[k, _, _, from]) if name.starts_with("up.") => 2.0 / (k * k / 4 * from) as f64,
            (_, &[k, _, from, _]) => 2.0 / (k * k * from) as f64,
            (_, &[from, _]) => 1.0 / from as f64,
            _ => 0.0,
        };
        let values = rng.normals(n, 0.0, std_dev.sqrt());
        parameters.add(name, &Tensor::from_vec(values, shape, device)?)?;
    }
    Ok(parameters)
}

/// Gives a named tensor of that shape.
pub type Find<'a> = &'a mut dyn FnMut(&str, &[usize]) -> Result<Tensor>;

/// A matrix or a kernel, and its bias.
#[derive(Debug, Clone)]
struct Layer {
    weight: Tensor,
    bias: Tensor,
}

/// Squeezes pictures into codes and unfolds codes into pictures.
#[derive(Debug, Clone)]
pub struct Autoencoder {
    config: Config,
    down: Vec<Layer>,
    code: Layer,
    unfold: Layer,
    up: Vec<Layer>,
}

impl Autoencoder {
    /// Over the tensors that `find` gives.
    ///
    /// # Errors
    /// When `find` does, or the shape is not sound.
    pub fn new(config: Config, find: Find<'_>) -> Result<Self> {
        if !config.is_sound() {
            bail!("no autoencoder has the shape {config:?}");
        }
        let mut layers = Vec::new();
        let mut weight = None;
        for (name, shape) in config.tensors() {
            let tensor = find(&name, &shape)?;
            if tensor.dims() != shape {
                bail!("{name} is {:?}, not {shape:?}", tensor.dims());
            }
            // Each weight is followed by its bias.
            match weight.take() {
                None => weight = Some(tensor),
                Some(weight) => layers.push(Layer {
                    weight,
                    bias: tensor,
                }),
            }
        }
        let n_maps = config.widths().len();
        let mut layers = layers.into_iter();
        let down = layers.by_ref().take(n_maps).collect();
        let (Some(code), Some(unfold)) = (layers.next(), layers.next()) else {
            bail!("an autoencoder without a code");
        };
        Ok(Self {
            config,
            down,
            code,
            unfold,
            up: layers.collect(),
        })
    }

    /// The shape.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the codes are made of: (b, d), of pictures (b, s, s, c) in −1..=1.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn features(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = pictures.clone();
        for layer in &self.down {
            let leaky = Activation::LeakyRelu(LEAK);
            x = conv2d_bias(&x, &layer.weight, &layer.bias, STEPS, leaky)?; // (b, h/2, w/2, twice the channels)
        }
        x.flatten_from(1)
    }

    /// The codes (b, k) of features (b, d).
    ///
    /// # Errors
    /// When the features have another width.
    pub fn codes(&self, features: &Tensor) -> Result<Tensor> {
        features
            .matmul(&self.code.weight)?
            .broadcast_add(&self.code.bias)
    }

    /// The codes (b, k) of pictures (b, s, s, c) in −1..=1.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn encode(&self, pictures: &Tensor) -> Result<Tensor> {
        self.codes(&self.features(pictures)?)
    }

    /// The last map before the pictures, (b, s/2, s/2, w), of codes (b, k).
    ///
    /// # Errors
    /// When the codes have another width.
    pub fn last_map(&self, codes: &Tensor) -> Result<Tensor> {
        let b = codes.dim(0)?;
        let x = codes
            .matmul(&self.unfold.weight)?
            .broadcast_add(&self.unfold.bias)?; // (b, d)
        let mut x = leaky_relu(&x.reshape((b, LAST_SIDE, LAST_SIDE, ()))?, LEAK)?; // (b, 4, 4, 4w)
        let (_, hidden) = self.ends()?;
        for layer in hidden {
            let leaky = Activation::LeakyRelu(LEAK);
            x = conv_transpose2d_bias(&x, &layer.weight, &layer.bias, STEPS, leaky)?; // (b, 2h, 2w, half the channels)
        }
        Ok(x)
    }

    /// The pictures (b, s, s, c) that codes (b, k) unfold into: about −1..=1, not cut off there.
    ///
    /// # Errors
    /// When the codes have another width.
    pub fn decode(&self, codes: &Tensor) -> Result<Tensor> {
        let map = self.last_map(codes)?;
        let (last, _) = self.ends()?;
        conv_transpose2d_bias(&map, &last.weight, &last.bias, STEPS, Activation::Identity)
    }

    /// The layer that makes the pictures, and those before it that double maps.
    fn ends(&self) -> Result<(&Layer, &[Layer])> {
        match self.up.split_last() {
            Some(ends) => Ok(ends),
            None => bail!("an autoencoder without layers"),
        }
    }

    /// Pictures (b, s, s, c) in −1..=1, squeezed and unfolded again.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        self.decode(&self.encode(pictures)?)
    }

    /// The same function of pictures, but number `j` of every code is first moved by `−mean[j]` and
    /// divided by `scale[j]`: a matrix before the code and the one after it take that in.
    ///
    /// # Errors
    /// When there is not one of each for every number of a code.
    pub fn rescaled(&self, mean: &[f32], scale: &[f32]) -> Result<Self> {
        let k = self.config.d_code;
        let device = self.code.weight.device();
        let row = |values: &[f32]| Tensor::from_slice(values, (1, k), device);
        let (mean, scale) = (row(mean)?, row(scale)?);
        let code = Layer {
            weight: self.code.weight.detach().broadcast_div(&scale)?,
            bias: (self.code.bias.detach().reshape((1, k))? - &mean)?
                .div(&scale)?
                .reshape(k)?,
        };
        let unfold = Layer {
            weight: self
                .unfold
                .weight
                .detach()
                .broadcast_mul(&scale.reshape((k, 1))?)?,
            bias: (mean.matmul(&self.unfold.weight.detach())?.squeeze(0)?
                + self.unfold.bias.detach())?,
        };
        Ok(Self {
            code,
            unfold,
            ..self.detached()?
        })
    }

    /// A copy that later steps of a training do not touch, and that has nothing to learn.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn detached(&self) -> Result<Self> {
        let fixed = |layer: &Layer| -> Result<Layer> {
            Ok(Layer {
                weight: layer.weight.detach().copy()?,
                bias: layer.bias.detach().copy()?,
            })
        };
        Ok(Self {
            config: self.config,
            down: self.down.iter().map(fixed).collect::<Result<_>>()?,
            code: fixed(&self.code)?,
            unfold: fixed(&self.unfold)?,
            up: self.up.iter().map(fixed).collect::<Result<_>>()?,
        })
    }

    /// Every tensor by name, in the order of [`Config::tensors`].
    #[must_use]
    pub fn tensors(&self) -> Vec<(String, &Tensor)> {
        let layers = self.down.iter().chain([&self.code, &self.unfold]);
        let tensors = layers.chain(&self.up).flat_map(|l| [&l.weight, &l.bias]);
        let names = self.config.tensors().into_iter().map(|(name, _)| name);
        names.zip(tensors).collect()
    }

    /// The matrix that makes codes of features, (d, k) row by row, and its bias (k).
    ///
    /// # Errors
    /// When the device does.
    pub fn code_layer(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let weight = self.code.weight.flatten_all()?.to_vec1()?;
        Ok((weight, self.code.bias.to_vec1()?))
    }

    /// The kernel that makes pictures of the last map, (4, 4, c, w) row by row, and its bias (c).
    ///
    /// # Errors
    /// When the device does.
    pub fn last_layer(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let (last, _) = self.ends()?;
        let weight = last.weight.flatten_all()?.to_vec1()?;
        Ok((weight, last.bias.to_vec1()?))
    }
}
