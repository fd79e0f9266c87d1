//! The network on the plane: a point and the time in, two numbers out. Written out, forwards and
//! backwards: there is nothing in it that could not be done on paper.

use crate::rng::Rng;

/// Numbers that the network is given: the point, and sin and cos of the time at [`N_WAVES`] speeds.
const N_IN: usize = 2 + 2 * N_WAVES;
const N_WAVES: usize = 4;
/// Adam's averages forget with these (Kingma & Ba 2015).
const BETAS: [f64; 2] = [0.9, 0.99];
const EPSILON: f64 = 1e-8;

/// One layer: y = x W + b, then `SiLU` in all but the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Neurons.
    pub n_out: usize,
    /// `(input, neuron)`, row by row.
    pub weight: Vec<f32>,
    /// One for each neuron.
    pub bias: Vec<f32>,
}

/// The network and what its optimizer remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// From the input on.
    pub layers: Vec<Layer>,
    /// Mean gradient and mean square of it, for every weight in order.
    moments: [Vec<f32>; 2],
    n_steps: u32,
}

/// What went into each layer, and its sums: kept for the way back.
struct Trace {
    inputs: Vec<Vec<f32>>,
    sums: Vec<Vec<f32>>,
}

impl Network {
    /// Small random weights; the last layer says 0 at first.
    pub(super) fn new(width: usize, n_layers: usize, rng: &mut Rng) -> Self {
        let mut layers = Vec::new();
        let mut n_in = N_IN;
        for layer in 0..=n_layers {
            let last = layer == n_layers;
            let n_out = if last { 2 } else { width };
            let deviation = if last {
                0.0
            } else {
                (2.0 / n_in as f64).sqrt()
            };
            layers.push(Layer {
                n_out,
                weight: rng.normals(n_in * n_out, 0.0, deviation),
                bias: vec![0.0; n_out],
            });
            n_in = n_out;
        }
        let n: usize = layers.iter().map(|l| l.weight.len() + l.bias.len()).sum();
        Self {
            layers,
            moments: [vec![0.0; n], vec![0.0; n]],
            n_steps: 0,
        }
    }

    /// What it says of points (two numbers each) at their times: two numbers each.
    pub(super) fn forward(&self, points: &[f32], times: &[f64]) -> Vec<f32> {
        let mut trace = self.trace(inputs(points, times));
        trace.sums.pop().unwrap_or_default()
    }

    fn trace(&self, inputs: Vec<f32>) -> Trace {
        let mut trace = Trace {
            inputs: vec![inputs],
            sums: Vec::new(),
        };
        for (l, layer) in self.layers.iter().enumerate() {
            let sums = layer.forward(&trace.inputs[l]);
            if l + 1 < self.layers.len() {
                trace
                    .inputs
                    .push(sums.iter().map(|&x| x * sigmoid(x)).collect());
            }
            trace.sums.push(sums);
        }
        trace
    }

    /// The mean squared error over points, weighed one by one, and its gradient, in the order of
    /// [`Network::weights`].
    pub(super) fn gradient(
        &self,
        points: &[f32],
        times: &[f64],
        targets: &[f32],
        weights: &[f32],
    ) -> (f64, Vec<f32>) {
        let trace = self.trace(inputs(points, times));
        let outputs = trace.sums.last().map_or(&[][..], Vec::as_slice);
        let scale = 1.0 / outputs.len().max(1) as f32;
        let mut loss = 0.0;
        let each = outputs.iter().zip(targets).enumerate();
        let mut delta: Vec<f32> = each
            .map(|(i, (output, target))| {
                let (gap, weight) = (output - target, weights[i / 2]);
                loss += f64::from(scale * weight * gap * gap);
                2.0 * scale * weight * gap
            })
            .collect();
        let mut gradients = Vec::new();
        for (l, layer) in self.layers.iter().enumerate().rev() {
            if l + 1 < self.layers.len() {
                for (delta, &x) in delta.iter_mut().zip(&trace.sums[l]) {
                    let s = sigmoid(x);
                    *delta *= s * (1.0 + x * (1.0 - s));
                }
            }
            let (own, before) = layer.backward(&trace.inputs[l], &delta);
            gradients.push(own);
            delta = before;
        }
        gradients.reverse();
        (loss, gradients.concat())
    }

    /// One step of Adam. Nothing moves, and `false` comes back, where a gradient is not finite.
    pub(super) fn descend(&mut self, gradients: &[f32], rate: f64) -> bool {
        if gradients.iter().any(|g| !g.is_finite()) {
            return false;
        }
        self.n_steps = self.n_steps.saturating_add(1);
        let [rest_mean, rest_square] = BETAS.map(|beta| 1.0 - beta.powi(self.n_steps as i32));
        let [means, squares] = &mut self.moments;
        let weights = self.layers.iter_mut();
        let weights = weights.flat_map(|l| l.weight.iter_mut().chain(&mut l.bias));
        let moments = means.iter_mut().zip(squares);
        for ((weight, &gradient), (mean, square)) in weights.zip(gradients).zip(moments) {
            let [keep_mean, keep_square] = BETAS.map(|beta| beta as f32);
            *mean = keep_mean * *mean + (1.0 - keep_mean) * gradient;
            *square = keep_square * *square + (1.0 - keep_square) * gradient * gradient;
            let (mean, square) = (
                f64::from(*mean) / rest_mean,
                f64::from(*square) / rest_square,
            );
            *weight -= (rate * mean / (square.sqrt() + EPSILON)) as f32;
        }
        true
    }

    /// Every weight: each layer's W, then its b.
    #[cfg(test)]
    pub(super) fn weights(&mut self) -> Vec<&mut f32> {
        let layers = self.layers.iter_mut();
        layers
            .flat_map(|l| l.weight.iter_mut().chain(&mut l.bias))
            .collect()
    }
}

impl Layer {
    fn forward(&self, inputs: &[f32]) -> Vec<f32> {
        let n_in = self.weight.len() / self.n_out;
        let mut sums = self.bias.repeat(inputs.len() / n_in);
        for (x, sums) in inputs
            .chunks_exact(n_in)
            .zip(sums.chunks_exact_mut(self.n_out))
        {
            for (&x, row) in x.iter().zip(self.weight.chunks_exact(self.n_out)) {
                for (sum, &w) in sums.iter_mut().zip(row) {
                    *sum += x * w;
                }
            }
        }
        sums
    }

    /// The gradient of W and b, and of the inputs.
    fn backward(&self, inputs: &[f32], delta: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let n_in = self.weight.len() / self.n_out;
        let mut own = vec![0.0; self.weight.len() + self.n_out];
        let mut before = vec![0.0; inputs.len()];
        let (by_weight, by_bias) = own.split_at_mut(self.weight.len());
        let points = inputs.chunks_exact(n_in).zip(before.chunks_exact_mut(n_in));
        for ((x, before), delta) in points.zip(delta.chunks_exact(self.n_out)) {
            let rows = self.weight.chunks_exact(self.n_out);
            let gradients = by_weight.chunks_exact_mut(self.n_out);
            for (((&x, before), row), gradient) in x.iter().zip(before).zip(rows).zip(gradients) {
                *before = dot(row, delta);
                for (g, &d) in gradient.iter_mut().zip(delta) {
                    *g += x * d;
                }
            }
            for (g, &d) in by_bias.iter_mut().zip(delta) {
                *g += d;
            }
        }
        (own, before)
    }
}

/// In eight sums side by side, as the processor adds.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The points, each with its time as waves.
fn inputs(points: &[f32], times: &[f64]) -> Vec<f32> {
    let mut inputs = Vec::with_capacity(times.len() * N_IN);
    for (point, &s) in points.chunks_exact(2).zip(times) {
        inputs.extend_from_slice(point);
        inputs.extend(waves(s).map(|wave| wave as f32));
    }
    inputs
}

/// What the network is given of one point, in f64.
pub(super) fn inputs_of(point: [f64; 2], s: f64) -> Vec<f64> {
    point.into_iter().chain(waves(s)).collect()
}

/// The time as sines and cosines at speeds that double.
fn waves(s: f64) -> impl Iterator<Item = f64> {
    (0..N_WAVES).flat_map(move |wave| {
        let angle = s * std::f64::consts::FRAC_PI_2 * f64::from(1 << wave);
        [angle.sin(), angle.cos()]
    })
}
