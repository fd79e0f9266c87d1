//! Our Llama against candle's (candle-transformers 0.11.1) in f32.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

#[path = "support/smollm2.rs"]
mod smollm2;

use candle_core::Device;
use glassbox::files::weights::WeightFile;
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::NoHooks;
use std::ops::ControlFlow;

/// Raw prompts, then chats.
const PROMPTS: [&str; 11] = [
    "The capital of France is",
    "My dog's name is Ben. He's a big dog with large paws. Ben likes to play",
    "For my 16th birthday, Poseidon gave me a",
    "Once upon a time",
    "He devoured the orange",
    "def fibonacci(n):\n    if n < 2:\n        return",
    "1, 2, 3, 5, 8, 13,",
    "Die Hauptstadt von Deutschland ist",
    "<|im_start|>user\nWhat is the capital of Italy?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>system\nYou are a poet.<|im_end|>\n<|im_start|>user\nWrite two lines about \
     rain.<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\nHow many legs has a spider? Answer with a number.<|im_end|>\n\
     <|im_start|>assistant\n",
];

fn load(file: &WeightFile) -> TextModel {
    models::load(file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn best(logits: &[f32]) -> u32 {
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    best.unwrap() as u32
}

/// log Σ e^logit in f64.
fn log_sum(logits: &[f32]) -> f64 {
    let top = f64::from(logits.iter().copied().fold(f32::MIN, f32::max));
    let sum: f64 = logits.iter().map(|&x| (f64::from(x) - top).exp()).sum();
    top + sum.ln()
}

#[test]
fn greedy_continuations_and_the_best_five_log_probabilities_are_those_of_f32() {
    let Some(path) = smollm2::path() else { return };
    let tokenizer = smollm2::tokenizer(&path);
    let mut reference = smollm2::Reference::open(&path).unwrap();
    let model = load(&WeightFile::open(&path).unwrap());
    let mut cache = model.new_cache(256).unwrap();
    let mut worst = (0f64, String::new());
    let (mut n_clear, mut n_steps) = (0, 0);
    for prompt in PROMPTS {
        let mut ids = tokenizer.encode(prompt, false).unwrap().get_ids().to_vec();
        reference.reset();
        cache.truncate(0);
        let mut text = Vec::new();
        for _ in 0..24 {
            let expected = reference.logits(&ids).unwrap();
            let logits = model.forward(&ids, &mut cache, LogitsFor::Last, &mut NoHooks);
            let logits = logits
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();

            let mut order: Vec<usize> = (0..expected.len()).collect();
            order.sort_by(|&a, &b| expected[b].total_cmp(&expected[a]));
            n_steps += 1;
            if expected[order[0]] - expected[order[1]] > 0.3 {
                n_clear += 1;
                assert_eq!(
                    best(&logits) as usize,
                    order[0],
                    "{prompt:?} after {text:?}"
                );
            }
            let (ours, theirs) = (log_sum(&logits), log_sum(&expected));
            for &id in &order[..5] {
                let ours = f64::from(logits[id]) - ours;
                let difference = (ours - (f64::from(expected[id]) - theirs)).abs();
                if difference > worst.0 {
                    worst = (difference, format!("{prompt:?} after {text:?}"));
                }
            }
            text.push(order[0] as u32);
            ids = vec![order[0] as u32];
        }
        println!("{prompt:?} → {:?}", tokenizer.decode(&text, false).unwrap());
    }
    println!(
        "{} prompts, {n_steps} positions, {n_clear} of them clear",
        PROMPTS.len()
    );
    println!("largest difference of a log-probability: {worst:?}");
    assert!(worst.0 < 0.1, "{worst:?}");
}
