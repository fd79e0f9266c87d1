//! What a run asks of a model, so that it can be tried with one whose answers are known exactly.

use crate::algo::diffusion::{Level, Levels};
use crate::refusal::Result;

/// Something that sees pictures under noise.
pub trait Denoise {
    /// The noise levels that it knows.
    fn levels(&self) -> &Levels;

    /// How many numbers one picture has.
    fn n_numbers(&self) -> usize;

    /// What lies under the noise of `x_t`: without the words, plus `guidance` times what they change.
    ///
    /// # Errors
    /// Numbers that do not fit the model, or are not finite.
    fn predict(
        &self,
        x_t: &[f32],
        level: &Level,
        condition: &[f32],
        guidance: f32,
    ) -> Result<Answer>;
}

/// What a model says of one noised picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The clean picture, guided: beyond −1..=1 where guidance is strong.
    pub x0: Vec<f32>,
    /// The clean picture with the words minus the one without; empty where only one was asked for.
    pub difference: Vec<f32>,
}
