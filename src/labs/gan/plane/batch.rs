//! What one step is computed from: real samples, z, noise, and where between real and fake the penalty
//! looks. All of it follows from the seed and the number of the step.

use super::settings::{Noise, Player, Settings};
use super::shape::Distribution;
use super::state::State;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor};

/// The name of the streams that what is shown is drawn from.
const SHOWN: &str = "plane shown";

/// One step's random numbers, `n` samples of each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    pub(super) real: Vec<[f32; 2]>,
    pub(super) z: Vec<[f32; 2]>,
    /// Added to what D sees of `real`.
    pub(super) real_noise: Vec<[f32; 2]>,
    /// Added to what D sees of the fakes.
    pub(super) fake_noise: Vec<[f32; 2]>,
    /// The part of the real sample in the point between that the penalty looks at, 0..1.
    pub(super) mix: Vec<f32>,
}

impl Batch {
    /// The batch of the next step of `player`.
    pub(super) fn next(
        player: Player,
        state: &State,
        settings: &Settings,
        distribution: &Distribution,
    ) -> Self {
        let step = state.of(player).n_steps;
        let name = format!("plane {} step {step}", player.letter());
        let mut batch = Self::drawn(&name, settings.batch, state.seed, settings, distribution);
        if player == Player::Generator {
            // G's loss looks at neither.
            batch.real.clear();
            batch.mix.clear();
        }
        batch
    }

    /// The batch that is shown: the same for every state of a seed, and without noise.
    pub(super) fn shown(
        n: usize,
        seed: u64,
        settings: &Settings,
        distribution: &Distribution,
    ) -> Self {
        let settings = Settings {
            input_noise: 0.0,
            ..settings.clone()
        };
        Self::drawn(SHOWN, n, seed, &settings, distribution)
    }

    fn drawn(
        name: &str,
        n: usize,
        seed: u64,
        settings: &Settings,
        distribution: &Distribution,
    ) -> Self {
        let stream = |of: &str| Rng::new(seed, &format!("{name} {of}"));
        let noise = |of: &str| {
            let mut rng = stream(of);
            let std_dev = settings.input_noise;
            let mut one = || {
                if std_dev > 0.0 {
                    (std_dev * rng.normal()) as f32
                } else {
                    0.0
                }
            };
            (0..n).map(|_| [one(), one()]).collect()
        };
        let (mut real, mut z, mut mix) = (stream("real"), stream("z"), stream("mix"));
        Self {
            real: (0..n).map(|_| distribution.sample(&mut real)).collect(),
            z: (0..n).map(|_| draw_z(settings.noise, &mut z)).collect(),
            real_noise: noise("noise on real"),
            fake_noise: noise("noise on fake"),
            mix: (0..n).map(|_| mix.uniform() as f32).collect(),
        }
    }

    /// (n, 2).
    pub(super) fn real(&self) -> Result<Tensor> {
        points(&self.real)
    }

    /// (n, 2).
    pub(super) fn z(&self) -> Result<Tensor> {
        points(&self.z)
    }

    /// (n, 2).
    pub(super) fn real_noise(&self) -> Result<Tensor> {
        points(&self.real_noise)
    }

    /// (n, 2).
    pub(super) fn fake_noise(&self) -> Result<Tensor> {
        points(&self.fake_noise)
    }

    /// (n, 1).
    pub(super) fn mix(&self) -> Result<Tensor> {
        Tensor::from_slice(&self.mix, (self.mix.len(), 1), &Device::Cpu)
    }
}

/// Where between real and fake the shown batch's penalty looks.
pub(super) fn shown_mix(seed: u64, n: usize) -> Vec<f32> {
    let mut mix = Rng::new(seed, &format!("{SHOWN} mix"));
    (0..n).map(|_| mix.uniform() as f32).collect()
}

fn draw_z(noise: Noise, rng: &mut Rng) -> [f32; 2] {
    let mut one = || match noise {
        Noise::Uniform => (2.0 * rng.uniform() - 1.0) as f32,
        Noise::Gaussian => rng.normal() as f32,
    };
    [one(), one()]
}

/// Points as rows: (n, 2).
pub(super) fn points(points: &[[f32; 2]]) -> Result<Tensor> {
    Tensor::from_slice(points.as_flattened(), (points.len(), 2), &Device::Cpu)
}

/// Rows (n, 2) as points.
pub(super) fn from_rows(rows: &Tensor) -> Result<Vec<[f32; 2]>> {
    Ok(as_points(&rows.flatten_all()?.to_vec1::<f32>()?))
}

/// Numbers in pairs.
pub(super) fn as_points(numbers: &[f32]) -> Vec<[f32; 2]> {
    numbers.as_chunks::<2>().0.to_vec()
}
