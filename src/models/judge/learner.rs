//! The judge while it learns: its maps are normed over the batch.

use super::{Config, Step};
use crate::nn::activation::{Activation, relu};
use crate::nn::batch_norm::batch_norm_then;
use crate::nn::conv::conv2d;
use crate::nn::layers::Parameters;
use candle_core::{DType, Device, Result, Tensor, bail};

/// ε of the norms.
const EPSILON: f64 = 1e-5;

/// Mean and variance of every channel of a map, (w) each.
#[derive(Debug, Clone)]
pub struct Moments {
    /// The mean.
    pub mean: Tensor,
    /// The variance.
    pub variance: Tensor,
}

impl Moments {
    /// Mean 0 and variance 1 for each of so many channels, to begin with.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn at_rest(width: usize, device: &Device) -> Result<Self> {
        Ok(Self {
            mean: Tensor::zeros(width, DType::F32, device)?,
            variance: Tensor::ones(width, DType::F32, device)?,
        })
    }

    /// Goes the part `share` of the way to what a batch measured.
    ///
    /// # Errors
    /// When the channels differ.
    pub fn follow(&mut self, measured: &Self, share: f64) -> Result<()> {
        self.mean = ((&self.mean * (1.0 - share))? + (&measured.mean * share)?)?;
        self.variance = ((&self.variance * (1.0 - share))? + (&measured.variance * share)?)?;
        Ok(())
    }
}

/// The network while it learns.
#[derive(Debug)]
pub struct Learner {
    config: Config,
    tower: Vec<(Step, [Tensor; 3])>,
    features: [Tensor; 2],
    answers: [Tensor; 2],
}

impl Learner {
    /// Over the parameters of [`Config::initial`].
    ///
    /// # Errors
    /// When one is missing.
    pub fn new(config: &Config, parameters: &Parameters) -> Result<Self> {
        let get = |name: String| match parameters.get(&name) {
            Some(var) => Ok(var.as_tensor().clone()),
            None => bail!("there is no {name}"),
        };
        let mut tower = Vec::new();
        for (i, step) in config.tower().into_iter().enumerate() {
            let [weight, gain, bias] =
                ["weight", "gain", "bias"].map(|part| format!("conv.{i}.{part}"));
            tower.push((step, [get(weight)?, get(gain)?, get(bias)?]));
        }
        let affine = |name: &str| -> Result<[Tensor; 2]> {
            Ok([get(format!("{name}.weight"))?, get(format!("{name}.bias"))?])
        };
        Ok(Self {
            tower,
            features: affine("features")?,
            answers: affine("answers")?,
            config: config.clone(),
        })
    }

    /// The logits of all answers, (b, q), of pictures (b, s, s, c) in −1..=1, and what this batch
    /// measured in every norm.
    ///
    /// # Errors
    /// When the pictures have another size.
    pub fn logits(&self, pictures: &Tensor) -> Result<(Tensor, Vec<Moments>)> {
        let (mut x, mut moments) = (pictures.clone(), Vec::new());
        for (step, [weight, gain, bias]) in &self.tower {
            let y = conv2d(&x, weight, step.stride, 1)?; // (b, h, h, w)
            let normed = batch_norm_then(&y, gain, bias, EPSILON, Activation::Relu)?;
            moments.push(Moments {
                mean: normed.mean,
                variance: normed.var,
            });
            x = normed.y;
        }
        let affine =
            |x: &Tensor, [weight, bias]: &[Tensor; 2]| x.matmul(weight)?.broadcast_add(bias);
        let features = affine(&x.flatten_from(1)?, &self.features)?; // (b, f)
        Ok((affine(&relu(&features)?, &self.answers)?, moments))
    }

    /// The tensors of the judge that this has become, where every norm has the `moments` given: with
    /// r = gain / √(variance + ε), each kernel times r, and the bias less the mean times r.
    ///
    /// # Errors
    /// When there are not moments for every norm.
    pub fn folded(&self, moments: &[Moments]) -> Result<Vec<(String, Tensor)>> {
        if moments.len() != self.tower.len() {
            bail!("{} moments for {} norms", moments.len(), self.tower.len());
        }
        let mut tensors = Vec::new();
        for ((_, [weight, gain, bias]), Moments { mean, variance }) in
            self.tower.iter().zip(moments)
        {
            let r = (gain / (variance + EPSILON)?.sqrt()?)?;
            tensors.push(weight.broadcast_mul(&r)?.detach());
            tensors.push((bias - (mean * r)?)?.detach());
        }
        let affine = self.features.iter().chain(&self.answers);
        tensors.extend(affine.map(Tensor::detach));
        let names = self.config.tensors().into_iter().map(|(name, _)| name);
        Ok(names.zip(tensors).collect())
    }
}
