//! Files broken by chance: bytes changed and ends cut off, from seeds that a failure names.

use super::{build, fit_for_a_person, memory, tiny};
use candle_core::Device;
use glassbox::files::hyperparameters::Hyperparameters;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::files::weights::WeightFile;
use glassbox::models;
use glassbox::refusal::Result;
use glassbox::rng::Rng;
use std::ops::ControlFlow;

/// Looking at a file may cost this many times its size, and this much besides.
const FACTOR: usize = 16;
const BESIDES: usize = 2_000_000;

/// `sound` with some bytes of its first `header` changed and perhaps its end cut off.
pub(super) fn broken(sound: &[u8], header: usize, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..=rng.below(4) {
        let at = rng.below(header);
        bytes[at] = match rng.below(4) {
            0 => 0,
            1 => 0xff,
            2 => bytes[at] ^ (1 << rng.below(8)),
            _ => rng.below(256) as u8,
        };
    }
    if rng.below(3) == 0 {
        bytes.truncate(rng.below(bytes.len() + 1));
    }
    bytes
}

/// All that can be asked of a file, as the program asks it.
fn ask(name: &str, bytes: Vec<u8>) -> Result<bool> {
    let file = WeightFile::from_bytes(name, bytes)?;
    for tensor in &file.tensors {
        let numbers = file.f32s(tensor)?;
        assert_eq!(numbers.len() as u64, tensor.n_elements());
    }
    let vocabulary = Vocabulary::of_model(&file).map(|_| ());
    let runs = Hyperparameters::of(&file).map(|_| ());
    let model = models::load(&file, &Device::Cpu, &mut |_| ControlFlow::Continue(()));
    assert!(model.is_err() || runs.is_ok());
    vocabulary.and(runs).and(model.map(|_| true))
}

fn break_it(name: &str, sound: &[u8], header: usize, n_cases: u64) {
    assert!(ask(name, sound.to_vec()).is_ok(), "{name} is not sound");
    let (mut n_fine, mut n_refused) = (0, 0);
    for seed in 0..n_cases {
        let bytes = broken(sound, header, &mut Rng::new(seed, name));
        let n_bytes = bytes.len();
        let (result, peak_bytes) = memory::peak(|| {
            std::panic::catch_unwind(|| ask(name, bytes))
                .unwrap_or_else(|_| panic!("{name}, seed {seed}, panicked"))
        });
        assert!(
            peak_bytes < FACTOR * n_bytes + BESIDES,
            "{name}, seed {seed}: {peak_bytes} bytes for a file of {n_bytes}"
        );
        match result {
            Ok(_) => n_fine += 1,
            Err(refusal) => {
                fit_for_a_person(&refusal);
                n_refused += 1;
            }
        }
    }
    println!("{name}: {n_refused} refused, {n_fine} read");
    assert!(n_refused > n_cases / 4, "{n_refused}");
}

#[test]
fn a_gguf_with_bytes_changed_by_chance_is_read_or_refused_in_little_memory() {
    let sound = tiny::bytes();
    let file = WeightFile::from_bytes("tiny.gguf", sound.clone()).unwrap();
    break_it("tiny.gguf", &sound, file.tensors[0].offset as usize, 1500);
}

#[test]
fn a_small_gguf_with_bytes_changed_by_chance_is_read_or_refused_in_little_memory() {
    // Almost all header: what a change hits is a count, a length, a type or an offset.
    let gguf = build::Gguf::new()
        .u32("general.alignment", 32)
        .texts("words", &["a", "b", "cd"])
        .key(
            "lists",
            9,
            &build::array(9, 1, &build::array(0, 2, &[1, 2])),
        )
        .tensor("a", &[4, 8], 0, 0)
        .tensor("b", &[32], 3, 128)
        .data(160);
    let sound = gguf.bytes();
    let look = |bytes: Vec<u8>| -> Result<()> {
        let file = WeightFile::from_bytes("small.gguf", bytes)?;
        for tensor in &file.tensors {
            file.f32s(tensor)?;
        }
        Ok(())
    };
    assert!(look(sound.clone()).is_ok());
    for seed in 0..20_000 {
        let bytes = broken(&sound, sound.len() - 160, &mut Rng::new(seed, "small"));
        let (result, peak_bytes) = memory::peak(|| look(bytes));
        if let Err(refusal) = result {
            fit_for_a_person(&refusal);
        }
        assert!(peak_bytes < BESIDES, "seed {seed}: {peak_bytes} bytes");
    }
}

#[test]
fn a_safetensors_file_with_bytes_changed_by_chance_is_read_or_refused_in_little_memory() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/gpt2_f16.safetensors"
    );
    let sound = std::fs::read(path).unwrap();
    let header = 8 + u64::from_le_bytes(*sound.first_chunk().unwrap()) as usize;
    break_it("gpt2_f16.safetensors", &sound, header, 3000);
}

#[test]
fn a_vocabulary_with_bytes_changed_by_chance_is_read_or_refused() {
    let json = r#"{"version":"1.0","added_tokens":[{"id":3,"content":"<|end|>"}],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}"#;
    let ranks = "IQ== 0\nIg== 1\nIw== 2\nJA== 3\n";
    for (name, sound) in [("tokenizer.json", json), ("a.tiktoken", ranks)] {
        assert!(Vocabulary::from_bytes(name, sound.as_bytes()).is_ok());
        for seed in 0..5000 {
            let bytes = broken(sound.as_bytes(), sound.len(), &mut Rng::new(seed, name));
            let (result, peak_bytes) = memory::peak(|| Vocabulary::from_bytes(name, bytes));
            if let Err(refusal) = result {
                fit_for_a_person(&refusal);
            }
            // A file of ranks may give one token a high rank: a list with a place for each.
            assert!(peak_bytes < 60_000_000, "{name}, seed {seed}: {peak_bytes}");
        }
    }
}
