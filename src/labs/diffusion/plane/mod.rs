//! Diffusion on the plane: the same process as with pictures, on points, where all of it can be seen.
//!
//! A small network learns, from points under noise, where they came from. How much noise there is says
//! the time s: 0 is the data, 1 is nothing but noise. Then points that are drawn as noise at s = 1 are
//! led to s = 0 along what it says ([`Session::paths`]), and at every s there is a field of arrows
//! ([`Session::field`]); [`look`] is all of it at once, to be shown. Diffusion and flow matching differ in two lines ([`Method`]). What is learned
//! are the distributions of the GAN on the plane, and three more that are drawn with strokes.
//!
//! Every batch is drawn from the seed and the number of its step: going on from a [`State`] equals not
//! having stopped.

pub mod explain;
mod looking;
mod measure;
mod method;
mod network;
mod run;
mod session;
#[cfg(test)]
mod tests;

pub use looking::{Look, Wanted, look, onward};
pub use measure::{Measure, N_MEASURED};
pub use method::Method;
pub use network::{Layer, Network};
pub use run::{Controls, Event, run};
pub use session::{Session, State};

pub use crate::labs::gan::plane::{Distribution, EXTENT, Shape};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// What is learned, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What the points are drawn from.
    pub shape: Shape,
    /// How noise is mixed in and taken away.
    pub method: Method,
    /// Neurons of each hidden layer.
    pub width: usize,
    /// Hidden layers.
    pub n_layers: usize,
    /// Points in a step.
    pub batch: usize,
    /// How far weights move in a step.
    pub learning_rate: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shape: spiral(),
            method: Method::default(),
            width: 64,
            n_layers: 3,
            batch: 256,
            learning_rate: 2e-3,
        }
    }
}

impl Settings {
    /// The same with every number within bounds.
    #[must_use]
    pub fn checked(&self) -> Self {
        let rate = self.learning_rate;
        Self {
            width: self.width.clamp(4, 256),
            n_layers: self.n_layers.clamp(1, 6),
            batch: self.batch.clamp(8, 4096),
            learning_rate: if rate.is_finite() {
                rate.clamp(1e-6, 0.1)
            } else {
                1e-3
            },
            ..self.clone()
        }
    }
}

/// One arm that turns nearly twice around the middle.
#[must_use]
pub fn spiral() -> Shape {
    let point = |i: i32| {
        let part = f64::from(i) / 80.0;
        let (radius, angle) = (0.12 + 0.73 * part, 3.6 * PI * part);
        [(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]
    };
    Shape::Drawn(vec![(0..=80).map(point).collect()])
}

/// Two half circles that reach into one another, as scikit-learn's `make_moons` draws them.
#[must_use]
pub fn moons() -> Shape {
    let moon = |middle: [f64; 2], up: f64| {
        let point = |i: i32| {
            let angle = PI * f64::from(i) / 40.0;
            let (x, y) = (angle.cos() * up, angle.sin() * up);
            [(0.5 * x + middle[0]) as f32, (0.5 * y + middle[1]) as f32]
        };
        (0..=40).map(point).collect()
    };
    Shape::Drawn(vec![moon([-0.25, -0.12], 1.0), moon([0.25, 0.12], -1.0)])
}

/// A single dot: what a right denoiser says of it is known in closed form.
#[must_use]
pub fn dot() -> Shape {
    Shape::Drawn(vec![vec![[0.4, -0.2]]])
}
