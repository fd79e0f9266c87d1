//! Where a step's loss comes from: every picture of its batch, the noise level drawn for it, what the
//! network made of it, and what the error counts.
//!
//! A training repeats exactly, so that the batch of the step after a snapshot is known: it is drawn
//! again, and looked at by the network of the snapshot. The squares and their sum are computed again in
//! f64, from the numbers that the network gave.

use super::batch::{Batch, error_of_clean, parts, weight};
use super::data;
use super::learner::Learner;
use super::{Event, N_BANDS, Recipe, State};
use crate::algo::diffusion::{N_LEVELS, Prediction};
use crate::labs::diffusion::drawing::bytes;
use crate::nn::math_refusal;
use crate::refusal::Result;
use crate::rng::Rng;
use candle_core::Tensor;
use std::ops::ControlFlow;

/// Pictures that the network looks at in between two questions whether to go on.
const AT_ONCE: usize = 16;
/// Numbers of a picture that are told one by one: those that count most.
const N_NUMBERS: usize = 6;

/// The loss of the step after a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The step.
    pub step: usize,
    /// What the network's output means.
    pub prediction: Prediction,
    /// The pictures of the batch, from little noise to much.
    pub looks: Vec<Look>,
    /// Pixels along a side of them, and colours.
    pub side: usize,
    /// 1 or 3.
    pub n_channels: usize,
    /// The loss as the training computes it, in f32.
    pub trained: f32,
}

/// One picture of the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The noise level drawn for it.
    pub t: usize,
    /// What its squared error counts, w(t)/w̄: 1 on the average over all levels.
    pub weight: f64,
    /// The mean over its numbers of the squared error of what is predicted.
    pub square: f64,
    /// The same of the clean picture that the prediction implies.
    pub clean: f64,
    /// Under noise, as the network would have it clean, and as it is: bytes, row by row.
    pub pictures: [Vec<u8>; 3],
    /// The numbers with the largest errors.
    pub numbers: Vec<Number>,
}

/// One number of a picture: predicted, and as it should have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Pixel of the picture, from the top.
    pub row: usize,
    /// From the left.
    pub column: usize,
    /// Which colour.
    pub channel: usize,
    /// x̂: what the network says.
    pub predicted: f64,
    /// x: what was right.
    pub right: f64,
}

impl Number {
    /// (x̂ − x)².
    #[must_use]
    pub fn square(&self) -> f64 {
        (self.predicted - self.right).powi(2)
    }
}

impl Look {
    /// Which of the [`N_BANDS`] kinds of noise levels it belongs to.
    #[must_use]
    pub fn band(&self) -> usize {
        (self.t * N_BANDS / N_LEVELS).min(N_BANDS - 1)
    }
}

impl Explained {
    /// What a picture adds to the loss.
    #[must_use]
    pub fn share(&self, look: &Look) -> f64 {
        look.weight * look.square / self.looks.len().max(1) as f64
    }

    /// The loss, added up in f64.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.looks.iter().map(|look| self.share(look)).sum()
    }

    /// The mean error of the clean picture at the levels of a band; `None` where the batch has none.
    #[must_use]
    pub fn error_of(&self, band: usize) -> Option<f64> {
        let of_band = self.looks.iter().filter(|look| look.band() == band);
        let errors: Vec<f64> = of_band.map(|look| look.clean).collect();
        (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / errors.len() as f64)
    }
}

/// The loss of the step that follows `state` under the settings of `recipe`; `None` when `go_on` says no.
///
/// # Errors
/// Pictures that can no longer be read.
pub fn explain(
    recipe: &Recipe,
    state: &State,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Explained>> {
    let mut working = |_: Event| go_on();
    let data = data::load(&recipe.source, recipe.side, &mut working)?;
    let math = |error: candle_core::Error| math_refusal(&error);
    let learner = Learner::from_state(state, recipe.seed).map_err(math)?;
    let network = learner.learning().map_err(math)?;
    let mut rng = Rng::new(recipe.seed, &format!("step {}", state.step));
    let (settings, prediction) = (&recipe.settings, learner.prediction);
    let parts = parts(
        &data,
        &learner.levels,
        prediction,
        settings,
        AT_ONCE,
        &mut rng,
    );
    let mut looks = Vec::new();
    let mut trained = 0.0;
    let n: usize = settings.batch.max(1);
    for part in parts.map_err(math)? {
        let looked = || -> candle_core::Result<Tensor> {
            let condition = network.condition(&part.rows)?;
            network.forward(&part.noised, &part.t, &condition)
        };
        let output = looked().map_err(math)?;
        trained += in_f32(&part, &output, &learner, n).map_err(math)?;
        looks.extend(looked_at(&part, &output, &learner).map_err(math)?);
        if go_on().is_break() {
            return Ok(None);
        }
    }
    looks.sort_by_key(|look| look.t);
    Ok(Some(Explained {
        step: state.step + 1,
        prediction,
        looks,
        side: data.pictures.side,
        n_channels: data.pictures.n_channels,
        trained,
    }))
}

/// A part's loss, by the operations of the training.
fn in_f32(part: &Batch, output: &Tensor, learner: &Learner, n: usize) -> candle_core::Result<f32> {
    let squares = (output - &part.target)?.sqr()?.flatten_from(1)?.mean(1)?; // (b)
    let weights: Vec<f32> = part
        .levels
        .iter()
        .map(|level| learner.share(level, n))
        .collect();
    let weights = Tensor::from_vec(weights, part.rows.len(), output.device())?;
    (squares * weights)?.sum_all()?.to_scalar()
}

/// Each picture of a part, in f64.
fn looked_at(part: &Batch, output: &Tensor, learner: &Learner) -> candle_core::Result<Vec<Look>> {
    let (_, side, _, n_channels) = part.noised.dims4()?;
    let n_numbers = side * side * n_channels;
    let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
    let (noised, output, target) = (flat(&part.noised)?, flat(output)?, flat(&part.target)?);
    let numbers = noised
        .chunks_exact(n_numbers)
        .zip(output.chunks_exact(n_numbers))
        .zip(target.chunks_exact(n_numbers));
    let looks = numbers
        .zip(&part.levels)
        .map(|(((x, said), right), level)| {
            let squares = said.iter().zip(right).map(|(a, b)| gap(*a, *b).powi(2));
            let square = squares.sum::<f64>() / n_numbers as f64;
            let clean =
                |numbers: &[f32]| bytes(&learner.prediction.x0(numbers, x, level)).collect();
            Look {
                t: level.t as usize,
                weight: weight(learner.prediction, level) / learner.mean_weight,
                square,
                clean: error_of_clean(learner.prediction, square, level),
                pictures: [bytes(x).collect(), clean(said), clean(right)],
                numbers: largest(said, right, side, n_channels),
            }
        });
    Ok(looks.collect())
}

fn gap(a: f32, b: f32) -> f64 {
    f64::from(a) - f64::from(b)
}

/// The numbers that are off most.
fn largest(said: &[f32], right: &[f32], side: usize, n_channels: usize) -> Vec<Number> {
    let mut order: Vec<usize> = (0..said.len()).collect();
    let off = |&i: &usize| gap(said[i], right[i]).abs();
    order.sort_by(|a, b| off(b).total_cmp(&off(a)));
    let number = |&i: &usize| Number {
        row: i / n_channels / side,
        column: i / n_channels % side,
        channel: i % n_channels,
        predicted: f64::from(said[i]),
        right: f64::from(right[i]),
    };
    order.iter().take(N_NUMBERS).map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::diffusion::training::{Controls, Settings, Source, run};
    use std::ops::ControlFlow::Continue;

    #[test]
    fn the_terms_add_up_to_the_loss_that_the_next_step_reports() {
        let recipe = |n_steps| Recipe {
            patch: 2,
            widths: [8, 8, 8],
            settings: Settings {
                batch: 20,
                ..Settings::default()
            },
            n_steps: Some(n_steps),
            cools: false,
            n_shown: 0,
            ..Recipe::new(Source::Digits)
        };
        let train = |n_steps| {
            let recipe = recipe(n_steps);
            let controls = Controls::new(recipe.settings.clone());
            run(&recipe, None, &controls, &mut |_| Continue(())).unwrap()
        };
        let (three, four) = (train(3), train(4));
        let found = explain(&recipe(3), &three.state, &mut || Continue(()));
        let found = found.unwrap().unwrap();
        assert_eq!((found.step, found.looks.len()), (4, 20));
        // What the fourth step wrote down is what its terms add up to.
        assert_eq!(found.trained, four.losses[3]);
        let gap = found.loss() - f64::from(found.trained);
        assert!(gap.abs() < 1e-5, "{gap}");
        // Every second picture is of another band, and its largest errors are among its numbers.
        assert!((0..N_BANDS).all(|band| found.error_of(band).is_some()));
        for look in &found.looks {
            assert!(look.numbers[0].square() >= look.square);
            assert_eq!(look.square, look.clean);
            assert_eq!(look.pictures[2].len(), 256);
        }
    }
}
