//! All that a window shows of one state.

use super::batch::{Batch, as_points, from_rows};
use super::measures::{Z_SIDE, z_corners};
use super::network::Mlp;
use super::session::{Session, discriminator_slope};
use super::settings::Noise;
use super::state::{Network, State};
use super::{EXTENT, GRID_SIDE, HEAT_SIDE, N_SHOWN, Turn};
use crate::nn::math_refusal;
use crate::refusal::Result;
use candle_core::{Result as MathResult, Var};
use std::sync::Arc;

impl Session {
    /// All that a window shows of `state`, under the session's settings. Takes a few milliseconds.
    ///
    /// # Errors
    /// When the arithmetic does.
    pub fn look(&self, state: &Arc<State>) -> Result<Turn> {
        self.all_of(state).map_err(|error| math_refusal(&error))
    }

    fn all_of(&self, state: &Arc<State>) -> MathResult<Turn> {
        let (settings, real) = (self.settings(), &self.real);
        let batch = Batch::shown(N_SHOWN, state.seed, settings, &real.distribution);
        let (d, g) = (Mlp::new(&state.d)?, Mlp::new(&state.g)?);
        let d_held = Mlp::held(&state.d)?;

        let made = g.forward(&batch.z()?)?;
        let slope_d = discriminator_slope(&d, &batch, &made, settings)?;

        // G's loss once, with the fakes as variables: it gives the arrows, and, passed on, G's gradients.
        let fakes = Var::from_tensor(&made.detach())?;
        let fake_outputs = d_held.forward(fakes.as_tensor())?.squeeze(1)?;
        let loss_g = settings.loss.generator(&fake_outputs)?;
        let pulls = match loss_g.backward()?.remove(&fakes) {
            Some(pulls) => pulls.detach(),
            None => fakes.zeros_like()?,
        };
        let through = (&made * &pulls)?.sum_all()?;
        let gradients_g = g.gradients(&through.backward()?)?;

        let real_outputs = d_held
            .forward(&batch.real()?)?
            .squeeze(1)?
            .to_vec1::<f32>()?;
        let fake_outputs = fake_outputs.to_vec1::<f32>()?;
        let reading = settings.loss.reading();
        let boundary = reading.boundary().map_or_else(
            || 0.5 * (mean(&real_outputs) + mean(&fake_outputs)),
            |boundary| boundary as f32,
        );
        let part = |outputs: &[f32], right: fn(f32, f32) -> bool| {
            let n_right = outputs
                .iter()
                .filter(|&&output| right(output, boundary))
                .count();
            n_right as f32 / outputs.len().max(1) as f32
        };

        let corners = z_corners(settings.noise);
        let g_held = Mlp::held(&state.g)?;
        let corners = as_points(&g_held.forward_many(&corners)?);
        let (divergence, coverage) = real.measure(&corners, settings.noise);
        Ok(Turn {
            turn: state.turn,
            reading,
            boundary,
            accuracy_real: part(&real_outputs, |output, boundary| output > boundary),
            accuracy_fake: part(&fake_outputs, |output, boundary| output <= boundary),
            reals: batch.real,
            real_outputs,
            fakes: from_rows(&made)?,
            fake_outputs,
            arrows: from_rows(&(pulls * -(N_SHOWN as f64))?)?,
            heat: heat(&d_held)?,
            grid: grid(&g_held, settings.noise, &corners)?,
            loss_d: slope_d.loss,
            penalty: slope_d.penalty,
            loss_g: loss_g.to_scalar()?,
            gradient_d: norms(&state.d, &slope_d.gradients),
            gradient_g: norms(&state.g, &gradients_g),
            divergence,
            coverage,
            state: Arc::clone(state),
        })
    }
}

fn mean(xs: &[f32]) -> f32 {
    xs.iter().sum::<f32>() / xs.len().max(1) as f32
}

fn heat(d: &Mlp) -> MathResult<Vec<f32>> {
    let cell = 2.0 * EXTENT / HEAT_SIDE as f32;
    let along = |i: usize| (i as f32 + 0.5) * cell - EXTENT;
    let row = |j| (0..HEAT_SIDE).map(move |i| [along(i), along(j)]);
    let centres: Vec<_> = (0..HEAT_SIDE).flat_map(row).collect();
    d.forward_many(&centres)
}

/// The warped grid: for uniform z every third of the corners that are known already; Gaussian z is
/// shown less far out than it is measured.
fn grid(g: &Mlp, noise: Noise, corners: &[[f32; 2]]) -> MathResult<Vec<[f32; 2]>> {
    let lines = 0..=GRID_SIDE;
    match noise {
        Noise::Uniform => {
            let every = Z_SIDE / GRID_SIDE;
            let at = |i: usize, j: usize| corners.get(j * every * (Z_SIDE + 1) + i * every);
            let row = |j| lines.clone().filter_map(move |i| at(i, j).copied());
            Ok(lines.clone().flat_map(row).collect())
        }
        Noise::Gaussian => {
            let along = |i: usize| 3.0 * (2.0 * i as f32 / GRID_SIDE as f32 - 1.0);
            let row = |j| lines.clone().map(move |i| [along(i), along(j)]);
            let z: Vec<_> = lines.clone().flat_map(row).collect();
            Ok(as_points(&g.forward_many(&z)?))
        }
    }
}

/// The length of each layer's gradient.
fn norms(network: &Network, gradients: &[f32]) -> Vec<f32> {
    let mut rest = gradients;
    let layers = network.layers.iter().map(|layer| {
        let n = (layer.weight.len() + layer.bias.len()).min(rest.len());
        let (own, behind) = rest.split_at(n);
        rest = behind;
        own.iter()
            .map(|g| f64::from(*g).powi(2))
            .sum::<f64>()
            .sqrt() as f32
    });
    layers.collect()
}
