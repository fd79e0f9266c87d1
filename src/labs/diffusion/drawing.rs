//! Many pictures at once, without looking at the way there: DDIM from noise to pictures.

use super::Denoiser;
use super::sampling::Denoise as _;
use crate::algo::diffusion::{Level, Sampler, plan};
use crate::files::atlas::Pictures;
use crate::nn::math_refusal;
use crate::refusal::Result;
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;

/// Pictures that go through the network at once: few enough that Stop acts in between.
const AT_ONCE: usize = 8;

/// How pictures are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// For each picture what is asked for, as rows of the model's attributes.
    pub rows: Vec<Vec<u32>>,
    /// Picture `i` begins with the noise of `seed + i`.
    pub seed: u64,
    /// Steps of DDIM.
    pub n_steps: usize,
    /// How strongly the words count; 1 leaves them as they were learned.
    pub guidance: f64,
}

/// Draws them. What the network takes for the clean picture is kept within −1..=1 in every step.
/// `go_on` is asked after every step; `None` when it says no.
///
/// # Errors
/// No steps, more than there are levels, or rows that the model does not know.
pub fn draw(
    denoiser: &Denoiser,
    drawing: &Drawing,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Pictures>> {
    let stops = plan(denoiser.levels(), Sampler::DDIM.spacing(), drawing.n_steps)?;
    let about = denoiser.about();
    let mut pictures = Pictures {
        side: about.side,
        n_channels: about.n_channels,
        pixels: Vec::with_capacity(drawing.rows.len() * denoiser.n_numbers()),
    };
    let mut seed = drawing.seed;
    for rows in drawing.rows.chunks(AT_ONCE) {
        let mut x = Vec::with_capacity(rows.len() * denoiser.n_numbers());
        for _ in rows {
            x.extend(start(denoiser, seed));
            seed = seed.wrapping_add(1);
        }
        let math = |error: candle_core::Error| math_refusal(&error);
        let none = vec![vec![0; about.attributes.len()]; rows.len()];
        let conditions = [rows, &none].map(|rows| denoiser.condition_of(rows).map_err(math));
        let [with, without] = conditions;
        let conditions = [with?, without?];
        for levels in stops.windows(2) {
            let [from, to] = [&levels[0], &levels[1]];
            let x0 = clean(denoiser, &x, from, &conditions, drawing.guidance).map_err(math)?;
            let mut never = |_: &[f32], _: &Level| -> Result<Vec<f32>> { Ok(Vec::new()) };
            x = Sampler::DDIM.step([from, to], &x, &x0, &[], &mut never)?;
            if go_on().is_break() {
                return Ok(None);
            }
        }
        pictures.pixels.extend(bytes(&x));
    }
    Ok(Some(pictures))
}

/// The noise that a picture of this seed begins with.
fn start(denoiser: &Denoiser, seed: u64) -> Vec<f32> {
    Rng::new(seed, "the noise of a picture").normals(denoiser.n_numbers(), 0.0, 1.0)
}

/// The clean pictures that the network sees under `x`, guided, within −1..=1.
fn clean(
    denoiser: &Denoiser,
    x: &[f32],
    level: &Level,
    [with, without]: &[Tensor; 2],
    guidance: f64,
) -> candle_core::Result<Vec<f32>> {
    let n = with.dim(0)?;
    let output = |n: usize, condition: &Tensor| -> candle_core::Result<Vec<f32>> {
        let about = denoiser.about();
        let shape = (n, about.side, about.side, about.n_channels);
        let pictures = Tensor::from_vec(
            x.repeat(n * denoiser.n_numbers() / x.len()),
            shape,
            &Device::Cpu,
        )?;
        let t = Tensor::full(level.t as f32, n, &Device::Cpu)?;
        let output = denoiser.network().forward(&pictures, &t, condition)?;
        output.flatten_all()?.to_vec1()
    };
    let prediction = denoiser.about().prediction;
    let mut x0 = if guidance == 1.0 {
        prediction.x0(&output(n, with)?, x, level)
    } else {
        let both = output(2 * n, &Tensor::cat(&[with, without], 0)?)?;
        let (with, without) = both.split_at(x.len());
        let with = prediction.x0(with, x, level);
        let without = prediction.x0(without, x, level);
        let guidance = guidance as f32;
        let pairs = with.iter().zip(&without);
        pairs.map(|(w, wo)| wo + guidance * (w - wo)).collect()
    };
    for number in &mut x0 {
        *number = number.clamp(-1.0, 1.0);
    }
    Ok(x0)
}

/// Numbers in −1..=1 as bytes; beyond, the nearest.
pub(super) fn bytes(numbers: &[f32]) -> impl Iterator<Item = u8> {
    numbers.iter().map(|x| ((x + 1.0) * 127.5).round() as u8)
}
