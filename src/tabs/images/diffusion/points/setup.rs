//! What a person chose: what is learned, by which two methods, and in how many steps noise becomes data.

use crate::labs::diffusion::plane::{Method, Settings, Shape, Wanted};
use crate::labs::diffusion::{Prediction, Sampler};
use serde::{Deserialize, Serialize};

/// Arrows along a side of the plane.
const ARROWS: usize = 16;
/// Points whose ways are drawn, at most.
pub(super) const MOST_WAYS: usize = 100;

/// What can be trained: diffusion with each kind of answer, and flow matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// Diffusion; the network says the clean point.
    X0,
    /// Diffusion; it says the noise.
    Epsilon,
    /// Diffusion; it says the velocity on the circle between both.
    V,
    /// Flow matching: straight lines.
    Flow,
}

impl What {
    pub(super) const ALL: [Self; 4] = [Self::X0, Self::Epsilon, Self::V, Self::Flow];

    pub(super) fn method(self) -> Method {
        let diffusion = |prediction| Method::Diffusion(prediction, Sampler::DDIM);
        match self {
            Self::X0 => diffusion(Prediction::X0),
            Self::Epsilon => diffusion(Prediction::Epsilon),
            Self::V => diffusion(Prediction::V),
            Self::Flow => Method::Flow,
        }
    }

    /// Its name above a plane.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::X0 => "Diffusion (x₀)",
            Self::Epsilon => "Diffusion (ε)",
            Self::V => "Diffusion (v)",
            Self::Flow => "Flow matching",
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::X0 => {
                "The network learns to say the clean point x₀ that was put under noise; points go from level to level by DDIM."
            }
            Self::Epsilon => {
                "The network learns to say the noise ε (as the first diffusion models did). Near s = 1 its errors are magnified: there x₀ is found by dividing by nearly nothing."
            }
            Self::V => {
                "The network learns v = √ᾱ ε − √(1 − ᾱ) x₀, a mixture of both that is easy to learn at every level."
            }
            Self::Flow => {
                "Points and noise are joined by straight lines; the network learns the velocity along them, and points follow it (Lipman et al. 2023)."
            }
        }
    }
}

/// What was chosen on the bench.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub(super) shape: Shape,
    /// On the left and on the right.
    pub(super) what: [What; 2],
    /// Whether the right one is shown too.
    pub(super) both: bool,
    /// Steps from noise to data.
    pub(super) n_steps: usize,
    pub(super) n_points: usize,
    /// Points whose ways are drawn.
    pub(super) n_ways: usize,
    pub(super) width: usize,
    pub(super) n_layers: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: f64,
    pub(super) seed: u64,
}

impl Default for Setup {
    fn default() -> Self {
        let settings = Settings::default();
        Self {
            shape: settings.shape,
            what: [What::V, What::Flow],
            both: true,
            n_steps: 25,
            n_points: 400,
            n_ways: 24,
            width: settings.width,
            n_layers: settings.n_layers,
            batch: settings.batch,
            learning_rate: settings.learning_rate,
            seed: 1,
        }
    }
}

impl Setup {
    /// The same with every number within what the bench offers.
    pub(super) fn checked(self) -> Self {
        let settings = self.settings(0).checked();
        Self {
            n_steps: self.n_steps.clamp(1, 100),
            n_points: self.n_points.clamp(50, 2000),
            n_ways: self.n_ways.min(MOST_WAYS),
            width: settings.width.min(128),
            n_layers: settings.n_layers.min(4),
            batch: settings.batch,
            learning_rate: settings.learning_rate,
            ..self
        }
    }

    /// What the network of a side is trained by.
    pub(super) fn settings(&self, side: usize) -> Settings {
        Settings {
            shape: self.shape.clone(),
            method: self.what[side.min(1)].method(),
            width: self.width,
            n_layers: self.n_layers,
            batch: self.batch,
            learning_rate: self.learning_rate,
        }
    }

    /// What is to be seen of a network.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            n_points: self.n_points,
            n_steps: self.n_steps,
            side: ARROWS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_damaged_is_brought_within_bounds() {
        let wild = serde_json::json!({ "n_steps": 0, "width": 100_000, "learning_rate": 1e9 });
        let setup: Setup = serde_json::from_value(wild).unwrap();
        let setup = setup.checked();
        assert_eq!((setup.n_steps, setup.width), (1, 128));
        assert!(setup.learning_rate <= 0.1);
        assert_eq!(setup.clone().checked(), setup);
        assert_eq!(Setup::default().checked(), Setup::default());
    }
}
