//! The two networks: layers of `y = x·W + b` with a leaky `ReLU` after each but the last.

use super::settings::{Optimizer, Player, Settings, Training};
use super::state::{Layer, Moments, Network};
use crate::nn::layers::Parameters;
use crate::rng::Rng;
use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, bail};

/// Slope of the hidden layers' function below 0; 1 above.
pub const SLOPE: f64 = 0.2;

/// A network whose weights are candle's, for one step or one look.
pub(super) struct Mlp {
    parameters: Parameters,
    /// (W, b) of each layer.
    layers: Vec<(Tensor, Tensor)>,
}

impl Mlp {
    /// The network of these weights, as variables.
    pub(super) fn new(network: &Network) -> Result<Self> {
        let mut parameters = Parameters::default();
        let mut layers = Vec::with_capacity(network.layers.len());
        for (i, layer) in network.layers.iter().enumerate() {
            let weight =
                Tensor::from_slice(&layer.weight, (layer.n_in, layer.n_out), &Device::Cpu)?;
            let bias = Tensor::from_slice(&layer.bias, layer.n_out, &Device::Cpu)?;
            let names = [format!("{i}.weight"), format!("{i}.bias")];
            let mut var = |name: &String, tensor: &Tensor| {
                parameters.add(name.clone(), tensor)?;
                match parameters.get(name) {
                    Some(var) => Ok(var.as_tensor().clone()),
                    None => bail!("{name} was not added"),
                }
            };
            layers.push((var(&names[0], &weight)?, var(&names[1], &bias)?));
        }
        Ok(Self { parameters, layers })
    }

    /// The same network, through which gradients pass but whose weights get none.
    pub(super) fn held(network: &Network) -> Result<Self> {
        let mut mlp = Self::new(network)?;
        for (weight, bias) in &mut mlp.layers {
            (*weight, *bias) = (weight.detach(), bias.detach());
        }
        Ok(mlp)
    }

    /// (b, in) to (b, out).
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut h = x.clone();
        for (i, (weight, bias)) in self.layers.iter().enumerate() {
            h = h.matmul(weight)?.broadcast_add(bias)?;
            if i + 1 < self.layers.len() {
                h = (&h * slopes(&h)?)?;
            }
        }
        Ok(h)
    }

    /// The first layer whose sums, for these rows, are not all finite numbers.
    pub(super) fn first_wrong(&self, x: &Tensor) -> Result<Option<usize>> {
        let mut h = x.clone();
        for (i, (weight, bias)) in self.layers.iter().enumerate() {
            h = h.matmul(weight)?.broadcast_add(bias)?;
            let sums = h.flatten_all()?.to_vec1::<f32>()?;
            if sums.iter().any(|sum| !sum.is_finite()) {
                return Ok(Some(i));
            }
            h = (&h * slopes(&h)?)?;
        }
        Ok(None)
    }

    /// [`Mlp::forward`] for many rows, without gradients, a part at a time: above some 590,000 multiplications
    /// candle's product wakes all cores, which takes longer than these products do.
    pub(super) fn forward_many(&self, points: &[[f32; 2]]) -> Result<Vec<f32>> {
        let sizes = self.layers.iter().map(|(weight, _)| weight.elem_count());
        let at_once = (500_000 / sizes.max().unwrap_or(1).max(1)).max(1);
        let mut all = Vec::new();
        for part in points.chunks(at_once) {
            let x = Tensor::from_slice(part.as_flattened(), (part.len(), 2), &Device::Cpu)?;
            all.extend(self.forward(&x)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(all)
    }

    /// ∂output/∂x of a network with one output: (b, in) to (b, in). It is written out by the chain rule,
    /// from the output back, as W₁(φ′₁ ⊙ W₂(φ′₂ ⊙ … w)), so that it has a gradient of its own by the
    /// weights; φ′, a step, has none.
    pub(super) fn input_gradient(&self, x: &Tensor) -> Result<Tensor> {
        let mut passed = Vec::with_capacity(self.layers.len());
        let mut h = x.clone();
        let last = self.layers.len() - 1;
        for (weight, bias) in &self.layers[..last] {
            h = h.matmul(weight)?.broadcast_add(bias)?;
            let slopes = slopes(&h)?;
            h = (&h * &slopes)?;
            passed.push(slopes);
        }
        let mut gradient = Tensor::ones((x.dim(0)?, 1), x.dtype(), x.device())?;
        for (i, (weight, _)) in self.layers.iter().enumerate().rev() {
            gradient = gradient.matmul(&weight.t()?)?;
            if let Some(slopes) = i.checked_sub(1).and_then(|before| passed.get(before)) {
                gradient = (gradient * slopes)?;
            }
        }
        Ok(gradient)
    }

    /// The gradient of every weight after a backward pass, in the order of [`Network::weights`].
    pub(super) fn gradients(&self, store: &GradStore) -> Result<Vec<f32>> {
        let mut all = Vec::with_capacity(self.parameters.n_weights());
        for (name, var) in self.parameters.iter() {
            let Some(gradient) = store.get(var) else {
                bail!("no gradient reaches {name}");
            };
            all.extend(gradient.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(all)
    }
}

/// φ′ of each element: 1 above 0, [`SLOPE`] below; φ(h) = φ′(h) · h.
fn slopes(h: &Tensor) -> Result<Tensor> {
    let above = h.detach().ge(0f32)?.to_dtype(h.dtype())?;
    above.affine(1.0 - SLOPE, SLOPE)
}

/// A new network: `n_in` numbers to `n_out`, its weights normal with variance 2 / ((1 + slope²) · in)
/// (He et al. 2015, eq. 15, which keeps the size of what passes) and without the 2 for the last layer,
/// its biases 0.
pub(super) fn fresh(player: Player, training: &Training, seed: u64) -> Network {
    let mut rng = Rng::new(seed, &format!("plane weights {}", player.letter()));
    let n_out = match player {
        Player::Discriminator => 1,
        Player::Generator => 2,
    };
    let mut widths = vec![2];
    widths.extend(std::iter::repeat_n(training.width, training.n_layers));
    widths.push(n_out);
    let last = widths.len() - 2;
    let layers = widths.windows(2).enumerate().map(|(i, pair)| {
        let gain = if i == last {
            1.0
        } else {
            2.0 / (1.0 + SLOPE * SLOPE)
        };
        let std_dev = (gain / pair[0] as f64).sqrt();
        Layer {
            n_in: pair[0],
            n_out: pair[1],
            weight: rng.normals(pair[0] * pair[1], 0.0, std_dev),
            bias: vec![0.0; pair[1]],
        }
    });
    let mut network = Network {
        layers: layers.collect(),
        moments: no_moments(Optimizer::Sgd, 0),
        n_steps: 0,
    };
    network.moments = no_moments(training.optimizer, network.n_weights());
    network
}

/// An optimizer's memory before its first step.
pub(super) fn no_moments(optimizer: Optimizer, n_weights: usize) -> Moments {
    let zeros = match optimizer {
        Optimizer::Sgd => Vec::new(),
        Optimizer::Adam => vec![0.0; n_weights],
    };
    Moments {
        optimizer,
        n_steps: 0,
        mean: zeros.clone(),
        square: zeros,
    }
}

/// Whether a network is built as the settings ask.
pub(super) fn is_built_as(network: &Network, settings: &Settings, player: Player) -> bool {
    let training = settings.of(player);
    let hidden = network.layers.len() - 1;
    let widths = network.layers.iter().take(hidden);
    hidden == training.n_layers && widths.into_iter().all(|l| l.n_out == training.width)
}

/// One optimizer step on plain numbers, with the roundings of `torch.optim` in f32.
pub(super) fn step(
    weights: &mut [f32],
    gradients: &[f32],
    moments: &mut Moments,
    learning_rate: f64,
) {
    moments.n_steps += 1;
    match moments.optimizer {
        Optimizer::Sgd => {
            for (weight, gradient) in weights.iter_mut().zip(gradients) {
                *weight -= learning_rate as f32 * gradient;
            }
        }
        Optimizer::Adam => {
            let (beta1, beta2) = (Optimizer::BETA1 as f32, Optimizer::BETA2 as f32);
            let unbias = |beta: f64| 1.0 / (1.0 - beta.powi(moments.n_steps as i32));
            let unbias1 = (learning_rate * unbias(Optimizer::BETA1)) as f32;
            let unbias2 = unbias(Optimizer::BETA2) as f32;
            let moments = moments.mean.iter_mut().zip(&mut moments.square);
            for ((weight, gradient), (mean, square)) in
                weights.iter_mut().zip(gradients).zip(moments)
            {
                *mean = beta1 * *mean + (1.0 - beta1) * gradient;
                *square = beta2 * *square + (1.0 - beta2) * gradient * gradient;
                let scale = (*square * unbias2).sqrt() + Optimizer::EPSILON as f32;
                *weight -= unbias1 * *mean / scale;
            }
        }
    }
}
