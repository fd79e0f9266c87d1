//! A GAN on the plane: what is real is a distribution of points, both networks are small, and
//! everything that happens between them can be seen.
//!
//! The plane reaches [`EXTENT`] from the middle both ways. A [`State`] is everything a session is, as
//! plain numbers; [`Session`] trains from one, and tells all that a window shows of one
//! ([`Session::look`], a [`Turn`]); [`run`] plays at a speed, with [`Controls`] shared with the window. Every batch is drawn from the seed and
//! the number of its step, so that going on from a state equals not having stopped.
//!
//! Letters: x a point, z the generator's two numbers, p the real density, q the generated one.

mod batch;
mod exact;
pub mod explain;
mod look;
mod measures;
mod network;
mod presets;
mod run;
mod session;
mod settings;
mod shape;
mod state;
mod trouble;

pub use measures::{Coverage, Divergence, ENOUGH};
pub use network::SLOPE;
pub use presets::{Preset, Remedy, presets};
pub use run::{Controls, Press, Speed, run};
pub use session::{Anew, LastStep, Session};
pub use settings::{Noise, Optimizer, Player, Settings, Training};
pub use shape::{Distribution, Shape};
pub use state::{Layer, Moments, Network, State, WeightAt};

use super::Reading;
use crate::refusal::Refusal;
use std::sync::Arc;

/// The plane is −`EXTENT`..=`EXTENT` both ways.
pub const EXTENT: f32 = 1.2;
/// The heat map has so many cells along a side.
pub const HEAT_SIDE: usize = 48;
/// The warped grid has so many cells along a side, and one line more.
pub const GRID_SIDE: usize = 20;
/// So many points are shown, real and fake each: the same real ones and the same z in every turn.
pub const N_SHOWN: usize = 256;

/// All that a window shows of one state. Every number is computed from the state's weights and the
/// points shown, none from the batch that was trained on, so that the same state always looks the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Turns done.
    pub turn: u64,
    /// How D's outputs are read.
    pub reading: Reading,
    /// The raw output above which a sample is called real; for a critic, whose zero means nothing, the
    /// middle between its mean scores on `reals` and on `fakes`.
    pub boundary: f32,
    /// The real points shown.
    pub reals: Vec<[f32; 2]>,
    /// D's raw output on each; [`Reading::shown`] makes it the number people read.
    pub real_outputs: Vec<f32>,
    /// The generated points shown, always of the same z.
    pub fakes: Vec<[f32; 2]>,
    /// D's raw output on each.
    pub fake_outputs: Vec<f32>,
    /// −∂/∂x of each fake's own part in G's loss (not divided by the batch): where G is pulled.
    pub arrows: Vec<[f32; 2]>,
    /// D's raw outputs at the centres of [`HEAT_SIDE`]² cells of the plane, row by row from the lowest
    /// y, each from the lowest x.
    pub heat: Vec<f32>,
    /// Where G carries the corners of an even grid on the z plane: ([`GRID_SIDE`] + 1)² points, row by
    /// row; −1..=1 both ways for uniform z, −3..=3 for Gaussian z.
    pub grid: Vec<[f32; 2]>,
    /// What D lowers, over the points shown, its penalty included.
    pub loss_d: f32,
    /// The penalty's part of `loss_d`, λ included; 0 for other losses.
    pub penalty: f32,
    /// What G lowers, over the points shown.
    pub loss_g: f32,
    /// Length of the gradient of `loss_d` by each layer of D, its W and b together.
    pub gradient_d: Vec<f32>,
    /// Length of the gradient of `loss_g` by each layer of G, its W and b together.
    pub gradient_g: Vec<f32>,
    /// The part of the real points that D calls real, 0..=1.
    pub accuracy_real: f32,
    /// The part of the fakes that D calls fake, 0..=1.
    pub accuracy_fake: f32,
    /// How far the generated distribution is from the real one.
    pub divergence: Divergence,
    /// How much of the real distribution is generated.
    pub coverage: Coverage,
    /// The networks, and what training goes on from.
    pub state: Arc<State>,
}

impl Turn {
    /// How D leans at a raw output, for a colour: −1 fake, 0 undecided, 1 real. A probability p is 2p − 1;
    /// a label or score is measured from the boundary, a label in halves, a score in the greatest
    /// distance on the heat map.
    #[must_use]
    pub fn leaning(&self, output: f32) -> f32 {
        let from_boundary = output - self.boundary;
        let leaning = match self.reading {
            Reading::Probability => (0.5 * output).tanh(),
            Reading::Label => 2.0 * from_boundary,
            Reading::Margin => from_boundary,
            Reading::Score => from_boundary / self.greatest_distance(),
        };
        leaning.clamp(-1.0, 1.0)
    }

    /// The greatest distance of the heat map's outputs from the boundary.
    #[must_use]
    pub fn greatest_distance(&self) -> f32 {
        let distances = self
            .heat
            .iter()
            .map(|output| (output - self.boundary).abs());
        distances.fold(1e-12, f32::max)
    }

    /// Length of the gradient of a player's loss by all of its weights.
    #[must_use]
    pub fn gradient_norm(&self, player: Player) -> f32 {
        let layers = match player {
            Player::Discriminator => &self.gradient_d,
            Player::Generator => &self.gradient_g,
        };
        layers.iter().map(|norm| norm * norm).sum::<f32>().sqrt()
    }
}

/// What playing reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Nothing new; work goes on, or waits for the next turn's time.
    Working,
    /// What is to be shown now.
    Turn {
        /// All of it.
        turn: Box<Turn>,
        /// Turns done in a second lately; 0 until it is known.
        turns_per_sec: f32,
        /// The last step each network took since the event before, D's and G's, to explain.
        last: [Option<Arc<LastStep>>; 2],
    },
    /// A setting could not be taken over by what was learned: a network or its optimizer started anew.
    Anew {
        /// Whose.
        player: Player,
        /// What happened and why, in a sentence.
        why: String,
    },
    /// A step gave numbers that are not finite. It was not taken: the state before it is kept, and
    /// playing has stopped.
    Trouble(Refusal),
}

#[cfg(test)]
mod tests;
