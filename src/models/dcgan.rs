//! DCGAN (Radford, Metz and Chintala 2016): pictures out of noise, and a judge of pictures.
//!
//! The generator doubles the side with every layer, from 4 × 4 up; the discriminator halves it. Both
//! know no pooling and no dense layers but the one at their narrow end. Instead of batch norm, the
//! discriminator may have every weight divided by its spectral norm (Miyato et al. 2018).
//!
//! Letters: b batch, s side of the picture, c its channels, h rows and w columns of a map, channels last.

use crate::nn::activation::{Activation, relu};
use crate::nn::batch_norm::{batch_norm_frozen, batch_norm_then};
use crate::nn::conv::{conv_transpose2d, conv_transpose2d_bias, conv2d_bias};
use crate::nn::layers::Parameters;
use crate::nn::spectral_norm::SpectralNorm;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor, bail};
use serde::{Deserialize, Serialize};

/// Side of the map that `z` becomes, and of the last map before the verdict.
const FIRST_SIDE: usize = 4;
/// No map has more channels than this many times those of the map next to the picture.
const MAX_WIDENING: usize = 6;
/// Side of every kernel.
const KERNEL: usize = 4;
/// ε of the norms.
const EPSILON: f64 = 1e-5;
/// Slope of the discriminator's units below 0.
const LEAK: f32 = 0.2;
/// Every layer halves or doubles the side: how far its windows are apart, and what lies around the map.
const STRIDE: usize = 2;
const PADDING: usize = 1;

/// The sides a picture can have.
pub const SIDES: [usize; 3] = [16, 32, 64];

/// The shape of both networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    /// Numbers of `z`.
    pub d_z: usize,
    /// Pixels along a side of a picture: one of [`SIDES`].
    pub side: usize,
    /// 3 for red, green and blue, 1 for grey.
    pub n_channels: usize,
    /// Channels of the maps next to the picture, half its side.
    pub width: usize,
}

impl Config {
    /// Channels of the generator's maps of side 4, 8, … up to half the picture's: each half the one
    /// before, but none more than 6 times the last.
    #[must_use]
    pub fn widths(&self) -> Vec<usize> {
        let n_maps = (self.side / FIRST_SIDE).max(2).ilog2();
        (0..n_maps)
            .rev()
            .map(|i| self.width * (1 << i).min(MAX_WIDENING))
            .collect()
    }

    /// Whether networks of this shape can be made, and are not larger than anything sensible.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        SIDES.contains(&self.side)
            && [1, 3].contains(&self.n_channels)
            && (1..=1024).contains(&self.d_z)
            && (1..=256).contains(&self.width)
    }

    /// Every tensor of the generator with its shape, running statistics included, from `z` to the picture.
    #[must_use]
    pub fn generator_tensors(&self) -> Vec<(String, Vec<usize>)> {
        let widths = self.widths();
        let first = FIRST_SIDE * FIRST_SIDE * widths[0];
        let mut tensors = vec![("project.weight".to_owned(), vec![self.d_z, first])];
        for (i, &width) in widths.iter().enumerate() {
            for part in ["gain", "bias", "mean", "variance"] {
                tensors.push((format!("norm.{i}.{part}"), vec![width]));
            }
            let out = widths.get(i + 1).copied().unwrap_or(self.n_channels);
            tensors.push((format!("up.{i}.weight"), vec![KERNEL, KERNEL, out, width]));
        }
        tensors.push(("picture.bias".to_owned(), vec![self.n_channels]));
        tensors
    }

    /// Every tensor of the discriminator with its shape, from the picture to the verdict.
    #[must_use]
    pub fn discriminator_tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut tensors = Vec::new();
        let mut width = self.n_channels;
        for (i, &out) in self.widths().iter().rev().enumerate() {
            tensors.push((format!("down.{i}.weight"), vec![KERNEL, KERNEL, width, out]));
            tensors.push((format!("down.{i}.bias"), vec![out]));
            width = out;
        }
        let last = FIRST_SIDE * FIRST_SIDE * width;
        tensors.push(("verdict.weight".to_owned(), vec![last, 1]));
        tensors.push(("verdict.bias".to_owned(), vec![1]));
        tensors
    }
}

/// Whether a tensor of that name is a running statistic: kept beside the weights, not learned.
#[must_use]
pub fn is_statistic(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("mean" | "variance"))
}

/// Random weights to begin with, as DCGAN has them: normal with standard deviation `std_dev`; gains 1,
/// biases 0. Running statistics are left out. The same stream gives the same weights.
///
/// # Errors
/// When the device has no room.
pub fn initial(
    tensors: &[(String, Vec<usize>)],
    std_dev: f64,
    rng: &mut Rng,
    device: &Device,
) -> Result<Parameters> {
    let mut parameters = Parameters::default();
    for (name, shape) in tensors.iter().filter(|(name, _)| !is_statistic(name)) {
        let n = shape.iter().product();
        let values = match name.rsplit('.').next() {
            Some("gain") => vec![1.0; n],
            Some("bias") => vec![0.0; n],
            _ => rng.normals(n, 0.0, std_dev),
        };
        parameters.add(name, &Tensor::from_vec(values, shape.as_slice(), device)?)?;
    }
    Ok(parameters)
}

/// Gives a named tensor of that shape.
pub type Find<'a> = &'a mut dyn FnMut(&str, &[usize]) -> Result<Tensor>;

/// One batch norm: (w) each.
#[derive(Debug)]
struct Norm {
    gain: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
}

/// What the batch at hand measured in one norm: for the running statistics.
#[derive(Debug)]
pub struct Measured {
    /// Mean of every channel, (w).
    pub mean: Tensor,
    /// Variance of every channel, (w).
    pub variance: Tensor,
}

/// Draws pictures.
#[derive(Debug)]
pub struct Generator {
    config: Config,
    project: Tensor,
    norms: Vec<Norm>,
    up: Vec<Tensor>,
    bias: Tensor,
}

impl Generator {
    /// Over the tensors that `find` gives.
    ///
    /// # Errors
    /// When `find` does, or the shape is not sound.
    pub fn new(config: Config, find: Find<'_>) -> Result<Self> {
        let mut tensors = found(&config, config.generator_tensors(), find)?.into_iter();
        let mut next = || match tensors.next() {
            Some(tensor) => Ok(tensor),
            None => bail!("a tensor of the generator is missing"),
        };
        let project = next()?;
        let (mut norms, mut up) = (Vec::new(), Vec::new());
        for _ in config.widths() {
            norms.push(Norm {
                gain: next()?,
                bias: next()?,
                mean: next()?,
                variance: next()?,
            });
            up.push(next()?);
        }
        Ok(Self {
            config,
            project,
            norms,
            up,
            bias: next()?,
        })
    }

    /// The shape.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Pictures (b, s, s, c) in −1..=1 of `z` (b, `d_z`), each independent of the others: normed by the
    /// running statistics.
    ///
    /// # Errors
    /// When `z` has another width.
    pub fn forward(&self, z: &Tensor) -> Result<Tensor> {
        self.draw(z, &mut |norm, x| {
            let moments = (&norm.mean, &norm.variance);
            relu(&batch_norm_frozen(
                x, &norm.gain, &norm.bias, moments, EPSILON,
            )?)
        })
    }

    /// As [`Generator::forward`], but normed by the batch itself, as while training; with what that
    /// measured in every norm.
    ///
    /// # Errors
    /// When `z` has another width.
    pub fn forward_training(&self, z: &Tensor) -> Result<(Tensor, Vec<Measured>)> {
        let mut measured = Vec::new();
        let pictures = self.draw(z, &mut |norm, x| {
            let (gain, bias) = (&norm.gain, &norm.bias);
            let normed = batch_norm_then(x, gain, bias, EPSILON, Activation::Relu)?;
            measured.push(Measured {
                mean: normed.mean,
                variance: normed.var,
            });
            Ok(normed.y)
        })?;
        Ok((pictures, measured))
    }

    fn draw(
        &self,
        z: &Tensor,
        normed: &mut dyn FnMut(&Norm, &Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let b = z.dim(0)?;
        let x = z.matmul(&self.project)?; // (b, 16·w)
        let mut x = x.reshape((b, FIRST_SIDE, FIRST_SIDE, ()))?; // (b, 4, 4, w)
        let n_maps = self.norms.len();
        for (i, (norm, up)) in self.norms.iter().zip(&self.up).enumerate() {
            x = normed(norm, &x)?;
            x = if i + 1 < n_maps {
                conv_transpose2d(&x, up, STRIDE, PADDING)? // (b, 2h, 2w, half the channels)
            } else {
                let steps = (STRIDE, PADDING);
                conv_transpose2d_bias(&x, up, &self.bias, steps, Activation::Tanh)? // (b, s, s, c)
            };
        }
        Ok(x)
    }
}

/// Tells drawn pictures from real ones.
#[derive(Debug)]
pub struct Discriminator {
    config: Config,
    down: Vec<(Tensor, Tensor)>,
    verdict: (Tensor, Tensor),
}

impl Discriminator {
    /// Over the tensors that `find` gives.
    ///
    /// # Errors
    /// When `find` does, or the shape is not sound.
    pub fn new(config: Config, find: Find<'_>) -> Result<Self> {
        let mut tensors = found(&config, config.discriminator_tensors(), find)?.into_iter();
        let mut pairs = Vec::new();
        while let (Some(weight), Some(bias)) = (tensors.next(), tensors.next()) {
            pairs.push((weight, bias));
        }
        let Some(verdict) = pairs.pop() else {
            bail!("a discriminator without layers");
        };
        Ok(Self {
            config,
            down: pairs,
            verdict,
        })
    }

    /// The shape.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The same network with every weight divided by its spectral norm, one for each layer. While
    /// `training`, each call brings the norms one step of power iteration nearer.
    ///
    /// # Errors
    /// When there is not one norm for every layer.
    pub fn spectrally_normed(&self, norms: &mut [SpectralNorm], training: bool) -> Result<Self> {
        let layers = self.down.iter().chain([&self.verdict]);
        if norms.len() != self.down.len() + 1 {
            bail!("{} norms for {} layers", norms.len(), self.down.len() + 1);
        }
        let mut down = Vec::new();
        for ((weight, bias), norm) in layers.zip(norms) {
            let (normed, _) = norm.apply(weight, training)?;
            down.push((normed, bias.clone()));
        }
        let Some(verdict) = down.pop() else {
            bail!("a discriminator without layers");
        };
        Ok(Self {
            config: self.config,
            down,
            verdict,
        })
    }

    /// The same network with nothing to learn: no gradient is computed for its weights.
    #[must_use]
    pub fn frozen(&self) -> Self {
        let fixed = |(weight, bias): &(Tensor, Tensor)| (weight.detach(), bias.detach());
        Self {
            config: self.config,
            down: self.down.iter().map(fixed).collect(),
            verdict: fixed(&self.verdict),
        }
    }

    /// What the last layer judges by: (b, 16·w), of pictures (b, s, s, c) in −1..=1.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn features(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = pictures.clone();
        for (weight, bias) in &self.down {
            let leaky = Activation::LeakyRelu(LEAK);
            x = conv2d_bias(&x, weight, bias, (STRIDE, PADDING), leaky)?; // (b, h/2, w/2, twice the channels)
        }
        x.flatten_from(1)
    }

    /// The verdicts as logits (b), of features (b, 16·w): above 0 says "real".
    ///
    /// # Errors
    /// When the features have another width.
    pub fn verdicts(&self, features: &Tensor) -> Result<Tensor> {
        let (weight, bias) = &self.verdict;
        features.matmul(weight)?.broadcast_add(bias)?.squeeze(1)
    }

    /// The verdicts as logits (b), of pictures (b, s, s, c) in −1..=1.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        self.verdicts(&self.features(pictures)?)
    }

    /// Every layer's weights, from the picture to the verdict, as they are used.
    pub fn weights(&self) -> impl Iterator<Item = &Tensor> {
        self.down
            .iter()
            .chain([&self.verdict])
            .map(|(weight, _)| weight)
    }

    /// The last layer's weights (16·w) and its bias, for whoever wants to see what a verdict is made of.
    ///
    /// # Errors
    /// When the device does.
    pub fn last_layer(&self) -> Result<(Vec<f32>, f32)> {
        let (weight, bias) = &self.verdict;
        let bias = bias.to_vec1::<f32>()?;
        Ok((weight.flatten_all()?.to_vec1()?, bias[0]))
    }
}

/// All tensors of a network, in order, each of the shape it must have.
fn found(
    config: &Config,
    wanted: Vec<(String, Vec<usize>)>,
    find: Find<'_>,
) -> Result<Vec<Tensor>> {
    if !config.is_sound() {
        bail!("no DCGAN has the shape {config:?}");
    }
    let mut tensors = Vec::with_capacity(wanted.len());
    for (name, shape) in wanted {
        let tensor = find(&name, &shape)?;
        if tensor.dims() != shape {
            bail!("{name} is {:?}, not {shape:?}", tensor.dims());
        }
        tensors.push(tensor);
    }
    Ok(tensors)
}
