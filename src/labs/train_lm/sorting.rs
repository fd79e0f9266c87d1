//! Training a model small enough to see whole: it reads six letters and writes them in order.
//!
//! The task is minGPT's (Karpathy 2020): of `C B A B B C` the model makes `A B B B C C`, each letter from
//! those before it. There are 729 such texts, so that all of them can be tried; one in eleven is never
//! learned from.

use super::Event;
use super::checkpoint::described;
use crate::labs::bpe_learning;
use crate::labs::writing::safetensors::{Precision, pack};
use crate::labs::writing::{Names, make_place, write_whole};
use crate::models::gpt2::Gpt2;
use crate::models::{DecoderConfig, gpt2_init};
use crate::nn::layers::Parameters;
use crate::nn::loss::cross_entropy;
use crate::nn::math_refusal;
use crate::nn::optimizer::{AdamW, AdamWConfig, Gradients, warmup_then_cosine};
use crate::refusal::Result;
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

/// The letters, by their ids.
pub const LETTERS: [&str; 3] = ["A", "B", "C"];
/// Letters that are read, and as many that are written.
pub const N_LETTERS: usize = 6;
/// What the model sees at once: all but the last letter that is written.
const N_CTX: usize = 2 * N_LETTERS - 1;
/// All texts of [`N_LETTERS`] letters.
const N_TEXTS: usize = LETTERS.len().pow(N_LETTERS as u32);
/// One text in so many is never learned from.
const HELD_OUT_EVERY: usize = 11;
/// Texts of one step.
const N_AT_ONCE: usize = 64;
/// Steps when no other number is asked for.
pub const N_STEPS: usize = 1000;
/// Highest learning rate.
const LEARNING_RATE: f64 = 2e-3;

/// How well it sorts, by trying every text there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Texts sorted without a fault.
    pub n_right: usize,
    /// Of so many.
    pub n_texts: usize,
    /// The same among those that were never learned from.
    pub n_right_held_out: usize,
    /// Of so many.
    pub n_held_out: usize,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Numbers that were learned.
    pub n_weights: usize,
    /// The loss of every step.
    pub losses: Vec<f32>,
    /// How well it sorts at the end.
    pub score: Score,
    /// Mean time of a step.
    pub millis_per_step: f64,
    /// What was written: nothing where it was stopped.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
}

/// Its shape: three blocks of three heads, 48 numbers wide.
fn shape() -> DecoderConfig {
    gpt2_init::shape(LETTERS.len(), N_CTX, 48, 3, 3)
}

/// The text of this number, below [`N_TEXTS`], and behind it the same in order.
fn text(number: usize) -> [u32; 2 * N_LETTERS] {
    let mut ids = [0; 2 * N_LETTERS];
    let mut rest = number;
    for id in &mut ids[..N_LETTERS] {
        *id = (rest % LETTERS.len()) as u32;
        rest /= LETTERS.len();
    }
    let (read, written) = ids.split_at_mut(N_LETTERS);
    written.copy_from_slice(read);
    written.sort_unstable();
    ids
}

fn is_held_out(number: usize) -> bool {
    number % HELD_OUT_EVERY == HELD_OUT_EVERY / 2
}

/// Trains, measures, and writes `out.safetensors` (f32) with `out.tokenizer.json`.
///
/// # Errors
/// When the files cannot be written, or the numbers run away.
pub fn train(
    seed: u64,
    n_steps: usize,
    out: &std::path::Path,
    device: &Device,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    let names = Names::after(out, "model")?;
    let [weights, tokenizer] = [".safetensors", ".tokenizer.json"].map(|end| names.with(end));
    make_place(&weights)?;
    let config = shape();
    let math = |error: candle_core::Error| math_refusal(&error);
    let parameters = gpt2_init::parameters(&config, seed, device).map_err(math)?;
    let mut learner = Learner {
        model: gpt2_init::trainable(&config, &parameters).map_err(math)?,
        optimizer: AdamW::new(&parameters, AdamWConfig::default()).map_err(math)?,
        parameters,
        device,
    };
    let mut losses = Vec::with_capacity(n_steps);
    let mut stopped = false;
    let started = Instant::now();
    for step in 0..n_steps {
        let began = Instant::now();
        let progress = step as f64 / n_steps as f64;
        let learning_rate = warmup_then_cosine(LEARNING_RATE, 0.03, progress);
        let mut rng = Rng::new(seed, &format!("batch {step}"));
        let loss = learner.step(&mut rng, learning_rate).map_err(math)?;
        losses.push(loss);
        let secs = began.elapsed().as_secs_f64();
        let event = Event::Step {
            step: step + 1,
            loss,
            learning_rate,
            millis_per_step: secs * 1000.0,
            tokens_per_sec: (N_AT_ONCE * N_CTX) as f64 / secs,
            progress: (step + 1) as f64 / n_steps as f64,
        };
        if emit(event).is_break() {
            stopped = true;
            break;
        }
    }
    let millis_per_step = started.elapsed().as_secs_f64() * 1000.0 / losses.len().max(1) as f64;
    let score = learner.score().map_err(math)?;
    let mut outcome = Outcome {
        n_weights: learner.parameters.n_weights(),
        losses,
        score,
        millis_per_step,
        files: Vec::new(),
        stopped,
    };
    if !stopped {
        let about = format!(
            "trained by `glassbox train lm --recipe sort` on all texts of {N_LETTERS} letters but one in \
             {HELD_OUT_EVERY}, and the same in order"
        );
        let metadata = [
            ("format", "pt".to_owned()),
            ("config", described(&config, None)),
            ("source", about),
            ("seed", seed.to_string()),
            ("steps", n_steps.to_string()),
            ("license", "MIT OR Apache-2.0".to_owned()),
        ];
        let tensors: Vec<(String, Tensor)> = (learner.parameters.iter())
            .map(|(name, var)| (name.to_owned(), var.as_detached_tensor()))
            .collect();
        write_whole(&weights, &pack(&metadata, &tensors, Precision::F32)?)?;
        let tokens: Vec<Vec<u8>> = LETTERS
            .iter()
            .map(|letter| letter.as_bytes().into())
            .collect();
        let split = crate::algo::split::Split::Gpt2;
        let json = bpe_learning::tokenizer_json(&tokens, [].into_iter(), split, &[]);
        write_whole(&tokenizer, json.to_string().as_bytes())?;
        outcome.files = vec![weights, tokenizer];
    }
    Ok(outcome)
}

struct Learner<'a> {
    parameters: Parameters,
    model: Gpt2,
    optimizer: AdamW,
    device: &'a Device,
}

impl Learner<'_> {
    /// One step; the mean loss of the letters it had to write, in nats.
    fn step(&mut self, rng: &mut Rng, learning_rate: f64) -> candle_core::Result<f32> {
        let draw = |_| loop {
            let number = rng.below(N_TEXTS);
            if !is_held_out(number) {
                return number;
            }
        };
        let numbers: Vec<usize> = (0..N_AT_ONCE).map(draw).collect();
        let (logits, targets) = self.written(&numbers)?;
        let loss = cross_entropy(&logits, &Tensor::new(targets, self.device)?)?;
        let mut gradients = Gradients::default();
        gradients.add(&self.parameters, loss.backward()?)?;
        self.optimizer.step(&gradients, learning_rate)?;
        loss.to_scalar()
    }

    /// The scores where a letter must be written, (texts · [`N_LETTERS`], letters), and the right ones.
    fn written(&self, numbers: &[usize]) -> candle_core::Result<(Tensor, Vec<u32>)> {
        let n = numbers.len();
        let texts: Vec<_> = numbers.iter().map(|&number| text(number)).collect();
        let ids: Vec<u32> = texts
            .iter()
            .flat_map(|text| &text[..N_CTX])
            .copied()
            .collect();
        let right = texts
            .iter()
            .flat_map(|text| &text[N_LETTERS..])
            .copied()
            .collect();
        let logits = self.model.forward_batch(&ids, n)?;
        let logits = logits.reshape((n, N_CTX, LETTERS.len()))?;
        let logits = logits.narrow(1, N_LETTERS - 1, N_LETTERS)?.contiguous()?;
        Ok((logits.reshape((n * N_LETTERS, LETTERS.len()))?, right))
    }

    /// Tries every text. Where each letter is right behind right ones, it also is where the model reads
    /// what it wrote itself.
    fn score(&self) -> candle_core::Result<Score> {
        let numbers: Vec<usize> = (0..N_TEXTS).collect();
        let (logits, right) = self.written(&numbers)?;
        let best = logits.detach().argmax(1)?.to_vec1::<u32>()?;
        let texts = best.chunks(N_LETTERS).zip(right.chunks(N_LETTERS));
        let is_right: Vec<bool> = texts.map(|(best, right)| best == right).collect();
        let held_out = || (0..N_TEXTS).filter(|&number| is_held_out(number));
        Ok(Score {
            n_right: is_right.iter().filter(|&&right| right).count(),
            n_texts: N_TEXTS,
            n_right_held_out: held_out().filter(|&number| is_right[number]).count(),
            n_held_out: held_out().count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_six_letters_and_the_same_six_in_order() {
        assert_eq!(text(0), [0; 12]);
        assert_eq!(text(5), [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        let all: std::collections::HashSet<_> = (0..N_TEXTS).map(text).collect();
        assert_eq!(all.len(), 729);
        assert_eq!((0..N_TEXTS).filter(|&n| is_held_out(n)).count(), 66);
    }

    #[test]
    fn a_few_steps_lower_the_loss_and_what_is_written_reads_and_sorts_letters() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("sort");
        let outcome = train(
            1,
            30,
            &out,
            &Device::Cpu,
            &mut |_| ControlFlow::Continue(()),
        )
        .unwrap();
        assert_eq!(outcome.n_weights, 85_584);
        assert!(outcome.losses[29] < outcome.losses[0]);
        let source = crate::labs::text::Source::Path(outcome.files[0].clone());
        let compute = crate::labs::compute::Compute::default();
        let go = &mut |_| ControlFlow::Continue(());
        let loaded = crate::labs::text::load(&source, &[], compute, go).unwrap();
        let seen = crate::labs::text::read_raw(&loaded, "CBABBC").unwrap();
        assert_eq!(seen.ids, [2, 1, 0, 1, 1, 2]);
        assert_eq!(loaded.token_bytes(2), b"C");
    }
}
