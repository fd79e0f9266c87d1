//! How fast a language model reads and writes, at 1 and 2 threads: `cargo bench --bench decode`.
//! A token is one iteration of `decode`, a whole text one of `prompt`.

#![allow(missing_docs)] // Criterion's macros write public functions.
#![allow(clippy::unwrap_used, reason = "a benchmark ends where it cannot begin")]

use candle_core::Device;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glassbox::files::weights::WeightFile;
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::NoHooks;
use glassbox::nn::pool;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;

/// Positions in the cache before a token is decoded.
const CONTEXT: usize = 128;
/// Tokens of a prompt.
const PROMPT: usize = 512;

fn speed_of(criterion: &mut Criterion, name: &str, model: &TextModel) {
    let vocab_size = model.config().vocab_size;
    let ids: Vec<u32> = (0..PROMPT)
        .map(|i| (i * 7919 % vocab_size) as u32)
        .collect();
    let mut cache = model.new_cache(PROMPT + 1).unwrap();
    for n_threads in [1, 2] {
        pool::set_threads(n_threads);
        let mut group = criterion.benchmark_group(format!("{name}, {n_threads} threads"));
        group.throughput(Throughput::Elements(1));
        cache.truncate(0);
        let mut forward = |ids: &[u32], keep: usize| {
            cache.truncate(keep);
            black_box(model.forward(ids, &mut cache, LogitsFor::Last, &mut NoHooks)).unwrap();
        };
        forward(&ids[..CONTEXT], 0);
        group.bench_function("decode", |b| b.iter(|| forward(&ids[..1], CONTEXT)));
        group.throughput(Throughput::Elements(PROMPT as u64));
        group.sample_size(10);
        group.bench_function("prompt", |b| b.iter(|| forward(&ids, 0)));
        group.finish();
    }
}

fn smollm2(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if !path.exists() {
        return;
    }
    let file = WeightFile::open(&path).unwrap();
    let model = models::load(&file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap();
    speed_of(criterion, "SmolLM2-135M Q4_1", &model);
}

criterion_group!(decode, smollm2);
criterion_main!(decode);
