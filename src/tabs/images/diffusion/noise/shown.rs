//! What the network said of a picture under noise, ready to be shown.

use crate::labs::diffusion::noising::{Once, mean_squared};
use crate::labs::diffusion::originals::Original;
use crate::tabs::images::diffusion::inks;
use std::sync::Arc;

/// What the network said, and how far that is off.
#[derive(Debug)]
pub(super) struct Shown {
    /// Of what was asked.
    pub(super) number: u64,
    pub(super) once: Once,
    /// The picture that was asked about.
    pub(super) picture: Arc<Original>,
    pub(super) x0_mse: f64,
    /// x̂₀ − x₀ and ε̂ − ε, pixel by pixel, and the ends of the scales that they are shown on.
    pub(super) errors: [Vec<f32>; 2],
    pub(super) reaches: [f32; 2],
}

impl Shown {
    pub(super) fn new(number: u64, once: Once, picture: Arc<Original>, n_channels: usize) -> Self {
        let errors = [
            inks::differences(&once.x0_pred, &picture.numbers, n_channels),
            inks::differences(&once.noise_pred, &once.noised.noise, n_channels),
        ];
        Self {
            number,
            x0_mse: mean_squared(&once.x0_pred, &picture.numbers),
            reaches: errors.each_ref().map(|error| inks::reach(error)),
            errors,
            once,
            picture,
        }
    }
}
