//! Both networks once more, in f64 and with every step written out: what explanations are computed
//! from. Nothing here is shared with training, so that agreement means something.

use super::network::SLOPE;
use super::state::Network;

/// What a network does with one input.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    /// Each layer's sums before its function.
    pub(super) sums: Vec<Vec<f64>>,
    /// The input, then what each layer gives.
    pub(super) values: Vec<Vec<f64>>,
}

impl Trace {
    pub(super) fn of(network: &Network, input: [f64; 2]) -> Self {
        let mut trace = Self {
            sums: Vec::new(),
            values: vec![input.to_vec()],
        };
        let last = network.layers.len() - 1;
        for (l, layer) in network.layers.iter().enumerate() {
            let mut sums: Vec<f64> = layer.bias.iter().map(|&b| f64::from(b)).collect();
            for (i, x) in trace.values[l].iter().enumerate() {
                let row = &layer.weight[i * layer.n_out..][..layer.n_out];
                for (sum, &weight) in sums.iter_mut().zip(row) {
                    *sum += x * f64::from(weight);
                }
            }
            let passed = sums
                .iter()
                .map(|&sum| if l == last { sum } else { sum * slope(sum) });
            trace.values.push(passed.collect());
            trace.sums.push(sums);
        }
        trace
    }

    /// The last layer's values.
    pub(super) fn output(&self) -> &[f64] {
        self.values.last().map_or(&[], Vec::as_slice)
    }

    /// The first of them: D's raw output.
    pub(super) fn verdict(&self) -> f64 {
        self.output().first().copied().unwrap_or(f64::NAN)
    }

    /// ∂/∂sums of each layer, from ∂/∂output; and at the end ∂/∂input.
    pub(super) fn back(&self, network: &Network, by_output: &[f64]) -> (Vec<Vec<f64>>, [f64; 2]) {
        let mut deltas = vec![by_output.to_vec()];
        let mut by_value = by_output.to_vec();
        for (l, layer) in network.layers.iter().enumerate().rev() {
            if l + 1 < network.layers.len() {
                let sums = &self.sums[l];
                by_value = by_value
                    .iter()
                    .zip(sums)
                    .map(|(d, &sum)| d * slope(sum))
                    .collect();
                deltas.push(by_value.clone());
            }
            let rows = layer.weight.chunks_exact(layer.n_out);
            by_value = rows.map(|row| dot(row, &by_value)).collect();
        }
        deltas.reverse();
        (deltas, [by_value[0], by_value[1]])
    }

    /// How the slope of the output by the input, ∂output/∂x · `direction`, depends on each weight
    /// matrix: for each layer what goes into it (as `direction` passes forward through the weights and
    /// slopes alone) and what it is multiplied with on the way to the output. φ′ is a step and is held.
    pub(super) fn slope_parts(&self, network: &Network, direction: [f64; 2]) -> SlopeParts {
        let mut forward = vec![direction.to_vec()];
        let last = network.layers.len() - 1;
        for (l, layer) in network.layers.iter().enumerate().take(last) {
            let mut next = vec![0.0; layer.n_out];
            for (x, row) in forward[l]
                .iter()
                .zip(layer.weight.chunks_exact(layer.n_out))
            {
                for (sum, &weight) in next.iter_mut().zip(row) {
                    *sum += x * f64::from(weight);
                }
            }
            let slopes = self.sums[l].iter().map(|&sum| slope(sum));
            forward.push(
                next.iter()
                    .zip(slopes)
                    .map(|(x, slope)| x * slope)
                    .collect(),
            );
        }
        let (backward, _) = self.back(network, &[1.0]);
        SlopeParts { forward, backward }
    }
}

/// See [`Trace::slope_parts`].
pub(super) struct SlopeParts {
    pub(super) forward: Vec<Vec<f64>>,
    pub(super) backward: Vec<Vec<f64>>,
}

/// φ′: 1 from 0 on, [`SLOPE`] below.
pub(super) fn slope(sum: f64) -> f64 {
    if sum >= 0.0 { 1.0 } else { SLOPE }
}

fn dot(row: &[f32], by: &[f64]) -> f64 {
    row.iter().zip(by).map(|(&w, d)| f64::from(w) * d).sum()
}
