//! What a U-Net is built of: residual blocks, attention between the pixels of a map, and the weights
//! they are taken from.
//!
//! Letters: b batch, h rows and w columns of a map, c channels, n = h·w, d numbers of the embedding.

use super::config::{Config, N_GROUPS};
use crate::nn::activation::Activation;
use crate::nn::conv::{conv2d_bias, conv2d_doubled_bias};
use crate::nn::elementwise::sum;
use crate::nn::group_norm::{group_norm, group_norm_silu};
use crate::nn::map_attention::map_attention;
use candle_core::{Device, Result, Tensor, bail};
use std::collections::BTreeMap;

/// ε of the norms.
const EPSILON: f64 = 1e-5;

/// Gives a named tensor of that shape.
pub type Find<'a> = &'a mut dyn FnMut(&str, &[usize]) -> Result<Tensor>;

/// Tensors by name, each to be taken once.
pub(super) struct Weights(BTreeMap<String, Tensor>);

impl Weights {
    /// All tensors of a network, each of the shape it must have.
    pub fn found(config: &Config, find: Find<'_>) -> Result<Self> {
        if !config.is_sound() {
            bail!("no U-Net has the shape {config:?}");
        }
        let mut tensors = BTreeMap::new();
        for (name, shape) in config.tensors() {
            let tensor = find(&name, &shape)?;
            if tensor.dims() != shape {
                bail!("{name} is {:?}, not {shape:?}", tensor.dims());
            }
            tensors.insert(name, tensor);
        }
        Ok(Self(tensors))
    }

    /// Those that were not taken yet.
    pub fn all(&self) -> &BTreeMap<String, Tensor> {
        &self.0
    }

    pub fn take(&mut self, name: &str) -> Result<Tensor> {
        match self.0.remove(name) {
            Some(tensor) => Ok(tensor),
            None => bail!("the U-Net has no tensor {name}"),
        }
    }
}

/// A matrix or a kernel, and a bias.
#[derive(Debug)]
pub(super) struct Layer {
    weight: Tensor,
    bias: Tensor,
}

impl Layer {
    pub fn new(weights: &mut Weights, at: &str) -> Result<Self> {
        Ok(Self {
            weight: weights.take(&format!("{at}.weight"))?,
            bias: weights.take(&format!("{at}.bias"))?,
        })
    }

    /// Where its weights are.
    pub fn device(&self) -> &Device {
        self.weight.device()
    }

    /// A convolution with zeros around the map: (b, h, w, c) to (b, h/stride, w/stride, c′).
    pub fn conv(&self, x: &Tensor, stride: usize) -> Result<Tensor> {
        let steps = (stride, 1);
        conv2d_bias(x, &self.weight, &self.bias, steps, Activation::Identity)
    }

    /// The same convolution of the map with twice its sides: (b, h, w, c) to (b, 2h, 2w, c′).
    pub fn conv_doubled(&self, x: &Tensor) -> Result<Tensor> {
        conv2d_doubled_bias(x, &self.weight, &self.bias)
    }

    /// The same matrix for each pixel: (b, h, w, c) to (b, h, w, c′).
    pub fn at_pixels(&self, x: &Tensor) -> Result<Tensor> {
        let (c, width) = self.weight.dims2()?;
        let kernel = self.weight.reshape((1, 1, c, width))?;
        conv2d_bias(x, &kernel, &self.bias, (1, 0), Activation::Identity)
    }

    /// The matrix: (b, d) to (b, d′).
    pub fn affine(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weight)?.broadcast_add(&self.bias)
    }
}

/// A group norm's gain and bias, (c).
#[derive(Debug)]
pub(super) struct Norm {
    gain: Tensor,
    bias: Tensor,
}

impl Norm {
    pub fn new(weights: &mut Weights, at: &str) -> Result<Self> {
        Ok(Self {
            gain: weights.take(&format!("{at}.gain"))?,
            bias: weights.take(&format!("{at}.bias"))?,
        })
    }

    /// The norm, then `SiLU`.
    pub fn silu(&self, x: &Tensor) -> Result<Tensor> {
        group_norm_silu(x, (&self.gain, &self.bias), N_GROUPS, EPSILON)
    }

    fn plain(&self, x: &Tensor) -> Result<Tensor> {
        group_norm(x, (&self.gain, &self.bias), N_GROUPS, EPSILON)
    }

    /// The norm, then a scale and a shift for each image, `film` (b, 2c), then `SiLU`.
    fn film_silu(&self, x: &Tensor, film: &Tensor) -> Result<Tensor> {
        let c = self.gain.elem_count();
        let scale = (film.narrow(1, 0, c)? + 1.0)?; // (b, c)
        let gain = scale.broadcast_mul(&self.gain)?; // (b, c)
        let bias = (scale.broadcast_mul(&self.bias)? + film.narrow(1, c, c)?)?; // (b, c)
        group_norm_silu(x, (&gain, &bias), N_GROUPS, EPSILON)
    }
}

/// Norm, `SiLU`, convolution; norm, scale and shift by the embedding, `SiLU`, convolution; and the input
/// added (He et al. 2016, in the form of Dhariwal & Nichol 2021).
#[derive(Debug)]
pub(super) struct Block {
    norms: [Norm; 2],
    convs: [Layer; 2],
    film: Layer,
    skip: Option<Layer>,
}

impl Block {
    /// From `from` channels to `width`.
    pub fn new(weights: &mut Weights, at: &str, from: usize, width: usize) -> Result<Self> {
        let part = |name: &str| format!("{at}.{name}");
        let skip = if from == width {
            None
        } else {
            Some(Layer::new(weights, &part("skip"))?)
        };
        Ok(Self {
            norms: [
                Norm::new(weights, &part("norm.0"))?,
                Norm::new(weights, &part("norm.1"))?,
            ],
            convs: [
                Layer::new(weights, &part("conv.0"))?,
                Layer::new(weights, &part("conv.1"))?,
            ],
            film: Layer::new(weights, &part("film"))?,
            skip,
        })
    }

    /// `x` (b, h, w, c) and the embedding (b, d) after `SiLU`, to (b, h, w, c′).
    pub fn forward(&self, x: &Tensor, embedding: &Tensor) -> Result<Tensor> {
        let y = self.convs[0].conv(&self.norms[0].silu(x)?, 1)?; // (b, h, w, c′)
        let film = self.film.affine(embedding)?; // (b, 2c′)
        let y = self.convs[1].conv(&self.norms[1].film_silu(&y, &film)?, 1)?; // (b, h, w, c′)
        match &self.skip {
            Some(skip) => sum(&skip.at_pixels(x)?, &y),
            None => sum(x, &y),
        }
    }
}

/// Every pixel of a map looks at every other (Vaswani et al. 2017), and what it finds is added to it.
#[derive(Debug)]
pub(super) struct Attention {
    norm: Norm,
    qkv: Layer,
    z: Layer,
    n_heads: usize,
}

impl Attention {
    pub fn new(weights: &mut Weights, at: &str, n_heads: usize) -> Result<Self> {
        Ok(Self {
            norm: Norm::new(weights, &format!("{at}.norm"))?,
            qkv: Layer::new(weights, &format!("{at}.qkv"))?,
            z: Layer::new(weights, &format!("{at}.z"))?,
            n_heads,
        })
    }

    /// (b, h, w, c) to the same.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (b, h, w, c) = x.dims4()?;
        let qkv = self.qkv.at_pixels(&self.norm.plain(x)?)?; // (b, h, w, 3c)
        let z = map_attention(&qkv.reshape((b, h * w, 3 * c))?, self.n_heads)?; // (b, n, c)
        sum(x, &self.z.at_pixels(&z.reshape((b, h, w, c))?)?)
    }
}
