//! One text, one result: the logits are the same bit for bit at every number of threads, and
//! whether a text is read at once, in pieces or token by token. So the same seed gives the same
//! text on every machine that computes alike, whatever else it is doing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it found"
)]

#[path = "support/gguf.rs"]
mod gguf;
#[path = "support/random_model.rs"]
mod random_model;

use candle_core::Device;
use gguf::Type;
use glassbox::files::weights::WeightFile;
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::NoHooks;
use glassbox::nn::pool;
use random_model::Shape;
use std::ops::ControlFlow;
use std::path::Path;

fn load(file: &WeightFile) -> TextModel {
    models::load(file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// The bits of every logit of every position, with `ids` read in pieces of the given length.
fn logits(model: &TextModel, ids: &[u32], piece: usize) -> Vec<u32> {
    let mut cache = model.new_cache(ids.len()).unwrap();
    let mut bits = Vec::new();
    for piece in ids.chunks(piece) {
        let logits = model.forward(piece, &mut cache, LogitsFor::All, &mut NoHooks);
        let logits = logits.unwrap().flatten_all().unwrap();
        bits.extend(logits.to_vec1::<f32>().unwrap().iter().map(|x| x.to_bits()));
    }
    bits
}

fn is_the_same_bit_for_bit(name: &str, model: &TextModel, n_tokens: usize) {
    let vocab_size = model.config().vocab_size;
    let ids: Vec<u32> = (0..n_tokens)
        .map(|i| ((i * 7919 + i * i * 31) % vocab_size) as u32)
        .collect();
    pool::set_threads(1);
    let expected = logits(model, &ids, n_tokens);
    assert!(
        expected
            .iter()
            .all(|&bits| f32::from_bits(bits).is_finite())
    );
    for n_threads in 1..=4 {
        pool::set_threads(n_threads);
        for piece in [n_tokens, 37, 1] {
            assert!(
                logits(model, &ids, piece) == expected,
                "{name}: {n_threads} threads, {piece} tokens at once"
            );
        }
    }
    println!("{name}: {} logits are the same bit for bit", expected.len());
}

/// One test: the number of threads is the process's.
#[test]
fn logits_are_the_same_bits_at_every_number_of_threads_and_however_a_text_is_read() {
    for kind in [Type::Q4_0, Type::Q4_1, Type::Q8_0, Type::F32] {
        let model = load(&random_model::llama(Shape::SMALL, kind));
        is_the_same_bit_for_bit(&format!("a Llama in {kind:?}"), &model, 400);
    }
    let model = load(&random_model::gpt2(Shape::SMALL));
    is_the_same_bit_for_bit("a GPT-2 in f32", &model, 400);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if path.exists() {
        let model = load(&WeightFile::open(&path).unwrap());
        is_the_same_bit_for_bit("SmolLM2", &model, 48);
    } else {
        println!("skipped: {} is not there", path.display());
    }
}
