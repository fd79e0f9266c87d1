//! What the model writes by now.

use super::corpus::Part;
use super::training::Training;
use crate::models::{LogitsFor, gpt2_init};
use crate::nn::hooks::NoHooks;
use crate::rng::Rng;
use std::ops::ControlFlow;

/// Tokens of a sample.
const SAMPLE_TOKENS: usize = 160;
/// What a sample begins with when stories are learned.
const SAMPLE_PROMPT: &str = "Once upon a time";

impl Training {
    /// A short text by the model as it is, at temperature 0.8.
    pub(super) fn sample(
        &mut self,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> candle_core::Result<String> {
        let model = gpt2_init::detached(&self.config, &self.parameters)?;
        let mut cache = model.new_cache(self.config.n_ctx)?;
        let mut rng = Rng::new(
            self.recipe.seed,
            &format!("sample {}", self.progress.n_steps),
        );
        let mut ids = Vec::new();
        match &self.recipe.text {
            None => self.encoder.encode(SAMPLE_PROMPT, &mut ids),
            Some(_) => self
                .corpus
                .window(Part::HeldOut, 8, &mut self.encoder, &mut rng, &mut ids),
        }
        let mut next = ids.clone();
        while ids.len() < SAMPLE_TOKENS.min(self.config.n_ctx - 1) && go_on().is_continue() {
            let logits = model.forward(&next, &mut cache, LogitsFor::Last, &mut NoHooks)?;
            let id = draw(&logits.flatten_all()?.to_vec1::<f32>()?, 0.8, rng.uniform());
            if id == self.encoder.end_of_text() {
                break;
            }
            ids.push(id);
            next = vec![id];
        }
        let text = self.encoder.decode(&ids);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// One id, with probability proportional to `e^(logit / temperature)`.
fn draw(logits: &[f32], temperature: f64, uniform: f64) -> u32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights = logits
        .iter()
        .map(|&x| (f64::from(x - max) / temperature).exp());
    let mut left = uniform * weights.clone().sum::<f64>();
    let reached = weights.into_iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    reached.unwrap_or(logits.len().saturating_sub(1)) as u32
}
